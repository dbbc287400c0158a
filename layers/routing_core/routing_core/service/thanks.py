"""The thank-you page: its address carries what it says, so that it can be reloaded and reads no lead."""

import json
from datetime import datetime

from .links import Purpose
from .relay import Relay
from .submit_lead import Received
from .views import ThanksView


def thanks_address(relay: Relay, received: Received, language: str) -> str:
    hear_by = received.hear_by.isoformat() if received.hear_by else ""
    told = [received.lead, received.answer, received.reference, hear_by, language, received.region]
    return relay.links.thanks(json.dumps(told, separators=(",", ":")))


def read_thanks(relay: Relay, token: str) -> ThanksView:
    """Raises LinkRefused."""
    lead, answer, reference, hear_by, language, region = json.loads(relay.links.read(Purpose.THANKS, token).extra)
    return ThanksView(
        programme=relay.programme,
        language=relay.programme.language_for(language),
        reference=reference,
        answer=answer,
        hear_by=datetime.fromisoformat(hear_by) if hear_by else None,
        status_url=relay.links.status(lead),
        region=region,
    )

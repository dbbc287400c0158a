"""Makes and reads the thank-you page.

Its address carries what it says, so that it can be reloaded and reads no lead.
"""

import json
from datetime import datetime

from routing_core.service.intake.submit_lead import Received
from routing_core.service.kernel.links import Purpose
from routing_core.service.kernel.services import Services
from routing_core.service.kernel.views import ThanksView


def thanks_address(services: Services, received: Received, language: str) -> str:
    """Give the address of the page that thanks for an enquiry in a language."""
    hear_by = received.hear_by.isoformat() if received.hear_by else ""
    values = [
        received.lead,
        received.answer,
        received.reference,
        hear_by,
        language,
        received.region,
    ]
    return services.links.thanks(json.dumps(values, separators=(",", ":")))


def read_thanks(services: Services, token: str) -> ThanksView:
    """Show what the page's address carries; raises LinkRefused."""
    carried = services.links.read(Purpose.THANKS, token).extra
    lead, answer, reference, hear_by, language, region = json.loads(carried)
    return ThanksView(
        programme=services.programme,
        language=services.programme.language_for(language),
        reference=reference,
        answer=answer,
        hear_by=datetime.fromisoformat(hear_by) if hear_by else None,
        status_url=services.links.status(lead),
        region=region,
    )

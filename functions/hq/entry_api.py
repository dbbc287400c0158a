"""A lead that HQ or another system enters for its sender: phoned in, met at a fair, from a CRM."""

import uuid

from functions.hq.keys import require
from routing_core.aws.bodies import json_object
from routing_core.aws.http import Reply, Router, header, json_reply, now_of
from routing_core.aws.wiring import wiring
from routing_core.domain.on_behalf import EntryWay, OnBehalf
from routing_core.present.pages.form_json import lead_json
from routing_core.service.hq.enter_lead import LeadEntry, enter_lead
from routing_core.web import language_of

router = Router()


@router.post("/v1/leads")
def enter() -> Reply:
    """Store a lead for its sender; it is offered at once, to ``partner`` if that is given.

    The fields are those of the ``form``. A phone number or an address is enough; ``consent`` says
    that its sender agreed, and ``consent_by``, ``consent_at`` and ``consent_way`` how. Nothing is
    held back, and no ceiling counts.
    """
    event, services = router.current_event, wiring().services
    caller = require(event, "leads:write")
    raw, now = json_object(event), now_of(event)
    form = raw.pop("form", None)
    entry = LeadEntry(
        form=str(form or services.programme.forms[0].id),
        key=header(event, "idempotency-key") or str(raw.get("submission_id") or uuid.uuid4()),
        fields=raw,
        assumed=OnBehalf(caller.actor, EntryWay.PROGRAM),
        regions=caller.regions,
    )
    received = enter_lead(services, entry, now)
    reply = json_reply(lead_json(received, services.programme, language_of(event)), 201)
    reply.headers["Location"] = f"/v1/leads/{received.lead}"
    return reply

"""How mail does, for machines that watch over it."""

from functions.hq.keys import require
from routing_core.aws.http import Reply, Router, json_reply, now_of
from routing_core.aws.wiring import wiring
from routing_core.present.explain.mail_document import mail_document
from routing_core.service.hq_desk.mail_health import mail_health

router = Router()


@router.get("/v1/mail")
def show() -> Reply:
    """Tell whether mail stands still, and which mails were refused for good of late."""
    event, wired = router.current_event, wiring()
    caller = require(event, "leads:read")
    health = mail_health(wired.services, wired.mail_watch, caller, now_of(event))
    return json_reply(mail_document(health))

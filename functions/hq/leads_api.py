"""One lead for machines: its timeline and decisions."""

from collections.abc import Sequence

from functions.hq.etags import version_read, with_etag
from functions.hq.keys import require
from routing_core.aws.http import Reply, Router, flag, json_reply, now_of
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import NotFound
from routing_core.domain.hq_people import HqPerson
from routing_core.present.explain.lead_document import decisions_document, lead_document
from routing_core.service.hq.hq_lead_page import show_lead
from routing_core.service.hq.replay_decisions import Replayed, replay_decisions
from routing_core.service.kernel.services import Services

router = Router()


@router.get("/v1/leads/<lead>")
def show(lead: str) -> Reply:
    """Give the lead as it stands now, its version as the ETag."""
    return shown_to(require(router.current_event, "leads:read"), lead)


@router.get("/v1/leads/<lead>/decisions")
def decisions(lead: str) -> Reply:
    """Explain in sentences why each partner was asked.

    ``?replay=true`` makes each decision again and compares.
    """
    event, services = router.current_event, wiring().services
    check_sees(require(event, "leads:read"), lead)
    view = show_lead(services, lead, now_of(event))
    again: Sequence[Replayed] = ()
    if flag(event, "replay"):
        again = replay_decisions(services.leads, services.rules, lead)
    return json_reply({"lead": lead, "decisions": decisions_document(view, again)})


def shown(lead: str) -> Reply:
    """Answer with the lead as it stands now; also after HQ did something with it."""
    view = show_lead(wiring().services, lead, now_of(router.current_event))
    return with_etag(json_reply(lead_document(view)), view.lead.version)


def shown_to(caller: HqPerson, lead: str) -> Reply:
    """Answer with the lead as it stands now; raises NotFound for one of no region of the key's."""
    check_sees(caller, lead)
    return shown(lead)


def check_sees(caller: HqPerson, lead: str) -> None:
    """Raise NotFound for a lead of none of the regions that the key is for."""
    if caller.regions is not None and not caller.sees(wiring().services.lead(lead)):
        raise NotFound(f"there is no lead {lead}")


def acting_on(caller: HqPerson, lead: str) -> Services:
    """Give the services for a decision about a lead.

    With ``If-Match`` it is done only if nothing has happened since that version. Raises
    InvalidInput for what is no ETag of ours, and NotFound for a lead that the key does not see.
    """
    check_sees(caller, lead)
    return wiring().services.having_seen(lead, version_read(router.current_event))

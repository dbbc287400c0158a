"""A partner's end, and its return: deactivated and reactivated."""

from functools import partial

from functions.hq.etags import version_read, with_etag
from functions.hq.keys import require
from functions.hq.network_api import saved
from routing_core.aws.http import Reply, Router, has_time, json_reply, now_of, query
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.service.hq import deactivate_partner as ending
from routing_core.service.hq.save_partner import ProfileEdit
from routing_core.service.hq_desk.partner_end import rerouted_leads
from routing_core.service.hq_desk.partner_rights import partner_seen_by

router = Router()


@router.delete("/v1/partners/<partner>")
def deactivate(partner: str) -> Reply:
    """Work with a partner no longer: no offers, links end, and waiting offers go to others.

    ``?open_leads=reroute`` takes the leads that it owns to others, too; ``keep`` leaves them. While
    ``left`` is more than 0 (status 202) some are still to be routed: send it again.
    """
    event = router.current_event
    caller = require(event, "partners:write")
    edit = ProfileEdit(caller.actor, version_read(event))
    what = query(event).get("open_leads", "keep")
    if what not in ("keep", "reroute"):
        raise InvalidInput([Problem("open_leads", "unknown_option", "is keep or reroute")])
    in_time = partial(has_time, router.lambda_context)
    services = wiring().services
    theirs = rerouted_leads(services, caller, partner_seen_by(services, caller, partner).id, what)
    asked = ending.Deactivation(partner, edit, reroute=theirs, may_go_on=in_time)
    done = ending.deactivate_partner(services, asked, now_of(event))
    told = {"rerouted": done.rerouted, "kept": done.kept, "left": done.left}
    return with_etag(json_reply(told, 202 if done.left else 200), done.partner.version)


@router.post("/v1/partners/<partner>/reactivate")
def reactivate(partner: str) -> Reply:
    """Work with a partner again: it gets offers, and new links by mail."""
    event = router.current_event
    caller = require(event, "partners:write")
    services, bus = wiring().services, wiring().bus
    partner_seen_by(services, caller, partner)
    return saved(ending.reactivate_partner(services, bus, partner, now_of(event), caller.actor))

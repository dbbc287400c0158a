"""HQ's activity log for machines."""

from functions.hq.keys import require
from routing_core.aws.http import Reply, Router, json_reply, now_of, query
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.hq_people import Right
from routing_core.present.hq_desk.log import log_entry_json, who_did
from routing_core.present.locale_context import LocaleContext
from routing_core.service.hq_desk.log_desk import LogQuery, log_for, read_log
from routing_core.service.kernel.read_model import MOST_ON_PAGE
from routing_core.web import language_of

router = Router()


@router.get("/v1/log")
def show() -> Reply:
    """Give a page of who did what, the newest first; ``cursor`` goes on where it ends.

    People are named to keys that may read them (``people:read``).
    """
    event, wired = router.current_event, wiring()
    caller = require(event, "log:read")
    asked = query(event)
    found = read_log(
        wired.services, wired.read_model, LogQuery.of(asked), _limit(asked.get("limit", "100"))
    )
    if caller.regions is not None:
        found = log_for(wired.services, caller, found)
    programme = wired.services.programme
    locale = LocaleContext.for_programme(programme, language_of(event), now_of(event))
    named = caller.may(Right.MANAGE_PEOPLE)
    entries = [
        log_entry_json(each, who_did(each, locale, programme, named)) for each in found.entries
    ]
    told: dict[str, object] = {"entries": entries}
    if found.cursor:
        told["cursor"] = found.cursor
    return json_reply(told)


def _limit(stated: str) -> int:
    is_number = stated.isascii() and stated.isdigit() and len(stated) <= len(str(MOST_ON_PAGE))
    if not is_number or not 1 <= int(stated) <= MOST_ON_PAGE:
        message = f"must be a number from 1 to {MOST_ON_PAGE}"
        raise InvalidInput([Problem("limit", "out_of_range", message)])
    return int(stated)

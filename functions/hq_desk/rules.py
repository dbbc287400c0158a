"""The rules on HQ's desk: in sentences, their versions, and what changed between two."""

from functions.hq_desk.visitor import acting, signed_in
from routing_core.aws.bodies import form_fields
from routing_core.aws.http import Reply, Router, now_of, query
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import NotFound
from routing_core.domain.values.clean import whole_number
from routing_core.present.hq_desk.rules.rules_page import difference_page, rules_page, versions_page
from routing_core.service.hq_desk.rule_desk import (
    call_off_plan,
    compare_versions,
    roll_back,
    view_rules,
    view_versions,
)
from routing_core.web import acted, news, page

router = Router()


@router.get("/hq/rules")
def show() -> Reply:
    """Show the rules in force in sentences."""
    event = router.current_event
    visitor, view = signed_in(event), view_rules(wiring().services)
    return page(rules_page(view, visitor, now_of(event), news(event)))


@router.get("/hq/rules/versions")
def versions() -> Reply:
    """List the versions of the rules, the newest first."""
    event, services = router.current_event, wiring().services
    visitor = signed_in(event)
    view = view_versions(services, whole_number(query(event).get("before", "")))
    return page(versions_page(view, services.programme, visitor, now_of(event)))


@router.get("/hq/rules/difference")
def difference() -> Reply:
    """Tell what changed between two versions."""
    event, services = router.current_event, wiring().services
    visitor, asked = signed_in(event), query(event)
    older, newer = (whole_number(asked.get(name, "")) for name in ("from", "to"))
    if not older or not newer:
        raise NotFound("two versions are compared by their numbers")
    told = compare_versions(services, older, newer)
    return page(difference_page(told, view_rules(services), visitor, now_of(event)))


@router.post("/hq/rules/versions/<version>")
def act(version: str) -> Reply:
    """Put an earlier version in force again, or call off one that waits."""
    event = router.current_event
    desk, form, now = wiring().rule_desk(acting(event)), form_fields(event), now_of(event)
    number = whole_number(version) or 0
    if form.get("action") == "call_off":
        call_off_plan(desk, number, now)
        return acted("called_off", now, "/hq/rules")
    roll_back(desk, number, whole_number(form.get("replaces", "")) or 0, now)
    return acted("rolled_back", now, "/hq/rules")

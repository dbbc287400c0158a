"""Small forms that change the rules without any YAML."""

from functions.hq_desk.rule_editor import drawn
from functions.hq_desk.visitor import acting, signed_in
from routing_core.aws.bodies import form_fields
from routing_core.aws.http import Reply, Router, now_of
from routing_core.aws.wiring import wiring
from routing_core.present.hq_desk.rules.form_page import rule_form_page
from routing_core.service.hq.save_programme import Saved
from routing_core.service.hq_desk.rule_editor import RuleEditor
from routing_core.service.hq_desk.rule_forms import (
    draft_rule_form,
    preview_rule_form,
    save_rule_form,
    view_rule_form,
)
from routing_core.web import acted, page

router = Router()


@router.get("/hq/rules/change/<part>")
def show(part: str) -> Reply:
    """Show a form with what is in force."""
    event = router.current_event
    visitor = signed_in(event)
    view = view_rule_form(wiring().rule_desk(visitor), part)
    return page(rule_form_page(view, visitor, now_of(event)))


@router.post("/hq/rules/change/<part>")
def send(part: str) -> Reply:
    """Show what a form would change, or keep it as a draft, or put it in force; what is in the way is said."""
    event = router.current_event
    visitor, posted, now = acting(event), form_fields(event), now_of(event)
    desk = wiring().rule_desk(visitor)
    if posted.get("action") == "draft":
        kept = draft_rule_form(desk, part, posted, now)
        if isinstance(kept, RuleEditor):
            return drawn(kept, visitor, now)
        status = 409 if kept.meanwhile else 422
        return page(rule_form_page(kept, visitor, now), status)
    if posted.get("action") != "save":
        view = preview_rule_form(desk, part, posted, now)
        return page(rule_form_page(view, visitor, now), 422 if view.problems else 200)
    result = save_rule_form(desk, part, posted, now)
    if isinstance(result, Saved):
        notice = "planned" if posted.get("starts_at", "").strip() else "saved"
        return acted(notice, now, "/hq/rules")
    status = 409 if result.meanwhile else 422
    return page(rule_form_page(result, visitor, now), status)

"""The editor of the rules: a draft in YAML that is kept, checked, tried and put in force."""

from datetime import datetime

from functions.hq_desk.visitor import acting, signed_in
from routing_core.aws.bodies import LIST_BODY, form_fields
from routing_core.aws.http import Reply, Router, now_of, see_other
from routing_core.aws.wiring import wiring
from routing_core.domain.hq_people import HqPerson
from routing_core.present.hq_desk.rules.editor_page import editor_page
from routing_core.service.hq.save_programme import Saved
from routing_core.service.hq_desk.ask_back_test import ask_back_test
from routing_core.service.hq_desk.rule_editor import (
    RuleEditor,
    check_draft,
    drop_draft,
    keep_draft,
    open_editor,
    put_draft_in_force,
    try_draft,
)
from routing_core.web import acted, page

router = Router()


@router.get("/hq/rules/edit")
def show() -> Reply:
    """Show the draft of whoever has signed in, else the rules in force."""
    event = router.current_event
    visitor = signed_in(event)
    editor = open_editor(wiring().rule_desk(visitor))
    return page(editor_page(editor, visitor, now_of(event)))


@router.post("/hq/rules/edit")
def act() -> Reply:
    """Keep what was typed, then do what the button says; whatever is wrong stands on the page."""
    event = router.current_event
    visitor, now = acting(event), now_of(event)
    posted, desk = form_fields(event, LIST_BODY), wiring().rule_desk(visitor)
    action = posted.get("action", "")
    if action == "drop":
        drop_draft(desk)
        return acted("dropped", now, "/hq/rules")
    editor = keep_draft(desk, posted, now)
    is_kept_as_typed = not (editor.problems or editor.meanwhile or editor.other_window)
    if action == "type" and is_kept_as_typed:
        return see_other("/hq/rules/try")
    if action == "put":
        result = put_draft_in_force(desk, editor, now)
        if isinstance(result, Saved):
            notice = "planned" if editor.typed["starts_at"] else "saved"
            return acted(notice, now, "/hq/rules")
        editor = result
    elif action == "try":
        editor = try_draft(desk, editor, now)
    elif action in ("check", "back_test"):
        editor = check_draft(desk, editor, now)
        if action == "back_test" and editor.proposal and not editor.other_window:
            name = ask_back_test(desk, wiring().back_tests, wiring().bus, editor, now)
            return see_other(f"/hq/rules/backtests/{name}")
    return drawn(editor, visitor, now)


def drawn(editor: RuleEditor, visitor: HqPerson, now: datetime) -> Reply:
    """Answer with the editor's page."""
    status = 422 if editor.problems else 200
    if editor.meanwhile or editor.other_window:
        status = 409
    return page(editor_page(editor, visitor, now), status)

"""Draft rules played on the leads of the past, for machines: asked for, and followed."""

import yaml

from functions.hq.keys import require
from routing_core.aws.bodies import LIST_BODY, json_object
from routing_core.aws.http import Reply, Router, json_reply, now_of
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.present.explain.back_test_document import back_test_document
from routing_core.service.hq_desk.ask_back_test import play_draft, view_back_test

router = Router()


@router.post("/v1/programme/back-tests")
def ask() -> Reply:
    """Have a draft played on the stored leads, beside the rules in force.

    ``{"programme": document or YAML text}``. It takes minutes: 202, and its ``back_test`` is where
    to look. The same draft against the same rules is played once.
    """
    event, parts = router.current_event, wiring()
    desk, draft = parts.rule_desk(require(event, "programme:write")), json_object(event, LIST_BODY)
    programme = draft.get("programme")
    if not isinstance(programme, (dict, str)) or not programme:
        message = "is the draft: its document, or its YAML as text"
        raise InvalidInput([Problem("programme", "required", message)])
    text = programme
    if isinstance(programme, dict):
        text = yaml.safe_dump(programme, allow_unicode=True, sort_keys=False)
    kept = play_draft(desk, parts.back_tests, parts.bus, str(text), now_of(event))
    return json_reply(back_test_document(kept, now_of(event)), 202)


@router.get("/v1/programme/back-tests/<name>")
def show(name: str) -> Reply:
    """Say how far a back-test is; when it is done, its figures under both rules."""
    event, parts = router.current_event, wiring()
    desk = parts.rule_desk(require(event, "programme:read"))
    kept = view_back_test(desk, parts.back_tests, name)
    return json_reply(back_test_document(kept, now_of(event)))

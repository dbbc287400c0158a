"""Ask for a back-test of a draft: once for each draft, however often the button is pressed."""

import json
from datetime import datetime
from hashlib import sha256

from routing_core.domain.errors import InvalidInput, NotFound
from routing_core.domain.hq_people import Right
from routing_core.domain.programme.programme import Programme
from routing_core.service.hq_desk.rule_desk import RuleDesk
from routing_core.service.hq_desk.rule_editor import RuleEditor, check_draft
from routing_core.service.kernel.back_tests import (
    BACK_TEST_ASKED,
    BackTests,
    BackTestState,
    KeptBackTest,
)
from routing_core.service.kernel.ports import Bus
from routing_core.service.kernel.rule_drafts import RuleDraft


def ask_back_test(
    desk: RuleDesk, tests: BackTests, bus: Bus, editor: RuleEditor, now: datetime
) -> str:
    """Ask for the back-test of a draft that was checked, and give its name.

    One that is under way or over is not played again; one that failed is. One that nobody has
    begun with is published again: whoever asked for it first may have been cut off before.
    """
    desk.person.need(Right.CHANGE_RULES)
    if editor.proposal is None:
        raise NotFound("only a draft that was checked can be played")
    name = back_test_name(editor.proposal, editor.number)
    known = tests.read(name)
    if known is None or (known.is_over(now) and not known.figures):
        asked = KeptBackTest(name, editor.draft.text, editor.number, desk.person.actor, now)
        tests.ask(asked, known)
    elif known.state is not BackTestState.ASKED:
        return name
    bus.publish((), [(BACK_TEST_ASKED, {"back_test": name})])
    return name


def play_draft(
    desk: RuleDesk, tests: BackTests, bus: Bus, text: str, now: datetime
) -> KeptBackTest:
    """Ask for the back-test of a draft that a program sends as YAML, and give it as it stands.

    Raises NotAllowed, and InvalidInput with everything that is wrong with the draft.
    """
    desk.person.need(Right.CHANGE_RULES)
    number, programme = desk.services.rules.programme()
    editor = check_draft(desk, RuleEditor(RuleDraft(text, number, now), number, programme), now)
    if editor.problems:
        raise InvalidInput(editor.problems)
    return view_back_test(desk, tests, ask_back_test(desk, tests, bus, editor, now))


def view_back_test(desk: RuleDesk, tests: BackTests, name: str) -> KeptBackTest:
    """Give a back-test as it stands. Raises NotAllowed or NotFound."""
    desk.person.need(Right.LOOK)
    kept = tests.read(name)
    if kept is None:
        raise NotFound(f"there is no back-test {name}")
    return kept


def back_test_name(draft: Programme, number: int) -> str:
    """Name the back-test of a draft against the rules of a version."""
    document = json.dumps(draft.model_dump(mode="json", by_alias=True), sort_keys=True)
    return sha256(f"{number} {document}".encode()).hexdigest()[:24]

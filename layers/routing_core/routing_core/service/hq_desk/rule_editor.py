"""The editor of the rules: a draft that is kept, checked, tried, and put in force.

Each button keeps what was typed first, so that nothing is lost whatever comes of it. What somebody
else puts in force meanwhile is made in the draft too, path by path, where both did not change the
same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from routing_core.domain.checks.programme_warnings import programme_warnings
from routing_core.domain.errors import InvalidInput, NotFound, Problem, VersionConflict
from routing_core.domain.hq_people import Right
from routing_core.domain.programme.merging import BothChanged, merged_documents
from routing_core.domain.programme.programme import Programme
from routing_core.domain.values.clean import whole_number
from routing_core.formats.yaml_following import programme_yaml, yaml_following
from routing_core.formats.yaml_text import read_yaml
from routing_core.service.hq.save_programme import Saved, checked
from routing_core.service.hq.try_programme import Proposal, Tried, try_programme
from routing_core.service.hq_desk.rule_desk import (
    Comparison,
    RuleChange,
    RuleDesk,
    compare_versions,
    keep_rules,
    saved_before,
)
from routing_core.service.hq_desk.rule_fields import read_rule_start
from routing_core.service.kernel.rule_drafts import RuleDraft
from routing_core.service.kernel.rule_saving import PlanDiffers
from routing_core.service.kernel.services import Services

LETTERS_OF_REFERENCE = 8
"""A lead is named by so many letters of its id."""


@dataclass(frozen=True, slots=True)
class RuleEditor:
    """The editor as its page shows it."""

    draft: RuleDraft
    number: int
    """The version in force."""
    programme: Programme
    is_kept: bool = False
    """The draft is kept: it is there at the next visit."""
    proposal: Programme | None = None
    """The draft as it was read; None before it was checked, or while something is wrong."""
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    meanwhile: Comparison | None = None
    """What somebody else has put in force since the draft was begun; None if nobody has."""
    both_changed: str = ""
    """The path that both changed, so that the draft undoes the other's change there."""
    tried: Tried | None = None
    typed: Mapping[str, str] = field(default_factory=dict)
    """What else was typed: the comment, the time, the enquiry to try."""
    other_window: bool = False
    """Another window of the same person has kept another draft meanwhile."""


def open_editor(desk: RuleDesk) -> RuleEditor:
    """Show the draft of whoever has signed in, else the rules in force. Raises NotAllowed."""
    desk.person.need(Right.CHANGE_RULES)
    number, programme = desk.services.rules.programme()
    draft = desk.drafts.read(desk.person.id)
    if draft:
        return RuleEditor(draft, number, programme, is_kept=True)
    text = text_in_force(desk.services, number)
    return RuleEditor(RuleDraft(text, number, datetime.min), number, programme)


def text_in_force(services: Services, number: int) -> str:
    """Give a version as YAML: as its author typed it, where that is kept."""
    rules = services.rules
    return rules.programme_text(number) or programme_yaml(rules.programme_version(number))


def keep_draft(desk: RuleDesk, posted: Mapping[str, str], now: datetime) -> RuleEditor:
    """Keep what was typed, with whatever others have put in force since it was begun."""
    desk.person.need(Right.CHANGE_RULES)
    # What an earlier press has saved, another instance may have done.
    desk.services.rules.look_again()
    number, programme = desk.services.rules.programme()
    draft = RuleDraft(
        text=posted.get("text", "").replace("\r\n", "\n"),
        base=whole_number(posted.get("base", "")) or number,
        saved_at=now,
        revision=whole_number(posted.get("revision", "")) or 0,
    )
    typed = {name: posted.get(name, "").strip() for name in ("comment", "starts_at", "reference")}
    editor = _up_to_date(desk, RuleEditor(draft, number, programme, typed=typed))
    try:
        kept = desk.drafts.keep(desk.person.id, editor.draft)
    except VersionConflict:
        stored = desk.drafts.read(desk.person.id)
        if stored and stored.text in (draft.text, editor.draft.text):
            # An earlier press has kept it, and its answer was lost.
            ours = replace(editor.draft, revision=stored.revision)
            return replace(editor, draft=desk.drafts.keep(desk.person.id, ours), is_kept=True)
        # Pressed again, the button keeps what stands in this window: it has seen the other's.
        revision = stored.revision if stored else 0
        return replace(editor, draft=replace(editor.draft, revision=revision), other_window=True)
    except InvalidInput as error:
        return replace(editor, problems=tuple(error.problems))
    return replace(editor, draft=kept, is_kept=True)


def check_draft(desk: RuleDesk, editor: RuleEditor, now: datetime) -> RuleEditor:
    """Say everything that is wrong with a draft, else what it would change."""
    try:
        proposal = checked(desk.services, read_yaml(editor.draft.text), now)
    except InvalidInput as error:
        return replace(editor, problems=tuple(error.problems))
    return replace(editor, proposal=proposal, warnings=tuple(programme_warnings(proposal)))


def try_draft(desk: RuleDesk, editor: RuleEditor, now: datetime) -> RuleEditor:
    """Say what the draft would do with one enquiry that is stored."""
    editor = check_draft(desk, editor, now)
    if editor.proposal is None:
        return editor
    reference = editor.typed.get("reference", "")[-LETTERS_OF_REFERENCE:].upper()
    rows = desk.read_model.by_reference(reference) if reference else ()
    if not rows:
        problem = Problem("reference", "unknown_reference", "is the reference of no enquiry")
        return replace(editor, problems=(problem,))
    proposal = Proposal(read_yaml(editor.draft.text))
    try:
        tried = try_programme(desk.services, proposal, None, rows[0].id, now)
    except (InvalidInput, NotFound) as error:
        problem = Problem("reference", "not_tried", str(error))
        return replace(editor, problems=(problem,))
    return replace(editor, tried=tried)


def put_draft_in_force(desk: RuleDesk, editor: RuleEditor, now: datetime) -> RuleEditor | Saved:
    """Put a draft in force, now or at an instant; or show what is in the way of it.

    Where somebody else was faster, it is shown once more first, with what they changed. Pressed
    again after it worked, it tells what it has saved. Raises VersionConflict where it could not be
    saved though nobody else has saved: it may be pressed again.
    """
    editor = check_draft(desk, editor, now)
    if editor.proposal is None or editor.other_window:
        return editor
    if editor.meanwhile:
        return _done_before(desk, editor.proposal) or editor
    try:
        change = RuleChange(
            document=read_yaml(editor.draft.text),
            replaces=editor.number,
            text=editor.draft.text,
            comment=editor.typed["comment"],
            starts_at=read_rule_start(editor.typed["starts_at"], editor.programme.time_zone),
        )
        saved = keep_rules(desk, change, now)
    except InvalidInput as error:
        return replace(editor, problems=tuple(error.problems))
    except PlanDiffers as error:
        return replace(editor, problems=(Problem("plan", "plan_differs", str(error)),))
    except VersionConflict:
        # Somebody saved in this very moment: what they changed is shown.
        desk.services.rules.look_again()
        number, programme = desk.services.rules.programme()
        done = _done_before(desk, editor.proposal)
        if not done and number == editor.number:
            # Nothing was saved, by nobody: there is nothing to be shown but that it did not work.
            raise
        return done or _up_to_date(desk, replace(editor, number=number, programme=programme))
    desk.drafts.drop(desk.person.id)
    return saved


def _done_before(desk: RuleDesk, proposal: Programme) -> Saved | None:
    """Give what an earlier press of the button has put in force, if it has."""
    done = saved_before(desk, proposal)
    if done:
        desk.drafts.drop(desk.person.id)
    return done


def drop_draft(desk: RuleDesk) -> None:
    """Forget the draft of whoever has signed in. Raises NotAllowed."""
    desk.person.need(Right.CHANGE_RULES)
    desk.drafts.drop(desk.person.id)


def _up_to_date(desk: RuleDesk, editor: RuleEditor) -> RuleEditor:
    """Make in the draft whatever was put in force since it was begun."""
    draft = editor.draft
    if draft.base == editor.number:
        return editor
    try:
        told = compare_versions(desk.services, draft.base, editor.number)
    except NotFound:
        # A number that no version has: nobody of ours sent it.
        return replace(editor, draft=replace(draft, base=editor.number))
    newer = replace(draft, base=editor.number)
    try:
        ours = Programme.model_validate(read_yaml(draft.text))
        merged = merged_documents(_document(told.before), _document(ours), _document(told.after))
        text = yaml_following(draft.text, Programme.model_validate(merged))
        return replace(editor, draft=replace(newer, text=text), meanwhile=told)
    except BothChanged as error:
        return replace(editor, draft=newer, meanwhile=told, both_changed=error.path)
    except (ValueError, InvalidInput):
        # What cannot be read cannot be merged: the text stays, and the page says what is new.
        return replace(editor, draft=newer, meanwhile=told)


def _document(programme: Programme) -> dict[str, Any]:
    document = programme.model_dump(mode="json", by_alias=True)
    if programme.calendar.holiday_region:
        # Nobody writes these: saving fills them in.
        document["calendar"]["holidays"] = []
    return document

"""Tell the difference between two versions of a programme in sentences."""

from dataclasses import dataclass
from datetime import datetime

from routing_core.domain.programme.programme import Programme
from routing_core.present.hq_desk.rules.programme_told import RuleSection, programme_sections


@dataclass(frozen=True, slots=True)
class RuleDifference:
    """One sentence that is no longer the same."""

    section: str
    """The title of the section it stands in."""
    under: str
    """The heading it stands below; empty = none."""
    was: str
    """What the sentence was before; empty = it is new."""
    is_now: str
    """What the sentence is now; empty = it is gone."""
    key: str
    """Names what it is about."""


def programme_difference(
    before: Programme, after: Programme, language: str, now: datetime
) -> tuple[RuleDifference, ...]:
    """Give what changed from one programme to another, in the order of the page."""
    old = programme_sections(before, language, now, names=after)
    new = programme_sections(after, language, now)
    found: list[RuleDifference] = []
    for was, is_now in zip(old, new, strict=True):
        found += _of_section(was, is_now)
    return tuple(found)


def _of_section(was: RuleSection, is_now: RuleSection) -> list[RuleDifference]:
    old = {each.key: each for each in was.sentences}
    new = {each.key: each for each in is_now.sentences}
    found = []
    for key, each in new.items():
        before = old.get(key)
        if before is None or before.text != each.text:
            was_text = before.text if before else ""
            found.append(RuleDifference(is_now.title, each.under, was_text, each.text, key))
    for key, each in old.items():
        if key not in new:
            found.append(RuleDifference(is_now.title, each.under, each.text, "", key))
    return found

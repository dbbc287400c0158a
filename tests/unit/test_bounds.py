"""One number must not stop intake: everything that HQ writes has bounds, and what was written
before is still read.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from itertools import pairwise
from typing import Any

import pytest
import yaml
from phonenumbers import SUPPORTED_REGIONS
from pydantic import BaseModel, ValidationError

from routing_core.domain.checks.programme_checks import read_programme
from routing_core.domain.errors import InvalidInput
from routing_core.domain.partner import within_bounds
from routing_core.domain.programme.programme import Programme
from routing_core.domain.programme.stored_document import read_stored
from routing_core.formats.partner_document import PartnerDoc
from routing_core.formats.yaml_text import read_yaml
from routing_core.service.hq.rehearsal import rehearse
from tests.support.builders import NOON, a_partner, a_programme, programme_document

IMPOSSIBLE: dict[str, dict[str, Any]] = {
    "repeat.window_days": {"repeat": {"window_days": 1_000_000_000}},
    "afterwards.outcome_days": {"afterwards": {"outcome_days": 1_000_000_000}},
    "afterwards.status_days": {"afterwards": {"status_days": list(range(1, 5_000))}},
    "qualification.points[0].points": {
        "qualification": {"points": [{"field": "phone", "is": "valid", "points": 10**40, "because": {"en": "x"}}]}
    },
    "qualification.offer_from": {"qualification": {"offer_from": -(10**40), "nurture_from": -(10**40)}},
    "qualification.nurture.ask_after_days": {
        "qualification": {"nurture": {"ask_after_days": 10**9, "close_after_days": 10**10}}
    },
    "hq.links": {"hq": {"emails": ["hq@example.com"], "links": 2**70}},
    "lapses.pause": {"lapses": {"pause": 0}},
    "early_return.minutes": {"early_return": {"minutes": 10**12}},
    "reminders.min_gap_minutes": {"reminders": {"min_gap_minutes": 10**12}},
    "reminders.at": {"reminders": {"at": [n / 1000 for n in range(1, 1000)]}},
    "calendar.round_up_minutes": {
        "calendar": {"response_hours": {"mon": ["08:00-17:00"]}, "round_up_minutes": float("nan")}
    },
    "calendar.response_hours.mon": {
        "calendar": {"response_hours": {"mon": [f"{n // 60:02}:{n % 60:02}-{n // 60:02}:{n % 60 + 1:02}" for n in
                                                range(0, 1_400, 2)]}}
    },
    "routing.performance.prior": {"routing": {"performance": {"prior": 10**400}}},
}  # fmt: skip


def stored(**changes: Any) -> dict[str, Any]:
    """A programme as the code before there were bounds stored it."""
    return a_programme().model_dump(mode="json", by_alias=True) | changes


@pytest.mark.parametrize("field", IMPOSSIBLE)
def test_a_number_that_would_stop_intake_is_refused_by_name(field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_programme(stored(**IMPOSSIBLE[field]))
    assert field in {problem.field for problem in refused.value.problems}


def test_a_number_that_is_refused_is_told_what_would_be_right() -> None:
    for change, said in (
        ({"repeat": {"window_days": 10**9}}, "window_days: must be at most 1,100"),
        ({"missed_contact": {"remind_at": 0}}, "remind_at: must be more than 0"),
        ({"missed_contact": {"remind_at": 1}}, "remind_at: must be less than 1"),
    ):
        with pytest.raises(InvalidInput) as refused:
            read_programme(stored(**change))
        assert [problem.message for problem in refused.value.problems] == [said.partition(": ")[2]]


@pytest.mark.parametrize("field", IMPOSSIBLE)
def test_a_programme_stored_before_there_were_bounds_is_read_and_told(field: str) -> None:
    document = stored(**IMPOSSIBLE[field])
    programme, mended = read_stored(Programme, document)
    assert field in {told.partition(": ")[0] for told in mended}
    assert rehearse(programme, NOON) == []
    assert document == stored(**IMPOSSIBLE[field]), "what is stored stays as it is"


def test_what_is_outside_is_read_as_the_nearest_that_is_inside() -> None:
    programme, _ = read_stored(
        Programme,
        stored(
            repeat={"window_days": 10**9},
            lapses={"pause": 0},
            afterwards={"status_days": list(range(1, 5_000))},
            a_field_of_later={"x": 1},
        ),
    )
    assert programme.repeat.window_days == 1_100
    assert programme.lapses.pause == 1
    assert programme.afterwards.status_days == list(range(1, 21))


def test_what_is_inside_the_bounds_is_read_as_it_is() -> None:
    assert read_stored(Programme, stored()) == (a_programme(), ())


def test_a_document_that_is_none_is_not_read_as_something_else() -> None:
    without_name = stored()
    del without_name["name"]
    with pytest.raises(ValidationError):
        read_stored(Programme, without_name)


def test_a_partner_stored_before_there_were_bounds_can_be_compiled() -> None:
    partner = within_bounds(a_partner("p1", tier=300, weight=-5))
    assert (partner.tier, partner.weight) == (9, 0)
    usual = a_partner("p2")
    assert within_bounds(usual) is usual


def test_rules_that_meet_badly_are_refused_with_their_name() -> None:
    programme = a_programme()
    broken = programme.model_copy(
        update={"afterwards": programme.afterwards.model_copy(update={"outcome_days": 10**9})}
    )
    assert {problem.field for problem in rehearse(broken, NOON)} >= {"afterwards"}
    late = programme.model_copy(
        update={"afterwards": programme.afterwards.model_copy(update={"outcome_days": 10**5})}
    )
    (first, *_) = [problem for problem in rehearse(late, NOON) if problem.field == "afterwards"]
    assert "an invented enquiry for heat-pump" in first.message
    assert "outcome would be due on 2300-09-10" in first.message


@pytest.mark.parametrize("model", [Programme, PartnerDoc])
def test_every_number_list_and_text_of_a_document_has_an_end(model: type[BaseModel]) -> None:
    endless = sorted(set(_endless(model.model_json_schema(), model.__name__)) - CHECKED_ELSEWHERE)
    assert endless == []


CHECKED_ELSEWHERE = {
    *("Programme.time_zone", "Region.time_zone", "PartnerDoc.time_zone"),  # one that is known
    "PartnerDoc.country",  # one of the ISO codes
    "PartnerDoc.language",  # a pattern, which the schema does not show
    "PartnerDoc.languages[]",
}


def _endless(schema: Mapping[str, Any], here: str) -> Iterator[str]:
    for name, part in {**schema.get("$defs", {}), here: schema}.items():
        for field, each in part.get("properties", {}).items():
            yield from _open_ends(each, f"{name}.{field}")


def _open_ends(part: Mapping[str, Any], here: str) -> Iterator[str]:
    for choice in part.get("anyOf", ()):
        yield from _open_ends(choice, here)
    kind = part.get("type")
    if "enum" in part or "const" in part:
        return
    if kind in ("integer", "number"):
        low, high = {"minimum", "exclusiveMinimum"}, {"maximum", "exclusiveMaximum"}
        if low.isdisjoint(part) or high.isdisjoint(part):
            yield here
    elif kind == "string" and {"maxLength", "pattern", "format"}.isdisjoint(part):
        yield here
    elif kind == "array":
        if "maxItems" not in part:
            yield here
        yield from _open_ends(part.get("items", {}), f"{here}[]")


def test_documents_that_are_read_from_yaml_have_no_endless_numbers() -> None:
    document = yaml.safe_dump(stored() | {"qualification": {"offer_from": float("inf")}})
    with pytest.raises(InvalidInput):
        read_programme(read_yaml(document))


@pytest.mark.slow
def test_a_form_of_any_country_can_be_saved() -> None:
    programme = a_programme()
    refused = []
    for country in sorted(SUPPORTED_REGIONS):
        form = programme.forms[0].model_copy(update={"countries": [country]})
        if rehearse(programme.model_copy(update={"forms": [form]}), NOON):
            refused.append(country)
    assert refused == []


# ── every number, at both of its ends ─────────────────────────────────────────────────────────────

FULL_RULES = programme_document(
    hotline={"phone": "+49 89 99998100"},
    qualification={
        "points": [{"field": "area", "at_least": 100, "points": 5, "because": {"en": "Large"}}],
        "offer_from": 0,
        "nurture_from": 0,
        "top_tier_from": 0,
    },
    return_reasons=[{"id": "gone", "label": {"en": "Gone"}, "needs": {"attempts": 3, "days": 2}}],
)
"""A programme that says something wherever it can say a number."""
BEYOND = (10**40, 2**70, 10**9 + 10**12, float("nan"), float("inf"), "9" * 5_000)
Path = tuple[str | int, ...]


def numbers_of(model: type[BaseModel]) -> dict[Path, tuple[float, float]]:
    """Each number of a document, where it stands in ``FULL_RULES``, with the least and the most it
    may be.
    """
    schema = model.model_json_schema()
    return dict(_numbers(schema, (), schema["$defs"]))


def _numbers(
    part: Mapping[str, Any], here: Path, known: Mapping[str, Any]
) -> Iterator[tuple[Path, Any]]:
    if "$ref" in part:
        yield from _numbers(known[part["$ref"].rpartition("/")[2]], here, known)
    for choice in part.get("anyOf", ()):
        yield from _numbers(choice, here, known)
    if part.get("type") in ("integer", "number") and part.keys().isdisjoint(("const", "enum")):
        # A fraction between 0 and 1, both left out.
        least = part["minimum"] if "minimum" in part else part["exclusiveMinimum"] + 0.001
        most = part["maximum"] if "maximum" in part else part["exclusiveMaximum"] - 0.001
        yield here, (least, most)
    if "items" in part:
        yield from _numbers(part["items"], (*here, 0), known)
    for name, each in part.get("properties", {}).items():
        yield from _numbers(each, (*here, name), known)


NUMBERS = numbers_of(Programme)
WINDOW_UNITS = ("minutes", "response_hours", "working_days")


def with_number(path: Path, value: Any) -> dict[str, Any]:
    document: Any = deepcopy(FULL_RULES)
    here = document
    for step, following in pairwise(path):
        made = [] if following == 0 else {}
        if isinstance(step, int):
            here.extend([made] if len(here) <= step else [])
        elif following in WINDOW_UNITS and step != "early_return":
            here[step] = {}
        else:
            here.setdefault(step, made)
        here = here[step]
    if isinstance(path[-1], int):
        here[:] = [value]
    else:
        here[path[-1]] = value
    return document  # type: ignore[no-any-return]


NOT_ALONE = {
    ("qualification", "offer_from"): {"nurture_from", "top_tier_from"},
    ("qualification", "nurture_from"): {"nurture_from"},
    ("qualification", "top_tier_from"): {"top_tier_from"},
    ("qualification", "nurture", "ask_after_days"): {"close_after_days"},
    ("qualification", "nurture", "close_after_days"): {"close_after_days"},
    ("return_reasons", 0, "needs", "attempts"): {"needs"},
    ("return_reasons", 0, "needs", "days"): {"needs"},
}
"""Numbers that another one bounds too → the field that is named then."""


@pytest.mark.parametrize("path", NUMBERS, ids=lambda path: ".".join(map(str, path)))
@pytest.mark.slow
def test_a_number_at_either_end_of_its_bounds_stops_no_enquiry_and_one_beyond_is_refused_by_name(
    path: Path,
) -> None:
    least, most = NUMBERS[path]
    for value in (least, most):
        assert refused(path, value) <= NOT_ALONE.get(path, set()), value
    name = str(path[-1] if isinstance(path[-1], str) else path[-2])
    for value in (least - 1, most + 1, *BEYOND):
        assert name in refused(path, value), value


def refused(path: Path, value: Any) -> set[str]:
    """The fields that are named if the rules are saved with that number; none if nothing is wrong
    with it.
    """
    try:
        problems = rehearse(read_programme(with_number(path, value)), NOON)
    except InvalidInput as error:
        problems = error.problems
    return {problem.field.rpartition(".")[2].partition("[")[0] for problem in problems}

"""What a partner takes: an open question keeps nobody away, unless the answer is demanded."""

from dataclasses import replace

import pytest

from routing_core.domain.checks.filter_warnings import filter_warnings
from routing_core.domain.partner import Partner
from routing_core.domain.programme.rules import Condition, RoutingRule, conditions
from tests.support.builders import a_partner, a_programme, programme_document
from tests.unit.test_order import ENQUIRY, decided, order


def taking(*wanted: str) -> Partner:
    return a_partner("p1", lead_filters=tuple(map(Condition.parse, wanted)))


def test_an_answer_may_be_demanded() -> None:
    demanding = taking("owner is owner", "owner is answered")
    assert order(decided(demanding, enquiry=replace(ENQUIRY, answers={"owner": "owner"}))) == ["p1"]
    for answers in ({}, {"owner": ""}, {"owner": "tenant"}):
        assert decided(demanding, enquiry=replace(ENQUIRY, answers=answers)).excluded == {
            "not_taken": ("p1",)
        }


def test_a_demand_is_written_as_it_is_read() -> None:
    assert str(Condition.parse("  kind   is answered ")) == "kind is answered"
    first, second = conditions("kind is answered and area at least 100")
    assert (str(first), str(second)) == ("kind is answered", "area at least 100")
    rule = RoutingRule.parse("prefer tag big when area is answered")
    assert str(rule) == "prefer tag big when area is answered"
    assert (rule.wanted({"area": "3"}), rule.wanted({})) == ({"big"}, frozenset())


@pytest.mark.parametrize(
    ("wanted", "warned"),
    [
        (["owner is owner"], 1),
        (["owner is owner", "owner is answered"], 0),
        (["owner is owner", "area at least 100"], 2),
        (["region is munich"], 1),
        (["urgency is soon", "weekday in mon, tue"], 0),
    ],
)
def test_a_condition_on_what_may_be_left_out_is_warned_of(wanted: list[str], warned: int) -> None:
    told = list(filter_warnings(taking(*wanted), a_programme()))
    assert len(told) == warned
    assert all(
        f"Add '{each.split()[0]} is answered'" in message.message
        for each, message in zip(wanted, told, strict=False)
    )


def test_a_question_that_every_form_needs_answered_needs_no_demand() -> None:
    (form,) = programme_document()["forms"]
    questions = [
        question | {"required": question["id"] == "owner"} for question in form["questions"]
    ]
    programme = a_programme(forms=[form | {"questions": questions}])
    assert list(filter_warnings(taking("owner is owner"), programme)) == []
    other = form | {"id": "other", "questions": []}
    programme = a_programme(forms=[form | {"questions": questions}, other])
    assert len(list(filter_warnings(taking("owner is owner"), programme))) == 1

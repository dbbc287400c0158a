"""Rules and conditions: sentences that read the same again, and what they ask for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing_core.domain.programme.rules import Condition, RoutingRule, conditions


@pytest.mark.parametrize(
    "text",
    [
        "require certificate f-gas when product is heat-pump",
        "prefer tag listed buildings when house in flats, business and area at least 500",
        "prefer specialisation answer house",
        "forbid tag no-tenants when ownership is not owner",
        "require language de or en",
        "require type installer when area between 100 and 500 and notes has urgent repair",
        "forbid product boiler when score at most 12.5",
    ],
)
def test_a_rule_reads_as_written_and_is_written_as_read(text):
    assert str(RoutingRule.parse(text)) == text
    assert str(RoutingRule.parse(f"  {text.replace(' ', '   ')} ")) == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not a rule: write require certificate f-gas when product is heat-pump"),
        ("demand tag x", "is not a rule"),
        ("require colour red", "is not a rule"),
        ("require tag", "is not a rule"),
        ("require tag x when", "not a condition"),
        ("require tag x when house", "is not a condition: write product is heat-pump"),
        ("require tag x when area at least many", "compares numbers: write area at least 100"),
        ("require tag x when area between 5", "not complete"),
        ("require tag x when area between 9 and 5", "runs backwards"),
        ("require tag x when area at least nan", "compares numbers"),
        ("require tag x when house in a,, b", "not complete"),
    ],
)
def test_what_is_no_rule_is_refused_saying_what_would_be_right(text, says):
    with pytest.raises(ValueError) as refused:
        RoutingRule.parse(text)
    assert says in str(refused.value)


@given(st.text(max_size=60))
def test_any_text_is_a_rule_that_reads_the_same_again_or_is_refused(text):
    try:
        rule = RoutingRule.parse(f"require tag {text}")
    except ValueError:
        return
    assert RoutingRule.parse(str(rule)) == rule


@pytest.mark.parametrize(
    ("condition", "holds", "fails"),
    [
        ("house is flats", ["flats"], ["Flats", "flat"]),
        ("house is not flats", ["business"], ["flats"]),
        ("house in flats, business", ["flats", "business"], ["detached"]),
        ("area at least 100", ["100", "100.0", "1e3", "250.5"], ["99.99", "-100", "large"]),
        ("area at most 100", ["100", "-5"], ["100.01", "large"]),
        ("area between 100 and 500", ["100", "500", "250"], ["99", "501", "large"]),
        ("notes has heat pump", ["A Heat Pump, please", "heat pump"], ["heat pumps", "heatpump"]),
    ],
)
def test_a_condition_holds_for_what_it_says(condition, holds, fails):
    parsed = Condition.parse(condition)
    assert all(parsed.holds({parsed.field: said}) is True for said in holds)
    assert not any(parsed.holds({parsed.field: said}) for said in fails)


def test_what_the_enquiry_does_not_say_is_neither_true_nor_false():
    assert Condition.parse("area at least 100").holds({}) is None
    assert Condition.parse("house is not flats").holds({"house": ""}) is None


def test_the_and_of_between_is_not_the_and_of_two_conditions():
    assert list(map(str, conditions("area between 1 and 5 and house is flats"))) == [
        "area between 1 and 5",
        "house is flats",
    ]


def test_a_rule_asks_for_any_of_its_values_or_for_what_the_enquiry_answers():
    assert RoutingRule.parse("require tag a or b").wanted({}) == {"a", "b"}
    assert (
        RoutingRule.parse("require tag a when house is flats").wanted({"house": "detached"})
        == frozenset()
    )
    assert RoutingRule.parse("prefer tag answer house").wanted({"house": "flats"}) == {"flats"}
    assert RoutingRule.parse("prefer tag answer house").wanted({}) == frozenset()

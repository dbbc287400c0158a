"""What HQ reads of a decision: what really decided, said of whoever was asked and of who would be
next.
"""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from routing_core.domain.partner import Absence, Caps, Partner
from routing_core.domain.programme.rules import Condition, RoutingRule
from routing_core.present.explain.decision_words import key_words, sentences
from routing_core.present.locale_context import LocaleContext
from routing_core.routing.decide.record import record_of
from routing_core.routing.decide.stride import STRIDE
from routing_core.routing.index.network import Network
from routing_core.routing.policy import Policy
from tests.support import deciding
from tests.support.builders import NOON, a_lead, a_partner, a_programme
from tests.support.deciding import ENQUIRY, POLICY, a_load

PROGRAMME = a_programme()
DAY = timedelta(days=1)


def by(*order: str) -> Policy:
    return replace(POLICY, order=order)


def under(*rules: str) -> Policy:
    return replace(POLICY, rules=tuple(map(RoutingRule.parse, rules)))


def decided(*partners: Partner, told: dict[str, Any] | None = None, **given: Any) -> dict[str, Any]:
    """The record of a decision, as it is stored; the first is offered the lead unless something
    else is ``told``.
    """
    decision = deciding.decided(*partners, **given)
    record = record_of(
        decision, Network.compile("n1", partners, {}), told or {"offered": decision.chosen}
    )
    return dict(json.loads(json.dumps(record)))


def told(record: dict[str, Any], *partners: Partner, language: str = "en") -> tuple[str, ...]:
    reader = LocaleContext.for_programme(PROGRAMME, language, NOON)
    return sentences(
        record, a_lead(), reader, PROGRAMME, {partner.id: partner for partner in partners}
    )


def test_shares_by_weight_are_told_with_how_far_each_is_ahead_of_or_behind_its_share():
    a, b = a_partner("a", name="A", weight=5), a_partner("b", name="B", weight=3)
    record = decided(a, b, policy=by("weight"), loads={"a": a_load("a", pass_value=STRIDE // 5)})
    chosen, after = told(record, a, b)
    assert chosen == "B was chosen: share 3/8, 0.125 rounds behind its share."
    assert after == "Next in line: A (share 5/8, 0.075 rounds ahead of its share)."
    assert (
        told(record, a, b, language="de")[0]
        == "B wurde gewählt: Anteil 3/8, 0,125 Runden hinter seinem Anteil."
    )


def test_who_waited_longest_is_told_where_nothing_else_decided_and_only_there():
    partners = [
        a_partner("a", name="A"),
        a_partner("b", name="B"),
        a_partner("c", name="C", tier=3),
    ]
    asked = {
        name: a_load(name, last_offered=NOON - days * DAY)
        for name, days in (("a", 1), ("b", 2), ("c", 9))
    }
    chosen, after = told(decided(*partners, policy=by("tier"), loads=asked), *partners)
    assert chosen == "B was chosen: tier 2, last asked at 12:00 on Mon, 23 Nov."
    assert after == "Next in line: A (tier 2, last asked at 12:00 yesterday); C (tier 3)."


def test_partners_whom_nothing_tells_apart_come_by_alphabet_and_are_told_so():
    partners = [a_partner("a", name="A"), a_partner("b", name="B")]
    chosen, _ = told(decided(*partners, policy=by("tier")), *partners)
    assert chosen == "A was chosen: tier 2, not asked before, otherwise equal: alphabetical order."


def test_somebody_back_from_an_absence_is_told_with_the_share_that_counted():
    gone = (Absence(NOON.date() - 9 * DAY, NOON.date() - DAY),)
    caps = Caps(open=40)
    back = a_partner("back", name="Back", caps=caps, absences=gone)
    busy = a_partner("busy", name="Busy", caps=caps)
    loads = {
        "back": a_load("back", caps=caps, last_offered=NOON),
        "busy": a_load("busy", caps=caps, open_count=30, last_offered=NOON - DAY),
    }
    chosen, after = told(decided(back, busy, policy=by("load"), loads=loads), back, busy)
    assert chosen == "Busy was chosen: 30 of 40 enquiries in hand, last asked at 12:00 yesterday."
    assert (
        "Back (0 of 40 enquiries in hand (counted as 75% so that an empty desk does not fill up at once), last asked"
        in after
    )


@pytest.mark.parametrize(
    ("rules", "there", "said"),
    [
        (["require tag gold"], {}, "2 lack a required skill: gold (A, B)."),
        (
            ["require tag gold", "require tag silver or steel"],
            {"tags": frozenset({"gold"})},
            "2 lack a required skill: silver or steel, gold (1) (A, B).",
        ),
        (["require certificate f-gas"], {}, "2 lack a valid certificate: f-gas (A, B)."),
        (["require type planner"], {}, "2 are not the required type of partner: planner (A, B)."),
        (["forbid language de"], {}, "2 are ruled out by a rule: de (A, B)."),
        (
            ["require product boiler"],
            {"products": frozenset({"heat-pump"})},
            "1 does not offer Boiler (A).",
        ),
        (["require language fr"], {}, "2 do not speak the language: French (A, B)."),
    ],
)
def test_an_exclusion_says_what_is_lacking(rules, there, said):
    partners = [a_partner("a", name="A", **there), a_partner("b", name="B")]
    assert told(decided(*partners, policy=under(*rules)), *partners)[-1].endswith(said)


def test_what_is_lacking_is_told_of_partners_with_absences_and_ending_certificates_too():
    gone = (Absence(NOON.date() - 9 * DAY, NOON.date() - DAY),)
    partners = [
        a_partner("a", absences=gone),
        a_partner("b", certificates={"f-gas": NOON.date() - DAY}),
    ]
    record = decided(*partners, policy=under("require certificate f-gas"))
    assert record["excluded"]["certificate"]["asked"] == {"f-gas": 2}


def test_what_a_partner_does_not_take_is_told_by_the_condition_that_does_not_hold():
    takes = tuple(map(Condition.parse, ("area at least 500", "urgency is soon")))
    partners = [
        a_partner("a", name="A", lead_filters=takes),
        a_partner("b", name="B", lead_filters=takes[1:]),
    ]
    small = replace(ENQUIRY, answers={"area": "120"})
    *_, others = told(decided(*partners, enquiry=small), *partners)
    assert (
        others
        == "1 other covers 80331, but: 1 does not take enquiries like this: area at least 500 (A)."
    )


def test_a_persons_own_words_are_not_kept_as_what_is_lacking():
    policy = under("require specialisation answer wish")
    asking = replace(ENQUIRY, answers={"wish": "call Mrs Huber"})
    record = decided(a_partner("a"), policy=policy, enquiry=asking)
    assert "Huber" not in json.dumps(record)
    assert record["excluded"] == {"specialisation": {"count": 1, "examples": ["a"]}}


def test_of_the_enquirys_own_product_nothing_more_is_kept():
    record = decided(a_partner("a", products=frozenset()))
    assert record["excluded"] == {"product": {"count": 1, "examples": ["a"]}}


def test_a_wave_gives_the_reason_of_the_first():
    partners = [
        a_partner("a", name="A", tier=1),
        a_partner("b", name="B"),
        a_partner("c", name="C", tier=3),
    ]
    record = decided(
        *partners, policy=by("tier"), told={"offered": ["a", "b"], "kind": "routed", "wave": 1}
    )
    assert told(record, *partners)[0] == "2 partners were asked at once: A (tier 1), B."


@pytest.mark.parametrize(
    ("stands_in", "english", "german"),
    [
        (
            {"source": "partner", "partner": "a"},
            "B was asked as the backup partner of A.",
            "B wurde als Ersatz für A angefragt.",
        ),
        (
            {"source": "territory"},
            "B was asked as the area's backup partner.",
            "B wurde als Ersatzpartner des Ortes angefragt.",
        ),
        (
            {"source": "programme"},
            "B was asked as the programme's backup partner.",
            "B wurde als Ersatzpartner des Programms angefragt.",
        ),
        ({}, "B was asked as backup partner.", "B wurde als Ersatzpartner angefragt."),
    ],
)
def test_a_backup_partner_is_told_with_whom_it_stands_in_for(stands_in, english, german):
    partners = [a_partner("a", name="A", paused=True), a_partner("b", name="B")]
    record = decided(partners[0], told={"offered": "b", "kind": "backup", "stands_in": stands_in})
    assert told(record, *partners)[0] == english
    assert told(record, *partners, language="de")[0] == german


def test_a_record_of_before_is_still_told():
    reader = LocaleContext.for_programme(PROGRAMME, "en", NOON)
    assert key_words({"weight": "3/8", "load": "2/10", "exploration": "0.73"}, reader) == (
        "share 3/8",
        "2 of 10 enquiries in hand",
        "random draw 0.73",
    )
    old = {"ranked": [], "excluded": {"tag": {"count": 6, "examples": ["a"]}}}
    assert told(old)[-1] == "6 others cover 80331, but: 6 lack a required skill."

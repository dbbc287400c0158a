"""What public peers test of their assignment engines, told in our words and asked of ours.

Odoo's partner and lead assignment, Frappe's assignment rule, OCA's assignment by ZIP. Where a peer
stores a pointer or a flag, ours has no such thing: the same question is put to what there is
instead. A changed ZIP is in tests/integration/test_moves.py, what else concerns more than a
decision (who may accept, duplicates, what is cancelled) in tests/integration/test_peers.py.
"""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from routing_core.domain.calendar.business_time import Calendar, Duration, ResponseHours, deadline
from routing_core.domain.draft import Draft
from routing_core.domain.errors import InvalidInput
from routing_core.domain.lead import LeadStatus
from routing_core.domain.lifecycle import ending, offering
from routing_core.domain.offer import OfferKind, OfferStatus
from routing_core.domain.partner import Absence, Caps, Load, Partner, period_keys
from routing_core.domain.territory.gazetteer import Gazetteer, Point
from routing_core.domain.territory.territory import Territory
from routing_core.formats.partner_document import read_partner
from routing_core.routing.decide.decision import decide
from routing_core.routing.decide.eligibility import local_day
from routing_core.routing.decide.situation import Situation
from routing_core.routing.index.network import Network
from routing_core.routing.policy import Enquiry, Policy
from tests.support.builders import NOON, a_lead, a_partner, a_programme

POLICY = Policy.of(a_programme(), version=1)
ENQUIRY = Enquiry("DE", "80331", "heat-pump", "soon", "de")


def working_in(partner_id: str, *territories: str, **changes: Any) -> Partner:
    return a_partner(partner_id, territories=tuple(map(Territory.parse, territories)), **changes)


def chosen(*partners: Partner, enquiry: Enquiry = ENQUIRY, policy: Policy = POLICY) -> str | None:
    loads = {partner.id: Load(partner.id, active=True, caps=partner.caps) for partner in partners}
    return decide(
        Situation(enquiry, Network.compile("n", partners, {}), policy, NOON, loads)
    ).chosen


def assigned(
    offers: int, *partners: Partner, order: tuple[str, ...], held: dict[str, int] | None = None
) -> list[Any]:
    """Who gets each of so many enquiries in a row, each kept by whoever gets it; None once nobody
    can.
    """
    network, policy = Network.compile("n", partners, {}), replace(POLICY, order=order)
    loads = {
        p.id: Load(p.id, active=True, caps=p.caps, open_count=(held or {}).get(p.id, 0))
        for p in partners
    }
    given: list[Any] = []
    for _ in range(offers):
        decision = decide(Situation(ENQUIRY, network, policy, NOON, loads))
        given.append(decision.chosen)
        if decision.chosen:
            load = loads[decision.chosen]
            made = {key: load.made.get(key, 0) + 1 for key in period_keys(NOON.date())}
            turn = decision.pass_value_after_offer(load.partner) or 0
            loads[load.partner] = replace(
                load,
                open_count=load.open_count + 1,
                made=made,
                last_offered=decision.offered_at,
                pass_value=turn,
            )
    return given


# Odoo, assignment to partners


def test_odoo_where_nobody_nearer_is_known_a_partner_of_the_country_takes_it():
    near, country = working_in("near", "DE 80*"), working_in("country", "DE")
    assert chosen(near, country) == "near"
    assert chosen(near, country, enquiry=replace(ENQUIRY, postcode="not known")) == "country"


def test_odoo_where_the_nearest_has_no_coordinates_a_partner_of_the_country_takes_it():
    """Both by distance: the one around a place nobody knows, the other far off, cover nothing; the
    country does.
    """
    around = [
        working_in("nearest", "DE 30km 80333"),
        working_in("far", "DE 30km 20095"),
        working_in("country", "DE"),
    ]
    loads = {partner.id: Load(partner.id, active=True) for partner in around}

    def asked(points: dict[str, Point]) -> list[str]:
        network = Network.compile("n", around, {}, Gazetteer(points))
        return [
            each.partner for each in decide(Situation(ENQUIRY, network, POLICY, NOON, loads)).ranked
        ]

    munich, hamburg = Point(48.14, 11.58), Point(53.55, 9.99)
    assert asked({"DE 80331": munich, "DE 20095": hamburg}) == ["country"]
    assert asked({"DE 80331": munich, "DE 80333": munich, "DE 20095": hamburg}) == [
        "nearest",
        "country",
    ]
    assert asked({"DE 20095": hamburg, "DE 80333": munich}) == [
        "country"
    ]  # where the enquiry itself is nowhere


def test_odoo_who_declined_is_remembered_and_not_asked_again():
    partners = [working_in("first", "DE 80331"), working_in("second", "DE 80*")]
    draft = Draft(
        None, replace(a_lead(language="de", offers=(), deadlines=()), status=LeadStatus.OFFERED)
    )
    assert chosen(*partners, enquiry=Enquiry.of(draft.lead)) == "first"
    offer = offering.open_offer(
        draft, partners[0], offering.Occasion(OfferKind.ROUTED), a_programme(), NOON
    )
    offering.decline(draft, offer.number, "busy", NOON)
    assert chosen(*partners, enquiry=Enquiry.of(draft.lead)) == "second"


def test_odoo_a_weight_of_zero_is_never_asked_even_alone():
    assert chosen(working_in("never", "DE 80331", weight=0)) is None
    assert chosen(working_in("never", "DE 80331", weight=0), working_in("far", "DE")) == "far"


# Odoo, assignment of leads to teams


def test_odoo_six_hundred_leads_fill_three_teams_to_their_monthly_quotas_and_nobody_beyond():
    teams = [
        working_in(name, "DE", caps=Caps(month=most))
        for name, most in (("a", 100), ("b", 200), ("c", 300))
    ]
    given = assigned(601, *teams, order=("load", "last_offered"))
    assert Counter(given) == Counter({"a": 100, "b": 200, "c": 300, None: 1})
    assert given[-1] is None


def test_odoo_a_quota_of_thirty_days_is_ours_of_the_calendar_month_where_the_partner_lives():
    """Odoo spreads a maximum over 30 days. Ours is whole again with the month: two on its last day,
    two the next.
    """
    team = working_in("team", "DE", caps=Caps(month=2), time_zone="Europe/Berlin")
    network, made = Network.compile("n", [team], {}), Counter()

    def takes(at: datetime) -> bool:
        load = Load("team", active=True, caps=team.caps, made=dict(made))
        chosen = decide(Situation(ENQUIRY, network, POLICY, at, {"team": load})).chosen
        made.update(period_keys(local_day(team, at)) if chosen else ())
        return chosen is not None

    last_minute = datetime(2026, 11, 30, 22, 59, tzinfo=UTC)  # 23:59 in Berlin
    assert [takes(last_minute) for _ in range(3)] == [True, True, False]
    assert [takes(last_minute + timedelta(minutes=1)) for _ in range(3)] == [True, True, False]
    assert not takes(datetime(2026, 12, 31, 22, 59, tzinfo=UTC))
    assert takes(datetime(2027, 1, 1, tzinfo=UTC))


def test_odoo_no_lead_goes_above_the_maximum_somebody_can_hold():
    teams = [
        working_in(name, "DE", caps=Caps(open=most))
        for name, most in (("a", 1), ("b", 4), ("c", 0))
    ]
    given = assigned(600, *teams, order=("load", "last_offered"))
    assert Counter(given) == Counter({"a": 1, "b": 4, None: 595})


# Frappe, assignment rule


def test_frappe_round_robin_goes_round_and_begins_again_once_everything_is_cleared():
    partners = [working_in(name, "DE") for name in ("a", "b", "c")]
    assert assigned(7, *partners, order=("last_offered",)) == ["a", "b", "c", "a", "b", "c", "a"]
    assert assigned(2, *partners, order=("last_offered",)) == ["a", "b"]


def test_frappe_the_least_loaded_is_levelled_until_thirty_are_ten_each():
    partners = [working_in(name, "DE") for name in ("a", "b", "c")]
    held = {"a": 9, "b": 4, "c": 0}
    given = Counter(assigned(17, *partners, order=("load",), held=held))
    assert {name: held[name] + given[name] for name in held} == {"a": 10, "b": 10, "c": 10}


def test_frappe_weights_of_one_and_two_share_five_as_two_and_three():
    partners = [working_in("one", "DE", weight=1), working_in("two", "DE", weight=2)]
    assert Counter(assigned(5, *partners, order=("weight",))) == {"one": 2, "two": 3}


def test_frappe_when_the_reason_for_it_is_gone_the_offer_is_cancelled():
    draft = Draft(a_lead())
    ending.withdraw(draft, a_programme(), NOON)
    assert draft.lead.status is LeadStatus.WITHDRAWN
    assert [offer.status for offer in draft.lead.offers] == [OfferStatus.WITHDRAWN]
    assert draft.lead.deadlines == ()


def test_frappe_on_a_holiday_nobody_is_asked_who_is_away_and_no_window_counts_it():
    away = (Absence(NOON.date(), NOON.date()),)
    assert (
        chosen(working_in("away", "DE 80331", absences=away), working_in("there", "DE")) == "there"
    )
    hours = ResponseHours.parse({day: ["08:00-18:00"] for day in ("wed", "thu", "fri")})
    days = frozenset({"wed", "thu", "fri"})
    calendar = Calendar("Europe/Berlin", hours, days, frozenset({date(2026, 11, 26)}), (), 0)
    late = NOON + timedelta(hours=6)  # 18:00 in Berlin on Wednesday; Thursday is a holiday
    assert deadline(late, Duration(response_hours=1), calendar) == NOON + timedelta(
        days=1, hours=21
    )


# OCA, assignment by ZIP


def test_oca_of_two_patterns_the_narrower_has_priority_then_the_better_rank():
    assert chosen(working_in("wide", "DE 8*"), working_in("narrow", "DE 803*")) == "narrow"
    assert chosen(working_in("second", "DE 80* rank 2"), working_in("first", "DE 80*")) == "first"


def test_oca_what_a_pattern_excludes_goes_to_somebody_else():
    partners = [working_in("a", "DE 80*", "not DE 803*"), working_in("b", "DE")]
    assert chosen(*partners) == "b"
    assert chosen(*partners, enquiry=replace(ENQUIRY, postcode="80999")) == "a"


@pytest.mark.parametrize(
    ("territories", "said"),
    [
        (["DE 80**"], "not a prefix"),
        (["DE 803"], "is not a postcode"),
        (["DE 80*", "de 80*"], "appears twice"),
    ],
)
def test_oca_invalid_and_duplicate_patterns_are_refused(territories, said):
    document = {
        "id": "p1",
        "name": "Example",
        "contact": {"email": "p1@example.com"},
        "products": ["boiler"],
        "territories": territories,
    }
    with pytest.raises(InvalidInput) as refused:
        read_partner(document, a_programme(), NOON.date())
    assert said in refused.value.problems[0].message

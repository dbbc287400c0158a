"""The order of partners as a programme may choose it: rules, shares, turns, performance; and what
capacity allows.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing_core.domain.calendar.business_time import ResponseHours
from routing_core.domain.figures import Figures
from routing_core.domain.partner import Absence, Caps, Load, Partner, period_keys
from routing_core.domain.programme.routing_settings import Performance
from routing_core.domain.programme.rules import Condition, RoutingRule
from routing_core.domain.territory.territory import Territory
from routing_core.routing.decide.decision import SHORTLIST, decide, shortlist
from routing_core.routing.decide.performance import performance_of
from routing_core.routing.decide.placement import decide_and_widen
from routing_core.routing.decide.situation import Situation
from routing_core.routing.index.network import Network
from routing_core.routing.policy import Policy
from tests.support import deciding
from tests.support.builders import NOON, a_partner, a_programme, programme_document
from tests.support.deciding import POLICY, order
from tests.support.few import examples

ENQUIRY = replace(deciding.ENQUIRY, seed="lead-1")
decided = partial(deciding.decided, enquiry=ENQUIRY)


def under(*rules: str, **changes: Any) -> Policy:
    return replace(POLICY, rules=tuple(map(RoutingRule.parse, rules)), **changes)


class Game:
    """Offers made one after the other, each noted in LOAD as the commit notes it."""

    def __init__(self, *partners: Partner, policy: Policy):
        self.partners = {partner.id: partner for partner in partners}
        self.policy = policy
        self.loads = {
            partner.id: Load(partner.id, active=True, caps=partner.caps) for partner in partners
        }
        self.given: Counter[str] = Counter()

    def offer(self, times: int, *, but: tuple[str, ...] = (), holds: bool = False) -> Counter[str]:
        """``but``: who is away meanwhile."""
        before = Counter(self.given)
        for number in range(times):
            there = [replace(p, paused=p.id in but) for p in self.partners.values()]
            decision = decide(
                Situation(
                    replace(ENQUIRY, seed=f"lead-{number}"),
                    Network.compile("n", there, {}),
                    self.policy,
                    NOON,
                    self.loads,
                )
            )
            assert decision.chosen
            load = self.loads[decision.chosen]
            turn = decision.pass_value_after_offer(decision.chosen)
            self.loads[decision.chosen] = replace(
                load,
                last_offered=decision.offered_at,
                pass_value=load.pass_value if turn is None else turn,
                open_count=load.open_count + holds,
                figures=replace(load.figures, offers=load.figures.offers + 1)
                if holds
                else load.figures,
            )
            self.given[decision.chosen] += 1
        return self.given - before


# Rules


def test_a_required_thing_excludes_who_lacks_it_and_says_what_kind_of_thing():
    partners = [
        a_partner("none"),
        a_partner("tag", tags=frozenset({"big"})),
        a_partner("both", tags=frozenset({"big"}), specialisations=frozenset({"flats"})),
    ]
    policy = under("require tag big when area at least 500", "require specialisation answer house")
    big = replace(ENQUIRY, answers={"area": "600", "house": "flats"})
    decision = decided(*partners, policy=policy, enquiry=big)
    assert order(decision) == ["both"]
    assert decision.excluded == {"specialisation": ("none", "tag")}
    assert order(decided(*partners, policy=policy)) == [
        "both",
        "none",
        "tag",
    ]  # asked nothing, required nothing


@pytest.mark.parametrize(
    ("what", "having"),
    [
        ("product boiler", {"products": frozenset({"heat-pump", "boiler"})}),
        ("specialisation s", {"specialisations": frozenset({"s"})}),
        ("language fr or it", {"languages": frozenset({"de", "it"})}),
        ("tag t", {"tags": frozenset({"t"})}),
        ("certificate c", {"certificates": {"c": date(2026, 11, 25)}}),
        ("type premium", {"type": "premium"}),
    ],
)
def test_everything_a_partner_has_can_be_required_preferred_and_forbidden(what, having):
    without = {"products": frozenset({"heat-pump"})}
    partners = a_partner("a-without", **without), a_partner("b-has", **(without | having))
    required, preferred, forbidden = (
        decided(*partners, policy=under(f"{verb} {what}"))
        for verb in ("require", "prefer", "forbid")
    )
    assert (order(required), required.excluded) == (["b-has"], {what.split()[0]: ("a-without",)})
    assert (order(preferred), preferred.excluded) == (["b-has", "a-without"], {})
    assert (order(forbidden), forbidden.excluded) == (["a-without"], {"forbidden": ("b-has",)})


@pytest.mark.parametrize(
    ("condition", "answer", "other"),
    [
        ("house is flats", "flats", "villa"),
        ("house is not flats", "villa", "flats"),
        ("house in flats, offices", "offices", "villa"),
        ("house at least 100", "100", "99"),
        ("house at most 100", "100", "101"),
        ("house between 100 and 500", "500", "501"),
        ("house has two pumps", "There are two pumps, old ones", "two old pumps"),
    ],
)
@pytest.mark.parametrize(
    ("verb", "where_it_holds"),
    [("require", ["b-has"]), ("prefer", ["b-has", "a-without"]), ("forbid", ["a-without"])],
)
def test_any_answer_of_the_form_decides_whether_a_rule_counts(
    condition, answer, other, verb, where_it_holds
):
    partners = a_partner("a-without"), a_partner("b-has", tags=frozenset({"big"}))
    policy = under(f"{verb} tag big when {condition}")

    def asked(**answers):
        return order(decided(*partners, policy=policy, enquiry=replace(ENQUIRY, answers=answers)))

    assert asked(house=answer) == where_it_holds
    assert asked(house=other) == asked() == ["a-without", "b-has"]


@pytest.mark.parametrize("verb", ["prefer", "forbid"])
def test_a_certificate_that_has_ended_is_neither_preferred_nor_forbidden(verb):
    partners = [
        a_partner("a", certificates={"c": date(2026, 11, 24)}),
        a_partner("b", certificates={"c": date(2026, 11, 25)}),
    ]
    decision = decided(*partners, policy=under(f"{verb} certificate c"))
    assert order(decision) == {"prefer": ["b", "a"], "forbid": ["a"]}[verb]


def test_who_meets_more_wishes_comes_first_and_nobody_is_excluded_for_meeting_none():
    partners = [
        a_partner("a"),
        a_partner("b", tags=frozenset({"x"})),
        a_partner("c", tags=frozenset({"x", "y"}), tier=3),
    ]
    decision = decided(*partners, policy=under("prefer tag x", "prefer tag y"))
    assert order(decision) == ["c", "b", "a"]
    assert [dict(candidate.keys)["preferred"] for candidate in decision.ranked] == [
        "2/2",
        "1/2",
        "0/2",
    ]


def test_what_is_forbidden_excludes():
    decision = decided(
        a_partner("a"), a_partner("b", tags=frozenset({"x"})), policy=under("forbid tag x")
    )
    assert decision.excluded == {"forbidden": ("b",)}


# What a partner takes


def taking(partner_id: str, *conditions: str, **changes: Any) -> Partner:
    return a_partner(partner_id, lead_filters=tuple(map(Condition.parse, conditions)), **changes)


def test_a_partner_is_not_asked_for_what_it_does_not_take():
    partners = [taking("big", "area at least 500"), taking("calm", "urgency is not emergency")]
    small_emergency = replace(ENQUIRY, urgency="emergency", answers={"area": "120"})
    assert decided(*partners, enquiry=small_emergency).excluded == {"not_taken": ("big", "calm")}
    assert order(decided(*partners, enquiry=replace(small_emergency, urgency="soon"))) == ["calm"]


def test_what_the_enquiry_does_not_say_keeps_nobody_away():
    assert order(decided(taking("big", "area at least 500"))) == ["big"]


def test_no_weekend_calls_counts_the_partners_own_weekend():
    weekdays = taking("p1", "weekday in mon, tue, wed, thu, fri", time_zone="America/Denver")
    friday_evening_in_denver = datetime.fromisoformat("2026-11-28T06:00+00:00")
    assert order(decided(weekdays, now=friday_evening_in_denver)) == ["p1"]
    assert decided(weekdays, now=friday_evening_in_denver + timedelta(hours=2)).excluded == {
        "not_taken": ("p1",)
    }


# The best enquiries


def test_the_best_enquiries_go_to_the_best_tier_before_the_nearer_partner():
    near = a_partner("near", territories=(Territory.parse("DE 80331"),), tier=2)
    gold = a_partner("gold", territories=(Territory.parse("DE"),), tier=1)
    policy = replace(POLICY, top_tier_from=75)
    assert order(decided(near, gold, policy=policy, enquiry=replace(ENQUIRY, score=74))) == [
        "near",
        "gold",
    ]
    assert order(decided(near, gold, policy=policy, enquiry=replace(ENQUIRY, score=75))) == [
        "gold",
        "near",
    ]
    known = replace(ENQUIRY, score=75, preferred="near")
    assert order(decided(near, gold, policy=policy, enquiry=known)) == ["near", "gold"]


# Shares


def weighted(**weights: int) -> list[Partner]:
    return [a_partner(name, weight=weight) for name, weight in weights.items()]


BY_WEIGHT = replace(POLICY, order=("weight",))


def test_weights_of_5_3_and_2_are_500_300_and_200_of_1000_offers_and_right_all_the_way():
    game = Game(*weighted(a=5, b=3, c=2), policy=BY_WEIGHT)
    for offers in range(100, 1001, 100):
        game.offer(100)
        for name, share in (("a", 0.5), ("b", 0.3), ("c", 0.2)):
            assert abs(game.given[name] - share * offers) <= 1


@settings(max_examples=examples(20), deadline=None)
@given(weights=st.lists(st.integers(1, 9), min_size=2, max_size=4))
def test_any_weights_are_kept_within_one_offer_over_each_full_round(weights):
    game = Game(
        *weighted(**{f"p{n}": weight for n, weight in enumerate(weights)}), policy=BY_WEIGHT
    )
    game.offer(3 * sum(weights))
    for number, weight in enumerate(weights):
        assert abs(game.given[f"p{number}"] - 3 * weight) <= 1


def test_a_weight_of_0_is_never_any_offer():
    decision = decided(*weighted(a=0, b=1))
    assert (order(decision), decision.excluded) == (["b"], {"no_share": ("a",)})


def test_three_hundred_at_one_instant_spread_like_three_hundred_one_by_one():
    at_once = Game(*weighted(a=5, b=3, c=2), policy=BY_WEIGHT).offer(300)
    assert at_once == Counter(a=150, b=90, c=60)
    in_turn = Game(*weighted(a=1, b=1, c=1), policy=replace(POLICY, order=("last_offered",)))
    assert in_turn.offer(300) == Counter(a=100, b=100, c=100)


@pytest.mark.parametrize(
    ("back", "within_the_next_ten"), [("in_line", 5), ("keep", 6), ("accrue", 10)]
)
def test_back_from_an_absence_nothing_is_made_up_unless_the_programme_says_so(
    back, within_the_next_ten
):
    game = Game(*weighted(a=1, b=1), policy=replace(BY_WEIGHT, back=back))
    game.offer(10)
    game.offer(50, but=("a",))
    assert game.offer(10)["a"] == within_the_next_ten


def test_a_newcomer_stands_in_line_and_is_not_flooded():
    game = Game(*weighted(a=1, b=1), policy=replace(BY_WEIGHT, back="accrue"))
    game.offer(100, but=("b",))
    assert game.offer(10)["b"] == 5


def test_an_empty_desk_after_a_holiday_is_not_filled_at_once():
    away = Absence(date(2026, 11, 9), date(2026, 11, 22))
    partners = [a_partner("back", absences=(away,)), a_partner("there"), a_partner("too")]
    held = {
        name: Load(name, active=True, open_count=places)
        for name, places in (("there", 4), ("too", 4))
    }
    made = dict.fromkeys(held, NOON - timedelta(hours=1))
    loads = {name: replace(load, last_offered=made[name]) for name, load in held.items()}
    loads["back"] = Load("back", active=True, last_offered=NOON - timedelta(minutes=1))
    assert order(decided(*partners, loads=loads)) == ["there", "too", "back"]
    assert (
        order(decided(*partners, loads=loads, policy=replace(POLICY, back="accrue")))[0] == "back"
    )
    assert order(decided(*partners, loads=loads, now=NOON + timedelta(days=28)))[0] == "back"


class Days:
    """Ten leads a day for five partners with sixty places each, each lead worked on for some
    days.
    """

    def __init__(self, policy: Policy, one: Partner, worked_on: int):
        self.partners = [
            one,
            *(replace(one, id=f"p{n}", paused=False, absences=()) for n in range(1, 5)),
        ]
        self.network = Network.compile("n", self.partners, {})
        self.policy, self.worked_on = policy, worked_on
        self.loads = {partner.id: Load(partner.id, True, partner.caps) for partner in self.partners}
        self.ends: list[tuple[int, str]] = []

    def play(self, first: int, days: int) -> list[int]:
        """How many the first one gets on each."""
        found = []
        for day in range(first, first + days):
            for _, done in (end for end in self.ends if end[0] == day):
                self.loads[done] = replace(
                    self.loads[done], open_count=self.loads[done].open_count - 1
                )
            found.append(
                sum(self._offered(day, number) == self.partners[0].id for number in range(10))
            )
        return found

    def _offered(self, day: int, number: int) -> str:
        now = NOON + timedelta(days=day, minutes=number)
        chosen = decide(
            Situation(
                replace(ENQUIRY, seed=f"{day}-{number}"), self.network, self.policy, now, self.loads
            )
        ).chosen
        assert chosen
        load, keys = self.loads[chosen], period_keys(now.date())
        made = {key: load.made.get(key, 0) + 1 for key in keys}
        self.loads[chosen] = replace(
            load, open_count=load.open_count + 1, last_offered=now, made=made
        )
        self.ends.append((day + self.worked_on, chosen))
        return chosen


@pytest.mark.parametrize("worked_on", [5, 15])
@pytest.mark.parametrize(("away", "most"), [("absent", 3), ("paused", 6)])
def test_whoever_comes_back_or_is_new_is_not_flooded_on_any_day(away, most, worked_on):
    """The whole day's leads went to an empty desk: the first day after a pause, a week later after
    a holiday.
    """
    one = a_partner("one", caps=Caps(open=60))
    gone = replace(one, paused=True) if away == "paused" else one
    gone = (
        replace(gone, absences=(Absence(NOON.date(), NOON.date() + timedelta(days=29)),))
        if away == "absent"
        else gone
    )
    game = Days(POLICY, gone, worked_on)
    assert sum(game.play(0, 30)) == 0
    game.network = Network.compile("n", [replace(gone, paused=False), *game.partners[1:]], {})
    given = game.play(30, 60)
    assert max(given) <= most, "of ten a day, two of them a fair share"
    assert 105 <= sum(given) <= 135
    greedy = Days(replace(POLICY, back="accrue"), gone, worked_on)
    greedy.play(0, 30)
    greedy.network = game.network
    assert greedy.play(30, 1) == [10]


# Performance


def test_of_two_partners_the_one_who_answers_and_wins_more_comes_first():
    loads = {
        "good": Load("good", active=True, figures=Figures(40, 2, 2, 30, 6_000, 15, 10, 150_000)),
        "poor": Load("poor", active=True, figures=Figures(40, 15, 15, 20, 16_000, 1, 9, 10_000)),
    }
    decision = decided(
        a_partner("poor"),
        a_partner("good"),
        loads=loads,
        policy=replace(POLICY, order=("performance",)),
    )
    assert order(decision) == ["good", "poor"]
    keys = [float(dict(candidate.keys)["performance"]) for candidate in decision.ranked]
    assert keys[0] > 1 > keys[1]


def done(**figures: int) -> Load:
    return Load("p", figures=Figures(**figures))


def test_few_offers_tell_little_and_newcomers_count_as_average_at_least():
    rules = Performance(of=["acceptance"])
    assert performance_of(done(), rules) == 1.0
    assert performance_of(done(offers=4, declined=4), rules) == 1.0
    bad_luck, bad_habit = (performance_of(done(offers=n, declined=n), rules) for n in (5, 50))
    assert 1 > bad_luck > bad_habit
    lucky, proven = (performance_of(done(offers=n), rules) for n in (2, 50))
    assert 1 < lucky < proven


@pytest.mark.parametrize(
    ("measure", "better", "worse"),
    [
        ("acceptance", Figures(offers=20, declined=2), Figures(offers=20, lapsed=12)),
        (
            "speed",
            Figures(offers=20, answers=10, used=1_000),
            Figures(offers=20, answers=10, used=9_000),
        ),
        ("conversion", Figures(offers=20, won=8, lost=2), Figures(offers=20, won=1, lost=9)),
        ("value", Figures(offers=20, won=5, value=100_000), Figures(offers=20, won=5, value=5_000)),
        ("returns", Figures(offers=20), Figures(offers=20, returned=10)),
    ],
)
def test_each_measure_tells_better_from_worse(measure, better, worse):
    rules = Performance(of=[measure])
    assert (
        performance_of(Load("p", figures=better), rules)
        > 1
        > performance_of(Load("p", figures=worse), rules)
    )


def test_what_is_still_open_tells_nothing_of_a_partner():
    """Ten offers that nobody had answered yet looked better than nine of ten accepted."""
    rules = Performance()
    waiting = Load("p", open_count=10, figures=Figures(offers=10))
    assert performance_of(waiting, rules) == 1.0
    accepted = Load(
        "p",
        figures=Figures(offers=10, declined=1, answers=10, used=5_000, won=3, lost=6, value=36_000),
    )
    assert performance_of(accepted, rules) > 1.0


@pytest.mark.parametrize("first", ["performance", "exploration", "load", "last_offered", "weight"])
@pytest.mark.slow
def test_a_batch_nobody_has_answered_yet_spreads_by_every_live_criterion(first):
    partners = [a_partner(f"p{number}") for number in range(5)]
    game = Game(*partners, policy=replace(POLICY, order=(first, "load", "last_offered")))
    given = game.offer(300, holds=True)
    assert max(given.values()) <= 100, "an even share is 60"
    assert min(given.values()) >= 30


def test_exploration_draws_by_the_lead_and_so_replays_and_gives_everybody_a_chance():
    policy = replace(POLICY, order=("exploration",))
    partners = [a_partner("good"), a_partner("unknown")]
    loads = {"good": Load("good", active=True, figures=Figures(offers=20, declined=6))}
    chosen: Counter[str | None] = Counter()
    for number in range(200):
        enquiry = replace(ENQUIRY, seed=f"lead-{number}")
        decision = decided(*partners, loads=loads, policy=policy, enquiry=enquiry)
        assert decision == decided(*partners, loads=loads, policy=policy, enquiry=enquiry)
        chosen[decision.chosen] += 1
    assert chosen["good"] > chosen["unknown"] > 20


# Capacity


def test_places_may_be_limited_for_each_product():
    load = Load(
        "p1",
        active=True,
        caps=Caps(open=10, products={"heat-pump": 2}),
        open_count=3,
        products={"heat-pump": 2},
    )
    assert decided(a_partner("p1"), loads={"p1": load}).excluded == {"product_full": ("p1",)}
    assert (
        decided(
            a_partner("p1"), loads={"p1": load}, enquiry=replace(ENQUIRY, product="boiler")
        ).chosen
        == "p1"
    )


def test_the_offers_of_a_day_a_week_and_a_month_may_be_limited_for_each_product():
    caps = Caps(product_offers={"heat-pump": {"day": 2, "month": 20}})
    for counter, most in (("d2026-11-25", 2), ("m2026-11", 20)):
        for made, chosen in ((most - 1, "p1"), (most, None)):
            load = Load(
                "p1", active=True, caps=caps, made={f"{counter}:heat-pump": made, counter: 99}
            )
            assert decided(a_partner("p1"), loads={"p1": load}).chosen == chosen
    boiler = decided(
        a_partner("p1"), loads={"p1": load}, enquiry=replace(ENQUIRY, product="boiler")
    )
    assert boiler.chosen == "p1"
    assert decided(a_partner("p1"), loads={"p1": load}).excluded == {"product_cap": ("p1",)}


def test_the_offers_of_a_month_may_be_spread_over_it():
    caps = Caps(month=25, paced=True)
    assert (caps.in_a_day, caps.in_a_week) == (3, 8)
    assert (replace(caps, day=2).in_a_day, replace(caps, paced=False).in_a_week) == (2, None)
    made = {"d2026-11-25": 3, "w2026-48": 3, "m2026-11": 3}
    full_day = Load("p1", active=True, caps=caps, made=made)
    assert decided(a_partner("p1"), loads={"p1": full_day}).excluded == {"day_cap": ("p1",)}
    full_week = replace(full_day, made={"w2026-48": 8})
    assert decided(a_partner("p1"), loads={"p1": full_week}).excluded == {"week_cap": ("p1",)}


# Hours

DAY_AND_NIGHT = ResponseHours.parse(
    {day: ["00:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
)
ONE_HOUR = {"window": {"minutes": 60}, "total": {"working_days": 2}}


def test_closed_offices_are_skipped_where_the_programme_says_so_and_somebody_else_is_open():
    policy = Policy.of(
        a_programme(offers=[rule | {"closed": "skip"} for rule in programme_document()["offers"]]),
        version=1,
    )
    office, always = a_partner("office", tier=1), a_partner("always", response_hours=DAY_AND_NIGHT)
    at_night = NOON + timedelta(hours=12)
    assert order(decided(office, always, policy=policy)) == ["office", "always"]
    skipped = decided(office, always, policy=policy, now=at_night)
    assert (order(skipped), skipped.excluded) == (["always"], {"closed": ("office",)})
    assert order(decided(office, policy=policy, now=at_night)) == ["office"]
    assert order(decided(office, always, now=at_night)) == ["office", "always"]


def test_closed_offices_are_skipped_where_the_rule_of_their_own_type_says_so():
    skip = {"when": {"partner_type": "installer"}, "closed": "skip", **ONE_HOUR}
    policy = Policy.of(
        a_programme(offers=[ONE_HOUR, skip], partner_types=["installer", "planner"]), version=1
    )
    installer, planner = a_partner("i", tier=1), a_partner("p", type="planner", tier=2)
    always = a_partner("o", type="planner", tier=3, response_hours=DAY_AND_NIGHT)
    at_night = NOON + timedelta(hours=12)
    skipped = decided(installer, planner, always, policy=policy, now=at_night)
    assert (order(skipped), skipped.excluded) == (["p", "o"], {"closed": ("i",)})
    assert order(decided(installer, planner, policy=policy, now=at_night)) == ["i", "p"]


def test_where_all_of_a_crowd_are_closed_it_is_looked_on_until_somebody_is_open():
    policy = Policy.of(a_programme(offers=[ONE_HOUR | {"closed": "skip"}]), version=1)
    crowd = [a_partner(f"p{number:03}", tier=1) for number in range(200)]
    network = Network.compile(
        "n1", [*crowd, a_partner("open", tier=2, response_hours=DAY_AND_NIGHT)], {}
    )

    def read(partners: Sequence[str]) -> dict[str, Load]:
        return {partner: Load(partner, active=True) for partner in partners}

    def chosen(now: datetime) -> tuple[str | None, int]:
        first = read(shortlist(Situation(ENQUIRY, network, policy, now)))
        decision, _ = decide_and_widen(Situation(ENQUIRY, network, policy, now, first), read)
        return decision.chosen, len(decision.considered)

    at_night = NOON + timedelta(hours=12)
    assert chosen(at_night) == ("open", 201)
    assert chosen(NOON)[1] == SHORTLIST

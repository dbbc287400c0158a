"""Every figure of HQ's report against an independent recount from the event rows of a made-up
history, and what must hold of any.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from math import isclose
from statistics import median, quantiles

import pytest

from infra.local.history import MadeUpYear, SampleNetwork, in_real_time, past_months, snapshots
from infra.local.made_up_leads import PastLead
from routing_core.domain.campaign_cost import CampaignCost
from routing_core.domain.checks.programme_checks import read_programme
from routing_core.domain.partner import Partner
from routing_core.formats.yaml_text import read_yaml
from routing_core.reporting.benchmarks import Peers
from routing_core.reporting.figures import EarlierReports, Remembered, hq_report, remembered
from routing_core.reporting.gathered import report_lead
from routing_core.reporting.hq_report import HqReport
from routing_core.reporting.joined_snapshots import joined_snapshots
from routing_core.reporting.partner_counts import PartnerFigures
from routing_core.reporting.partner_report import Compared
from routing_core.reporting.partner_reports import partner_reports
from routing_core.reporting.period import Period
from routing_core.reporting.report_lead import LeadStage
from routing_core.reporting.scope import ReportScope
from routing_core.reporting.share import NO_CASES, NO_TYPICAL, Typical
from routing_core.reporting.snapshot import Snapshot
from tests.support.report_recount import AskedOnce, Diary, ReportRecount, quantile
from tests.unit.test_samples import DOMAIN, sample

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOURS = 3600
POSTCODES = ("80331", "90402", "97070", "70173", "20095", "25980", "25813", "50667", "01067")


@cache
def year(leads: int) -> tuple[MadeUpYear, list[PastLead]]:
    programme, partners = sample("dach-heating")
    path = DOMAIN / "programmes" / "consumer-trade.yaml"
    usual = read_programme(read_yaml(path.read_text("utf-8")))
    weighted = [_weighted(partner, place % 4) for place, partner in enumerate(partners.values())]
    network = SampleNetwork(in_real_time(programme, usual), weighted, {"DE": POSTCODES})
    made_up = MadeUpYear(network, NOW)
    return made_up, list(made_up.leads(leads))


def _weighted(partner: Partner, weight: int) -> Partner:
    return replace(partner, weight=weight)


@cache
def months(leads: int) -> list[Snapshot]:
    """Give the snapshots as reports read them: of stored bytes, in columns as narrow as can be."""
    made_up, past = year(leads)
    zone = made_up.network.programme.time_zone
    made = snapshots(made_up, past, past_months(NOW, zone))
    return [Snapshot.from_bytes(each.to_bytes()) for each in made]


@cache
def reports(leads: int) -> list[HqReport]:
    """Each month by what was remembered of those before."""
    found: list[HqReport] = []
    known: list[Remembered] = []
    all_months = months(leads)
    for place, snapshot in enumerate(all_months):
        earlier = EarlierReports(known[:], all_months[max(place - 3, 0) : place])
        found.append(hq_report(snapshot, earlier=earlier))
        known.append(remembered(found[-1], snapshot))
    return found


@cache
def recounted(leads: int, month: int) -> ReportRecount:
    made_up, past = year(leads)
    snapshot = months(leads)[month]
    rules = made_up.rules()
    recount = ReportRecount(
        snapshot.period.start,
        snapshot.period.end,
        rules.neutral_returns,
        rules.calendar_of,
        rules.weight_of,
    )
    ids = set(snapshot.ids)
    for each in past:
        rows = [row for row in each.records if row.at < snapshot.created]
        if each.lead.id in ids:
            recount.add(each.lead, rows, each.context)
    return recount


SIZES = [400, pytest.param(10_000, marks=pytest.mark.slow)]
MONTHS_CHECKED = [3, 11]
everywhere = pytest.mark.parametrize("month", MONTHS_CHECKED)
sizes = pytest.mark.parametrize("leads", SIZES)


@sizes
@everywhere
def test_the_line_is_what_the_event_rows_say_and_adds_up(leads: int, month: int) -> None:
    line = reports(leads)[month].reconciliation
    counted = recounted(leads, month).line()
    named = {
        name: getattr(line, "closed_unplaced" if name == "unplaced" else name) for name in counted
    }
    assert named == counted
    assert line.coming == line.going
    assert line.received == len(recounted(leads, month).cohort())
    assert line.repeats
    assert line.open_at_start


def hours(typical: Typical, times: list[tuple[int, bool]]) -> None:
    assert typical.cases == len(times)
    assert typical.censored == sum(not event for _, event in times)
    if len(times) < 5:
        assert (typical.median, typical.p90) == (None, None)
        return
    for told, left in ((typical.median, Fraction(1, 2)), (typical.p90, Fraction(1, 10))):
        counted = quantile(times, left)
        if counted is None:
            assert told is None
        else:
            # Snapshots hold whole seconds.
            assert told is not None
            assert abs(told - counted / HOURS) <= 1.01 / HOURS


@sizes
@everywhere
def test_partners_figures_are_what_the_event_rows_say(leads: int, month: int) -> None:
    recount = recounted(leads, month)
    of_partner: dict[str, list[AskedOnce]] = {}
    for offer in recount.offers:
        of_partner.setdefault(offer.partner, []).append(offer)
    entitled = recount.entitled()
    told = {each.partner: each for each in reports(leads)[month].partners}
    assert len(told) > 3
    for partner, figures in told.items():
        one_partner_is_a_recount(recount, figures, of_partner[partner])
        assert isclose(
            figures.entitled, float(entitled[partner]), abs_tol=0.001 * len(recount.offers)
        )
    for partner, offers in of_partner.items():
        if partner not in told:
            assert not any(recount.inside(each.decided) for each in offers)
            assert not any(recount.inside(each.made) for each in offers)


def one_partner_is_a_recount(
    recount: ReportRecount, figures: PartnerFigures, offers: list[AskedOnce]
) -> None:
    made = [each for each in offers if recount.inside(each.made)]
    decided = [each for each in offers if recount.inside(each.decided)]
    ends = Counter(each.end for each in decided)
    counts = figures.offers
    assert counts.made == len(made)
    assert figures.routed == sum(each.kind == "routed" for each in made)
    assert counts.accepted == ends["accepted"]
    assert counts.declined == ends["declined"]
    assert counts.released == ends["released"]
    assert counts.taken == ends["taken"]
    assert counts.withdrawn == ends["withdrawn"]
    assert counts.mistaken == ends["mistaken"]
    assert counts.existing_customer == ends["existing"]
    assert counts.lapsed == ends["lapsed"]
    assert counts.lapsed_seen == sum(each.end == "lapsed" and each.seen for each in decided)
    assert counts.pending == sum(
        each.made < recount.end and (each.decided is None or each.decided >= recount.end)
        for each in offers
    )
    hours(figures.response_hours, recount.waited(offers))
    hours(figures.contact_hours, recount.calls(offers))
    assert (figures.sla.count, figures.sla.of) == recount.sla(offers)
    assert figures.contacted == sum(recount.inside(recount.spoken_by(each)) for each in offers)
    assert figures.quoted == sum(
        recount.inside(recount.theirs(each, "lead.quoted", "lead.won")) for each in offers
    )
    given_back = [each for each in offers if each.left in ("returned", "retracted")]
    assert figures.returned == sum(recount.inside(each.left_at) for each in given_back)
    accepted = [each for each in decided if each.accepted is not None]
    let_go = [each for each in accepted if each.left_at and each.left_at < recount.end]
    upheld = [each for each in let_go if each.left in ("returned", "retracted")]
    assert (figures.return_rate.count, figures.return_rate.of) == (len(upheld), len(accepted))
    free = [each for each in let_go if each.left == "passed" or each.left_why in recount.neutral]
    won_of_these = [
        each for each in accepted if each not in let_go and each.lead.state(recount.end)[0] == "won"
    ]
    assert figures.conversion.count == len(won_of_these)
    assert figures.conversion.of == len(accepted) - len(free)
    won = [each for each in recount.ended("won") if each.state(recount.end)[1] == figures.partner]
    lost = [each for each in recount.ended("lost") if each.state(recount.end)[1] == figures.partner]
    assert (figures.won, figures.lost) == (len(won), len(lost))
    assert figures.value == recount.value(won)
    owned = [
        diary
        for diary in recount.diaries
        if diary.state(recount.end)[1] == figures.partner
        and diary.state(recount.end)[0] in ("accepted", "contacted", "quoted")
    ]
    assert figures.open == len(owned)
    late = [
        each
        for each in offers
        if each.accepted
        and each.accepted < recount.end
        and not (each.left_at and each.left_at < recount.end)
        and each.lead.state(recount.end) == ("accepted", figures.partner)
        and each.contact_by
        and each.contact_by < recount.end
    ]
    assert figures.overdue == len(late)


@sizes
@everywhere
def test_activity_and_cohort_are_what_the_event_rows_say(leads: int, month: int) -> None:
    report, recount = reports(leads)[month], recounted(leads, month)
    activity = report.activity
    assert activity.contacted == sum(recount.inside(recount.spoken(d)) for d in recount.diaries)
    assert activity.quoted == sum(recount.inside(recount.quoted(d)) for d in recount.diaries)
    assert activity.won == len(recount.ended("won"))
    assert activity.value == recount.value(recount.ended("won"))
    offers = activity.offers
    assert offers.made == sum(recount.inside(each.made) for each in recount.offers)
    assert offers.accepted == sum(each.offers.accepted for each in report.partners)
    came = recount.cohort()
    own = report.cohorts[0]
    assert (own.days, own.received) == (0, len(came))
    assert own.offered == sum(d.first(recount.end, "offer.made") is not None for d in came)
    assert own.accepted == sum(recount.placed(d) is not None for d in came)
    assert own.contacted == sum(recount.spoken(d) is not None for d in came)
    assert own.quoted == sum(recount.quoted(d) is not None for d in came)
    stages = Counter(d.state(recount.end)[0] for d in came)
    for name in ("won", "lost", "unplaced", "rejected", "withdrawn"):
        assert getattr(own, name) == stages[name]
    assert own.open == sum(stages[name] for name in ("nurture", "waiting", "offered")) + sum(
        stages[name] for name in ("accepted", "contacted", "quoted")
    )
    assert own.value == recount.value(d for d in came if d.state(recount.end)[0] == "won")
    assert [step.leads for step in report.funnel] == [
        own.received,
        own.offered,
        own.accepted,
        own.contacted,
        own.quoted,
        own.won,
    ]


@sizes
def test_a_cohort_reprinted_later_is_what_its_leads_became(leads: int) -> None:
    """Counted from all event rows ever written, not from the snapshots that a report has."""
    _, past = year(leads)
    report = reports(leads)[11]
    assert [each.days for each in report.cohorts] == [0, 30, 60, 90]
    for reprinted in report.cohorts[1:]:
        until = min(reprinted.period.end + timedelta(days=reprinted.days), report.period.end)
        recount = ReportRecount(
            reprinted.period.start, until, frozenset(), lambda _: None, lambda _: 1
        )
        for each in past:
            recount.add(each.lead, [row for row in each.records if row.at < report.created], None)
        came = [d for d in recount.cohort() if d.entered(until) < reprinted.period.end]  # type: ignore[operator]
        assert reprinted.received == len(came)
        assert reprinted.won == sum(d.state(until)[0] == "won" for d in came)
        assert reprinted.accepted == sum(recount.placed(d) is not None for d in came)
        assert reprinted.open == sum(
            d.state(until)[0]
            in ("nurture", "waiting", "offered", "accepted", "contacted", "quoted")
            for d in came
        )
        assert reprinted.value == recount.value(d for d in came if d.state(until)[0] == "won")


@sizes
@everywhere
def test_speed_shares_and_promises_are_what_the_event_rows_say(leads: int, month: int) -> None:
    report, recount = reports(leads)[month], recounted(leads, month)
    end = recount.end
    waits = [
        d for d in recount.cohort() if d.state(end)[0] not in ("nurture", "rejected", "repeat")
    ]
    for limit, share in report.speed.within.items():
        length = timedelta(hours=limit)
        old = [d for d in waits if end - d.lead.received_at > length]
        in_time = [
            d
            for d in old
            if (spoken := recount.spoken(d)) and spoken - d.lead.received_at <= length
        ]
        assert (share.count, share.of) == (len(in_time), len(old))
    times = []
    for diary in waits:
        spoken, ended = recount.spoken(diary), diary.ended(end)
        until = spoken or (ended[0] if ended else end)
        times.append((int((until - diary.lead.received_at).total_seconds()), spoken is not None))
    hours(report.speed.hours, times)
    spoken_in = [d for d in recount.diaries if recount.inside(recount.spoken(d))]
    disputed = sum(any(True for _ in d.kinds("lead.not_called")) for d in spoken_in)
    assert (report.speed.disputed.count, report.speed.disputed.of) == (disputed, len(spoken_in))
    first = [d for d in recount.diaries if recount.inside(recount.placed(d))]
    by_itself = sum(
        not any(
            at <= recount.placed(d)  # type: ignore[operator]
            for at, *_ in d.kinds("lead.assigned", "claim.granted", "lead.rerouted")
        )
        for d in first
    )
    assert (report.automatic.count, report.automatic.of) == (by_itself, len(first))
    assert (report.sla.count, report.sla.of) == recount.sla(recount.offers)
    kept, of = promises(recount)
    assert (report.promises.count, report.promises.of) == (kept, of)


def promises(recount: ReportRecount) -> tuple[int, int]:
    kept = of = 0
    for diary in recount.diaries:
        made = [(diary.lead.received_at, diary.lead.first_promise)]
        made += [
            (at, datetime.fromisoformat(data["until"]))
            for at, _, data, _ in diary.kinds("promise.renewed")
            if data.get("until")
        ]
        made = [each for each in made if each[1] is not None]
        for place, (since, until) in enumerate(made):
            assert until is not None
            if not recount.inside(until):
                continue
            put_off = made[place + 1][0] if place + 1 < len(made) else None
            last = min(put_off, until) if put_off else until
            outcome = "missed"
            for at, _, after, owner in diary.changes(last + timedelta(microseconds=1)):
                if at >= since and owner:
                    outcome = "kept"
                    break
                if at >= since and after not in (
                    "nurture",
                    "waiting",
                    "offered",
                    "held",
                ):
                    outcome = "void"
                    break
            kept += outcome == "kept"
            of += outcome != "void"
    return kept, of


@sizes
@everywhere
def test_reasons_gaps_and_campaigns_are_what_the_event_rows_say(leads: int, month: int) -> None:
    report, recount = reports(leads)[month], recounted(leads, month)
    declined = Counter(
        each.reason
        for each in recount.offers
        if each.end == "declined" and recount.inside(each.decided)
    )
    assert {each.reason: each.count for each in report.decline_reasons} == declined
    returned = Counter(
        each.left_why
        for each in recount.offers
        if each.left == "returned" and recount.inside(each.left_at)
    )
    assert {each.reason: each.count for each in report.return_reasons} == returned
    lost: Counter[str] = Counter()
    for diary in recount.ended("lost"):
        *_, (_, _, data, _) = diary.kinds("lead.lost", "lead.returned")
        lost[data["reason"]] += 1
    assert {each.reason: each.count for each in report.lost_reasons} == lost
    demand: Counter[tuple[str, str]] = Counter()
    nobody: Counter[tuple[str, str]] = Counter()
    refused: Counter[tuple[str, str]] = Counter()
    for diary in recount.cohort():
        lead = diary.lead
        cell = (lead.region or lead.postcode[:2], lead.product)
        demand[cell] += 1
        exhausted = [data for at, _, data, _ in diary.kinds("lead.exhausted")]
        if exhausted:
            (refused if exhausted[0]["tried"] else nobody)[cell] += 1
    assert {(g.area, g.product): g.demand for g in report.gaps} == demand
    assert sum(g.nobody for g in report.gaps) == nobody.total()
    assert {(g.area, g.product): g.refused for g in report.gaps if g.refused} == refused
    assert report.gaps[0].area == "25"
    came = Counter(campaign_of(diary) for diary in recount.cohort())
    assert {(c.source, c.campaign): c.leads for c in report.campaigns} == came
    for each in report.campaigns:
        theirs = [d for d in recount.cohort() if campaign_of(d) == (each.source, each.campaign)]
        assert each.accepted == sum(recount.placed(d) is not None for d in theirs)
        won = [d for d in theirs if d.state(recount.end)[0] == "won"]
        assert (each.won, each.value) == (len(won), recount.value(won))


def campaign_of(diary: Diary) -> tuple[str, str]:
    assert diary.context
    return diary.context.source, diary.context.utm.get("campaign", "")


@sizes
@everywhere
def test_stages_and_their_ages_are_what_the_event_rows_say(leads: int, month: int) -> None:
    report, recount = reports(leads)[month], recounted(leads, month)
    for each in report.ages:
        ages = []
        for diary in recount.diaries:
            if diary.state(recount.end)[0] == each.stage.name.lower():
                *_, (at, _, _, _) = diary.changes(recount.end)
                ages.append((recount.end - at).total_seconds() / 86400)
        assert each.open == len(ages)
        if len(ages) >= 5:
            assert isclose(each.median_days or 0, median(ages), abs_tol=0.001)


@sizes
@everywhere
def test_velocity_is_the_life_table_of_the_period(leads: int, month: int) -> None:
    """Days from acceptance to a quote of all who stood there in the month, an hour at a time."""
    report, recount = reports(leads)[month], recounted(leads, month)
    spells = list(spoken_to_quoted(recount))
    told = report.velocity.days["quoted"]
    assert told.cases == len(spells)
    survival = Fraction(1)
    counted: dict[str, int | None] = {"half": None, "tenth": None}
    for hour in range(max(length for _, length, _ in spells) + 1):
        at_risk = sum(came <= hour <= length for came, length, _ in spells)
        done = sum(length == hour and event for _, length, event in spells)
        if done:
            survival *= Fraction(at_risk - done, at_risk)
        for name, left in (("half", Fraction(1, 2)), ("tenth", Fraction(1, 10))):
            if counted[name] is None and survival <= left:
                counted[name] = hour
    expected = [None if each is None else each / 24 for each in counted.values()]
    assert [told.median, told.p90] == expected


def spoken_to_quoted(recount: ReportRecount) -> Iterator[tuple[int, int, bool]]:
    for diary in recount.diaries:
        spoken = recount.spoken(diary)
        if spoken is None:
            continue
        quoted, ended = recount.quoted(diary), diary.ended(recount.end)
        until = quoted or (ended[0] if ended else recount.end)
        if until >= recount.start:
            came = max(int((recount.start - spoken).total_seconds()), 0) // HOURS
            length = int((until - spoken).total_seconds()) // HOURS
            yield min(came, length), length, quoted is not None


@sizes
def test_the_forecast_turns_out_as_the_event_rows_say(leads: int) -> None:
    before, report, recount = reports(leads)[10], reports(leads)[11], recounted(leads, 11)
    check = report.last_forecast
    assert check
    assert check.expected == before.forecast
    then_owned = [
        d
        for d in recount.diaries
        if d.state(recount.start)[0] in ("accepted", "contacted", "quoted")
    ]
    assert before.forecast.open == len(then_owned)
    now = Counter(d.state(recount.end)[0] for d in then_owned)
    assert check.won == now["won"]
    assert check.still_open == sum(
        now[name] for name in ("nurture", "waiting", "offered", "accepted", "contacted", "quoted")
    )
    assert check.won + check.lost + check.still_open == len(then_owned)
    low, high = report.forecast.won_low, report.forecast.won_high
    assert 0 <= low <= report.forecast.won <= high <= report.forecast.open
    assert report.forecast.value_low <= report.forecast.value <= report.forecast.value_high


def test_costs_of_campaigns_stand_beside_what_they_brought() -> None:
    snapshot = months(400)[11]
    costs = [
        CampaignCost("google", "brand", date(2026, 10, 1), Decimal("100.10"), "EUR"),
        CampaignCost("google", "brand", date(2026, 10, 1), Decimal("0.40"), "EUR"),
        CampaignCost("google", "brand", date(2026, 9, 1), Decimal(999), "EUR"),
        CampaignCost("radio", "", date(2026, 10, 1), Decimal(50), "CHF"),
    ]
    report = hq_report(snapshot, earlier=EarlierReports(costs=costs))
    found = {(each.source, each.campaign): each for each in report.campaigns}
    assert found["google", "brand"].cost == {"EUR": Decimal("100.50")}
    radio = found["radio", ""]
    assert (radio.leads, radio.cost, radio.cost_per(radio.won)) == (0, {"CHF": Decimal(50)}, {})
    assert sum(each.leads for each in report.campaigns) == report.activity.received


def test_parts_of_a_month_add_up_to_it() -> None:
    snapshot = months(400)[11]
    whole = hq_report(snapshot)
    products = [
        hq_report(snapshot, ReportScope(products=frozenset({each})))
        for each in ("heat-pump", "boiler", "repair")
    ]
    for name in ("received", "won", "lost", "open_at_end", "closed_unplaced"):
        assert sum(getattr(part.reconciliation, name) for part in products) == getattr(
            whole.reconciliation, name
        )
    assert sum(part.activity.offers.made for part in products) == whole.activity.offers.made
    first, second = (
        Period(date(2026, 10, 1), date(2026, 10, 13), "Europe/Berlin"),
        Period(date(2026, 10, 13), date(2026, 11, 1), "Europe/Berlin"),
    )
    halves = [hq_report(snapshot, ReportScope(period=each)) for each in (first, second)]
    assert sum(half.activity.received for half in halves) == whole.activity.received
    assert sum(half.activity.won for half in halves) == whole.activity.won
    assert halves[0].reconciliation.open_at_end == halves[1].reconciliation.open_at_start
    assert all(half.reconciliation.coming == half.reconciliation.going for half in halves)


def test_erased_leads_stay_counted() -> None:
    """Of old months almost everything that came to nothing is erased by now."""
    made_up, past = year(400)
    erased = {each.lead.id for each in past if each.lead.status.value == "erased"}
    assert erased
    rules = made_up.rules()
    period = past_months(NOW, "Europe/Berlin")[3]
    then = hq_report(months(400)[3])
    ids = set(months(400)[3].ids)
    today = Snapshot.of(
        period,
        NOW,
        1,
        [
            report_lead(each.lead, each.records, each.context, rules, NOW)
            for each in past
            if each.lead.id in ids
        ],
    )
    now = hq_report(today)
    assert now.reconciliation == then.reconciliation
    assert now.activity == then.activity


def test_what_is_remembered_is_read_again() -> None:
    report, snapshot = reports(400)[11], months(400)[11]
    known = remembered(report, snapshot)
    assert Remembered.from_data(known.to_data()) == known


def test_what_was_remembered_before_promises_and_answer_times_were_is_read_without_them() -> None:
    report, snapshot = reports(400)[11], months(400)[11]
    data = remembered(report, snapshot).to_data()
    del data["headline"]["promises"], data["headline"]["response_hours"]
    read = Remembered.from_data(data).headline
    assert (read.promises, read.response_hours) == (NO_CASES, NO_TYPICAL)
    assert read.received == report.headline.received


def test_the_period_before_keeps_its_promises_and_answer_times() -> None:
    before, report = reports(400)[10:12]
    assert report.trend[-2].promises == before.promises != NO_CASES
    assert report.trend[-2].response_hours == before.response_hours != NO_TYPICAL


def test_a_stored_snapshot_makes_the_same_report() -> None:
    snapshot = months(400)[11]
    assert hq_report(Snapshot.from_bytes(snapshot.to_bytes())) == hq_report(snapshot)


def test_a_snapshot_joined_of_parts_makes_the_report_of_the_whole() -> None:
    """Parts number their texts, leads and steps each for itself, and may have the same leads."""
    whole = months(400)[11]
    leads = list(whole.report_leads())
    pieces = (leads[:20], leads[15:50], leads[50:])
    parts = [Snapshot.of(whole.period, whole.created, whole.programme, each) for each in pieces]
    assert hq_report(joined_snapshots(parts)) == hq_report(whole)


def test_each_partner_has_a_report_that_agrees_with_hqs() -> None:
    report, snapshot = reports(400)[11], months(400)[11]
    found = list(partner_reports(snapshot, report))
    assert [each.partner for each in found] == [each.partner for each in report.partners]
    for each in found:
        counts = each.figures.offers
        missed = counts.declined + counts.lapsed + counts.released + counts.taken
        assert len(each.missed) == missed == sum(each.missed_reasons.values())
        assert next(step.leads for step in each.funnel) == counts.made
        owned = [todo for todo in each.todos if todo.stage is not LeadStage.OFFERED]
        assert len(owned) == each.figures.open
        assert sum(todo.overdue for todo in owned) == each.figures.overdue
        assert sum(todo.stage is LeadStage.OFFERED for todo in each.todos) == counts.pending


def test_a_partner_stands_beside_the_quartiles_of_the_others() -> None:
    report = reports(400)[11]
    rates = {each.partner: each.offers.acceptance.rate for each in report.partners}
    peers = Peers(report.partners)
    for partner, own in rates.items():
        others = [rate for name, rate in rates.items() if name != partner and rate is not None]
        found = next(each for each in peers.beside(partner) if each.measure is Compared.ACCEPTANCE)
        assert (found.own, found.peers) == (own, len(others))
        quartiles = [found.lower, found.middle, found.upper]
        assert quartiles == quantiles(others, n=4, method="inclusive")

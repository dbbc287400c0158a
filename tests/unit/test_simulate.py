"""A back-test: the rules are the real ones, only people are played, and chance is the same for
everybody.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing_core.domain.calendar.business_time import (
    Calendar,
    Duration,
    ResponseHours,
    deadline,
    next_opening,
    open_time,
)
from routing_core.domain.changed import changed
from routing_core.domain.checks.programme_checks import read_programme
from routing_core.domain.errors import InvalidInput
from routing_core.domain.fair_shares import fair_shares
from routing_core.domain.lead import LeadStatus
from routing_core.domain.offer import RELEASED, OfferStatus
from routing_core.domain.partner import Caps, Load
from routing_core.routing.history import Past, Run
from routing_core.routing.index.network import Network
from routing_core.simulation.back_test import BackTest, history_of, learned
from routing_core.simulation.back_test_report import back_test_lines, back_test_page
from routing_core.simulation.behaviour import (
    USUAL_SHARES,
    Behaviour,
    Behaviours,
    PlayedAnswer,
    learn,
)
from routing_core.simulation.history_csv import read_history_csv
from routing_core.simulation.simulate import RuleSet, simulate
from routing_core.simulation.timetable import Timetable
from tests.samples.pages import back_test_views
from tests.support.builders import (
    NOON,
    a_lead,
    a_partner,
    a_programme,
    an_offer,
    programme_document,
)
from tests.support.few import examples

HOUR = timedelta(hours=1)


def always(accept=0.0, decline=0.0, after=HOUR, holds=timedelta(days=30)):
    return Behaviour(accept, decline, (), (after,), 0.0, (holds,))


def all_do(behaviour, **by_partner):
    return Behaviours(by_partner, behaviour, 0)


def past(number, **changes):
    fields = {
        "contact": None,
        "offers": (),
        "deadlines": (),
        "received_at": NOON + timedelta(minutes=number),
    }
    return Past.of(a_lead(f"L{number:04d}", **(fields | changes)))


def play(history, behaviours, *partners, **rules):
    programme = a_programme(**rules)
    partners = partners or (a_partner("p1"), a_partner("p2"), a_partner("p3"))
    return simulate(
        history,
        RuleSet(programme, Network.compile("1", partners, programme.regions)),
        behaviours,
    )


def told(run):
    return {name: (t.offers, t.accepted, t.declined, t.lapsed) for name, t in run.partners.items()}


# ── the game ──────────────────────────────────────────────────────────────────────────────────────


def test_who_accepts_gets_the_lead_and_nobody_else_is_asked():
    run = play([past(0)], all_do(always(accept=1)))
    assert told(run) == {"p1": (1, 1, 0, 0), "p2": (0, 0, 0, 0), "p3": (0, 0, 0, 0)}
    assert (run.accepted, run.exhausted, run.unplaced) == (1, 0, 0)
    assert run.waits == [1.0]


def test_after_a_decline_and_a_lapse_the_next_is_asked_in_the_real_windows():
    behaviours = all_do(always(accept=1), p1=always(decline=1), p2=always())
    run = play([past(0)], behaviours)
    assert told(run) == {"p1": (1, 0, 1, 0), "p2": (1, 0, 0, 1), "p3": (1, 1, 0, 0)}
    assert run.waits == [1 + 2 + 1]  # an hour to decline, the window of two, an hour to accept
    assert run.asked == [3]


def test_no_more_partners_are_asked_than_the_programme_says_and_then_it_is_exhausted():
    offers = [{"window": {"minutes": 120}, "partners": 2, "total": {"working_days": 2}}]
    run = play(
        [past(0)], all_do(always()), offers=offers, fallback={"hq_hold": {"working_days": 150}}
    )
    assert run.offers == 2
    assert run.exhausted == 1


def test_followed_up_it_goes_to_whom_the_limit_kept_from_it():
    offers = [{"window": {"minutes": 120}, "partners": 2, "total": {"working_days": 2}}]
    run = play([past(0)], all_do(always(), p3=always(accept=1)), offers=offers)
    assert told(run)["p3"] == (1, 1, 0, 0)
    assert (run.exhausted, run.unplaced) == (1, 0)


def test_a_shared_offer_may_be_accepted_after_its_window():
    offers = [
        {
            "window": {"minutes": 30},
            "on_lapse": "share",
            "partners": 3,
            "total": {"working_days": 2},
        }
    ]
    late = always(accept=1, after=timedelta(minutes=50))
    run = play([past(0)], all_do(always(), p1=late), offers=offers)
    assert told(run)["p1"] == (1, 1, 0, 1)
    assert run.waits == [pytest.approx(50 / 60)]
    assert told(run)["p2"][:2] == (1, 0)


def test_a_full_partner_is_not_asked_until_a_place_is_free():
    alone = a_partner("p1", caps=Caps(open=1))
    kept = always(accept=1, holds=timedelta(hours=3))
    run = play([past(0), past(1)], all_do(kept), alone)
    assert told(run) == {"p1": (2, 2, 0, 0)}
    assert run.exhausted == 1
    assert run.waits == [1.0, pytest.approx(1 + 3 + 1 - 1 / 60)]


def test_what_comes_at_night_waits_for_the_partner_to_open_where_the_programme_holds():
    offers = [{"window": {"response_hours": 4}, "closed": "hold", "total": {"working_days": 2}}]
    at_night = replace(past(0).lead, received_at=NOON + HOUR * 10)
    run = play([Past.of(at_night)], all_do(always(accept=1)), a_partner("p1"), offers=offers)
    assert (told(run), run.exhausted) == ({"p1": (1, 1, 0, 0)}, 0)
    assert run.waits == [10 + 1]  # until 8:00 in Berlin, and an hour to accept


def test_a_shared_offer_may_be_accepted_while_the_lead_waits_for_the_next_to_open():
    offers = [
        {
            "window": {"minutes": 30},
            "on_lapse": "share",
            "closed": "hold",
            "total": {"working_days": 2},
        }
    ]
    early = a_partner("p1", response_hours=ResponseHours.parse({"wed": ["08:00-24:00"]}))
    at_night = replace(past(0).lead, received_at=NOON + HOUR * 10)
    late = all_do(always(accept=1), p1=always(accept=1, after=timedelta(minutes=50)))
    run = play([Past.of(at_night)], late, early, a_partner("p2", tier=3), offers=offers)
    assert told(run) == {"p1": (1, 1, 0, 1), "p2": (0, 0, 0, 0)}


def test_of_a_wave_the_first_to_accept_wins_and_the_others_are_free_again():
    offers = [{"window": {"minutes": 120}, "waves": [3], "total": {"working_days": 2}}]
    behaviours = all_do(always(accept=1), p2=always(accept=1, after=timedelta(minutes=5)))
    run = play([past(0)], behaviours, offers=offers)
    assert told(run) == {"p1": (1, 0, 0, 0), "p2": (1, 1, 0, 0), "p3": (1, 0, 0, 0)}


def test_three_lapses_pause_a_partner_until_the_next_working_day():
    alone = a_partner("p1")
    history = [
        past(120 * n) for n in range(5)
    ]  # 12:00, 14:00 … in Berlin; the fourth comes while p1 is paused
    run = play(history, all_do(always()), alone, fallback={"hq_hold": {"working_days": 200}})
    assert told(run)["p1"][0] >= 3
    assert run.exhausted == 5


def test_what_scores_too_little_does_not_go_to_partners():
    rows = [
        {
            "field": "owner",
            "is": "owner",
            "points": 10,
            "because": {"en": "Owner", "de": "Besitzer"},
        }
    ]
    rules = {"qualification": {"points": rows, "offer_from": 10}}
    good, poor = (
        replace(past(n), facts={"owner": owner}) for n, owner in ((0, "owner"), (1, "tenant"))
    )
    run = play([good, poor], all_do(always(accept=1)), **rules)
    assert (run.leads, run.routed) == (2, 1)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_figures_and_another_seed_others():
    behaviours = all_do(
        Behaviour(0.5, 0.2, (), tuple(HOUR * n / 4 for n in range(1, 9)), 0.0, (timedelta(days=2),))
    )
    history = [past(7 * n) for n in range(60)]
    rules = a_programme()
    network = Network.compile("1", [a_partner(f"p{n}") for n in range(4)], rules.regions)
    first, again, other = (
        simulate(history, RuleSet(rules, network), behaviours, seed) for seed in ("1", "1", "2")
    )
    assert first == again
    assert first != other


@pytest.mark.slow
def test_of_a_wave_each_has_a_share_and_equal_partners_are_asked_fairly():
    history = [past(300 * n) for n in range(60)]
    for waves in ([3], [1, 3, "all"]):
        offers = [{"window": {"minutes": 120}, "waves": waves, "total": {"working_days": 2}}]
        run = play(history, all_do(always(accept=1, holds=HOUR)), offers=offers)
        assert sum(tally.fair for tally in run.partners.values()) == pytest.approx(run.offers)
        assert run.unfair == pytest.approx(0, abs=0.02)


def test_nobody_has_more_than_one_share_of_a_wave():
    assert fair_shares([3, 1], 1) == [0.75, 0.25]
    assert fair_shares([1, 10, 1], 2) == [0.5, 1.0, 0.5]
    assert fair_shares([0, 4, 0], 2) == [0.5, 1.0, 0.5]
    assert fair_shares([0, 0], 1) == [0.5, 0.5]
    assert fair_shares([7, 1], 2) == [1.0, 1.0]


def test_an_offer_to_a_backup_is_not_compared_with_weights():
    offers = [{"window": {"minutes": 120}, "partners": 1, "total": {"working_days": 2}}]
    partners = a_partner("p1", backup="p2"), a_partner("p2", territories=())
    run = play([past(n) for n in range(3)], all_do(always(decline=1)), *partners, offers=offers)
    assert run.partners["p2"].offers == 3
    assert (run.partners["p2"].ranked, run.partners["p2"].fair, run.unfair) == (0, 0.0, 0.0)


def test_fair_is_what_weights_alone_would_have_given():
    run = play(
        [past(n) for n in range(4)],
        all_do(always(accept=1)),
        a_partner("p1", weight=3),
        a_partner("p2"),
    )
    assert {name: tally.fair for name, tally in run.partners.items()} == {"p1": 3.0, "p2": 1.0}
    assert run.unfair == pytest.approx(abs(run.partners["p1"].offers - 3) / 4)


# ── what is learned ───────────────────────────────────────────────────────────────────────────────


def ended(partner, status, after=HOUR, **changes):
    offer = an_offer(partner, status=status, answered_at=NOON + after, **changes)
    accepted = (
        {"accepted_at": NOON + after, "owner": partner} if status is OfferStatus.ACCEPTED else {}
    )
    return a_lead(
        f"{partner}-{status}-{after}", status=LeadStatus.OFFERED, offers=(offer,), **accepted
    )


def test_partners_are_taken_for_what_they_did_smoothed_with_what_all_did():
    leads = [ended("p1", OfferStatus.ACCEPTED)] * 30 + [ended("p2", OfferStatus.EXPIRED)] * 30
    behaviours = learn(leads, lambda partner, start, end: end - start)
    assert behaviours.offers == 60
    all_accept = (30 + 10 * USUAL_SHARES[0]) / 70
    assert behaviours.of("unknown").accept == pytest.approx(all_accept)
    assert behaviours.of("p1").accept == pytest.approx((30 + 10 * all_accept) / 40)
    assert behaviours.of("p2").accept == pytest.approx(10 * all_accept / 40)


def test_neutral_endings_tell_nothing_of_a_partner():
    leads = [
        ended("p1", OfferStatus.DECLINED, reason=RELEASED),
        ended("p1", OfferStatus.WITHDRAWN, reason="taken"),
    ]
    assert learn(leads, lambda *_: HOUR).offers == 0


def test_time_to_answer_is_counted_in_response_hours():
    over_night = ended(
        "p1", OfferStatus.ACCEPTED, after=timedelta(hours=22)
    )  # noon to ten the next morning
    rules = a_programme()
    known = learned(
        [over_night], RuleSet(rules, Network.compile("1", [a_partner("p1")], rules.regions))
    )
    assert known.of("p1").times == (timedelta(hours=6 + 2),)


def test_what_was_given_back_or_taken_away_was_accepted_when_it_was_accepted():
    given_back = ended("p1", OfferStatus.RETURNED, after=timedelta(days=1), accepted_at=NOON + HOUR)
    taken_away = ended(
        "p1",
        OfferStatus.WITHDRAWN,
        after=timedelta(days=1),
        accepted_at=NOON + HOUR,
        reason="assigned",
    )
    never_had = ended("p1", OfferStatus.WITHDRAWN, after=timedelta(days=1), reason="assigned")
    known = learn([given_back, taken_away, never_had], lambda partner, start, end: end - start)
    assert (known.offers, known.of("p1").times) == (2, (HOUR, HOUR))


def test_a_draw_is_the_same_for_the_same_lead_and_partner():
    behaviour = Behaviour(0.5, 0.25, (HOUR,), (2 * HOUR,), 0.5, (HOUR,))
    draws = [behaviour.draw("1", f"L{n}", "p1") for n in range(4000)]
    assert draws == [behaviour.draw("1", f"L{n}", "p1") for n in range(4000)]
    assert sum(d.answer is PlayedAnswer.ACCEPT for d in draws) / 4000 == pytest.approx(
        0.5, abs=0.03
    )
    assert sum(d.answer is PlayedAnswer.DECLINE for d in draws) / 4000 == pytest.approx(
        0.25, abs=0.03
    )
    assert sum(d.after == HOUR for d in draws) / 4000 == pytest.approx(0.5, abs=0.03)


def test_spam_and_repeats_are_not_played_and_a_played_lead_has_no_future():
    kept = a_lead("L1", owner="p1", status=LeadStatus.WON, accepted_at=NOON, finished_at=NOON)
    spam, repeat = (a_lead(s, status=LeadStatus(s)) for s in ("quarantined", "joined"))
    (only,) = history_of([kept, spam, repeat], {"L1": "Hello"})
    assert (only.lead.id, only.lead.offers, only.lead.owner, only.lead.contact) == (
        "L1",
        (),
        None,
        None,
    )
    assert (only.facts or {})["message"] == "present"


# ── what makes it fast ────────────────────────────────────────────────────────────────────────────


def test_a_changed_value_is_what_replace_makes_of_it():
    lead = a_lead(offers=(an_offer(),))
    changes = {"status": LeadStatus.HQ_QUEUE, "offers": (), "exhausted": True, "value": "9"}
    assert changed(lead, **changes) == replace(lead, **changes)
    assert changed(Load("p1", True), open_count=2) == Load("p1", True, open_count=2)
    assert lead == a_lead(offers=(an_offer(),))
    with pytest.raises(KeyError):
        changed(lead, colour="red")


# ── the timetable ─────────────────────────────────────────────────────────────────────────────────

WEEKS = st.sampled_from(
    [
        {
            "mon": ["08:00-17:00"],
            "tue": ["08:00-12:00", "13:00-24:00"],
            "wed": ["00:00-24:00"],
            "thu": ["00:00-02:30"],
        },
        {day: ["06:00-20:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
        {"sun": ["01:00-04:00"]},
        {},
    ]
)


@settings(max_examples=examples(60), deadline=None)
@given(
    WEEKS,
    st.datetimes(datetime(2026, 9, 25), datetime(2026, 11, 20)),
    st.floats(0.1, 60),
    st.sampled_from([0, 30]),
    st.sampled_from(["Europe/Berlin", "America/Denver"]),
)
def test_a_timetable_says_what_the_calendar_says(week, start, hours, rounding, zone):
    closed = frozenset({datetime(2026, 10, 26).date()})
    calendar = Calendar(
        zone, ResponseHours.parse(week), frozenset({"mon", "tue"}), closed, (), rounding
    )
    table = Timetable(calendar, datetime(2026, 9, 20, tzinfo=UTC), 120)
    start = start.replace(tzinfo=UTC)
    for duration in (
        Duration(response_hours=hours),
        Duration(minutes=hours),
        *(Duration(working_days=days) for days in (1, 3, 40)),
    ):
        assert table.deadline(start, duration) == deadline(start, duration, calendar)
    assert table.next_opening(start) == next_opening(start, calendar)
    end = start + timedelta(hours=hours)
    assert table.open_time(start, end) == open_time(start, end, calendar)


def test_an_answer_out_of_hours_takes_no_time_and_never_less():
    """It came in 0 response hours: the timetable gave the end of the last office hours, which was
    before the offer.
    """
    week = ResponseHours.parse({"mon": ["08:00-17:00"], "tue": ["08:00-17:00"]})
    calendar = Calendar("UTC", week, frozenset({"mon", "tue"}), frozenset(), (), 0)
    table = Timetable(calendar, datetime(2026, 11, 23, tzinfo=UTC), 30)
    night = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)
    assert table.after(night, timedelta()) == night
    assert table.after(night, HOUR) == datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def test_the_clock_of_a_back_test_never_goes_back():
    """Half were accepted "within −5 h", where partners answer outside their hours."""
    at_night = [past(11 * 60 + n) for n in range(1, 8)]
    run = play(at_night, all_do(always(accept=1, after=timedelta())))
    assert run.accepted == 7
    assert min(run.waits) >= 0


# ── an imported history ───────────────────────────────────────────────────────────────────────────


def test_a_spreadsheet_of_enquiries_is_read_on_the_programmes_clock():
    text = "received_at;postcode;product;urgency;language;owner\n2026-11-25 12:00;80331;boiler;soon;de;owner\n"
    (row,) = read_history_csv(text, a_programme()).rows
    lead = row.lead
    assert (lead.received_at, lead.country, lead.postcode, lead.product) == (
        NOON,
        "DE",
        "80331",
        "boiler",
    )
    assert (lead.language, lead.answers) == ("de", {"owner": "owner"})


def test_each_wrong_cell_is_named_by_row_and_column():
    text = "received_at,postcode,product,urgency\n2026-11-25 12:00,8,roof,soon\nsoon,80331,boiler,never\n"
    with pytest.raises(InvalidInput) as refused:
        read_history_csv(text, a_programme())
    fields = [problem.field for problem in refused.value.problems]
    assert fields == ["row 2, product", "row 2, postcode", "row 3, received_at", "row 3, urgency"]
    assert set(wrong("received_at,postcode\n")) == {"row 1, product", "row 1, urgency"}


HEADER = "received_at;postcode;product;urgency"
ROW = "2026-11-25 12:00;80331;boiler;soon"


def wrong(text):
    """Field → what is said of it."""
    with pytest.raises(InvalidInput) as refused:
        read_history_csv(text, a_programme())
    return {problem.field: problem.message for problem in refused.value.problems}


@pytest.mark.parametrize(
    "text",
    [
        f"\ufeffsep=;\r\n{HEADER}\r\n{ROW}\r\n",
        f"{HEADER};;\n{ROW};;\n;;;;;\n\n;\n",
        f"{HEADER}\n{ROW};;;\n",
        f"{HEADER};owner;language;country\n{ROW}\n",
        f"{HEADER.upper()}\n{ROW}".replace(";", "\t"),
    ],
)
def test_a_spreadsheet_may_be_saved_as_spreadsheets_save(text):
    (row,) = read_history_csv(text, a_programme()).rows
    lead = row.lead
    assert (lead.postcode, lead.country, lead.language) == ("80331", "DE", "en")


@pytest.mark.parametrize(
    ("text", "field", "said"),
    [
        (
            f"{HEADER}\n2026-11-25 12:00;80331\n",
            "row 2, product",
            "is required: one of heat-pump, boiler",
        ),
        (f"{HEADER}\nK\ufffdln\n", "file", "is not UTF-8"),
        (f"{HEADER}\n{ROW}\x00\n", "file", "is not UTF-8"),
        (
            f'{HEADER}\n{ROW}\n"{ROW}\n{(ROW + chr(10)) * 9000}',
            "row 3",
            "is a quotation mark missing?",
        ),
        (f"{HEADER}\n{ROW};more\n", "row 2", "has 5 cells, the header 4"),
        (
            f"{HEADER}\n9999-12-30;80331;boiler;soon\n",
            "row 2, received_at",
            "lies not between 2000 and 2099",
        ),
        (
            f"{HEADER}\n0001-01-01;80331;boiler;soon\n",
            "row 2, received_at",
            "lies not between 2000 and 2099",
        ),
        (f"{HEADER};owner;owner\n{ROW};owner;tenant\n", "row 1, owner", "appears twice"),
        (f"{HEADER}\n", "file", "contains no enquiries"),
        ("", "file", "contains no enquiries"),
    ],
)
def test_what_cannot_be_read_says_what_would_be_right(text, field, said):
    problems = wrong(text)
    assert list(problems) == [field] or field == "row 2, product"
    assert said in problems[field]


def test_of_thousands_of_wrong_rows_the_first_are_told():
    problems = wrong(f"{HEADER}\n" + f"{ROW}x\n" * 5000)
    assert len(problems) == 101
    assert problems["file"] == "has more errors; these are the first"


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("country", "Germany", "'Germany' is not a country: use one like DE, AT or US"),
        ("country", "UK", "'UK' is not a country"),
        ("country", "XX", "'XX' is not a country"),
        ("language", "tlh", "'tlh' is not one of en, de"),
        ("owner", "Landlord", "is not one of owner, tenant"),
        ("area", "120 m2", "is not a number: use the form 1200 or 12.5"),
        ("notes", "x" * 201, "is too long: at most 200 characters"),
        ("phone", "+49 89 1234567", "is not one of valid, missing"),
    ],
)
def test_a_value_that_no_form_would_take_is_named(column, cell, said):
    problems = wrong(f"{HEADER};{column}\n{ROW};{cell}\n")
    assert list(problems) == [f"row 2, {column}"]
    assert said in problems[f"row 2, {column}"]


def test_answers_are_kept_as_the_form_keeps_them():
    text = "received_at;country;postcode;product;urgency;language;area;owner;email\n"
    text += "2026-11-25 12:00;at;5020;boiler;soon;de-AT;1200,5;;business\n"
    (row,) = read_history_csv(text, a_programme()).rows
    lead, facts = row.lead, row.facts
    assert (lead.answers, lead.country, lead.language) == ({"area": "1200.5"}, "AT", "de")
    assert (facts["area"], facts["owner"], facts["email"]) == ("1200.5", "", "business")
    assert "notes" not in facts


def test_what_only_the_draft_knows_may_stand_in_the_file():
    document = programme_document()
    document["products"] = [
        *document["products"],
        {"id": "solar", "name": {"en": "Solar", "de": "Solar"}},
    ]
    roof = {"id": "roof", "label": {"en": "Roof", "de": "Dach"}, "kind": "yes_no"}
    document["forms"] = [
        document["forms"][0] | {"questions": [*document["forms"][0]["questions"], roof]}
    ]
    draft = read_programme(document)
    text = f"{HEADER};roof\n{ROW.replace('boiler', 'solar')};true\n"
    assert set(wrong(text)) == {"row 2, product"}
    (row,) = read_history_csv(text, a_programme(), draft).rows
    lead, facts = row.lead, row.facts
    assert (lead.product, lead.answers) == ("solar", {"roof": "yes"})
    run = play([Past(lead, facts)], all_do(always(accept=1)))  # by rules that do not know it
    assert (run.offers, run.exhausted) == (0, 1)


# ── the programme that is played ──────────────────────────────────────────────────────────────────


def points(field, value, number):
    return {"field": field, "is": value, "points": number, "because": {"en": "So", "de": "So"}}


def test_region_points_and_language_are_those_of_the_programme_that_is_played():
    stored = a_lead(
        "L1", region="munich", score=50, score_reasons=("urgency=emergency:+50",), language="de"
    )
    stored = replace(stored, answers={"owner": "owner"})
    draft = a_programme(
        regions={"south": {"name": {"en": "South"}, "country": "DE", "postcodes": ["8*"]}},
        qualification={
            "points": [points("owner", "owner", -50)],
            "offer_from": -50,
            "nurture_from": -90,
        },
        languages=["en"],
    )
    lead, qualified = Past.of(stored).under(draft)
    assert (lead.region, lead.score, lead.language) == ("south", -50, "en")
    assert (lead.score_reasons, qualified.outcome) == (("owner=owner:-50",), "offer")
    assert Past.of(stored).under(a_programme())[0].region == "munich"
    assert Past.of(stored).under(a_programme(regions={}))[0].region == ""


def test_a_stored_enquiry_that_left_a_question_open_has_no_points_for_it_and_may_wait():
    rules = a_programme(qualification={"points": [points("owner", "owner", 10)], "offer_from": 10})
    stored = a_lead("L1", answers={})
    assert stored.contact
    assert Past.of(stored).under(rules)[1].outcome == "nurture"
    assert Past.of(replace(stored, contact=None)).under(rules)[1].outcome == "offer"


def test_a_rule_of_the_draft_about_its_own_region_or_points_holds_for_enquiries_of_the_past():
    south = {
        "south": {"name": {"en": "South", "de": "Süden"}, "country": "DE", "postcodes": ["8*"]}
    }
    (row,) = read_history_csv(f"{HEADER};owner\n{ROW};tenant\n", a_programme()).rows
    lead, facts = row.lead, row.facts
    stored = replace(past(0).lead, region="munich")
    by_region = {"regions": south, "routing": {"rules": ["require tag gold when region is south"]}}
    for each in (Past.of(stored), Past(lead, facts)):
        assert play([each], all_do(always(accept=1)), **by_region).offers == 0
    by_points = {
        "qualification": {"points": [points("owner", "tenant", 30)]},
        "routing": {"rules": ["require tag gold when score is 30"]},
    }
    assert play([Past(lead, facts)], all_do(always(accept=1)), **by_points).offers == 0
    assert play([Past(lead, facts)], all_do(always(accept=1))).offers == 1


def test_what_cannot_be_scored_in_full_goes_to_partners_and_the_page_says_so():
    rules = {"qualification": {"points": [points("phone", "valid", 10)], "offer_from": 10}}
    rows = read_history_csv(
        f"{HEADER};phone\n{ROW};\n{ROW};valid\n{ROW};missing\n{ROW};\n",
        a_programme(),
    ).rows
    run = play([Past(row.lead, row.facts) for row in rows], all_do(always(accept=1)), **rules)
    assert (run.leads, run.routed, run.unscored) == (4, 3, 2)
    assert "2 enquiries could not be scored in full" in back_test_page(compared(draft=run))
    assert "could not be scored" not in back_test_page(compared())


def test_an_answer_that_is_no_number_gets_no_points_for_being_large():
    """The question was another when it was answered."""
    large = {
        "field": "area",
        "at_least": 100,
        "points": 10,
        "because": {"en": "Large", "de": "Groß"},
    }
    stored = a_lead("L1", answers={"area": "120 m2"})
    assert Past.of(stored).under(a_programme(qualification={"points": [large]}))[0].score == 0


def test_of_who_was_erased_the_region_stays_and_spam_is_still_spam():
    erased = {
        "status": LeadStatus.ERASED,
        "contact": None,
        "country": "GB",
        "postcode": "SW1",
        "region": "london",
    }
    won, spam = (
        a_lead("L1", ended=LeadStatus.WON, **erased),
        a_lead("L2", ended=LeadStatus.QUARANTINED, **erased),
    )
    (only,) = history_of([won, spam], {})
    assert only.under(a_programme())[0].region == "london"
    assert only.unscored(a_programme(qualification={"points": [points("email", "business", 10)]}))


# ── told ──────────────────────────────────────────────────────────────────────────────────────────


def compared(language="en", current=None, draft=None):
    hq = {"emails": ["hq@example.com"], "language": language}
    rules = a_programme(hq=hq)
    partners = {"p1": a_partner("p1", name="<Huber> & Söhne"), "p2": a_partner("p2")}
    history = [past(5 * n) for n in range(40)]
    network = Network.compile("1", partners.values(), rules.regions)
    runs = [
        simulate(history, RuleSet(rules, network), all_do(b))
        for b in (always(accept=1), always(decline=1))
    ]
    return BackTest(current or runs[0], draft or runs[1], rules, partners, NOON, NOON, 7, "1", NOON)


def test_the_page_is_whole_by_itself_in_both_languages():
    for language, title in (("en", "Back-test"), ("de", "Rückrechnung")):
        html = back_test_page(compared(language))
        assert title in html
        assert "&lt;Huber&gt; &amp; Söhne" in html
        assert "<script" not in html
        assert "http" not in html.replace("http://www.w3.org/2000/svg", "")
        assert html.count("<polyline") == 2


def test_numbers_are_written_as_in_the_language_around_them():
    views = {language: dict(back_test_views(language))["backtest"] for language in ("en", "de")}
    assert "1,234 enquiries from" in back_test_page(views["en"])
    assert "auf der Grundlage von 2.345 Anfragen" in back_test_page(views["de"])
    assert ">75%</text>" in back_test_page(views["en"])
    assert ">75 %</text>" in back_test_page(views["de"])


def test_the_days_of_the_page_are_those_of_the_programmes_zone():
    midnight_in_berlin = datetime(2025, 12, 31, 23, tzinfo=UTC)
    page = back_test_page(replace(compared(), first=midnight_in_berlin))
    assert "1 Jan 2026" in page
    assert "31 Dec 2025" not in page


def test_the_figures_say_what_changes_and_whether_that_is_good():
    lines = "\n".join(back_test_lines(compared()))
    assert "Accepted by a partner" in lines
    assert "−100 points" in lines
    assert 'class="bad"' in back_test_page(compared())


def test_a_time_to_acceptance_of_less_than_an_hour_is_told_in_minutes():
    soon, later = (
        play([past(0)], all_do(always(accept=1, after=HOUR * part))) for part in (1 / 3, 1.9)
    )
    page = back_test_page(compared(current=soon, draft=later))
    assert ">20 min<" in page
    assert ">1.9 h<" in page


def test_no_time_to_acceptance_is_told_where_nobody_accepts():
    assert "Time to acceptance" not in "\n".join(back_test_lines(compared()))
    both = "\n".join(back_test_lines(compared(draft=compared().current)))
    assert both.count("Time to acceptance") == 2


def test_a_history_in_which_nothing_happened_is_told_too():
    empty = Run()
    assert back_test_lines(compared(current=empty, draft=empty))
    assert back_test_page(compared(current=empty, draft=empty))

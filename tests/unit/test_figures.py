"""What a lead counts for its partners, and that nothing is counted twice on its way through the
states.
"""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from routing_core.domain.calendar.business_time import Duration, deadline
from routing_core.domain.draft import Draft
from routing_core.domain.figures import Figures, difference, note_answers, tally
from routing_core.domain.lead import LeadStatus
from routing_core.domain.offer import RELEASED, OfferStatus
from tests.support.builders import NOON, a_lead, a_partner, a_programme, an_offer

HALF = NOON + timedelta(hours=1)
"""Half of the two hours of an offer."""


CALENDAR = a_partner().calendar(a_programme().hq_calendar)


def counted(
    ended: OfferStatus, why: str = "", *, holds: bool = True, **lead: object
) -> dict[str, int]:
    offer = an_offer(status=ended, reason=why, answered_at=HALF, reserves_slot=holds)
    return dict(tally(a_lead(offers=(offer,), **lead), {"price"})["p1"])


@pytest.mark.parametrize(
    ("status", "reason", "counts"),
    [
        (OfferStatus.PENDING, "", {"offers": 1}),
        (OfferStatus.DECLINED, "busy", {"offers": 1, "declined": 1, "answers": 1, "used": 500}),
        (OfferStatus.DECLINED, "price", {}),
        (OfferStatus.DECLINED, RELEASED, {}),
        (OfferStatus.EXPIRED, "", {"offers": 1, "lapsed": 1}),
        (OfferStatus.WITHDRAWN, "taken", {}),
        (
            OfferStatus.WITHDRAWN,
            "retracted",
            {"offers": 1, "answers": 1, "used": 500, "returned": 1},
        ),
        (OfferStatus.ACCEPTED, "", {"offers": 1}),
    ],
)
def test_each_end_of_an_offer_counts_what_it_says_and_neutral_ones_nothing(status, reason, counts):
    assert counted(status, reason, owner="p1" if status is OfferStatus.ACCEPTED else None) == counts


def test_what_was_accepted_counts_once_it_is_decided():
    won = counted(OfferStatus.ACCEPTED, owner="p1", status=LeadStatus.WON, value="12500.40")
    assert won == {"offers": 1, "answers": 1, "used": 500, "won": 1, "value": 12500}
    lost = counted(OfferStatus.ACCEPTED, owner="p1", status=LeadStatus.LOST, reason="")
    assert lost == {"offers": 1, "answers": 1, "used": 500, "lost": 1}


def test_how_fast_a_partner_answered_does_not_depend_on_how_it_ended():
    back = an_offer(
        status=OfferStatus.RETURNED,
        reason="far",
        accepted_at=HALF,
        answered_at=HALF + timedelta(days=1),
    )
    taken = replace(back, status=OfferStatus.WITHDRAWN, reason="retracted")
    for offer in (back, taken):
        assert tally(a_lead(offers=(offer,)))["p1"] == Counter(
            offers=1, answers=1, used=500, returned=1
        )


FRIDAY = datetime(
    2026, 11, 27, 16, 30, tzinfo=UTC
)  # 17:30 in Berlin, half an hour before they close
MONDAY = FRIDAY + timedelta(days=2, hours=14, minutes=30)  # 08:00, when they open


@pytest.mark.parametrize(
    ("answered", "used"),
    [
        (FRIDAY + timedelta(minutes=15), 62),  # of four response hours, until Monday 11:30
        (MONDAY, 125),
        (MONDAY + timedelta(hours=1, minutes=30), 500),
        (MONDAY + timedelta(hours=3, minutes=30), 1000),
        (MONDAY + timedelta(days=1), 1000),
    ],
)
@pytest.mark.parametrize("status", [OfferStatus.ACCEPTED, OfferStatus.DECLINED])
def test_a_weekend_is_no_time_in_which_anybody_could_have_answered(answered, used, status):
    until = deadline(FRIDAY, Duration(response_hours=4), CALENDAR)
    draft = Draft(a_lead(offers=(an_offer(made_at=FRIDAY, expires_at=until, on_lapse="share"),)))
    draft.answer_offer(1, status, answered, "busy")
    note_answers(draft, lambda partner: CALENDAR)
    (offer,) = draft.lead.offers
    assert offer.used == used
    note_answers(again := Draft(draft.lead), lambda partner: None)
    assert again.lead.offers == (offer,)
    assert tally(replace(draft.lead, owner="p1", status=LeadStatus.WON))["p1"]["used"] == used


def test_a_window_that_lies_outside_the_response_hours_is_counted_by_the_clock():
    night = MONDAY - timedelta(hours=5)
    draft = Draft(
        a_lead(offers=(an_offer(made_at=night, expires_at=night + timedelta(minutes=30)),))
    )
    draft.answer_offer(1, OfferStatus.ACCEPTED, night + timedelta(minutes=6))
    note_answers(draft, lambda partner: CALENDAR)
    assert draft.lead.offers[0].used == 200


def test_an_answer_of_somebody_nobody_knows_any_more_is_left_to_the_clock():
    draft = Draft(a_lead())
    draft.answer_offer(1, OfferStatus.DECLINED, HALF, "busy")
    note_answers(draft, lambda partner: None)
    assert (draft.lead.offers[0].used, tally(draft.lead)["p1"]["used"]) == (None, 500)


def test_one_of_a_large_wave_counts_only_if_the_partner_answered():
    assert (
        counted(OfferStatus.PENDING, holds=False) == counted(OfferStatus.EXPIRED, holds=False) == {}
    )
    assert counted(OfferStatus.DECLINED, "busy", holds=False)["declined"] == 1


def test_one_of_a_large_wave_that_was_accepted_and_then_taken_back_counts_like_any_other():
    ended = {
        "status": OfferStatus.WITHDRAWN,
        "reason": "retracted",
        "accepted_at": HALF,
        "answered_at": HALF,
    }
    assert tally(a_lead(offers=(an_offer(**ended, reserves_slot=False),)))["p1"]["returned"] == 1


def test_the_differences_of_all_commits_add_up_to_the_last_tally():
    lead = a_lead()
    steps = [
        None,
        lead,
        replace(
            lead, offers=(an_offer(status=OfferStatus.ACCEPTED, answered_at=HALF),), owner="p1"
        ),
        replace(
            lead,
            offers=(an_offer(status=OfferStatus.ACCEPTED, answered_at=HALF),),
            owner="p1",
            status=LeadStatus.WON,
            value="900",
        ),
    ]
    total: Counter[str] = Counter()
    for before, after in pairwise(steps):
        assert after
        total.update(difference(tally(before).get("p1", Counter()), tally(after)["p1"]))
    assert Figures(**total) == Figures(offers=1, answers=1, used=500, won=1, value=900)
    assert (
        difference(tally(steps[1])["p1"], tally(steps[2])["p1"]) == {}
    )  # an accept touches no LOAD

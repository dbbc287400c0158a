"""What a row of the read model says of a lead, and which rows a list is to show."""

from datetime import timedelta
from typing import Any

import pytest

from routing_core.domain.lead import Contact, Context, Deadline, DeadlineKind, LeadStatus
from routing_core.domain.lead_row import CameFrom, LeadFilter, LeadRow, lead_row, lists_of
from routing_core.domain.offer import OfferStatus
from routing_core.service.kernel.contact_search import search_keys, typed_search_keys
from tests.support.builders import NOON, a_lead, an_offer

SECRET = b"a secret of the tests"
GOOGLE = CameFrom.of(Context(source="google", utm={"campaign": "spring"}))


def a_row(**changes: Any) -> LeadRow:
    return lead_row(a_lead(**changes), GOOGLE, NOON)


def test_a_row_says_who_is_asked_until_when_and_how_many_have_not_looked() -> None:
    offers = (
        an_offer("p1", 1, seen_at=NOON),
        an_offer("p2", 2, expires_at=NOON + timedelta(hours=1)),
        an_offer("p3", 3, status=OfferStatus.DECLINED),
    )
    row = a_row(offers=offers)
    assert row.asked == ("p1", "p2")
    assert (row.live_offers, row.unseen_offers, row.offers) == (2, 1, 3)
    assert row.expires_at == NOON + timedelta(hours=1)
    assert (row.source, row.campaign, row.name) == ("google", "spring", "Ada Example")


def test_a_row_has_the_deadlines_that_lists_show() -> None:
    deadlines = (
        Deadline(NOON + timedelta(hours=4), DeadlineKind.CONTACT),
        Deadline(NOON + timedelta(hours=2), DeadlineKind.HQ_HOLD),
    )
    row = a_row(deadlines=deadlines, promised_by=NOON + timedelta(hours=3))
    assert row.contact_by == NOON + timedelta(hours=4)
    assert row.hq_by == row.due == NOON + timedelta(hours=2)
    assert row.promised_by == NOON + timedelta(hours=3)


def test_a_row_of_an_erased_lead_names_nobody_and_no_campaign() -> None:
    row = a_row(status=LeadStatus.ERASED, contact=None, ended=LeadStatus.WON)
    assert (row.name, row.company, row.source, row.campaign) == ("", "", "", "")
    assert row.ended is LeadStatus.WON


def test_a_row_holds_no_more_of_a_name_than_lists_show() -> None:
    row = a_row(contact=Contact("Ж" * 200, "a@example.com", company="x" * 200))
    assert len(row.name.encode()) == len(row.company.encode()) == 60


def test_a_finished_lead_stays_on_its_owners_list_and_a_wave_is_on_all_of_them() -> None:
    wave = (an_offer("p1", 1), an_offer("p2", 2), an_offer("p3", 3, status=OfferStatus.EXPIRED))
    assert lists_of(a_lead(offers=wave)) == {"p1", "p2"}
    won = a_lead(status=LeadStatus.WON, owner="p3", offers=())
    assert lists_of(won) == {"p3"}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (LeadFilter(), True),
        (LeadFilter(states=frozenset({LeadStatus.OFFERED, LeadStatus.WON})), True),
        (LeadFilter(states=frozenset({LeadStatus.WON})), False),
        (LeadFilter(product="heat-pump", urgency="soon", source="google"), True),
        (LeadFilter(campaign="autumn"), False),
        (LeadFilter(postcode="80"), True),
        (LeadFilter(postcode="81"), False),
        (LeadFilter(score_from=50, score_to=50), True),
        (LeadFilter(score_from=51), False),
        (LeadFilter(score_to=49), False),
        (LeadFilter(received_from=NOON), True),
        (LeadFilter(received_from=NOON + timedelta(milliseconds=1)), False),
        (LeadFilter(received_to=NOON), False),
        (LeadFilter(received_to=NOON + timedelta(milliseconds=1)), True),
        (LeadFilter(region="bavaria", allowed=frozenset({"bavaria"})), True),
        (LeadFilter(region="berlin"), False),
        (LeadFilter(allowed=frozenset({"berlin"})), False),
        (LeadFilter(allowed=frozenset()), False),
    ],
)
def test_a_filter_shows_what_all_of_it_applies_to(wanted: LeadFilter, found: bool) -> None:
    assert wanted.matches(a_row(score=50, region="bavaria")) is found


@pytest.mark.parametrize("typed", ["müller", "MÜLLER", "mueller", "muller", "  Jörg  Müller "])
def test_a_name_is_found_in_every_spelling(typed: str) -> None:
    row = a_row(contact=Contact("Jörg Müller", "j@example.com"))
    assert LeadFilter(text=typed).matches(row)


def test_a_company_is_found_too_and_nothing_else() -> None:
    row = a_row(contact=Contact("Ada", "ada@example.com", company="Isar Wärme GmbH"))
    assert LeadFilter(text="wärme").matches(row)
    assert not LeadFilter(text="example").matches(row)


@pytest.mark.parametrize("typed", ["Ada+news@Example.com", " ada@example.com "])
def test_an_address_is_found_in_every_spelling_that_ends_in_the_same_mailbox(typed: str) -> None:
    stored = search_keys(SECRET, Contact("Ada", "ada@example.com"))
    assert typed_search_keys(SECRET, typed, ["DE"]) == (stored["email"],)


@pytest.mark.parametrize("typed", ["089 99998124", "+49 89 99998-124", "0049/89/99998124"])
def test_a_number_is_found_as_people_write_it(typed: str) -> None:
    stored = search_keys(SECRET, Contact("Ada", "", "+498999998124;ext=22"))
    assert stored["phone"] in typed_search_keys(SECRET, typed, ["DE", "AT"])


def test_what_is_neither_an_address_nor_a_number_finds_nobody() -> None:
    assert typed_search_keys(SECRET, "Ada", ["DE"]) == ()
    assert typed_search_keys(SECRET, "", ["DE"]) == ()
    assert search_keys(SECRET, None) == {}

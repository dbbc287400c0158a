"""How promising an enquiry is, and why."""

import pytest

from infra.tools.mail_providers import DISPOSABLE, FREE, disposable_table, free_table
from routing_core.domain.enquiry.contact_keys import contact_keys
from routing_core.domain.enquiry.enquiry import FormShown, read_enquiry
from routing_core.domain.enquiry.qualify import Qualified, because, qualify
from routing_core.domain.lead import Contact
from routing_core.domain.values.mailboxes import mail_kind
from tests.support.builders import a_programme

POINTS = [
    {
        "field": "urgency",
        "is": "emergency",
        "points": 40,
        "because": {"en": "Emergency", "de": "Notfall"},
    },
    {"field": "owner", "is": ["owner"], "points": 20, "because": {"en": "Owner"}},
    {"field": "owner", "is": "tenant", "points": -30, "because": {"en": "Tenant"}},
    {"field": "area", "at_least": 100, "points": 10, "because": {"en": "Large"}},
    {"field": "area", "at_least": 200, "points": 5, "because": {"en": "Very large"}},
    {"field": "phone", "is": "valid", "points": 15, "because": {"en": "Phone number"}},
    {"field": "phone", "is": "missing", "points": -1, "because": {"en": "No phone number"}},
    {"field": "message", "is": "present", "points": 4, "because": {"en": "Message"}},
    {"field": "email", "is": "disposable", "points": -40, "because": {"en": "Throw-away address"}},
    {
        "field": "email",
        "is": ["freemail", "business"],
        "points": 2,
        "because": {"en": "Real address"},
    },
    {"field": "country", "is": "AT", "points": 3, "because": {"en": "Austria"}},
    {"field": "product", "is": "boiler", "points": -2, "because": {"en": "Boiler"}},
]
PROGRAMME = a_programme(qualification={"points": POINTS, "offer_from": 30, "nurture_from": 10})


def qualified(programme=PROGRAMME, **fields) -> Qualified:
    raw = {
        "country": "DE", "postcode": "80331", "product": "heat-pump", "urgency": "soon", "name": "Ada",
        "email": "ada@example.com", "phone": "089 99998123", "consent": "yes",
    } | fields  # fmt: skip
    return qualify(programme, read_enquiry(programme, programme.forms[0], raw, FormShown("en")))


def test_points_add_up_with_their_reasons_in_the_programmes_order():
    found = qualified(urgency="emergency", owner="owner", area="250", message="Hello")
    assert found.reasons == (
        "urgency=emergency:+40", "owner=owner:+20", "area>=100:+10", "area>=200:+5", "phone=valid:+15",
        "message=present:+4", "email=business:+2",
    )  # fmt: skip
    assert found.score == 96
    assert found.outcome == "offer"


@pytest.mark.parametrize(
    ("fields", "score"),
    [
        ({}, 17),
        ({"phone": ""}, 1),
        (
            {"phone": "+44 1632 960001"},
            2,
        ),  # possible, but in no range in use: neither valid nor missing
        ({"area": "99.9"}, 17),
        ({"area": "100"}, 27),
        ({"email": "x@mailinator.com"}, -25),
        ({"email": "x@gmail.com"}, 17),
        ({"country": "AT", "postcode": "1010", "phone": "+49 89 99998123"}, 20),
        ({"product": "boiler"}, 15),
        ({"owner": "tenant"}, -13),
    ],
)
def test_each_row_counts_once_where_it_applies(fields, score):
    assert qualified(**fields).score == score


@pytest.mark.parametrize(
    ("offer_from", "nurture_from", "outcome"),
    [(17, 0, "offer"), (18, 17, "nurture"), (18, 18, "review"), (0, 0, "offer")],
)
def test_the_bars_themselves_are_enough(offer_from, nurture_from, outcome):
    bars = {"points": POINTS, "offer_from": offer_from, "nurture_from": nurture_from}
    assert qualified(a_programme(qualification=bars)).outcome == outcome


def test_without_rules_everything_is_offered():
    assert qualified(a_programme()) == Qualified(0, (), "offer")


def test_reasons_are_said_in_the_readers_language():
    reasons = qualified(urgency="emergency", area="150").reasons
    assert because(PROGRAMME, reasons, "de") == (
        "Notfall: +40",
        "Large: +10",
        "Phone number: +15",
        "Real address: +2",
    )
    assert because(PROGRAMME, reasons, "en")[0] == "Emergency: +40"


def test_a_reason_the_programme_no_longer_has_stays_a_code():
    assert because(a_programme(), ("urgency=emergency:+40",), "en") == ("urgency=emergency:+40",)


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("a@gmail.com", "freemail"),
        ("a@GMX.de", "freemail"),
        ("a@t-online.de", "freemail"),
        ("a@kabelmail.de", "freemail"),
        ("a@privaterelay.appleid.com", "freemail"),
        ("a@mozmail.com", "freemail"),
        ("a@trashmail.com", "disposable"),
        ("a@box7.mailinator.com", "disposable"),
        ("a@notgmail.com", "business"),
        ("a@gmail.com.example", "business"),
        ("a@example.com", "business"),
    ],
)
def test_a_mailbox_is_anybodys_thrown_away_or_a_firms(address, kind):
    assert mail_kind(address) == kind


@pytest.mark.parametrize(
    "made", [(FREE, free_table), (DISPOSABLE, disposable_table)], ids=["free", "disposable"]
)
def test_the_lists_of_mail_providers_are_what_the_kept_sources_say(made):
    file, table = made
    assert file.read_text("ascii") == table(), "run python -m infra.tools.mail_providers"


def test_every_listed_mail_provider_is_found():
    free = [line for line in FREE.read_text("ascii").splitlines() if not line.startswith("#")]
    assert {mail_kind(f"a@{domain}") for domain in free} <= {"freemail", "disposable"}
    thrown_away = [
        line for line in DISPOSABLE.read_text("ascii").splitlines() if not line.startswith("#")
    ]
    assert {mail_kind(f"a@{domain}") for domain in thrown_away} == {"disposable"}


def test_no_list_of_mail_providers_makes_the_firms_of_a_country_one():
    listed = (FREE.read_text("ascii") + DISPOSABLE.read_text("ascii")).splitlines()
    assert {
        "co.uk",
        "com.ar",
        "com.au",
        "co.jp",
        "uk.com",
        "example.com",
        "example.org",
    }.isdisjoint(listed)


def test_a_programme_says_of_a_domain_what_the_lists_do_not_know():
    programme = a_programme(mail_domains={"stadtnetz.example": "freemail", "gmx.de": "business"})
    kinds = programme.mail_domains
    assert mail_kind("ada@stadtnetz.example", kinds) == "freemail"
    assert mail_kind("ada@kunden.stadtnetz.example", kinds) == "freemail"
    assert mail_kind("ada@gmx.de", kinds) == "business"
    assert mail_kind("ada@gmx.net", kinds) == "freemail"


def test_two_customers_of_one_provider_are_not_one_firm():
    by = ("domain",)
    assert contact_keys(Contact("Ada", "ada@kabelmail.de"), by) == {}
    assert contact_keys(Contact("Ada", "x1@privaterelay.appleid.com"), by) == {}
    assert contact_keys(Contact("Ada", "ada@stadtnetz.example"), by) == {
        "domain": "stadtnetz.example"
    }
    assert (
        contact_keys(Contact("Ada", "ada@stadtnetz.example"), by, {"stadtnetz.example": "freemail"})
        == {}
    )

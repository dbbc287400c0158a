"""The sample networks of ``make run``: valid, and good for what they are meant to show at any
hour.
"""

import re
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from routing_core.domain.checks.programme_checks import read_programme
from routing_core.domain.partner import Load, Partner
from routing_core.domain.programme.programme import Programme
from routing_core.formats.partner_document import read_partner
from routing_core.formats.partners_csv import Reading, read_partners_csv
from routing_core.formats.places_csv import read_places_csv
from routing_core.formats.yaml_text import read_yaml
from routing_core.routing.decide.decision import Decision, decide
from routing_core.routing.decide.situation import Situation
from routing_core.routing.index.network import Network
from routing_core.routing.policy import Enquiry, Policy

SAMPLES = Path(__file__).parents[2] / "infra" / "local" / "samples"
DOMAIN = Path(__file__).parents[2] / "layers" / "routing_core" / "routing_core" / "domain"
TODAY = date(2026, 11, 21)


@cache
def sample(name: str) -> tuple[Programme, dict[str, Partner]]:
    programme = read_programme(read_yaml((SAMPLES / name / "programme.yaml").read_text("utf-8")))
    file = read_partners_csv(
        (SAMPLES / name / "partners.csv").read_text("utf-8"), Reading(programme, TODAY)
    )
    assert file.problems == ()
    return programme, {d["id"]: read_partner(d, programme, TODAY) for _, d in file.documents}


@cache
def network(name: str) -> Network:
    programme, partners = sample(name)
    return Network.compile("1", partners.values(), programme.regions)


def routed(
    name: str, country: str, postcode: str, product: str, urgency: str, at: datetime
) -> Decision:
    programme, partners = sample(name)
    loads = {p.id: Load(p.id, active=p.active, caps=p.caps) for p in partners.values()}
    return decide(
        Situation(
            Enquiry(country, postcode, product, urgency, "en"),
            network(name),
            Policy.of(programme, 1),
            at,
            loads,
        )
    )


@pytest.mark.parametrize(("name", "least"), [("dach-heating", 50), ("us-solar", 60)])
def test_a_sample_is_valid_and_has_one_of_each_special_case(name, least):
    programme, partners = sample(name)
    assert len(partners) >= least
    assert programme.fallback.backup_partner is not None
    assert partners[programme.fallback.backup_partner].active
    assert any(p.backup for p in partners.values())
    assert {p.backup for p in partners.values()} <= {"", *partners}
    assert {p.type for p in partners.values()} == set(programme.partner_types)
    assert any(not p.confirmed for p in partners.values())
    assert any(p.paused for p in partners.values())
    assert any(a.first <= TODAY <= a.last for p in partners.values() for a in p.absences)
    assert any(
        until and until < TODAY for p in partners.values() for until in p.certificates.values()
    )
    assert any(t.rank > 1 for p in partners.values() for t in p.territories)
    assert all(p.contact.email.endswith(".example") for p in partners.values())


@pytest.mark.parametrize("name", ["dach-heating", "us-solar"])
def test_a_sample_knows_the_town_of_each_of_its_partners(name):
    lists = {
        path.stem: path.read_text("utf-8") for path in (SAMPLES / name / "places").glob("*.csv")
    }
    towns = {}
    for country, text in lists.items():
        file = read_places_csv(country, text)
        assert file.problems == ()
        towns |= {(country, code): names for code, names in file.towns.items()}
    _, partners = sample(name)
    for partner in partners.values():
        known = towns[partner.country, partner.postcode][0]  # may be fuller: Freiburg im Breisgau
        assert known.partition(" (")[0].startswith(partner.town.partition(",")[0])


PROGRAMMES = (*SAMPLES.glob("*/programme.yaml"), *(DOMAIN / "programmes").glob("*.yaml"))
OF_THE_CUSTOMER = re.compile(r"\?|\b(I|I'm|my|you|your|ich|mein|Sie|Ihre?|Ihnen)\b", re.IGNORECASE)


@pytest.mark.parametrize("path", PROGRAMMES, ids=lambda path: path.stem + path.parent.name)
def test_what_asks_the_customer_has_a_short_form_for_partners_and_hq(path):
    programme = read_programme(read_yaml(path.read_text("utf-8")))
    for question in (question for form in programme.forms for question in form.questions):
        for asked in (question, *question.options):
            for language in programme.languages:
                told = asked.short.get(language) or asked.label[language]
                assert not OF_THE_CUSTOMER.search(told), f"{question.id}, {language}: {told}"


@pytest.mark.parametrize("name", ["dach-heating", "us-solar"])
def test_a_sample_moves_on_within_minutes(name):
    programme, _ = sample(name)
    assert max(rule.window.minutes or 999 for rule in programme.offers) <= 2
    assert (programme.calendar.round_up_minutes, programme.reminders.min_gap_minutes) == (0, 0)
    assert programme.hq.digests == []


@pytest.mark.parametrize(
    ("name", "country", "postcode", "product"),
    [("dach-heating", "DE", "80331", "heat-pump"), ("us-solar", "US", "80202", "rooftop-solar")],
)
def test_a_place_many_cover_has_four_partners_at_any_hour_of_the_week(
    name, country, postcode, product
):
    start = datetime(2026, 12, 21, tzinfo=UTC)  # Christmas week
    for hours in range(0, 7 * 24, 9):
        decision = routed(name, country, postcode, product, "soon", start + timedelta(hours=hours))
        assert len(decision.ranked) >= 4
    assert len(routed(name, country, postcode, product, "emergency", start).ranked) >= 3


@pytest.mark.parametrize(
    ("name", "country", "postcode", "product"),
    [("dach-heating", "DE", "25980", "heat-pump"), ("us-solar", "US", "99723", "battery")],
)
def test_a_place_nobody_covers_is_there_too(name, country, postcode, product):
    decision = routed(name, country, postcode, product, "soon", datetime(2026, 11, 21, tzinfo=UTC))
    assert decision.ranked == ()
    assert not any(decision.excluded.values())

""" "Already my customer": a claim that HQ decides, or time does; neutral, and never silent."""

import re
from datetime import timedelta
from typing import Any

import boto3
import pytest

from infra.tools.hq_key import create_key
from routing_core.domain.figures import NONE_YET
from routing_core.domain.partner import Caps
from tests.support.builders import NOON
from tests.support.invariants import NOTHING, check, look
from tests.support.world import World, a_programme, munich

REASONS = [
    {"id": "busy", "label": {"en": "No capacity", "de": "Keine Kapazität"}},
    {
        "id": "customer",
        "label": {"en": "Already our customer", "de": "Schon unser Kunde"},
        "then": "claim",
    },
]


def claimed(world: World, partners: int = 2, text: str = "", **post: object) -> str:
    world.use(
        a_programme(decline_reasons=REASONS),
        *(munich(n, caps=Caps(open=1)) for n in range(1, partners + 1)),
    )
    lead_id: str = world.post_lead(**post).json()["lead"]
    world.press(world.offer_link(lead_id, 1), action="decline", reason="customer", text=text)
    return lead_id


def hq(world: World, lead_id: str, action: str, **form: str) -> str:
    return world.press(
        f"/q/{world.wiring.services.queue_link(lead_id).split('/q/')[1]}", action=action, **form
    ).body


def said(world: World, to: str) -> str:
    """The words of every mail to that address, on one line."""
    bodies = (m.get_body(("plain",)).get_content() for m in world.mails(to))  # type: ignore[union-attr]
    return " ".join(" ".join(bodies).split())


def test_a_claim_stops_the_routing_and_asks_hq(world: World) -> None:
    lead_id = claimed(world, text="We serviced the boiler last year.")
    world.deliver()
    lead = world.lead(lead_id)
    assert (lead.status, lead.reason, len(lead.offers)) == ("hq_queue", "claimed", 1)
    assert lead.promised_by, "the prospect is still promised to hear"
    assert (world.load("munich-1").open_count, world.load("munich-2").open_count) == (0, 0)
    mail = said(world, "hq@example.com")
    assert "Already a customer of Isar Wärme 1?" in mail
    assert "serviced" in hq(world, lead_id, "")
    assert world.load("munich-1").figures == NONE_YET, "it counts for and against nobody"
    check(NOTHING, look(world))


def test_hq_turns_a_claim_down_by_assigning_somebody_else_only_after_a_question_that_names_the_claimant(
    world: World,
) -> None:
    lead_id = claimed(world)
    html = hq(world, lead_id, "")
    forms = re.findall(r'<form method="post" novalidate>.*?</form>', html, re.DOTALL)
    assigning = [form for form in forms if 'value="assign"' in form and 'value="munich-2"' in form]
    assert assigning
    for form in assigning:
        assert "Isar Wärme 1 says that this is their customer." in form
        before = html[: html.index(form)]
        assert before.count("<details") > before.count("</details>"), "folded until it is asked for"


def test_the_page_says_before_and_after_that_hq_decides(world: World) -> None:
    world.use(a_programme(decline_reasons=REASONS), munich(1, language="en"))
    lead_id = world.post_lead().json()["lead"]
    link = world.offer_link(lead_id, 1)
    assert "decides whose customer it is" in world.http("GET", link).body
    assert (
        "Example Heating decides by 13:00 today"
        in world.press(link, action="decline", reason="customer").body
    )
    again = world.press(link, action="accept")
    assert (again.status, world.lead(lead_id).status) == (200, "hq_queue")


@pytest.mark.slow
def test_a_claim_that_hq_grants_is_the_claimants_at_once_cap_or_no_cap(world: World) -> None:
    lead_id = claimed(world, partners=1)
    world.post_lead("two", email="b@posteo.de", phone="")  # takes the only place
    hq(world, lead_id, "grant")
    lead = world.lead(lead_id)
    assert (lead.status, lead.owner, lead.reason, world.load("munich-1").open_count) == (
        "accepted",
        "munich-1",
        "",
        2,
    )
    world.deliver()
    assert "entschieden: Das ist Ihr Kunde" in said(world, "munich-1")
    assert "Erika Beispiel" in said(world, "munich-1")
    assert "Isar Wärme 1" in said(world, "erika@posteo.de")
    assert "entschieden: Das ist Ihr Kunde" in world.http("GET", world.offer_link(lead_id, 1)).body


def test_nobody_is_granted_a_customer_who_works_with_hq_no_longer(world: World) -> None:
    lead_id = claimed(world)
    key = {"X-Api-Key": world.api_key("partners:write", "leads:write")}
    assert world.http("DELETE", "/v1/partners/munich-1", headers=key).status == 200
    assert "This partner is deactivated." in hq(world, lead_id, "grant")
    refused = world.http("POST", f"/v1/leads/{lead_id}/grant", headers=key)
    assert (refused.status, refused.json()["errors"][0]["code"]) == (422, "deactivated")
    assert world.lead(lead_id).owner is None
    world.http("POST", "/v1/partners/munich-1/reactivate", headers=key)
    assert world.http("POST", f"/v1/leads/{lead_id}/grant", headers=key).status == 200
    assert world.lead(lead_id).owner == "munich-1"


def test_how_fast_the_claimant_answered_is_not_how_fast_hq_decided(world: World) -> None:
    world.use(a_programme(decline_reasons=REASONS), munich(1))  # two hours to answer
    lead_id = world.post_lead().json()["lead"]
    world.advance(minutes=12)
    world.press(world.offer_link(lead_id, 1), action="decline", reason="customer")
    world.advance(minutes=40)
    hq(world, lead_id, "grant")
    assert world.lead(lead_id).offers[0].used == 100


def test_to_assign_the_lead_to_the_claimant_grants_it(world: World) -> None:
    lead_id = claimed(world)
    hq(world, lead_id, "assign", partner="munich-1")
    assert (world.lead(lead_id).owner, "claim.granted" in world.facts(lead_id)) == (
        "munich-1",
        True,
    )


def test_a_claim_that_hq_does_not_grant_goes_to_the_next_partner_and_the_claimant_hears(
    world: World,
) -> None:
    lead_id = claimed(world)
    hq(world, lead_id, "release")
    lead = world.lead(lead_id)
    assert [(o.partner, o.status) for o in lead.offers] == [
        ("munich-1", "withdrawn"),
        ("munich-2", "pending"),
    ]
    world.deliver()
    assert "anders entschieden" in said(world, "munich-1")
    assert (
        "hat entschieden, die Anfrage wie üblich zu vergeben"
        in world.http("GET", world.offer_link(lead_id, 1)).body
    )
    check(NOTHING, look(world))


def test_without_a_decision_the_lead_goes_on_when_hqs_time_is_over(world: World) -> None:
    lead_id = claimed(world)
    world.run_until(NOON + timedelta(minutes=59))
    assert world.lead(lead_id).status == "hq_queue"
    world.run_until(NOON + timedelta(minutes=61))
    lead = world.lead(lead_id)
    assert (lead.status, lead.offers[1].partner) == ("offered", "munich-2")
    assert "nicht rechtzeitig entschieden" in said(world, "munich-1")
    check(NOTHING, look(world))


def test_without_a_decision_and_without_anybody_else_hq_is_told_that_nobody_is_left(
    world: World,
) -> None:
    lead_id = claimed(world, partners=1)
    world.run_until(NOON + timedelta(minutes=61))
    lead = world.lead(lead_id)
    assert (lead.status, lead.reason, lead.exhausted) == ("hq_queue", "exhausted", True)
    world.run_until(NOON + timedelta(minutes=122))
    assert world.lead(lead_id).status == "follow_up"


@pytest.mark.slow
def test_capacity_that_comes_free_does_not_overtake_hqs_decision(world: World) -> None:
    """Of a lead nobody could take before: it is tried again whenever somebody has room, but not
    while HQ decides.
    """
    world.use(a_programme(decline_reasons=REASONS), munich(1, caps=Caps(open=0)))
    lead_id = world.post_lead().json()["lead"]
    world.run_for(hours=3)
    world.wiring.partners.save([(munich(2), None)], world.now)
    world.deliver()
    world.press(world.offer_link(lead_id), action="decline", reason="customer")
    world.wiring.partners.save([(munich(3), None)], world.now)
    world.deliver()
    assert world.lead(lead_id).undecided
    hq(world, lead_id, "release")
    assert world.lead(lead_id).offers[-1].partner == "munich-3"


def test_hqs_time_does_not_count_as_the_partners(world: World) -> None:
    """The time all offers together may take starts anew: two working days after noon, not what HQ
    left of it.
    """
    lead_id = claimed(world)
    world.run_until(NOON + timedelta(minutes=61))
    total = world.lead(lead_id).total_by
    assert total
    assert total > NOON + timedelta(days=2)


def test_an_emergency_waits_for_nobody(world: World) -> None:
    lead_id = claimed(world, urgency="emergency")
    lead = world.lead(lead_id)
    assert [(o.partner, o.status) for o in lead.offers] == [
        ("munich-1", "declined"),
        ("munich-2", "pending"),
    ]


def test_a_late_acceptor_waits_while_hq_decides_whose_customer_it_is(world: World) -> None:
    share = [
        {
            "window": {"minutes": 30},
            "on_lapse": "share",
            "partners": 3,
            "total": {"working_days": 2},
        }
    ]
    world.use(a_programme(decline_reasons=REASONS, offers=share), munich(1), munich(2))
    lead_id = world.post_lead().json()["lead"]
    world.run_for(minutes=31)
    world.press(world.offer_link(lead_id, 2), action="decline", reason="customer")
    page = world.press(world.offer_link(lead_id, 1), action="accept")
    assert (page.status, world.lead(lead_id).owner) == (200, None)
    assert "Ein anderer Partner meldet, dass das schon sein Kunde ist" in page.body
    hq(world, lead_id, "release")
    world.press(world.offer_link(lead_id, 1), action="accept")
    assert world.lead(lead_id).owner == world.lead(lead_id).offers[0].partner


@pytest.mark.parametrize(
    ("ending", "why"), [("assign", "assigned"), ("reject", "closed"), ("withdraw", "withdrawn")]
)
@pytest.mark.slow
def test_however_it_ends_the_claimant_hears(world: World, ending: str, why: str) -> None:
    lead_id = claimed(world)
    if ending == "withdraw":
        world.press(f"/s/{world.wiring.links.status(lead_id).split('/s/')[1]}", action="withdraw")
    else:
        hq(world, lead_id, ending, partner="munich-2")
    first = world.lead(lead_id).offers[0]
    assert (first.status, first.reason) == ("withdrawn", why)
    before = len(world.mails("munich-1"))
    world.deliver()
    assert len(world.mails("munich-1")) > before
    check(NOTHING, look(world))


def test_nobody_grants_a_claim_twice_or_one_that_is_over(world: World) -> None:
    lead_id = claimed(world)
    key = create_key(boto3.client("dynamodb"), "partners")

    def grant() -> Any:
        headers = {"X-Api-Key": key}
        return world.http("POST", f"/v1/leads/{lead_id}/grant", json_body={}, headers=headers)

    assert grant().json()["lead"]["owner"] == "munich-1"
    assert grant().status == 409
    version = world.lead(lead_id).version
    assert "nicht mehr möglich" not in hq(world, lead_id, "grant")
    assert world.lead(lead_id).version == version

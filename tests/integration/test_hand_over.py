"""An owner hands a lead over: to a colleague, to another partner who could take it, or to HQ; never
to an outsider.
"""

from datetime import timedelta
from typing import Any

import pytest

from routing_core.domain.partner import Caps, Person
from tests.support.builders import NOON
from tests.support.invariants import NOTHING, check, look
from tests.support.world import World, a_programme, munich


def firm(number: int, **changes: Any) -> Any:
    """A partner with a domain of its own."""
    email = f"office@firm-{number}.example"
    return munich(
        number,
        **{"contact": Person(email, "Chris"), "confirmed_email": email, "language": "en"} | changes,
    )


def owned(world: World, *partners: Any, **rules: object) -> str:
    world.use(a_programme(**rules), *(partners or (firm(1), firm(2), firm(3))))
    lead_id: str = world.post_lead().json()["lead"]
    world.press(world.offer_link(lead_id, 1), action="accept")
    world.deliver()
    return lead_id


def press(world: World, lead_id: str, action: str, **form: str) -> Any:
    return world.press(world.offer_link(lead_id, 1), action=action, **form)


def said(world: World, to: str) -> str:
    bodies = (m.get_body(("plain",)).get_content() for m in world.mails(to))  # type: ignore[union-attr]
    return " ".join(" ".join(bodies).split())


# ── to a colleague ────────────────────────────────────────────────────────────────────────────────


def test_a_colleague_gets_everything_to_call_and_the_firm_stays_the_owner(world: World) -> None:
    lead_id = owned(world)
    before = world.lead(lead_id)
    page = press(world, lead_id, "colleague", name="Sam Huber", email="sam@firm-1.example")
    assert "Sam Huber is looking after it" in page.body
    lead = world.lead(lead_id)
    assert (lead.owner, lead.deadlines, lead.promised_by) == (
        "munich-1",
        before.deadlines,
        before.promised_by,
    )
    world.deliver()
    (mail,) = world.mails("sam@firm-1.example")
    text = said(world, "sam@firm-1.example")
    assert all(part in text for part in ("Erika Beispiel", "99998"))
    assert "Erika Beispiel" in world.http("GET", world.mailed_link("sam@firm-1.example", "o")).body
    assert [part.get_content_type() for part in mail.iter_attachments()] == ["text/calendar"]
    assert "sam@" not in str(
        [fact.to_data() for row in world.events(lead_id) for fact in row.events]
    )
    check(NOTHING, look(world))


@pytest.mark.slow
def test_from_then_on_mails_about_the_lead_go_to_the_colleague_and_what_may_cost_it_to_the_firm_too(
    world: World,
) -> None:
    lead_id = owned(
        world,
        contact=[{"window": {"minutes": 240}}],
        missed_contact={"retract_after": {"minutes": 60}},
    )
    press(world, lead_id, "colleague", name="Sam", email="sam@firm-1.example")
    world.deliver()
    firms = len(world.mails("office@firm-1.example"))
    world.press(
        f"/s/{world.wiring.links.status(lead_id).split('/s/')[1]}",
        action="note",
        text="Ring twice.",
    )
    world.deliver()
    assert "Ring twice." in said(world, "sam@firm-1.example")
    assert len(world.mails("office@firm-1.example")) == firms
    world.run_until(NOON + timedelta(minutes=301))
    both = [str(m["Subject"]) for m in world.mails("office@firm-1.example")[firms:]]
    assert [subject.split(":")[0] for subject in both] == ["Please call", "Taken back"]
    assert [str(m["Subject"]) for m in world.mails("sam@firm-1.example")][-2:] == both


def test_the_second_contact_is_a_colleague_whatever_the_address(world: World) -> None:
    lead_id = owned(world, firm(1, second_contact=Person("kim@gmail.com", "Kim")))
    assert press(world, lead_id, "colleague", name="Kim", email="Kim@gmail.com").status == 200
    assert world.lead(lead_id).colleague


@pytest.mark.parametrize(
    ("email", "why"),
    [
        ("sam@elsewhere.example", "does not belong to your company"),
        ("sam@mail.firm-1.example", "does not belong to your company"),
        ("sam@gmail.com", "does not belong to your company"),
        ("sam@firm-1.example, eve@elsewhere.example", "Enter a valid email address"),
        ("", "Enter a valid email address"),
    ],
)
@pytest.mark.slow
def test_an_outsider_gets_nothing_and_the_page_says_why(world: World, email: str, why: str) -> None:
    lead_id = owned(world)
    stored = world.lead(lead_id)
    answer = press(world, lead_id, "colleague", name="Sam", email=email)
    assert (answer.status, why in answer.body) == (422, True)
    assert world.lead(lead_id) == stored


def test_at_a_public_mail_service_nobody_is_a_colleague_by_domain(world: World) -> None:
    public = {
        "contact": Person("isar.waerme@gmail.com", "Chris"),
        "confirmed_email": "isar.waerme@gmail.com",
    }
    lead_id = owned(world, firm(1, **public))
    answer = press(world, lead_id, "colleague", name="Sam", email="sam@gmail.com")
    assert (
        answer.status,
        "cannot tell whether this address belongs to your company" in answer.body,
    ) == (422, True)
    assert (
        "isar.waerme@gmail.com"
        in world.http("GET", world.offer_link(lead_id, 1) + "?show=hand-over").body
    )


def test_the_same_colleague_twice_is_one_mail_and_the_next_owner_has_none(world: World) -> None:
    lead_id = owned(world)
    for _ in range(2):
        press(world, lead_id, "colleague", name="Sam", email="sam@firm-1.example")
    assert world.facts(lead_id).count("lead.delegated") == 1
    press(world, lead_id, "partner", partner="munich-2")
    world.press(world.offer_link(lead_id, 2), action="accept")
    assert world.lead(lead_id).colleague is None


# ── to another partner ────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_another_partner_who_could_take_it_is_asked_in_the_same_commit(world: World) -> None:
    lead_id = owned(world, firm(1), firm(2, caps=Caps(open=0)), firm(3), firm(4, paused=True))
    page = world.http("GET", world.offer_link(lead_id, 1) + "?show=hand-over").body
    assert "Isar Wärme 3" in page
    assert not any(name in page for name in ("Isar Wärme 1<", "Isar Wärme 2", "Isar Wärme 4"))
    promised, version = world.lead(lead_id).promised_by, world.lead(lead_id).version
    assert "handed this enquiry over" in press(world, lead_id, "partner", partner="munich-3").body
    lead = world.lead(lead_id)
    assert [(o.partner, o.status, o.kind) for o in lead.offers] == [
        ("munich-1", "withdrawn", "routed"),
        ("munich-3", "pending", "handed"),
    ]
    assert (lead.version, lead.promised_by, lead.owner) == (version + 1, promised, None)
    assert (world.load("munich-1").open_count, world.load("munich-3").open_count) == (0, 1)
    world.deliver()
    assert "Another partner is handing this enquiry over to you" in said(
        world, "office@firm-3.example"
    )
    assert "Erika" not in said(world, "office@firm-3.example")
    assert "Isar Wärme 1 cannot look after your enquiry after all" in said(world, "erika@posteo.de")
    assert "Isar Wärme 1 handed it over to Isar Wärme 3" in said(world, "hq@example.com")
    check(NOTHING, look(world))


@pytest.mark.parametrize("answer", ["decline", "lapse"])
@pytest.mark.slow
def test_if_they_do_not_take_it_routing_goes_on_and_never_back(world: World, answer: str) -> None:
    lead_id = owned(world)
    press(world, lead_id, "partner", partner="munich-3")
    if answer == "decline":
        world.press(world.offer_link(lead_id, 2), action="decline", reason="busy")
    else:
        world.run_for(minutes=121)
    lead = world.lead(lead_id)
    assert [(o.partner, o.kind) for o in lead.offers[2:]] == [("munich-2", "routed")]
    world.press(world.offer_link(lead_id, 3), action="decline", reason="busy")
    assert world.lead(lead_id).status == "hq_queue"


@pytest.mark.parametrize("partner", ["", "munich-1", "munich-2", "munich-9", "<b>"])
@pytest.mark.slow
def test_only_who_could_take_it_now_can_be_chosen(world: World, partner: str) -> None:
    lead_id = owned(world, firm(1), firm(2, caps=Caps(open=0)))
    stored = world.lead(lead_id)
    assert press(world, lead_id, "partner", partner=partner).status == 422
    assert world.lead(lead_id) == stored


# ── to HQ ─────────────────────────────────────────────────────────────────────────────────────────


def test_for_anybody_else_hq_decides_and_reads_why(world: World) -> None:
    lead_id = owned(world)
    press(world, lead_id, "hq", text="My cousin in Dachau would be nearer.")
    lead = world.lead(lead_id)
    assert (lead.status, lead.reason, lead.owner) == ("hq_queue", "handed_over", None)
    assert lead.promised_by
    world.deliver()
    assert "Please choose who gets it" in said(world, "hq@example.com")
    queue = f"/q/{world.wiring.services.queue_link(lead_id).split('/q/')[1]}"
    assert "cousin" in world.http("GET", queue).body
    world.press(queue, action="assign", partner="munich-2")
    assert world.lead(lead_id).offers[-1].partner == "munich-2"
    check(NOTHING, look(world))


def test_without_a_decision_of_hq_the_next_partner_is_asked(world: World) -> None:
    lead_id = owned(world)
    press(world, lead_id, "hq", text="I cannot keep it.")
    world.run_for(minutes=61)
    lead = world.lead(lead_id)
    assert (lead.status, lead.offers[-1].kind) == ("offered", "routed")
    assert lead.offers[-1].partner != "munich-1"


def test_without_a_word_hq_cannot_decide(world: World) -> None:
    lead_id = owned(world)
    assert press(world, lead_id, "hq", text=" ").status == 422
    assert world.lead(lead_id).owner == "munich-1"


# ── who may ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "form",
    [
        {"action": "colleague", "name": "Sam", "email": "sam@firm-1.example"},
        {"action": "partner", "partner": "munich-3"},
        {"action": "hq", "text": "please"},
    ],
)
@pytest.mark.slow
def test_only_the_owner_hands_over(world: World, form: dict[str, str]) -> None:
    lead_id = owned(world)
    press(world, lead_id, "partner", partner="munich-2")
    stored = world.lead(lead_id)
    for number in (1, 2):
        link = world.offer_link(lead_id, number)
        assert "<h1>Hand it over" not in world.http("GET", f"{link}?show=hand-over").body
        assert world.press(link, **form).status == 200
    assert world.lead(lead_id) == stored


def test_looking_at_the_choice_writes_nothing(world: World) -> None:
    lead_id = owned(world)
    before = world.items(), world.items("partners")
    assert world.http("GET", world.offer_link(lead_id, 1) + "?show=hand-over").status == 200
    assert (world.items(), world.items("partners")) == before

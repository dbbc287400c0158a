"""What is too long for a note is refused with its limit, and stands on the page as it was typed."""

import html

import pytest

from routing_core.domain.lead import LONGEST_NOTE
from tests.integration.test_ask_partner import (
    ADMIN,
    ask,
    ask_by_api,
    lead,
    mark_on,
    offer_page,
    reply,
)
from tests.integration.test_desk_bulk import named, press
from tests.integration.test_hours import status_page
from tests.support.world import Answer, World

__all__ = ["lead"]

TOO_LONG = "ü" * (LONGEST_NOTE + 1)
FITS = "ü" * LONGEST_NOTE
SENTENCE = "Please shorten the text: it has 2001 characters, and at most 2000 fit."


def notes(world: World, lead: str) -> list[str]:
    context = world.wiring.leads.context(lead)
    return [each.text for each in context.notes]


def is_refused(answer: Answer, field: str) -> bool:
    """Tell whether it was refused at that field, with all that was typed still there."""
    assert (answer.status, f'href="#{field}"' in answer.body) == (422, True)
    assert SENTENCE in html.unescape(answer.body)
    return TOO_LONG in answer.body


@pytest.mark.parametrize("action", ["note", "ask"])
def test_hq_is_told_that_a_note_is_too_long(world: World, lead: str, action: str) -> None:
    path = f"/hq/leads/{lead}"
    assert is_refused(
        world.desk(ADMIN).press(path, action=action, text=TOO_LONG), f"f-{action}-text"
    )
    assert notes(world, lead) == []
    world.desk(ADMIN).press(path, action=action, text=FITS)
    assert notes(world, lead) == [FITS]


def test_hq_is_told_so_of_a_note_for_many_leads(world: World, lead: str) -> None:
    desk = world.desk(ADMIN)
    refused = press(desk, named(world, lead), action="note", text=TOO_LONG)
    assert is_refused(refused, "f-press-text")
    assert notes(world, lead) == []


def test_a_machine_is_told_which_field_is_too_long_and_by_how_much(world: World, lead: str) -> None:
    key = {"X-Api-Key": world.api_key("leads:write")}
    path = f"/v1/leads/{lead}/notes"
    for refused in (
        world.http("POST", path, json_body={"text": TOO_LONG}, headers=key),
        ask_by_api(world, lead, {"text": TOO_LONG}),
    ):
        (error,) = refused.json()["errors"]
        assert (refused.status, error["field"], error["code"]) == (422, "text", "too_long")
        assert SENTENCE in error.values()
    assert notes(world, lead) == []
    assert world.http("POST", path, json_body={"text": FITS}, headers=key).status == 200
    assert notes(world, lead) == [FITS]


@pytest.mark.parametrize("action", ["note", "lost", "quoted", "won"])
def test_a_partner_is_told_beside_every_answer(world: World, lead: str, action: str) -> None:
    before = world.lead(lead)
    form = {"action": action, "text": TOO_LONG, "value": "900"}
    if action == "lost":
        reasons = offer_page(world, lead).partition(f'id="f-{action}-reason')[2]
        form["reason"] = reasons.partition('value="')[2].partition('"')[0]
    refused = world.press(world.offer_link(lead), **form)
    assert is_refused(refused, f"f-{action}-text")
    assert world.lead(lead) == before
    assert notes(world, lead) == []


def test_a_partner_is_told_so_when_declining(world: World, lead: str) -> None:
    second = world.post_lead(email="other@example.org", phone="+4989123999").json()["lead"]
    link = world.offer_link(second)
    reasons = world.http("GET", link).body.partition('id="f-decline-reason')[2]
    reason = reasons.partition('value="')[2].partition('"')[0]
    refused = world.press(link, action="decline", reason=reason, text=TOO_LONG)
    assert is_refused(refused, "f-decline-text")
    assert world.lead(second).live_offers


def test_a_partner_is_told_so_of_an_answer_to_hq(world: World, lead: str) -> None:
    ask(world, lead)
    mark = mark_on(offer_page(world, lead))
    assert is_refused(reply(world, lead, TOO_LONG, mark), "f-reply-text")
    reply(world, lead, FITS, mark)
    assert notes(world, lead)[1:] == [FITS]


def test_who_enquired_is_told_so_too(world: World, lead: str) -> None:
    link = status_page(world, lead)
    assert is_refused(world.press(link, action="note", text=TOO_LONG), "f-note-text")
    world.press(link, action="note", text=FITS)
    assert notes(world, lead) == [FITS]

"""HQ asks the owner of a lead something on its page; the owner answers on the offer's page."""

import re
from urllib.parse import urlsplit

import pytest

from routing_core.domain.lead import LONGEST_NOTE
from tests.integration.test_sentences_are_true import text_of
from tests.support.builders import programme_document
from tests.support.world import Answer, World, a_programme, munich

ADMIN, BAVARIA, BERLIN, VIEWER = (
    "hq@example.com",
    "bavaria@example.com",
    "berlin@example.com",
    "looks@example.com",
)
PEOPLE = {
    "people": [
        {"email": ADMIN, "name": "Helga Zentral", "role": "admin"},
        {"email": BAVARIA, "name": "Sam South", "role": "manager", "regions": ["munich"]},
        {"email": BERLIN, "role": "manager", "regions": ["berlin"]},
        {"email": VIEWER, "role": "viewer"},
    ],
    "digests": [],
}
REGIONS = {
    "munich": {"country": "DE", "postcodes": ["80*", "81000-81999"]},
    "berlin": {"country": "DE", "postcodes": ["10*"]},
}
QUESTION = "Has the boiler been ordered?"
ANSWER = "It comes in May."
TITLE = "has a question for you"


@pytest.fixture
def lead(world: World) -> str:
    """A lead that a partner owns."""
    hq = {k: v for k, v in programme_document()["hq"].items() if k != "emails"} | PEOPLE
    partners = [munich(number, language="en") for number in (1, 2)]
    world.use(a_programme(hq=hq, regions=REGIONS), *partners)
    lead_id: str = world.post_lead().json()["lead"]
    world.press(world.offer_link(lead_id), action="accept")
    world.deliver()
    return lead_id


def ask(world: World, lead: str, text: str = QUESTION, email: str = BAVARIA) -> Answer:
    answer = world.desk(email).press(f"/hq/leads/{lead}", action="ask", text=text)
    world.deliver()
    return answer


def offer_page(world: World, lead: str) -> str:
    return world.http("GET", world.offer_link(lead)).body


def mark_on(page: str) -> str:
    found = re.search(r'name="question" value="([^"]+)"', page)
    assert found
    return found[1]


def reply(world: World, lead: str, text: str = ANSWER, mark: str = "") -> Answer:
    mark = mark or mark_on(offer_page(world, lead))
    answer = world.press(world.offer_link(lead), action="reply", question=mark, text=text)
    world.deliver()
    return answer


def owners_mails(world: World, lead: str) -> list[str]:
    mails = world.mails(f"{world.lead(lead).owner}@example.com")
    return [text_of(mail) for mail in mails if TITLE in text_of(mail)]


def answered_mails(world: World, email: str) -> list[str]:
    return [text_of(each) for each in world.mails(email) if "Answered:" in str(each["Subject"])]


def test_a_question_goes_to_the_owner_and_the_answer_to_who_asked(world: World, lead: str) -> None:
    told = ask(world, lead)
    assert "Question sent." in told.body
    (mail,) = owners_mails(world, lead)
    assert QUESTION in mail
    assert "/o/" in mail
    page = offer_page(world, lead)
    assert page.index("<h1>") < page.index(TITLE) < page.index('id="contact"')
    assert QUESTION in page
    done = reply(world, lead)
    assert "has your answer." in done.body
    assert TITLE not in done.body
    assert 'value="reply"' not in done.body
    (heard,) = answered_mails(world, BAVARIA)
    assert f"/leads/{lead}" in heard
    assert ANSWER not in heard
    assert answered_mails(world, ADMIN) == []
    hq = world.desk(ADMIN).get(f"/hq/leads/{lead}").body
    assert re.search(r"Question from [^<]+ \(Sam South\), [^<]+</p><blockquote>" + QUESTION[:5], hq)
    assert re.search(r"Answer from the partner, [^<]+</p><blockquote>" + ANSWER, hq)
    assert world.facts(lead)[-2:] == ["question.asked", "question.answered"]


def test_the_partner_does_not_read_who_at_hq_asked(world: World, lead: str) -> None:
    ask(world, lead)
    (mail,) = owners_mails(world, lead)
    assert "Sam South" not in mail
    assert "Sam South" not in offer_page(world, lead)


def test_looking_at_the_question_changes_nothing(world: World, lead: str) -> None:
    ask(world, lead)
    before = world.items()
    assert QUESTION in offer_page(world, lead)
    assert world.items() == before


def test_a_colleague_who_looks_after_it_is_asked_instead_of_the_firm(
    world: World, lead: str
) -> None:
    link = world.offer_link(lead)
    world.press(link, action="colleague", name="Sam", email="sam@example.com")
    world.deliver()
    ask(world, lead)
    assert owners_mails(world, lead) == []
    (mail,) = [each for each in world.mails("sam@example.com") if TITLE in text_of(each)]
    assert QUESTION in text_of(mail)


def test_a_second_press_asks_and_answers_once(world: World, lead: str) -> None:
    ask(world, lead)
    ask(world, lead)
    assert len(owners_mails(world, lead)) == 1
    mark = mark_on(offer_page(world, lead))
    reply(world, lead, mark=mark)
    again = reply(world, lead, mark=mark)
    assert "has your answer." in again.body
    assert len(answered_mails(world, BAVARIA)) == 1
    assert world.facts(lead).count("question.asked") == 1
    assert world.facts(lead).count("question.answered") == 1


def test_a_newer_question_takes_the_place_of_the_open_one(world: World, lead: str) -> None:
    ask(world, lead)
    old = mark_on(offer_page(world, lead))
    page = world.desk(ADMIN).get(f"/hq/leads/{lead}").body
    assert "A new one takes its place." in page
    world.advance(minutes=5)
    ask(world, lead, "Or is it <b>cancelled</b>?", ADMIN)
    late = reply(world, lead, mark=old)
    assert late.status == 422
    assert "The question has changed in the meantime." in late.body
    assert f">{ANSWER}</textarea>" in late.body
    assert "question.answered" not in world.facts(lead)
    reply(world, lead)
    assert len(answered_mails(world, ADMIN)) == 1
    assert answered_mails(world, BAVARIA) == []


def test_what_a_colleague_answers_besides_is_not_lost(world: World, lead: str) -> None:
    ask(world, lead)
    mark = mark_on(offer_page(world, lead))
    reply(world, lead, mark=mark)
    reply(world, lead, "In June, I hear.", mark)
    hq = world.desk(ADMIN).get(f"/hq/leads/{lead}").body
    assert hq.count("Answer from the partner") == 2


def test_hostile_words_are_shown_as_they_were_typed(world: World, lead: str) -> None:
    hostile = "<script>alert(1)</script> {{ 7*7 }} \"' \u202e"
    ask(world, lead, hostile)
    assert "<script>alert" not in offer_page(world, lead)
    html = world.mails(f"{world.lead(lead).owner}@example.com")[-1].as_string()
    assert "<script>alert" not in html.replace("=\n", "").partition("text/html")[2]
    reply(world, lead, (hostile + "x" * 3000)[:LONGEST_NOTE])
    hq = world.desk(ADMIN).get(f"/hq/leads/{lead}").body
    assert "<script>alert" not in hq
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }}" in hq
    question, answer = world.wiring.leads.context(lead).notes[-2:]
    assert answer.answered_by == question.asked


@pytest.mark.parametrize("text", ["", "  \n "])
def test_an_empty_question_or_answer_is_refused_at_its_field(
    world: World, lead: str, text: str
) -> None:
    refused = world.desk(ADMIN).post(f"/hq/leads/{lead}", action="ask", text=text)
    assert refused.status == 422
    assert 'href="#f-ask-text"' in refused.body
    ask(world, lead)
    refused = reply(world, lead, text)
    assert refused.status == 422
    assert 'href="#f-reply-text"' in refused.body


def test_only_who_acts_on_leads_of_the_region_asks(world: World, lead: str) -> None:
    path = f"/hq/leads/{lead}"
    assert 'value="ask"' in world.desk(BAVARIA).get(path).body
    assert 'value="ask"' not in world.desk(VIEWER).get(path).body
    assert world.desk(VIEWER).post(path, action="ask", text=QUESTION).status == 403
    assert world.desk(BERLIN).post(path, action="ask", text=QUESTION).status == 404
    assert "question.asked" not in world.facts(lead)


def test_a_link_that_names_nobody_asks_nothing(world: World, lead: str) -> None:
    path = urlsplit(world.wiring.services.queue_link(lead)).path
    page = world.http("GET", path)
    assert page.status == 200
    assert 'value="ask"' not in page.body
    assert world.press(path, action="ask", text=QUESTION).status == 403
    assert "question.asked" not in world.facts(lead)


def test_a_lead_that_nobody_owns_has_nobody_to_ask(world: World, lead: str) -> None:
    world.press(world.offer_link(lead), action="hq", text="Too far away.")
    world.deliver()
    page = world.desk(ADMIN).get(f"/hq/leads/{lead}").body
    assert 'value="ask"' not in page
    assert "no longer possible" in ask(world, lead).body
    assert "question.asked" not in world.facts(lead)


def test_who_lost_the_lead_meanwhile_neither_reads_nor_answers(world: World, lead: str) -> None:
    link = world.offer_link(lead)
    former = world.lead(lead).owner
    world.desk(BAVARIA).press(f"/hq/leads/{lead}", action="ask", text=QUESTION)
    mark = mark_on(world.http("GET", link).body)
    world.press(link, action="hq", text="Too far away.")
    world.deliver()
    assert [m for m in world.mails(f"{former}@example.com") if TITLE in text_of(m)] == []
    page = world.http("GET", link).body
    assert QUESTION not in page
    assert 'value="reply"' not in page
    late = world.press(link, action="reply", question=mark, text=ANSWER)
    assert "has your answer." not in late.body
    assert "question.answered" not in world.facts(lead)
    other = "munich-2" if former == "munich-1" else "munich-1"
    version = str(world.lead(lead).version)
    world.desk(ADMIN).press(f"/hq/leads/{lead}", action="assign", partner=other, version=version)
    world.press(world.offer_link(lead), action="accept")
    assert world.lead(lead).owner == other
    assert 'value="reply"' not in offer_page(world, lead)


def test_a_question_about_what_has_ended_has_no_button(world: World, lead: str) -> None:
    ask(world, lead)
    mark = mark_on(offer_page(world, lead))
    world.press(world.offer_link(lead), action="won", value="12500")
    assert 'value="reply"' not in offer_page(world, lead)
    assert 'value="ask"' not in world.desk(ADMIN).get(f"/hq/leads/{lead}").body
    # Who had the page open all the time is heard nevertheless.
    assert "has your answer." in reply(world, lead, mark=mark).body
    assert len(answered_mails(world, BAVARIA)) == 1


def test_an_answer_to_nothing_is_none(world: World, lead: str) -> None:
    before = world.lead(lead)
    page = reply(world, lead, mark="2026-01-01")
    assert "has your answer." not in page.body
    assert world.lead(lead) == before


def test_without_who_asked_the_regions_people_hear_the_answer(world: World, lead: str) -> None:
    ask(world, lead)
    people = [each for each in PEOPLE["people"] if each["email"] != BAVARIA]  # type: ignore[index]
    hq = {k: v for k, v in programme_document()["hq"].items() if k != "emails"}
    hq |= {"people": people, "digests": []}
    world.use(a_programme(hq=hq, regions=REGIONS))
    reply(world, lead)
    assert answered_mails(world, BAVARIA) == []
    assert len(answered_mails(world, ADMIN)) == 1


def ask_by_api(world: World, lead: str, body: object, *scopes: str, **headers: str) -> Answer:
    key = {"X-Api-Key": world.api_key(*scopes or ("leads:write",))}
    path = f"/v1/leads/{lead}/ask"
    answer = world.http("POST", path, json_body=body, headers=key | headers)
    world.deliver()
    return answer


def test_a_machine_asks_once_and_the_answer_goes_to_whoever_acts_in_the_region(
    world: World, lead: str
) -> None:
    for _ in range(2):
        answer = ask_by_api(world, lead, {"text": QUESTION})
        assert (answer.status, answer.json()["lead"]["id"]) == (200, lead)
    assert world.facts(lead).count("question.asked") == 1
    (mail,) = owners_mails(world, lead)
    assert "/o/" in mail, "the button to the page with the field"
    reply(world, lead)
    assert [len(answered_mails(world, each)) for each in (ADMIN, BAVARIA, BERLIN, VIEWER)] == [
        1,
        1,
        0,
        0,
    ]
    page = world.desk(ADMIN).get(f"/hq/leads/{lead}").body
    assert QUESTION in page
    assert ANSWER in page


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": " \n"}, {"text": 7}, {"text": None}])
def test_a_machines_empty_question_is_a_problem_at_its_field(
    world: World, lead: str, body: object
) -> None:
    refused = ask_by_api(world, lead, body)
    assert refused.status == 422
    assert refused.headers["Content-Type"].startswith("application/problem+json")
    assert [each["field"] for each in refused.json()["errors"]] == ["text"]
    assert "question.asked" not in world.facts(lead)


def test_a_machine_needs_the_scope_and_a_lead_that_somebody_has(world: World, lead: str) -> None:
    assert ask_by_api(world, lead, {"text": QUESTION}, "leads:read").status == 403
    assert ask_by_api(world, "LNOBODYSLEAD", {"text": QUESTION}).status == 404
    old = f'"{world.lead(lead).version - 1}"'
    assert ask_by_api(world, lead, {"text": QUESTION}, **{"If-Match": old}).status == 409
    world.press(world.offer_link(lead), action="hq", text="Too far away.")
    assert ask_by_api(world, lead, {"text": QUESTION}).status == 409
    assert "question.asked" not in world.facts(lead)

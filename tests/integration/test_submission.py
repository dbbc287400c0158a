"""What comes in at the door: one post makes one lead, and what cannot be read makes none."""

import json
from urllib.parse import urlencode, urlsplit

import pytest

from tests.world import ENQUIRY, World, a_programme, munich

LEADS = "/v1/forms/enquiry/leads"


@pytest.fixture
def open_world(world: World) -> World:
    world.use(a_programme(), munich(1), munich(2))
    return world


def test_the_same_post_sixteen_times_makes_one_lead_and_is_answered_alike(open_world: World) -> None:
    answers = [open_world.post_lead("again") for _ in range(16)]
    assert {answer.status for answer in answers} == {201}
    assert len({answer.body for answer in answers}) == 1
    assert len(open_world.lead_ids()) == 1
    assert sum(open_world.load(f"munich-{n}").places for n in (1, 2)) == 1


def test_a_retry_is_answered_as_at_first_even_when_the_lead_has_moved_on(open_world: World) -> None:
    first = open_world.post_lead()
    open_world.press(open_world.offer_link(first.json()["lead"]), action="accept")
    open_world.advance(hours=1)
    again = open_world.post_lead()
    assert again.json()["lead"] == first.json()["lead"]
    assert (again.status, again.json()["answer"], again.json()["hear_by"]) == (
        201,
        first.json()["answer"],
        first.json()["hear_by"],
    )


def test_the_same_key_with_another_body_is_refused_and_changes_nothing(open_world: World) -> None:
    lead_id = open_world.post_lead().json()["lead"]
    stored = open_world.lead(lead_id)
    answer = open_world.post_lead(message="Something else.")
    assert answer.status == 422
    assert [error["code"] for error in answer.json()["errors"]] == ["different_body"]
    assert open_world.lead(lead_id) == stored
    assert len(open_world.lead_ids()) == 1


def test_the_header_is_the_key_when_both_are_sent(open_world: World) -> None:
    for body_key in ("a", "b"):
        headers = {"Idempotency-Key": "the-header"}
        answer = open_world.http("POST", LEADS, json_body=ENQUIRY | {"submission_id": body_key}, headers=headers)
        assert answer.status == 201
    assert len(open_world.lead_ids()) == 1


def test_two_posts_without_any_key_are_two_enquiries_and_the_second_joins(open_world: World) -> None:
    for _ in range(2):
        assert open_world.http("POST", LEADS, json_body=dict(ENQUIRY)).status == 201
    statuses = sorted(open_world.lead(lead_id).status for lead_id in open_world.lead_ids())
    assert statuses == ["joined", "offered"]


def test_case_spaces_and_tracking_do_not_make_another_body(open_world: World) -> None:
    first = open_world.post_lead()
    again = open_world.post_lead(name="  Erika   Beispiel ", utm_source="news", phone="089 99998 1230")
    assert (again.status, again.json()["lead"]) == (201, first.json()["lead"])


def test_a_filled_honeypot_is_quarantined_behind_the_usual_answer(open_world: World) -> None:
    answer = open_world.post_lead(website_url="https://spam.example")
    told = answer.json()
    lead = open_world.lead(told["lead"])
    assert (answer.status, told["answer"]) == (201, "offered")
    assert (lead.status, lead.reason, lead.offers) == ("quarantined", "honeypot", ())
    open_world.deliver()
    assert [str(m["To"]) for m in open_world.mails()] == ["hq@example.com"]  # and HQ hears of it


def test_a_form_filled_in_within_two_seconds_is_quarantined_and_after_three_it_is_not(open_world: World) -> None:
    started = open_world.http("GET", "/v1/forms/enquiry").json()["started"]
    open_world.advance(seconds=2)
    quick = open_world.post_lead("quick", started=started, email="quick@posteo.de", phone="")
    open_world.advance(seconds=1)
    slow = open_world.post_lead("slow", started=started, email="slow@posteo.de", phone="")
    assert open_world.lead(quick.json()["lead"]).reason == "too_fast"
    assert open_world.lead(slow.json()["lead"]).status == "offered"


def test_a_quarantined_enquiry_that_hq_releases_goes_to_a_partner_and_gets_its_receipt(open_world: World) -> None:
    lead_id = open_world.post_lead(website_url="x").json()["lead"]
    page = urlsplit(open_world.wiring.relay.queue_link(lead_id)).path
    assert open_world.press(page, action="release").status == 200
    open_world.deliver()
    assert open_world.lead(lead_id).status == "offered"
    assert open_world.mails("erika@posteo.de")


def test_a_low_score_waits_and_a_very_low_one_goes_to_hq_with_its_reasons(world: World) -> None:
    points = [{"field": "owner", "is": "tenant", "points": -30, "because": {"en": "Tenant", "de": "Mieter"}}]
    points += [{"field": "urgency", "is": "soon", "points": 40, "because": {"en": "Soon", "de": "Bald"}}]
    world.use(a_programme(qualification={"offer_from": 30, "nurture_from": 10, "points": points}), munich(1))
    low = world.post_lead("low", owner="tenant").json()["lead"]
    none = world.post_lead("none", owner="tenant", urgency="emergency", email="x@posteo.de", phone="").json()["lead"]
    assert (world.lead(low).status, world.lead(low).score) == ("nurture", 10)
    assert world.lead(low).score_reasons == ("owner=tenant:-30", "urgency=soon:+40")
    assert (world.lead(none).status, world.lead(none).reason) == ("hq_queue", "review")
    world.deliver()
    assert len(world.mails("hq@example.com")) == 1


def test_fields_the_form_does_not_have_are_ignored_and_listed(open_world: World) -> None:
    answer = open_world.post_lead(favourite_colour="blue", roof="flat")
    assert answer.status == 201
    assert answer.json()["ignored"] == ["favourite_colour", "roof"]


def test_every_wrong_field_is_named_at_once(open_world: World) -> None:
    answer = open_world.post_lead(postcode="8033", email="erika@", phone="12", consent=False, product="yacht", name="")
    problems = {error["field"]: error["code"] for error in answer.json()["errors"]}
    assert answer.status == 422
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert problems == {
        "postcode": "invalid_postcode",
        "email": "invalid_email",
        "phone": "invalid_phone",
        "consent": "consent_missing",
        "product": "unknown_option",
        "name": "required",
    }
    assert open_world.lead_ids() == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(json.dumps(ENQUIRY | {"message": "x" * 33_000}), 413, id="33 kB"),
        pytest.param('{"name": NaN}', 400, id="NaN"),
        pytest.param('{"name": "a", "name": "b"}', 400, id="a member twice"),
        pytest.param('{"name": ' + "[" * 15_000 + "]" * 15_000 + "}", 400, id="nested deeply"),
        pytest.param(b'{"name": "M\xfcller"}', 400, id="Latin-1"),
        pytest.param('["name"]', 400, id="a list"),
        pytest.param("", 400, id="nothing"),
        pytest.param('{"name": ', 400, id="half of it"),
    ],
)
def test_a_body_with_no_single_meaning_is_refused_as_a_whole(open_world: World, body: str | bytes, status: int) -> None:
    answer = open_world.http("POST", LEADS, body=body, headers={"Content-Type": "application/json"})
    assert answer.status == status, answer.body
    assert answer.json()["status"] == status
    assert open_world.lead_ids() == []


@pytest.mark.parametrize("name", ["email", "postcode", "message", "owner", "urgency"])
@pytest.mark.parametrize("value", [{"a": 1}, ["a"], 12, True, "\x00\u202eevil", "x" * 10_000])
def test_no_type_of_value_in_any_field_is_a_failure_of_ours(open_world: World, name: str, value: object) -> None:
    answer = open_world.post_lead(**{name: value})
    assert answer.status in (201, 422), answer.body


def test_a_programs_form_post_is_answered_like_json(open_world: World) -> None:
    form = {k: "yes" if v is True else str(v) for k, v in ENQUIRY.items()} | {"submission_id": "form"}
    answer = open_world.http("POST", LEADS, form=form)
    assert (answer.status, answer.json()["answer"]) == (201, "offered")


def test_a_form_post_that_arrives_as_base64_is_the_same_post(open_world: World) -> None:
    form = {k: "yes" if v is True else str(v) for k, v in ENQUIRY.items()} | {"name": "Jürgen Öztürk"}
    sent = urlencode(form | {"submission_id": "form"})
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answers = [open_world.http("POST", LEADS, body=body, headers=kind) for body in (sent, sent.encode())]
    assert [answer.status for answer in answers] == [201, 201]
    assert answers[0].body == answers[1].body
    contact = open_world.lead(answers[0].json()["lead"]).contact
    assert contact
    assert contact.name == "Jürgen Öztürk"


def test_a_browsers_form_post_is_sent_on_to_a_thank_you_page_that_can_be_reloaded(open_world: World) -> None:
    form = {k: "yes" if v is True else str(v) for k, v in ENQUIRY.items()} | {"submission_id": "form"}
    answers = [open_world.http("POST", LEADS, form=form, headers={"Accept": "text/html"}) for _ in range(2)]
    assert [answer.status for answer in answers] == [303, 303]
    page = urlsplit(answers[0].headers["Location"]).path
    (lead_id,) = open_world.lead_ids()
    shown = [open_world.http("GET", page) for _ in range(2)]
    assert [answer.status for answer in shown] == [200, 200]
    assert open_world.lead(lead_id).reference in shown[0].body
    assert len(open_world.lead_ids()) == 1


def test_an_enquiry_keeps_where_it_came_from(open_world: World) -> None:
    told = {"source": "spring-campaign", "utm": {"source": "news", "campaign": "spring"}, "pages": ["/heat-pumps"]}
    lead_id = open_world.post_lead(context=told).json()["lead"]
    context = open_world.wiring.leads.context(lead_id)
    assert context
    assert (context.utm.get("source"), context.pages) == ("news", ("/heat-pumps",))
    assert (context.consent_version, context.consent_text) == ("2026-01", "I agree.")


def test_only_the_origins_of_the_form_may_read_the_answer(open_world: World) -> None:
    for origin, allowed in (("https://www.example.com", True), ("https://evil.example", False)):
        answer = open_world.http("POST", LEADS, json_body={}, headers={"Origin": origin})
        assert answer.status == 422
        assert (answer.headers.get("Access-Control-Allow-Origin") == origin) is allowed


def test_a_form_nobody_defined_is_not_found(open_world: World) -> None:
    assert open_world.http("POST", "/v1/forms/unknown/leads", json_body=dict(ENQUIRY)).status == 404


def test_the_coverage_answer_counts_only_who_could_receive_this_lead_now(open_world: World) -> None:
    question = "/v1/forms/enquiry/coverage?country=DE&postcode={}&product=heat-pump&urgency=soon"
    assert open_world.http("GET", question.format("80331")).json()["partners"] == 2
    assert open_world.http("GET", question.format("25980")).json()["partners"] == 0
    desk = urlsplit(open_world.wiring.links.desk("munich-1", 1)).path
    open_world.press(desk, action="pause")
    open_world.deliver()
    assert open_world.http("GET", question.format("80331")).json()["partners"] == 1
    assert open_world.lead_ids() == []

"""What comes in at the door: one post makes one lead, and what cannot be read makes none."""

import json
import re
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

import pytest

from routing_core.domain.checks.programme_checks import read_programme
from routing_core.domain.programme.programme import Programme
from routing_core.domain.programme.rules import conditions
from routing_core.domain.territory.territory import Territory
from tests.support.builders import programme_document
from tests.support.world import ENQUIRY, World, a_programme, munich

LEADS = "/v1/forms/enquiry/leads"
NEED = {name: str(ENQUIRY[name]) for name in ("country", "postcode", "product", "urgency")} | {
    "step": "1"
}
WHO = {
    "name": "Erika Beispiel",
    "email": "erika@posteo.de",
    "phone": "+4989999981230",
    "consent": "yes",
    "step": "2",
}
OTHER_PHONE = "+4989999812399"


@pytest.fixture
def open_world(world: World) -> World:
    world.use(a_programme(), munich(1), munich(2))
    return world


def test_the_same_post_sixteen_times_makes_one_lead_and_is_answered_alike(
    open_world: World,
) -> None:
    answers = [open_world.post_lead("again") for _ in range(16)]
    assert {answer.status for answer in answers} == {201}
    assert len({answer.body for answer in answers}) == 1
    assert len(open_world.lead_ids()) == 1
    assert sum(open_world.load(f"munich-{n}").open_count for n in (1, 2)) == 1


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
        answer = open_world.http(
            "POST", LEADS, json_body=ENQUIRY | {"submission_id": body_key}, headers=headers
        )
        assert answer.status == 201
    assert len(open_world.lead_ids()) == 1


def test_two_posts_without_any_key_are_two_enquiries_and_the_second_joins(
    open_world: World,
) -> None:
    headers = {"X-Api-Key": open_world.api_key("leads:write")}
    for _ in range(2):
        assert (
            open_world.http("POST", LEADS, json_body=dict(ENQUIRY), headers=headers).status == 201
        )
    statuses = sorted(open_world.lead(lead_id).status for lead_id in open_world.lead_ids())
    assert statuses == ["joined", "offered"]


def test_case_spaces_and_tracking_do_not_make_another_body(open_world: World) -> None:
    first = open_world.post_lead()
    again = open_world.post_lead(
        name="  Erika   Beispiel ", utm_source="news", phone="089 99998 1230"
    )
    assert (again.status, again.json()["lead"]) == (201, first.json()["lead"])


@pytest.mark.parametrize("field", ["second_topic", "website_url"])
def test_a_filled_honeypot_is_held_and_its_sender_told_the_truth(
    open_world: World, field: str
) -> None:
    answer = open_world.post_lead(**{field: "https://spam.example"})
    told = answer.json()
    lead = open_world.lead(told["lead"])
    assert (answer.status, told["answer"], told["hear_by"]) == (201, "confirm", None)
    assert (lead.status, lead.reason, lead.offers) == ("quarantined", "honeypot", ())
    open_world.deliver()
    assert [str(m["To"]) for m in open_world.mails()] == ["erika@posteo.de"]


def test_a_form_filled_in_within_two_seconds_is_held_and_after_three_it_is_not(
    open_world: World,
) -> None:
    forms = [open_world.http("GET", "/v1/forms/enquiry").json() for _ in range(2)]
    carried = [{name: form[name] for name in ("submission_id", "started")} for form in forms]
    open_world.advance(seconds=2)
    quick = open_world.post_lead(**carried[0], email="quick@posteo.de", phone="")
    open_world.advance(seconds=1)
    slow = open_world.post_lead(**carried[1], email="slow@posteo.de", phone="")
    assert open_world.lead(quick.json()["lead"]).reason == "too_fast"
    assert open_world.lead(slow.json()["lead"]).status == "offered"


def test_a_person_who_was_too_fast_is_promised_nothing_until_hq_releases_the_enquiry_and_then_gets_the_receipt(
    open_world: World,
) -> None:
    form = open_world.http("GET", "/v1/forms/enquiry").json()
    open_world.advance(seconds=2)
    told = open_world.post_lead(submission_id=form["submission_id"], started=form["started"]).json()
    assert (told["answer"], told["hear_by"]) == ("confirm", None)
    lead_id = told["lead"]
    assert (open_world.lead(lead_id).reason, open_world.lead(lead_id).promised_by) == (
        "too_fast",
        None,
    )
    open_world.deliver()
    status = open_world.http("GET", urlsplit(told["status_url"]).path).body
    before = [str(mail.get_body(("plain",))) for mail in open_world.mails("erika@posteo.de")]
    assert len(before) == 1
    for words in (told["next"], status, *before):
        assert "You will hear from us by" not in words
        assert "on its way" not in words
    page = urlsplit(open_world.wiring.services.queue_link(lead_id)).path
    assert open_world.press(page, action="release").status == 200
    open_world.deliver()
    assert open_world.lead(lead_id).status == "offered"
    assert open_world.lead(lead_id).promised_by
    open_world.run_for(
        minutes=61
    )  # of one address, what is acknowledged within an hour goes out at its end
    open_world.sweep()
    (receipt,) = open_world.mails("erika@posteo.de")[1:]
    assert "You will hear from us by" in " ".join(
        str(receipt.get_body(("plain",)).get_content()).split()
    )  # type: ignore[union-attr]


def test_a_low_score_waits_and_a_very_low_one_goes_to_hq_with_its_reasons(world: World) -> None:
    points = [
        {
            "field": "owner",
            "is": "tenant",
            "points": -30,
            "because": {"en": "Tenant", "de": "Mieter"},
        }
    ]
    points += [
        {"field": "urgency", "is": "soon", "points": 40, "because": {"en": "Soon", "de": "Bald"}}
    ]
    world.use(
        a_programme(qualification={"offer_from": 30, "nurture_from": 10, "points": points}),
        munich(1),
    )
    low = world.post_lead("low", owner="tenant").json()["lead"]
    none = world.post_lead(
        "none", owner="tenant", urgency="emergency", email="x@posteo.de", phone=OTHER_PHONE
    ).json()["lead"]
    assert (world.lead(low).status, world.lead(low).score) == ("nurture", 10)
    assert world.lead(low).score_reasons == ("owner=tenant:-30", "urgency=soon:+40")
    assert (world.lead(none).status, world.lead(none).reason) == ("hq_queue", "review")
    world.deliver()
    assert len(world.mails("hq@example.com")) == 1


def test_fields_the_form_does_not_have_are_kept_for_the_owner_and_hq_and_named_where_they_do_not_fit(
    open_world: World,
) -> None:
    context = {"source": "fair", "stand": "B12", "tariff": {"name": "gold"}}
    answer = open_world.post_lead(
        favourite_colour="blue",
        roof=["flat", "green"],
        letter="x" * 600,
        utm={"source": "mail"},
        context=context,
    )
    assert answer.status == 201
    assert answer.json()["ignored"] == ["letter", "context.tariff"]
    lead_id = answer.json()["lead"]
    kept = open_world.wiring.leads.context(lead_id)
    assert kept.also_sent == {
        "favourite_colour": "blue",
        "roof": "flat, green",
        "context.stand": "B12",
    }
    assert (kept.source, kept.utm) == ("fair", {"source": "mail"})
    offer = open_world.offer_link(lead_id)
    assert "flat, green" not in open_world.http("GET", offer).body
    open_world.deliver()
    assert not any("flat, green" in str(mail) for mail in open_world.mails())
    assert "flat, green" in open_world.press(offer, action="accept").body
    hq_page = urlsplit(open_world.wiring.services.queue_link(lead_id)).path
    assert "flat, green" in open_world.http("GET", hq_page).body


def test_what_is_typed_for_a_phone_number_never_costs_the_lead(open_world: World) -> None:
    received = open_world.post_lead(phone="089 9999S123").json()
    lead_id, status = received["lead"], urlsplit(received["status_url"]).path
    assert open_world.lead(lead_id).contact.phone == ""
    offer = open_world.offer_link(lead_id)
    assert "9999S123" not in open_world.http("GET", offer).body
    assert "089 9999S123" in open_world.press(offer, action="accept").body
    assert (
        "We could not read “089 9999S123” as a phone number" in open_world.http("GET", status).body
    )
    assert (
        "could not read" not in open_world.press(status, action="phone", phone="089 99998123").body
    )
    assert open_world.lead(lead_id).contact.phone == "+498999998123"


def test_an_extension_is_kept_shown_and_dialled(open_world: World) -> None:
    lead_id = open_world.post_lead(phone="089 99998123 App. 12").json()["lead"]
    page = open_world.press(open_world.offer_link(lead_id), action="accept").body
    assert "+49 89 99998123 ext. 12" in page
    assert 'href="tel:+498999998123;ext=12"' in page


def test_every_wrong_field_is_named_at_once(open_world: World) -> None:
    wrong = {"postcode": "8033", "email": "erika@", "phone": "0900 1234567"}
    answer = open_world.post_lead(**wrong, consent=False, product="yacht", name="")
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
        pytest.param('["name"]', 400, id="a list"),
        pytest.param("", 400, id="nothing"),
        pytest.param('{"name": ', 400, id="half of it"),
    ],
)
@pytest.mark.slow
def test_a_body_with_no_single_meaning_is_refused_as_a_whole(
    open_world: World, body: str | bytes, status: int
) -> None:
    answer = open_world.http("POST", LEADS, body=body, headers={"Content-Type": "application/json"})
    assert answer.status == status, answer.body
    assert answer.json()["status"] == status
    assert open_world.lead_ids() == []


@pytest.mark.parametrize("name", ["email", "postcode", "message", "owner", "urgency"])
@pytest.mark.parametrize("value", [{"a": 1}, ["a"], 12, True, "\x00\u202eevil", "x" * 10_000])
@pytest.mark.slow
def test_no_type_of_value_in_any_field_is_a_failure_of_ours(
    open_world: World, name: str, value: object
) -> None:
    answer = open_world.post_lead(**{name: value})
    assert answer.status in (201, 422), answer.body


def test_a_programs_form_post_is_answered_like_json(open_world: World) -> None:
    form = {k: "yes" if v is True else str(v) for k, v in ENQUIRY.items()} | {
        "submission_id": "form"
    }
    answer = open_world.http(
        "POST", LEADS, form=form | {"started": open_world.signed_start("form")}
    )
    assert (answer.status, answer.json()["answer"]) == (201, "offered")


def test_a_form_post_that_arrives_as_base64_is_the_same_post(open_world: World) -> None:
    form = {k: "yes" if v is True else str(v) for k, v in ENQUIRY.items()} | {
        "name": "Jürgen Öztürk"
    }
    sent = urlencode(form | {"submission_id": "form"})
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answers = [
        open_world.http("POST", LEADS, body=body, headers=kind) for body in (sent, sent.encode())
    ]
    assert [answer.status for answer in answers] == [201, 201]
    assert answers[0].body == answers[1].body
    contact = open_world.lead(answers[0].json()["lead"]).contact
    assert contact
    assert contact.name == "Jürgen Öztürk"


def test_a_browsers_form_post_is_sent_on_to_a_thank_you_page_that_can_be_reloaded(
    open_world: World,
) -> None:
    form = {k: "yes" if v is True else str(v) for k, v in ENQUIRY.items()} | {
        "submission_id": "form"
    }
    answers = [
        open_world.http("POST", LEADS, form=form, headers={"Accept": "text/html"}) for _ in range(2)
    ]
    assert [answer.status for answer in answers] == [303, 303]
    page = urlsplit(answers[0].headers["Location"]).path
    (lead_id,) = open_world.lead_ids()
    shown = [open_world.http("GET", page) for _ in range(2)]
    assert [answer.status for answer in shown] == [200, 200]
    assert open_world.lead(lead_id).reference in shown[0].body
    assert len(open_world.lead_ids()) == 1


def test_an_enquiry_keeps_where_it_came_from(open_world: World) -> None:
    told = {
        "source": "spring-campaign",
        "utm": {"source": "news", "campaign": "spring"},
        "pages": ["/heat-pumps"],
    }
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


# ── the programme changes while somebody fills the form in ────────────────────────────────────────


def hidden(page: str) -> dict[str, str]:
    """What a form sends along without being typed."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))


def with_consent(version: str, text: str, **form: Any) -> Programme:
    (enquiry,) = programme_document()["forms"]
    return a_programme(
        forms=[enquiry | {"consent": {"version": version, "text": {"en": text}}} | form]
    )


def test_what_is_stored_is_the_consent_that_was_read_even_if_another_is_asked_for_by_now(
    world: World,
) -> None:
    world.use(with_consent("2026-01", "Pass it to one partner."), munich(1))
    step = hidden(world.http("POST", "/f/enquiry", form=NEED).body)
    world.advance(minutes=2)
    world.use(with_consent("2027-01", "Pass it to anybody."))
    answer = world.http("POST", "/f/enquiry", form=step | WHO)
    assert answer.status == 303
    (lead_id,) = world.lead_ids()
    context = world.wiring.leads.context(lead_id)
    assert (context.consent_version, context.consent_text) == ("2026-01", "Pass it to one partner.")


def test_who_is_shown_the_form_again_with_another_text_agrees_again(world: World) -> None:
    world.use(with_consent("2026-01", "Pass it to one partner."), munich(1))
    step = hidden(world.http("POST", "/f/enquiry", form=NEED).body)
    world.advance(minutes=2)
    world.use(with_consent("2027-01", "Pass it to anybody."))
    again = world.http("POST", "/f/enquiry", form=step | WHO | {"email": "erika@"})
    assert (again.status, "Pass it to anybody." in again.body, " checked" in again.body) == (
        422,
        True,
        False,
    )
    agreed = world.http("POST", "/f/enquiry", form=hidden(again.body) | WHO)
    assert agreed.status == 303
    (lead_id,) = world.lead_ids()
    assert (world.wiring.leads.context(lead_id).consent_version, world.lead(lead_id).status) == (
        "2027-01",
        "offered",
    )


def test_a_retry_is_read_by_the_rules_of_its_first_try(world: World) -> None:
    world.use(a_programme(), munich(1))
    first = world.post_lead()
    (enquiry,) = programme_document()["forms"]
    stoves = [
        {"id": "heat-pump", "name": {"en": "Heat pump"}},
        {"id": "stove", "name": {"en": "Stove"}},
    ]
    world.use(a_programme(products=stoves, forms=[enquiry | {"products": ["stove"]}]))
    again = world.post_lead()
    assert (again.status, again.json()) == (201, first.json())
    other = world.post_lead(message="Something else.")
    assert [error["code"] for error in other.json()["errors"]] == ["different_body"]
    assert world.post_lead("another").status == 422


# ── forms on pages of their own, without JavaScript ───────────────────────────────────────────────

BROWSER = {
    "accept": "text/html,application/xhtml+xml",
    "accept-language": "fr-FR,fr;q=0.9,de;q=0.8",
}


def test_a_plain_form_of_somebodys_own_page_comes_back_with_what_is_wrong_at_each_field(
    open_world: World,
) -> None:
    wrong = NEED | WHO | {"email": "erika@", "phone": "0900 1234567", "submission_id": "plain"}
    refused = open_world.http("POST", LEADS, form=wrong, headers=BROWSER)
    assert refused.status == 422
    for told in (
        "eine gültige E-Mail-Adresse",
        "eine Festnetz- oder Mobilnummer",
        'value="Erika Beispiel"',
    ):
        assert told in refused.body
    assert 'action="/f/enquiry?lang=de"' in refused.body
    assert hidden(refused.body)["submission_id"] == "plain"
    again = open_world.http("POST", "/f/enquiry", form=hidden(refused.body) | WHO, headers=BROWSER)
    assert again.status == 303
    assert len(open_world.lead_ids()) == 1


def test_a_program_that_sends_a_form_gets_the_problems_as_a_document(open_world: World) -> None:
    refused = open_world.http("POST", LEADS, form=NEED | WHO | {"email": "erika@"})
    assert [error["field"] for error in refused.json()["errors"]] == ["email"]


def test_who_goes_back_and_changes_what_was_sent_may_send_that_too(open_world: World) -> None:
    step = hidden(open_world.http("POST", "/f/enquiry", form=NEED).body)
    open_world.advance(minutes=1)
    assert open_world.http("POST", "/f/enquiry", form=step | WHO).status == 303
    told = open_world.http("POST", "/f/enquiry", form=step | WHO | {"message": "And a stove."})
    assert (
        told.status,
        "We already have your enquiry" in told.body,
        "And a stove." in told.body,
    ) == (422, True, True)
    assert (
        open_world.http(
            "POST", "/f/enquiry", form=hidden(told.body) | WHO | {"message": "And a stove."}
        ).status
        == 303
    )
    assert sorted(open_world.lead(each).status for each in open_world.lead_ids()) == [
        "joined",
        "offered",
    ]


@pytest.mark.parametrize("letter", ["x", "ж", "暖", "🔥"])
def test_a_message_as_long_as_allowed_arrives_in_any_script(open_world: World, letter: str) -> None:
    sent = NEED | WHO | {"message": letter * 4000, "submission_id": "long"}
    assert open_world.http("POST", LEADS, form=sent, headers=BROWSER).status == 303
    (lead_id,) = open_world.lead_ids()
    assert open_world.wiring.leads.context(lead_id).message == letter * 4000


def test_a_form_of_more_than_32_kb_of_text_is_too_large(open_world: World) -> None:
    sent = NEED | WHO | {"message": "x" * 33_000}
    assert open_world.http("POST", LEADS, form=sent, headers=BROWSER).status == 413


def test_a_form_that_arrives_damaged_says_so(open_world: World) -> None:
    headers = BROWSER | {"content-type": "multipart/form-data", "accept-language": "en"}
    answer = open_world.http("POST", "/f/enquiry", body=b"name=\xff", headers=headers)
    assert (answer.status, "We could not read your form" in answer.body) == (400, True)


# ── whose clock ───────────────────────────────────────────────────────────────────────────────────


def test_a_prospect_reads_times_by_the_clock_of_their_region(world: World) -> None:
    regions = {"munich": {"country": "DE", "postcodes": ["80*"], "time_zone": "Europe/London"}}
    world.use(a_programme(regions=regions), munich(1))
    asked = {"country": "DE", "postcode": "80331", "product": "heat-pump", "urgency": "soon"}
    told = world.http("GET", f"/v1/forms/enquiry/coverage?{urlencode(asked)}").json()
    here = datetime.fromisoformat(told["hear_by"]).astimezone(ZoneInfo("Europe/London"))
    sent = world.post_lead()
    world.deliver()
    status = world.http("GET", urlsplit(sent.json()["status_url"]).path).body
    (mail,) = world.mails("erika@posteo.de")
    body = mail.get_body(("plain",))
    assert body
    for words in (told["text"], sent.json()["next"], status, body.get_content()):
        assert f"{here:%H:%M}".lstrip("0") in words, words


# ── however other people's pages send it ──────────────────────────────────────────────────────────


def multipart(fields: list[tuple[str, str]], more: str = "") -> tuple[bytes, dict[str, str]]:
    """As ``new FormData(form)`` is sent."""
    parts = [
        f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields
    ]
    kind = {"content-type": "multipart/form-data; boundary=edge", "accept-language": "en"}
    return f"{''.join(parts)}{more}--edge--\r\n".encode(), kind


FILE = (
    '--edge\r\nContent-Disposition: form-data; name="photo"; filename="roof.jpg"\r\n'
    "Content-Type: image/jpeg\r\n\r\n" + "x" * 100_000 + "\r\n"
)


def test_a_form_sent_as_form_data_is_an_enquiry_and_a_file_in_it_is_named(
    open_world: World,
) -> None:
    sent = (
        NEED | WHO | {"name": "Jürgen Öztürk", "message": "one\r\n\r\ntwo", "submission_id": "data"}
    )
    body, kind = multipart(list(sent.items()), FILE)
    answer = open_world.http("POST", LEADS, body=body, headers=kind)
    assert (answer.status, answer.json()["ignored"]) == (201, ["photo"])
    lead_id = answer.json()["lead"]
    assert open_world.lead(lead_id).contact.name == "Jürgen Öztürk"
    assert open_world.wiring.leads.context(lead_id).message == "one\n\ntwo"


def test_the_hosted_form_keeps_what_was_typed_however_it_is_sent(open_world: World) -> None:
    wrong = NEED | WHO | {"email": "erika@", "submission_id": "data", "step": "2"}
    body, kind = multipart(list(wrong.items()))
    refused = open_world.http(
        "POST", "/f/enquiry", body=body, headers=kind | {"accept": "text/html"}
    )
    assert (refused.status, 'value="Erika Beispiel"' in refused.body) == (422, True)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("name=J%FCrgen", "application/x-www-form-urlencoded"),
        ("name=J\xfcrgen", "application/x-www-form-urlencoded"),
        ("name=J%FCrgen&_charset_=iso-8859-1", "application/x-www-form-urlencoded"),
        ("name=J%fcrgen", "application/x-www-form-urlencoded; charset=ISO-8859-1"),
    ],
)
def test_a_page_in_windows_1252_sends_its_letters(open_world: World, body: str, kind: str) -> None:
    rest = {name: value for name, value in (NEED | WHO).items() if name != "name"}
    sent = f"{urlencode(rest)}&submission_id=old&{body}".encode("latin-1")
    answer = open_world.http("POST", LEADS, body=sent, headers={"content-type": kind})
    assert answer.status == 201, answer.body
    assert open_world.lead(answer.json()["lead"]).contact.name == "Jürgen"
    assert answer.json()["ignored"] == []


def test_json_in_latin_1_is_read_where_its_bytes_arrive_and_else_its_field_is_named(
    open_world: World,
) -> None:
    sent = json.dumps(ENQUIRY | {"name": "Jürgen", "submission_id": "old"}, ensure_ascii=False)
    read = open_world.http(
        "POST", LEADS, body=sent.encode("latin-1"), headers={"content-type": "application/a+json"}
    )
    assert open_world.lead(read.json()["lead"]).contact.name == "Jürgen"
    as_the_gateway_hands_it_over = sent.encode("latin-1").decode("utf-8", "replace")
    kind = {"content-type": "application/json"}
    lost = open_world.http("POST", LEADS, body=as_the_gateway_hands_it_over, headers=kind)
    (error,) = lost.json()["errors"]
    assert (lost.status, error["field"], error["code"]) == (422, "name", "lost_letters")
    assert "UTF-8" in error["message"]


@pytest.mark.parametrize(
    "consent", ["consent=true&consent=", "consent=0&consent=1", "consent=ja", "consent=on"]
)
def test_a_ticked_box_is_consent_however_a_page_writes_it(open_world: World, consent: str) -> None:
    rest = {name: value for name, value in (NEED | WHO).items() if name != "consent"}
    kind = {"content-type": "application/x-www-form-urlencoded"}
    answer = open_world.http(
        "POST", LEADS, body=f"{urlencode(rest)}&submission_id=box&{consent}", headers=kind
    )
    assert answer.status == 201, answer.body


def test_what_a_program_sends_wrong_is_answered_with_what_would_do(open_world: World) -> None:
    answer = open_world.post_lead(product="yacht", postcode="8O331", country="FR")
    told = {error["field"]: error for error in answer.json()["errors"]}
    assert told["product"]["options"] == ["heat-pump", "boiler"]
    assert "heat-pump, boiler" in told["product"]["message"]
    assert "DE" in told["country"]["options"]
    (error,) = open_world.post_lead(postcode="8O331").json()["errors"]
    assert (error["meant"], error["like"]) == ("80331", "80331")
    assert "Did you mean 80331?" in error["message"]


# ── who knows no postcode ─────────────────────────────────────────────────────────────────────────


def test_who_knows_only_the_town_is_routed_by_country_or_by_hq(world: World) -> None:
    world.use(a_programme(), munich(1), munich(2, territories=(Territory.parse("DE"),)))
    lead = world.lead(world.post_lead(postcode="", town="Unterhaching").json()["lead"])
    assert (lead.postcode, lead.town) == ("", "Unterhaching")
    assert [offer.partner for offer in lead.offers] == ["munich-2"]


def test_where_nobody_works_in_the_whole_country_hq_looks_at_who_knows_only_the_town(
    open_world: World,
) -> None:
    answer = open_world.post_lead(postcode="", town="Unterhaching").json()
    assert answer["answer"] == "waiting"
    assert open_world.lead(answer["lead"]).status == "hq_queue"


def test_the_form_offers_the_town_to_who_does_not_know_the_postcode(open_world: World) -> None:
    need = {name: value for name, value in NEED.items() if name != "postcode"}
    asked = open_world.http(
        "POST",
        "/f/enquiry",
        form=need | {"submission_id": "town"},
        headers={"accept-language": "en"},
    )
    assert (asked.status, "or the town if you don" in asked.body) == (422, True)
    step_two = open_world.http(
        "POST", "/f/enquiry", form=hidden(asked.body) | need | {"town": "Unterhaching"}
    )
    assert step_two.status == 200
    assert "Unterhaching" in step_two.body
    sent = hidden(step_two.body) | WHO | {"town": "Unterhaching"}
    assert open_world.http("POST", "/f/enquiry", form=sent).status == 303
    (lead_id,) = open_world.lead_ids()
    assert open_world.lead(lead_id).town == "Unterhaching"


@pytest.mark.parametrize("invented", ["", "00000", "n/a", "-"])
@pytest.mark.slow
def test_a_country_without_postcodes_needs_none_and_keeps_none_that_was_invented(
    world: World, invented: str
) -> None:
    document = programme_document()
    document["forms"][0]["countries"] = ["AE"]
    world.use(read_programme(document), munich(1, territories=(Territory.parse("AE"),)))
    page = world.http("GET", "/f/enquiry").body
    assert 'name="postcode"' not in page
    assert 'name="town"' in page
    lead = world.lead(world.post_lead(country="AE", postcode=invented, town="Dubai").json()["lead"])
    assert (lead.postcode, lead.town, lead.offers[0].partner) == ("", "Dubai", "munich-1")


# ── several answers ───────────────────────────────────────────────────────────────────────────────

ROOF = {
    "id": "interest",
    "label": {"en": "What are you interested in?"},
    "kind": "choice",
    "many": True,
    "step": 1,
    "options": [
        {"id": each, "label": {"en": each.title()}} for each in ("roof", "battery", "charger")
    ],
}


@pytest.fixture
def asking_several(world: World) -> World:
    document = programme_document()
    document["forms"][0]["questions"].append(ROOF)
    world.use(
        read_programme(document),
        munich(1, lead_filters=conditions("interest is battery")),
        munich(2, territories=()),
    )
    return world


def test_a_question_takes_several_answers_and_conditions_look_at_each(
    asking_several: World,
) -> None:
    world = asking_several
    lead_id = world.post_lead(interest=["battery", "roof", ""]).json()["lead"]
    assert world.lead(lead_id).answers["interest"] == "roof|battery"
    assert world.lead(lead_id).offers[0].partner == "munich-1"
    assert "Roof, Battery" in world.http("GET", world.offer_link(lead_id)).body
    other = world.post_lead("two", interest="Charger; roof", email="b@posteo.de", phone="").json()[
        "lead"
    ]
    assert world.lead(other).answers["interest"] == "roof|charger"
    assert world.lead(other).offers == ()
    (error,) = world.post_lead("three", interest=["moon"]).json()["errors"]
    assert error["options"] == ["roof", "battery", "charger"]


def test_the_hosted_form_has_boxes_to_tick_and_keeps_them(asking_several: World) -> None:
    world = asking_several
    shown = world.http("GET", "/f/enquiry").body
    assert shown.count('type="checkbox" name="interest"') == 3
    sent = f"{urlencode(hidden(shown) | NEED)}&interest=roof&interest=charger"
    kind = {"content-type": "application/x-www-form-urlencoded"}
    step_two = world.http("POST", "/f/enquiry", body=sent, headers=kind)
    assert hidden(step_two.body)["interest"] == "roof|charger"
    assert "Roof, Charger" in step_two.body
    assert world.http("POST", "/f/enquiry", form=hidden(step_two.body) | WHO).status == 303
    (lead_id,) = world.lead_ids()
    assert world.lead(lead_id).answers["interest"] == "roof|charger"

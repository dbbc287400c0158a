"""Somebody asks: by a form without JavaScript, by a program, from a foreign page; and follows it on
the status page.
"""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from tests.journeys.cast import CALM, HQ, ORIGIN, TRAP, inbox, installer, person
from tests.journeys.life import Enquiry, Life, link
from tests.support.embedded import eventually

CAST = [
    installer("aldenhoven", "52457"),
    installer("baesweiler", "52499"),
    installer("dueren", "52349"),
    installer("eschweiler", "52249"),
    installer("juelich", "52428"),
    installer("juelich-two", "52428", tier=1),
    installer("heinsberg", "52525"),
    installer("night-owl", "52511", response_hours="mon 03:00-03:01"),
    installer("herzogenrath", "52134", tags=["on-call"], response_hours="mon 03:00-03:01"),
]


def typed(fields: dict[str, Any], *names: str) -> dict[str, str]:
    return {name: fields[name] for name in names}


# ── the hosted form ───────────────────────────────────────────────────────────────────────────────


def test_a_person_without_javascript_asks_in_two_steps_and_gets_a_receipt(life: Life) -> None:
    browser, asks = life.browser, person("52457", message="Zweiter Hof, bitte läuten.")
    first = browser.open(
        "/f/enquiry?utm_source=flyer&utm_campaign=spring", Referer="https://search.example/?q=heat"
    )
    step = first.form(step="1")
    assert {"country", "postcode", "product", "urgency"} <= step.names
    assert "ownership" not in step.names

    second = browser.press(step, **typed(asks, "country", "postcode", "product", "urgency"))
    assert "1 specialist covers 52457" in second
    assert "You will hear from us by" in second

    step = second.form(step="2")
    asked = typed(asks, "name", "email", "phone", "message", "ownership")
    sent = browser.send(step, consent="yes", **asked)
    assert sent.status_code == 303
    thanks = browser.open(sent.headers["location"])
    receipt = life.mail(asks["email"], "We have received your enquiry")
    status = browser.open(link(receipt, "/s/"))
    lead = life.until(life.lead_of(asks["email"]), "offered")
    assert lead["reference"] in thanks
    assert lead["reference"] in status
    assert thanks.link("/s/") == link(receipt, "/s/")
    assert browser.open(thanks.url).text == thanks.text, "the thank-you page can be reloaded"

    def is_told_to_have_arrived() -> bool:
        return life.fate(lead["id"], "receipt") == "delivered"

    eventually(is_told_to_have_arrived, within=20, what="the receipt is told to have arrived")

    context = life.document(lead["id"])["context"]
    assert context["utm"] == {"source": "flyer", "campaign": "spring"}
    assert context["referrer"].startswith("https://search.example")
    assert context["message"] == "Zweiter Hof, bitte läuten."
    assert context["consent_version"] == "2026-12"
    assert "without my name and contact details" in context["consent_text"]

    again = browser.press(step, consent="yes", **asked)  # the back button, and send once more
    assert again.url == thanks.url
    assert len(life.mails(asks["email"])) == 1


def test_wrong_answers_come_back_with_what_was_typed_and_a_message_at_each_field(
    life: Life,
) -> None:
    browser, asks = life.browser, person("52457")
    first = browser.open("/f/enquiry").form(step="1")
    wrong = browser.press(first, **typed(asks, "country", "product", "urgency"), postcode="ABC")
    assert wrong.status == 422
    assert "Enter a valid German postcode (5 digits)" in wrong
    assert wrong.form(step="1").fields["postcode"] == "ABC"

    second = browser.press(wrong.form(step="1"), postcode="52457").form(step="2")
    wrong = browser.press(
        second, name="Petra", email="petra@", phone="0180 5 123456", ownership="owner"
    )
    assert wrong.status == 422
    for told in (
        "Enter a valid email address",
        "Enter a landline or mobile number",
        "Please agree",
    ):
        assert told in wrong
    kept = wrong.form(step="2")
    assert (kept.fields["name"], kept.fields["email"]) == ("Petra", "petra@")
    assert kept.fields["submission_id"] == second.fields["submission_id"]

    back = browser.press(kept, button="back")
    assert back.form(step="1").fields["postcode"] == "52457"


def test_the_form_speaks_german(life: Life) -> None:
    page = life.browser.open("/f/enquiry?lang=de")
    assert "Finden Sie Ihren Fachbetrieb" in page
    second = life.browser.press(
        page.form(step="1"), country="DE", postcode="52457", product=CALM, urgency="soon"
    )
    assert "52457" in second
    assert "Sie hören" in second


# ── the status page ───────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def accepted(life: Life) -> Enquiry:
    enquiry = life.enquire("52499")
    assert "reserved for you" in life.offer("baesweiler", "52499")
    life.accept("baesweiler", "52499")
    return enquiry


def test_the_prospect_corrects_the_phone_number_and_the_owner_hears(
    life: Life, accepted: Enquiry
) -> None:
    status = life.browser.open(accepted.status_url)
    assert "Baesweiler has taken your enquiry" in status
    wrong = life.browser.press(status.form("phone"), phone="call me")
    assert wrong.status == 422
    right = life.browser.press(wrong.form("phone"), phone="030 23125 999")
    assert "Your new phone number has been saved" in right
    told = life.mail(inbox("baesweiler"), "New phone number")
    assert "+49 30 23125999" in told.text or "030 23125999" in told.text


def test_the_prospect_adds_a_note_and_the_owner_hears(life: Life, accepted: Enquiry) -> None:
    status = life.browser.open(accepted.status_url)
    page = life.browser.press(status.form("note"), text="The dog is friendly.\nReally.")
    assert "The dog is friendly." in page
    told = life.mail(inbox("baesweiler"), "New note")
    assert "The dog is friendly." in life.browser.open(link(told, "/o/"))


def test_nobody_called_reaches_the_owner_and_hq(life: Life, accepted: Enquiry) -> None:
    status = life.browser.open(accepted.status_url)
    page = life.browser.press(status.form("not_called"))
    assert "We have asked your partner to get in touch with you" in page
    life.mail(inbox("baesweiler"), "Please call")
    life.mail(HQ, "Customer waiting", link=accepted.lead)


def test_who_withdraws_is_called_by_nobody(life: Life) -> None:
    enquiry = life.enquire("52349")
    offer = life.offer("dueren", "52349")
    page = life.browser.press(life.browser.open(enquiry.status_url).form("withdraw"))
    assert "You have withdrawn this enquiry" in page
    assert page.actions == set(), "nothing is left to press"
    life.mail(inbox("dueren"), "No longer available")
    late = life.browser.press(offer.form("accept"))
    assert enquiry.name not in late
    assert "no longer needs a quote" in late
    assert life.lead(enquiry.lead)["status"] == "withdrawn"
    assert life.places("dueren") == 0


# ── programs and foreign pages ────────────────────────────────────────────────────────────────────


def test_the_same_key_gives_the_same_answer_and_another_body_is_refused(life: Life) -> None:
    asks = person("52249")
    first = life.post(asks, key="once-and-only")
    assert first.status_code == 201
    assert {"lead", "reference", "next", "hear_by", "status_url"} <= first.json().keys()
    again = life.post(asks | {"name": f"  {asks['name']} "}, key="once-and-only")
    assert (again.status_code, again.json()) == (201, first.json())
    other = life.post(asks | {"postcode": "52134"}, key="once-and-only")
    assert other.status_code == 422
    assert other.headers["content-type"].startswith("application/problem+json")
    assert other.json()["errors"][0]["code"] == "different_body"


def test_every_wrong_field_is_named_at_once(life: Life) -> None:
    answer = life.post(
        {"postcode": "X", "product": "spaceship", "urgency": "", "email": "a@b", "phone": "1"}
    )
    assert answer.status_code == 422
    problem = answer.json()
    assert {"type", "title", "status", "detail", "errors"} <= problem.keys()
    assert {(e["field"], e["code"]) for e in problem["errors"]} >= {
        ("country", "required"),
        ("product", "unknown_option"),
        ("urgency", "required"),
        ("ownership", "required"),
        ("name", "required"),
        ("email", "invalid_email"),
        ("consent", "consent_missing"),
    }
    assert all(e["message"] for e in problem["errors"])


def test_what_cannot_be_read_is_a_problem_not_a_failure(life: Life) -> None:
    def post(body: bytes, kind: str = "application/json") -> int:
        return life.http.post(
            "/v1/forms/enquiry/leads", content=body, headers={"Content-Type": kind}
        ).status_code

    assert post(b"{") == 400
    assert post(b"[]") == 400
    assert post(b'{"name": NaN}') == 400
    assert post(b"[" * 20_000) == 400
    assert post(b"\xff\xfe", "application/x-www-form-urlencoded") == 422
    assert post(b"{}", "text/plain") == 415
    assert post(b'{"message": "' + b"x" * 40_000 + b'"}') == 413
    assert life.http.post("/v1/forms/nothing/leads", json={}).status_code == 404


def test_unknown_fields_are_kept_or_listed(life: Life) -> None:
    answer = life.post(
        person("52249", shoe_size="43", letter="x" * 600, referrer="https://a.example")
    )
    assert answer.status_code == 201
    assert answer.json()["ignored"] == ["letter"]


def test_a_form_on_a_foreign_page_posts_and_its_sender_confirms_the_address(life: Life) -> None:
    asks = person("52249", submission_id="foreign-page-1", utm_source="partner-site")
    headers = {"Accept": "text/html", "Origin": ORIGIN, "Referer": f"{ORIGIN}/heat"}
    answer = life.http.post("/v1/forms/enquiry/leads", data=asks, headers=headers)
    assert answer.status_code == 303
    assert "/thanks/" in answer.headers["location"]
    assert "confirm your email address" in life.browser.open(answer.headers["location"])
    page = life.browser.open(link(life.mail(asks["email"], "Please confirm"), "/s/"))
    assert "address is confirmed" in life.browser.press(page.form("confirm"))
    lead = life.lead_of(asks["email"])
    assert life.document(lead)["context"]["utm"] == {"source": "partner-site"}


def test_coverage_counts_only_who_could_take_this_enquiry_now(life: Life) -> None:
    def asked(place: str, **more: str) -> dict[str, Any]:
        answer = life.http.get(
            "/v1/forms/enquiry/coverage",
            params={"country": "DE", "postcode": place, "product": CALM, "urgency": "soon"} | more,
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    assert asked("52428")["partners"] == 2
    assert asked("52428", urgency="emergency")["partners"] == 0, "neither is on call"
    asleep = asked("52511")
    assert (asleep["partners"], asleep["open_now"]) == (1, 0)
    assert "open at" in asleep["sentence"]
    nobody = asked("52999")
    assert nobody["partners"] == 0
    assert "look for someone" in nobody["sentence"]
    emergency = asked("52134", urgency="emergency")
    assert emergency["hotline"] == "+49 89 99998100", "nobody is open"
    wrong = life.http.get("/v1/forms/enquiry/coverage", params={"country": "DE", "postcode": "x"})
    assert wrong.status_code == 422


@pytest.mark.parametrize("path", ["", "/coverage", "/leads"])
def test_only_the_programmes_origins_may_call_from_a_page(life: Life, path: str) -> None:
    def preflight(origin: str) -> Any:
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        return life.http.options(f"/v1/forms/enquiry{path}", headers=asked)

    ours = preflight(ORIGIN)
    assert ours.status_code == 204
    assert ours.headers["access-control-allow-origin"] == ORIGIN
    assert "idempotency-key" in ours.headers["access-control-allow-headers"]
    assert "access-control-allow-origin" not in preflight("https://evil.example").headers


def test_a_refusal_can_be_read_by_the_page_that_caused_it(life: Life) -> None:
    refused = life.post({}, Origin=ORIGIN)
    assert refused.status_code == 422
    assert refused.headers["access-control-allow-origin"] == ORIGIN


def test_the_embed_script_is_small_and_gets_everything_it_draws(life: Life) -> None:
    script = life.http.get("/embed.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert len(gzip.compress(script.content)) < 6_000  # as it is sent
    definition = life.http.get("/v1/forms/enquiry?lang=de", headers={"Origin": ORIGIN})
    assert definition.headers["access-control-allow-origin"] == ORIGIN
    assert definition.json()["title"] == "Finden Sie Ihren Fachbetrieb"


# ── what does not go to a partner at once ─────────────────────────────────────────────────────────


def test_what_looks_like_a_robot_is_asked_to_confirm_and_hq_can_let_it_through(life: Life) -> None:
    enquiry = life.enquire("52525", second_topic="https://buy.example")
    assert "confirm your email address" in enquiry.told["next"]
    assert life.lead(enquiry.lead)["status"] == "quarantined"
    assert "confirm your email address" in life.browser.open(enquiry.status_url)

    page = life.queue_page(enquiry.lead)
    assert "Unconfirmed: waiting for the customer to confirm the address" in life.browser.open(
        page.link("/q/")
    )
    released = life.browser.press(page.form("release"))
    assert "Released" in released
    assert "petra" not in life.offer("heinsberg", "52525").text.lower()
    life.mail(
        enquiry.email, "Please confirm"
    )  # the receipt follows: one mail an hour for each mailbox


def test_a_form_filled_in_faster_than_a_person_can_is_held_back(life: Life) -> None:
    definition = life.http.get(f"/v1/forms/{TRAP}").json()
    asks = person("52525") | {k: definition[k] for k in ("started", "submission_id")}
    answer = life.http.post(f"/v1/forms/{TRAP}/leads", json=asks)
    lead = life.lead(answer.json()["lead"])
    assert (lead["status"], lead["reason"]) == ("quarantined", "too_fast")


def test_too_few_points_are_reviewed_by_hq_and_never_dropped(life: Life) -> None:
    enquiry = life.enquire("52525", ownership="tenant", phone="", urgency="planning", message="")
    lead = life.lead(enquiry.lead)
    assert (lead["status"], lead["reason"]) == ("hq_queue", "review")
    assert enquiry.told["answer"] == "noted"
    life.mail(HQ, "Please review", link=enquiry.lead)
    life.mail(enquiry.email, "We have received your enquiry")


def test_who_is_not_ready_yet_is_noted_and_can_say_when_they_are(life: Life) -> None:
    enquiry = life.enquire("52134", ownership="tenant", urgency="soon", message="Hello")
    assert life.lead(enquiry.lead)["status"] == "nurture"
    status = life.browser.open(enquiry.status_url)
    assert "ask you again later" in status
    page = life.browser.press(status.form("ready"))
    assert "We are looking for a partner now" in page
    life.offer("herzogenrath", "52134")


def test_who_asked_again_meanwhile_can_still_say_that_they_are_ready(life: Life) -> None:
    later = life.enquire("52511", ownership="tenant", urgency="soon", message="Hello")
    now = life.enquire("52511", email=later.email, phone=later.phone)
    assert (life.lead(later.lead)["status"], now.told["answer"]) == ("nurture", "offered")
    life.browser.press(life.browser.open(later.status_url).form("ready"))
    assert life.offers(later.lead) == [("night-owl", "pending")]


def test_hq_releases_a_reviewed_lead_to_partners(life: Life) -> None:
    enquiry = life.enquire("52134", ownership="tenant", phone="", urgency="planning", message="")
    page = life.queue_page(enquiry.lead)
    life.browser.press(page.form("release"))
    assert life.offers(enquiry.lead) == [("herzogenrath", "pending")]


# ── the same person again ─────────────────────────────────────────────────────────────────────────


def test_a_second_enquiry_joins_the_first_and_after_the_end_prefers_who_served_before(
    life: Life,
) -> None:
    first = life.enquire("52428")
    life.accept("juelich-two", "52428")  # tier 1 is asked first
    same = {"email": first.email.upper(), "phone": first.phone, "name": first.name}

    second = life.enquire("52428", **same, message="And please also the cellar.")
    assert second.told["answer"] == "offered", "as if nothing were open"
    note = life.mail(inbox("juelich-two"), "probably from the same customer")
    assert life.lead(second.lead)["joined_to"] == first.lead
    page = life.browser.open(link(note, "/o/"))
    assert "And please also the cellar." in page
    assert life.places("juelich-two") == 1, "one place used"
    assert "Juelich Two" not in life.browser.open(second.status_url), (
        "typing an address proves nothing"
    )
    assert "Juelich Two" in life.browser.open(first.status_url)

    # Now the work is done, and the other partner would be next by load.
    life.browser.press(page.form("won"), value="12,500")
    third = life.enquire("52428", **same)
    assert third.told["answer"] == "offered"
    eventually(
        lambda: life.offers(third.lead) == [("juelich-two", "pending")],
        what="whoever served before is asked once the third was compared with the first",
    )
    ranked = life.document(third.lead)["decisions"][0]["ranked"]
    assert [(r["partner"], r["keys"]["served_before"]) for r in ranked] == [
        ("juelich-two", True),
        ("juelich", False),
    ]


def test_another_product_is_no_repeat(life: Life) -> None:
    first = life.enquire("52249")
    other = life.enquire("52249", "promised", email=first.email)
    assert other.told["answer"] == "offered"
    eventually(lambda: len(life.mails(first.email)) >= 2, what="a receipt for each")

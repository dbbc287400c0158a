"""A partner is asked: accepts, declines, forgets, comes late, presses twice, regrets; calls, or
does not.
"""

from __future__ import annotations

import pytest

from infra.local.mailbox import Mail
from tests.journeys.browser import Form
from tests.journeys.cast import (
    BRIEF,
    CALM,
    CHASED,
    HQ,
    PROMISED,
    REMINDED,
    SHARED,
    inbox,
    installer,
)
from tests.journeys.life import Enquiry, Life, at_once, link
from tests.support.embedded import eventually

SECOND = {"email": "office@partners.example", "name": "The office"}
CAST = [
    installer("ahlen", "59227"),
    installer("bergkamen", "59192", tier=1),
    installer("beckum", "59192"),
    installer("dortmund-one", "59269", tier=1, second_contact=SECOND),
    installer("dortmund-two", "59269"),
    installer("ense", "59469", tier=1),
    installer("erwitte", "59469"),
    installer("froendenberg", "59730", tier=1),
    installer("geseke", "59730"),
    installer("hamm", "59063", tier=1),
    installer("herten", "59063"),
    installer("lippstadt", "59555"),
    installer("luenen", "59558", tier=1),
    installer("meschede", "59558"),
    installer("moehnesee", "59519"),
    installer("olsberg", "59939"),
    installer("ruethen", "59602", tier=1, caps={"open": 1}),
    installer("selm", "59065"),
    installer("soest", "59602"),
    installer("unna", "59067"),
    installer("werl", "59457"),
]


def calendar_of(mail: Mail) -> str:
    return next(a.content.decode() for a in mail.attachments if a.type == "text/calendar")


# ── accepting ─────────────────────────────────────────────────────────────────────────────────────


def test_accepting_shows_the_contact_and_tells_everybody(life: Life) -> None:
    enquiry = life.enquire("59227", message="Ring twice.", town="Ahlen", street="Markt 1")
    offer = life.offer("ahlen", "59227")
    for secret in (enquiry.name, enquiry.email, "23125", "Ring twice", "Markt 1"):
        assert secret not in offer.html, "nothing of the person before accepting"
        assert secret not in life.mail(inbox("ahlen"), "answer by").html
    assert "59227" in offer
    assert "Owner yes" in offer

    page = life.browser.press(offer.form("accept"))
    assert "It is yours" in page
    for known in (enquiry.name, enquiry.email, "Ring twice.", "Markt 1"):
        assert known in page
    assert page.link("tel:") == f"tel:{enquiry.phone.replace(' ', '')}"

    own = life.mail(inbox("ahlen"), "It is yours")
    assert enquiry.name in own.text
    deadline = life.lead(enquiry.lead)["deadlines"]
    contact_by = next(d["at"] for d in deadline if d["kind"] == "contact")
    assert contact_by[:19].replace("-", "").replace(":", "") in calendar_of(own)
    card = life.http.get(page.link("contact.vcf"))
    assert card.headers["content-type"].startswith("text/vcard")
    assert f"FN:{enquiry.name}" in card.text
    assert "BEGIN:VEVENT" in life.http.get(page.link("contact.ics")).text

    found = life.mail(enquiry.email, "Your partner is Ahlen")
    assert "Ahlen has taken your enquiry" in life.browser.open(link(found, "/s/"))
    life.mail(HQ, "Ahlen accepted", link=enquiry.lead)


def test_double_click_forwarded_mail_and_back_button_do_no_harm(life: Life) -> None:
    enquiry = life.enquire("59457")
    offer = life.offer("werl", "59457")
    colleague = life.offer("werl", "59457")  # the mail was forwarded, two people look at it
    answers = at_once(*[lambda: life.browser.press(offer.form("accept"))] * 2)
    assert all(enquiry.name in page for page in answers)
    again = life.browser.press(colleague.form("accept"))
    assert "You have already accepted this enquiry" in again
    assert enquiry.name in again
    late = life.browser.press(colleague.form("decline"), reason="too-far")
    assert "no longer possible" in late, "an accepted enquiry is not lost to an old page"
    assert life.lead(enquiry.lead)["status"] == "accepted"
    assert life.facts(enquiry.lead).count("offer.accepted") == 1
    assert life.places("werl") == 1
    eventually(lambda: life.mails(inbox("werl"), "It is yours"))
    assert len(life.mails(inbox("werl"), "It is yours")) == 1


def test_looking_a_hundred_times_writes_nothing(life: Life) -> None:
    enquiry = life.enquire("59519")
    offer, receipt = (
        life.offer("moehnesee", "59519"),
        life.mail(enquiry.email, "We have received your enquiry"),
    )
    links = [offer.url, f"{offer.url}/contact.vcf", link(receipt, "/s/"), offer.link("/d/")]
    before = life.tables()
    for number in range(25):
        for each in links:
            answer = life.http.get(each)
            assert answer.status_code in (200, 303), answer.text
            assert answer.headers["cache-control"] == "no-store"
            if number == 0:
                life.http.head(each)
    page = life.http.get(offer.url)
    assert page.headers["referrer-policy"] == "no-referrer"
    after = life.tables()
    mine = [row for row in after["LeadsTable"] if enquiry.lead in row]
    assert mine == [row for row in before["LeadsTable"] if enquiry.lead in row]
    assert [r for r in after["PartnersTable"] if "moehnesee" in r] == [
        r for r in before["PartnersTable"] if "moehnesee" in r
    ]
    assert life.lead(enquiry.lead)["version"] == 1


def test_a_touch_on_the_page_is_noted_once(life: Life) -> None:
    enquiry = life.enquire("59939")
    offer = life.offer("olsberg", "59939")
    assert [life.http.post(f"{offer.url}/seen").status_code for _ in range(3)] == [204, 204, 204]
    assert life.facts(enquiry.lead).count("offer.seen") == 1


def test_a_link_opens_only_what_it_was_made_for(life: Life) -> None:
    enquiry = life.enquire("59939", product=PROMISED)
    offer = life.offer("olsberg", "59939")
    token = offer.url.rsplit("/", 1)[1]
    for other in ("s", "d", "c", "q", "thanks"):
        assert life.http.get(f"/{other}/{token}").status_code == 403
    assert life.http.get(f"/o/{token[:-2]}xx").status_code == 403
    assert life.http.post(f"/o/{token[:-2]}xx", data={"action": "accept"}).status_code == 403
    assert life.http.post(f"/s/{token}", data={"action": "withdraw"}).status_code == 403
    assert life.lead(enquiry.lead)["status"] == "offered"


# ── declining ─────────────────────────────────────────────────────────────────────────────────────


def test_a_decline_needs_a_reason_and_goes_to_the_next_at_once(life: Life) -> None:
    enquiry = life.enquire("59192")
    offer = life.offer("bergkamen", "59192")
    incomplete = life.browser.press(offer.form("decline"))
    assert incomplete.status == 422
    assert "Please choose a reason" in incomplete
    declined = life.browser.press(
        incomplete.form("decline"), reason="too-far", text="Too many hills."
    )
    assert "Declined. Thank you" in declined
    assert "Too far away" in declined
    assert life.offers(enquiry.lead) == [("bergkamen", "declined"), ("beckum", "pending")]
    life.offer("beckum", "59192")
    assert "already" in life.browser.press(offer.form("decline"), reason="other")

    # Regretted: a waiting place, and when the second declines too, it comes back.
    waiting = life.browser.press(declined.form("wait"))
    assert "You are on the waiting list" in waiting
    life.decline("beckum", "59192")
    eventually(
        lambda: len(life.mails(inbox("bergkamen"), "59192 · answer by")) == 2,
        what="the second offer",
    )
    assert life.offers(enquiry.lead)[-1] == ("bergkamen", "pending")
    assert "You were on the waiting list for this enquiry" in life.offer("bergkamen", "59192")


# ── after accepting ───────────────────────────────────────────────────────────────────────────────


def test_accepted_by_mistake_is_given_back_uncounted(life: Life) -> None:
    enquiry = life.enquire("59730")
    mine = life.accept("froendenberg", "59730")
    mistaken = {"reason": "accepted by mistake"}
    back = life.browser.press(mine.form("give_back"), **mistaken)
    assert "Given back" in back
    assert enquiry.name not in back
    life.offer("geseke", "59730")
    assert life.offers(enquiry.lead) == [("froendenberg", "withdrawn"), ("geseke", "pending")]
    assert "no longer possible" in life.browser.press(mine.form("give_back"), **mistaken)
    assert "no longer possible" in life.browser.press(mine.form("won"), value="10")


def test_every_step_after_accepting_and_its_undo(life: Life) -> None:
    enquiry = life.enquire("59555")
    page = life.accept("lippstadt", "59555")
    press = life.browser.press

    page = press(page.form("attempt"))
    assert "1 attempt so far" in page
    page = press(page.form("contacted"))
    assert "You have contacted the customer" in page
    assert life.lead(enquiry.lead)["status"] == "contacted"
    page = press(page.form("undo"))
    assert "Undone" in page
    lead = life.lead(enquiry.lead)
    assert lead["status"] == "accepted"
    assert "contact" in {d["kind"] for d in lead["deadlines"]}, (
        "the deadline of the call stands again"
    )

    page = press(press(page.form("contacted")).form("note"), text="Visit on Monday.")
    assert "Visit on Monday." in page
    wrong = press(page.form("won"), value="a lot")
    assert wrong.status == 422
    assert "amount as a number" in wrong
    page = press(wrong.form("won"), value="12,500.50")
    assert "Congratulations" in page
    lead = life.lead(enquiry.lead)
    assert (lead["status"], lead["value"]) == ("won", "12500.50")
    assert life.places("lippstadt") == 0
    page = press(page.form("undo"))
    assert life.lead(enquiry.lead)["status"] == "contacted"
    assert life.places("lippstadt") == 1

    page = press(press(page.form("lost")).form("lost"), reason="price", text="Too dear.")
    assert "Marked as lost" in page
    lead = life.lead(enquiry.lead)
    assert (lead["status"], lead["reason"], lead["due"]) == ("lost", "price", None)
    told = [f["sentence"] for f in life.document(enquiry.lead)["timeline"]]
    assert any("Won by Lippstadt" in each for each in told)
    assert any("Lost" in each for each in told)


# ── time passes ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def waiting(life: Life) -> dict[str, Enquiry]:
    """The stories in which partners do nothing start together, so that there is one wait for all of
    them.
    """
    started = {
        "reminded": life.enquire("59269", REMINDED),
        "shared": life.enquire("59469", SHARED),
        "shared while full": life.enquire("59602", SHARED),
        "not called": life.enquire("59558", CHASED),
        "promised": life.enquire("59063", PROMISED),
    }
    for _ in range(3):
        life.enquire("59065", BRIEF)
        life.enquire("59067", BRIEF)
    life.accept("luenen", "59558")
    return started


def test_a_shared_lapse_lets_the_first_accept_until_somebody_has(
    life: Life, waiting: dict[str, Enquiry]
) -> None:
    enquiry = waiting["shared"]
    shared = life.browser.open(link(life.mail(inbox("ense"), "Still available"), "/o/"))
    second = life.offer("erwitte", "59469")
    assert shared.url == life.offer_link("ense", "59469")
    assert "whoever accepts first" in shared
    mine = life.browser.press(shared.form("accept"))
    assert enquiry.name in mine
    late = life.browser.press(second.form("accept"))
    assert "Another partner accepted this enquiry before you" in late
    assert enquiry.name not in late
    life.mail(inbox("erwitte"), "No longer available")
    assert life.offers(enquiry.lead)[0] == ("ense", "accepted")
    assert life.offers(enquiry.lead)[1][0] == "erwitte"
    assert (life.places("ense"), life.places("erwitte")) == (1, 0)


def test_a_shared_offer_is_not_accepted_by_who_is_full_meanwhile(
    life: Life, waiting: dict[str, Enquiry]
) -> None:
    enquiry = waiting["shared while full"]
    life.offer("soest", "59602")  # the window has ended, the place is free again
    life.enquire("59602", CALM)
    life.offer("ruethen", "Heat pump · 59602")
    assert life.places("ruethen") == 1
    first = life.offer("ruethen", "Shared · 59602")
    full = life.browser.press(first.form("accept"))
    assert "You have as many enquiries as you can take" in full
    assert enquiry.name not in full
    assert life.places("ruethen") == 1
    assert enquiry.name in life.accept("soest", "Shared · 59602")


def test_the_prospect_hears_before_a_promise_passes(
    life: Life, waiting: dict[str, Enquiry]
) -> None:
    enquiry = waiting["promised"]
    update = life.mail(enquiry.email, "This is taking a little longer")
    assert "you will hear from us by" in update.text
    assert life.lead(enquiry.lead)["promised_by"] > enquiry.told["hear_by"]


def test_who_does_not_call_is_reminded_then_hq_hears_then_the_lead_moves_on(
    life: Life, waiting: dict[str, Enquiry]
) -> None:
    enquiry = waiting["not called"]
    life.mail(inbox("luenen"), "Please call")
    missed = life.mail(HQ, "No contact logged", link=enquiry.lead)
    assert "Luenen" in missed.subject
    life.mail(inbox("luenen"), "Taken back")
    life.offer("meschede", "59558")
    assert life.offers(enquiry.lead) == [("luenen", "withdrawn"), ("meschede", "pending")]
    former = life.browser.open(life.offer_link("luenen", "59558"))
    assert "Please stop contacting the customer" in former
    assert enquiry.name not in former
    assert "Luenen" not in life.browser.open(enquiry.status_url), "the prospect is told the truth"


def test_who_lapses_three_times_is_paused_and_returns_with_one_tap(
    life: Life, waiting: dict[str, Enquiry]
) -> None:
    life.mail(HQ, "Please contact Selm")
    life.mail(HQ, "Selm is paused")
    assert life.stack.hq("GET", "/v1/partners/selm").json()["paused"], "HQ sees it too"
    told = life.mail(inbox("selm"), "Paused: no new enquiries")
    desk = life.browser.open(link(told, "/d/"))
    assert "Paused: you are not receiving new enquiries" in desk
    resumed = life.browser.press(desk.form("resume"))
    assert "Welcome back" in resumed
    assert "pause" in resumed.actions
    assert life.offers(life.enquire("59065").lead) == [("selm", "pending")]


def test_hq_ends_a_pause_too(life: Life, waiting: dict[str, Enquiry]) -> None:
    life.mail(HQ, "Unna is paused")
    life.stack.hq("PUT", "/v1/partners/unna", json={"paused": False}).raise_for_status()
    assert life.offers(life.enquire("59067").lead) == [("unna", "pending")]


def test_reminded_twice_then_the_next_is_asked_and_the_late_one_is_told(
    life: Life, waiting: dict[str, Enquiry]
) -> None:
    enquiry = waiting["reminded"]
    second = life.offer("dortmund-two", "59269", within=30)
    first, _ = reversed(life.mails(inbox("dortmund-one"), "Reminder: "))
    assert len(life.mails(SECOND["email"], "Reminder: ")) == 1, (
        "the second contact hears with the last one"
    )
    life.mail(inbox("dortmund-one"), "No longer available")

    left_open = Form(link(first, "/o/"), {"action": "accept"})  # since before time ran out
    late = life.browser.press(left_open)
    assert "no longer possible" in late
    assert "The time to answer ended" in late
    assert enquiry.name not in late
    assert "You are on the waiting list" in life.browser.press(late.form("wait"))
    assert life.offers(enquiry.lead) == [("dortmund-one", "expired"), ("dortmund-two", "pending")]
    assert (life.places("dortmund-one"), life.places("dortmund-two")) == (0, 1)
    life.browser.press(second.form("decline"), reason="no-capacity")
    assert life.offers(enquiry.lead)[-1] == ("dortmund-one", "pending"), (
        "who waits comes first when it is free"
    )

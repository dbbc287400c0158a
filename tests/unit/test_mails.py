"""Mails: every one in both languages, with the facts in the subject and no contact before
acceptance.
"""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.mail_template.__main__ import FILE, inlined_template
from routing_core.domain.events import OfferExpired
from routing_core.domain.lead import (
    Contact,
    Context,
    Deadline,
    DeadlineKind,
    LeadStatus,
    Note,
)
from routing_core.domain.offer import OfferStatus
from routing_core.domain.programme.headquarters import Brand
from routing_core.domain.reasons import QueueReason
from routing_core.present.lead_summary import lead_title
from routing_core.present.locale_context import LocaleContext
from routing_core.present.mails.render import MAIL_BODIES, render_mail
from routing_core.service.kernel.mail_ports import COLLEAGUE, LEAD_TITLE, Mail
from routing_core.service.kernel.views import Entry, MailView
from routing_core.service.notifications.mail_table import MAILS, PARTNER_MAILS
from routing_core.service.notifications.mail_views import ALIKE_NAMED, NAMED, RECEIPTS_SHOWN
from tests.samples.cast import CONTACT, LANGUAGES, LEAD, MESSAGE, OWNED, PARTNER, PROGRAMME
from tests.samples.mails import LINKS, mail_views
from tests.support.builders import NOON, a_programme, an_offer
from tests.support.few import examples

ALL = [(language, name, view) for language in LANGUAGES for name, view in mail_views(language)]
IDS = [f"{name}-{language}" for language, name, _ in ALL]
WITH_CONTACT = {
    "accepted",
    "delegated",
    "repeated",
    "contact_reminder",
    "status_ask",
    "prospect_withdrew",
    "contact_retracted",
}
SECRETS = (
    "Lovelace",
    "ada@example.com",
    "99998124",
    "Marienplatz",
    "dog is friendly",
    "oil boiler",
    "neighbour",
)


def the(name: str, language: str = "en") -> MailView:
    return next(view for lang, each, view in ALL if (lang, each) == (language, name))


def everything(mail: Mail) -> str:
    files = b"".join(a.content for a in mail.attachments).decode()
    return "\n".join([mail.subject, mail.html, mail.text, mail.from_name, files])


def test_the_samples_show_every_template() -> None:
    assert {view.template for _, _, view in ALL} == set(MAIL_BODIES)


def test_every_mail_that_a_fact_sends_is_written() -> None:
    sent = {
        template
        for mails in (*MAILS.values(), *PARTNER_MAILS.values())
        for _, template, *_ in mails
    }
    assert sent <= set(MAIL_BODIES)


@pytest.mark.parametrize(("language", "name", "view"), ALL, ids=IDS)
def test_every_mail_is_complete(language: str, name: str, view: MailView) -> None:
    mail = render_mail(view)
    assert mail.to == ("to@example.com",)
    assert mail.from_name == "Dachwarm"
    assert mail.reply_to == "service@dachwarm.example"
    assert 8 < len(mail.subject) <= 120
    assert f'<html lang="{language}"' in mail.html
    for part in (mail.subject, mail.text, mail.html.split("</head>")[1]):
        assert not re.search(r"\{\w*\}|\{\{|None|mails\.|common\.", part), part
    links = set(re.findall(r'href="(https://relay\.example[^"]*)"', mail.html))
    assert links <= set(LINKS.values())
    assert all(link in mail.text for link in links)
    assert "Dachwarm GmbH, Beispielweg 1" in mail.text
    assert "\n\n\n" not in mail.text
    listed = re.findall(r"^- .*\n(?!- )(.*)", mail.text, re.MULTILINE)
    assert all(after == "" for after in listed), "a list ends with an empty line"


@pytest.mark.parametrize(("language", "name", "view"), ALL, ids=IDS)
def test_a_mail_needs_nothing_that_mail_clients_drop(
    language: str, name: str, view: MailView
) -> None:
    html = render_mail(view).html
    assert not re.search(r"<(script|link|img|form|svg)\b|var\(--|url\(", html)
    assert all("style=" in tag for tag in re.findall(r'<\w+[^>]*class="[^>]*>', html)), (
        "a class without its rules"
    )
    assert len(html.encode()) < 100_000, "Gmail cuts longer mails"


def test_the_template_is_what_its_source_and_style_sheet_make() -> None:
    assert FILE.read_text("utf-8") == inlined_template(), "make mail-template"


@pytest.mark.parametrize(("language", "name", "view"), ALL, ids=IDS)
def test_no_mail_says_who_asked_before_acceptance_or_to_hq(
    language: str, name: str, view: MailView
) -> None:
    audience = MAIL_BODIES[view.template][0]
    told = everything(render_mail(view))
    if audience == "prospect" or (audience == "partner" and view.lead and view.lead.owner):
        return
    assert [secret for secret in SECRETS if secret in told] == []


def test_the_subject_carries_the_facts() -> None:
    assert render_mail(the("offer")).subject == "Heat pump · 80331 · answer by 14:00 on Wed, 25 Nov"
    assert (
        render_mail(the("offer", "de")).subject
        == "Wärmepumpe · 80331 · Antworten bis Mi., 25. Nov., 14:00"
    )
    assert (
        render_mail(the("accepted")).subject
        == "It is yours: Heat pump · 80331 · call by 12:00 on Thu, 26 Nov"
    )
    assert (
        render_mail(the("reminder", "de")).subject
        == "Erinnerung: Wärmepumpe · 80331 · Antworten bis Mi., 25. Nov., 14:00"
    )


RELATIVE = re.compile(r"\b(today|tomorrow|yesterday|tonight|heute|morgen|gestern)\b")


@pytest.mark.parametrize(("language", "name", "view"), ALL, ids=IDS)
def test_no_mail_or_file_says_today_or_tomorrow_for_it_may_be_read_the_day_after(
    language: str, name: str, view: MailView
) -> None:
    """As from an evening: what is due lies beyond midnight."""
    for now in (view.now, view.now.replace(hour=22, minute=50)):
        assert not RELATIVE.search(everything(render_mail(replace(view, now=now)))), (
            language,
            name,
        )


def test_the_programme_decides_what_is_shown_before_acceptance() -> None:
    closed = PROGRAMME.model_copy(update={"before_accept": ["product"]})
    mail = render_mail(replace(the("offer"), programme=closed))
    assert mail.subject == "Heat pump · answer by 14:00 on Wed, 25 Nov"
    assert not any(
        word in everything(mail)
        for word in ("80331 München\n\n", "Place", "Owner", "145", "English")
    )


def test_free_text_answers_stay_hidden_before_acceptance() -> None:
    assert "Owner" in render_mail(the("offer")).text
    assert "dog" not in render_mail(the("offer")).text
    assert "dog is friendly" in render_mail(the("accepted")).text


def test_the_owner_gets_everything_to_call() -> None:
    mail = render_mail(the("accepted"))
    assert 'href="tel:+498999998124"' in mail.html
    assert "mailto:ada@example.com" in mail.html
    assert "openstreetmap.org" in mail.html
    assert "> The old oil boiler is from 1994." in mail.text
    assert [(a.name, a.content_type.split(";")[0]) for a in mail.attachments] == [
        ("contact.ics", "text/calendar")
    ]
    assert "You can give it back there until 12:10 on Wednesday, 25 November" in mail.text


def test_a_return_that_is_over_is_not_offered() -> None:
    assert (
        "give it back"
        not in render_mail(replace(the("accepted"), now=NOON + timedelta(hours=1))).text
    )


def test_a_context_that_slipped_in_is_not_shown_to_who_does_not_own_the_lead() -> None:
    view = replace(the("offer"), context=Context(message=MESSAGE))
    assert MESSAGE.split("\n")[0] not in everything(render_mail(view))
    other = replace(the("accepted"), partner=replace(PARTNER, id="p2"))
    assert "Lovelace" not in everything(render_mail(other))


def test_a_lapse_that_is_shared_says_so() -> None:
    view = replace(the("gone-expired"), event=OfferExpired(offer=1, partner="p1", shared=True))
    assert view.lead
    assert view.offer
    shared = replace(view.offer, on_lapse="share", status=OfferStatus.EXPIRED)
    view = replace(view, lead=replace(view.lead, owner=None, offers=(shared,)), offer=shared)
    assert render_mail(view).subject == "Still available: Heat pump · 80331"
    faster = replace(view, lead=replace(view.lead, status=LeadStatus.ACCEPTED, owner="p9"))
    assert render_mail(faster).subject == "No longer available: Heat pump · 80331"
    assert "still accept" not in render_mail(faster).text


def test_a_former_owner_is_told_by_mail_to_stop_contacting_the_customer() -> None:
    assert "Please stop contacting the customer" in render_mail(the("gone-assigned-from-you")).text
    assert "call" not in render_mail(the("gone-assigned")).text


def test_a_promise_kept_by_a_call_asks_whether_it_came() -> None:
    mail = render_mail(
        replace(the("promise_update"), lead=OWNED, partner=PARTNER, data={"partner": "p1"})
    )
    assert mail.subject == "Has Huber Heizung GmbH called you?"


@pytest.mark.parametrize(
    ("reason", "subject"),
    [
        ("unplaced", "No partner found"),
        ("rejected", "Your enquiry is closed"),
        ("cooled", "Your enquiry is closed"),
        ("returned", "Your enquiry is closed"),
    ],
)
def test_only_whom_nobody_could_take_reads_that_no_partner_was_found(
    reason: str, subject: str
) -> None:
    mail = render_mail(replace(the("closed"), data={"reason": reason}))
    assert mail.subject.startswith(subject)
    assert ("We have looked for a partner" in mail.text) == (reason == "unplaced")


def without_a_number(view: MailView) -> MailView:
    contact = view.lead.contact if view.lead else None
    lead = (
        replace(view.lead, contact=replace(contact, phone=""))
        if view.lead and contact
        else view.lead
    )
    return replace(view, lead=lead, may_be_called=False)


OF_THE_NUMBER_ITSELF = ("gave no phone number", "keine Telefonnummer angegeben", "such as your phone number",
                        "zum Beispiel Ihre Telefonnummer", "name, phone number, emails",
                        "Name, Telefonnummer, E-Mails")  # fmt: skip
OF_OTHER_NUMBERS = ("phone_partner", "noted-phone", "repeated-phone", "repeated")
"""Mails about the partner's number, or about one that was given since."""


@pytest.mark.parametrize(("language", "name", "view"), ALL, ids=IDS)
def test_no_mail_speaks_of_calling_a_customer_who_gave_no_number(
    language: str, name: str, view: MailView
) -> None:
    if name in OF_OTHER_NUMBERS:
        return
    mail = render_mail(without_a_number(view))
    told = f"{mail.subject}\n{mail.text}"
    for words in (*OF_THE_NUMBER_ITSELF, "Call-back", "Best time to call", "Anrufzeit"):
        told = " ".join(told.split()).replace(words, "")
    told = re.sub(r"(Phone|Telefon): \+49[\d ]+", "", told)  # the partner's own
    assert not re.search(
        r"\b(call|calls|called|calling|phone)\b|(?i:anruf|rufen|angerufen|telefon)", told
    ), told


@pytest.mark.parametrize("name", ["accepted", "delegated", "contact_reminder"])
def test_the_deadline_stands_out_whether_it_is_one_to_call_or_to_write(name: str) -> None:
    assert "<strong" in render_mail(without_a_number(the(name))).html


def test_a_mail_about_a_call_says_so_where_a_number_was_given() -> None:
    for name in (
        "accepted",
        "delegated",
        "contact_reminder",
        "noted-not_called",
        "not_called",
        "partner_found",
    ):
        assert re.search(r"\bcall", render_mail(the(name)).text), name


def test_hq_is_not_asked_to_call_a_partner_of_whom_there_is_no_number() -> None:
    view = the("phone_partner")
    assert view.partner
    nobody = replace(view.partner.contact, phone="")
    mail = render_mail(
        replace(view, partner=replace(view.partner, contact=nobody, second_contact=None))
    )
    assert mail.subject == "Please contact Huber Heizung GmbH"
    assert "We have no phone number for them." in mail.text
    assert render_mail(view).subject == "Please call Huber Heizung GmbH"


def test_an_alert_tells_what_was_tried_and_why_nobody_else() -> None:
    text = render_mail(the("alert-one")).text
    assert "Huber Heizung GmbH: declined (No capacity), 12:20 on Wednesday, 25 November" in text
    assert "Not asked: 3 × full, 1 × lacks a valid certificate" in text


@pytest.mark.parametrize("waiting", [0, 1])
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_alert_does_not_say_that_a_partner_is_asked_who_is_still_closed(
    language: str, waiting: int
) -> None:
    view = the("alert-one", language)
    (entry,) = view.entries
    held = replace(
        entry.lead,
        status=LeadStatus.HQ_QUEUE,
        reason=QueueReason.CLOSED,
        offers=(),
        deadlines=(Deadline(NOON, DeadlineKind.RETRY),),
    )
    mail = render_mail(
        replace(view, entries=(*(entry,) * waiting, replace(entry, lead=held, tried=())))
    )
    told = " ".join(f"{mail.subject} {mail.text}".split())
    opens = {
        "en": "A partner will be asked when they open at",
        "de": "Ein Partner wird angefragt, sobald er öffnet",
    }
    assert opens[language] in told
    assert not re.search("offered|being asked|angeboten|wieder Partner", told), told


MANY, LONG_NAME = 5_000, "Müller & Söhne Wärmepumpen Überlingen " * 5
GROUPED = {
    "digest": lambda view: replace(view, entries=(crowded(view.entries[0]),) * MANY),
    "alert-one": lambda view: replace(view, entries=(crowded(view.entries[0]),) * MANY),
    "receipt-offered": lambda view: replace(
        view, entries=(AN_ENTRY,) * RECEIPTS_SHOWN, data={"more": MANY}
    ),
    "partner_unconfirmed": lambda view: replace(
        view, data={"count": MANY, "names": [LONG_NAME] * NAMED}
    ),
    "held_back": lambda view: replace(view, data={"count": MANY, "alike": [MANY] * ALIKE_NAMED}),
    "calendars": lambda view: replace(
        view, data={**view.data, "count": MANY, "names": (LONG_NAME,) * NAMED}
    ),
    "partner_paused": lambda view: replace(
        view,
        data={
            **view.data,
            "left_alone": {f"product-{n}": ("DE 42000-44999",) * MANY for n in range(50)},
        },
    ),
}
"""Every mail that lists several things, with as many as ever come."""


AN_ENTRY = Entry("lead.received", LEAD, None, NOON, "https://relay.example/s/x")


def crowded(entry: Entry) -> Entry:
    return replace(entry, tried=(*entry.tried, *((PARTNER, each) for _, each in entry.tried)) * 20)


@pytest.mark.parametrize("name", GROUPED)
@pytest.mark.slow
def test_no_grouped_mail_is_so_long_that_gmail_cuts_its_button_off(name: str) -> None:
    views = [view for _, each, view in ALL if each.startswith(name)]
    assert views
    for view in views:
        mail = render_mail(GROUPED[name](view))
        assert len(mail.html.encode()) < 100_000
        assert 'class="button"' in mail.html


@pytest.mark.parametrize("name", ["digest", "alert-one", "receipt-offered"])
def test_each_line_of_a_grouped_mail_opens_its_own_enquiry(name: str) -> None:
    view = next(view for _, each, view in ALL if each.startswith(name))
    entries = tuple(
        replace(AN_ENTRY, url=f"https://relay.example/q/x/leads/{n}") for n in range(10)
    )
    mail = render_mail(replace(view, entries=entries))
    for entry in entries:
        assert f'href="{entry.url}"' in mail.html
        assert f"{entry.url}\n" in mail.text


@pytest.mark.parametrize("name", ["digest", "alert-one"])
def test_a_long_list_does_not_make_a_mail_that_gmail_cuts(name: str) -> None:
    view = next(view for _, each, view in ALL if each.startswith(name))
    one = view.entries[0]
    mail = render_mail(replace(view, entries=(one,) * 120))
    assert len(mail.html.encode()) < 102_000
    listed = mail.html.count(one.lead.reference)
    assert 15 < listed < 120
    assert f"{120 - listed} more are not listed in this email." in mail.text
    assert mail.html.rindex('class="button"') > mail.html.rindex(one.lead.reference)


def test_two_enquiries_that_look_alike_are_told_apart_by_their_reference() -> None:
    for template in ("offer", "reminder", "accepted", "gone"):
        name = next(each for _, each, _ in ALL if each.startswith(template))
        assert the(name).lead.reference in render_mail(the(name)).text  # type: ignore[union-attr]


def test_the_mails_of_one_lead_belong_together_and_to_no_other() -> None:
    offer, reminder = render_mail(the("offer")), render_mail(the("reminder"))
    assert offer.thread == reminder.thread != ""
    other = replace(LEAD, id="LOTHER")
    assert render_mail(replace(the("offer"), lead=other)).thread != offer.thread
    assert render_mail(the("paused")).thread == ""


def test_a_stranger_cannot_advertise_through_our_receipt() -> None:
    lead = replace(LEAD, contact=replace(CONTACT, name="WIN at http://evil.example now"))
    assert "evil" not in everything(render_mail(replace(the("receipt-offered"), lead=lead)))


def test_mails_to_an_address_that_nobody_has_proven_greet_nobody_by_a_name_that_was_typed() -> None:
    text = render_mail(the("receipt-offered", "de")).text
    assert "Guten Tag,\n" in text
    assert "Ada" not in text


def test_an_emergency_is_said_first() -> None:
    assert (
        render_mail(the("offer-emergency"))
        .text.split("\n\n")[1]
        .startswith("!! This is an emergency")
    )


def test_an_unknown_template_is_an_error() -> None:
    with pytest.raises(LookupError):
        render_mail(replace(the("offer"), template="nothing"))


HOSTILE = st.one_of(
    st.text(),
    st.sampled_from(
        [
            "x\r\nBcc: a@b.c",
            "\x00\u202e\u2066",
            "<img src=x onerror=alert(1)>",
            "{{7*7}}",
            "{brand}",
            "%s",
            "</style><script>",
            "'\"><b>",
            "-- \nDachwarm",
        ]
    ),
)


@settings(max_examples=examples(60), deadline=None)
@given(HOSTILE, HOSTILE, HOSTILE)
def test_nothing_typed_breaks_out_of_a_mail(name: str, text: str, town: str) -> None:
    contact = Contact(name, "ada@example.com", "+498999998124", text, town)
    context = Context(message=text, notes=(Note(NOON, "prospect", name),))
    answers = {"notes": text, "owner": town}
    lead = replace(OWNED, contact=contact, town=town, answers=answers)
    programme = a_programme(brand={"name": "Dachwarm"})
    for template in ("offer", "accepted", "partner_found", "receipt", "confirmation"):
        view = MailView(
            template,
            programme,
            "en",
            NOON,
            ("a@b.c",),
            lead,
            context,
            an_offer(),
            replace(PARTNER, name=name),
            links=LINKS,
        )
        mail = render_mail(view)
        head = mail.subject + mail.from_name
        assert head.isprintable() or not re.search(
            r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", head
        )
        body = mail.html.split("</head>")[1]
        ours = {"body", "div", "table", "tbody", "strong", "tr", "td", "th", "h1", "p", "a", "br"}
        assert set(re.findall(r"<(\w+)", body)) <= ours
        assert not re.search(
            r"[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", mail.html + mail.text
        )
        assert mail.text.count("\n-- \n") == 1
        for each in text.splitlines():
            if len(each) > 20 and each.isascii() and each.isprintable():
                assert f"\n{each}\n" not in mail.text


def test_a_brands_picture_is_in_the_mail_itself_and_a_drawing_gives_way_to_the_name() -> None:
    picture = PROGRAMME.model_copy(
        update={"brand": Brand(name="Ex & Co", logo="data:image/png;base64,iVBORw0KGgo=")}
    )
    mail = render_mail(replace(the("offer"), programme=picture))
    assert mail.logo is not None
    assert (mail.logo.name, mail.logo.content[1:4]) == ("logo.png", b"PNG")
    assert 'src="cid:logo" alt="Ex &amp; Co"' in mail.html
    drawing = PROGRAMME.model_copy(
        update={"brand": Brand(name="Ex & Co", logo="data:image/svg+xml;base64,PHN2Zz4=")}
    )
    mail = render_mail(replace(the("offer"), programme=drawing))
    assert mail.logo is None
    assert "<img" not in mail.html


@pytest.mark.parametrize("language", LANGUAGES)
def test_customers_are_greeted_alike_in_every_mail_and_nobody_else_is(language: str) -> None:
    greeting = {"en": "Hello,", "de": "Guten Tag,"}[language]
    for name, view in mail_views(language):
        audience, _ = MAIL_BODIES[view.template]
        paragraphs = render_mail(view).text.split("\n\n")
        assert paragraphs.count(greeting) == (audience == "prospect"), name
        if audience == "prospect":
            assert paragraphs[1] == greeting, name
        assert not [
            each
            for each in paragraphs
            if each.startswith(("Hello ", "Guten Tag ", "Dear ", "Liebe"))
        ], name


@pytest.mark.parametrize(("language", "name", "view"), ALL, ids=IDS)
def test_the_subject_that_is_kept_has_nothing_in_it_that_falls_to_the_leads_erasure(
    language: str, name: str, view: MailView
) -> None:
    mail = render_mail(view)
    assert mail.subject_kept, "each mail has a subject to keep"
    assert mail.language == view.language
    leads = [view.lead, *(entry.lead for entry in view.entries)]
    for lead in filter(None, leads):
        gone = [lead.town, lead.colleague and lead.colleague.name]
        assert not [each for each in gone if each and each in mail.subject_kept]
    if view.lead and LEAD_TITLE in mail.subject_kept:
        audience, _ = MAIL_BODIES[view.template]
        locale = LocaleContext.for_programme(view.programme, language, view.now)
        title = lead_title(view.lead, view.programme, locale, everything=audience != "partner")
        told = mail.subject_kept.replace(LEAD_TITLE, title)
        assert told.replace(COLLEAGUE, "Sam Huber") == mail.subject, name

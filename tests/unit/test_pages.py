"""Pages: whole, labelled, safe, in every state and in both languages."""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Template

from routing_core.domain.enquiry.answers import read_answer
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.lead import Contact, LeadStatus, Note
from routing_core.present.engine import TEMPLATES, page_template
from routing_core.present.pages import frame
from routing_core.present.pages.desk import desk_page
from routing_core.present.pages.form import form_page
from routing_core.present.pages.frame import security_headers
from routing_core.present.pages.offer import offer_page
from routing_core.present.pages.queue_lead import queue_lead_page
from routing_core.present.pages.simple import error_page, thanks_page
from routing_core.present.pages.status import status_page
from routing_core.service.kernel.views import OfferState, ThanksView
from routing_core.simulation.back_test_report import back_test_page
from tests.samples.cast import CONTACT, CONTEXT, HOST, LANGUAGES, LEAD, OWNED, PROGRAMME
from tests.samples.pages import (
    back_test_views,
    desk_views,
    drawn_pages,
    form_views,
    offer_views,
    queue_views,
    simple_views,
    status_views,
)
from tests.support.few import examples

VOID = {"meta", "link", "input", "br", "img", "hr", "path", "circle"}


def all_pages(language: str) -> Iterator[tuple[str, str]]:
    yield from drawn_pages(language)
    for kind in (
        "not_found",
        "wrong_method",
        "link_refused",
        "conflict",
        "erased",
        "failure",
        "too_large",
        "not_allowed",
    ):
        yield f"error-{kind}", error_page(400, kind, language, PROGRAMME)
        yield f"error-{kind}-bare", error_page(400, kind, language, None)


ALL = [(language, name, html) for language in LANGUAGES for name, html in all_pages(language)]
IDS = [f"{name}-{language}" for language, name, _ in ALL]
EVERY_PAGE = pytest.mark.parametrize(("language", "name", "html"), ALL, ids=IDS)


def test_the_samples_draw_every_template_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = set()

    def noted(name: str) -> Template:
        drawn.add(name)
        return page_template(name)

    monkeypatch.setattr(frame, "page_template", noted)
    assert list(all_pages("en"))
    assert [back_test_page(test) for _, test in back_test_views("en")]
    not_pages = {"frame.html", "parts.html", "form_field.html", "mail.html"}
    # A body stands on the pages of others, here and on HQ's desk.
    bodies = {path.name for path in TEMPLATES.glob("*_body.html")}
    assert drawn == {path.name for path in TEMPLATES.glob("*.html")} - not_pages - bodies


class Outline(HTMLParser):
    """Tags in order, and whether each was closed where it was opened."""

    def __init__(self, html: str):
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def every(self, *names: str) -> list[dict[str, str | None]]:
        return [attrs for tag, attrs in self.tags if tag in names]


def offer(name: str, language: str = "en"):
    return dict(offer_views(language))[name]


def form(name: str, language: str = "en"):
    return dict(form_views(language))[name]


@EVERY_PAGE
def test_every_page_is_whole(language: str, name: str, html: str) -> None:
    page = Outline(html)
    assert page.every("html")[0]["lang"] == language
    assert len(page.every("h1")) == 1
    assert len(page.every("main")) == 1
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    text = re.sub(r"<style>.*?</style>|<script>.*?</script>", "", html, flags=re.DOTALL)
    text = re.sub(r'data-checks="[^"]*"', "", text)  # patterns
    assert not re.search(
        r"\{\w*\}|\{\{|>None|None<|(offer|form|desk|status|queue|mails)\.[a-z_]+\.", text
    )


@EVERY_PAGE
def test_every_field_has_a_label_and_its_error(language: str, name: str, html: str) -> None:
    page = Outline(html)
    ids = {attrs.get("id") for _, attrs in page.tags}
    labelled = {attrs.get("for") for attrs in page.every("label")}
    wrapped = re.findall(r"<label[^>]*><input[^>]*>", html)
    for field in page.every("input", "select", "textarea"):
        if field.get("type") == "hidden":
            continue
        inside = any(
            f'value="{field.get("value")}"' in each and f'name="{field["name"]}"' in each
            for each in wrapped
        )
        assert field.get("id") in labelled or inside, field
    for _, attrs in page.tags:
        for reference in (attrs.get("aria-describedby") or "").split() + (
            attrs.get("aria-labelledby") or ""
        ).split():
            assert reference in ids
        if (attrs.get("href") or "").startswith("#"):
            assert attrs["href"][1:] in ids


@EVERY_PAGE
def test_nothing_is_loaded_and_only_posts_act(language: str, name: str, html: str) -> None:
    page = Outline(html)
    assert all((attrs.get("src") or "data:").startswith("data:") for _, attrs in page.tags)
    assert all(attrs["href"].startswith("data:") for attrs in page.every("link"))
    # After declining for want of room, the pause is posted to the partner's own desk; and a form
    # that was posted from somebody's own page goes on with ours. HQ's fresh link is asked for at
    # the queue, whichever page was opened.
    # The coverage is taken away as a file from its own address.
    elsewhere = {f"{HOST}/d/k1.desk", f"/f/enquiry/details?lang={language}", "/q/k1.q", None}
    elsewhere.add(f"{HOST}/q/k1.q/coverage")
    assert all(
        attrs.get("method") == "post" and attrs.get("action") in elsewhere
        for attrs in page.every("form")
    )
    assert not [
        attrs
        for _, attrs in page.tags
        if any(key.startswith("on") or key == "style" for key in attrs)
    ]
    for link in page.every("a"):
        outside = (link["href"] or "").startswith("http") and not link["href"].startswith(HOST)
        assert not outside or "noreferrer" in (link.get("rel") or "")


@EVERY_PAGE
def test_what_is_wrong_is_said_by_the_page_and_never_by_a_bubble_of_the_browser(
    language: str, name: str, html: str
) -> None:
    page = Outline(html)
    assert all("novalidate" in attrs for attrs in page.every("form"))
    summary = re.search(r'<div class="notice bad" id="problems"(.*?)</ul>', html, re.DOTALL)
    wrong = [attrs["id"] for _, attrs in page.tags if attrs.get("aria-invalid") == "true"]
    assert not wrong or summary
    if summary and wrong:
        assert re.findall(r'href="#([^"]+)"><strong>', summary[1]) == wrong, (
            "each by its name, in the page's order"
        )
    for anchor in wrong:
        assert f'id="{anchor}-error"' in html


@EVERY_PAGE
def test_the_policy_allows_exactly_our_style_and_scripts(
    language: str, name: str, html: str
) -> None:
    policy = security_headers(html)["Content-Security-Policy"]

    def digest(text: str) -> str:
        return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    inline = re.findall(r"<(style|script)>(.*?)</\1>", html, re.DOTALL)
    assert all(digest(text) in policy for _, text in inline)
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy


def test_headers_keep_the_link_to_ourselves() -> None:
    headers = security_headers(error_page(404, "not_found", "en", None))
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert "noindex" in headers["X-Robots-Tag"]


def test_a_foreign_script_gets_no_hash() -> None:
    policy = security_headers("<style>a</style><script>alert(1)</script>")[
        "Content-Security-Policy"
    ]
    assert base64.b64encode(hashlib.sha256(b"alert(1)").digest()).decode() not in policy


def test_the_form_shows_what_was_typed_and_what_is_wrong_at_the_field() -> None:
    html = form_page(form("form-2-problems"))
    assert 'value="ada@"' in html
    assert "&lt;b&gt;hi&lt;/b&gt;" in html
    assert '<a href="#f-email"><strong>Email:</strong> Enter a valid email address' in html
    assert 'id="f-email-error"' in html
    assert html.index("<title>Error:") > 0


def test_step_two_carries_step_one_and_the_technical_fields() -> None:
    page = Outline(form_page(form("form-2")))
    hidden = {
        attrs["name"]: attrs["value"]
        for attrs in page.every("input")
        if attrs.get("type") == "hidden"
    }
    assert hidden == {
        "step": "2",
        "lang": "en",
        "submission_id": "s-1",
        "started": "signed",
        "country": "DE",
        "postcode": "80331",
        "product": "heat-pump",
        "urgency": "soon",
        "owner": "owner",
    }


def test_the_trap_is_hidden_from_people_and_screen_readers() -> None:
    html = form_page(form("form-1"))
    assert re.search(
        r'<div class="trap" aria-hidden="true">.*name="second_topic"[^>]*tabindex="-1"', html
    )


def test_the_coverage_answer_is_honest() -> None:
    assert "3 specialists cover 80331" in form_page(form("form-2"))
    assert "1 of them is open now. You will hear from us by 16:00 today." in form_page(
        form("form-2")
    )
    nobody = form_page(form("form-2-nobody", "de"))
    assert "Wir kümmern uns um Ihre Anfrage" in nobody
    assert (
        "Wir suchen einen passenden Partner für Sie und melden uns bis heute 16:00 Uhr." in nobody
    )


def test_an_emergency_with_nobody_open_shows_the_hotline() -> None:
    html = form_page(form("form-2-hotline"))
    assert 'href="tel:+498999998000"' in html
    assert "They open at 08:00 tomorrow." in html
    assert "tel:" not in form_page(form("form-2"))


def test_a_form_with_one_choice_does_not_ask() -> None:
    view = form("form-1")
    narrow = view.form.model_copy(
        update={"countries": ["DE"], "products": ["boiler"], "urgencies": ["soon"]}
    )
    page = Outline(form_page(replace(view, form=narrow)))
    fields = {
        attrs["name"]: attrs.get("type")
        for attrs in page.every("input")
        if attrs["name"] in ("country", "product", "urgency")
    }
    assert fields == {"country": "hidden", "product": "hidden", "urgency": "hidden"}
    assert page.every("select") == []


@pytest.mark.parametrize(
    "state", [s for s in OfferState if s not in (OfferState.MINE, OfferState.DONE)]
)
def test_no_state_before_acceptance_says_who_asked(state: OfferState) -> None:
    html = offer_page(replace(offer("offer-open"), state=state, lead=LEAD, context=CONTEXT))
    for secret in (
        "Lovelace",
        "ada@example.com",
        "99998124",
        "Marienplatz",
        "dog is friendly",
        "oil boiler",
        "contact.vcf",
    ):
        assert secret not in html


def test_after_acceptance_everything_is_one_tap_away() -> None:
    html = offer_page(offer("offer-mine"))
    for link in (
        "tel:+498999998124",
        "mailto:ada@example.com",
        "openstreetmap.org",
        "/contact.vcf",
        "/contact.ics",
    ):
        assert link in html


ACTIONS = {
    "offer-open": {"accept", "decline"},
    "offer-shared": {"accept"},
    "offer-mine": {"attempt", "contacted", "quoted", "won", "lost", "note", "give_back"},
    "offer-mine-contacted": {"quoted", "won", "lost", "note", "undo", "give_back"},
    "offer-mine-quoted": {"won", "lost", "note", "undo", "give_back"},
    "offer-won": {"undo"},
    "offer-lost": set(),
    "offer-declined": {"wait"},
    "offer-missed": set(),
    "offer-taken": {"wait"},
    "offer-returned": set(),
    "offer-closed": set(),
}


@pytest.mark.parametrize(("name", "actions"), ACTIONS.items())
def test_each_state_offers_what_makes_sense(name: str, actions: set[str]) -> None:
    html = offer_page(offer(name))
    assert set(re.findall(r'name="action" value="(\w+)"', html)) == actions


@pytest.mark.parametrize("state", sorted(OfferState))
def test_a_page_loaded_again_never_says_it_is_yours_above_the_opposite(state: OfferState) -> None:
    html = offer_page(replace(offer("offer-closed"), state=state, notice="accepted"))
    assert ("It is yours" in html) is (state is OfferState.MINE)


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("offer-assigned-from-you", "Dachwarm has chosen another partner for this enquiry."),
        (
            "offer-retracted-from-you",
            "has taken this enquiry back because no contact was logged in time.",
        ),
        ("offer-given-back", "You gave this enquiry back"),
        ("offer-handed-over", "You handed this enquiry over."),
        ("offer-returned", "This enquiry is no longer with you."),
    ],
)
def test_a_former_owner_reads_why_it_is_theirs_no_more_and_to_stop_and_never_that_another_has_it(
    state: str, told: str
) -> None:
    html = offer_page(offer(state))
    assert told in html
    assert "Please stop contacting the customer." in html
    assert "Another partner" not in html


@pytest.mark.parametrize("why", ["assigned", "moved", "unreachable"])
def test_an_offer_that_ended_for_another_reason_does_not_say_that_another_partner_accepted(
    why: str,
) -> None:
    assert "Another partner" not in offer_page(offer(f"offer-gone-{why}"))


def test_a_problem_opens_its_own_form_again() -> None:
    html = offer_page(offer("offer-mine-problem"))
    assert re.search(r'<details class="fold" open>\s*<summary>Won', html)
    assert (
        '<a href="#f-won-value"><strong>Order value:</strong> Enter the amount as a number' in html
    )
    assert 'value="much"' in html


def test_the_prospect_sees_only_their_own_notes() -> None:
    context = replace(CONTEXT, notes=(*CONTEXT.notes, Note(CONTEXT.notes[0].at, "hq", "looks odd")))
    html = status_page(replace(dict(status_views("en"))["status-accepted"], context=context))
    assert "The meter is in the cellar" in html
    assert "Tried at noon" not in html
    assert "looks odd" not in html


def test_the_prospect_never_learns_who_declined() -> None:
    html = status_page(dict(status_views("en"))["status-searching"])
    assert "Huber" not in html


@pytest.mark.parametrize("status", list(LeadStatus))
def test_the_prospects_page_has_a_sentence_for_every_state(status: LeadStatus) -> None:
    view = dict(status_views("de"))["status-accepted"]
    assert "<h1>Ihre Anfrage</h1>" in status_page(replace(view, lead=replace(OWNED, status=status)))


def test_the_desk_names_people_only_after_acceptance() -> None:
    html = desk_page(dict(desk_views("en"))["desk"])
    to_answer, _, rest = html.partition('id="s-to_call"')
    assert "Lovelace" not in to_answer
    assert "Lovelace" in rest


def test_hq_reads_why_each_partner_stands_where() -> None:
    html = queue_lead_page(dict(queue_views("en"))["queue-lead"])
    for sentence in (
        "has served this customer before",
        "first choice there",
        "2 of 10 enquiries in hand",
        "already asked",
        "email address not confirmed",
        "Huber Heizung GmbH declined: No capacity",
        "Offered to Sonnleitner &amp; Töchter KG; answer by 14:00 today (as backup partner)",
        "No partners left to ask",
    ):
        assert sentence in html
    assert html.count('value="assign"') == 3, "an unconfirmed partner cannot be chosen"


def test_held_back_enquiries_can_be_released_or_rejected() -> None:
    html = queue_lead_page(dict(queue_views("en"))["queue-lead-spam"])
    assert 'value="release"' in html
    assert 'value="reject"' in html


def test_a_logo_must_be_a_picture_of_our_own() -> None:
    for logo in (
        "https://evil.example/logo.png",
        "javascript:alert(1)",
        'data:image/png;base64,x" onerror="alert(1)',
    ):
        brand = PROGRAMME.brand.model_copy(update={"logo": logo})
        html = error_page(404, "not_found", "en", PROGRAMME.model_copy(update={"brand": brand}))
        assert "<img" not in html


@settings(max_examples=examples(40), deadline=None)
@given(
    st.one_of(
        st.text(),
        st.sampled_from(
            ["<script>alert(1)</script>", '" onclick="x', "{{7*7}}", "\u202e\x00", "javascript:x"]
        ),
    )
)
@pytest.mark.slow
def test_nothing_typed_breaks_out_of_a_page(text: str) -> None:
    contact = Contact(text, CONTACT.email, CONTACT.phone, text, text)
    lead = replace(OWNED, contact=contact, town=text, answers={"notes": text, "owner": text})
    context = replace(CONTEXT, message=text, notes=(Note(CONTEXT.notes[0].at, "prospect", text),))
    typed = dict.fromkeys(("name", "email", "message", "postcode", "owner", "product"), text)
    shown = [
        offer_page(replace(offer("offer-mine"), lead=lead, context=context)),
        form_page(replace(form("form-2"), values=typed, problems=(Problem("name", text, text),))),
        status_page(
            replace(dict(status_views("en"))["status-accepted"], lead=lead, context=context)
        ),
    ]
    for html in shown:
        page = Outline(html)
        assert len(page.every("script")) <= 2  # ours: what sends, and the page's own
        assert not [attrs for _, attrs in page.tags if any(key.startswith("on") for key in attrs)]
        assert not re.search(r"[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", html)


# ── what is chosen, and what is confirmed ─────────────────────────────────────────────────────────


@pytest.mark.parametrize("code", ["required", "unknown_option"])
def test_a_choice_that_was_not_made_is_answered_with_what_there_is_to_choose_from(
    code: str,
) -> None:
    view = next(view for name, view in form_views("en") if name == "form-1")
    question = next(
        each
        for each in view.form.questions
        if each.kind == "choice" and not each.many and each.step == 1
    )
    with pytest.raises(InvalidInput) as refused:
        read_answer(question, "" if code == "required" else "something else", required=True)
    assert refused.value.problems[0].code == code
    html = form_page(replace(view, problems=refused.value.problems))
    told = f"Please choose one of these: {', '.join(option.label['en'] for option in question.options)}."
    assert html.count(f"{told}</p>") == 1, "at the field"
    assert html.count(f"{told}</a>") == 1, "in the summary"
    assert question.options[0].id not in told


@pytest.mark.parametrize("answer", ["offered", "held", "waiting", "noted", "joined", "confirm"])
def test_the_thanks_page_promises_no_mail_sooner_than_it_may_come(answer: str) -> None:
    """Of one address, the mails of an hour after the first are sent together at its end."""
    for language, told in (("en", "can take up to an hour"), ("de", "bis zu einer Stunde")):
        view = next(v for _, v in simple_views(language) if isinstance(v, ThanksView))
        html = thanks_page(replace(view, answer=answer))
        assert told in html
        assert not re.search("on its way|unterwegs|have sent you|geschickt", html)


@pytest.mark.parametrize(
    ("state", "behind", "now"),
    [
        ("quarantined", [], "Received: please confirm your address"),
        ("nurture", ["Received"], ""),
        ("offered", ["Received"], "Finding a partner"),
        ("accepted", ["Received", "Partner found"], "Waiting for first contact"),
        ("contacted", ["Received", "Partner found", "In contact"], "In progress"),
        ("won", ["Received", "Partner found", "In contact", "Done"], ""),
        ("withdrawn", [], ""),
    ],
)
def test_the_customers_page_shows_how_far_the_enquiry_is_in_every_state(
    state: str, behind: list[str], now: str
) -> None:
    views = dict(status_views("en"))
    held = replace(LEAD, status=LeadStatus.QUARANTINED, offers=())
    views["status-quarantined"] = replace(views["status-offered"], lead=held)
    html = status_page(views[f"status-{state}"])
    shown = re.findall(
        r'<li class="(\w+)"( aria-current="step")?>.*?</span><span>([^<]*)', html, re.DOTALL
    )
    assert [label for kind, _, label in shown if kind == "done"] == behind
    assert [label for kind, _, label in shown if kind == "now"] == ([now] if now else [])
    assert [label for _, current, label in shown if current] == ([now] if now else [])
    assert not shown or len(shown) == 4

"""Small forms change the rules without YAML: one path, said before and after in sentences."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from routing_core.domain.programme.merging import changed_paths
from routing_core.service.hq_desk.rule_forms import RULE_FORMS
from tests.integration.test_hq_rules import PEOPLE, desk, document, plan, save
from tests.support.world import Answer, World, a_programme, munich

RULES = [
    {"window": {"working_days": 1}, "total": {"working_days": 4}},
    {
        "when": {"urgency": "emergency"},
        "window": {"minutes": 30},
        "waves": [1, 3, "all"],
        "total": {"minutes": 240},
        "on_lapse": "share",
    },
]


@pytest.fixture
def rules_world(world: World) -> World:
    people = {"people": PEOPLE, "language": "en"}
    hotline = {"phone": "+49 89 99998100", "hours": {"en": "day and night"}}
    world.use(a_programme(hq=people, offers=RULES, hotline=hotline, languages=["en", "de"]))
    return world


class _Inputs(HTMLParser):
    """What a browser would post of the only form of a page."""

    def __init__(self, page: str):
        super().__init__()
        self.posted: dict[str, str] = {}
        self._select = self._area = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        stated = {name: value or "" for name, value in attrs}
        name = stated.get("name", "")
        is_chosen = stated.get("type") != "radio" or "checked" in stated
        if tag == "input" and name and is_chosen:
            self.posted[name] = stated.get("value", "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in stated:
            self.posted[self._select] = stated["value"]
        elif tag == "textarea":
            self._area = name
            self.posted[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            # Browsers leave out a line break right behind the tag.
            self.posted[self._area] = self.posted[self._area].removeprefix("\n")
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.posted[self._area] += data


def shown(world: World, form: str, email: str = "hq@example.com") -> dict[str, str]:
    page = world.desk(email).get(f"/hq/rules/change/{form}")
    assert page.status == 200
    return _Inputs(page.body).posted


def send(world: World, form: str, action: str, posted: dict[str, str], **typed: str) -> Answer:
    return world.desk().post(f"/hq/rules/change/{form}", action=action, **{**posted, **typed})


@pytest.mark.parametrize("form", RULE_FORMS)
def test_a_form_that_nobody_touched_changes_nothing(rules_world: World, form: str) -> None:
    posted = shown(rules_world, form)
    assert "Nothing would change" in send(rules_world, form, "preview", posted).body
    assert send(rules_world, form, "save", posted).status == 422
    assert rules_world.wiring.rules.programme()[0] == 1


CHANGES: list[tuple[str, dict[str, str], dict[tuple[Any, ...], Any], str]] = [
    (
        "offers",
        {"offers-0-window": "2,5", "offers-0-window-unit": "response_hours"},
        {("offers", 0, "window"): {"response_hours": 2.5}},
        "A partner has 2.5 response hours to answer.",
    ),
    (
        "offers",
        {"offers-1-on_lapse": "retract"},
        {("offers", 1, "on_lapse"): "retract"},
        "the first can no longer accept",
    ),
    (
        "partners",
        {"offers-0-partners": "5"},
        {("offers", 0, "partners"): 5},
        "Up to 5 partners are asked, one after another.",
    ),
    (
        "partners",
        {"offers-1-waves": "2; all"},
        {("offers", 1, "waves"): [2, "all"]},
        "first the best 2, then everyone who is left",
    ),
    (
        "reminders",
        {"reminders-at": "25 %, 75"},
        {("reminders", "at", 0): 0.25, ("reminders", "at", 1): 0.75},
        "A partner is reminded after 25% and 75% of the time to answer.",
    ),
    (
        "days",
        {"calendar-closing_days": "31.12.2026\n\n2026-12-24\n"},
        {("calendar", "closing_days"): ["2026-12-24", "2026-12-31"]},
        "closed on these days: Thu, 24 Dec 2026; Thu, 31 Dec 2026.",
    ),
    (
        "contact",
        {"contact-0-window": "3"},
        {("contact", 0, "window"): {"working_days": 3}},
        "contacts the customer within 3 working days.",
    ),
    (
        "contact",
        {"missed_contact-retract_after": "1", "missed_contact-retract_after-unit": "working_days"},
        {("missed_contact", "retract_after"): {"working_days": 1}},
        "1 working day later the enquiry is taken back",
    ),
    (
        "hotline",
        {"hotline-phone": "+49 89 99998101"},
        {("hotline", "phone"): "+49 89 99998101"},
        "+49 89 99998101",
    ),
    (
        "texts",
        {"mail_texts-offer-en": "Merry <b>Christmas</b>"},
        {("mail_texts",): {"offer": {"en": "Merry <b>Christmas</b>"}}},
        "stands in English: “Merry &lt;b&gt;Christmas&lt;/b&gt;”",
    ),
    ("hotline", {"hotline-phone": "", "hotline-hours-en": ""}, {("hotline",): None}, "no hotline"),
]


@pytest.mark.parametrize(("form", "typed", "paths", "sentence"), CHANGES)
def test_a_form_changes_exactly_what_its_sentence_says(
    rules_world: World,
    form: str,
    typed: dict[str, str],
    paths: dict[tuple[Any, ...], Any],
    sentence: str,
) -> None:
    before = document(rules_world)
    posted = shown(rules_world, form)
    preview = send(rules_world, form, "preview", posted, **typed)
    assert preview.status == 200
    assert sentence in preview.body
    assert rules_world.wiring.rules.programme()[0] == 1, "looking at it changes nothing"
    answer = send(rules_world, form, "save", _Inputs(preview.body).posted, comment="so be it")
    assert (answer.status, answer.headers["Location"][:10]) == (303, "/hq/rules?")
    found = {path: _said(value) for path, value in changed_paths(before, document(rules_world))}
    assert found == paths
    (version,) = rules_world.wiring.rules.versions(limit=1)
    assert version.comment == "so be it"
    assert "Saved." in rules_world.desk().get(answer.headers["Location"]).body


def _said(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: inner for name, inner in value.items() if inner is not None}
    return value


@pytest.mark.parametrize(
    ("form", "typed", "words"),
    [
        ("offers", {"offers-0-window": ""}, "Please fill"),
        ("offers", {"offers-0-window": "soon"}, "choose minutes"),
        ("offers", {"offers-0-window": "1.5"}, "Working days are whole"),
        ("offers", {"offers-0-window-unit": "years"}, "choose minutes"),
        ("offers", {"offers-0-window": "9" * 12}, "The largest value here is"),
        ("offers", {"offers-0-on_lapse": "<script>"}, "Choose one from the list"),
        ("partners", {"offers-0-partners": "11"}, "The largest value here is"),
        ("partners", {"offers-1-waves": "all, 3"}, "Put all last"),
        ("partners", {"offers-1-waves": "one"}, "commas between them"),
        ("reminders", {"reminders-at": "85, 50"}, "the smallest first"),
        ("reminders", {"reminders-at": "150"}, "less than"),
        ("days", {"calendar-closing_days": "30.2.2026"}, "one day a line"),
        ("days", {"calendar-holiday_region": "XX-99"}, "XX-99"),
        ("hotline", {"hotline-phone": "call us"}, "call us"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    rules_world: World, form: str, typed: dict[str, str], words: str
) -> None:
    posted = shown(rules_world, form)
    answer = send(rules_world, form, "save", posted, **typed)
    assert answer.status == 422
    assert words in answer.body
    kept = _Inputs(answer.body).posted
    for name, value in typed.items():
        if "on_lapse" not in name and "unit" not in name:
            assert kept[name].strip() == value
    assert "<script>" not in answer.body
    assert rules_world.wiring.rules.programme()[0] == 1


def test_long_choices_are_read_whole_on_a_phone(rules_world: World) -> None:
    page = rules_world.desk().get("/hq/rules/change/offers").body
    radios = re.findall('<input type="radio" name="offers-1-on_lapse"[^>]*>', page)
    assert ["checked" in each for each in radios] == [False, True]


def test_what_is_wrong_in_two_groups_is_told_apart_by_their_names(rules_world: World) -> None:
    typed = {"offers-0-window": "x", "offers-1-window": "y", "offers-1-total": "z"}
    answer = send(rules_world, "offers", "preview", shown(rules_world, "offers"), **typed)
    summary = answer.body.partition('id="problems"')[2].partition("</ul>")[0]
    links = re.findall("<a [^>]*>(.*?)</a>", summary)
    assert len(links) == len(set(links)) == 3
    assert any("Emergency" in each and "Time allowed" in each for each in links)


def test_whoever_was_slower_reads_what_changed_and_by_whom_and_loses_nothing(
    rules_world: World,
) -> None:
    posted = shown(rules_world, "offers")
    bob = shown(rules_world, "offers", "bob@example.com")
    rules_world.desk("bob@example.com").post(
        "/hq/rules/change/offers", action="save", **{**bob, "offers-0-window": "2"}
    )
    answer = send(rules_world, "offers", "save", posted, **{"offers-1-window": "45"})
    assert answer.status == 409
    assert "Meanwhile, Bob Boss has changed the rules" in answer.body
    assert "<ins>A partner has 2 working days to answer.</ins>" in answer.body
    again = _Inputs(answer.body).posted
    assert (again["offers-1-window"], again["replaces"]) == ("45", "2")
    assert rules_world.wiring.rules.programme()[0] == 2


def test_who_saves_in_the_very_same_moment_is_told_too(
    rules_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted = shown(rules_world, "offers") | {"offers-1-window": "45"}
    rules = rules_world.wiring.rules
    save_rules, others = rules.save_programme, []

    def bob_is_faster(programme: Any, *kept: Any) -> int:
        if not others:
            others.append(save_rules(programme.model_copy(update={"name": "Bob's"}), kept[0]))
        return save_rules(programme, *kept)

    monkeypatch.setattr(rules, "save_programme", bob_is_faster)
    answer = send(rules_world, "offers", "save", posted)
    assert answer.status == 409
    assert "“Bob&#39;s”" in answer.body


def test_a_change_can_be_planned_by_the_programmes_clock(rules_world: World) -> None:
    posted = shown(rules_world, "offers") | {"offers-1-window": "45"}
    answer = send(rules_world, "offers", "save", posted, starts_at="2026-11-26T08:00")
    assert answer.status == 303
    planned = rules_world.wiring.rules.planned()
    assert planned is not None
    assert planned.starts_at.isoformat() == "2026-11-26T07:00:00+00:00"


@pytest.mark.parametrize(
    ("starts_at", "words"),
    [
        ("2026-11-25T11:59", "This time is over"),
        ("2030-01-01T00:00", "within a year"),
        ("tomorrow", "Write a day and a time"),
    ],
)
def test_a_time_that_cannot_be_planned_is_refused(
    rules_world: World, starts_at: str, words: str
) -> None:
    posted = shown(rules_world, "offers") | {"offers-1-window": "45"}
    answer = send(rules_world, "offers", "save", posted, starts_at=starts_at)
    assert answer.status == 422
    assert words in answer.body
    assert _Inputs(answer.body).posted["starts_at"] == starts_at


def test_a_form_that_meets_a_plan_says_so(rules_world: World) -> None:
    offers = document(rules_world)["offers"]
    offers[1]["window"] = {"minutes": 20}
    plan(rules_world, 2, offers=offers)
    posted = shown(rules_world, "offers") | {"offers-1-window": "45"}
    answer = send(rules_world, "offers", "save", posted)
    assert answer.status == 422
    assert "Other rules are planned already" in answer.body


@pytest.mark.parametrize("email", ["max@example.com", "vera@example.com"])
def test_only_an_admin_sees_and_sends_a_form(rules_world: World, email: str) -> None:
    browser = rules_world.desk(email)
    assert browser.get("/hq/rules/change/offers").status == 403
    posted = shown(rules_world, "offers") | {"offers-1-window": "45"}
    for action in ("preview", "draft", "save"):
        answer = browser.post("/hq/rules/change/offers", action=action, **posted)
        assert answer.status == 403
    assert rules_world.wiring.rules.programme()[0] == 1


def test_there_are_no_other_forms(rules_world: World) -> None:
    assert rules_world.desk().get("/hq/rules/change/retention").status == 404
    assert desk(rules_world).services is not None
    assert save(rules_world, currency="CHF") == 2


def test_a_form_warns_of_what_its_own_change_makes_doubtful_and_of_nothing_else(
    rules_world: World,
) -> None:
    hotline = shown(rules_world, "hotline")
    other = send(rules_world, "hotline", "preview", hotline, **{"hotline-phone": "+49 89 1234567"})
    assert "backup_partner is empty" not in other.body
    offers = shown(rules_world, "offers")
    window = next(name for name in offers if name.endswith("window") and "0" in name)
    minute = send(
        rules_world, "offers", "preview", offers, **{window: "1", f"{window}-unit": "minutes"}
    )
    assert "times are kept to about a minute" in minute.body


def test_words_of_the_vendor_stand_at_the_end_of_its_mails(rules_world: World) -> None:
    rules_world.add(munich(1))
    posted = shown(rules_world, "texts")
    words = "We are closed <over> Christmas.\n\nMerry Christmas!"
    answer = send(rules_world, "texts", "save", posted, **{"mail_texts-offer-de": words})
    assert answer.status == 303
    rules_world.post_lead("one")
    rules_world.deliver()
    (offer,) = rules_world.mails("munich-1@")
    html = offer.get_body(("html",)).get_content()  # type: ignore[union-attr]
    plain = offer.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "We are closed &lt;over&gt; Christmas." in html
    assert "Merry Christmas!" in plain
    assert all("Merry" not in str(mail) for mail in rules_world.mails("erika@"))


# ── a draft ───────────────────────────────────────────────────────────────────────────────────────


def test_a_form_can_become_a_draft_that_is_tried_and_put_in_force(rules_world: World) -> None:
    before = document(rules_world)
    typed = {"offers-1-window": "45"}
    preview = send(rules_world, "offers", "preview", shown(rules_world, "offers"), **typed)
    assert 'value="draft"' in preview.body
    posted = _Inputs(preview.body).posted | {"comment": "slower"}
    for _ in range(2):
        answer = send(rules_world, "offers", "draft", posted)
        assert answer.status == 200, "pressed twice, it is kept once"
        assert "<ins>A partner has 45 minutes to answer.</ins>" in answer.body
        assert 'value="back_test"' in answer.body
    assert document(rules_world) == before
    editor = _Inputs(answer.body).posted
    kept = _Inputs(rules_world.desk().get("/hq/rules/edit").body).posted
    assert (editor["text"], editor["comment"]) == (kept["text"], "slower")
    assert rules_world.desk().post("/hq/rules/edit", action="put", **editor).status == 303
    found = {path: _said(value) for path, value in changed_paths(before, document(rules_world))}
    assert found == {("offers", 1, "window"): {"minutes": 45}}
    (version,) = rules_world.wiring.rules.versions(limit=1)
    assert version.comment == "slower"


def test_a_form_does_not_undo_a_draft_unasked(rules_world: World) -> None:
    browser = rules_world.desk()
    mine = _Inputs(browser.get("/hq/rules/edit").body).posted | {"text": "name: mine"}
    browser.post("/hq/rules/edit", action="keep", **mine)
    posted = shown(rules_world, "offers") | {"offers-1-window": "45"}
    answer = send(rules_world, "offers", "draft", posted)
    assert answer.status == 409
    assert "another window" in answer.body
    assert _Inputs(browser.get("/hq/rules/edit").body).posted["text"] == "name: mine"
    again = _Inputs(answer.body).posted
    assert browser.post("/hq/rules/edit", action="keep", **again).status == 200
    assert _Inputs(browser.get("/hq/rules/edit").body).posted["text"] == again["text"]


def test_a_form_that_is_wrong_or_late_becomes_no_draft(rules_world: World) -> None:
    posted = shown(rules_world, "offers")
    assert send(rules_world, "offers", "draft", posted).status == 422
    assert send(rules_world, "offers", "draft", posted, **{"offers-1-window": "x"}).status == 422
    save(rules_world, currency="CHF")
    answer = send(rules_world, "offers", "draft", posted, **{"offers-1-window": "45"})
    assert answer.status == 409
    assert "Meanwhile" in answer.body
    assert "Your draft was last kept" not in rules_world.desk().get("/hq/rules/edit").body


# ── words of mails ────────────────────────────────────────────────────────────────────────────────


def test_mails_are_shown_as_they_would_be_in_every_language_before_anything_is_saved(
    rules_world: World,
) -> None:
    posted = shown(rules_world, "texts")
    sent = len(rules_world.mails())
    typed = {
        "mail_subjects-offer-en": "{brand} asks: {what}",
        "mail_texts-offer-en": "Ref. {reference} <script>alert(1)</script>",
    }
    answer = send(rules_world, "texts", "preview", posted, **typed)
    assert answer.status == 200
    assert "Example Heating asks: Heat pump" in answer.body
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.body
    assert "<script>alert" not in answer.body
    assert "{what}" in answer.body, "what was typed stands in its field"
    assert 'class="letter" lang="en"' in answer.body
    assert 'class="letter" lang="de"' in answer.body
    assert "https://example.com/" in answer.body
    assert answer.body.count('class="letter"') == 2, "other mails stay as they are"
    assert len(rules_world.mails()) == sent
    assert rules_world.wiring.rules.programme()[0] == 1


@pytest.mark.parametrize("form", ["mail_subjects-offer-en", "mail_texts-receipt-de"])
@pytest.mark.parametrize("typed", ["Hello {name}", "{", "} of {what}", "{what.__class__}", "{0}"])
def test_what_is_no_placeholder_is_refused_at_its_field(
    rules_world: World, form: str, typed: str
) -> None:
    posted = shown(rules_world, "texts")
    answer = send(rules_world, "texts", "save", posted, **{form: typed})
    assert answer.status == 422
    assert f'id="f-{form}-error"' in answer.body
    assert "is not a placeholder: use only {what}, {reference}, {brand}." in answer.body
    assert rules_world.wiring.rules.programme()[0] == 1


def test_every_mail_can_have_words_of_its_own_and_be_shown(rules_world: World) -> None:
    posted = shown(rules_world, "texts")
    typed = {name: "Own words: {brand}" for name in posted if name.startswith("mail_")}
    answer = send(rules_world, "texts", "preview", posted, **typed)
    assert answer.status == 200
    assert answer.body.count("<span lang=") == len(typed) / 2
    assert answer.body.count("Own words: Example Heating") >= len(typed)


def test_a_subject_of_the_vendors_own_is_one_line_and_leaves_the_button_alone(
    rules_world: World,
) -> None:
    rules_world.add(munich(1))
    posted = shown(rules_world, "texts")
    subject = {"mail_subjects-offer-de": "Neu\r\nBcc: x@example.com {what} – {brand}"}
    assert send(rules_world, "texts", "save", posted, **subject).status == 303
    lead = str(rules_world.post_lead("one").json()["lead"])
    rules_world.deliver()
    (mail,) = rules_world.mails("munich-1@example.com")
    assert mail["Subject"] == "Neu Bcc: x@example.com Wärmepumpe · 80331 – Example Heating"
    assert mail["Bcc"] is None
    html = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "/o/k1." in html, "its button leads where it did"
    assert rules_world.press(rules_world.offer_link(lead), action="accept").status < 400

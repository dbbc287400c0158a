"""The editor of the rules: nothing typed is lost, errors stand at their lines, two admins at once."""

from html import unescape
from typing import Any

import pytest

from routing_core.domain.programme.programme import Programme
from routing_core.formats.yaml_text import read_yaml
from tests.integration.test_hq_rules import PEOPLE, document, save
from tests.integration.test_rule_forms import _Inputs
from tests.support.world import Answer, World, a_programme, munich


@pytest.fixture
def rules_world(world: World) -> World:
    people = {"people": PEOPLE, "language": "en"}
    world.use(a_programme(hq=people, languages=["en", "de"]), munich(1), munich(2))
    return world


def opened(world: World, email: str = "hq@example.com") -> dict[str, str]:
    page = world.desk(email).get("/hq/rules/edit")
    assert page.status == 200
    return _Inputs(page.body).posted


def press(
    world: World, action: str, posted: dict[str, str], email: str = "hq@example.com", **typed: str
) -> Answer:
    return world.desk(email).post("/hq/rules/edit", action=action, **{**posted, **typed})


def edited(posted: dict[str, str], old: str, new: str) -> dict[str, str]:
    assert posted["text"].count(old) == 1
    return posted | {"text": posted["text"].replace(old, new)}


# ── a draft ───────────────────────────────────────────────────────────────────────────────────────


def test_the_editor_begins_with_the_rules_in_force(rules_world: World) -> None:
    text = opened(rules_world)["text"]
    assert Programme.model_validate(read_yaml(text)).model_dump() == (
        rules_world.wiring.services.programme.model_dump()
    )


@pytest.mark.parametrize("text", ["# half a thought\noffers: [", "", "\n\nname: x\n", "<b>&amp;"])
def test_a_draft_is_kept_as_it_was_typed_right_or_wrong(rules_world: World, text: str) -> None:
    answer = press(rules_world, "keep", opened(rules_world), text=text)
    assert answer.status == 200
    assert opened(rules_world)["text"] == text
    assert "<b>" not in answer.body
    assert opened(rules_world, "bob@example.com")["text"] != text, "it is Ada's alone"
    assert rules_world.wiring.rules.programme()[0] == 1


def test_a_draft_can_be_deleted(rules_world: World) -> None:
    begun = opened(rules_world)
    press(rules_world, "keep", begun, text="name: mine")
    answer = press(rules_world, "drop", opened(rules_world))
    assert answer.status == 303
    assert opened(rules_world)["text"] == begun["text"]


def test_another_window_does_not_undo_a_draft_unasked(rules_world: World) -> None:
    first, second = opened(rules_world), opened(rules_world)
    press(rules_world, "keep", first, text="name: first")
    answer = press(rules_world, "keep", second, text="name: second")
    assert answer.status == 409
    assert "another window" in answer.body
    assert opened(rules_world)["text"] == "name: first"
    again = _Inputs(answer.body).posted
    assert again["text"] == "name: second"
    assert press(rules_world, "keep", again).status == 200
    assert opened(rules_world)["text"] == "name: second"


# ── checked ───────────────────────────────────────────────────────────────────────────────────────


def test_an_error_stands_at_its_line(rules_world: World) -> None:
    posted = opened(rules_world)
    number = posted["text"].splitlines().index("- window:") + 1
    posted = posted | {"text": posted["text"].replace("minutes: 120.0", "minutes: -3", 1)}
    answer = press(rules_world, "check", posted)
    assert answer.status == 422
    place = "Time to answer, rule 1: time to answer, minutes"
    assert f"<strong>Line {number + 1} · {place}</strong>" in answer.body
    assert "The smallest value here is 0.1." in answer.body
    assert '<code class="quoted">minutes: -3</code>' in answer.body


HOSTILE: list[tuple[str, str]] = [
    ("a: &a [x, x]\nb: [*a, *a]", "references"),
    ("a: !!python/object/apply:os.system ['true']", "not allowed here"),
    ("- just\n- a list", "must be an object of fields, like"),
    ("name: [", "Line"),
    ("x: 1\n" * 2, "appears twice"),
    ("[" * 2_000, "Line"),
    ("name: 12\nlanguages: en\noffers: {}", "Write a list here"),
    ("name: \u0000", "control characters"),
    ("x" * 500_001, "too large"),
    ("\n".join(f"k{number}: 1" for number in range(30_000)), "Line"),
]


@pytest.mark.parametrize(("text", "words"), HOSTILE, ids=[words for _, words in HOSTILE])
def test_hostile_text_is_refused_with_words_and_changes_nothing(
    rules_world: World, text: str, words: str
) -> None:
    for action in ("check", "put", "try"):
        answer = press(rules_world, action, opened(rules_world), text=text, reference="ABCDEFGH")
        assert answer.status == 422, action
        assert words in answer.body
    assert rules_world.wiring.rules.programme()[0] == 1


def test_what_a_draft_would_change_is_told_in_sentences(rules_world: World) -> None:
    posted = (
        edited(opened(rules_world), "match_language: true", "match_language: false")
        if ("match_language: true" in opened(rules_world)["text"])
        else opened(rules_world) | {"text": opened(rules_world)["text"] + "match_language: false\n"}
    )
    answer = press(rules_world, "check", posted)
    assert answer.status == 200
    assert "<ins>Partners are asked whatever languages they speak.</ins>" in answer.body
    german = press(rules_world, "check", posted | {"revision": "0"}, "bob@example.com")
    assert german.status == 200


def test_a_draft_is_tried_on_one_enquiry_and_nothing_changes(rules_world: World) -> None:
    lead = str(rules_world.post_lead("one").json()["lead"])
    rules_world.deliver()
    before = rules_world.lead(lead)
    posted = opened(rules_world)
    reference = f"#{before.reference.lower()}"
    answer = press(rules_world, "try", posted, reference=reference)
    assert answer.status == 200
    assert f"What the draft would do with {before.reference}" in answer.body
    assert "Isar Wärme" in answer.body
    assert rules_world.lead(lead) == before
    unknown = press(rules_world, "try", _Inputs(answer.body).posted, reference="ZZZZZZZZ")
    assert unknown.status == 422
    assert "No enquiry has this reference." in unknown.body


# ── in force ──────────────────────────────────────────────────────────────────────────────────────


def with_currency(posted: dict[str, str], code: str, comment: str = "# ours\n") -> dict[str, str]:
    text = posted["text"].replace("currency: EUR\n", "")
    return posted | {"text": f"{comment}{text}currency: {code}\n"}


def test_a_draft_is_put_in_force_with_its_comments_and_is_gone_then(rules_world: World) -> None:
    posted = with_currency(opened(rules_world), "CHF")
    answer = press(rules_world, "put", posted, comment="Swiss francs")
    assert answer.status == 303
    number, programme = rules_world.wiring.rules.programme()
    assert (number, programme.currency) == (2, "CHF")
    assert rules_world.wiring.rules.programme_text(2) == posted["text"]
    assert opened(rules_world)["text"] == posted["text"]
    assert "Delete the draft" not in rules_world.desk().get("/hq/rules/edit").body


def test_a_draft_is_put_in_force_at_an_instant(rules_world: World) -> None:
    posted = with_currency(opened(rules_world), "CHF")
    assert press(rules_world, "put", posted, starts_at="2026-11-25T14:00").status == 303
    assert rules_world.wiring.services.programme.currency == "EUR"
    rules_world.advance(hours=2)
    assert rules_world.wiring.services.programme.currency == "CHF"


def test_what_another_admin_changed_elsewhere_is_put_into_the_draft(rules_world: World) -> None:
    posted = with_currency(opened(rules_world), "CHF")
    save(rules_world, match_language=False)
    answer = press(rules_world, "put", posted)
    assert answer.status == 409
    assert "Meanwhile, Ada Admin has changed the rules" in answer.body
    assert "have been put into your draft too" in answer.body
    again = _Inputs(answer.body).posted
    assert again["text"].startswith("# ours\n")
    assert (again["base"], rules_world.wiring.rules.programme()[0]) == ("2", 2)
    assert press(rules_world, "put", again).status == 303
    programme = rules_world.wiring.services.programme
    assert (programme.currency, programme.match_language) == ("CHF", False)


def test_what_both_changed_is_named_and_is_the_last_ones_to_decide(rules_world: World) -> None:
    posted = with_currency(opened(rules_world), "CHF")
    save(rules_world, currency="USD")
    answer = press(rules_world, "put", posted)
    assert answer.status == 409
    assert "Your draft changes “Currency” as well" in answer.body
    assert "<ins>Amounts are in USD.</ins>" in answer.body
    assert rules_world.wiring.services.programme.currency == "USD"
    assert press(rules_world, "put", _Inputs(answer.body).posted).status == 303
    assert rules_world.wiring.services.programme.currency == "CHF"


def test_a_draft_nobody_can_read_meets_other_rules_without_being_lost(rules_world: World) -> None:
    posted = opened(rules_world) | {"text": "offers: ["}
    save(rules_world, currency="USD")
    answer = press(rules_world, "put", posted)
    assert answer.status == 409
    assert _Inputs(answer.body).posted["text"] == "offers: ["


@pytest.mark.parametrize("base", ["0", "-1", "99", "x", ""])
def test_a_version_that_nobody_was_shown_puts_nothing_in_force_unseen(
    rules_world: World, base: str
) -> None:
    posted: dict[str, Any] = with_currency(opened(rules_world), "CHF") | {"base": base}
    answer = press(rules_world, "put", posted)
    assert answer.status == 303
    assert rules_world.wiring.rules.programme()[0] == 2


@pytest.mark.parametrize("email", ["max@example.com", "vera@example.com"])
def test_nobody_but_an_admin_edits_anything(rules_world: World, email: str) -> None:
    assert rules_world.desk(email).get("/hq/rules/edit").status == 403
    posted = with_currency(opened(rules_world), "CHF")
    for action in ("keep", "check", "try", "put", "drop"):
        assert press(rules_world, action, posted, email).status == 403
    assert rules_world.wiring.rules.programme()[0] == 1
    page = rules_world.desk(email).get("/hq/rules").body
    assert "/hq/rules/edit" not in page
    assert "/hq/rules/change/" not in page
    assert document(rules_world)["currency"] == "EUR"
    assert unescape(page)

"""An enquiry is typed and tried: by the draft and by the rules in force, and nothing comes of it."""

from html import unescape

import pytest

from tests.integration.test_hq_rules import PEOPLE
from tests.integration.test_rule_editor import edited, opened, press
from tests.support.world import Answer, World, a_programme, munich

ASKED = {"postcode": "80331", "country": "DE", "product": "heat-pump", "urgency": "soon"}


@pytest.fixture
def rules_world(world: World) -> World:
    people = {"people": PEOPLE, "language": "en"}
    world.use(a_programme(hq=people, languages=["en", "de"]), munich(1), munich(2))
    return world


def tried(world: World, email: str = "hq@example.com", **typed: str) -> Answer:
    return world.desk(email).post("/hq/rules/try", **{**ASKED, **typed})


def keep_draft(world: World, old: str, new: str) -> None:
    answer = press(world, "type", edited(opened(world), old, new))
    assert (answer.status, answer.headers["Location"]) == (303, "/hq/rules/try")


def sides(answer: Answer) -> list[str]:
    """What stands in each result, by the side it stands on."""
    return [part.split("</section>")[0] for part in answer.body.split('id="side-')[1:]]


def test_the_rules_in_force_say_whom_they_ask_and_nothing_is_kept(rules_world: World) -> None:
    desk = rules_world.desk()
    before = rules_world.items("leads"), rules_world.items("partners")
    mails = len(rules_world.mails())
    answer = desk.post("/hq/rules/try", **ASKED)
    assert answer.status == 200
    assert "By your draft" not in answer.body
    [side] = sides(answer)
    assert "By the rules in force (version 1)" in side
    assert side.index("1. Isar Wärme 1") < side.index("2. Isar Wärme 2")
    assert "until " in side
    assert "once it is their turn" in side
    assert "The customer is promised to hear from us by" in side
    assert 'value="80331"' in answer.body, "what was typed is still there"
    assert (rules_world.items("leads"), rules_world.items("partners")) == before
    assert len(rules_world.mails()) == mails


def test_the_draft_stands_beside_the_rules_in_force(rules_world: World) -> None:
    keep_draft(rules_world, "schema: 1\n", "schema: 1\ncurrency: CHF\n")
    alike = tried(rules_world)
    assert "The draft decides the same as the rules in force." in alike.body
    assert [("By your draft" in side) for side in sides(alike)] == [True, False]
    posted = opened(rules_world)
    assert posted["text"].count("minutes: 120") == 1
    press(
        rules_world,
        "type",
        posted | {"text": posted["text"].replace("minutes: 120", "minutes: 45")},
    )
    answer = tried(rules_world)
    drafted, in_force = sides(answer)
    assert "The draft decides otherwise than the rules in force." in answer.body
    assert ("45 minutes, once it is" in drafted, "2 hours, once it is" in in_force) == (True, True)
    assert rules_world.wiring.rules.programme()[0] == 1


def test_a_product_that_only_the_draft_has_can_be_tried(rules_world: World) -> None:
    posted = opened(rules_world)
    text = posted["text"].replace("id: boiler", "id: solar").replace("- boiler", "- solar")
    press(rules_world, "type", posted | {"text": text})
    assert 'value="solar"' in rules_world.desk().get("/hq/rules/try").body
    answer = tried(rules_world, product="solar")
    assert answer.status == 200
    drafted, in_force = sides(answer)
    assert "No partner could be asked." in drafted
    assert "These rules do not take such an enquiry:" in in_force


def test_a_draft_with_errors_is_not_tried_and_says_so(rules_world: World) -> None:
    press(rules_world, "type", opened(rules_world), text="name: [")
    answer = tried(rules_world)
    assert answer.status == 200
    assert "Your draft has errors, so only the rules in force are tried." in answer.body
    assert len(sides(answer)) == 1


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"postcode": "8033"}, "postcode", "This is not a valid German postcode."),
        ({"product": ""}, "product", "Please choose what you need."),
        ({"product": "<b>"}, "product", "Please choose one of these: Heat pump, Boiler."),
        ({"country": "XX"}, "country", "Please choose one of these countries: Germany, Austria."),
        ({"area": "many"}, "area", "Enter a number."),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(
    rules_world: World, typed: dict[str, str], field: str, words: str
) -> None:
    answer = tried(rules_world, **{"notes": 'kept "as" it is', **typed})
    assert answer.status == 422
    assert f'id="f-{field}-error"' in answer.body
    assert words in unescape(answer.body)
    assert "kept &#34;as&#34; it is" in answer.body
    assert "<b>" not in answer.body
    assert sides(answer) == []


def test_a_form_that_needs_a_phone_number_can_be_tried_without_one(rules_world: World) -> None:
    form = rules_world.wiring.services.programme.forms[0]
    forms = [form.model_copy(update={"phone_required": True}).model_dump(mode="json")]
    people = {"people": PEOPLE, "language": "en"}
    rules_world.wiring.rules.save_programme(a_programme(hq=people, forms=forms), rules_world.now)
    assert tried(rules_world).status == 200


def test_a_german_reads_german(rules_world: World) -> None:
    people = [{**person, "language": "de"} for person in PEOPLE]
    programme = a_programme(hq={"people": people, "language": "en"}, languages=["en", "de"])
    rules_world.wiring.rules.save_programme(programme, rules_world.now)
    answer = tried(rules_world)
    assert "Nach den geltenden Regeln (Fassung 2)" in answer.body
    assert "Dem Kunden wird zugesagt" in answer.body
    assert "The " not in sides(answer)[0]


@pytest.mark.parametrize("email", ["max@example.com", "vera@example.com"])
def test_only_an_admin_tries_rules(rules_world: World, email: str) -> None:
    assert rules_world.desk(email).get("/hq/rules/try").status == 403
    assert tried(rules_world, email).status == 403
    assert "/hq/rules/try" not in rules_world.desk(email).get("/hq/rules").body

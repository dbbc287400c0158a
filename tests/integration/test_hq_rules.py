"""The rules on HQ's desk: told in sentences, changed by whoever may, with versions that stay."""

from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest

from routing_core.domain.errors import VersionConflict
from routing_core.domain.hq_people import HqPerson, hq_people
from routing_core.domain.programme.programme import Programme
from routing_core.domain.rule_version import RuleEdition
from routing_core.formats.yaml_text import read_yaml
from routing_core.service.hq_desk.rule_desk import RuleChange, RuleDesk, keep_rules
from routing_core.service.kernel.read_model import LogFilter
from routing_core.service.kernel.rule_saving import PlanDiffers
from tests.support.world import World, a_programme, munich

PEOPLE = [
    {"email": "hq@example.com", "name": "Ada Admin", "role": "admin"},
    {"email": "max@example.com", "name": "Max Manager", "role": "manager"},
    {"email": "vera@example.com", "name": "Vera Viewer", "role": "viewer", "language": "de"},
    {"email": "bob@example.com", "name": "Bob Boss", "role": "admin"},
]


@pytest.fixture
def rules_world(world: World) -> World:
    world.use(a_programme(hq={"people": PEOPLE, "language": "en"}, languages=["en", "de"]))
    return world


def person(world: World, email: str = "hq@example.com") -> HqPerson:
    everybody = hq_people(world.wiring.services.programme)
    return next(each for each in everybody if each.email == email)


def desk(world: World, email: str = "hq@example.com") -> RuleDesk:
    return world.wiring.rule_desk(person(world, email))


def document(world: World) -> dict[str, Any]:
    return deepcopy(world.wiring.services.programme.model_dump(mode="json", by_alias=True))


def save(world: World, comment: str = "", **changes: Any) -> int:
    """Puts other rules in force as Ada."""
    number, _ = world.wiring.rules.programme()
    change = RuleChange(document(world) | changes, number, comment=comment)
    return keep_rules(desk(world), change, world.now).version


# ── sentences and versions ────────────────────────────────────────────────────────────────────────


def test_everybody_at_hq_reads_the_rules_in_their_language(rules_world: World) -> None:
    english = rules_world.desk("max@example.com").get("/hq/rules").body
    assert "A partner has 2 hours to answer." in english
    german = rules_world.desk("vera@example.com").get("/hq/rules").body
    assert "Die Antwortfrist beträgt 2 Stunden." in german


def test_where_there_is_one_version_there_is_nothing_to_compare(rules_world: World) -> None:
    assert 'type="radio"' not in rules_world.desk().get("/hq/rules/versions").body
    save(rules_world, match_language=False)
    assert 'type="radio"' in rules_world.desk().get("/hq/rules/versions").body


def test_a_version_keeps_its_author_its_time_and_what_was_said_of_it(rules_world: World) -> None:
    save(rules_world, "Fewer <b>languages</b>", match_language=False)
    page = rules_world.desk().get("/hq/rules/versions").body
    assert "Ada Admin" in page
    assert "Fewer &lt;b&gt;languages&lt;/b&gt;" in page
    assert "author unknown" in page  # the first one came from before authors were kept
    rules = rules_world.desk("max@example.com").get("/hq/rules").body
    assert "Version 2, saved 12:00 today by Ada Admin." in rules


def test_what_changed_between_two_versions_is_told_in_sentences(rules_world: World) -> None:
    offers = document(rules_world)["offers"]
    offers[0]["window"] = {"minutes": 90}
    save(rules_world, offers=offers)
    page = rules_world.desk().get("/hq/rules/difference?from=1&to=2").body
    assert "<del>A partner has 2 hours to answer.</del>" in page
    assert "<ins>A partner has 90 minutes to answer.</ins>" in page
    assert "1 change" in page
    german = rules_world.desk("vera@example.com").get("/hq/rules/difference?from=1&to=2").body
    assert "Die Antwortfrist beträgt 90 Minuten." in german


@pytest.mark.parametrize(
    "address",
    ["from=1&to=9", "from=0&to=1", "from=x&to=1", "", "from=1", f"from={'9' * 5000}&to=1"],
)
def test_versions_that_there_are_not_cannot_be_compared(rules_world: World, address: str) -> None:
    assert rules_world.desk().get(f"/hq/rules/difference?{address}").status == 404


def test_more_versions_than_a_page_holds_are_all_listed_once(rules_world: World) -> None:
    for _ in range(34):
        rules_world.wiring.rules.save_programme(a_programme(hq={"people": PEOPLE}), rules_world.now)
    first = rules_world.desk().get("/hq/rules/versions").body
    assert "before=6" in first
    second = rules_world.desk().get("/hq/rules/versions?before=6").body
    listed = [number for number in range(1, 36) if f'name="to" value="{number}"' in first + second]
    assert listed == list(range(1, 36))
    assert "before=" not in second


# ── back, and by whom ─────────────────────────────────────────────────────────────────────────────


def test_an_earlier_version_comes_back_as_a_new_one(rules_world: World) -> None:
    before = rules_world.wiring.services.programme
    save(rules_world, match_language=False)
    page = rules_world.desk().press("/hq/rules/versions/1", action="roll_back", replaces="2")
    assert "The earlier rules are in force again" in page.body
    number, programme = rules_world.wiring.rules.programme()
    assert (number, programme) == (3, before)
    assert "The rules of version 1 again" in rules_world.desk().get("/hq/rules/versions").body


def test_going_back_from_a_version_that_is_no_longer_in_force_is_refused(
    rules_world: World,
) -> None:
    save(rules_world, match_language=False)
    save(rules_world, currency="CHF")
    answer = rules_world.desk().post("/hq/rules/versions/1", action="roll_back", replaces="2")
    assert answer.status == 412
    assert "Somebody else was working on this at the same moment" in answer.body
    assert rules_world.wiring.rules.programme()[0] == 3


@pytest.mark.parametrize("email", ["max@example.com", "vera@example.com"])
def test_whoever_may_not_change_rules_cannot_go_back_either(rules_world: World, email: str) -> None:
    save(rules_world, match_language=False)
    for action in ("roll_back", "call_off"):
        answer = rules_world.desk(email).post("/hq/rules/versions/1", action=action, replaces="2")
        assert answer.status == 403
    assert rules_world.wiring.rules.programme()[0] == 2


def test_a_button_on_another_site_changes_nothing(rules_world: World) -> None:
    save(rules_world, match_language=False)
    answer = rules_world.desk().send(
        "/hq/rules/versions/1",
        form={"action": "roll_back", "replaces": "2"},
        headers={"origin": "https://evil.example"},
    )
    assert answer.status == 403


# ── a version that waits for its time ─────────────────────────────────────────────────────────────


def plan(world: World, hours: float, **changes: Any) -> int:
    number, _ = world.wiring.rules.programme()
    at = world.now + timedelta(hours=hours)
    change = RuleChange(document(world) | changes, number, starts_at=at)
    return keep_rules(desk(world), change, world.now).version


def test_planned_rules_are_in_force_from_their_instant_on_and_not_before(
    rules_world: World,
) -> None:
    plan(rules_world, 2, currency="CHF")
    rules = rules_world.wiring.rules
    start = rules_world.now + timedelta(hours=2)
    rules_world.now = start - timedelta(milliseconds=1)
    assert (rules.programme()[0], rules_world.wiring.services.programme.currency) == (1, "EUR")
    rules_world.now = start
    # Nobody did anything: whoever has read the table knows.
    assert (rules.programme()[0], rules_world.wiring.services.programme.currency) == (2, "CHF")


def test_another_function_that_starts_later_sees_the_same(rules_world: World) -> None:
    plan(rules_world, 2, currency="CHF")
    rules_world.advance(hours=3)
    rules_world.wiring.rules.look_again()
    assert rules_world.wiring.services.programme.currency == "CHF"
    assert "in force" in rules_world.desk().get("/hq/rules/versions").body


def test_the_network_is_compiled_with_planned_regions_once_their_time_has_come(
    rules_world: World,
) -> None:
    regions = {"south": {"country": "DE", "postcodes": ["8*"]}}
    plan(rules_world, 2, regions=regions)
    rules_world.deliver()
    assert list(rules_world.wiring.rules.network().regions) == ["munich"]
    rules_world.advance(hours=2)
    rules_world.renew_calendars()
    rules_world.deliver()
    assert list(rules_world.wiring.rules.network().regions) == ["south"]
    assert rules_world.wiring.rules.settle(rules_world.now) is None


def test_a_plan_is_shown_and_can_be_called_off(rules_world: World) -> None:
    number = plan(rules_world, 2, currency="CHF")
    page = rules_world.desk("max@example.com").get("/hq/rules").body
    assert "Version 2 comes into force 14:00 today." in page
    told = rules_world.desk().get("/hq/rules/difference?from=1&to=2").body
    assert "Call off the plan" in told
    page = rules_world.desk().press(f"/hq/rules/versions/{number}", action="call_off").body
    assert "The plan is called off." in page
    rules_world.advance(hours=3)
    assert rules_world.wiring.services.programme.currency == "EUR"
    assert "called off before its time" in rules_world.desk().get("/hq/rules/versions").body
    assert save(rules_world, match_language=False) == 3


def test_what_is_over_cannot_be_called_off(rules_world: World) -> None:
    number = plan(rules_world, 2, currency="CHF")
    rules_world.advance(hours=2)
    answer = rules_world.desk().post(f"/hq/rules/versions/{number}", action="call_off")
    assert answer.status == 404


def test_what_is_saved_meanwhile_is_not_undone_by_the_plan(rules_world: World) -> None:
    plan(rules_world, 2, currency="CHF")
    save(rules_world, match_language=False)
    assert rules_world.wiring.services.programme.currency == "EUR"
    rules_world.advance(hours=2)
    programme = rules_world.wiring.services.programme
    assert (programme.currency, programme.match_language) == ("CHF", False)
    page = rules_world.desk().get("/hq/rules/versions").body
    assert page.count("called off before its time") == 1


def test_what_the_plan_changes_too_is_refused_until_the_plan_is_called_off(
    rules_world: World,
) -> None:
    plan(rules_world, 2, currency="CHF")
    with pytest.raises(PlanDiffers, match=r"version 2 is planned for .* changes currency too"):
        save(rules_world, currency="USD")
    assert rules_world.wiring.rules.programme()[0] == 1


def test_a_second_plan_takes_the_place_of_the_first(rules_world: World) -> None:
    plan(rules_world, 2, currency="CHF")
    plan(rules_world, 4, currency="USD")
    rules_world.advance(hours=3)
    assert rules_world.wiring.services.programme.currency == "EUR"
    rules_world.advance(hours=1)
    assert rules_world.wiring.services.programme.currency == "USD"


def test_a_lead_is_routed_by_the_rules_of_its_instant(rules_world: World) -> None:
    rules_world.add(munich(1))
    plan(rules_world, 1, offers=[{"window": {"minutes": 7}, "total": {"minutes": 7}}])
    before = str(rules_world.post_lead("before").json()["lead"])
    rules_world.advance(hours=1)
    after = str(rules_world.post_lead("after", email="b@posteo.de", phone="").json()["lead"])
    assert rules_world.lead(before).offers[0].expires_at > rules_world.now + timedelta(minutes=7)
    assert rules_world.lead(after).offers[0].expires_at <= rules_world.now + timedelta(minutes=30)


# ── what is stored ────────────────────────────────────────────────────────────────────────────────


def test_comments_of_the_yaml_survive_whatever_is_changed_elsewhere(rules_world: World) -> None:
    written = "# ours\n" + _yaml(document(rules_world))
    change = RuleChange(read_yaml(written), 1, written)
    keep_rules(desk(rules_world), change, rules_world.now)
    number = save(rules_world, currency="CHF")
    text = rules_world.wiring.rules.programme_text(number)
    assert text.startswith("# ours\n")
    assert "currency: CHF" in text
    assert Programme.model_validate(read_yaml(text)) == rules_world.wiring.services.programme


def _yaml(of: dict[str, Any]) -> str:
    import yaml

    return str(yaml.safe_dump(of, sort_keys=False))


def test_of_two_who_save_at_once_one_is_refused(rules_world: World) -> None:
    rules = rules_world.wiring.rules
    programme = a_programme(hq={"people": PEOPLE})
    rules.save_programme(programme, rules_world.now, 1, RuleEdition("link:a"))
    with pytest.raises(VersionConflict):
        rules.save_programme(programme, rules_world.now, 1, RuleEdition("link:b"))
    assert [each.by for each in rules.versions()] == ["link:a", ""]


def test_a_pointer_from_before_there_were_plans_is_read_and_replaced(rules_world: World) -> None:
    import boto3

    dynamo = boto3.client("dynamodb")
    old = {"pk": {"S": "PROGRAMME"}, "sk": {"S": "ACTIVE"}, "version": {"N": "1"}}
    dynamo.put_item(TableName="leads", Item=old)
    rules_world.wiring.rules.look_again()
    assert save(rules_world, currency="CHF") == 2


def test_every_change_of_the_rules_is_in_the_activity_log(rules_world: World) -> None:
    save(rules_world, currency="CHF")
    number = plan(rules_world, 2, currency="USD")
    rules_world.desk().post(f"/hq/rules/versions/{number}", action="call_off")
    rules_world.desk().post("/hq/rules/versions/1", action="roll_back", replaces="2")
    page = rules_world.wiring.read_model.log(LogFilter())
    told = [
        (each.kind, each.version, each.detail)
        for each in page.entries
        if each.kind.startswith("rules.")
    ]
    assert sorted(told) == [
        ("rules.called_off", 3, ""),
        ("rules.saved", 2, ""),
        ("rules.saved", 3, "planned 2026-11-25T13:00Z"),
        ("rules.saved", 4, "back to 1"),
    ]

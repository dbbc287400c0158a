"""Nobody's access outlives their address or role: what a partner's people were sent opens nothing
afterwards.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import boto3
import pytest

from infra.tools.hq_key import create_key
from routing_core.aws.tables.dynamo import serialize_item
from routing_core.domain.partner import Partner, Person
from routing_core.domain.people import MOST_ENDED, person_id
from routing_core.service.hq.import_partners import plan_partners, plan_partners_csv, save_plan
from routing_core.service.hq.save_partner import save_partner
from routing_core.service.kernel.links import Purpose
from tests.support.hooks import writes_counted
from tests.support.stack import BASE_URL
from tests.support.world import World, a_programme, munich

OFFICE, BOSS, NEXT = "office@isar.example", "boss@isar.example", "next@isar.example"
REMINDED = {"at": [0.5], "min_gap_minutes": 1, "second_contact_from": 0.4}


def isar(**changes: Any) -> Partner:
    contact = {
        "contact": Person(OFFICE),
        "confirmed_email": OFFICE,
        "second_contact": Person(BOSS),
        "language": "en",
    }
    return munich(1, **contact | changes)


@pytest.fixture
def open_offer(world: World) -> str:
    """An offer that the main and the second contact were both sent a link to, half-way through its
    window.
    """
    world.use(a_programme(reminders=REMINDED), isar())
    lead_id = str(world.post_lead().json()["lead"])
    world.run_for(minutes=70)
    return lead_id


def by_document(world: World, **people: Any) -> None:
    save_partner(world.wiring.services, "munich-1", people, world.now)


def by_list(world: World, **people: Any) -> None:
    save_plan(
        world.wiring.services,
        plan_partners(world.wiring.services, [{"id": "munich-1", **people}], world.now),
        world.now,
    )


def by_long_list(world: World, **people: Any) -> None:
    others = [
        {"id": f"new-{n}", "name": f"New {n}", "contact": {"email": f"new-{n}@example.com"}}
        for n in range(60)
    ]
    common = {
        "country": "DE",
        "territories": ["DE 20*"],
        "products": ["boiler"],
        "type": "installer",
    }
    documents = [common | each for each in others] + [{"id": "munich-1", **people}]
    save_plan(
        world.wiring.services, plan_partners(world.wiring.services, documents, world.now), world.now
    )


def by_spreadsheet(world: World, **people: Any) -> None:
    cells = {
        "id": "munich-1",
        "name": "Isar",
        "type": "installer",
        "territories": "DE 80*",
        "products": "heat-pump",
    }
    cells["email"] = people.get("contact", {"email": OFFICE})["email"]
    second = people.get("second_contact", {"email": BOSS})
    cells["second_email"] = second["email"] if second else ""
    text = ";".join(cells) + "\n" + ";".join(cells.values()) + "\n"
    save_plan(
        world.wiring.services, plan_partners_csv(world.wiring.services, text, world.now), world.now
    )


Save = Callable[..., None]
WAYS: list[Save] = [by_document, by_list, by_long_list, by_spreadsheet]


def opens(world: World, to: str, kind: str = "o") -> bool:
    return world.http("GET", world.mailed_link(to, kind)).status == 200


def assert_opens_nothing(world: World, links: Mapping[str, str]) -> None:
    """No page, no file, no button; nothing is written, and nobody gets mail because of it."""
    world.deliver()
    before, mails = world.items() + world.items("partners"), len(world.mails())
    with writes_counted(world) as writes:
        offer, desk = links["o"], links["d"]
        tried = [
            world.http("GET", offer),
            world.http("GET", desk),
            world.http("GET", f"{offer}/contact.vcf"),
        ]
        tried += [world.http("GET", f"{offer}?show=hand-over"), world.http("POST", f"{offer}/seen")]
        for action in ("accept", "decline", "note", "attempt", "give_back", "colleague"):
            tried.append(
                world.http("POST", offer, form={"action": action, "reason": "busy", "email": NEXT})
            )
        for action in ("pause", "resume", "holiday", "renew"):
            tried.append(world.http("POST", desk, form={"action": action}))
    world.deliver()
    assert {answer.status for answer in tried} == {403}
    assert not any(name in answer.body for answer in tried for name in ("Erika", "80331", "Isar"))
    assert not writes
    assert world.items() + world.items("partners") == before
    assert len(world.mails()) == mails


@pytest.mark.parametrize("save", WAYS)
def test_a_replaced_address_opens_nothing(world: World, open_offer: str, save: Save) -> None:
    former = {kind: world.mailed_link(OFFICE, kind) for kind in ("o", "d")}
    assert opens(world, OFFICE)
    save(world, contact={"email": NEXT})
    world.deliver()
    assert_opens_nothing(world, former)
    assert opens(world, BOSS), "the second contact's links go on"
    assert opens(world, BOSS, "d")


@pytest.mark.parametrize("save", WAYS)
@pytest.mark.parametrize("instead", [None, {"email": NEXT}])
def test_a_second_contact_who_was_replaced_or_taken_out_opens_nothing(
    world: World, open_offer: str, instead: Any, save: Save
) -> None:
    former = {kind: world.mailed_link(BOSS, kind) for kind in ("o", "d")}
    save(world, second_contact=instead)
    assert_opens_nothing(world, former)
    assert opens(world, OFFICE), "the main contact's links go on"


def test_an_address_that_comes_back_later_opens_nothing_with_what_it_was_sent_before(
    world: World, open_offer: str
) -> None:
    former = {kind: world.mailed_link(OFFICE, kind) for kind in ("o", "d")}
    for address in (NEXT, OFFICE):
        by_document(world, contact={"email": address}, confirmed=True)
    world.deliver()
    assert world.http("GET", former["o"]).status == 403
    ended = world.http("GET", former["d"])
    assert "80331" not in ended.body, "they may only ask for the new link, which is mailed"
    world.press(former["d"], action="renew")
    world.deliver()
    assert world.mailed_link(OFFICE, "d") != former["d"]
    assert "80331" in world.http("GET", world.mailed_link(OFFICE, "d")).body


def test_a_confirmation_of_before_does_not_confirm_an_address_that_came_back(world: World) -> None:
    world.use(a_programme())
    world.wiring.partners.save([(isar(confirmed_email=""), None)], world.now)
    world.deliver()
    former = world.mailed_link(OFFICE, "c")
    for address in (NEXT, OFFICE):
        by_document(world, contact={"email": address})
    world.press(former)
    assert not world.load("munich-1").active
    world.deliver()
    world.press(world.mailed_link(OFFICE, "c"))
    assert world.load("munich-1").active


def test_who_changes_roles_keeps_their_links_and_has_the_new_role(
    world: World, open_offer: str
) -> None:
    by_document(world, contact={"email": BOSS}, second_contact={"email": OFFICE}, confirmed=True)
    assert opens(world, BOSS)
    assert opens(world, OFFICE)
    by_document(world, second_contact=None)
    assert opens(world, BOSS)
    assert not opens(world, OFFICE)


@pytest.mark.parametrize("save", WAYS)
def test_saving_the_same_people_again_ends_nobodys_links(
    world: World, open_offer: str, save: Save
) -> None:
    save(world, contact={"email": OFFICE}, second_contact={"email": BOSS})
    save(
        world,
        contact={"email": OFFICE.upper().replace("ISAR.EXAMPLE", "isar.example")},
        second_contact={"email": BOSS},
    )
    assert opens(world, OFFICE)
    assert opens(world, BOSS)
    assert world.load("munich-1").links == 1


def test_a_spreadsheet_that_does_not_speak_of_the_second_contact_ends_nobodys_links(
    world: World, open_offer: str
) -> None:
    text = f"id;name;email;territories;products\nmunich-1;Isar;{OFFICE};DE 80*;heat-pump\n"
    save_plan(
        world.wiring.services, plan_partners_csv(world.wiring.services, text, world.now), world.now
    )
    assert opens(world, OFFICE)
    assert opens(world, BOSS)


def test_a_link_that_was_forwarded_inside_the_firm_still_works(
    world: World, open_offer: str
) -> None:
    link = world.mailed_link(OFFICE, "o")
    for device in ("phone", "laptop of a colleague"):
        assert world.http("GET", link, headers={"User-Agent": device}).status == 200
    world.press(link, action="accept")
    assert world.lead(open_offer).owner == "munich-1"


# ── links from before they named anybody ──────────────────────────────────────────────────────────


def test_a_link_from_before_works_until_somebody_of_the_partner_loses_theirs(
    world: World, open_offer: str
) -> None:
    links = world.wiring.links
    former = {
        "o": links.offer(open_offer, 1, "munich-1", 1).removeprefix(BASE_URL),
        "d": links.desk("munich-1", 1).removeprefix(BASE_URL),
    }
    assert {world.http("GET", path).status for path in former.values()} == {200}
    by_document(world, second_contact=None)
    assert world.http("GET", former["o"]).status == 403
    assert "80331" not in world.http("GET", former["d"]).body


def test_a_partner_saved_before_links_named_people_opens_its_mails_as_ever(
    world: World, open_offer: str
) -> None:
    world.wiring._dynamo.update_item(
        TableName="partners",
        Key=serialize_item({"pk": "PARTNER#munich-1", "sk": "LOAD"}),
        UpdateExpression="REMOVE people, revoked",
    )
    assert opens(world, OFFICE)
    assert opens(world, BOSS, "d")
    by_document(world, contact={"email": NEXT})
    assert not opens(world, OFFICE)


# ── a colleague ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def delegated(world: World, open_offer: str) -> str:
    link = world.mailed_link(OFFICE, "o")
    world.press(link, action="accept")
    world.press(link, action="colleague", name="Kim", email="kim@isar.example")
    world.deliver()
    return open_offer


def test_a_colleague_who_is_replaced_opens_nothing_even_when_asked_again_later(
    world: World, delegated: str
) -> None:
    kim, firm = world.mailed_link("kim@", "o"), world.mailed_link(OFFICE, "o")
    assert "Erika" in world.http("GET", kim).body
    world.press(firm, action="colleague", name="Jo", email="jo@isar.example")
    world.deliver()
    for again in range(2):
        answers = [world.http("GET", kim), world.http("GET", f"{kim}/contact.vcf")]
        answers.append(world.http("POST", kim, form={"action": "note", "text": "x"}))
        assert {answer.status for answer in answers} == {403}, f"try {again}"
        world.press(firm, action="colleague", name="Kim", email="kim@isar.example")
    world.deliver()
    assert "Erika" in world.http("GET", world.mailed_link("kim@", "o")).body
    assert "Erika" in world.http("GET", firm).body


def test_a_colleague_who_is_replaced_opens_nothing_at_a_partner_saved_before_links_named_people(
    world: World, delegated: str
) -> None:
    """Such a LOAD has one generation for everybody, and it may be the one that the colleague's link
    had.
    """
    kim, firm = world.mailed_link("kim@", "o"), world.mailed_link(OFFICE, "o")
    token = world.wiring.links.read(Purpose.OFFER, kim.rpartition("/")[2])
    world.press(firm, action="colleague", name="Jo", email="jo@isar.example")
    world.wiring._dynamo.update_item(
        TableName="partners",
        Key=serialize_item({"pk": "PARTNER#munich-1", "sk": "LOAD"}),
        UpdateExpression="SET links = :theirs REMOVE people, revoked",
        ExpressionAttributeValues=serialize_item({":theirs": token.generation}),
    )
    assert world.http("GET", kim).status == 403


def test_a_colleague_gets_no_link_to_the_firms_desk(world: World, delegated: str) -> None:
    page = world.http("GET", world.mailed_link("kim@", "o")).body
    assert "/d/" not in page
    assert not [m for m in world.mails("kim@") if "/d/" in str(m.get_body(("plain",)))]


def test_a_colleagues_link_opens_no_other_lead(world: World, delegated: str) -> None:
    """Not even another that the same colleague looks after, at the same stage: each has a link of
    its own.
    """
    other = str(world.post_lead("other", email="max@posteo.de", phone="").json()["lead"])
    firm = world.offer_link(other)
    world.press(firm, action="accept")
    while world.lead(other).version < world.lead(delegated).version - 1:
        world.press(firm, action="note", text="x")
    world.press(firm, action="colleague", name="Kim", email="kim@isar.example")
    kim, theirs = world.lead(delegated).colleague, world.lead(other).colleague
    assert kim
    assert theirs
    assert kim.since == theirs.since, "else the generation alone would tell them apart"
    token = world.wiring.links.read(
        Purpose.OFFER, world.mailed_link("kim@", "o").rpartition("/")[2]
    )
    forged = world.wiring.links.token(replace(token, subject=other))
    assert world.http("GET", f"/o/{forged}").status == 403


# ── revoked by HQ ─────────────────────────────────────────────────────────────────────────────────


def test_nobody_of_a_partner_whose_links_hq_ended_opens_anything(
    world: World, delegated: str
) -> None:
    former = {to: world.mailed_link(to, "o") for to in (OFFICE, BOSS, "kim@")}
    desks = {to: world.mailed_link(to, "d") for to in (OFFICE, BOSS)}
    world.wiring.partners.revoke_links("munich-1", world.now)
    assert {world.http("GET", link).status for link in former.values()} == {403}
    assert not [desk for desk in desks.values() if "80331" in world.http("GET", desk).body]


def test_hq_ends_links_by_button_and_by_api_and_who_stays_gets_a_new_one(
    world: World, delegated: str
) -> None:
    key = {"X-Api-Key": create_key(boto3.client("dynamodb"), "partners")}
    former = {to: world.mailed_link(to, "o") for to in (OFFICE, BOSS, "kim@")}
    page = f"{world.hq_link()}/partners/munich-1"
    assert page in world.http("GET", world.hq_link(delegated)).body
    assert BOSS in world.http("GET", page).body
    world.press(page, action="revoke", email=BOSS)
    assert [world.http("GET", link).status for link in former.values()] == [200, 403, 200]
    answer = world.http("POST", "/v1/partners/munich-1/revoke", json_body={}, headers=key)
    assert answer.status == 200
    assert {world.http("GET", link).status for link in former.values()} == {403}
    before = len(world.mails())
    world.deliver()
    assert {str(mail["To"]) for mail in world.mails()[before:]} == {OFFICE, BOSS}
    assert "Erika" in world.http("GET", world.mailed_link(OFFICE, "d")).body
    elsewhere = {"email": "next@elsewhere.example"}
    wrong = world.http("POST", "/v1/partners/munich-1/revoke", json_body=elsewhere, headers=key)
    assert wrong.status == 422
    assert "no contact or colleague with that address" in wrong.body


def test_only_the_one_whose_links_hq_ended_has_lost_them(world: World, delegated: str) -> None:
    world.wiring.partners.revoke_links("munich-1", world.now, person_id(BOSS))
    assert not opens(world, BOSS)
    assert opens(world, OFFICE)
    assert opens(world, "kim@")


def test_the_second_contacts_new_link_is_mailed_to_them_and_ends_only_theirs(
    world: World, open_offer: str
) -> None:
    former = world.mailed_link(BOSS, "d")
    mails = len(world.mails(OFFICE))
    world.press(former, action="renew")
    world.deliver()
    assert len(world.mails(OFFICE)) == mails
    assert world.mailed_link(BOSS, "d") != former
    assert opens(world, BOSS, "d")
    assert opens(world, OFFICE)
    assert "80331" not in world.http("GET", former).body


@pytest.fixture
def two_colleagues(world: World, delegated: str) -> dict[str, str]:
    """Kim looks after one enquiry, Jo after another; the link that each was mailed."""
    other = str(world.post_lead("other", email="max@posteo.de", phone="").json()["lead"])
    firm = world.offer_link(other)
    world.press(firm, action="accept")
    world.press(firm, action="colleague", name="Jo", email="jo@isar.example")
    world.deliver()
    return {name: world.mailed_link(f"{name}@", "o") for name in ("kim", "jo")}


def by_button(world: World, email: str) -> None:
    page = f"{world.hq_link()}/partners/munich-1"
    assert email in world.http("GET", page).body
    assert "no longer work" in world.press(page, action="revoke", email=email, seen="0").body


def by_api(world: World, email: str) -> None:
    key = {"X-Api-Key": world.api_key("partners:write")}
    answer = world.http(
        "POST", "/v1/partners/munich-1/revoke", json_body={"email": email}, headers=key
    )
    assert answer.status == 200


@pytest.mark.parametrize("revoke", [by_button, by_api])
def test_a_colleague_whose_links_hq_ended_opens_nothing_and_everybody_else_does(
    world: World,
    two_colleagues: dict[str, str],
    delegated: str,
    revoke: Callable[[World, str], None],
) -> None:
    links = two_colleagues
    assert "Erika" in world.http("GET", links["kim"]).body
    firm = {to: world.mailed_link(to, kind) for to, kind in ((OFFICE, "o"), (BOSS, "d"))}
    revoke(world, "kim@isar.example")
    tried = [world.http("GET", links["kim"]), world.http("GET", f"{links['kim']}/contact.vcf")]
    tried += [
        world.http("POST", links["kim"], form={"action": name, "text": "x"})
        for name in ("note", "contacted")
    ]
    assert {answer.status for answer in tried} == {403}
    assert {world.http("GET", link).status for link in (links["jo"], *firm.values())} == {200}
    world.deliver()
    assert {world.http("GET", link).status for link in (links["jo"], *firm.values())} == {200}
    by_document(world, name="Isar Wärme neu")
    assert world.http("GET", links["kim"]).status == 403, "saving the profile gives nothing back"
    world.press(world.offer_link(delegated), action="colleague", name="Jo", email="jo@isar.example")
    world.press(
        world.offer_link(delegated), action="colleague", name="Kim", email="kim@isar.example"
    )
    world.deliver()
    assert world.http("GET", links["kim"]).status == 403
    assert world.http("GET", world.mailed_link("kim@", "o")).status == 200, (
        "asked again by the firm"
    )


def test_a_colleague_of_an_enquiry_that_is_closed_by_now_loses_their_link_too(
    world: World, two_colleagues: dict[str, str], delegated: str
) -> None:
    world.press(world.offer_link(delegated), action="won", value="1")
    assert world.http("GET", two_colleagues["kim"]).status == 200
    by_api(world, "kim@isar.example")
    assert world.http("GET", two_colleagues["kim"]).status == 403


def test_a_press_repeated_ends_no_link_that_was_sent_since_and_is_told_in_words(
    world: World, two_colleagues: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    page = f"{world.hq_link()}/partners/munich-1"
    with caplog.at_level("INFO"):
        for said in ("Done. The earlier links", "Somebody else has just revoked these links."):
            answer = world.press(page, action="revoke", email="kim@isar.example", seen="0")
            assert said in answer.body
    told = [record for record in caplog.records if record.getMessage() == "links ended"]
    assert [record.changed for record in told] == [True, False]  # type: ignore[attr-defined]
    assert [record.by for record in told] == [f"link:{person_id('hq@example.com')}"] * 2  # type: ignore[attr-defined]
    assert "kim@" not in "".join(str(record.__dict__) for record in told)


def test_links_of_no_more_colleagues_are_ended_one_by_one_than_a_row_holds(world: World) -> None:
    world.use(a_programme(), isar())
    for number in range(MOST_ENDED + 1):
        world.wiring.partners.revoke_links(
            "munich-1", world.now, person_id(f"{number}@isar.example")
        )
    partner = world.wiring.partners.get("munich-1")
    assert partner
    assert (len(partner.ended), partner.revoked) == (MOST_ENDED, 1), (
        "then all links end, and nobody's is forgotten"
    )

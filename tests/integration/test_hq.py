"""HQ's API: who may call it, what is checked, and what it does."""

import io
import json
from dataclasses import replace
from typing import Any

import boto3
import pytest
import yaml

from infra.tools.hq_key import SCOPES, AlreadyPrinted, create_key
from routing_core.aws.codecs.event_items import event_to_item
from tests.support.builders import programme_document
from tests.support.hooks import nothing_listed
from tests.support.world import Answer, World, a_programme, munich

KINDS = {"json": "application/json", "csv": "text/csv; charset=utf-8", "yaml": "application/yaml"}


class Hq:
    def __init__(self, world: World):
        self.world = world
        self.key = create_key(boto3.client("dynamodb"), "partners")

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        kind: str = "json",
        key: str = "",
        **also: str,
    ) -> Answer:
        text = body if isinstance(body, str | None) else json.dumps(body)
        headers = {"X-Api-Key": key or self.key, "Content-Type": KINDS[kind], **also}
        return self.world.http(method, path, body=text, headers=headers)


@pytest.fixture
def hq(world: World) -> Hq:
    world.use(a_programme(), munich(1), munich(2))
    return Hq(world)


def codes(answer: Answer) -> dict[str, str]:
    return {error["field"]: error["code"] for error in answer.json()["errors"]}


# ── keys ──────────────────────────────────────────────────────────────────────────────────────────

CALLS = [
    ("POST", "/v1/partners/import", "partners:write"),
    ("GET", "/v1/partners", "partners:read"),
    ("GET", "/v1/partners/munich-1", "partners:read"),
    ("PUT", "/v1/partners/munich-1", "partners:write"),
    ("POST", "/v1/partners/munich-1/revoke", "partners:write"),
    ("GET", "/v1/places", "partners:read"),
    ("PUT", "/v1/places/DE", "partners:write"),
    ("GET", "/v1/programme", "programme:read"),
    ("PUT", "/v1/programme", "programme:write"),
    ("GET", "/v1/network/coverage", "partners:read"),
    ("POST", "/v1/programme/dry-run", "programme:read"),
    ("GET", "/v1/leads/LX", "leads:read"),
    ("GET", "/v1/leads/LX/decisions", "leads:read"),
    ("POST", "/v1/leads/LX/assign", "leads:write"),
    ("POST", "/v1/leads/LX/release", "leads:write"),
    ("POST", "/v1/leads/LX/erase", "leads:write"),
]


@pytest.mark.parametrize(("method", "path", "scope"), CALLS)
@pytest.mark.slow
def test_every_call_needs_a_key_with_its_scope(hq: Hq, method: str, path: str, scope: str) -> None:
    dynamo = boto3.client("dynamodb")
    wrong = create_key(dynamo, "partners", f"wrong-{scope}", [s for s in SCOPES if s != scope])
    right = create_key(dynamo, "partners", f"right-{scope}", [scope])
    assert hq.world.http(method, path, json_body={}).status == 401
    assert hq(method, path, {}, key="pr_guessed").status == 401
    assert hq(method, path, {}, key=wrong).status == 403
    assert hq(method, path, {}, key=right).status not in (401, 403, 500)


def test_only_the_hash_of_a_key_is_stored_and_the_first_is_printed_once(hq: Hq) -> None:
    assert hq.key not in json.dumps(hq.world.items("partners"), default=str)
    with pytest.raises(AlreadyPrinted):
        create_key(boto3.client("dynamodb"), "partners")


# ── partners ──────────────────────────────────────────────────────────────────────────────────────

NEW = {
    "id": "neu",
    "name": "Neue Wärme",
    "contact": {"email": "new@example.com"},
    "country": "DE",
    "language": "de",
    "territories": ["DE 90*"],
    "products": ["heat-pump"],
    "confirmed": True,
    "type": "installer",
}


def csv_of(*rows: dict[str, str]) -> str:
    out = io.StringIO()
    names = list(rows[0])
    out.write(";".join(names) + "\n")
    for row in rows:
        out.write(";".join(row.get(name, "") for name in names) + "\n")
    return out.getvalue()


ROW = {
    "id": "one",
    "name": "Eins Wärme",
    "type": "installer",
    "email": "one@example.com",
    "territories": "DE 90*|DE 91* rank 2",
    "products": "heat-pump|boiler",
    "confirmed": "yes",
}


def test_a_spreadsheet_of_partners_is_imported_and_may_be_sent_again(hq: Hq) -> None:
    text = csv_of(ROW, ROW | {"id": "two", "email": "two@example.com"})
    first = hq("POST", "/v1/partners/import", text, "csv")
    assert (first.status, first.json()["created"]) == (200, ["one", "two"])
    again = hq("POST", "/v1/partners/import", text, "csv").json()
    assert (again["created"], again["updated"], again["unchanged"]) == ([], [], ["one", "two"])
    hq.world.deliver()
    lead_id = hq.world.post_lead(postcode="90402").json()["lead"]
    assert hq.world.lead(lead_id).offers[0].partner in ("one", "two")


def test_every_error_of_a_spreadsheet_is_named_by_row_and_column_and_nothing_is_imported(
    hq: Hq,
) -> None:
    before = hq.world.items("partners")
    bad = ROW | {"id": "bad", "email": "nobody", "products": "yacht", "territories": "DE 8y"}
    worse = ROW | {"id": "worse", "email": ""}
    answer = hq("POST", "/v1/partners/import", csv_of(ROW, bad, worse), "csv")
    assert answer.status == 422
    fields = set(codes(answer))
    assert {"row 3, email", "row 3, products", "row 3, territories", "row 4, email"} <= fields
    assert not any(field.startswith("row 2") for field in fields)
    assert hq.world.items("partners") == before


def test_a_column_that_is_missing_and_a_file_that_is_none_are_told_in_their_own_words(
    hq: Hq,
) -> None:
    def told(text: str) -> str:
        message: str = hq("POST", "/v1/partners/import", text, "csv").json()["errors"][0]["message"]
        return message

    assert told("id;name;territories;products\n") == "This column is missing."
    assert told("\x00") == "The file is not UTF-8: save it as “CSV UTF-8”."
    assert "is a quotation mark missing?" in told(csv_of(ROW) + '"open')


def test_a_list_of_partners_names_the_path_of_every_error_and_imports_nothing(hq: Hq) -> None:
    before = hq.world.items("partners")
    partners = [
        NEW,
        NEW | {"id": "b", "contact": {"email": "x"}},
        NEW | {"id": "c", "products": ["yacht"]},
        NEW,
    ]
    answer = hq("POST", "/v1/partners/import", {"partners": partners})
    assert answer.status == 422
    paths = ("partners[1].contact.email", "partners[2].products", "partners[3].id")
    assert all(field.startswith(path) for field, path in zip(codes(answer), paths, strict=True))
    assert hq.world.items("partners") == before


def test_a_dry_run_says_what_would_happen_and_does_none_of_it(hq: Hq) -> None:
    before = hq.world.items("partners")
    answer = hq("POST", "/v1/partners/import?dry_run=true", {"partners": [NEW]}).json()
    assert (answer["created"], answer["dry_run"]) == (["neu"], True)
    assert hq.world.items("partners") == before


@pytest.mark.slow
def test_an_import_of_more_than_one_transaction_is_complete(hq: Hq) -> None:
    many = [NEW | {"id": f"p{n}", "contact": {"email": f"p{n}@example.com"}} for n in range(120)]
    assert len(hq("POST", "/v1/partners/import", {"partners": many}).json()["created"]) == 120
    assert len(list(hq.world.wiring.partners.all())) == 122


def test_a_partner_that_is_read_can_be_sent_back_unchanged(hq: Hq) -> None:
    document = hq("GET", "/v1/partners/munich-1").json()
    assert hq("PUT", "/v1/partners/munich-1", document).status == 200
    after = hq("GET", "/v1/partners/munich-1").json()
    assert {k: v for k, v in after.items() if k != "status"} == {
        k: v for k, v in document.items() if k != "status"
    }


def test_replacing_a_partner_keeps_what_it_holds(hq: Hq) -> None:
    lead_id = hq.world.post_lead().json()["lead"]
    partner = hq.world.lead(lead_id).offers[0].partner
    hq("PUT", f"/v1/partners/{partner}", {"caps": {"open": 7}})
    load = hq.world.load(partner)
    assert (load.open_count, load.caps.open) == (1, 7)


def test_a_partner_nobody_knows_is_not_found(hq: Hq) -> None:
    assert hq("GET", "/v1/partners/nobody").status == 404


# ── programme ─────────────────────────────────────────────────────────────────────────────────────


def test_the_programme_goes_in_as_yaml_and_comes_out_as_asked_for(hq: Hq) -> None:
    document = yaml.safe_dump(programme_document(name="Second Edition"), allow_unicode=True)
    text = f"# Ours.\n{document}"
    assert hq("PUT", "/v1/programme", text, "yaml").json()["version"] == 2
    shown = hq("GET", "/v1/programme")
    assert (shown.json()["name"], shown.headers["ETag"]) == ("Second Edition", '"2"')
    as_yaml = hq.world.http(
        "GET", "/v1/programme", headers={"X-Api-Key": hq.key, "Accept": "application/yaml"}
    )
    assert as_yaml.body == text, "as its author wrote it"
    assert hq("PUT", "/v1/programme", as_yaml.body, "yaml").status == 200


def test_a_programme_that_came_as_json_comes_out_as_yaml_for_people(hq: Hq) -> None:
    assert hq("PUT", "/v1/programme", programme_document(name="By machine")).status == 200
    as_yaml = hq.world.http(
        "GET", "/v1/programme", headers={"X-Api-Key": hq.key, "Accept": "application/yaml"}
    )
    assert not as_yaml.body.startswith("{")
    assert yaml.safe_load(as_yaml.body) == hq("GET", "/v1/programme").json()
    assert hq("PUT", "/v1/programme", as_yaml.body, "yaml").status == 200


def test_every_error_of_a_programme_is_named_by_its_path_and_the_old_one_stays(hq: Hq) -> None:
    broken = programme_document(
        offers=[{"window": {"minutes": 0}, "total": {"hours": 2}}],
        time_zone="Europe/Munich",
        products=[{"id": "heat pump", "name": {"en": "x"}}],
    )
    answer = hq("PUT", "/v1/programme", broken)
    assert answer.status == 422
    fields = set(codes(answer))
    assert any(field.startswith("offers[0].window") for field in fields)
    assert any(field.startswith("offers[0].total") for field in fields)
    assert {"time_zone", "products[0].id"} <= fields
    assert hq("GET", "/v1/programme").headers["ETag"] == '"1"'


@pytest.mark.parametrize(
    "text", ["", "- a", "{", "a: 1\na: 2", "a: &x [*x]", "!!python/object:os.system {}"]
)
def test_a_text_that_is_no_programme_is_refused(hq: Hq, text: str) -> None:
    assert hq("PUT", "/v1/programme", text, "yaml").status in (400, 422)


def test_a_short_window_is_saved_with_a_warning(hq: Hq) -> None:
    document = programme_document(offers=[{"window": {"minutes": 5}, "total": {"minutes": 60}}])
    answer = hq("PUT", "/v1/programme", document).json()
    assert answer["warnings"]


def test_offers_already_made_keep_the_window_they_were_made_with(hq: Hq) -> None:
    lead_id = hq.world.post_lead().json()["lead"]
    before = hq.world.lead(lead_id).offers
    hq(
        "PUT",
        "/v1/programme",
        programme_document(offers=[{"window": {"minutes": 20}, "total": {"minutes": 60}}]),
    )
    assert hq.world.lead(lead_id).offers == before


# ── leads ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_lead_is_shown_with_its_timeline_and_every_decision(hq: Hq) -> None:
    lead_id = hq.world.post_lead().json()["lead"]
    hq.world.press(hq.world.offer_link(lead_id), action="decline", reason="busy")
    shown = hq("GET", f"/v1/leads/{lead_id}").json()
    assert shown["lead"]["status"] == "offered"
    assert [moment["kind"] for moment in shown["timeline"]] == hq.world.facts(lead_id)
    assert all(moment["sentence"] for moment in shown["timeline"])
    assert [decision["version"] for decision in shown["decisions"]] == [1, 2]
    first, second = (decision["chosen"] for decision in shown["decisions"])
    assert [first, second] == [offer.partner for offer in hq.world.lead(lead_id).offers]
    assert shown["decisions"][1]["excluded"]["tried"]["examples"] == [first]


def test_a_decision_is_told_in_sentences(hq: Hq) -> None:
    hq.world.add(munich(3, paused=True), munich(4, tier=3))
    lead_id = hq.world.post_lead().json()["lead"]
    told = hq("GET", f"/v1/leads/{lead_id}/decisions").json()["decisions"][0]["sentences"]
    first, second = (
        hq.world.wiring.services.partner(each).name for each in ranked(hq, lead_id)[:2]
    )
    assert told[0].startswith(
        f"{first} was chosen: covers the place with DE 80*, first choice there, tier 2, 0 enquiries in hand"
    )
    assert told[1].startswith(f"Next in line: {second} (covers the place with DE 80*")
    assert (
        told[2]
        == f"1 other covers 80331, but: 1 is paused ({hq.world.wiring.services.partner('munich-3').name})."
    )


def ranked(hq: Hq, lead_id: str) -> list[str]:
    return [
        each["partner"]
        for each in hq("GET", f"/v1/leads/{lead_id}").json()["decisions"][0]["ranked"]
    ]


def test_a_decision_is_made_again_with_the_network_and_the_rules_of_its_time(hq: Hq) -> None:
    lead_id = hq.world.post_lead().json()["lead"]
    hq.world.press(hq.world.offer_link(lead_id), action="decline", reason="busy")
    hq.world.use(a_programme(match_language=False), munich(5, tier=1))
    hq.world.advance(hours=30)
    hq.world.sweep()
    replayed = hq("GET", f"/v1/leads/{lead_id}/decisions?replay=true").json()["decisions"]
    assert len(replayed) == 3
    assert [each["replay"] for each in replayed] == [{"identical": True, "differences": []}] * 3


def replayed_with(hq: Hq, changes: dict[str, Any]) -> dict[str, Any]:
    """The replay of a lead's first decision, after somebody has changed its record."""
    lead_id = hq.world.post_lead().json()["lead"]
    forge_decision(hq.world, lead_id, changes)
    (replayed,) = hq("GET", f"/v1/leads/{lead_id}/decisions?replay=true").json()["decisions"]
    found: dict[str, Any] = replayed["replay"]
    return found


def forge_decision(world: World, lead_id: str, changes: dict[str, Any]) -> None:
    row = world.events(lead_id)[0]
    assert row.decision
    item = event_to_item(replace(row, decision=row.decision | changes))
    boto3.client("dynamodb").update_item(
        TableName="leads",
        Key={"pk": {"S": f"LEAD#{lead_id}"}, "sk": {"S": "EVENT#000001"}},
        UpdateExpression="SET decision = :forged",
        ExpressionAttributeValues={":forged": {"B": item["decision"]}},
    )


def test_a_decision_that_cannot_have_come_of_what_was_known_is_told_apart(hq: Hq) -> None:
    lead_id = hq.world.post_lead().json()["lead"]
    (first,) = hq.world.events(lead_id)[:1]
    assert first.decision
    found = replayed_with(
        hq, {"chosen": "munich-9", "loads": [[9, 9], *first.decision["loads"][1:]]}
    )
    assert found["identical"] is False
    assert {"inputs", "chosen"} <= set(found["differences"])


def test_a_decision_that_saw_more_loads_than_are_kept_is_not_made_again(hq: Hq) -> None:
    assert replayed_with(hq, {"loads_left_out": 3}) == {
        "identical": False,
        "differences": ["loads"],
    }


def test_a_decision_made_before_there_was_a_network_is_made_again_without_one(world: World) -> None:
    world.wiring.rules.save_programme(a_programme(), world.now)
    lead_id = world.post_lead().json()["lead"]
    with nothing_listed(world):
        (replayed,) = Hq(world)("GET", f"/v1/leads/{lead_id}/decisions?replay=true").json()[
            "decisions"
        ]
    assert replayed["replay"] == {"identical": True, "differences": []}


def test_a_network_that_is_no_longer_kept_is_said_to_be_missing(hq: Hq) -> None:
    lead_id = hq.world.post_lead().json()["lead"]
    rules = hq.world.wiring.rules
    rules._s3().delete_object(
        Bucket=rules._bucket, Key=f"networks/{rules.network().version}.network"
    )
    with nothing_listed(hq.world):
        answer = hq("GET", f"/v1/leads/{lead_id}/decisions?replay=true")
    assert answer.status == 404
    assert rules.network().version in answer.json()["detail"]


def test_a_partner_newer_than_the_network_is_told_by_name(hq: Hq) -> None:
    lead_id = hq.world.post_lead().json()["lead"]
    hq.world.wiring.partners.save([(munich(7), None)], hq.world.now)
    shown = hq("POST", f"/v1/leads/{lead_id}/assign", {"partner": "munich-7"}).json()
    assert any("Isar Wärme 7" in moment["sentence"] for moment in shown["timeline"])


@pytest.mark.slow
def test_hq_may_assign_above_a_cap_and_whoever_had_the_lead_is_told(hq: Hq) -> None:
    world = hq.world
    for n, partner in ((1, "munich-1"), (2, "munich-2")):
        hq("PUT", f"/v1/partners/{partner}", {"caps": {"open": 1}})
        world.deliver()
        world.post_lead(f"k{n}", email=f"p{n}@posteo.de", phone="")
    leads = {world.lead(i).offers[0].partner: i for i in world.lead_ids()}
    world.deliver()
    moved = leads["munich-1"]
    answer = hq("POST", f"/v1/leads/{moved}/assign", {"partner": "munich-2"})
    assert answer.status == 200
    assert answer.json()["lead"]["offers"][1]["kind"] == "assigned"
    assert (world.load("munich-1").open_count, world.load("munich-2").open_count) == (0, 2)
    before = len(world.mails("munich-1"))
    world.deliver()
    assert len(world.mails("munich-1")) == before + 1


def test_assigning_twice_to_the_same_partner_changes_nothing(hq: Hq) -> None:
    lead_id = hq.world.post_lead().json()["lead"]
    partner = hq.world.lead(lead_id).offers[0].partner
    hq("POST", f"/v1/leads/{lead_id}/assign", {"partner": partner})
    assert hq.world.lead(lead_id).version == 1


def test_an_owned_lead_can_be_assigned_to_another_partner_in_one_step(hq: Hq) -> None:
    world = hq.world
    lead_id = world.post_lead().json()["lead"]
    world.press(world.offer_link(lead_id), action="accept")
    owner = str(world.lead(lead_id).owner)
    other = "munich-2" if owner == "munich-1" else "munich-1"
    promised = world.lead(lead_id).promised_by
    assert (
        hq("POST", f"/v1/leads/{lead_id}/assign", {"partner": other}, **{"If-Match": "*"}).status
        == 200
    )
    lead = world.lead(lead_id)
    assert (lead.status, lead.owner, lead.promised_by) == ("offered", None, promised)
    assert (world.load(owner).open_count, world.load(other).open_count) == (0, 1)


@pytest.mark.parametrize(
    ("partner", "status"),
    [("nobody", 422), ("unconfirmed", 422), (7, 422), (None, 422), ("munich-1", 200)],
)
@pytest.mark.slow
def test_a_lead_is_assigned_only_to_a_partner_whose_mail_arrives(
    hq: Hq, partner: Any, status: int
) -> None:
    hq.world.add(munich(9, confirmed_email=""))
    lead_id = hq.world.post_lead(postcode="25980").json()["lead"]
    chosen = "munich-9" if partner == "unconfirmed" else partner
    assert hq("POST", f"/v1/leads/{lead_id}/assign", {"partner": chosen}).status == status


def test_a_finished_lead_cannot_be_assigned(hq: Hq) -> None:
    world = hq.world
    lead_id = world.post_lead().json()["lead"]
    world.press(world.offer_link(lead_id), action="accept")
    world.press(world.offer_link(lead_id), action="won", value="1")
    assert hq("POST", f"/v1/leads/{lead_id}/assign", {"partner": "munich-1"}).status == 409


def test_only_what_is_held_can_be_released(hq: Hq) -> None:
    held = hq.world.post_lead("held", website_url="x").json()["lead"]
    assert hq("POST", f"/v1/leads/{held}/release").json()["lead"]["status"] == "offered"
    assert hq("POST", f"/v1/leads/{held}/release").status == 409
    assert hq("POST", "/v1/leads/LNOTTHERE/release").status == 404


def test_a_condition_that_lets_unanswered_questions_through_is_told_where_it_is_written(
    hq: Hq,
) -> None:
    row = ROW | {"takes": "owner is owner"}
    (warning,) = hq("POST", "/v1/partners/import", csv_of(row), "csv").json()["warnings"]
    assert warning["code"] == "unanswered"
    assert "Add 'owner is answered'" in warning["message"]
    (again,) = hq("PUT", "/v1/partners/one", {"takes": ["owner is owner"]}).json()["status"][
        "warnings"
    ]
    assert again == warning["message"]
    demanded = {"takes": ["owner is owner", "owner is answered"]}
    assert hq("PUT", "/v1/partners/one", demanded).json()["status"]["warnings"] == []
    assert hq("GET", "/v1/partners/one").json()["takes"] == demanded["takes"]

"""HQ's list of partners, sent again and again, and what partners did meanwhile."""

import json
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import pytest

from routing_core.domain.errors import MOST_TOLD
from routing_core.domain.partner import Absence, Partner
from routing_core.domain.values.spelled import MOST_GUESSES
from tests.integration.test_hq import NEW, ROW, Hq, csv_of
from tests.support.world import World, a_programme, munich

HOLIDAY = Absence(date(2026, 12, 21), date(2027, 1, 4))
PLANNED = {"first": "2026-12-21", "last": "2027-01-04"}
TRIED = {
    "form": "enquiry",
    "country": "DE",
    "postcode": "80331",
    "product": "heat-pump",
    "urgency": "soon",
}
OWN = {"paused": "", "absences": "", "confirmed": "yes"}


@pytest.fixture
def hq(world: World) -> Hq:
    world.use(a_programme(), munich(1), munich(2))
    return Hq(world)


def send(hq: Hq, body: Any, *, dry_run: bool = False) -> dict[str, Any]:
    kind = "csv" if isinstance(body, str) else "json"
    answer = hq("POST", f"/v1/partners/import{'?dry_run=true' if dry_run else ''}", body, kind)
    assert answer.status == 200, answer.body
    told: dict[str, Any] = answer.json()
    return told


def on_the_desk(hq: Hq, partner: str, action: str, **form: str) -> None:
    generation = hq.world.load(partner).links
    hq.world.press(
        urlsplit(hq.world.wiring.links.desk(partner, generation)).path, action=action, **form
    )


def known(hq: Hq, partner: str) -> Partner:
    found = hq.world.wiring.partners.get(partner)
    assert found
    return found


def change(told: dict[str, Any], field: str) -> tuple[Any, Any]:
    (found,) = [each for each in told["changes"] if each["field"] == field]
    return found["from"], found["to"]


@pytest.mark.parametrize(
    "of_the_list", [OWN, OWN | {"paused": "no"}, OWN | {"absences": "2026-12-01"}, {}]
)
@pytest.mark.slow
def test_an_unchanged_list_leaves_the_pause_and_the_holiday_that_a_partner_set(
    hq: Hq, of_the_list: dict[str, str]
) -> None:
    """It was answered with 200, and the holiday and the pause were gone."""
    text = csv_of(ROW | of_the_list)
    send(hq, text)
    on_the_desk(hq, "one", "pause")
    on_the_desk(hq, "one", "holiday", **PLANNED)
    told = send(hq, text)
    assert (told["updated"], told["unchanged"], told["changes"]) == ([], ["one"], [])
    assert known(hq, "one").paused
    assert HOLIDAY in known(hq, "one").absences


def test_an_unchanged_list_of_documents_leaves_them_too(hq: Hq) -> None:
    body = {"partners": [NEW | {"paused": False, "absences": []}]}
    send(hq, body)
    on_the_desk(hq, "neu", "pause")
    on_the_desk(hq, "neu", "holiday", **PLANNED)
    assert send(hq, body)["unchanged"] == ["neu"]
    assert (known(hq, "neu").paused, known(hq, "neu").absences) == (True, (HOLIDAY,))


def test_an_unchanged_list_pauses_nobody_again_who_has_resumed(hq: Hq) -> None:
    text = csv_of(ROW | {"paused": "yes"})
    send(hq, text)
    on_the_desk(hq, "one", "resume")
    send(hq, text)
    assert not known(hq, "one").paused


def test_an_unchanged_list_does_not_say_that_an_address_works_from_which_mail_came_back(
    hq: Hq,
) -> None:
    text = csv_of(ROW)
    send(hq, text)
    hq.world.wiring.partners.bounce("one", hq.world.now)
    assert send(hq, text)["unchanged"] == ["one"]
    assert known(hq, "one").bounced
    send(hq, csv_of(ROW | {"email": "other@example.com"}))  # vouched for anew
    assert (known(hq, "one").bounced, known(hq, "one").confirmed) == (False, True)


@pytest.mark.slow
def test_a_list_adds_holidays_and_takes_them_away_with_a_word(hq: Hq) -> None:
    later = {"first": "2027-02-01", "last": "2027-02-05"}
    send(hq, csv_of(ROW))
    on_the_desk(hq, "one", "holiday", **PLANNED)
    told = send(hq, csv_of(ROW | {"absences": "2027-02-01 to 2027-02-05"}), dry_run=True)
    assert change(told, "absences") == ([PLANNED], [PLANNED, later])
    told = send(hq, csv_of(ROW | {"absences": "only 2027-02-01 to 2027-02-05"}))
    assert change(told, "absences") == ([PLANNED], [later])
    told = send(hq, csv_of(ROW | {"absences": "none"}))
    assert change(told, "absences") == ([later], [])
    assert known(hq, "one").absences == ()


@pytest.mark.slow
def test_a_word_that_was_left_out_of_a_list_in_between_is_a_decision_again(hq: Hq) -> None:
    """An empty cell was not kept, so that the second ``no`` was the same as the one of months ago,
    and did nothing.
    """
    words = ROW | {"paused": "no", "absences": "none"}
    for _ in range(2):
        send(hq, csv_of(ROW | {"paused": "", "absences": ""}))
        on_the_desk(hq, "one", "pause")
        on_the_desk(hq, "one", "holiday", **PLANNED)
        assert known(hq, "one").paused
        send(hq, csv_of(words))
        assert (known(hq, "one").paused, known(hq, "one").absences) == (False, ())


def test_a_list_resumes_a_partner_with_a_word_also_one_whom_lapses_paused(hq: Hq) -> None:
    send(hq, {"partners": [NEW]})
    on_the_desk(hq, "neu", "pause")
    told = send(hq, {"partners": [NEW | {"paused": "no"}]})
    assert change(told, "paused") == (True, False)
    assert not known(hq, "neu").paused


def test_a_dry_run_shows_every_change_from_what_it_was_to_what_it_will_be(hq: Hq) -> None:
    send(hq, csv_of(ROW))
    before = hq.world.items("partners")
    told = send(
        hq,
        csv_of(ROW | {"name": "Neuer Name", "email": "neu@example.com", "tier": "1"}),
        dry_run=True,
    )
    assert {each["field"]: (each["from"], each["to"]) for each in told["changes"]} == {
        "name": ("Eins Wärme", "Neuer Name"),
        "contact.email": ("one@example.com", "neu@example.com"),
        "tier": (2, 1),
    }
    assert (told["updated"], told["changes_left_out"]) == (["one"], 0)
    assert hq.world.items("partners") == before


def everything(hq: Hq) -> None:
    full = NEW | {
        "name": "=Formula & Söhne",
        "contact": {"email": "new@example.com", "name": "Chris", "phone": "+49 89 99998123"},
        "second_contact": {"email": "second@example.com", "phone": "+49 89 99998124"},
        "tags": ["on call, at night"],
        "certificates": {"gas": None, "f-gas": "2028-12-31"},
        "response_hours": "mon-fri 08:00-12:00, 13:00-17:00; sat 09:00-12:00",
        "territories": [
            "DE 90* rank 2",
            "not DE 903*",
            "DE 50km 48.137,11.575",
            "region munich backup",
        ],
        "caps": {
            "open": 3,
            "paced": True,
            "products": {"boiler": 2},
            "product_offers": {"boiler": {"day": 1}},
        },
        "products": ["heat-pump", "boiler"],
        "takes": ["area at least 100", "weekday in mon, tue"],
        "absences": [PLANNED],
        "paused": True,
        "backup": "munich-1",
    }
    send(hq, {"partners": [full]})


@pytest.mark.parametrize("kind", ["application/json", "text/csv"])
@pytest.mark.slow
def test_the_network_as_it_is_read_is_sent_back_and_nothing_changes(hq: Hq, kind: str) -> None:
    everything(hq)
    hq.world.deliver()
    before = [each for each in hq.world.wiring.partners.all() if each.id == "neu"]
    read = hq.world.http("GET", "/v1/partners", headers={"X-Api-Key": hq.key, "Accept": kind})
    assert read.status == 200
    sent = send(hq, read.body if kind == "text/csv" else json.loads(read.body))
    assert (sent["created"], sent["updated"], sent["unchanged"]) == (
        [],
        [],
        ["munich-1", "munich-2", "neu"],
    )
    after = [each for each in hq.world.wiring.partners.all() if each.id == "neu"]
    assert [each.absences for each in after] == [each.absences for each in before]
    assert [each.phone for each in (after[0].contact,)] == ["+498999998123"]


def test_a_list_that_was_read_long_ago_undoes_nothing_that_a_partner_set_since(hq: Hq) -> None:
    read = hq.world.http(
        "GET", "/v1/partners", headers={"X-Api-Key": hq.key, "Accept": "text/csv"}
    ).body
    on_the_desk(hq, "munich-1", "pause")
    on_the_desk(hq, "munich-1", "holiday", **PLANNED)
    assert send(hq, read)["updated"] == []
    assert (known(hq, "munich-1").paused, known(hq, "munich-1").absences) == (True, (HOLIDAY,))


def test_a_backup_is_given_by_name_or_id(hq: Hq) -> None:
    """In a list, in a document and for one partner; also where the list itself brings the
    backup.
    """
    two = ROW | {"id": "two", "name": "Zwei & Söhne", "email": "two@example.com"}
    assert send(hq, csv_of(ROW | {"backup": "zwei & SÖHNE"}, two | {"backup": "munich-1"}))[
        "created"
    ] == ["one", "two"]
    assert (known(hq, "one").backup, known(hq, "two").backup) == ("two", "munich-1")
    assert send(hq, csv_of(ROW | {"backup": "two"}))["unchanged"] == ["one"]
    document = hq("GET", "/v1/partners/one").json()
    assert hq("PUT", "/v1/partners/one", document | {"backup": "Isar Wärme 2"}).status == 200
    assert known(hq, "one").backup == "munich-2"
    tried = hq(
        "POST",
        "/v1/programme/dry-run",
        {"enquiry": TRIED, "partners": [document | {"backup": "isar wärme 1"}]},
    )
    assert tried.status == 200, tried.body


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Isar Wärme 3", "Did you mean Isar Wärme"),
        ("Nobody", "name one of the network, by id or name"),
        ("Twins", "Several partners are called Twins: write the id, munich-3 or munich-4"),
    ],
)
def test_a_backup_who_is_not_there_is_asked_about(hq: Hq, written: str, said: str) -> None:
    hq.world.add(replace(munich(3), name="Twins"), replace(munich(4), name="Twins"))
    answer = hq("POST", "/v1/partners/import", csv_of(ROW | {"backup": written}), "csv")
    (error,) = answer.json()["errors"]
    assert (answer.status, error["field"], error["code"]) == (
        422,
        "row 2, backup",
        "unknown_partner",
    )
    assert said in error["message"]
    document = hq("GET", "/v1/partners/munich-1").json() | {"backup": written}
    assert said in hq("PUT", "/v1/partners/munich-1", document).json()["errors"][0]["message"]


@pytest.mark.parametrize("dry_run", [True, False])
def test_columns_that_mean_nothing_to_us_are_named_in_the_answer(hq: Hq, dry_run: bool) -> None:
    text = csv_of(ROW | {"Gebiet-Nr": "7", "Umsatz": "12.000"})
    assert send(hq, text, dry_run=dry_run)["ignored_columns"] == ["Gebiet-Nr", "Umsatz"]
    dealer_map = "area;first;Betreuer\nDE 80*;munich-1;Huber\n"
    assert send(hq, dealer_map, dry_run=dry_run)["ignored_columns"] == ["Betreuer"]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (csv_of(ROW | {"langauges": "de"}), "languages"),
        ("area;first;secnd\nDE 80*;munich-1;munich-2\n", "second"),
    ],
    ids=["list", "map"],
)
def test_a_column_that_is_nearly_ours_stops_a_list_and_a_map(hq: Hq, text: str, meant: str) -> None:
    answer = hq("POST", "/v1/partners/import", text, "csv")
    (error,) = answer.json()["errors"]
    assert (answer.status, error["code"]) == (422, "unknown_column")
    assert f"Did you mean “{meant}”" in error["message"]


def test_of_thousands_of_misspelt_names_only_a_few_are_guessed_at_for_each_takes_a_while(
    hq: Hq,
) -> None:
    """Each is compared with everybody's name and id: a list of 20,000 would be answered by
    nobody.
    """
    rows = [
        ROW | {"id": f"p-{n}", "email": f"p{n}@example.com", "backup": f"Isar Waerm {n}"}
        for n in range(300)
    ]
    dealer_map = "\n".join(["area;first", *(f"DE 80*;Isar Waerm {n}" for n in range(300))])
    for text in (csv_of(*rows), dealer_map):
        answer = hq("POST", "/v1/partners/import", text, "csv")
        told = [error["message"] for error in answer.json()["errors"]]
        assert answer.status == 422
        assert sum("id you mean Isar Wärme" in each for each in told) == MOST_GUESSES
        assert len(told) <= MOST_TOLD + 1

"""A list of leads is imported as a whole, each row once, and its leads have their turn."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from botocore.exceptions import EndpointConnectionError

from routing_core.aws.tables import lead_list_rows
from routing_core.domain.calendar.business_time import months_after
from routing_core.domain.lead_row import LeadFilter
from routing_core.domain.partner import Caps
from routing_core.reporting.gathered import GatheringRules, report_lead
from routing_core.reporting.report_lead import Kept, LeadStage
from routing_core.routing.history import Record
from routing_core.service.hq.handle_lead import add_note
from routing_core.simulation.back_test import history_of, learned
from routing_core.simulation.simulate import RuleSet
from tests.support.builders import NOON
from tests.support.hooks import hooked, meanwhile, refused
from tests.support.world import Answer, World, a_programme, munich

BERLIN = ZoneInfo("Europe/Berlin")
HEADER = "Lead-Nr.;Vorname;Nachname;E-Mail;Telefon;PLZ;Produkt;Dringlichkeit;Einwilligung"
CSV = {"Content-Type": "text/csv"}


def row(number: int, **changes: str) -> str:
    said = {
        "id": f"F-{number}",
        "first": "Erika",
        "last": f"Beispiel {number}",
        "email": f"erika{number}@posteo.de",
        "phone": f"089 99998 12{number:02}",
        "postcode": "80331",
        "product": "Wärmepumpe",
        "urgency": "Bald",
        "consent": "ja",
    }
    return ";".join((said | changes).values())


def a_list(*rows: str, header: str = HEADER) -> str:
    return "\r\n".join([header, *rows]) + "\r\n"


@pytest.fixture
def network(world: World) -> World:
    world.use(a_programme(hq={"emails": ["hq@example.com"], "digests": []}))
    world.add(munich(1), munich(2), munich(3))
    return world


@pytest.fixture
def send(network: World) -> Callable[..., Answer]:
    key = network.api_key("leads:write", "leads:read")

    def send(content: str | bytes, name: str = "fair", **said: str) -> Answer:
        query = urlencode({"name": name, **said})
        headers = CSV | {"X-Api-Key": key}
        return network.http("POST", f"/v1/leads/import?{query}", body=content, headers=headers)

    send.key = key  # type: ignore[attr-defined]
    return send


def run_out(world: World, most: int = 60) -> None:
    """Sweeps every five minutes until nothing waits, or it is no use."""
    for _ in range(most):
        if not world.wiring.lead_lists.running():
            return
        world.run_for(minutes=5)
        world.sweep()
    raise AssertionError("something of a list still waits")


def progress(world: World, send: Any, import_id: str) -> dict[str, Any]:
    answer = world.http("GET", f"/v1/leads/imports/{import_id}", headers={"X-Api-Key": send.key})
    document: dict[str, Any] = answer.json()
    return document


def wrong(answer: Answer) -> dict[str, str]:
    assert answer.status == 422, answer.body
    return {each["field"]: each["code"] for each in answer.json()["errors"]}


# ── what a list says ──────────────────────────────────────────────────────────────────────────────


def test_a_list_with_foreign_columns_and_labels_becomes_leads(network: World, send: Any) -> None:
    answer = send(a_list(row(1), row(2, postcode="10115")))
    assert answer.status == 202, answer.body
    told = answer.json()
    assert [each["field"] for each in told["columns"]] == [
        "id",
        "first_name",
        "last_name",
        "email",
        "phone",
        "postcode",
        "product",
        "urgency",
        "consent",
    ]
    run_out(network)
    leads = [network.lead(lead) for lead in network.lead_ids()]
    assert {lead.product for lead in leads} == {"heat-pump"}
    (lead,) = [lead for lead in leads if lead.postcode == "80331"]
    assert lead.contact
    assert lead.contact.name == "Erika Beispiel 1"
    assert lead.contact.phone == "+4989999981201"
    context = network.wiring.leads.context(lead.id)
    assert context
    assert context.on_behalf
    assert context.source == "list:fair"
    assert context.on_behalf.list_row == f"{told['import']}/2"
    assert context.on_behalf.by.startswith("machine-")
    assert lead.entered == "list"
    assert progress(network, send, told["import"]) | {"routed": 2, "waiting": 0} == progress(
        network, send, told["import"]
    )


def test_a_dry_run_says_what_would_be_done_and_stores_nothing(network: World, send: Any) -> None:
    before = network.items()
    answer = send(a_list(row(1), row(2), row(1)), dry_run="true")
    assert (answer.status, answer.json()["state"]) == (200, "checked")
    assert [answer.json()[each] for each in ("rows", "new", "known", "twice")] == [3, 2, 0, 1]
    assert network.items() == before


def test_one_wrong_row_and_no_lead_comes_in_and_each_error_has_its_place(
    network: World, send: Any
) -> None:
    content = a_list(
        row(1),
        row(2, postcode="8033"),
        row(3, email="erika", phone=""),
        row(4, product="Dampfmaschine", consent="nein"),
    )
    assert wrong(send(content)) == {
        "row 3, postcode": "invalid_postcode",
        "row 4, email": "invalid_email",
        "row 5, product": "unknown_option",
        "row 5, consent": "consent_missing",
    }
    assert network.lead_ids() == []
    assert not network.items(only=lambda pk, sk: pk.startswith("LIST"))
    mended = content.replace("8033;", "80333;").replace(";erika;", ";erika@posteo.de;")
    mended = mended.replace("Dampfmaschine", "boiler").replace("nein", "ja")
    assert send(mended).status == 202


def test_what_a_row_does_not_say_the_list_says_for_it(network: World, send: Any) -> None:
    content = a_list("Erika Beispiel;089 99998 1230;80331", header="Name;Telefon;PLZ")
    assert set(wrong(send(content))) == {"row 2, product", "row 2, urgency", "row 2, consent"}
    said = {"product": "boiler", "urgency": "soon", "all_agreed": "yes", "way": "fair"}
    answer = send(
        content, **said, consent_by="Max Beispiel", consent_at="2026-11-20", campaign="autumn"
    )
    assert answer.status == 202, answer.body
    (lead_id,) = network.lead_ids()
    lead, context = network.lead(lead_id), network.wiring.leads.context(lead_id)
    assert (lead.product, lead.entered) == ("boiler", "fair")
    assert context
    assert context.on_behalf
    assert context.utm == {"campaign": "autumn"}
    assert context.on_behalf.consent_by == "Max Beispiel"
    assert context.on_behalf.consent_way == "paper"


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (["07.01.2026 09:14", "08.01.2026 09:14"], "2026-01-07"),
        (["1/7/2026 9:14 AM", "1/31/2026 9:14 AM"], "2026-01-07"),
        (["7/1/2026", "31/1/2026"], "2026-01-07"),
        (["2026-01-07", "2026-01-08"], "2026-01-07"),
    ],
)
def test_dates_are_read_as_the_whole_list_writes_them(
    network: World, send: Any, dates: list[str], expected: str
) -> None:
    rows = [f"{row(number)};{written}" for number, written in enumerate(dates)]
    assert send(a_list(*rows, header=f"{HEADER};Datum")).status == 202
    run_out(network)
    told = [network.wiring.leads.context(lead) for lead in network.lead_ids()]
    asked = {
        f"{each.on_behalf.asked_at.astimezone(BERLIN):%Y-%m-%d}"
        for each in told
        if each and each.on_behalf
    }  # type: ignore[union-attr]
    assert expected in asked


def test_names_of_countries_and_labels_of_answers_do_and_other_encodings_too(
    network: World, send: Any
) -> None:
    header = f"{HEADER};Land;Gehört Ihnen das Haus?"
    content = a_list(
        f"{row(1)};Deutschland;Eigentümer", f"{row(2, postcode='1010')};Österreich;", header=header
    )
    assert send(content.encode("utf-16"), dry_run="true").json()["new"] == 2
    assert send(content).status == 202
    run_out(network)
    leads = sorted(map(network.lead, network.lead_ids()), key=lambda lead: lead.country)
    assert [lead.country for lead in leads] == ["AT", "DE"]
    assert leads[1].answers == {"owner": "owner"}


def test_letters_that_were_lost_on_the_way_are_told_and_never_stored(send: Any) -> None:
    # API Gateway has put the sign in for what was no UTF-8 in a body of text.
    assert wrong(send(a_list(row(1, last="M\ufffdller")))) == {"row 2, name": "lost_letters"}


# ── exactly once ──────────────────────────────────────────────────────────────────────────────────


def test_the_same_list_twice_makes_no_lead_twice(network: World, send: Any) -> None:
    content = a_list(row(1), row(2))
    send(content)
    run_out(network)
    again = send(content).json()
    assert (again["known"], again["waiting"], again["state"]) == (2, 0, "done")
    assert len(network.lead_ids()) == 2


def test_a_mended_and_a_longer_list_make_the_new_rows_alone(network: World, send: Any) -> None:
    send(a_list(row(1), row(2)))
    run_out(network)
    longer = send(a_list(row(3), row(2, phone="089 99998 1299"), row(1))).json()
    assert (longer["known"], longer["rows"]) == (2, 3)
    run_out(network)
    assert len(network.lead_ids()) == 3


def test_rows_without_an_id_are_known_by_what_they_say_in_any_order(
    network: World, send: Any
) -> None:
    header = "Name;PLZ;Telefon;Produkt;Dringlichkeit;Einwilligung"
    other = "PLZ;Name;Telefon;Produkt;Dringlichkeit;Einwilligung;Leer"
    send(a_list("Erika B;80331;089 99998 1230;boiler;soon;ja", header=header))
    run_out(network)
    shuffled = a_list("80331; ERIKA  b;089 99998 1230;boiler;soon;ja;", header=other)
    assert send(shuffled).json()["known"] == 1
    assert send(shuffled, name="another fair").json()["known"] == 0


def test_two_different_rows_with_one_id_are_an_error(send: Any) -> None:
    assert wrong(send(a_list(row(1), row(2, id="F-1")))) == {"row 3, id": "id_twice"}


def test_two_runs_at_once_settle_a_part_once(network: World, send: Any) -> None:
    network.now = datetime(2026, 11, 27, 21, 0, tzinfo=NOON.tzinfo)
    import_id = send(a_list(row(1), row(2))).json()["import"]
    lists = network.wiring.lead_lists
    imported, part = lists.get(import_id), lists.part(import_id, 0)
    assert imported
    assert part
    assert lists.settle(imported, part, part.leads[1:], {"routed": 1})
    assert not lists.settle(imported, part, part.leads[1:], {"routed": 1})
    assert progress(network, send, import_id)["routed"] == 1
    left = lists.part(import_id, 0)
    assert left
    assert [lead.row for lead in left.leads] == [3]


def test_a_lead_that_was_erased_is_not_made_again(network: World, send: Any) -> None:
    send(a_list(row(1)))
    (lead,) = network.lead_ids()
    key = network.api_key("leads:write")
    network.http("POST", f"/v1/leads/{lead}/erase", headers={"X-Api-Key": key})
    assert send(a_list(row(1), row(2))).json()["known"] == 1
    run_out(network)
    assert network.lead(lead).status == "erased"
    assert len(network.lead_ids()) == 2


def test_a_crash_at_any_call_loses_and_doubles_nothing(
    network: World, send: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lead_list_rows, "PER_PART", 2)
    content = a_list(*(row(number) for number in range(5)))
    start = network.saved()
    events = network.wiring._dynamo.meta.events
    for moment in ("before-call", "after-call"):
        for calls in range(0, 60, 7):
            network.back_to(start)
            made = [0]

            def count(made: list[int] = made, calls: int = calls, **_: Any) -> None:
                made[0] += 1
                if made[0] > calls:
                    raise EndpointConnectionError(endpoint_url="https://dynamodb")

            events = network.wiring._dynamo.meta.events
            events.register(f"{moment}.dynamodb.*", count)
            try:
                send(content)
            finally:
                events.unregister(f"{moment}.dynamodb.*", count)
            assert send(content).status == 202
            run_out(network)
            assert len(network.lead_ids()) == 5, f"{moment} {calls}"


# ── at their turn ─────────────────────────────────────────────────────────────────────────────────


def offered_at(world: World) -> list[datetime]:
    offers = [offer for lead in world.lead_ids() for offer in world.lead(lead).offers]
    return sorted(offer.made_at for offer in offers)


def cap(world: World, partner_id: str, most: int) -> None:
    partner = world.wiring.partners.get(partner_id)
    assert partner
    capped = replace(partner, version=partner.version + 1, caps=Caps(open=most))
    world.wiring.partners.save([(capped, partner.version)], world.now)


def test_a_partner_gets_one_at_a_time_and_nobody_more_than_the_cap(
    network: World, send: Any
) -> None:
    for number in (1, 2, 3):
        cap(network, f"munich-{number}", 2)
    network.deliver()
    import_id = send(a_list(*(row(number) for number in range(10)))).json()["import"]
    assert progress(network, send, import_id)["routed"] == 3
    network.advance(minutes=5)
    network.sweep()
    assert progress(network, send, import_id)["routed"] == 3, "each was asked five minutes ago"
    network.advance(minutes=20)
    network.sweep()
    assert progress(network, send, import_id)["routed"] == 6
    network.advance(minutes=25)
    network.sweep()
    told = progress(network, send, import_id)
    assert (told["routed"], told["waiting"]) == (6, 4), "everybody has the two they may have"
    assert all(network.load(f"munich-{number}").open_count == 2 for number in (1, 2, 3))


def test_nobody_hears_of_a_list_at_night_or_on_sunday(network: World, send: Any) -> None:
    network.now = datetime(2026, 11, 27, 21, 0, tzinfo=NOON.tzinfo)  # a Friday, 22:00 in Berlin
    import_id = send(a_list(row(1))).json()["import"]
    assert progress(network, send, import_id)["waiting"] == 1
    network.run_for(hours=33)
    network.sweep()
    assert progress(network, send, import_id)["waiting"] == 1
    network.now = datetime(2026, 11, 30, 7, 30, tzinfo=NOON.tzinfo)
    network.sweep()
    assert progress(network, send, import_id)["state"] == "done"
    network.deliver()
    assert len(network.mails("munich")) == 1
    (lead,) = network.lead_ids()
    assert network.lead(lead).received_at == network.now, "windows count from its turn"


def test_a_lead_that_nobody_could_take_in_a_week_is_hqs_like_any_other(
    network: World, send: Any
) -> None:
    for number in (1, 2, 3):
        cap(network, f"munich-{number}", 0)
    network.deliver()
    import_id = send(a_list(row(1))).json()["import"]
    network.run_for(days=6)
    network.sweep()
    assert progress(network, send, import_id)["waiting"] == 1
    network.run_for(days=1, hours=1)
    network.sweep()
    assert progress(network, send, import_id)["state"] == "done"
    (lead,) = network.lead_ids()
    assert network.lead(lead).status == "hq_queue"


def test_a_place_that_nobody_covers_goes_to_hq_at_once(network: World, send: Any) -> None:
    assert send(a_list(row(1, postcode="10115"))).json()["state"] == "done"
    (lead,) = network.lead_ids()
    assert network.lead(lead).status == "hq_queue"


def test_a_repeat_of_an_open_lead_is_attached_to_it(network: World, send: Any) -> None:
    network.post_lead(email="erika1@posteo.de")
    told = send(a_list(row(1))).json()
    assert (told["attached"], told["routed"]) == (1, 0)


def test_what_still_waits_can_be_cancelled_and_is_forgotten(network: World, send: Any) -> None:
    import_id = send(a_list(*(row(number) for number in range(6)))).json()["import"]
    answer = network.http(
        "POST", f"/v1/leads/imports/{import_id}/cancel", headers={"X-Api-Key": send.key}
    )
    told = answer.json()
    assert (told["state"], told["routed"], told["cancelled"]) == ("cancelled", 3, 3)
    network.advance(hours=1)
    network.sweep()
    assert len(network.lead_ids()) == 3
    left = [str(item) for item in network.items(only=lambda pk, sk: pk.startswith("LIST"))]
    assert not [item for item in left if "Beispiel" in item]
    assert not network.items(only=lambda pk, sk: sk.startswith("WAITS#"))


def cancel(world: World, send: Any, import_id: str) -> dict[str, Any]:
    path = f"/v1/leads/imports/{import_id}/cancel"
    answer = world.http("POST", path, headers={"X-Api-Key": send.key})
    assert answer.status == 200, answer.body
    document: dict[str, Any] = answer.json()
    return document


def cut_off_before_counting(**told: Any) -> None:
    body = told["params"]["body"]
    if b"WAITS#" in (body if isinstance(body, bytes) else body.encode()):
        raise EndpointConnectionError(endpoint_url="https://dynamodb")


def cut_off(world: World, send: Any, rows: int = 5) -> str:
    """A list of which three rows are leads, and none is counted."""
    with hooked(world, "before-call", "TransactWriteItems", cut_off_before_counting, times=99):
        assert send(a_list(*(row(number) for number in range(rows)))).status >= 500
    assert len(world.lead_ids()) == 3
    (imported,) = world.wiring.lead_lists.running()
    assert imported.waiting == rows
    return imported.id


def test_leads_that_a_run_made_before_it_was_cut_off_are_not_counted_as_cancelled(
    network: World, send: Any
) -> None:
    import_id = cut_off(network, send)
    told = cancel(network, send, import_id)
    assert (told["state"], told["routed"], told["cancelled"]) == ("cancelled", 3, 2)
    again = cancel(network, send, import_id)
    assert (again["state"], again["routed"], again["cancelled"]) == ("cancelled", 3, 2)


def test_leads_that_a_run_made_before_it_was_cut_off_are_counted_by_the_next_without_waiting(
    network: World, send: Any
) -> None:
    import_id = cut_off(network, send)
    network.sweep()
    assert progress(network, send, import_id)["routed"] == 3
    assert len(network.lead_ids()) == 3


def test_a_run_makes_no_more_leads_of_a_list_that_is_cancelled_meanwhile(
    network: World, send: Any
) -> None:
    import_id = cut_off(network, send, rows=6)
    network.deliver()
    network.advance(minutes=25)
    with meanwhile(network, lambda: cancel(network, send, import_id)):
        network.sweep()
    told = progress(network, send, import_id)
    assert (told["state"], told["routed"], told["cancelled"]) == ("cancelled", 3, 3)
    assert len(network.lead_ids()) == 3
    assert not network.items(only=lambda pk, sk: sk.startswith("WAITS#"))


def test_what_a_cancelled_list_left_behind_is_cleared_by_the_next_run(
    network: World, send: Any
) -> None:
    import_id = send(a_list(*(row(number) for number in range(6)))).json()["import"]
    with refused(network, "InternalServerError", operation="DeleteItem"):
        path = f"/v1/leads/imports/{import_id}/cancel"
        network.http("POST", path, headers={"X-Api-Key": send.key})
    assert network.items(only=lambda pk, sk: sk.startswith("WAITS#"))
    network.sweep()
    assert not network.items(only=lambda pk, sk: sk.startswith("WAITS#"))
    assert not network.wiring.lead_lists.running()
    assert progress(network, send, import_id)["state"] == "cancelled"


def test_rules_that_have_changed_since_fail_the_row_alone_and_the_counts_add_up(
    network: World, send: Any
) -> None:
    rows = [row(number) for number in range(4)]
    import_id = send(a_list(*rows, row(9, product="boiler"))).json()["import"]
    document = a_programme().model_dump(by_alias=True)
    document["forms"][0]["products"] = ["heat-pump"]
    network.wiring.rules.save_programme(a_programme(forms=document["forms"]), network.now)
    network.deliver()
    for _ in range(5):
        network.advance(minutes=25)
        network.sweep()
    told = progress(network, send, import_id)
    assert (told["state"], told["routed"], told["failed"]) == ("done", 4, 1)


# ── leads of the past ─────────────────────────────────────────────────────────────────────────────

PAST = "Datum;PLZ;Produkt;Dringlichkeit;Händler;Ergebnis;Wert;Angenommen am;Abgeschlossen am;Name;E-Mail"
WON = "07.01.2026 09:14;80331;heat-pump;soon;Isar Wärme 1;gewonnen;12500;08.01.2026 10:00;01.03.2026;Erika;e@posteo.de"


def test_leads_of_the_past_are_kept_without_a_mail_a_timer_an_event_or_a_load(
    network: World, send: Any
) -> None:
    load = network.load("munich-1")
    told = send(
        a_list(WON, "08.01.2026;10115;boiler;soon;;;;;;Erika;e@posteo.de", header=PAST), mode="past"
    )
    assert (told.status, told.json()["kept"], told.json()["state"]) == (202, 2, "done")
    network.deliver()
    assert network.mails() == []
    assert network.published == []
    assert network.schedules() == {}
    assert network.load("munich-1") == load
    won, unplaced = sorted(map(network.lead, network.lead_ids()), key=lambda each: each.received_at)
    assert (won.status, won.owner, won.value) == ("won", "munich-1", "12500")
    assert f"{won.received_at:%Y-%m-%d %H:%M}" == "2026-01-07 08:14"
    assert (unplaced.status, unplaced.owner) == ("lost", None)
    assert [event.kind for row in network.events(won.id) for event in row.events] == [
        "lead.received",
        "offer.made",
        "offer.accepted",
        "lead.won",
    ]
    network.run_for(days=30)
    network.sweep()
    assert network.mails() == []
    assert send(a_list(WON, header=PAST), mode="past").json()["known"] == 1


def test_the_past_is_in_lists_back_tests_and_reports_and_no_response_time_is_made_up(
    network: World, send: Any
) -> None:
    unknown = WON.replace("08.01.2026 10:00", "").replace("80331", "80333")
    send(a_list(WON, unknown, header=PAST), mode="past", campaign="autumn")
    network.feed()
    shown = network.wiring.read_model.page(LeadFilter(source="list:fair"), network.now)
    assert [(row.owner, row.value, row.campaign) for row in shown.rows] == [
        ("munich-1", "12500", "autumn")
    ] * 2
    leads = [network.lead(lead) for lead in network.lead_ids()]
    history = history_of(leads, {})
    assert [past.outcome and past.outcome.won for past in history] == [True, True]
    assert Record.of(history).won == {"munich-1": 2}
    rules = RuleSet(network.wiring.services.programme, network.wiring.rules.network())
    assert learned(leads, rules).offers == 1
    told = []
    for lead in leads:
        context = network.wiring.leads.context(lead.id)
        rows = network.events(lead.id)
        told.append(report_lead(lead, rows, context, GatheringRules("EUR"), network.now))
    assert {each.source for each in told} == {"list:fair"}
    assert sorted(len(each.offers) for each in told) == [0, 1]
    assert all(each.steps[-1].stage is LeadStage.WON for each in told)
    calls = {offer.contact for each in told for offer in each.offers}
    assert calls == {Kept.VOID}, "nobody knows when the first call was: none was missed"


def test_of_the_past_nobody_says_that_no_partner_took_what_the_list_does_not_tell(
    network: World, send: Any
) -> None:
    rows = (
        f"0{n}.01.2026;10115;boiler;soon;;{said};;;;;" for n, said in ((7, ""), (8, "verloren"))
    )
    send(a_list(*rows, header=PAST), mode="past")
    told = {network.lead(lead).reason: lead for lead in network.lead_ids()}
    network.feed()
    listed = network.desk("hq@example.com").get("/hq/leads").body
    for reason, words in (("unknown", "outcome not known"), ("unnamed", "partner not known")):
        page = network.desk("hq@example.com").get(f"/hq/leads/{told[reason]}").body
        assert "no partner could take it" not in page
        assert "the customer was told" not in page
        assert "the imported list does not say" in page
        assert words in listed
    assert "no partner could take it" not in listed


def test_of_whoever_asked_in_the_past_nothing_is_kept(network: World, send: Any) -> None:
    send(a_list(WON, header=PAST), mode="past")
    assert not [item for item in map(str, network.items()) if "Erika" in item or "posteo" in item]


def test_whatever_a_lead_of_the_past_may_tell_of_somebody_is_erased_in_time(
    network: World, send: Any
) -> None:
    send(a_list(WON, header=PAST), mode="past")
    (lead,) = network.lead_ids()
    services = network.wiring.services
    add_note(services, lead, "Erika called.", "crm", network.now)
    due = network.lead(lead).erase_at
    assert due == months_after(network.now, services.programme.retention.won)
    network.now = due - timedelta(seconds=1)
    network.sweep()
    assert network.lead(lead).status == "won"
    network.now = due
    network.sweep()
    erased = network.lead(lead)
    assert (erased.status, erased.ended, erased.owner) == ("erased", "won", "munich-1")
    assert not [item for item in map(str, network.items()) if "Erika" in item]


def test_what_does_not_fit_together_in_the_past_is_told(send: Any) -> None:
    content = a_list(
        WON.replace("Isar Wärme 1", "Nobody"),
        WON.replace("Isar Wärme 1", ""),
        WON.replace("gewonnen", ""),
        WON.replace("07.01.2026 09:14", ""),
        WON.replace("12500", "much"),
        header=PAST,
    )
    assert wrong(send(content, mode="past")) == {
        "row 2, partner": "unknown_option",
        "row 3, partner": "required",
        "row 4, outcome": "won_or_lost",
        "row 5, asked_at": "required",
        "row 6, value": "invalid_number",
    }

"""The read model: what the leads stream leaves behind, and the lists that are read from it."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing_core.aws.codecs.row_items import row_from_text, row_to_item
from routing_core.aws.tables.dynamo import serialize_item
from routing_core.domain.errors import InvalidInput
from routing_core.domain.lead import Contact, LeadStatus
from routing_core.domain.lead_row import (
    MOST_PARTNERS_IN_ROW,
    CameFrom,
    LeadFilter,
    LeadRow,
    LeadSort,
    lead_row,
)
from routing_core.service.kernel.contact_search import search_keys, typed_search_keys
from routing_core.service.kernel.read_model import LogFilter, Speed
from routing_core.service.kernel.row_store import KeptRow
from tests.benchmarks.requests import billed
from tests.support.builders import NOON, a_lead
from tests.support.hooks import WRITES
from tests.support.stack import dynamo_tables
from tests.support.triggers import Context, table_record
from tests.support.world import World, a_programme, munich

EVERYTHING = LeadFilter()
BERLIN_DAY = date(2026, 11, 25)


def in_state(*states: LeadStatus) -> LeadFilter:
    return LeadFilter(states=frozenset(states))


def ids(world: World, wanted: LeadFilter = EVERYTHING) -> list[str]:
    return [row.id for row in world.read_model.page(wanted, world.now).rows]


def rows_stored(world: World) -> list[dict[str, Any]]:
    """What the table holds, without what only says when the function ran."""
    return world.items("read-model", lambda pk, sk: pk not in ("HEARTBEAT", "MONTHS"))


def records(world: World) -> list[dict[str, Any]]:
    """Everything that the stream has ever brought, as far as it is still there."""
    stored = dynamo_tables()["leads"].all_items()
    return [table_record(item.to_json()["Attributes"], world.now) for item in stored]


def hand_over(world: World, brought: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Records to the function as one batch; gives what it says has failed."""
    from functions.read_model.app import handler

    with world.clock():
        answer = handler({"Records": brought}, Context())
    failures: list[dict[str, str]] = answer["batchItemFailures"]
    return failures


@contextmanager
def requests(world: World) -> Iterator[list[str]]:
    """The calls to DynamoDB, while this is open."""
    made: list[str] = []
    events = world.wiring._dynamo.meta.events

    def note(model: Any, **_: Any) -> None:
        made.append(model.name)

    events.register("provide-client-params.dynamodb", note)
    yield made
    events.unregister("provide-client-params.dynamodb", note)


# ── rows ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_lead_is_on_every_list_that_it_belongs_to(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead = world.post_lead("one", utm_campaign="spring", source="google").json()["lead"]
    model = world.read_model
    everything = model.page(EVERYTHING, world.now)
    assert [row.id for row in everything.rows] == [lead]
    assert (everything.cursor, everything.looked_back_to) == ("", None)
    row = everything.rows[0]
    assert (row.status, row.asked, row.source, row.campaign) == (
        LeadStatus.OFFERED,
        ("munich-1",),
        "google",
        "spring",
    )
    assert model.page(in_state(LeadStatus.OFFERED), world.now).rows == everything.rows
    assert model.page(LeadFilter(partner="munich-1"), world.now).rows == everything.rows
    assert model.by_reference(row.reference.lower()) == everything.rows


def test_a_row_follows_its_lead_from_one_partner_to_the_next_and_to_the_end(world: World) -> None:
    world.use(a_programme(), munich(1), munich(2))
    lead = world.post_lead("one").json()["lead"]
    first = world.lead(lead).offers[0].partner
    assert ids(world, LeadFilter(partner=first)) == [lead]
    world.press(world.offer_link(lead), action="decline", reason="busy")
    second = world.lead(lead).offers[-1].partner
    assert (ids(world, LeadFilter(partner=first)), ids(world, LeadFilter(partner=second))) == (
        [],
        [lead],
    )
    world.press(world.offer_link(lead), action="accept")
    world.press(world.offer_link(lead), action="won", value="1000")
    assert ids(world, in_state(LeadStatus.OFFERED)) == ids(world, in_state(LeadStatus.QUOTED)) == []
    assert ids(world, in_state(LeadStatus.WON)) == ids(world, LeadFilter(partner=second)) == [lead]
    (row,) = world.read_model.page(EVERYTHING, world.now).rows
    assert (row.version, row.owner, row.value) == (world.lead(lead).version, second, "1000")


def test_a_wave_is_on_the_list_of_everybody_who_is_asked_until_one_accepts(world: World) -> None:
    rule = {"window": {"minutes": 120}, "waves": [3], "total": {"working_days": 2}}
    world.use(a_programme(offers=[rule]), *map(munich, range(1, 4)))
    lead = world.post_lead("one").json()["lead"]
    names = [f"munich-{number}" for number in range(1, 4)]
    assert all(ids(world, LeadFilter(partner=name)) == [lead] for name in names)
    world.press(world.offer_link(lead, 2), action="accept")
    owner = world.lead(lead).owner
    assert {name: ids(world, LeadFilter(partner=name)) for name in names} == {
        name: [lead] if name == owner else [] for name in names
    }


def test_a_wave_as_it_was_once_written_leaves_the_list_of_everybody(world: World) -> None:
    rule = {"window": {"minutes": 120}, "waves": [3], "total": {"working_days": 2}}
    world.use(a_programme(offers=[rule]), *map(munich, range(1, 4)))
    lead = world.post_lead("one").json()["lead"]
    (row,) = world.read_model.page(EVERYTHING, world.now).rows
    store, table = world.wiring.row_writes, dynamo_tables()["read-model"]
    store.unlist("*", replace(row, version=row.version + 1))
    for number in range(1, 4):
        store.list_under(f"munich-{number}", row)
    table.put_item(
        serialize_item(row_to_item(KeptRow(row)) | {"listed": ["munich-1", "munich-2", "munich-3"]})
    )
    world.press(world.offer_link(lead, 2), action="accept")
    owner = world.lead(lead).owner
    lists = [ids(world, LeadFilter(partner=f"munich-{number}")) for number in range(1, 4)]
    assert sum(map(len, lists)) == 1
    assert ids(world, LeadFilter(partner=owner or "")) == [lead]


def test_keeping_the_rows_of_a_wave_costs_no_more_than_eight_units(world: World) -> None:
    rule = {"window": {"minutes": 120}, "waves": [10], "total": {"working_days": 2}}
    world.use(a_programme(offers=[rule]), *map(munich, range(1, 11)))
    world.post_lead("warm", email="ada@posteo.de", phone="+4989999981244")
    world.feed()
    lead = world.post_lead("one").json()["lead"]
    assert len(world.lead(lead).live_offers) == 10
    with billed(world) as asked:
        world.feed()
    world.press(world.offer_link(lead, 2), action="accept")
    with billed(world) as accepted:
        world.feed()
    assert asked.units <= 8, asked.lines
    assert accepted.units <= 8, accepted.lines


def test_a_batch_that_ends_before_the_context_reads_it(world: World) -> None:
    world.use(a_programme(), munich(1))
    world.post_lead("one", source="fair")
    (image,) = [each for each in records(world) if each["dynamodb"]["Keys"]["sk"]["S"] == "LEAD"]
    assert hand_over(world, [image]) == []
    (row,) = world.wiring.read_model.page(EVERYTHING, world.now).rows
    assert row.source == "fair"


def test_what_comes_twice_or_in_any_order_leaves_the_same_behind(world: World) -> None:
    world.use(a_programme(), munich(1), munich(2))
    lead = world.post_lead("one").json()["lead"]
    world.feed()
    before = records(world)
    world.press(world.offer_link(lead), action="accept")
    world.press(world.offer_link(lead), action="contacted")
    world.feed()
    as_it_is = rows_stored(world)
    again = before + records(world)
    for seed in range(5):
        random.Random(seed).shuffle(again)
        assert hand_over(world, again) == []
        assert rows_stored(world) == as_it_is


def test_a_failure_at_any_write_is_told_and_the_next_try_leaves_everything_there(
    world: World,
) -> None:
    world.use(a_programme(), munich(1), munich(2))
    lead = world.post_lead("one").json()["lead"]
    world.feed()
    world.press(world.offer_link(lead), action="decline", reason="busy")
    world.press(world.hq_link(lead), action="note", text="Mondays")
    point = world.saved()
    world.feed()
    as_it_is = rows_stored(world)
    failed_at = 0
    while True:
        world.back_to(point)
        brought = records(world)
        with failing_write(world, failed_at) as calls:
            try:
                failures: object = hand_over(world, brought)
            except ClientError as error:
                failures = error  # then all of it comes again
        if calls[0] <= failed_at:
            break
        assert failures, f"write {failed_at} failed and nobody was told"
        assert hand_over(world, brought) == []
        assert rows_stored(world) == as_it_is
        failed_at += 1
    assert failed_at >= 5


@contextmanager
def failing_write(world: World, number: int) -> Iterator[list[int]]:
    """The write with that number fails; yields how many there were."""
    calls = [0]
    events = world.wiring._dynamo.meta.events

    def fail(model: Any, **_: Any) -> None:
        if model.name in WRITES:
            calls[0] += 1
            if calls[0] == number + 1:
                raise ClientError({"Error": {"Code": "InternalServerError"}}, model.name)

    events.register("before-call.dynamodb", fail)
    yield calls
    events.unregister("before-call.dynamodb", fail)


def test_an_image_that_nobody_can_read_holds_up_no_other_lead(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead = world.post_lead("one").json()["lead"]
    broken = table_record({"pk": {"S": "LEAD#broken"}, "sk": {"S": "LEAD"}}, world.now)
    assert hand_over(world, [broken, *records(world)]) == []
    assert ids(world) == [lead]


def test_a_row_with_the_longest_of_everything_fits_into_a_kilobyte() -> None:
    longest = a_lead(
        id="L" + "Z" * 25,
        product="p" * 40,
        urgency="u" * 40,
        region="r" * 40,
        town="ß" * 100,
        reason="r" * 30,
        contact=Contact("Ж" * 200, "a@example.com", "+498999998124", "株" * 200),
        promised_by=NOON,
        accepted_at=NOON,
        contacted_at=NOON,
        finished_at=NOON,
        value="1234567890.12",
        attached_to="L" + "Z" * 25,
    )
    row = replace(
        lead_row(longest, CameFrom("ü" * 30, "ü" * 30), NOON),
        asked=tuple("p" * 40 for _ in range(MOST_PARTNERS_IN_ROW)),
    )
    item = row_to_item(KeptRow(row, search_keys(b"secret", longest.contact)))
    size = sum(len(name) + len(str(value).encode()) for name, value in item.items())
    assert size <= 1024, size
    again = row_from_text(item["row"])
    assert again == replace(row, name=again.name, company=again.company, town="")
    assert again.name
    assert row.name.startswith(again.name)


# ── searches ──────────────────────────────────────────────────────────────────────────────────────


def test_an_exact_address_or_number_finds_all_leads_of_one_person(world: World) -> None:
    world.use(a_programme(), munich(1))
    leads = []
    for name in ("one", "two"):
        leads.append(world.post_lead(name, postcode="80331" if name == "one" else "80333").json())
        world.advance(minutes=1)
    world.post_lead("other", email="ada@posteo.de", phone="+4989999981244")
    secret = world.wiring.contact_secret
    model = world.read_model
    for typed in ("Erika@posteo.de", "089 9999 81230"):
        (key,) = typed_search_keys(secret, typed, ["DE"])
        found = [row.id for row in model.by_contact(key)]
        assert found == [lead["lead"] for lead in reversed(leads)]
    assert model.by_contact("email#" + "0" * 32) == ()


def test_a_text_search_says_how_far_back_it_looked_and_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("routing_core.aws.tables.lead_pages.MOST_LOOKED_AT", 10)
    fill(world, 25, name="Ada Example")
    oldest = stored_row(0, name="Jörg Müller")
    world.wiring.row_writes.keep(KeptRow(oldest))
    wanted = LeadFilter(text="mueller")
    model = world.wiring.read_model
    first = model.page(wanted, world.now)
    assert first.rows == ()
    assert first.looked_back_to == stored_row(16).received_at
    second = model.page(wanted, world.now, cursor=first.cursor)
    third = model.page(wanted, world.now, cursor=second.cursor)
    assert (second.rows, [row.name for row in third.rows]) == ((), ["Jörg Müller"])
    assert (third.cursor, third.looked_back_to) == ("", None)


# ── paging ────────────────────────────────────────────────────────────────────────────────────────


def stored_row(number: int, **changes: Any) -> LeadRow:
    """A row received so many minutes after the first of October."""
    received_at = NOON.replace(month=10, day=1) + timedelta(hours=9 * number)
    lead = a_lead(id=f"L{number:08d}", received_at=received_at)
    return replace(lead_row(lead, CameFrom(), NOON), **changes)


def fill(world: World, count: int, **changes: Any) -> list[LeadRow]:
    rows = [stored_row(number, **changes) for number in range(1, count + 1)]
    for row in rows:
        world.wiring.row_writes.keep(KeptRow(row))
    return rows


BY_RECEIPT = (LeadSort.NEWEST, LeadSort.OLDEST)


@pytest.mark.parametrize("sort", BY_RECEIPT)
@pytest.mark.parametrize("wanted", [EVERYTHING, in_state(LeadStatus.OFFERED)])
def test_pages_together_are_the_list_in_order_over_months_and_shards(
    world: World, sort: LeadSort, wanted: LeadFilter
) -> None:
    rows = fill(world, 130)
    found: list[LeadRow] = []
    cursor = ""
    while True:
        page = world.wiring.read_model.page(wanted, world.now, sort, cursor, 30)
        found += page.rows
        cursor = page.cursor
        if not cursor:
            break
        assert page.looked_back_to == page.rows[-1].received_at
    assert found == (rows if sort is LeadSort.OLDEST else rows[::-1])


def test_a_list_keeps_within_the_instants_that_were_asked_for(world: World) -> None:
    rows = fill(world, 130)
    wanted = LeadFilter(received_from=rows[40].received_at, received_to=rows[80].received_at)
    for asked in (wanted, replace(wanted, states=frozenset({LeadStatus.OFFERED}))):
        page = world.wiring.read_model.page(asked, world.now, LeadSort.OLDEST, limit=200)
        assert list(page.rows) == rows[40:80]
        page = world.wiring.read_model.page(asked, world.now, limit=200)
        assert list(page.rows) == rows[40:80][::-1]


@pytest.fixture
def empty(world: World) -> Any:
    return world.saved()


HAPPENINGS = st.sampled_from(["arrives", "is_imported", "is_accepted", "is_taken_back", "nothing"])


@pytest.mark.slow
@given(
    sort=st.sampled_from(BY_RECEIPT),
    by_state=st.booleans(),
    limit=st.integers(1, 7),
    happenings=st.lists(st.tuples(HAPPENINGS, st.integers(1, 24)), min_size=20, max_size=40),
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_paging_neither_skips_nor_repeats_while_leads_arrive_and_change(
    world: World,
    empty: Any,
    sort: LeadSort,
    by_state: bool,
    limit: int,
    happenings: list[tuple[str, int]],
) -> None:
    world.back_to(empty)
    rows = {row.id: row for row in fill(world, 24)}
    there_from_the_first = set(rows)
    states = (LeadStatus.OFFERED, LeadStatus.ACCEPTED)
    wanted = in_state(*states) if by_state else EVERYTHING
    model, store = world.wiring.read_model, world.wiring.row_writes
    seen: list[LeadRow] = []
    cursor = ""
    for happening, number in happenings:
        page = model.page(wanted, world.now, sort, cursor, limit)
        seen += page.rows
        cursor = page.cursor
        if not cursor:
            break
        row = rows[f"L{number:08d}"]
        match happening:
            case "arrives":
                new = stored_row(100 + len(rows))
                rows[new.id] = new
                store.keep(KeptRow(new))
            case "is_imported":
                between = replace(row, id=f"I{len(rows)}")
                rows[between.id] = between
                store.keep(KeptRow(between))
            case "is_accepted" | "is_taken_back":
                changed = replace(
                    row, version=row.version + 1, status=states[happening == "is_accepted"]
                )
                rows[row.id] = changed
                store.keep(KeptRow(changed))
    positions = [row.position for row in seen]
    assert positions == sorted(set(positions), reverse=sort is LeadSort.NEWEST)
    if not cursor:
        assert there_from_the_first <= {row.id for row in seen}


def test_a_first_page_is_one_query_a_shard_and_nothing_else(world: World) -> None:
    first = world.now.replace(day=1)
    for number in range(600):
        row = replace(stored_row(number), received_at=first + timedelta(minutes=number))
        world.wiring.row_writes.keep(KeptRow(row))
        world.wiring.row_writes.list_under("munich-1", row)
    model = world.wiring.read_model
    for wanted, most in [
        (EVERYTHING, 4),
        (in_state(LeadStatus.OFFERED), 4),
        (LeadFilter(partner="munich-1"), 2),
        (LeadFilter(product="heat-pump", region=""), 4),
    ]:
        with requests(world) as made:
            page = model.page(wanted, world.now)
        assert len(page.rows) == 50
        assert made == ["Query"] * most


@pytest.mark.parametrize("cursor", ["x", "MjAyNg", "!!!!", "A" * 500, "ü"])
def test_a_cursor_that_no_page_gave_is_refused(world: World, cursor: str) -> None:
    for ask in (
        lambda: world.wiring.read_model.page(EVERYTHING, world.now, cursor=cursor),
        lambda: world.wiring.read_model.log(LogFilter(), cursor),
    ):
        with pytest.raises(InvalidInput):
            ask()


def test_leads_are_counted_by_state_as_far_as_was_asked_for(world: World) -> None:
    fill(world, 30)
    world.wiring.row_writes.keep(KeptRow(stored_row(99, status=LeadStatus.WON)))
    states = (LeadStatus.OFFERED, LeadStatus.WON, LeadStatus.LOST)
    counted = world.wiring.read_model.states(states, EVERYTHING)
    assert [counted[state].count for state in states] == [30, 1, 0]
    few = world.wiring.read_model.states([LeadStatus.OFFERED], EVERYTHING, most=8)[
        LeadStatus.OFFERED
    ]
    assert few.more
    assert few.count <= 8


# ── days and the log ──────────────────────────────────────────────────────────────────────────────


def test_a_day_counts_each_thing_once_whatever_comes_again(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead = world.post_lead("one").json()["lead"]
    world.press(world.offer_link(lead), action="accept")
    world.advance(minutes=30)
    world.press(world.offer_link(lead), action="contacted")
    world.feed()
    hand_over(world, records(world))
    (day,) = world.read_model.days(BERLIN_DAY, BERLIN_DAY)
    assert (day.received, day.placed_alone, day.accepted) == (1, 1, 1)
    assert day.contacted == {Speed.HOUR: 1}


def test_a_contact_that_was_undone_is_no_contact(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead = world.post_lead("one").json()["lead"]
    world.press(world.offer_link(lead), action="accept")
    world.press(world.offer_link(lead), action="contacted")
    assert world.read_model.days(BERLIN_DAY, BERLIN_DAY)[0].contacted == {Speed.HOUR: 1}
    world.press(world.offer_link(lead), action="undo")
    assert world.lead(lead).contacted_at is None
    assert world.read_model.days(BERLIN_DAY, BERLIN_DAY)[0].contacted == {}


def test_what_hq_placed_was_not_placed_alone(world: World) -> None:
    world.use(a_programme())
    lead = world.post_lead("one").json()["lead"]
    world.add(munich(1))
    world.press(world.hq_link(lead), action="assign", partner="munich-1")
    (day,) = world.read_model.days(BERLIN_DAY, BERLIN_DAY)
    assert (day.received, day.placed_alone) == (1, 0)


def test_days_begin_at_midnight_where_the_programme_is_and_stay_when_they_are_over(
    world: World,
) -> None:
    world.use(a_programme(), munich(1))
    world.now = world.now.replace(hour=22, minute=59)
    world.post_lead("one")
    world.advance(minutes=2)
    world.post_lead("two", email="ada@posteo.de", phone="+4989999981244")
    world.feed()
    next_day = BERLIN_DAY + timedelta(days=1)
    days = world.read_model.days(BERLIN_DAY, next_day)
    assert [day.received for day in days] == [1, 1]
    world.advance(days=4)
    world.sweep()
    later = world.read_model.days(BERLIN_DAY, BERLIN_DAY + timedelta(days=4))
    assert [(day.day, day.received) for day in later][:2] == [(BERLIN_DAY, 1), (next_day, 1)]
    # What single leads did is forgotten after a while: the totals are a row of their own.
    table = dynamo_tables()["read-model"]
    for item in [each for each in table.all_items() if each.hash_key.value.startswith("DAY#")]:
        del table.items[item.hash_key][item.range_key]
    again = world.read_model.days(BERLIN_DAY, BERLIN_DAY + timedelta(days=4))
    assert again == later


def test_the_log_tells_what_people_and_machines_of_hq_did_the_newest_first(world: World) -> None:
    world.use(a_programme(), munich(1), munich(2))
    lead = world.post_lead("one").json()["lead"]
    world.press(world.offer_link(lead), action="decline", reason="busy")
    world.press(world.hq_link(lead), action="note", text="Erika likes Mondays")
    world.advance(minutes=1)
    world.press(world.hq_link(lead), action="assign", partner="munich-1")
    log = world.read_model.log(LogFilter())
    assert [entry.kind for entry in log.entries] == ["lead.assigned", "lead.noted"]
    assert {entry.lead for entry in log.entries} == {lead}
    assert all(entry.by.startswith("link:") for entry in log.entries)
    assert log.entries[0].partner == "munich-1"
    first = world.read_model.log(LogFilter(), limit=1)
    second = world.read_model.log(LogFilter(), first.cursor, limit=1)
    assert (*first.entries, *second.entries) == log.entries
    assert world.read_model.log(LogFilter(by="somebody else")).entries == ()
    assert "Mondays" not in repr(world.items("read-model"))


# ── how far it has come ───────────────────────────────────────────────────────────────────────────


def test_it_is_up_to_date_while_nothing_happens_but_not_when_nothing_comes_through(
    world: World,
) -> None:
    world.use(a_programme())
    assert world.wiring.read_model.lag(world.now) == timedelta(0)
    world.sweep()
    assert world.read_model.lag(world.now) == timedelta(0)
    assert world.read_model.lag(world.now + timedelta(minutes=5)) == timedelta(0)
    silent = timedelta(minutes=6)
    assert world.read_model.lag(world.now + silent) == silent


def test_it_says_how_far_it_is_behind_while_it_catches_up(world: World) -> None:
    world.use(a_programme(), munich(1))
    world.post_lead("one")
    old = records(world)
    world.advance(seconds=40)
    hand_over(world, old)
    assert world.wiring.read_model.lag(world.now) == timedelta(seconds=40)
    world.advance(seconds=16)
    assert world.wiring.read_model.lag(world.now) == timedelta(0)


# ── erasure ───────────────────────────────────────────────────────────────────────────────────────


def test_erasing_takes_who_asked_out_of_every_row_and_leaves_what_is_counted(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead = world.post_lead("one", company="Beispiel GmbH", source="fair").json()["lead"]
    world.press(world.offer_link(lead), action="accept")
    secret = world.wiring.contact_secret
    (key,) = typed_search_keys(secret, "erika@posteo.de", ["DE"])
    assert len(world.read_model.by_contact(key)) == 1
    world.press(world.hq_link(lead), action="erase")
    model = world.read_model
    assert model.by_contact(key) == ()
    assert ids(world, in_state(LeadStatus.ERASED)) == ids(world) == [lead]
    assert model.days(BERLIN_DAY, BERLIN_DAY)[0].received == 1
    stored = repr(world.items("read-model"))
    for told in ("Erika", "Beispiel", "posteo", "9999981230", key, "fair"):
        assert told not in stored


def test_a_row_is_written_once_more_only_over_a_lower_version(world: World) -> None:
    store = world.wiring.row_writes
    row = stored_row(1, version=5)
    store.keep(KeptRow(row))
    store.keep(KeptRow(replace(row, version=4, status=LeadStatus.WON)))
    store.list_under("p1", row)
    store.unlist("p1", replace(row, version=5))
    model = world.wiring.read_model
    assert model.page(EVERYTHING, world.now).rows == (row,)
    assert model.page(LeadFilter(partner="p1"), world.now).rows == (row,)
    store.unlist("p1", replace(row, version=6))
    assert model.page(LeadFilter(partner="p1"), world.now).rows == ()
    item = row_to_item(KeptRow(row))
    assert serialize_item(item)["version"] == {"N": "5"}

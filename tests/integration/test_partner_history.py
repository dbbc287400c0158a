"""What changed in a partner's profile is kept with who did it; and two more for a while."""

from dataclasses import replace
from datetime import date
from urllib.parse import urlsplit

import pytest

from routing_core.aws.codecs.change_items import CHANGES_KEPT
from routing_core.aws.tables import long_import, partners_table
from routing_core.domain.partner import Caps, ExtraOpen
from routing_core.domain.partner_history import BY_PARTNER, LINKS, FieldChange, ProfileChange
from routing_core.service.offers.take_more import take_more
from tests.integration.test_hq import Hq
from tests.integration.test_partner_lists import on_the_desk, send
from tests.support.world import World, a_programme, munich

UNTIL_SUNDAY = ExtraOpen(2, date(2026, 11, 29))


@pytest.fixture
def hq(world: World) -> Hq:
    world.use(a_programme(), munich(1, caps=Caps(open=1)), munich(2))
    return Hq(world)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two partners fill a transaction."""
    for module in (long_import, partners_table):
        monkeypatch.setattr(module, "PER_TRANSACTION", 2)


def history(hq: Hq, partner: str = "munich-1") -> tuple[ProfileChange, ...]:
    return hq.world.wiring.partners.history(partner)


def test_a_partner_of_hqs_begins_its_history_with_the_save_that_made_it(hq: Hq) -> None:
    (first,) = history(hq)
    assert (first.version, first.at, first.fields) == (1, hq.world.now, ())


def test_each_save_says_who_changed_what_the_newest_first(hq: Hq) -> None:
    hq("PUT", "/v1/partners/munich-1", {"name": "Isar GmbH", "territories": ["DE 80*", "DE 81*"]})
    on_the_desk(hq, "munich-1", "pause")
    paused, renamed, _ = history(hq)
    assert renamed.by == "first"
    assert renamed.fields == (
        FieldChange("name", "Isar Wärme 1", "Isar GmbH"),
        FieldChange("territories", [], ["DE 81*"]),
    )
    assert paused.by == BY_PARTNER
    assert paused.fields == (FieldChange("paused", False, True),)


def test_the_profile_says_who_paused_it_until_it_is_resumed(hq: Hq) -> None:
    on_the_desk(hq, "munich-1", "pause")
    hq("PUT", "/v1/partners/munich-1", {"name": "Isar GmbH"})
    known = hq.world.wiring.partners.get("munich-1")
    assert known
    assert known.paused_by == BY_PARTNER
    on_the_desk(hq, "munich-1", "resume")
    known = hq.world.wiring.partners.get("munich-1")
    assert known
    assert known.paused_by == ""


def test_that_links_were_ended_is_told_without_any_number(hq: Hq) -> None:
    hq("POST", "/v1/partners/munich-1/revoke", {})
    assert history(hq)[0].fields == (FieldChange(LINKS),)


def test_a_list_says_in_every_history_whose_key_sent_it(hq: Hq) -> None:
    send(hq, "id;name;email;territories;products\nmunich-1;Neu;a@b.example;DE 80*;boiler\n")
    assert history(hq)[0].by == "first"
    assert {each.field for each in history(hq)[0].fields} >= {"name", "contact.email", "products"}


@pytest.mark.usefixtures("small")
def test_a_list_too_long_for_one_transaction_keeps_its_history_too(hq: Hq) -> None:
    hq.world.add(munich(3), munich(4))
    rows = [f"munich-{n};Neu {n};m{n}@b.example;DE 80*;boiler" for n in range(1, 5)]
    send(hq, "id;name;email;territories;products\n" + "\n".join(rows))
    for number in range(1, 5):
        change = history(hq, f"munich-{number}")[0]
        assert change.by == "first"
        assert FieldChange("name", f"Isar Wärme {number}", f"Neu {number}") in change.fields


def test_the_last_changes_are_kept_and_no_more(hq: Hq) -> None:
    for number in range(CHANGES_KEPT + 3):
        hq("PUT", "/v1/partners/munich-1", {"name": f"Isar {number}"})
    kept = history(hq)
    assert [each.version for each in kept] == list(range(CHANGES_KEPT + 4, 4, -1))
    assert len(hq.world.items("partners", lambda pk, sk: pk.endswith("munich-1"))) == 22


def test_a_save_that_loses_the_race_leaves_no_row(hq: Hq) -> None:
    known = hq.world.wiring.partners.get("munich-1")
    assert known
    hq("PUT", "/v1/partners/munich-1", {"name": "First"})
    with pytest.raises(Exception, match="changed by somebody else"):
        hq.world.wiring.partners.save([(replace(known, name="Second"), 1)], hq.world.now)
    assert len(history(hq)) == 2


# ── two more, for a while ─────────────────────────────────────────────────────────────────────────


def test_a_full_partner_who_takes_two_more_gets_the_next_enquiry(hq: Hq) -> None:
    world = hq.world
    world.use(a_programme(), munich(3, caps=Caps(open=1), tier=1))
    world.post_lead("one")
    take_more(world.wiring.services, "munich-3", UNTIL_SUNDAY, world.now, "link:abc")
    world.deliver()
    for key in ("two", "three", "four"):
        world.post_lead(key, email=f"{key}@example.com", phone="")
    owners = [world.lead(each).offers[0].partner for each in world.lead_ids()]
    assert owners.count("munich-3") == 3, "its one place and the two more"
    assert world.load("munich-3").open_count == 3


def test_after_the_last_day_the_cap_holds_again(hq: Hq) -> None:
    world = hq.world
    world.use(a_programme(), munich(3, caps=Caps(open=0), tier=1))
    take_more(world.wiring.services, "munich-3", UNTIL_SUNDAY, world.now)
    world.deliver()
    world.advance(days=5)
    world.post_lead("one")
    (lead_id,) = world.lead_ids()
    assert world.lead(lead_id).offers[0].partner != "munich-3"


def test_taking_more_twice_is_no_more_than_once_and_takes_nothing_away(hq: Hq) -> None:
    services, now = hq.world.wiring.services, hq.world.now
    take_more(services, "munich-1", ExtraOpen(3, date(2026, 11, 26)), now)
    for _ in range(2):
        known = take_more(services, "munich-1", UNTIL_SUNDAY, now)
    assert known.extra_open == ExtraOpen(3, date(2026, 11, 29))
    assert known.version == 3


def test_a_list_leaves_two_more_as_they_are_unless_it_says_so(hq: Hq) -> None:
    take_more(hq.world.wiring.services, "munich-1", UNTIL_SUNDAY, hq.world.now)
    listed = hq("GET", "/v1/partners", Accept="text/csv").body
    send(hq, listed)
    known = hq.world.wiring.partners.get("munich-1")
    assert known
    assert known.extra_open == UNTIL_SUNDAY
    row = "id;name;email;territories;products;extra_open\nmunich-1;Isar;a@b.example;DE 80*;boiler;"
    send(hq, f"{row}none\n")
    known = hq.world.wiring.partners.get("munich-1")
    assert known
    assert known.extra_open is None


@pytest.mark.parametrize(
    "wrong", ["two until friday", "0 until 2026-12-01", "2 until 2030-01-01", "2", "=2 until x"]
)
def test_what_cannot_be_two_more_is_named_with_its_cell(hq: Hq, wrong: str) -> None:
    row = f"id;name;email;territories;products;extra_open\na;A;a@b.example;DE 80*;boiler;{wrong}\n"
    answer = hq("POST", "/v1/partners/import", row, "csv")
    assert answer.status == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["row 2, extra_open"]


def test_the_desk_shows_the_cap_with_the_two_more(hq: Hq) -> None:
    world = hq.world
    take_more(world.wiring.services, "munich-1", UNTIL_SUNDAY, world.now)
    page = world.http("GET", urlsplit(world.wiring.links.desk("munich-1", 1)).path).body
    assert "0 von höchstens 3 Anfragen" in page

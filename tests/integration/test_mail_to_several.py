"""A mail to several readers: whoever has had it gets it no more, whatever keeps the others waiting."""

import re
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from routing_core.aws.tables.mail_rows import MailRows
from routing_core.domain.errors import Conflict
from routing_core.domain.events import LeadExhausted
from routing_core.service.kernel.mail_ports import MailTry, PostedMail
from tests.faults.calls import Killed
from tests.support.builders import NOON
from tests.support.mail_service import (
    PAUSED,
    SANDBOX,
    TOO_FAST,
    mail_moves_again,
    ses_says,
    waiting_mail,
)
from tests.support.world import ENQUIRY, World, a_programme, munich

FIRST, SECOND, THIRD = (f"{name}@hq.example.com" for name in ("ada", "ben", "cleo"))
BOSS = "boss@example.com"
MINUTES = timedelta(minutes=1)
LONGER: dict[str, Any] = {"window": {"response_hours": 4}, "total": {"working_days": 5}}
LEAD_LINK = re.compile(r"/leads/([\w-]+)")
NOWHERE = {"postcode": "25980"}
"""A place where nobody works: HQ is alerted."""


@pytest.fixture
def three(world: World) -> World:
    """Three people at HQ, who all get its mails."""
    world.use(a_programme(hq={"emails": [FIRST, SECOND, THIRD], "digests": []}), munich(1))
    return world


def each_has(world: World, *readers: str) -> list[int]:
    """How many mails each of them has."""
    return [len(world.mails(reader)) for reader in readers]


def alert(world: World, key: str = "one") -> str:
    """Nobody works there; gives the lead."""
    lead: str = world.post_lead(key, **NOWHERE).json()["lead"]
    world.deliver()
    return lead


def alert_key(world: World, lead: str) -> str:
    (found,) = (
        row.event_id(place)
        for row in world.events(lead)
        for place, event in enumerate(row.events)
        if isinstance(event, LeadExhausted)
    )
    return f"{found}#hq#alert"


def test_while_one_waits_for_days_the_others_get_it_once(three: World) -> None:
    with ses_says(*SANDBOX, to=SECOND) as asked:
        lead = alert(three)
        for _ in range(40):
            mail_moves_again(three, 15 * MINUTES)
        assert each_has(three, FIRST, SECOND, THIRD) == [1, 0, 1], "the third is not kept waiting"
        assert asked[0] > 20, "it is tried again all the time"
    mail_moves_again(three, 15 * MINUTES)
    assert each_has(three, FIRST, SECOND, THIRD) == [1, 1, 1]
    noted = three.wiring.sent_mails.noted([alert_key(three, lead)])[alert_key(three, lead)]
    assert len(set(noted.posted.messages)) == 3
    assert noted.at == NOON, "it left when the first got it"
    assert waiting_mail(three) == []
    mail_moves_again(three)
    assert each_has(three, FIRST, SECOND, THIRD) == [1, 1, 1]


def test_what_hinders_all_mails_ends_the_try_and_the_rest_get_theirs_the_next_time(
    three: World,
) -> None:
    with ses_says(*TOO_FAST, to=SECOND) as asked:
        alert(three)
        assert (each_has(three, FIRST, SECOND, THIRD), asked[0]) == ([1, 0, 0], 1)
    mail_moves_again(three, MINUTES)
    assert each_has(three, FIRST, SECOND, THIRD) == [1, 1, 1]


def told_again(world: World, kind: str = "lead.exhausted") -> None:
    """The queue brings the event's message once more."""
    world.tell(next(each for each in reversed(world.published) if each["DetailType"] == kind))


def test_after_an_unknown_error_the_rest_get_theirs_and_nobody_gets_theirs_twice(
    three: World,
) -> None:
    with ses_says("InternalFailure", "?", to=SECOND), pytest.raises(BatchProcessingError):
        alert(three)
    assert each_has(three, FIRST, SECOND, THIRD) == [1, 0, 0]
    told_again(three)
    told_again(three)
    assert each_has(three, FIRST, SECOND, THIRD) == [1, 1, 1]


def test_whoever_dies_on_the_way_is_followed_from_where_they_stood(three: World) -> None:
    note_reader = MailRows.note_reader

    def dies(rows: MailRows, mail: MailTry, reader: str) -> None:
        note_reader(rows, mail, reader)
        raise Killed

    with patch.object(MailRows, "note_reader", dies), pytest.raises(Killed):
        alert(three)
    assert each_has(three, FIRST, SECOND, THIRD) == [1, 0, 0]
    with pytest.raises(BatchProcessingError):
        told_again(three)
    assert each_has(three, FIRST, SECOND, THIRD) == [1, 0, 0], "the dead one's lease is alive"
    three.now += 2 * MINUTES
    told_again(three)
    assert each_has(three, FIRST, SECOND, THIRD) == [1, 1, 1]


def test_who_took_too_long_takes_nothing_from_those_who_followed(three: World) -> None:
    rows = three.wiring.sent_mails
    slow = rows.lease("a mail", NOON)
    assert slow is not None
    follower = rows.lease("a mail", NOON + 2 * MINUTES)
    assert follower is not None
    rows.release(slow)
    with pytest.raises(Conflict):
        rows.lease("a mail", NOON + 2 * MINUTES)
    rows.sent("a mail", PostedMail(("one",)), NOON)
    rows.release(slow)
    rows.release(follower)
    assert rows.lease("a mail", NOON + 9 * MINUTES) is None


def test_a_partner_whom_mail_does_not_reach_yet_keeps_nobody_else_from_theirs(
    three: World,
) -> None:
    lead = three.post_lead().json()["lead"]
    three.deliver()
    with ses_says(*SANDBOX, to=munich(1).contact.email):
        three.press(three.offer_link(lead), action="accept")
        three.deliver()
    told = [str(each["Subject"]) for each in three.mails(str(ENQUIRY["email"]))]
    assert len(told) == 2, "the receipt, and who it is"
    assert each_has(three, FIRST, SECOND, THIRD) == [1, 1, 1]
    mail_moves_again(three, 15 * MINUTES)
    assert len(three.mails(munich(1).contact.email)) == 2
    assert each_has(three, FIRST, SECOND, THIRD) == [1, 1, 1]


def test_a_link_for_everybody_at_hq_reaches_all_whom_mail_reaches(three: World) -> None:
    event = {"kind": "hq.link_requested", "person": "", "event": "2026-11-25T12Z"}
    three.wiring.bus.publish((), [("hq.link_requested", event)])
    with ses_says(*SANDBOX, to=FIRST):
        three.deliver()
    assert each_has(three, FIRST, SECOND, THIRD) == [0, 1, 1]
    mail_moves_again(three, MINUTES)
    assert each_has(three, FIRST, SECOND, THIRD) == [1, 1, 1]


# ── digests ───────────────────────────────────────────────────────────────────────────────────────


def digest(world: World, *keys: str) -> None:
    """Leads that partners take and HQ hears of in the digest of 13:00, an hour later."""
    for key in keys:
        lead = world.post_lead(key, email=f"{key}@posteo.de", phone="").json()["lead"]
        world.deliver()
        world.press(world.offer_link(lead), action="accept")
        world.deliver()


def told_in(world: World, reader: str) -> list[int]:
    """How many leads each mail to a reader tells of."""
    bodies = [each.get_body(("plain",)) for each in world.mails(reader)]
    return [len(set(LEAD_LINK.findall(body.get_content()))) for body in bodies if body]


def test_a_digest_that_one_cannot_get_reaches_the_others_once_and_them_later(
    world: World,
) -> None:
    world.use(a_programme(hq={"emails": [FIRST, SECOND], "digests": ["13:00"]}), munich(1))
    digest(world, "one", "two")
    world.now += 61 * MINUTES
    with ses_says(*SANDBOX, to=FIRST):
        for _ in range(3):
            world.sweep()
            world.now += 5 * MINUTES
        assert each_has(world, FIRST, SECOND) == [0, 1]
    world.sweep()
    world.sweep()
    assert each_has(world, FIRST, SECOND) == [1, 1]
    assert told_in(world, FIRST) == told_in(world, SECOND) == [2]


def test_what_came_to_a_digest_while_one_waited_is_missed_by_nobody(world: World) -> None:
    world.use(a_programme(hq={"emails": [FIRST, SECOND], "digests": ["13:00"]}), munich(1))
    digest(world, "one")
    (slot,) = world.wiring.digests.due(world.now + timedelta(hours=2))
    (line,) = world.wiring.digests.held(slot.name)
    digest(world, "two")
    later = next(each for each in world.wiring.digests.held(slot.name) if each != line)
    world.wiring.digests.flushed(slot, [later])
    world.wiring.digests.hold(slot, line)
    world.now += 61 * MINUTES
    with ses_says(*SANDBOX, to=FIRST):
        world.sweep()
    world.wiring.digests.hold(slot, later)
    world.sweep()
    world.sweep()
    assert told_in(world, FIRST) == told_in(world, SECOND) == [1, 1]


def test_a_digest_that_waits_is_no_error(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.use(a_programme(hq={"emails": [FIRST, SECOND], "digests": ["13:00"]}), munich(1))
    digest(world, "one")
    world.now += 61 * MINUTES
    with ses_says(*PAUSED):
        world.sweep()
    assert "a digest waits" in caplog.messages
    assert [each for each in caplog.records if each.levelname == "ERROR"] == []

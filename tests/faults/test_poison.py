"""One in ten is poison, at every hop: nine are done once, the tenth waits where somebody sees it,
and when its cause is mended it is done too, without anything else happening twice.
"""

import json
from collections import Counter
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from routing_core.aws.codecs.lead_items import lead_to_item
from routing_core.aws.codecs.partner_items import profile_key
from routing_core.aws.tables.dynamo import serialize_item
from routing_core.domain.errors import NewerData
from routing_core.domain.lead import Deadline, DeadlineKind, LeadStatus
from routing_core.service.kernel.mail_ports import Mail
from routing_core.service.upkeep.sweep import sweep
from tests.faults.conftest import FULL, told_at_the_end
from tests.faults.deliveries import WHATEVER, short_letter
from tests.faults.state import mails
from tests.support.builders import NOON, a_lead
from tests.support.invariants import NOTHING, check, look
from tests.support.triggers import Context, queue_message
from tests.support.world import World, a_programme, munich

TEN = 10


def ten_leads(world: World, **fields: Any) -> list[str]:
    world.use(a_programme(), *(munich(n) for n in (1, 2, 3)))
    posts = [
        world.post_lead(f"k{n}", email=f"p{n}@posteo.de", phone="", **fields).json()
        for n in range(TEN)
    ]
    return [post["lead"] for post in posts]


def spoil(world: World, lead: str) -> Any:
    """Makes the lead's item one that cannot be read; returns what it was."""
    key = {"pk": {"S": f"LEAD#{lead}"}, "sk": {"S": "LEAD"}}
    client = world.wiring._dynamo
    whole = client.get_item(TableName="leads", Key=key)["Item"]
    client.put_item(TableName="leads", Item=whole | {"deadlines": {"L": [{"S": "rubbish"}]}})
    return whole


def mend(world: World, whole: Any) -> None:
    world.wiring._dynamo.put_item(TableName="leads", Item=whole)


def test_the_stream_a_record_that_nobody_can_read_holds_up_nobody(world: World) -> None:
    ten_leads(world)
    rows = world.rows()
    from routing_core.aws.codecs import event_items

    read = event_items.event_from_item

    def spoilt(item: Any) -> Any:
        if item["pk"] == f"LEAD#{rows[4].lead}":
            raise KeyError("facts")
        return read(item)

    with patch("functions.outbox.commits.event_from_item", spoilt):
        World.stream(world, *rows)
    told = Counter(json.loads(entry["Detail"])["lead"] for entry in world.published)
    assert (len(told), rows[4].lead in told, set(told.values())) == (TEN - 1, False, {2})
    World.stream(world, rows[4])
    assert Counter(json.loads(entry["Detail"])["lead"] for entry in world.published) == told | {
        rows[4].lead: 2
    }


def test_the_stream_a_record_that_the_bus_refuses_comes_again_alone(world: World) -> None:
    ten_leads(world)
    rows = world.rows()
    client = world.wiring.bus._client
    put = client.put_events

    def refuse(Entries: Any) -> Any:
        if rows[4].lead in Entries[0]["Detail"]:
            return {"Entries": [{"ErrorCode": "InternalFailure"}] * len(Entries)}
        return put(Entries=Entries)

    with patch.object(client, "put_events", refuse):
        answer = World.stream(world, *rows)
    assert [each["itemIdentifier"] for each in answer["batchItemFailures"]] == [
        f"{rows[4].lead}-000001"
    ]
    assert len(world.published) == 2 * (TEN - 1)


def test_the_queue_of_mails_a_mail_that_cannot_be_written_comes_again_alone_and_leaves_once(
    world: World,
) -> None:
    from functions.notify.app import handler

    leads = ten_leads(world)
    World.stream(world, *world.rows())
    offers = [entry for entry in world.published if entry["DetailType"] == "offer.made"]
    records = [
        queue_message(
            {
                "id": f"m{n}",
                "source": e["Source"],
                "detail-type": e["DetailType"],
                "detail": json.loads(e["Detail"]),
            }
        )
        for n, e in enumerate(offers)
    ]

    def writer(view: Any) -> Mail:
        if view.lead.id == leads[4]:
            raise ValueError("no words for this")
        return short_letter(view)

    with world.clock(), patch("functions.notify.app.render_mail", writer):
        for _ in range(5):
            answer = handler({"Records": records}, Context())
    failed = {each["itemIdentifier"] for each in answer["batchItemFailures"]}
    assert failed == {f"m{n}" for n, e in enumerate(offers) if leads[4] in e["Detail"]}
    assert len(world.mails()) == TEN - 1
    with world.clock(), patch("functions.notify.app.render_mail", short_letter):
        handler({"Records": records}, Context())  # mended and redriven, all of them
    assert len(mails(world)) == TEN
    assert set(mails(world).values()) == {1}


def test_the_mail_services_word_that_nobody_can_read_comes_again_alone_and_the_others_are_noted(
    world: World,
) -> None:
    from functions.notify.app import handler

    world.use(a_programme(), *(munich(n) for n in range(TEN)))

    def told(n: int, recipient: dict[str, str]) -> dict[str, Any]:
        bounce = {"bounceType": "Permanent", "bouncedRecipients": [recipient]}
        detail = {"mail": {"tags": {"partner": [f"munich-{n}"]}}, "bounce": bounce}
        return queue_message(
            {"id": f"m{n}", "source": "aws.ses", "detail-type": "Email Bounced", "detail": detail}
        )

    addresses = [{"emailAddress": f"munich-{n}@example.com"} for n in range(TEN)]
    records = [told(n, {} if n == 4 else address) for n, address in enumerate(addresses)]
    records.append({**records[0], "messageId": "rubbish", "body": "no JSON"})
    with world.clock():
        for _ in range(5):
            answer = handler({"Records": records}, Context())
    assert {each["itemIdentifier"] for each in answer["batchItemFailures"]} == {"m4", "rubbish"}
    noted = {p.id: (p.bounced, p.version) for p in world.wiring.partners.all()}
    assert noted == {f"munich-{n}": (False, 1) if n == 4 else (True, 2) for n in range(TEN)}, (
        "once, though told often"
    )
    records[4] = told(4, addresses[4])
    with world.clock():
        handler({"Records": records}, Context())  # mended and redriven, the others with it
    world.deliver()
    assert {(p.bounced, p.version) for p in world.wiring.partners.all()} == {(True, 2)}


def _spoilt_profile(world: World, **changes: Any) -> Any:
    """Ten partners are saved, and of one of them something that is no profile; returns what it
    was.
    """
    world.use(a_programme(), munich(0))
    world.wiring.partners.save([(munich(n), None) for n in range(1, TEN)], world.now)
    client = world.wiring._dynamo
    whole = client.get_item(TableName="partners", Key=serialize_item(profile_key("munich-4")))[
        "Item"
    ]
    client.put_item(
        TableName="partners", Item=whole | {"profile": {"M": whole["profile"]["M"] | changes}}
    )
    return whole


def _covering(world: World) -> set[str]:
    return set(world.wiring.rules.network().partners)


@pytest.mark.parametrize(
    "rubbish", [{"version": {"S": "x"}}, {"contact": {"S": "x"}}, {"territories": {"N": "7"}}]
)
def test_the_network_a_profile_that_nobody_can_read_holds_up_nobody_and_an_alarm_tells(
    world: World, rubbish: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = _spoilt_profile(world, **rubbish)
    World.hear_of_partners(world)
    everybody = {f"munich-{n}" for n in range(TEN)}
    assert _covering(world) == everybody - {"munich-4"}
    assert '"UnreadableProfiles"' in capsys.readouterr().out
    told = len(world.published)
    world.wiring._dynamo.put_item(TableName="partners", Item=whole)
    known = world.wiring.partners.get("munich-1")
    assert known
    world.wiring.partners.save([(known, 1)], world.now)
    World.hear_of_partners(world)
    assert _covering(world) == everybody
    assert [json.loads(each["Detail"])["partners"] for each in world.published[told:]] == [
        ["munich-1"]
    ]
    assert '"UnreadableProfiles"' not in capsys.readouterr().out


def test_the_network_a_profile_of_newer_code_waits_for_that_code(world: World) -> None:
    """While a deployment is under way: left out now, nobody would bring it again."""
    _spoilt_profile(world, schema={"N": "99"})
    with pytest.raises(NewerData):
        World.hear_of_partners(world)
    assert _covering(world) == {"munich-0"}


def test_the_sweep_a_lead_that_cannot_be_read_stops_nobody_and_is_swept_when_mended(
    world: World,
) -> None:
    leads = ten_leads(world)
    whole = spoil(world, leads[4])
    world.advance(minutes=125)
    for _ in range(4):
        world.sweep()
    others = [lead for lead in leads if lead != leads[4]]
    assert {world.lead(lead).offers[0].status for lead in others} == {"expired"}
    mend(world, whole)
    world.advance(minutes=20)
    world.sweep()
    assert world.lead(leads[4]).offers[0].status == "expired"
    check(NOTHING, look(world))


def test_the_timers_a_lead_that_cannot_be_read_fails_alone_and_is_woken_once_when_mended(
    world: World,
) -> None:
    leads = ten_leads(world)
    World.stream(world, *world.rows())
    whole = spoil(world, leads[4])
    world.advance(minutes=125)
    said = [world.take_timer(name) for name in list(world.schedules())]
    failed = [each["lead"] for each in said if not any(_woken(world, each) for _ in range(3))]
    assert failed == [leads[4]]
    mend(world, whole)
    for _ in range(2):
        assert all(_woken(world, each) for each in said)  # redriven, the others with it
    assert {tuple(world.facts(lead)).count("offer.expired") for lead in leads} == {1}
    check(NOTHING, look(world))


def _woken(world: World, payload: Any) -> bool:
    try:
        World.wake(world, payload)
    except WHATEVER:
        return False
    return True


def test_who_is_out_of_reach_passes_on_nine_though_one_of_them_cannot_be_read(world: World) -> None:
    world.use(a_programme(), munich(1))
    leads = [
        world.post_lead(f"k{n}", email=f"p{n}@posteo.de", phone="").json()["lead"]
        for n in range(TEN)
    ]
    world.add(munich(2))
    whole = spoil(world, leads[4])
    world.wiring.partners.bounce("munich-1", world.now)
    bounced = {"Source": "partner-relay", "DetailType": "partner.bounced"}
    bounced["Detail"] = json.dumps(
        {"schema": 1, "kind": "partner.bounced", "partner": "munich-1", "event": "1"}
    )
    for done in (1, 2):
        World.tell(world, bounced)
        asked = {
            lead: [offer.partner for offer in world.lead(lead).offers]
            for lead in leads
            if lead != leads[4]
        }
        assert set(map(tuple, asked.values())) == {("munich-1", "munich-2")}, f"time {done}"
    mend(world, whole)
    World.tell(world, bounced)
    assert [offer.partner for offer in world.lead(leads[4]).offers] == ["munich-1", "munich-2"]
    check(NOTHING, look(world))


def test_who_waits_for_a_place_is_tried_though_one_of_them_cannot_be_read(world: World) -> None:
    world.use(a_programme())
    leads = [
        world.post_lead(f"k{n}", email=f"p{n}@posteo.de", phone="").json()["lead"]
        for n in range(TEN)
    ]  # nobody is there yet
    whole = spoil(world, leads[4])
    world.wiring.partners.save([(munich(1), None)], world.now)
    world.deliver()
    others = [lead for lead in leads if lead != leads[4]]
    assert {world.lead(lead).status for lead in others} == {"offered"}
    queue = world.wiring.services.queue_link().partition("/q/")[2]
    assert world.http("GET", f"/q/{queue}").status == 200
    mend(world, whole)
    check(NOTHING, look(world))


@pytest.mark.usefixtures("swift")
def test_hq_hears_of_nine_leads_though_the_tenth_cannot_be_read_and_of_that_once_it_is_mended(
    world: World,
) -> None:
    world.use(a_programme())
    leads = [
        world.post_lead(f"k{n}", email=f"p{n}@posteo.de", phone="").json()["lead"]
        for n in range(TEN)
    ]
    world.deliver()
    whole = spoil(world, leads[4])
    world.advance(hours=1)
    for _ in range(3):
        world.sweep()
    others = Counter(lead for lead in leads if lead != leads[4])
    assert _alerted(world) == others
    later = world.post_lead("later", email="later@posteo.de", phone="").json()["lead"]
    world.deliver()
    world.advance(hours=1)
    world.sweep()
    assert _alerted(world) == others + Counter([later])
    mend(world, whole)
    for _ in range(2):
        world.sweep()
    assert _alerted(world) == others + Counter([later, leads[4]])


def _alerted(world: World) -> Counter[str]:
    """Lead → alerts that name it, as short letters do."""
    texts = [
        str(mail.get_body(("plain",)).get_content())
        for mail in world.mails()
        if mail["Subject"] == "alert"
    ]  # type: ignore[union-attr]
    return Counter(word for text in texts for word in text.split()[1:])


@pytest.mark.parametrize("number", [1000 if FULL else 60])
def test_a_backlog_is_swept_in_bounded_runs_the_oldest_first_and_poison_is_no_hindrance(
    world: World, number: int
) -> None:
    """As after a day on which no timer fired: leads that HQ did not get to in time."""
    world.use(a_programme())
    most = number // 5
    for n in range(number):
        hold = Deadline(NOON - timedelta(hours=2) + timedelta(seconds=n), DeadlineKind.HQ_HOLD)
        held = a_lead(
            f"L{n:04}", status=LeadStatus.HQ_QUEUE, offers=(), deadlines=(hold,), exhausted=True
        )
        world.wiring._dynamo.put_item(TableName="leads", Item=serialize_item(lead_to_item(held)))
    bad = [f"L{n:04}" for n in range(5, number, 10)]
    whole = [spoil(world, lead) for lead in bad]
    done: list[str] = []
    runs = 0
    while True:
        swept = sweep(world.wiring.services, world.wiring.postponed, world.now, most)
        assert len(swept.rescued) + len(swept.failed) <= most
        assert list(swept.rescued) == sorted(swept.rescued), "the longest overdue first"
        done += swept.rescued
        runs += 1
        if not swept.rescued:
            break
    assert (len(done), len(set(done))) == (number - len(bad),) * 2
    for each in whole:
        mend(world, each)
    world.advance(hours=1)
    again = sweep(world.wiring.services, world.wiring.postponed, world.now, most)
    assert set(again.rescued) == set(bad)
    told_at_the_end.append(
        f"backlog: {number} overdue leads, one in ten unreadable, {runs} runs of at most {most}"
    )

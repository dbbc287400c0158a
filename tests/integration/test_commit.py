"""Commits that meet others, are refused, or get no reply: one winner, no double effect, nothing
half done.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from routing_core.aws.tables import dynamo
from routing_core.domain.partner import Caps
from routing_core.domain.territory.territory import Territory
from tests.support.hooks import crowd, hooked, meanwhile, refused, reply_lost, timed_out
from tests.support.invariants import NOTHING, check, look
from tests.support.stack import BASE_URL
from tests.support.world import World, a_programme, munich

MS = timedelta(milliseconds=1)


@pytest.fixture
def lead_id(world: World) -> str:
    world.use(a_programme(), munich(1), munich(2))
    lead: str = world.post_lead().json()["lead"]
    return lead


def wake(world: World, lead_id: str) -> None:
    world.wake({"lead": lead_id, "version": world.lead(lead_id).version})


def load_changes(world: World, *partners: str) -> None:
    """As a commit about another lead would."""
    for partner in partners:
        world.wiring._dynamo.update_item(
            TableName="partners",
            Key={"pk": {"S": f"PARTNER#{partner}"}, "sk": {"S": "LOAD"}},
            UpdateExpression="SET seq = seq + :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
        )


# ── two at once ───────────────────────────────────────────────────────────────────────────────────


def test_when_the_timer_commits_between_an_accepts_read_and_commit_the_accept_loses(
    world: World, lead_id: str
) -> None:
    end = world.lead(lead_id).offers[0].expires_at

    def expire() -> None:
        world.now = end
        wake(world, lead_id)

    world.now = end - MS
    with meanwhile(world, expire):
        page = world.press(world.offer_link(lead_id, 1), action="accept")
    lead = world.lead(lead_id)
    assert (page.status, lead.owner, [o.status for o in lead.offers]) == (
        200,
        None,
        ["expired", "pending"],
    )
    check(NOTHING, look(world))


def test_when_an_accept_commits_between_the_timers_read_and_commit_the_timer_loses(
    world: World, lead_id: str
) -> None:
    end = world.lead(lead_id).offers[0].expires_at

    def accept() -> None:
        world.now = end - MS
        world.press(world.offer_link(lead_id, 1), action="accept")

    world.now = end
    with meanwhile(world, accept):
        wake(world, lead_id)
    lead = world.lead(lead_id)
    assert (lead.owner, len(lead.offers)) == (lead.offers[0].partner, 1)
    check(NOTHING, look(world))


def test_two_accepts_of_a_shared_lead_have_one_winner(world: World) -> None:
    share = [{"window": {"minutes": 60}, "on_lapse": "share", "total": {"working_days": 2}}]
    world.use(a_programme(offers=share), munich(1), munich(2))
    lead_id = world.post_lead().json()["lead"]
    world.run_for(minutes=60)
    with meanwhile(world, lambda: world.press(world.offer_link(lead_id, 2), action="accept")):
        world.press(world.offer_link(lead_id, 1), action="accept")
    assert world.facts(lead_id).count("offer.accepted") == 1
    assert world.lead(lead_id).owner == world.lead(lead_id).offers[1].partner
    check(NOTHING, look(world))


def test_a_double_click_that_meets_itself_accepts_once(world: World, lead_id: str) -> None:
    path = world.offer_link(lead_id)
    with meanwhile(world, lambda: world.press(path, action="accept")):
        assert world.press(path, action="accept").status == 200
    assert world.facts(lead_id).count("offer.accepted") == 1


def test_the_loser_of_the_last_place_is_decided_again_and_goes_elsewhere(world: World) -> None:
    world.use(a_programme(), munich(1, caps=Caps(open=1)), munich(2, tier=3))
    with meanwhile(world, lambda: world.post_lead("a", email="a@posteo.de", phone="")):
        lead_id = world.post_lead("b", email="b@posteo.de", phone="").json()["lead"]
    (row,) = world.events(lead_id)
    assert world.lead(lead_id).offers[0].partner == "munich-2"
    assert row.decision
    assert row.decision["excluded"] == {"full": {"count": 1, "examples": ["munich-1"]}}
    check(NOTHING, look(world))


def test_a_changed_load_makes_the_decision_new_and_after_three_times_the_caps_alone_decide(
    world: World,
) -> None:
    world.use(a_programme(), munich(1), munich(2))
    with meanwhile(world, lambda: load_changes(world, "munich-1", "munich-2"), times=99) as calls:
        lead_id = world.post_lead().json()["lead"]
    (row,) = world.events(lead_id)
    assert calls == [4]
    assert row.decision
    assert row.decision["contended"] is True


def test_a_changed_load_twice_is_no_contention(world: World) -> None:
    world.use(a_programme(), munich(1), munich(2))
    with meanwhile(world, lambda: load_changes(world, "munich-1", "munich-2"), times=2) as calls:
        lead_id = world.post_lead().json()["lead"]
    assert calls == [3]
    assert "contended" not in (world.events(lead_id)[0].decision or {})


def test_even_a_contended_decision_never_exceeds_a_cap(world: World) -> None:
    world.use(a_programme(), munich(1, caps=Caps(open=4)), munich(2, tier=3))
    names = iter("abcdefgh")

    def one_more() -> None:
        name = next(names)
        world.post_lead(name, email=f"{name}@posteo.de", phone="")

    with meanwhile(world, one_more, times=4):
        lead_id = world.post_lead("late", email="late@posteo.de", phone="").json()["lead"]
    assert world.load("munich-1").open_count == 4
    assert world.lead(lead_id).offers[0].partner == "munich-2"
    check(NOTHING, look(world))


def test_a_lowered_cap_between_read_and_commit_is_kept(world: World) -> None:
    world.use(a_programme(), munich(1, caps=Caps(open=5)), munich(2, tier=3))
    known = world.wiring.partners.get("munich-1")
    assert known

    def lower() -> None:
        world.wiring.partners.save([(replace(known, caps=Caps(open=0)), known.version)], world.now)

    with hooked(world, "before-call", "TransactWriteItems", lambda **_: lower()):
        lead_id = world.post_lead().json()["lead"]
    assert world.lead(lead_id).offers[0].partner == "munich-2"


def test_the_same_person_twice_at_once_takes_one_place(world: World) -> None:
    world.use(a_programme(), munich(1), munich(2))
    with meanwhile(world, lambda: world.post_lead("one")):
        second = world.post_lead("two").json()
    assert second["answer"] == "offered"
    world.deliver()
    assert sum(world.load(f"munich-{n}").open_count for n in (1, 2)) == 1
    check(NOTHING, look(world))


def test_the_same_person_twice_at_once_is_compared_even_where_other_partners_are_asked(
    world: World,
) -> None:
    """No partner's load is in the way there: the contact's row alone decides."""
    world.use(a_programme(), munich(1), munich(2, territories=(Territory.parse("DE 90*"),)))
    with meanwhile(world, lambda: world.post_lead("one")):
        second = world.post_lead("two", postcode="90402").json()
    assert "repeat.found" in world.facts(second["lead"])
    world.deliver()
    assert world.load("munich-2").open_count == 1


def test_the_same_post_twice_at_once_makes_one_lead_and_one_answer(world: World) -> None:
    world.use(a_programme(), munich(1))
    first: list[Any] = []
    with meanwhile(world, lambda: first.append(world.post_lead("one"))):
        second = world.post_lead("one")
    assert (second.status, second.body) == (201, first[0].body)
    assert len(world.lead_ids()) == 1


def test_the_same_key_with_two_bodies_at_once_has_one_winner(world: World) -> None:
    world.use(a_programme(), munich(1))
    with meanwhile(world, lambda: world.post_lead("one", message="the first")):
        assert world.post_lead("one", message="the second").status == 422
    assert len(world.lead_ids()) == 1


def test_two_notes_in_the_same_millisecond_are_both_kept(world: World, lead_id: str) -> None:
    """Their commits tell the very same facts: the second was taken for the first one's lost reply,
    and forgotten.
    """
    page = world.wiring.links.status(lead_id).removeprefix(BASE_URL)
    with meanwhile(world, lambda: world.press(page, action="note", text="first")):
        world.press(page, action="note", text="second")
    context = world.wiring.leads.context(lead_id)
    assert context
    assert [note.text for note in context.notes] == ["first", "second"]
    assert world.lead(lead_id).version == 3


def test_a_note_of_hq_that_meets_another_commit_is_written_after_it(
    world: World, lead_id: str
) -> None:
    page = world.wiring.services.queue_link(lead_id).removeprefix(BASE_URL)
    with meanwhile(world, lambda: world.press(world.offer_link(lead_id), action="accept")):
        assert world.press(page, action="note", text="phoned").status == 200
    assert world.facts(lead_id)[-2:] == ["offer.accepted", "lead.noted"]


# ── no reply ──────────────────────────────────────────────────────────────────────────────────────


def test_a_post_whose_reply_was_lost_is_recognised_as_ours(world: World) -> None:
    world.use(a_programme(), munich(1))
    with reply_lost(world):
        answer = world.post_lead()
    assert (answer.status, answer.json()["answer"]) == (201, "offered")
    assert (
        len(world.lead_ids()),
        world.load("munich-1").open_count,
        world.load("munich-1").seq,
    ) == (1, 1, 2)


def test_an_accept_whose_reply_was_lost_shows_the_contact(world: World, lead_id: str) -> None:
    with reply_lost(world):
        page = world.press(world.offer_link(lead_id), action="accept")
    assert "Erika Beispiel" in page.body
    assert world.lead(lead_id).version == 2


def test_an_expiry_whose_reply_was_lost_moves_the_lead_once(world: World, lead_id: str) -> None:
    world.now = world.lead(lead_id).offers[0].expires_at
    with reply_lost(world):
        wake(world, lead_id)
    lead = world.lead(lead_id)
    assert (len(lead.offers), world.load(lead.offers[0].partner).lapses) == (2, 1)
    check(NOTHING, look(world))


def test_a_lost_reply_followed_by_somebody_elses_commit_is_still_ours(
    world: World, lead_id: str
) -> None:
    """The lead had moved on, so that our own write was taken for a conflict and done again: counted
    twice.
    """
    world.press(world.offer_link(lead_id), action="accept")
    page = world.wiring.links.status(lead_id).removeprefix(BASE_URL)
    with reply_lost(world, then=lambda: world.press(page, action="not_called")):
        world.press(world.offer_link(lead_id), action="attempt")
    assert (len(world.lead(lead_id).attempts), world.facts(lead_id).count("contact.attempted")) == (
        1,
        1,
    )


def test_an_attachment_whose_reply_was_lost_is_told_once(world: World, lead_id: str) -> None:
    second = world.post_lead("two").json()["lead"]
    with reply_lost(world):
        world.deliver()
    assert world.lead(lead_id).attached == (second,)
    assert world.facts(lead_id).count("lead.repeated") == 1


def test_a_post_whose_answer_never_came_is_read_back(world: World) -> None:
    world.use(a_programme(), munich(1))
    with timed_out(world):
        assert world.post_lead().status == 201
    assert (len(world.lead_ids()), world.load("munich-1").open_count) == (1, 1)


def test_a_post_nobody_could_answer_can_be_sent_again(world: World) -> None:
    world.use(a_programme(), munich(1))
    world.wiring.rules.programme()
    with timed_out(world), refused(world, "InternalServerError", operation="GetItem"):
        assert world.post_lead().status == 500
    answer = world.post_lead()
    assert (answer.status, len(world.lead_ids()), world.load("munich-1").open_count) == (201, 1, 1)


def test_an_accept_whose_answer_never_came_is_read_back_and_shows_the_contact(
    world: World, lead_id: str
) -> None:
    with timed_out(world):
        page = world.press(world.offer_link(lead_id), action="accept")
    assert (page.status, world.lead(lead_id).version) == (200, 2)
    assert "Erika Beispiel" in page.body


def test_a_note_whose_answer_never_came_is_written_once(world: World, lead_id: str) -> None:
    """The page said that it failed: whoever pressed again had said it twice."""
    page = world.wiring.links.status(lead_id).removeprefix(BASE_URL)
    with timed_out(world):
        assert world.press(page, action="note", text="once").status == 200
    assert world.facts(lead_id).count("lead.noted") == 1


# ── refused ───────────────────────────────────────────────────────────────────────────────────────


def test_a_transaction_that_met_another_is_tried_again(world: World, lead_id: str) -> None:
    with refused(world, "TransactionConflict", times=2) as calls:
        assert world.press(world.offer_link(lead_id), action="accept").status == 200
    assert (calls, world.lead(lead_id).status) == ([3], "accepted")


def test_a_crowd_is_waited_for_and_then_the_sender_is_told_and_nothing_is_written(
    world: World, lead_id: str
) -> None:
    """Six times the use case, each four times the transaction."""
    with refused(world, "TransactionConflict", times=99) as calls:
        page = world.press(world.offer_link(lead_id), action="accept")
    assert (calls, world.lead(lead_id).version) == ([24], 1)
    assert page.status == 409
    assert "nothing was changed" in page.body
    assert 'href="">Reload' in page.body, "the same page, where the button still is"
    assert world.press(world.offer_link(lead_id), action="accept").status == 200
    assert world.lead(lead_id).owner


@pytest.mark.parametrize("lapses", [0, 1])
@pytest.mark.slow
def test_however_many_leads_a_partner_is_being_offered_an_accept_goes_through(
    world: World, lapses: int
) -> None:
    """It needs nothing that commits about other leads are writing."""
    world.use(a_programme(), munich(1))
    if lapses:
        world.post_lead("first", email="first@posteo.de", phone="")
        world.run_for(minutes=121)
    lead_id = world.post_lead().json()["lead"]
    with crowd(world):
        assert world.press(world.offer_link(lead_id), action="accept").status == 200
    assert (world.lead(lead_id).owner, world.load("munich-1").lapses) == ("munich-1", lapses)
    check(NOTHING, look(world))


@pytest.mark.slow
def test_a_post_in_a_crowd_is_stored_all_the_same_and_offered_a_moment_later(world: World) -> None:
    world.use(a_programme(), munich(1))
    with crowd(world) as met:
        answer = world.post_lead()
        assert (answer.status, answer.json()["answer"], met) == (201, "waiting", [24])
        lead_id = answer.json()["lead"]
        lead = world.lead(lead_id)
        assert (lead.status, lead.reason, lead.exhausted) == ("hq_queue", "crowded", False)
        assert world.post_lead().json() == answer.json(), "the same post gets the same answer"
    check(NOTHING, look(world))
    world.run_for(minutes=2)
    assert world.lead(lead_id).status == "offered"
    assert [str(mail["Subject"]) for mail in world.mails("hq@")] == []
    second = world.post_lead("two").json()["lead"]
    world.deliver()
    assert world.lead(second).attached_to == lead_id, "its contact's rows name it by now"
    check(NOTHING, look(world))


@pytest.mark.slow
def test_a_crowd_that_stays_leaves_it_to_the_sweeper_until_it_is_placed(world: World) -> None:
    world.use(a_programme(), munich(1))
    with crowd(world):
        lead_id = world.post_lead().json()["lead"]
        world.deliver()
        world.advance(minutes=4)
        world.sweep()
    assert world.lead(lead_id).status == "hq_queue"
    world.sweep()
    assert world.lead(lead_id).status == "offered"
    check(NOTHING, look(world))


@pytest.mark.slow
def test_after_a_crowd_a_place_nobody_covers_is_hqs_as_ever(world: World) -> None:
    world.use(a_programme(), munich(1, caps=Caps(open=1)))
    with crowd(world):
        lead_id = world.post_lead().json()["lead"]
    world.post_lead("two", email="b@posteo.de", phone="")
    world.run_for(minutes=2)
    lead = world.lead(lead_id)
    assert (lead.status, lead.reason, world.facts(lead_id).count("lead.exhausted")) == (
        "hq_queue",
        "exhausted",
        1,
    )
    check(NOTHING, look(world))


@pytest.mark.slow
def test_a_person_whose_other_enquiries_keep_changing_is_stored_too(world: World) -> None:
    """The lead it is attached to moves each time between reading and writing: that is no concern of
    the post's.
    """
    world.use(a_programme(), munich(1))
    first = world.post_lead("one").json()["lead"]
    page = world.wiring.links.status(first).removeprefix(BASE_URL)
    answer = world.post_lead("two")
    assert (answer.status, answer.json()["answer"]) == (201, "offered")
    with meanwhile(world, lambda: world.press(page, action="note", text="again"), times=5):
        world.deliver()
    assert world.lead(answer.json()["lead"]).attached_to == first
    check(NOTHING, look(world))


@pytest.mark.parametrize(
    "code", ["ThrottlingException", "InternalServerError", "ProvisionedThroughputExceededException"]
)
def test_a_refusal_without_effect_leaves_everything_as_it_was(
    world: World, lead_id: str, code: str
) -> None:
    before = world.items()
    with refused(world, code, times=99):
        assert world.press(world.offer_link(lead_id), action="accept").status == 500
    assert world.items() == before


def test_keys_left_unprocessed_are_asked_for_again(world: World) -> None:
    world.use(a_programme(), munich(1), munich(2))
    asked: list[dict[str, Any]] = []
    world.wiring.rules.programme()

    def leave_all(parsed: dict[str, Any], **_: Any) -> None:
        parsed["UnprocessedKeys"] = asked[-1]
        parsed["Responses"] = {}

    def remember(params: dict[str, Any], **_: Any) -> None:
        asked.append(params["RequestItems"])

    events = world.wiring._dynamo.meta.events
    events.register("provide-client-params.dynamodb.BatchGetItem", remember)
    try:
        with hooked(world, "after-call", "BatchGetItem", leave_all) as calls:
            lead_id = world.post_lead().json()["lead"]
    finally:
        events.unregister("provide-client-params.dynamodb.BatchGetItem", remember)
    assert calls == [2]
    assert world.lead(lead_id).status == "offered"


def test_keys_that_are_left_unprocessed_for_ever_end_as_a_throttled_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(dynamo, "wait_up_to", waits.append)

    def leave_all(parsed: dict[str, Any], **_: Any) -> None:
        parsed["UnprocessedKeys"] = {"leads": {"Keys": [{"pk": {"S": "x"}, "sk": {"S": "x"}}]}}
        parsed["Responses"] = {}

    with (
        hooked(world, "after-call", "BatchGetItem", leave_all, times=99) as calls,
        pytest.raises(ClientError, match="ProvisionedThroughputExceeded"),
    ):
        dynamo.batch_get(world.wiring._dynamo, {"leads": [{"pk": "x", "sk": "x"}]})
    assert calls == [1 + len(dynamo.READ_PAUSES)]
    assert waits == list(dynamo.READ_PAUSES)


def test_one_lead_that_cannot_be_woken_never_stops_the_sweep(world: World, lead_id: str) -> None:
    other = world.post_lead("two", email="b@posteo.de", phone="").json()["lead"]
    world.now = world.lead(lead_id).offers[0].expires_at + timedelta(minutes=3)
    with refused(world, "InternalServerError", times=1):
        world.sweep()
    moved = [len(world.lead(i).offers) for i in (lead_id, other)]
    assert sorted(moved) == [1, 2]
    world.sweep()
    assert [len(world.lead(i).offers) for i in (lead_id, other)] == [2, 2]


def test_a_lead_that_failed_three_times_is_left_alone_for_a_while(
    world: World, lead_id: str
) -> None:
    world.now = world.lead(lead_id).offers[0].expires_at + timedelta(minutes=3)
    for _ in range(3):
        with refused(world, "InternalServerError"):
            world.sweep()
    world.sweep()
    assert len(world.lead(lead_id).offers) == 1
    world.advance(minutes=15)
    world.sweep()
    assert len(world.lead(lead_id).offers) >= 2

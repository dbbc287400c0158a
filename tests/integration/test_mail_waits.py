"""Mail that SES does not take now waits for a day; what it never takes is shown at once."""

from datetime import timedelta
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError
from botocore.exceptions import ClientError

from routing_core.aws.queues.mail_queue import MailQueue, WaitingEvent, wait_of
from routing_core.aws.tables.mail_pace import MailPace
from routing_core.domain.offer import OfferStatus
from routing_core.service.kernel.mail_delays import MailDelayed, MailHindrance
from tests.support.builders import NOON
from tests.support.mail_service import (
    DAILY,
    ILL_FORMED,
    PAUSED,
    SANDBOX,
    TOO_FAST,
    mail_moves_again,
    ses_says,
    try_mail,
    waiting_mail,
)
from tests.support.world import ENQUIRY, World, a_programme, munich

PARTNER = munich(1).contact.email
MINUTES = timedelta(minutes=1)
PAUSED_BY_REFUSAL = ("MessageRejected", "Sending paused for this account. For more information, …")


def submit(world: World) -> str:
    """An enquiry comes; gives its lead."""
    assert world.post_lead().status == 201
    return str(world.lead_ids()[-1])


@pytest.fixture
def offered(world: World) -> World:
    """A partner, to whom no mail has left yet."""
    world.use(a_programme(), munich(1))
    return world


@pytest.mark.parametrize(
    ("error", "hindrance"),
    [
        (DAILY, MailHindrance.QUOTA),
        (SANDBOX, MailHindrance.UNVERIFIED),
        (PAUSED, MailHindrance.PAUSED),
        (PAUSED_BY_REFUSAL, MailHindrance.PAUSED),
        (("MessageRejected", "Your account is suspended."), MailHindrance.PAUSED),
        (("MessageRejected", "Email sending is disabled for x."), MailHindrance.PAUSED),
        (("LimitExceededException", ""), MailHindrance.QUOTA),
        (("MailFromDomainNotVerifiedException", ""), MailHindrance.MAIL_FROM),
        (("AccountSuspendedException", ""), MailHindrance.PAUSED),
    ],
)
def test_mail_that_ses_does_not_take_waits_and_leaves_once_it_does(
    offered: World, error: tuple[str, str], hindrance: MailHindrance
) -> None:
    with ses_says(*error):
        submit(offered)
        offered.deliver()
        assert offered.mails() == []
        standing = offered.wiring.mail_watch.standing(offered.now)
    assert standing is not None
    assert (standing.since, standing.hindrance) == (offered.now, hindrance)
    mail_moves_again(offered, 10 * MINUTES)
    assert len(offered.mails(PARTNER)) == 1
    assert waiting_mail(offered) == []


def test_it_waits_longer_each_time_up_to_a_quarter_of_an_hour(offered: World) -> None:
    delays: list[float] = []
    with ses_says(*PAUSED):
        submit(offered)
        offered.deliver()
        for _ in range(9):
            (record,) = (each for each in waiting_mail(offered) if "offer.made" in each["body"])
            delays.append(record["delay"])
            assert try_mail(offered, [record]) == []
    for tries, delay in enumerate(delays):
        longest = wait_of(MailHindrance.PAUSED, tries).total_seconds()
        assert longest / 2 - 1 <= delay <= longest + 1
    assert wait_of(MailHindrance.PAUSED, 99) == 15 * MINUTES
    assert wait_of(MailHindrance.RATE, 99) == MINUTES


def test_after_a_day_it_is_left_to_the_dead_letters_and_not_a_second_before(offered: World) -> None:
    with ses_says(*SANDBOX):
        submit(offered)
        offered.deliver()
        records = [each for each in waiting_mail(offered) if "offer.made" in each["body"]]
        offered.now += timedelta(days=1) - timedelta(seconds=1)
        assert try_mail(offered, records) == []
        (again,) = waiting_mail(offered)
        offered.now += timedelta(seconds=1)
        assert try_mail(offered, [again]) == [again["messageId"]]
        assert waiting_mail(offered) == []


def test_a_pause_that_is_said_as_a_refusal_withdraws_no_offer(offered: World) -> None:
    with ses_says(*PAUSED_BY_REFUSAL):
        lead = submit(offered)
        offered.deliver()
        (offer,) = offered.lead(lead).offers
    assert (offer.status, offer.unsent) == (OfferStatus.PENDING, True)
    assert offered.wiring.mail_watch.refused(offered.now - MINUTES) == []


@pytest.mark.parametrize(
    "said",
    ["Email address <paused@example.com> is invalid", "Sender not allowed", "Message too long"],
)
def test_what_a_refusal_says_of_this_one_mail_is_no_pause(offered: World, said: str) -> None:
    with ses_says("MessageRejected", said, to=PARTNER):
        submit(offered)
        offered.deliver()
    assert len(offered.wiring.mail_watch.refused(offered.now - MINUTES)) == 1


def test_dead_mails_that_are_brought_again_wait_for_the_rate_however_old_they_are(
    offered: World,
) -> None:
    with ses_says(*SANDBOX):
        submit(offered)
        offered.deliver()
        dead = [each for each in waiting_mail(offered) if "offer.made" in each["body"]]
    offered.now += timedelta(days=3)
    with ses_says(*TOO_FAST):
        assert try_mail(offered, dead) == []
        (again,) = waiting_mail(offered)
        assert again["messageAttributes"]["since"] == dead[0]["messageAttributes"]["since"]
    with ses_says(*PAUSED):
        assert try_mail(offered, [again]) == [again["messageId"]], "nothing else is waited for"


def test_an_unknown_error_fails_as_ever_and_is_not_put_back(offered: World) -> None:
    with ses_says("InternalFailure", "?"), pytest.raises(BatchProcessingError):
        submit(offered)
        offered.deliver()
    assert waiting_mail(offered) == []
    assert offered.mails() == []
    assert offered.wiring.mail_watch.standing(offered.now) is None


def test_a_mail_to_an_address_that_ses_refuses_is_shown_and_keeps_nobody_from_theirs(
    offered: World,
) -> None:
    with ses_says(*ILL_FORMED, to=PARTNER) as asked:
        lead = submit(offered)
        offered.deliver()
        assert asked == [1], "it is not tried again"
    assert waiting_mail(offered) == []
    assert offered.mails(PARTNER) == [], "neither the offer nor that it is gone"
    assert len(offered.mails(str(ENQUIRY["email"]))) == 1, "the receipt left"
    assert len(offered.mails("hq@example.com")) == 1, "nobody else could be asked"
    refused = offered.wiring.mail_watch.refused(offered.now - MINUTES)
    assert [(each.lead, each.partner, each.role) for each in refused] == [
        (lead, "munich-1", "partner")
    ]
    assert offered.wiring.mail_watch.refused(offered.now + MINUTES) == []


def test_mail_stands_still_until_no_try_was_hindered_for_twenty_minutes(offered: World) -> None:
    watch = offered.wiring.mail_watch
    watch.note_delay(MailHindrance.QUOTA, NOON)
    watch.note_delay(MailHindrance.PAUSED, NOON + 20 * MINUTES)
    standing = watch.standing(NOON + 40 * MINUTES)
    assert standing is not None
    assert (standing.since, standing.tried_at) == (NOON, NOON + 20 * MINUTES)
    assert standing.hindrance is MailHindrance.PAUSED
    assert watch.standing(NOON + 40 * MINUTES + timedelta(seconds=1)) is None
    watch.note_delay(MailHindrance.QUOTA, NOON + 41 * MINUTES)
    standing = watch.standing(NOON + 41 * MINUTES)
    assert standing is not None
    assert standing.since == NOON + 41 * MINUTES, "it stands still anew"


def test_what_is_begun_too_late_in_an_invocation_is_put_back(
    offered: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.support.triggers import Context

    submit(offered)
    for row in offered.rows(new=True):
        offered.stream(row)
    monkeypatch.setattr(Context, "get_remaining_time_in_millis", lambda *_: 11_999)
    offered.notify()
    assert offered.mails() == []
    monkeypatch.undo()
    mail_moves_again(offered)
    assert len(offered.mails(PARTNER)) == 1


class Clock:
    """Seconds that pass only by sleeping."""

    def __init__(self) -> None:
        self.at = 1_000.5

    def __call__(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds


def test_all_functions_together_send_no_more_in_a_second_than_the_rate(world: World) -> None:
    clock, left = Clock(), []
    paces = [
        MailPace(world.wiring._dynamo, "leads", 3, clock=clock, sleep=clock.sleep) for _ in range(2)
    ]
    for turn in range(12):
        paces[turn % 2].take_turn()
        left.append(int(clock.at))
    assert max(left.count(second) for second in left) == 3
    assert left[-1] - left[0] == 3


def test_who_would_wait_too_long_for_a_turn_is_put_back(world: World) -> None:
    clock = Clock()
    pace = MailPace(world.wiring._dynamo, "leads", 1, clock=clock, sleep=clock.sleep)
    for second in (1_000, 1_001, 1_002):
        other = Clock()
        other.at = second + 0.1
        MailPace(world.wiring._dynamo, "leads", 1, clock=other).take_turn()
    with pytest.raises(MailDelayed) as delayed:
        pace.take_turn()
    assert delayed.value.hindrance is MailHindrance.RATE
    assert clock.at < 1_003


def test_too_high_a_rate_is_waited_for_and_does_not_say_that_mail_stands_still(
    offered: World,
) -> None:
    with ses_says(*TOO_FAST):
        submit(offered)
        offered.deliver()
    assert offered.wiring.mail_watch.standing(offered.now) is None
    mail_moves_again(offered)
    assert len(offered.mails(PARTNER)) == 1


def test_what_is_put_back_keeps_its_words_and_since_when_it_waits() -> None:
    class Queue:
        def send_message(self, **request: Any) -> None:
            self.request = request

    queue = Queue()
    event = WaitingEvent('{"id": "1"}', NOON, 3)
    MailQueue(queue, "https://queue").put_back(event, MailHindrance.QUOTA)
    assert queue.request["MessageBody"] == event.body
    assert queue.request["MessageAttributes"]["since"]["StringValue"] == NOON.isoformat()
    assert queue.request["MessageAttributes"]["tries"]["StringValue"] == "4"
    assert queue.request["DelaySeconds"] <= 900


def test_errors_of_the_table_are_not_taken_for_a_full_second(world: World) -> None:
    with pytest.raises(ClientError):
        MailPace(world.wiring._dynamo, "no-such-table", 1).take_turn()

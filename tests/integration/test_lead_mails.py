"""What the log of mails tells of the mails about one lead."""

import json
from html import unescape

import pytest

from routing_core.service.kernel.lead_mail import LeadMail, MailOutcome
from routing_core.service.kernel.mail_ports import MailNews
from routing_core.service.notifications.lead_mails import mails_about
from tests.support.builders import programme_document
from tests.support.hooks import writes_counted
from tests.support.world import ENQUIRY, World, a_programme, munich


def mails_of(world: World, lead_id: str) -> dict[tuple[str, str], LeadMail]:
    found = mails_about(world.wiring.sent_mails, world.events(lead_id))
    assert [each.at for each in found] == sorted((each.at for each in found), reverse=True)
    return {(each.role, each.template): each for each in found}


def test_each_mail_about_a_lead_is_told_with_whom_it_went_to_and_when(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead_id: str = world.post_lead().json()["lead"]
    world.deliver()
    sent = mails_of(world, lead_id)
    assert set(sent) == {("partner", "offer"), ("prospect", "receipt")}
    assert sent["partner", "offer"].partner == "munich-1"
    assert sent["partner", "offer"].at == world.now
    world.advance(minutes=10)
    world.press(world.offer_link(lead_id), action="accept")
    world.deliver()
    assert {("partner", "accepted"), ("prospect", "partner_found")} < set(mails_of(world, lead_id))


def message_of(world: World, key: str) -> str:
    return world.wiring.sent_mails.noted([key])[key].posted.messages[0]


def ses_tells(world: World, message: str, kind: str, **told: object) -> None:
    """An event of SES as EventBridge brings it: ``told`` is the part that says what happened."""
    lead_id = "any"
    mail = {
        "timestamp": "2026-03-02T10:00:00.000Z",
        "messageId": message,
        "destination": [ENQUIRY["email"]],
        "tags": {"role": ["prospect"], "lead": [lead_id], "ses:configuration-set": ["mails"]},
    }
    detail = {"eventType": kind, "mail": mail} | told
    world.tell({"Source": "aws.ses", "DetailType": f"Email {kind}", "Detail": json.dumps(detail)})


def delivered(at: str) -> dict[str, object]:
    return {
        "kind": "Delivery",
        "delivery": {
            "timestamp": at,
            "processingTimeMillis": 546,
            "recipients": [ENQUIRY["email"]],
            "smtpResponse": "250 ok",
        },
    }


def bounced(at: str, kind: str = "Permanent") -> dict[str, object]:
    recipients = [{"emailAddress": ENQUIRY["email"], "action": "failed", "status": "5.1.1"}]
    return {
        "kind": "Bounce",
        "bounce": {
            "bounceType": kind,
            "bounceSubType": "General",
            "bouncedRecipients": recipients,
            "timestamp": at,
        },
    }


def complained(at: str, kind: str = "abuse") -> dict[str, object]:
    return {
        "kind": "Complaint",
        "complaint": {
            "complainedRecipients": [{"emailAddress": ENQUIRY["email"]}],
            "complaintFeedbackType": kind,
            "timestamp": at,
        },
    }


def delayed(at: str) -> dict[str, object]:
    return {
        "kind": "DeliveryDelay",
        "deliveryDelay": {
            "timestamp": at,
            "delayType": "MailboxFull",
            "delayedRecipients": [{"emailAddress": ENQUIRY["email"]}],
        },
    }


EARLY, LATE = "2026-03-02T10:00:01.250Z", "2026-03-02T10:07:00.000Z"


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        ([delivered(EARLY)], MailOutcome.DELIVERED),
        ([bounced(EARLY)], MailOutcome.RETURNED),
        ([delivered(EARLY), bounced(LATE)], MailOutcome.RETURNED),
        ([bounced(EARLY), delivered(LATE)], MailOutcome.DELIVERED),
        ([delivered(EARLY), bounced(EARLY)], MailOutcome.RETURNED),
        ([delivered(EARLY), complained(LATE)], MailOutcome.COMPLAINED),
        ([delivered(EARLY), complained(LATE, "not-spam")], MailOutcome.DELIVERED),
        ([delayed(EARLY)], MailOutcome.DELAYED),
        ([delayed(EARLY), delivered(LATE)], MailOutcome.DELIVERED),
        ([delayed(LATE), delivered(EARLY)], MailOutcome.DELIVERED),
        ([delayed(EARLY), bounced(LATE, "Transient")], MailOutcome.RETURNED),
        ([delivered(EARLY), bounced(LATE, "Transient")], MailOutcome.DELIVERED),
        ([{"kind": "Reject", "reject": {"reason": "Bad content"}}], MailOutcome.REJECTED),
        ([{"kind": "Open", "open": {"timestamp": LATE}}], MailOutcome.SENT),
        ([delivered("nonsense")], MailOutcome.DELIVERED),
    ],
)
def test_the_latest_by_the_mail_services_clock_is_told_in_whatever_order_and_however_often_it_comes(
    world: World, told: list[dict[str, object]], outcome: MailOutcome
) -> None:
    world.use(a_programme(), munich(1))
    lead_id: str = world.post_lead().json()["lead"]
    world.deliver()
    message = message_of(world, f"{lead_id}:1:1#prospect#receipt")
    for order in (told, told[::-1], told):
        for event in order:
            ses_tells(world, message, **event)  # type: ignore[arg-type]
        mails = mails_of(world, lead_id)
        assert mails["prospect", "receipt"].outcome is outcome
        assert mails["partner", "offer"].outcome is MailOutcome.SENT


def test_what_ses_tells_of_a_mail_is_one_small_write_and_nothing_of_it_is_lost(
    world: World,
) -> None:
    world.use(a_programme(), munich(1))
    lead_id: str = world.post_lead().json()["lead"]
    world.deliver()
    message = message_of(world, f"{lead_id}:1:1#prospect#receipt")
    with writes_counted(world) as writes:
        ses_tells(world, message, **delivered(EARLY))  # type: ignore[arg-type]
    assert writes == ["UpdateItem"]
    ses_tells(world, message, **bounced(LATE))  # type: ignore[arg-type]
    assert set(world.wiring.sent_mails.news([message])[message]) == {
        MailNews.DELIVERED,
        MailNews.RETURNED,
    }
    (row,) = world.items(only=lambda pk, sk: pk == f"MAIL#message.{message}")
    assert len(json.dumps(row, default=str)) < 300
    assert row["expires"], "it goes with the log"


def test_of_a_mail_to_several_readers_it_is_told_how_many_it_was_delivered_to(
    world: World,
) -> None:
    people = [
        {"email": f"{name}@example.com", "name": name.title(), "role": "admin"}
        for name in ("hq", "ada")
    ]
    hq = programme_document()["hq"] | {"people": people, "digests": []}
    hq.pop("emails", None)
    world.use(a_programme(hq=hq), munich(1))
    lead_id: str = world.post_lead().json()["lead"]
    world.press(world.offer_link(lead_id), action="accept")
    world.deliver()
    key = next(
        pk.removeprefix("MAIL#")
        for pk in (row["pk"] for row in world.items(only=lambda pk, _: pk.startswith("MAIL#")))
        if pk.endswith("#hq#confirmation")
    )
    first, second = world.wiring.sent_mails.noted([key])[key].posted.messages
    ses_tells(world, first, **delivered(EARLY))  # type: ignore[arg-type]
    mail = mails_of(world, lead_id)["hq", "confirmation"]
    assert (mail.outcome, mail.delivered, mail.readers) == (MailOutcome.PARTLY, 1, 2)
    ses_tells(world, second, **delivered(LATE))  # type: ignore[arg-type]
    assert mails_of(world, lead_id)["hq", "confirmation"].outcome is MailOutcome.DELIVERED
    ses_tells(world, second, **bounced(LATE))  # type: ignore[arg-type]
    assert mails_of(world, lead_id)["hq", "confirmation"].outcome is MailOutcome.RETURNED


def test_what_waits_for_a_digest_is_told_as_gathered(world: World) -> None:
    hq = programme_document()["hq"] | {"digests": ["07:30", "16:00"]}
    world.use(a_programme(hq=hq), munich(1))
    lead_id: str = world.post_lead().json()["lead"]
    world.press(world.offer_link(lead_id), action="accept")
    world.deliver()
    assert mails_of(world, lead_id)["hq", "confirmation"].outcome is MailOutcome.GATHERED
    world.advance(days=1)
    world.sweep()
    digest = mails_of(world, lead_id)["hq", "confirmation"]
    assert digest.outcome is MailOutcome.SENT
    assert digest.at == world.now
    assert digest.subject == str(world.mails("hq@example.com")[-1]["Subject"])


def test_a_lead_about_which_nobody_was_written_to_has_no_mails(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead_id: str = world.post_lead().json()["lead"]
    assert mails_of(world, lead_id) == {}


def test_the_page_shows_each_subject_as_its_reader_saw_it_and_what_became_of_the_mail(
    world: World,
) -> None:
    world.use(a_programme(), munich(1))
    lead_id: str = world.post_lead().json()["lead"]
    world.press(world.offer_link(lead_id), action="accept")
    world.deliver()
    ses_tells(world, message_of(world, f"{lead_id}:1:1#prospect#receipt"), **delivered(EARLY))  # type: ignore[arg-type]
    page = world.desk("hq@example.com").get(f"/hq/leads/{lead_id}").body
    left = [mail for mail in world.mails() if lead_id in str(mail["References"])]
    assert len(left) >= 4
    for mail in left:
        assert str(mail["Subject"]) in unescape(page)
    assert "delivered" in page


def test_nothing_that_falls_to_erasure_is_kept_with_a_mail(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead_id: str = world.post_lead(town="Gut Sonnenhof 7").json()["lead"]
    world.press(world.offer_link(lead_id), action="accept")
    world.deliver()
    assert "Gut Sonnenhof" in str(world.mails("hq@example.com")[-1]["Subject"])
    page = world.desk("hq@example.com").get(f"/hq/leads/{lead_id}").body
    assert "Gut Sonnenhof" in page
    world.desk("hq@example.com").press(f"/hq/leads/{lead_id}", action="erase")
    world.deliver()
    kept = world.items(only=lambda pk, _: pk.startswith("MAIL#"))
    assert kept
    assert "Sonnenhof" not in json.dumps(kept, default=str)
    assert str(ENQUIRY["email"]) not in json.dumps(kept, default=str)
    assert "Sonnenhof" not in world.desk("hq@example.com").get(f"/hq/leads/{lead_id}").body


def test_machines_read_the_mails_of_a_lead_that_is_theirs_to_see(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead_id: str = world.post_lead().json()["lead"]
    world.deliver()
    ses_tells(world, message_of(world, f"{lead_id}:1:1#prospect#receipt"), **delivered(EARLY))  # type: ignore[arg-type]
    path = f"/v1/leads/{lead_id}/mails"
    key = {"X-Api-Key": world.api_key("leads:read")}
    answer = world.http("GET", path, headers=key)
    assert answer.status == 200
    receipt, offer = sorted(answer.json()["mails"], key=lambda each: each["kind"], reverse=True)
    assert receipt == {
        "kind": "receipt",
        "to": "prospect",
        "partner": "",
        "at": world.now.isoformat().replace("+00:00", "Z"),
        "subject": str(world.mails(str(ENQUIRY["email"]))[0]["Subject"]),
        "language": "en",
        "outcome": "delivered",
        "delivered": 1,
        "readers": 1,
    }
    assert (offer["kind"], offer["partner"], offer["outcome"]) == ("offer", "munich-1", "sent")
    assert world.http("GET", "/v1/leads/LNOBODYSLEAD/mails", headers=key).status == 404
    other = {"X-Api-Key": world.api_key("leads:write")}
    assert world.http("GET", path, headers=other).status == 403

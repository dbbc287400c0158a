"""What the log of mails tells of the mails about one lead."""

import json

from routing_core.service.kernel.lead_mail import LeadMail, MailOutcome
from routing_core.service.notifications.lead_mails import mails_about
from tests.support.builders import programme_document
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


def test_a_mail_that_came_back_is_told_apart_from_the_others(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead_id: str = world.post_lead().json()["lead"]
    world.deliver()
    message = world.wiring.sent_mails.noted([f"{lead_id}:1:1#prospect#receipt"])
    detail = {
        "mail": {
            "messageId": message[f"{lead_id}:1:1#prospect#receipt"].messages[0],
            "tags": {"role": ["prospect"], "lead": [lead_id]},
        },
        "bounce": {
            "bounceType": "Permanent",
            "bouncedRecipients": [{"emailAddress": ENQUIRY["email"]}],
        },
    }
    world.tell({"Source": "aws.ses", "DetailType": "Email Bounced", "Detail": json.dumps(detail)})
    sent = mails_of(world, lead_id)
    assert sent["prospect", "receipt"].outcome is MailOutcome.RETURNED
    assert sent["partner", "offer"].outcome is MailOutcome.SENT


def test_what_waits_for_a_digest_is_told_as_gathered(world: World) -> None:
    hq = programme_document()["hq"] | {"digests": ["07:30", "16:00"]}
    world.use(a_programme(hq=hq), munich(1))
    lead_id: str = world.post_lead().json()["lead"]
    world.press(world.offer_link(lead_id), action="accept")
    world.deliver()
    assert mails_of(world, lead_id)["hq", "confirmation"].outcome is MailOutcome.GATHERED


def test_a_lead_about_which_nobody_was_written_to_has_no_mails(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead_id: str = world.post_lead().json()["lead"]
    assert mails_of(world, lead_id) == {}

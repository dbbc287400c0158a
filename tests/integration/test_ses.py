"""Mail as SES gets it."""

from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from routing_core.aws.queues.mail import SesMailSender
from routing_core.service.kernel.mail_ports import Attachment, Mail


class Recorder:
    """An SES client that takes everything."""

    def send_email(self, **request: Any) -> dict[str, str]:
        self.request = request
        return {"MessageId": "m-1"}


@pytest.mark.parametrize("name", ["Wärmewerk", 'Heating, "Sons" & Co.', "Example Heating", "暖房"])
def test_a_brand_of_any_script_is_the_senders_name_in_ascii(name: str) -> None:
    ses = Recorder()
    mail = Mail(
        to=("to@example.com",),
        subject="Wärmepumpe",
        html="<p>x</p>",
        text="x",
        from_name=name,
        reply_to="r@example.com",
    )
    SesMailSender(ses, "leads@example.com", "").send(mail, {})
    sender = ses.request["FromEmailAddress"]
    message = message_from_bytes(ses.request["Content"]["Raw"]["Data"], policy=default)
    assert sender.isascii()
    assert sender.endswith("<leads@example.com>")
    for header in (default.header_factory("From", sender), message["From"]):
        assert [(a.display_name, a.addr_spec) for a in header.addresses] == [
            (name, "leads@example.com")
        ]


def test_a_brands_picture_travels_inside_the_mail() -> None:
    ses = Recorder()
    logo = Attachment("logo.png", "image/png", b"\x89PNG")
    mail = Mail(
        ("to@example.com",),
        "S",
        '<img src="cid:logo">',
        "x",
        "Brand",
        attachments=(logo,),
        logo=logo,
    )
    SesMailSender(ses, "leads@example.com", "").send(mail, {})
    message = message_from_bytes(ses.request["Content"]["Raw"]["Data"], policy=default)
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "image/png",
    ]
    inside = next(part for part in message.walk() if part["Content-ID"])
    assert (inside["Content-ID"], inside.get_content_disposition()) == ("<logo>", "inline")


def test_mail_programs_keep_the_mails_of_one_lead_together_and_apart_from_others() -> None:
    def headers(thread: str) -> tuple[str | None, ...]:
        ses = Recorder()
        mail = Mail(("to@example.com",), "S", "<p>x</p>", "x", "Brand", thread=thread)
        SesMailSender(ses, "leads@example.com", "").send(mail, {})
        message = message_from_bytes(ses.request["Content"]["Raw"]["Data"], policy=default)
        return tuple(message[name] for name in ("References", "In-Reply-To", "X-Entity-Ref-ID"))

    assert headers("L1.partner") == (
        "<L1.partner@example.com>",
        "<L1.partner@example.com>",
        "L1.partner",
    )
    assert headers("L1.partner") != headers("L2.partner")
    assert headers("") == (None, None, None)

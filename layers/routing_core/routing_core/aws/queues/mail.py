"""Send mail through SES as raw MIME, so that text, HTML and attachments travel together."""

import re
from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr
from typing import Any

from botocore.exceptions import ClientError

from routing_core.aws.tables.mail_pace import MailPace
from routing_core.service.kernel.mail_delays import MailDelayed, MailHindrance, MailRefused
from routing_core.service.kernel.mail_ports import Attachment, Mail

HINDRANCES: Mapping[str, MailHindrance] = {
    "TooManyRequestsException": MailHindrance.RATE,
    "Throttling": MailHindrance.RATE,
    "ThrottlingException": MailHindrance.RATE,
    "LimitExceededException": MailHindrance.QUOTA,
    "MailFromDomainNotVerifiedException": MailHindrance.MAIL_FROM,
    "AccountSuspendedException": MailHindrance.PAUSED,
    "SendingPausedException": MailHindrance.PAUSED,
}
"""SES's errors of what passes, or can be mended without us, and what each hinders."""
REFUSALS = frozenset({"MessageRejected", "BadRequestException"})
"""SES's errors of a message that it will not take however often it is sent."""

SAYS_PAUSED = re.compile(r"\b(sending|account)\b.*\b(paused|suspended|disabled|shut ?down)\b")
"""How SES says in a refusal that no mail leaves, whoever it is to.

"Sending paused for this account. For more information, please check the inbox of …" is a
``MessageRejected`` of the first API, and nothing promises that the second never says it so.
"""


class SesMailSender:
    """Sends mails: ``mail_ports.MailSender`` with SES."""

    def __init__(
        self, client: Any, sender: str, configuration_set: str, pace: MailPace | None = None
    ):
        """Take SES's client, and the ``pace`` that all functions keep together, if they do."""
        self._client = client
        self._sender = sender
        self._configuration_set = configuration_set
        self._pace = pace

    def send(self, mail: Mail, mark: Mapping[str, str]) -> str:
        """Send a mail and give its id; ``mark`` are the tags with which bounces come back.

        Raises MailDelayed while SES takes none, and MailRefused if it never takes this one.
        """
        tags = [{"Name": name, "Value": value} for name, value in mark.items() if value]
        request: dict[str, Any] = {
            "FromEmailAddress": formataddr((mail.from_name, self._sender)),  # SES takes ASCII only
            "Destination": {"ToAddresses": list(mail.to)},
            "Content": {"Raw": {"Data": self._message(mail).as_bytes()}},
            "EmailTags": tags,
        }
        # Click and open tracking stays off in the configuration set: it would rewrite the links.
        if self._configuration_set:
            request["ConfigurationSetName"] = self._configuration_set
        if self._pace:
            self._pace.take_turn()
        try:
            answer = self._client.send_email(**request)
        except ClientError as error:
            raise _meaning_of(error) from error
        return str(answer["MessageId"])

    def try_anew(self, address: str) -> None:
        """Let mail to an address leave again that SES had given up on.

        Raises MailDelayed while SES does not do it.
        """
        try:
            take_off_suppression_list(self._client, address)
        except ClientError as error:
            raise _meaning_of(error) from error

    def _message(self, mail: Mail) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["Subject"] = mail.subject
        message["From"] = Address(mail.from_name, addr_spec=self._sender)
        message["To"] = ", ".join(mail.to)
        if mail.reply_to:
            message["Reply-To"] = mail.reply_to
        message["Auto-Submitted"] = "auto-generated"
        if mail.unsubscribe:
            # One click in the mail program posts there, without opening a page (RFC 8058).
            message["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        if mail.thread:
            self._put_into_thread(message, mail.thread)
        message.set_content(mail.text)
        message.add_alternative(mail.html, subtype="html")
        if mail.logo:
            _show_within_html(message, mail.logo)
        for attachment in mail.attachments:
            main, _, sub = attachment.content_type.partition("/")
            message.add_attachment(
                attachment.content, maintype=main, subtype=sub, filename=attachment.name
            )
        return message

    def _put_into_thread(self, message: EmailMessage, thread: str) -> None:
        # SES gives each message an id of its own, so all of a thread answer one that was never
        # sent. Gmail goes by subject too, and 22 enquiries may have one: the last header keeps
        # them apart.
        domain = self._sender.rpartition("@")[2]
        root = f"<{thread}@{domain}>"
        message["References"] = root
        message["In-Reply-To"] = root
        message["X-Entity-Ref-ID"] = thread


def _show_within_html(message: EmailMessage, logo: Attachment) -> None:
    main, _, sub = logo.content_type.partition("/")
    _, html = message.iter_parts()
    html.add_related(logo.content, maintype=main, subtype=sub, cid="<logo>", disposition="inline")


def take_off_suppression_list(client: Any, address: str) -> bool:
    """Take an address off the account's suppression list; tell whether it was on it."""
    try:
        client.delete_suppressed_destination(EmailAddress=address)
    except ClientError as error:
        if error.response["Error"]["Code"] == "NotFoundException":
            return False
        raise
    return True


def _meaning_of(error: ClientError) -> Exception:
    """Say what an error of SES means; one that is not known stays what it is.

    https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-error-messages.html
    """
    told = error.response["Error"]
    code, said = str(told["Code"]), str(told.get("Message", "")).casefold()
    if "not verified" in said and code in REFUSALS:
        return MailDelayed(MailHindrance.UNVERIFIED)
    if code in REFUSALS and SAYS_PAUSED.search(said):
        return MailDelayed(MailHindrance.PAUSED)
    if code in REFUSALS:
        return MailRefused(f"SES refused a mail: {code}")
    hindrance = HINDRANCES.get(code)
    if hindrance is None:
        unknown: Exception = error
        return unknown
    # A spent day and too high a rate are the same error: only its words tell them apart.
    if hindrance is MailHindrance.RATE and ("daily" in said or "quota" in said):
        hindrance = MailHindrance.QUOTA
    return MailDelayed(hindrance)

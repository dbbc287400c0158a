"""Send mail through SES as raw MIME, so that text, HTML and attachments travel together."""

from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr
from typing import Any

from routing_core.service.kernel.mail_ports import Attachment, Mail


class SesMailSender:
    """Sends mails: ``mail_ports.MailSender`` with SES."""

    def __init__(self, client: Any, sender: str, configuration_set: str):
        self._client = client
        self._sender = sender
        self._configuration_set = configuration_set

    def send(self, mail: Mail, mark: Mapping[str, str]) -> str:
        """Send a mail and give its id; ``mark`` are the tags with which bounces come back."""
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
        answer = self._client.send_email(**request)
        return str(answer["MessageId"])

    def _message(self, mail: Mail) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["Subject"] = mail.subject
        message["From"] = Address(mail.from_name, addr_spec=self._sender)
        message["To"] = ", ".join(mail.to)
        if mail.reply_to:
            message["Reply-To"] = mail.reply_to
        message["Auto-Submitted"] = "auto-generated"
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

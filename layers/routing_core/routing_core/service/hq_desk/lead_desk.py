"""What the pages of leads on HQ's desk work with."""

from dataclasses import dataclass

from routing_core.service.kernel.mail_delays import MailWatch
from routing_core.service.kernel.mail_ports import SentMailLog
from routing_core.service.kernel.read_model import ReadModel
from routing_core.service.kernel.services import Services


@dataclass(frozen=True, slots=True)
class LeadDesk:
    """The first argument of the use cases of leads on HQ's desk."""

    services: Services
    read_model: ReadModel
    """What lists are read from."""
    mails: SentMailLog
    """The log of sent mails."""
    watch: MailWatch
    """What is known of mail that does not leave."""

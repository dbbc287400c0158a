"""What people have to know of mail that does not leave: whether it stands still, what was refused."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from routing_core.domain.checks.partner_regions import regions_of
from routing_core.domain.hq_people import HqPerson
from routing_core.service.kernel.mail_delays import MailWatch, RefusedMail, StandingMail
from routing_core.service.kernel.services import Services

SHOWN_FOR = timedelta(days=3)
"""A refused mail is shown for so long: it does not leave by itself, and somebody may call."""


@dataclass(frozen=True, slots=True)
class MailHealth:
    """Says how mail does, as far as somebody sees it."""

    standing: StandingMail | None
    """Since when and why mail stands still; None while it moves."""
    refused: tuple[RefusedMail, ...]
    """The mails that the mail service refused for good of late, the latest first."""


def mail_health(
    services: Services, watch: MailWatch, person: HqPerson, now: datetime
) -> MailHealth:
    """Tell how mail does; of refused mails those about leads and partners that somebody sees."""
    refused = watch.refused(now - SHOWN_FOR)
    if person.regions is not None:
        refused = _seen_by(services, person, refused)
    return MailHealth(watch.standing(now), tuple(refused))


def _seen_by(
    services: Services, person: HqPerson, refused: Iterable[RefusedMail]
) -> list[RefusedMail]:
    refused = list(refused)
    wanted = sorted({each.lead for each in refused if each.lead})
    leads = {lead.id for lead in services.leads.several(wanted) if person.sees(lead)}
    network = services.rules.network().partners
    shown = []
    for each in refused:
        if each.lead:
            is_theirs = each.lead in leads
        else:
            partner = network.get(each.partner)
            is_theirs = partner is not None and person.sees_any_of(
                regions_of(partner, services.programme)
            )
        if is_theirs:
            shown.append(each)
    return shown

"""Mails somebody at HQ the link by which they sign in on a device."""

from datetime import UTC, datetime, timedelta
from functools import partial

from routing_core.domain.hq_access import HqAccess
from routing_core.domain.hq_people import hq_person
from routing_core.domain.values.mailboxes import email_mark
from routing_core.service.kernel.hq_link import own_generation
from routing_core.service.kernel.links import Purpose, Token
from routing_core.service.kernel.services import Services
from routing_core.service.kernel.views import MailView
from routing_core.service.notifications.mailing import MailContext

SIGN_IN_REQUESTED = "hq.sign_in_requested"
"""The event by which somebody asks for a link to sign in, and the beginning of its mail's key."""
SIGN_IN_MINUTES = 60
"""A sign-in link opens for so long after its mail was written.

That survives a mail server that lets a stranger's mail wait for half an hour; it opens the desk
once, so that nobody gains from finding it later.
"""


def mail_sign_in_link(
    mailing: MailContext, person_id: str, event: str, back_to: str, now: datetime
) -> tuple[str, ...]:
    """Mail the person with that short id a link to sign in with, once for each ``event``.

    Nobody at HQ has that id where somebody typed a stranger's address: nothing is sent. Gives the
    templates of the mails that left.
    """
    services = mailing.services
    person = hq_person(services.programme, person_id)
    if person is None:
        return ()
    key = f"{SIGN_IN_REQUESTED}.{person.id}.{event}"
    token = _token(services, services.hq_access.of(person.id), key, now)
    view = MailView(
        template="hq_sign_in",
        programme=services.programme,
        language=person.language,
        now=now,
        to=(person.email,),
        data={"minutes": SIGN_IN_MINUTES},
        links={"sign_in": f"{services.links.base_url}/hq/in/{token}?to={back_to}"},
    )
    send = partial(mailing.send, view, {"role": "hq"})
    return ("hq_sign_in",) if mailing.once(f"{key}#hq", now, send) else ()


def _token(services: Services, access: HqAccess, key: str, now: datetime) -> str:
    """Sign the link. It names the device that it will open the desk on."""
    until = now.astimezone(UTC) + timedelta(minutes=SIGN_IN_MINUTES)
    token = Token(
        Purpose.HQ_SIGN_IN,
        subject=email_mark(key),
        number=int(until.timestamp()) // 60,
        generation=services.programme.hq.links,
        extra=own_generation(access),
        person=access.person,
    )
    return services.links.token(token)

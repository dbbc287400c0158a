"""Sign in at HQ's desk: ask for a link by mail, open the desk on a device, stay signed in.

1. Somebody types an address. Whether it is known or not, the same is counted, published and
   answered, so that neither words nor time tell.
2. The mail has a link that lives for an hour, which survives slow mail, and opens the desk on one
   device. Looking at it does nothing; a button signs in.
3. The device keeps a signed cookie for thirty days, renewed with each day of use. It holds no
   secret of its own: the person's access (``HqAccess``) says whether it is still good.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime

from routing_core.domain.activity import ActivityKind
from routing_core.domain.errors import Conflict, InvalidInput, LinkRefused, Problem
from routing_core.domain.hq_access import (
    HqAccess,
    HqDevice,
    UsedLink,
    has_lapsed,
    is_used_up,
    used_on,
    with_device,
    with_link_used,
)
from routing_core.domain.hq_people import HqPerson, hq_person
from routing_core.domain.people import person_id
from routing_core.domain.programme.document import mail_address
from routing_core.service.intake.examine_post import network_of
from routing_core.service.kernel.hq_access_book import change_access
from routing_core.service.kernel.hq_link import is_in_force, own_generation
from routing_core.service.kernel.links import Purpose, Token
from routing_core.service.kernel.ports import Bus
from routing_core.service.kernel.read_model import LogEntry
from routing_core.service.kernel.services import Services
from routing_core.service.notifications.hq_access import open_hq
from routing_core.service.notifications.sign_in_mail import SIGN_IN_REQUESTED

LINKS_AN_HOUR = 4
"""Sign-in links that one address is sent in an hour of the clock."""
ASKED_AN_HOUR = 20
"""Addresses that may be typed in an hour from one network: an office has one for all."""
DESK = "/hq"
"""The address of HQ's desk."""
_PAGE_OF_THE_DESK = re.compile(r"/hq(/[A-Za-z0-9_-]{1,80}){0,6}")


class SignInNeeded(LinkRefused):
    """Raised where nobody has signed in, or whoever had may not come in any more."""


class SignInLinkEnded(LinkRefused):
    """Raised for a sign-in link that has opened the desk before, or is too old."""


@dataclass(frozen=True, slots=True)
class SignInRequest:
    """Somebody asks for a sign-in link."""

    email: str
    """The address as it was typed."""
    back_to: str
    """The page that they wanted to see."""
    client: str
    """The network address that it came from."""


@dataclass(frozen=True, slots=True)
class NewDevice:
    """A browser that is about to be signed in."""

    id: str
    """A fresh id, for links that may sign in several devices."""
    browser: str
    """The family of the browser and its system."""


def page_of_desk(path: str) -> str:
    """Give a page of the desk to come back to; the desk itself for anything else."""
    return path if _PAGE_OF_THE_DESK.fullmatch(path) else DESK


# ── asking for a link ─────────────────────────────────────────────────────────────────────────────


def ask_to_sign_in(services: Services, bus: Bus, asked: SignInRequest, now: datetime) -> None:
    """Have a link mailed to an address, if it is somebody's at HQ.

    Raises InvalidInput for what is no address at all. Beyond the ceilings nothing is sent, and
    nobody is told.
    """
    try:
        address = mail_address(asked.email.strip())
    except ValueError as error:
        raise InvalidInput([Problem("email", "invalid_email", str(error))]) from error
    person = person_id(address)
    network = services.network_key(network_of(asked.client))
    count = services.gate.book.count
    of_network = count(f"hq-network-{network}", 1, now)
    of_person = count(f"hq-person-{person}", 1, now)
    if of_network > ASKED_AN_HOUR or of_person > LINKS_AN_HOUR:
        return
    event = f"{now.astimezone(UTC):%Y-%m-%dT%HZ}.{of_person}"
    wanted = {"person": person, "event": event, "back_to": page_of_desk(asked.back_to)}
    bus.publish((), [(SIGN_IN_REQUESTED, wanted)])


# ── opening the desk on a device ──────────────────────────────────────────────────────────────────


def view_sign_in(services: Services, token_text: str, now: datetime) -> HqPerson:
    """Tell whom a sign-in link is for. Raises SignInLinkEnded, and LinkRefused for none of ours."""
    return _reader_of(services, services.links.read(Purpose.HQ_SIGN_IN, token_text), now)[0]


def sign_in(services: Services, token_text: str, device: NewDevice, now: datetime) -> str:
    """Open the desk on a device by a sign-in link, and give what its cookie holds.

    One link opens it on one device; pressing the button twice is the same as once. Raises
    SignInLinkEnded, and LinkRefused for no link of ours.
    """
    token = services.links.read(Purpose.HQ_SIGN_IN, token_text)
    person, _ = _reader_of(services, token, now)
    # The link names the device, so that a second press makes no second one.
    named = NewDevice(token.subject, device.browser)
    used = UsedLink(now, _end_of(token))

    def signed_in(access: HqAccess) -> HqAccess:
        if is_used_up(access, token.subject, now):
            raise SignInLinkEnded("this link was used before")
        return with_link_used(with_device(access, _made(named, now)), token.subject, used)

    return _opened(services, person, named, signed_in, now)


def open_desk(services: Services, token_text: str, device: NewDevice, now: datetime) -> str:
    """Open the desk on a device by the link of a mail, which is somebody's own.

    Gives what the cookie holds. Raises LinkRefused for a link that names nobody or is over.
    """
    return sign_in_on(services, view_own_link(services, token_text, now), device, now)


def sign_in_on(services: Services, person: HqPerson, device: NewDevice, now: datetime) -> str:
    """Open the desk on a device for somebody at HQ, and give what its cookie holds."""

    def signed_in(access: HqAccess) -> HqAccess:
        return with_device(access, _made(device, now))

    return _opened(services, person, device, signed_in, now)


def view_own_link(services: Services, token_text: str, now: datetime) -> HqPerson:
    """Tell whose a mail's link to HQ's pages is. Raises LinkRefused for one that names nobody."""
    person = open_hq(services, token_text, now).person
    if not person.id:
        raise LinkRefused("this link names nobody who could sign in")
    return person


def _opened(
    services: Services,
    person: HqPerson,
    device: NewDevice,
    changed: Callable[[HqAccess], HqAccess],
    now: datetime,
) -> str:
    access = change_access(services.hq_access, person.id, changed)
    services.activity.note(
        LogEntry(at=now, by=person.actor, kind=ActivityKind.SIGNED_IN, about=device.id)
    )
    return _cookie(services, access, device.id, now)


def _made(device: NewDevice, now: datetime) -> HqDevice:
    today = _day(now)
    return HqDevice(device.id, device.browser, today, today)


def _reader_of(services: Services, token: Token, now: datetime) -> tuple[HqPerson, HqAccess]:
    """Give whose sign-in link it is, with their access; raises SignInLinkEnded or LinkRefused."""
    person = hq_person(services.programme, token.person)
    if person is None:
        raise LinkRefused("this link is no longer valid")
    access = services.hq_access.of(person.id)
    is_over = now >= _end_of(token) or not is_in_force(services, token, access)
    if is_over or is_used_up(access, token.subject, now):
        raise SignInLinkEnded("this link has ended")
    return person, access


def _end_of(token: Token) -> datetime:
    """Give the end of a sign-in link's life: its number, in minutes since 1970."""
    return datetime.fromtimestamp(token.number * 60, UTC)


# ── staying signed in ─────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody who has signed in, and the device they did it on."""

    person: HqPerson
    access: HqAccess
    device: str
    """The short id of the device."""
    cookie_of: date
    """The day on which the device's cookie was made."""


def visit_on_device(services: Services, cookie: str, now: datetime) -> Visit:
    """Give whoever has signed in on the device with that cookie: one read, whatever it answers.

    Raises SignInNeeded for no cookie of ours, for a device that was signed out or not used for too
    long, and for whoever is nobody at HQ any more.
    """
    try:
        token = services.links.read(Purpose.HQ_DEVICE, cookie)
    except LinkRefused as error:
        raise SignInNeeded("nobody has signed in on this device") from error
    person = hq_person(services.programme, token.person)
    if person is None:
        raise SignInNeeded("whoever had signed in on this device is nobody at HQ any more")
    access = services.hq_access.of(person.id)
    cookie_of, today = date.fromordinal(token.number), _day(now)
    is_over = not is_in_force(services, token, access) or has_lapsed(cookie_of, today)
    if is_over or access.device(token.subject, today) is None:
        raise SignInNeeded("this device was signed out")
    return Visit(person, access, token.subject, cookie_of)


def person_on_device(services: Services, cookie: str, now: datetime) -> HqPerson:
    """Give whoever has signed in on the device with that cookie. Raises SignInNeeded."""
    return visit_on_device(services, cookie, now).person


def renewed_cookie(services: Services, cookie: str, now: datetime) -> str:
    """Give a fresh cookie with each day of use, which is noted; empty if there is no need.

    That note says when a device was used last, and changes nothing that anybody decides about.
    """
    if not cookie:
        return ""
    # Of two requests that meet in the morning the other one renews it.
    with suppress(LinkRefused, Conflict):
        visit = visit_on_device(services, cookie, now)
        today = _day(now)
        if visit.cookie_of < today:
            access = change_access(
                services.hq_access,
                visit.person.id,
                lambda access: used_on(access, visit.device, today),
            )
            return _cookie(services, access, visit.device, now)
    return ""


def _cookie(services: Services, access: HqAccess, device: str, now: datetime) -> str:
    token = Token(
        Purpose.HQ_DEVICE,
        subject=device,
        number=_day(now).toordinal(),
        generation=services.programme.hq.links,
        extra=own_generation(access),
        person=access.person,
    )
    return services.links.token(token)


def _day(now: datetime) -> date:
    return now.astimezone(UTC).date()

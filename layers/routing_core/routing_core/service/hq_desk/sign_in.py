"""Tell who has signed in on a device, by the cookie that it keeps."""

from datetime import datetime

from routing_core.domain.errors import LinkRefused
from routing_core.domain.hq_people import HqPerson, hq_person
from routing_core.service.kernel.links import Purpose, Token
from routing_core.service.kernel.services import Services


class SignInNeeded(LinkRefused):
    """Raised where nobody has signed in, or whoever had may not come in any more."""


def device_cookie(services: Services, person: HqPerson) -> str:
    """Give what the cookie of a device holds on which somebody has signed in."""
    token = Token(Purpose.HQ_DEVICE, generation=services.programme.hq.links, person=person.id)
    return services.links.token(token)


def person_on_device(services: Services, cookie: str, now: datetime) -> HqPerson:
    """Give whoever has signed in on the device with that cookie.

    Raises SignInNeeded for no cookie of ours, and for whoever is nobody at HQ any more.
    """
    try:
        token = services.links.read(Purpose.HQ_DEVICE, cookie)
    except LinkRefused as error:
        raise SignInNeeded("nobody has signed in on this device") from error
    person = hq_person(services.programme, token.person)
    if person is None or token.generation != services.programme.hq.links:
        raise SignInNeeded("whoever had signed in on this device may not come in any more")
    return person

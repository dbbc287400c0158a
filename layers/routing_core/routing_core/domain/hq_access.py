"""What a person at HQ has in hand: the links that are in force, and the devices signed in.

Both end by one number, the person's generation. It stands in every link that they are sent and in
the cookie of every device, and only ever rises: what it ended never comes back. A sign-in link
opens the desk on one device, once; whoever presses its button twice within a minute has the same
device twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from routing_core.domain.saved_filters import SavedFilter

DEVICE_DAYS = 30
"""A device that was not used for so many days is signed out."""
MOST_DEVICES = 20
"""Devices of one person; before one more signs in, the one used longest ago is signed out."""
PRESSED_TWICE = timedelta(minutes=1)
"""A sign-in link's button does the same again for so long, for whoever pressed it twice."""


@dataclass(frozen=True, slots=True)
class HqDevice:
    """A browser on which somebody has signed in."""

    id: str
    """The short id, which stands in the browser's cookie."""
    browser: str
    """The family of the browser and of its system, such as ``Firefox, Android``."""
    since: date
    """The day of the sign-in."""
    last_used: date
    """The last day on which it opened the desk."""


@dataclass(frozen=True, slots=True)
class UsedLink:
    """A sign-in link that has opened the desk already."""

    at: datetime
    """The instant at which it did."""
    until: datetime
    """The end of the link's own life: from then on nobody has to remember it."""


@dataclass(frozen=True, slots=True)
class HqAccess:
    """The devices of one person at HQ, and which of their links are in force."""

    person: str
    """The person's short id."""
    generation: int = 0
    """Counts how often all links and devices of this person were ended."""
    devices: tuple[HqDevice, ...] = ()
    """The devices that are signed in."""
    used_links: Mapping[str, UsedLink] = field(default_factory=dict)
    """The sign-in links that were used and might still be tried, by what marks them."""
    version: int = 0
    """Counts how often this was saved; 0 = never."""
    filters: tuple[SavedFilter, ...] = ()
    """The filters of the list of leads that they keep: each visit reads them with all this."""

    def device(self, device: str, today: date) -> HqDevice | None:
        """Give a device that is signed in; None if it is not, or not any more."""
        return next((each for each in self.in_use(today) if each.id == device), None)

    def in_use(self, today: date) -> tuple[HqDevice, ...]:
        """Give the devices that are signed in today."""
        return tuple(each for each in self.devices if not has_lapsed(each.last_used, today))


def has_lapsed(last_used: date, today: date) -> bool:
    """Tell whether a device was not used for so long that it is signed out."""
    return today - last_used > timedelta(days=DEVICE_DAYS)


def with_device(access: HqAccess, device: HqDevice) -> HqAccess:
    """Sign a device in; the one used longest ago makes room where there are too many."""
    others = [each for each in access.in_use(device.since) if each.id != device.id]
    others.sort(key=lambda each: each.last_used)
    kept = others[-(MOST_DEVICES - 1) :]
    return replace(access, devices=(*kept, device))


def with_link_used(access: HqAccess, link: str, used: UsedLink) -> HqAccess:
    """Remember that a sign-in link was used, and forget those whose life is over anyway."""
    going_on = {name: each for name, each in access.used_links.items() if each.until > used.at}
    # The first use counts: pressing again within the minute does not begin another one.
    return replace(access, used_links={link: used} | going_on)


def is_used_up(access: HqAccess, link: str, now: datetime) -> bool:
    """Tell whether a sign-in link has opened the desk before, and this is no second press.

    The link names the device that it opened: once that is signed out, no press brings it back.
    """
    used = access.used_links.get(link)
    if used is None:
        return False
    is_signed_out = all(each.id != link for each in access.devices)
    return is_signed_out or now - used.at > PRESSED_TWICE


def used_on(access: HqAccess, device: str, today: date) -> HqAccess:
    """Note the day on which a device was used."""
    devices = tuple(
        replace(each, last_used=today) if each.id == device else each for each in access.devices
    )
    return replace(access, devices=devices)


def without_device(access: HqAccess, device: str) -> HqAccess:
    """Sign one device out."""
    return replace(access, devices=tuple(each for each in access.devices if each.id != device))


def all_ended(access: HqAccess) -> HqAccess:
    """Sign all devices of a person out, and end every link that they were sent."""
    return replace(access, generation=access.generation + 1, devices=(), used_links={})

"""The pages by which people at HQ sign in, and the list of devices on which they are signed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from routing_core.domain.errors import Problem
from routing_core.domain.hq_access import DEVICE_DAYS, HqDevice
from routing_core.domain.hq_people import HqPerson
from routing_core.domain.programme.programme import Programme
from routing_core.present.hq_desk.frame import DeskFrame, desk_locale, render_desk
from routing_core.present.locale_context import LocaleContext
from routing_core.present.pages.frame import (
    PageFrame,
    known_notice,
    render,
    title_with_problems,
)
from routing_core.present.problems import by_field
from routing_core.service.hq_desk.sign_in import Visit

SIGN_IN_NOTICES = ("asked", "ended", "signed_out")
"""Names what the sign-in page tells once."""
DEVICE_NOTICES = ("removed",)
"""Names what a button of the list of devices may have done."""


@dataclass(frozen=True, slots=True)
class SignInWords:
    """What the sign-in page says besides its form."""

    language: str
    """The language of the browser."""
    back_to: str
    """The page that is opened after signing in."""
    email: str = ""
    """The address that was typed."""
    problems: Sequence[Problem] = ()
    notice: str = ""
    """The notice, one of ``SIGN_IN_NOTICES``."""


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A device as the list shows it."""

    id: str
    """The short id, which the button posts."""
    browser: str
    """The family of the browser."""
    since: str
    """Says since when it is signed in."""
    last_used: str
    """Says when it was used last."""
    here: bool
    """Marks the device on which the list is read."""


def sign_in_page(programme: Programme, words: SignInWords) -> str:
    """Draw the page on which somebody types their address to be mailed a link."""
    locale = LocaleContext.for_programme(programme, words.language)
    title = locale.translate("hq_people.sign_in.title")
    frame = PageFrame(
        "hq/sign_in.html",
        title_with_problems(title, words.problems, locale),
        locale.catalog,
        programme,
        locale,
        sheets=("hq.css",),
    )
    return render(
        frame,
        words=words,
        notice=known_notice(words.notice, SIGN_IN_NOTICES),
        error=by_field(words.problems, locale.catalog).get("email", ""),
    )


def open_page(programme: Programme, person: HqPerson, now: datetime) -> str:
    """Draw the page that asks whether to open the desk on this device."""
    locale = desk_locale(programme, person, now)
    title = locale.translate("hq_people.open.title")
    frame = PageFrame("hq/open.html", title, locale.catalog, programme, locale, sheets=("hq.css",))
    return render(frame, person=person, days=DEVICE_DAYS)


def devices_page(programme: Programme, visit: Visit, now: datetime, notice: str = "") -> str:
    """Draw the list of the devices on which the visitor is signed in."""
    locale = desk_locale(programme, visit.person, now)
    title = locale.translate("hq_people.devices.title")
    today = now.astimezone(UTC).date()
    known = sorted(visit.access.in_use(today), key=_latest_first, reverse=True)
    rows = [_row(each, visit, locale) for each in known]
    return render_desk(
        DeskFrame("devices.html", title, "", visit.person, programme, locale),
        rows=rows,
        days=DEVICE_DAYS,
        notice=known_notice(notice, DEVICE_NOTICES),
    )


def _latest_first(device: HqDevice) -> tuple[date, date]:
    return device.last_used, device.since


def _row(device: HqDevice, visit: Visit, locale: LocaleContext) -> DeviceRow:
    return DeviceRow(
        id=device.id,
        browser=device.browser or locale.translate("hq_people.devices.unknown"),
        since=locale.day(device.since),
        last_used=locale.day(device.last_used),
        here=device.id == visit.device,
    )

"""Once a day: writes public holidays on before they run out, and tells HQ what it must do itself.

Holidays stand in programme and profiles as dates, so that a decision can be made again whatever the
library of holidays says by then. Nobody has to save anything for them to go on.
"""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any

from routing_core.domain.calendar.zones import probably_meant, zone_problem
from routing_core.domain.checks.public_holidays import (
    are_stale,
    public_holidays,
    run_out,
    with_public_holidays,
)
from routing_core.domain.errors import VersionConflict
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.service.kernel.retry import retry_on_conflict
from routing_core.service.kernel.rule_saving import save_rules
from routing_core.service.kernel.services import Services
from routing_core.service.notifications.mail_views import calendars_view
from routing_core.service.notifications.mailing import MailContext

PROFILES_A_TRANSACTION = 40
"""So many profiles are written in one transaction."""
PROFILES_A_RUN = 4_000
"""So many profiles are written in a run; the next day goes on."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Renewed:
    """What a run has done."""

    programme: int | None
    """The version that was saved; None if the programme's holidays reach far enough."""
    partners: int
    """How many profiles were written."""
    failed: tuple[str, ...]
    """The partners whose holidays could not be written on; they are tried again the next day."""


def renew_calendars(mailing: MailContext, now: datetime) -> Renewed:
    """Write on whatever ends soon, and tell HQ; doing it again does nothing more."""
    services = mailing.services
    version = retry_on_conflict(lambda _: _renew_programme(mailing, now))
    everybody = list(services.partners.all())
    written, failed = _renew_partners(services, everybody, now)
    _tell_hq(mailing, everybody, now)
    return Renewed(version, written, failed)


def _renew_programme(mailing: MailContext, now: datetime) -> int | None:
    """Write the programme's holidays on; give the new version, None if they reach far enough.

    It is saved on exactly the version that was read: HQ may be saving its rules at that moment. HQ
    is told before it is saved: whoever stops in between begins again, and the mail leaves only
    once.
    """
    rules = mailing.services.rules
    rules.look_again()
    version, programme = rules.programme()
    region = programme.calendar.holiday_region
    if not region or not are_stale(programme.calendar.holidays, region, now.date()):
        return None
    renewed = with_public_holidays(programme, now.date())
    year = max(day.year for day in renewed.calendar.holidays)
    _tell(mailing, "renewed", f"{year}", {"year": year}, now)
    return save_rules(rules, renewed, now, replaces=version)


def _renew_partners(
    services: Services, everybody: Sequence[Partner], now: datetime
) -> tuple[int, tuple[str, ...]]:
    """Write the partners' holidays on; give how many were written, and whose could not be."""
    stale: list[tuple[Partner, int]] = []
    failed: list[str] = []
    for partner in everybody:
        try:
            holidays = _fresh_holidays(partner, services.programme, now.date())
        except ValueError:
            logger.exception("holidays of an unknown region", extra={"partner": partner.id})
            failed.append(partner.id)
            continue
        if holidays is not None:
            stale.append((replace(partner, holidays=holidays), partner.version))
    written = 0
    for start in range(0, min(len(stale), PROFILES_A_RUN), PROFILES_A_TRANSACTION):
        batch = stale[start : start + PROFILES_A_TRANSACTION]
        try:
            services.partners.save(batch, now)
            written += len(batch)
        except VersionConflict:
            # Somebody is saving one of them just now: the next day is early enough.
            names = [partner.id for partner, _ in batch]
            logger.warning("not renewed yet", extra={"partners": names})
    return written, tuple(failed)


def _fresh_holidays(partner: Partner, programme: Programme, today: date) -> tuple[date, ...] | None:
    """Give the holidays a profile needs; None while its own are right and reach far enough.

    Raises ValueError for an unknown region.
    """
    region = _region(partner, programme)
    if not region or not are_stale(partner.holidays, region, today):
        return None
    return public_holidays(region, today)


def _region(partner: Partner, programme: Programme) -> str:
    return partner.holiday_region or programme.calendar.holiday_region


def _tell_hq(mailing: MailContext, everybody: Sequence[Partner], now: datetime) -> None:
    """Send a mail for each thing that is new: a list by hand that ends, zones of no place."""
    programme = mailing.services.programme
    calendar = programme.calendar
    year = max((day.year for day in calendar.holidays), default=0)
    by_hand = calendar.holidays and not calendar.holiday_region
    if by_hand and run_out(calendar.holidays, now.date()):
        _tell(mailing, "by_hand", f"{year}", {"year": year}, now)
    zones = {partner.name: partner.time_zone for partner in everybody}
    zones[programme.name] = programme.time_zone
    wrong = sorted(
        f"{name}: {_zone_words(zone)}" for name, zone in zones.items() if zone_problem(zone)
    )
    if wrong:
        # The same list is told once; another one, longer or shorter, is news.
        occasion = hashlib.sha256("\n".join(wrong).encode()).hexdigest()[:16]
        _tell(mailing, "zones", occasion, {"count": len(wrong), "names": wrong}, now)


def _zone_words(zone: str) -> str:
    meant = probably_meant(zone)
    return f"{zone} → {meant}" if meant else zone


def _tell(
    mailing: MailContext, what: str, occasion: str, data: Mapping[str, Any], now: datetime
) -> None:
    view = calendars_view(mailing.services, what, data, now)
    send = partial(mailing.send, view, {"role": "hq"})
    mailing.once(f"calendars.{what}.{occasion}#hq", now, send)

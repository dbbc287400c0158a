"""What HQ's desk shows first: what needs a person, and how the day and the week are going."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from routing_core.domain.checks.partner_regions import regions_of
from routing_core.domain.hq_people import HqPerson, HqRole, Right
from routing_core.domain.lead import LeadStatus
from routing_core.domain.lead_row import LeadFilter, LeadRow, LeadSort
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.service.hq_desk.day_figures import (
    TodayFigures,
    first_day_needed,
    today_figures,
)
from routing_core.service.hq_desk.full_partners import FullPartners, full_partners
from routing_core.service.hq_desk.lead_desk import LeadDesk
from routing_core.service.kernel.dead_letters import DeadLetters
from routing_core.service.kernel.read_model import MOST_ON_PAGE, WORTH_A_WORD

AT_RISK = timedelta(hours=2)
"""A promise is at risk when it ends so soon and nobody has the lead."""
SHOWN_OF_A_KIND = 5
"""Lines of a kind that are shown; of the rest the number."""
MOST_PAGES_READ = 5
"""So many pages of open leads are looked through, the oldest first."""
NOBODYS_YET = frozenset({LeadStatus.HQ_QUEUE, LeadStatus.OFFERED, LeadStatus.FOLLOW_UP})
"""The states in which somebody is looked for, and no partner has the lead."""


@dataclass(frozen=True, slots=True)
class NeededLeads:
    """Leads that need a person for one reason."""

    rows: tuple[LeadRow, ...]
    """Those that are shown, what is most pressing first."""
    total: int


@dataclass(frozen=True, slots=True)
class TodayView:
    """What the first page of HQ's desk shows."""

    programme: Programme
    now: datetime
    partners: Mapping[str, Partner]
    waiting: NeededLeads
    """Those that HQ has to assign or decide on, by age."""
    promises: NeededLeads
    """Those whose sender was told to hear soon, or to have heard, and nobody has them."""
    unseen: NeededLeads
    """Those whose offers nobody has looked at when half of the time was over."""
    overdue: NeededLeads
    """Those whose owner should have been in touch by now."""
    unreached: tuple[Partner, ...]
    """Partners whom mail does not reach."""
    full: FullPartners
    dead_letters: Mapping[str, int]
    """What the machinery gave up on, by hop; only for who runs everything."""
    figures: TodayFigures
    may_ask: bool
    """Tells whether the reader may ask partners for more."""
    not_counted: bool
    """Tells that there are so many open leads that only the oldest were looked through."""
    notice: str = ""
    behind: timedelta | None = None
    """How far the page is behind the leads, where that is worth a word."""

    @property
    def is_quiet(self) -> bool:
        """Tell whether nothing needs a person."""
        leads = (self.waiting, self.promises, self.unseen, self.overdue)
        return not (
            any(each.total for each in leads)
            or self.unreached
            or self.full.partners
            or any(self.dead_letters.values())
        )


def view_today(
    desk: LeadDesk, dead_letters: DeadLetters, person: HqPerson, now: datetime, notice: str = ""
) -> TodayView:
    """Show what needs somebody first, as far as they see it, and the figures."""
    services = desk.services
    programme = services.programme
    partners = services.rules.network().partners
    looked_for, more_looked_for = _open_leads(desk, person, NOBODYS_YET, now)
    owned, more_owned = _open_leads(desk, person, frozenset({LeadStatus.ACCEPTED}), now)
    exhausted = [row.id for row in looked_for if row.exhausted]
    runs_everything = person.role is HqRole.ADMIN and person.regions is None
    today = now.astimezone(ZoneInfo(programme.time_zone)).date()
    days = desk.read_model.days(first_day_needed(today), today)
    lag = desk.read_model.lag(now)
    return TodayView(
        programme=programme,
        now=now,
        partners=partners,
        waiting=_needed(looked_for, _waits_for_hq, _by_age),
        promises=_needed(looked_for, lambda row: _at_risk(row, now), _by_promise),
        unseen=_needed(looked_for, lambda row: _unseen(row, now), _by_expiry),
        overdue=_needed(owned, lambda row: _overdue(row, now), _by_contact),
        unreached=_unreached(partners.values(), person, programme),
        full=full_partners(services, person, exhausted, now),
        dead_letters=dead_letters.depths() if runs_everything else {},
        figures=today_figures(days, today, person.regions),
        may_ask=person.may(Right.ACT_ON_LEADS),
        not_counted=more_looked_for or more_owned,
        notice=notice,
        behind=lag if lag > WORTH_A_WORD else None,
    )


def _open_leads(
    desk: LeadDesk, person: HqPerson, states: frozenset[LeadStatus], now: datetime
) -> tuple[list[LeadRow], bool]:
    """Read the leads in these states that somebody sees, and tell whether there are still more."""
    wanted = LeadFilter(states=states, allowed=person.regions)
    rows: list[LeadRow] = []
    cursor = ""
    for _ in range(MOST_PAGES_READ):
        page = desk.read_model.page(wanted, now, LeadSort.OLDEST, cursor, MOST_ON_PAGE)
        rows += page.rows
        cursor = page.cursor
        if not cursor:
            break
    return rows, bool(cursor)


def _needed(
    rows: Iterable[LeadRow],
    needs: Callable[[LeadRow], bool],
    pressing: Callable[[LeadRow], datetime],
) -> NeededLeads:
    found = sorted(filter(needs, rows), key=pressing)
    return NeededLeads(tuple(found[:SHOWN_OF_A_KIND]), len(found))


def _waits_for_hq(row: LeadRow) -> bool:
    return row.section == "hq_queue"


def _at_risk(row: LeadRow, now: datetime) -> bool:
    return row.promised_by is not None and row.promised_by <= now + AT_RISK


def _unseen(row: LeadRow, now: datetime) -> bool:
    """Tell whether nobody has looked at any of its offers, and half of their time is over."""
    if row.offered_at is None or row.expires_at is None:
        return False
    half = row.offered_at + (row.expires_at - row.offered_at) / 2
    return 0 < row.live_offers == row.unseen_offers and half <= now


def _overdue(row: LeadRow, now: datetime) -> bool:
    return row.contact_by is not None and row.contact_by < now


def _by_age(row: LeadRow) -> datetime:
    return row.received_at


def _by_promise(row: LeadRow) -> datetime:
    return row.promised_by or row.received_at


def _by_expiry(row: LeadRow) -> datetime:
    return row.expires_at or row.received_at


def _by_contact(row: LeadRow) -> datetime:
    return row.contact_by or row.received_at


def _unreached(
    partners: Iterable[Partner], person: HqPerson, programme: Programme
) -> tuple[Partner, ...]:
    """Give the partners whom mail does not reach, by name."""
    found = []
    for partner in partners:
        is_reached = partner.confirmed and not partner.bounced
        if partner.deactivated or is_reached:
            continue
        if person.sees_any_of(regions_of(partner, programme)):
            found.append(partner)
    return tuple(sorted(found, key=lambda each: each.name.casefold()))

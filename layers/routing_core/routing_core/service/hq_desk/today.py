"""What HQ's desk shows first: what needs a person, and how the day and the week are going."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from routing_core.domain.checks.partner_regions import regions_of
from routing_core.domain.hq_people import HqPerson, HqRole, Right
from routing_core.domain.lead import LeadStatus
from routing_core.domain.lead_row import NOBODYS_YET, LeadFilter, LeadNeed, LeadRow, LeadSort
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.service.hq_desk.day_figures import (
    TodayFigures,
    first_day_needed,
    today_figures,
)
from routing_core.service.hq_desk.full_partners import FullPartners, full_partners
from routing_core.service.hq_desk.lead_desk import LeadDesk
from routing_core.service.hq_desk.mail_health import MailHealth, mail_health
from routing_core.service.kernel.dead_letters import DeadLetters
from routing_core.service.kernel.read_model import MOST_ON_PAGE, WORTH_A_WORD

SHOWN_OF_A_KIND = 5
"""Lines of a kind that are shown; of the rest the number."""
MOST_PAGES_READ = 5
"""So many pages of open leads are looked through, the oldest first."""


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
    mail: MailHealth
    """Whether mail stands still, and which mails were refused."""
    emergencies: NeededLeads
    """Emergencies whose partners may not have heard: there are some only while mail stands still."""
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
            or self.mail.standing
            or self.mail.refused
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
    mail = mail_health(services, desk.watch, person, now)
    return TodayView(
        programme=programme,
        now=now,
        partners=partners,
        waiting=_needed(looked_for, LeadNeed.WAITING, now),
        promises=_needed(looked_for, LeadNeed.PROMISES, now),
        unseen=_needed(looked_for, LeadNeed.UNSEEN, now),
        overdue=_needed(owned, LeadNeed.OVERDUE, now),
        unreached=_unreached(partners.values(), person, programme),
        full=full_partners(services, person, exhausted, now),
        dead_letters=dead_letters.depths() if runs_everything else {},
        figures=today_figures(days, today, person.regions),
        may_ask=person.may(Right.ACT_ON_LEADS),
        not_counted=more_looked_for or more_owned,
        mail=mail,
        emergencies=_unheard(looked_for if mail.standing else (), programme),
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


def _needed(rows: Iterable[LeadRow], need: LeadNeed, now: datetime) -> NeededLeads:
    found = [row for row in rows if row.needs_a_person(need, now)]
    found.sort(key=lambda row: _presses_since(row, need))
    return NeededLeads(tuple(found[:SHOWN_OF_A_KIND]), len(found))


def _unheard(rows: Iterable[LeadRow], programme: Programme) -> NeededLeads:
    """Give the emergencies of which nobody who is asked has looked at the offer."""
    found = [
        row
        for row in rows
        if programme.is_emergency(row.urgency) and 0 < row.live_offers == row.unseen_offers
    ]
    found.sort(key=lambda row: row.received_at)
    return NeededLeads(tuple(found[:SHOWN_OF_A_KIND]), len(found))


def _presses_since(row: LeadRow, need: LeadNeed) -> datetime:
    """Give the instant by which the leads of a need are sorted: the earliest presses most."""
    by = {
        LeadNeed.PROMISES: row.promised_by,
        LeadNeed.UNSEEN: row.expires_at,
        LeadNeed.OVERDUE: row.contact_by,
    }
    return by.get(need) or row.received_at


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

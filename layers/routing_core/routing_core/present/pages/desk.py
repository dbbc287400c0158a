"""A partner's standing desk."""

from dataclasses import dataclass

from routing_core.domain.absences import FURTHEST, away
from routing_core.domain.lead import DeadlineKind, Lead, LeadStatus
from routing_core.domain.partner import Absence
from routing_core.present.lead_summary import lead_title, person_name, urgency_name
from routing_core.present.locale_context import LocaleContext
from routing_core.present.pages.frame import known_notice, page_in, render, title_with_problems
from routing_core.present.pages.summary import at_action
from routing_core.present.problems import by_field
from routing_core.present.safe import line, shown_address
from routing_core.service.kernel.views import DeskEndedView, DeskLead, DeskView
from routing_core.service.offers.take_more import extra_in_force

DESK_NOTICES = ("paused", "resumed", "more", "away", "back")
"""Names what a button may have done that the page tells once."""


@dataclass(frozen=True, slots=True)
class DeskRow:
    """One enquiry on the desk, as the page shows it."""

    title: str
    """The work and the place."""
    who: str
    """The customer's name; empty before acceptance."""
    detail: str
    """The urgency, the state, and which colleague looks after it."""
    url: str
    """The page of the offer."""
    by: str
    """Says what is due next, and when."""
    left: str
    """Says how long there is until then; empty once it is late."""
    late: bool
    """Marks what should be done already."""
    urgent: bool
    """Marks an emergency."""


@dataclass(frozen=True, slots=True)
class Holiday:
    """One absence that runs or is to come, as the page shows it."""

    absence: Absence
    """The days, for the form that ends it."""
    words: str
    """The days, in words."""
    running: bool
    """Tells an absence that has begun from one to come."""


def desk_page(view: DeskView | DeskEndedView) -> str:
    """Draw the desk, or the page that says that its link is over."""
    if isinstance(view, DeskEndedView):
        return _ended_page(view)
    locale = LocaleContext.for_partner(view.partner, view.programme, view.language, view.now)
    title = title_with_problems(locale.translate("desk.title"), view.problems, locale)
    offers = [_row(each, view, locale) for each in view.offers]
    to_call = [_row(each, view, locale) for each in view.to_call]
    to_update = [_row(each, view, locale) for each in view.to_update]
    days_off = away(view.holidays, view.today, view.today)
    labels = {day: locale.translate(f"desk.holiday.{day}") for day in ("first", "last")}
    return render(
        page_in(locale, view.programme, "desk.html", title),
        view=view,
        sections=[("offers", offers), ("to_call", to_call), ("to_update", to_update)],
        notice=known_notice(view.notice, DESK_NOTICES),
        holidays=[_holiday(each, view, locale) for each in view.holidays],
        away_until=locale.day(days_off.last) if days_off else "",
        furthest=view.today + FURTHEST,
        values=view.values,
        errors=by_field(view.problems, locale.catalog),
        problems=at_action(view.problems, "holiday", labels, locale.catalog),
        places=view.load.open_count,
        cap=view.load.open_cap(view.today),
        may_take_more=_may_take_more(view),
        more=_more(view, locale),
    )


def _may_take_more(view: DeskView) -> bool:
    """Tell whether the limit is reached, and may be raised for a while with one button."""
    cap = view.load.open_cap(view.today)
    has_extra = extra_in_force(view.partner, view.today) is not None
    return cap is not None and view.load.open_count >= cap and not has_extra


def _more(view: DeskView, locale: LocaleContext) -> str:
    """Say how many more than the limit are taken, and until when; empty if none are."""
    extra = extra_in_force(view.partner, view.today)
    if extra is None:
        return ""
    return locale.translate("desk.more.now", n=extra.more, until=locale.day(extra.until))


def _ended_page(view: DeskEndedView) -> str:
    locale = LocaleContext.for_programme(view.programme, view.language)
    state = "sent" if view.sent else "ended"
    title = locale.translate(f"desk.{state}.title")
    return render(page_in(locale, view.programme, "desk_ended.html", title), state=state)


def _holiday(absence: Absence, view: DeskView, locale: LocaleContext) -> Holiday:
    return Holiday(absence, _days(absence, locale), absence.first <= view.today)


def _days(absence: Absence, locale: LocaleContext) -> str:
    """Say the days of an absence; a single one without "from" and "to"."""
    first = locale.day(absence.first)
    if absence.first == absence.last:
        return first
    return locale.translate("desk.holiday.days", first=first, last=locale.day(absence.last))


def _row(row: DeskLead, view: DeskView, locale: LocaleContext) -> DeskRow:
    lead = row.lead
    # A wave is on many desks: only its owner's may name who asked.
    ours = lead.owner == view.partner.id
    # Late from the very instant on: the timer goes off then too.
    late = row.by is not None and row.by.at <= view.now
    return DeskRow(
        title=lead_title(lead, view.programme, locale, ours),
        who=person_name(lead) if ours else "",
        detail=_detail(lead, view, locale),
        url=row.url,
        by=_due(row, locale),
        left=locale.time_left(row.by.at) if row.by and not late else "",
        late=late,
        urgent=view.programme.is_emergency(lead.urgency),
    )


def _detail(lead: Lead, view: DeskView, locale: LocaleContext) -> str:
    parts = []
    # Of an emergency the badge says it.
    if not view.programme.is_emergency(lead.urgency):
        parts.append(urgency_name(view.programme, lead.urgency, locale))
    if lead.status is LeadStatus.QUOTED:
        parts.append(locale.catalog.of_code("facts.status_name", lead.status.value))
    parts.append(_with_colleague(lead, view, locale))
    return " · ".join(filter(None, parts))


def _with_colleague(lead: Lead, view: DeskView, locale: LocaleContext) -> str:
    """Say what somebody else at the firm looks after; empty for all other leads."""
    colleague = lead.colleague
    if colleague is None or not lead.owner == colleague.partner == view.partner.id:
        return ""
    name = line(colleague.name) or shown_address(colleague.email)
    return locale.translate("desk.with", name=name)


def _due(row: DeskLead, locale: LocaleContext) -> str:
    """Say what is due next, and when; empty if nothing is."""
    if row.by is None:
        return ""
    key = f"desk.by.{row.by.kind.value}"
    contact = row.lead.contact
    # Nobody is to call who gave no number that can be dialled.
    if row.by.kind is DeadlineKind.CONTACT and contact and not contact.phone:
        key = f"{key}_write"
    return locale.translate(key, when=locale.when(row.by.at))

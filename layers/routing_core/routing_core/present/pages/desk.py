"""A partner's standing desk."""

from dataclasses import dataclass

from routing_core.domain.absences import FURTHEST, away
from routing_core.domain.lead import DeadlineKind, Lead, LeadStatus
from routing_core.domain.partner import Absence
from routing_core.present.lead_summary import urgency_name, what
from routing_core.present.locale_context import LocaleContext
from routing_core.present.pages.frame import render
from routing_core.present.pages.summary import at_action
from routing_core.present.problems import by_field
from routing_core.present.safe import line, shown_address
from routing_core.service.kernel.views import DeskEndedView, DeskLead, DeskView


@dataclass(frozen=True, slots=True)
class Row:
    title: str
    who: str
    detail: str
    url: str
    by: str
    left: str
    late: bool
    urgent: bool


@dataclass(frozen=True, slots=True)
class _Holiday:
    absence: Absence
    words: str
    running: bool


NOTICES = ("paused", "resumed", "away", "back")


def desk_page(view: DeskView | DeskEndedView) -> str:
    if isinstance(view, DeskEndedView):
        return _ended(view)
    reader = LocaleContext.partner(view.partner, view.programme, view.language, view.now)
    t = reader.t
    now_away = away(view.holidays, view.today, view.today)
    sections = (("offers", view.offers), ("to_call", view.to_call), ("to_update", view.to_update))
    return render(
        "desk.html",
        reader,
        view.programme,
        t,
        f"{t('form.error_prefix')} {t('desk.title')}" if view.problems else t("desk.title"),
        view=view,
        sections=[(name, [_row(each, view, reader) for each in rows]) for name, rows in sections],
        notice=view.notice if view.notice in NOTICES else "",
        holidays=[
            _Holiday(each, _days(each, reader), each.first <= view.today) for each in view.holidays
        ],
        away_until=reader.day(now_away.last) if now_away else "",
        furthest=view.today + FURTHEST,
        values=view.values,
        errors=by_field(view.problems, t),
        problems=at_action(
            view.problems,
            "holiday",
            {day: t(f"desk.holiday.{day}") for day in ("first", "last")},
            t,
        ),
        places=view.load.places,
        cap=view.load.caps.open,
    )


def _days(absence: Absence, reader: LocaleContext) -> str:
    if absence.first == absence.last:
        return reader.day(absence.first)
    return reader.t(
        "desk.holiday.days", first=reader.day(absence.first), last=reader.day(absence.last)
    )


def _ended(view: DeskEndedView) -> str:
    reader = LocaleContext.at_home(view.programme, view.language)
    state = "sent" if view.sent else "ended"
    return render(
        "desk_ended.html",
        reader,
        view.programme,
        reader.t,
        reader.t(f"desk.{state}.title"),
        state=state,
    )


def _by_whom(lead: Lead, view: DeskView, reader: LocaleContext) -> str:
    """Marks what somebody else at the firm looks after; empty for all others."""
    colleague = lead.colleague
    if colleague is None or not lead.owner == colleague.partner == view.partner.id:
        return ""
    return reader.t("desk.with", name=line(colleague.name) or shown_address(colleague.email))


def _due(row: DeskLead) -> str:
    """The words for what is due next. Nobody is to call who gave no number that can be dialled."""
    kind = row.by.kind.value if row.by else ""
    contact = row.lead.contact
    may_be_called = contact is None or contact.phone
    return (
        f"desk.by.{kind}"
        if may_be_called or kind != DeadlineKind.CONTACT
        else f"desk.by.{kind}_write"
    )


def _row(row: DeskLead, view: DeskView, reader: LocaleContext) -> Row:
    lead, ours = row.lead, row.lead.owner == view.partner.id
    late = row.by is not None and row.by.at <= view.now
    state = (
        reader.t.code("facts.status_name", lead.status.value)
        if lead.status is LeadStatus.QUOTED
        else ""
    )
    urgent = view.programme.is_emergency(lead.urgency)
    urgency = (
        "" if urgent else urgency_name(view.programme, lead.urgency, reader)
    )  # the badge says it
    told = (urgency, state, _by_whom(lead, view, reader))
    return Row(
        title=what(lead, view.programme, reader, ours),
        who=lead.contact.name if ours and lead.contact else "",
        detail=" · ".join(part for part in told if part),
        url=row.url,
        by=reader.t(_due(row), when=reader.when(row.by.at)) if row.by else "",
        left=reader.left(row.by.at) if row.by and not late else "",
        late=late,
        urgent=urgent,
    )

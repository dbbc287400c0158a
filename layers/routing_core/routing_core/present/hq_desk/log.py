"""HQ's page of its activity log."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from urllib.parse import urlencode

from routing_core.domain.activity import ActivityKind
from routing_core.domain.hq_people import BY_LINK, HqPerson, hq_person
from routing_core.domain.programme.programme import Programme
from routing_core.present.explain.who_at_hq import who_at_hq
from routing_core.present.hq_desk.frame import DeskFrame, desk_locale, render_desk
from routing_core.present.locale_context import LocaleContext
from routing_core.present.problems import by_field
from routing_core.service.hq_desk.log_desk import KIND_GROUPS, LogView
from routing_core.service.kernel.read_model import LogEntry

LOG_URL = "/hq/log"
REFERENCE_DIGITS = 8
"""Letters of a lead's id, its last, that are its reference."""
ABOUT_COLLEAGUES = (
    ActivityKind.PERSON_ADDED,
    ActivityKind.PERSON_CHANGED,
    ActivityKind.PERSON_REMOVED,
    ActivityKind.ACCESS_ENDED,
)
"""Kinds of entries whose ``about`` is the short id of somebody at HQ."""
NAMED_AS_IT_IS = (
    ActivityKind.KEY_MADE,
    ActivityKind.KEY_REVOKED,
    ActivityKind.PARTNERS_EXPORTED,
    ActivityKind.REPORT_ASKED,
    ActivityKind.REPORT_MAILED,
    ActivityKind.COSTS_SAVED,
)
"""Kinds of entries whose ``about`` is a name that people know."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """An entry as the page shows it."""

    when: str
    who: str
    what: str
    """Says what was done."""
    about: str
    """Names what it was done to; empty for nothing in particular."""
    href: str
    """The page of that; empty where there is none."""


def log_page(view: LogView, visitor: HqPerson, now: datetime) -> str:
    """Draw a page of the log with its filters."""
    locale = desk_locale(view.programme, visitor, now)
    title = locale.translate("hq_log.title")
    later = ""
    if view.page.cursor:
        later = _address(view, view.page.cursor)
    return render_desk(
        DeskFrame("log.html", title, "log", visitor, view.programme, locale, wide=True),
        rows=[_line(each, view, locale) for each in view.page.entries],
        query=view.query,
        people=[(person.actor, person.called) for person in view.people],
        groups=list(KIND_GROUPS),
        errors=by_field(view.problems, locale.catalog),
        older=later,
        back_to=locale.when_known(view.page.looked_back_to),
        filtered=any(asdict(view.query).values()),
        url=LOG_URL,
    )


def _address(view: LogView, cursor: str) -> str:
    asked: Mapping[str, str] = {
        "by": view.query.by,
        "kind": view.query.group,
        "since": view.query.since,
        "until": view.query.until,
        "lead": view.query.lead,
        "partner": view.query.partner,
        "cursor": cursor,
    }
    return f"{LOG_URL}?{urlencode({name: value for name, value in asked.items() if value})}"


def _line(entry: LogEntry, view: LogView, locale: LocaleContext) -> LogLine:
    about, href = _about(entry, view, locale)
    return LogLine(
        when=locale.when(entry.at),
        who=who_did(entry, locale, view.programme),
        what=locale.catalog.of_code("hq_log.kind", entry.kind.replace(".", "_")),
        about=about,
        href=href,
    )


def who_did(
    entry: LogEntry, locale: LocaleContext, programme: Programme, named: bool = True
) -> str:
    """Name who did what an entry says, for a page or a program.

    Of people it says only that they came by a link where they are not to be ``named``.
    """
    if not named and entry.by.partition(":")[0] == BY_LINK:
        return locale.translate("facts.who.link")
    return who_at_hq(entry.by, locale, programme) or locale.translate("hq_log.hq")


def _about(entry: LogEntry, view: LogView, locale: LocaleContext) -> tuple[str, str]:
    """Name what it was done to, with the address of its page."""
    if entry.lead:
        reference = entry.lead[-REFERENCE_DIGITS:].upper()
        named = locale.translate("common.reference", reference=reference)
        if entry.partner:
            partner = view.partner_names.get(entry.partner, entry.partner)
            named = f"{named} · {partner}"
        return named, f"/hq/leads/{entry.lead}"
    if entry.partner:
        return view.partner_names.get(entry.partner, entry.partner), f"/hq/partners/{entry.partner}"
    if entry.kind in ABOUT_COLLEAGUES:
        person = hq_person(view.programme, entry.about)
        return (person.called if person else locale.translate("facts.who.former")), ""
    return _named(entry, locale), ""


def _named(entry: LogEntry, locale: LocaleContext) -> str:
    """Name what has no page; empty for nothing in particular."""
    if entry.kind == ActivityKind.PLACES_SAVED:
        return locale.country(entry.about)
    if entry.kind in NAMED_AS_IT_IS:
        return entry.about
    if entry.version:
        return locale.translate("hq_log.version", n=entry.version)
    return ""


def log_entry_json(entry: LogEntry, who: str) -> dict[str, object]:
    """Give an entry as the API has it, with who did it in words; what it does not say is left out.

    The ``by`` is what ``?by=`` asks for.
    """
    told: dict[str, object] = {
        "at": entry.at.isoformat(),
        "by": entry.by,
        "who": who,
        "kind": entry.kind,
        "lead": entry.lead,
        "partner": entry.partner,
        "version": entry.version,
        "about": entry.about,
        "detail": entry.detail,
    }
    return {name: value for name, value in told.items() if value}

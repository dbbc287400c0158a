"""HQ's page of its people, and the form of one of them."""

from dataclasses import dataclass
from datetime import date, datetime

from routing_core.domain.hq_people import HqPerson, HqRole, Right
from routing_core.domain.programme.programme import Programme
from routing_core.present.hq_desk.frame import DeskFrame, desk_locale, render_desk
from routing_core.present.lead_summary import region_name
from routing_core.present.locale_context import LocaleContext
from routing_core.present.pages.frame import known_notice, title_with_problems
from routing_core.present.pages.summary import at_action
from routing_core.present.problems import by_field
from routing_core.service.hq_desk.people_desk import PeopleView, PersonRow, PersonView

PEOPLE_NOTICES = ("added", "saved", "removed", "ended")
"""Names what a button of these pages may have done."""
FINER_RIGHTS = ("assign", "erase", "export")
"""Rights that a manager has where the programme says so, in the order of their boxes."""


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Somebody at HQ as the list shows them."""

    id: str
    name: str
    """The name, or the address where there is none."""
    email: str
    role: str
    """The role, in words."""
    regions: str
    """Says what part of the network they see."""
    seen: str
    """Says when they used the desk last, and on how many devices they are signed in."""


def people_page(view: PeopleView, visitor: HqPerson, now: datetime, notice: str = "") -> str:
    """Draw the list of everybody at HQ."""
    locale = desk_locale(view.programme, visitor, now)
    may_manage = visitor.may(Right.MANAGE_PEOPLE)
    rows = [_line(each, view.programme, locale, may_manage) for each in view.people]
    title = locale.translate("hq_people.list.title")
    return render_desk(
        DeskFrame("people.html", title, "people", visitor, view.programme, locale, wide=True),
        rows=rows,
        may_manage=may_manage,
        may_keys=visitor.may(Right.MANAGE_KEYS),
        notice=known_notice(notice, PEOPLE_NOTICES),
    )


def _line(
    row: PersonRow, programme: Programme, locale: LocaleContext, may_manage: bool
) -> PersonLine:
    person = row.person
    return PersonLine(
        id=person.id,
        name=person.called,
        email=person.email if person.name else "",
        role=locale.translate(f"hq_people.role.{person.role.value}"),
        regions=_regions(person, programme, locale),
        seen=_seen(row, locale) if may_manage else "",
    )


def _regions(person: HqPerson, programme: Programme, locale: LocaleContext) -> str:
    if person.regions is None:
        return locale.translate("hq_people.list.everywhere")
    names = [region_name(programme, each, locale) for each in person.regions]
    return ", ".join(sorted(names))


def _seen(row: PersonRow, locale: LocaleContext) -> str:
    last: date | None = row.last_seen
    if last is None:
        return locale.translate("hq_people.list.not_signed_in")
    return locale.translate("hq_people.list.seen", day=locale.day(last), n=len(row.devices))


def person_page(view: PersonView, visitor: HqPerson, now: datetime) -> str:
    """Draw the form of one person, and what else can be done about them."""
    programme, form = view.programme, view.form
    locale = desk_locale(programme, visitor, now)
    heading = locale.translate("hq_people.form.new")
    if view.row:
        heading = view.row.person.called
    labels = {
        name: locale.translate(f"hq_people.form.{name}")
        for name in ("email", "name", "role", "language", "regions", "may")
    }
    regions = [(each, region_name(programme, each, locale)) for each in programme.regions]
    languages = [(code, locale.language_name(code)) for code in programme.languages]
    title = title_with_problems(heading, view.problems, locale)
    return render_desk(
        DeskFrame("person.html", title, "people", visitor, programme, locale),
        heading=heading,
        form=form,
        row=view.row,
        own=view.row is not None and view.row.person.id == visitor.id,
        seen=_seen(view.row, locale) if view.row else "",
        labels=labels,
        roles=[role.value for role in HqRole],
        regions=sorted(regions, key=lambda each: each[1]),
        languages=languages,
        default_language=locale.language_name(programme.hq.language),
        rights=FINER_RIGHTS,
        errors=by_field(view.problems, locale.catalog),
        problems=at_action(view.problems, "person", labels, locale.catalog),
        notice=known_notice(view.notice, (*PEOPLE_NOTICES, "meanwhile")),
    )

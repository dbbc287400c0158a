"""The people of HQ on their page: who there is, and what an admin changes about them.

Each change is a new version of the programme, made of the version that was looked at. Whoever is
still written as ``emails`` or ``managers`` becomes an entry of ``people`` with the first change.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from routing_core.domain.activity import ActivityKind, NotedAct
from routing_core.domain.errors import Conflict, InvalidInput, NotFound, Problem
from routing_core.domain.hq_access import HqDevice, all_ended
from routing_core.domain.hq_people import HqPerson, Right, hq_entries, hq_people, hq_person
from routing_core.domain.people import person_id
from routing_core.domain.programme.headquarters import HqPersonEntry
from routing_core.domain.programme.programme import Programme
from routing_core.domain.rule_version import RuleEdition
from routing_core.service.hq.save_programme import save_programme
from routing_core.service.hq_desk.sign_in import DESK
from routing_core.service.kernel.hq_access_book import change_access
from routing_core.service.kernel.read_model import LogEntry
from routing_core.service.kernel.retry import retry_on_conflict
from routing_core.service.kernel.services import Services

PEOPLE = "/hq/people"
"""The address of the list of people."""
REGION, MAY = "region.", "may."
"""Boxes of the form are named so, with the region or the right behind it."""
LONGEST_VERSION_TYPED = 9
"""The most digits of a version that a form says."""


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody at HQ, as the list shows them."""

    person: HqPerson
    devices: tuple[HqDevice, ...] = ()
    """The devices on which they are signed in; none are told to whoever may not manage people."""

    @property
    def last_seen(self) -> date | None:
        """Give the last day on which they used the desk; None if no device is signed in."""
        return max((each.last_used for each in self.devices), default=None)


@dataclass(frozen=True, slots=True)
class PeopleView:
    """Everybody at HQ."""

    programme: Programme
    people: tuple[PersonRow, ...]


@dataclass(frozen=True, slots=True)
class PersonForm:
    """What the form of one person says."""

    version: int
    """The version of the programme that was looked at."""
    email: str = ""
    name: str = ""
    role: str = "manager"
    language: str = ""
    regions: tuple[str, ...] = ()
    may: tuple[str, ...] = ("assign",)

    @classmethod
    def of_entry(cls, entry: HqPersonEntry, version: int) -> "PersonForm":
        """Give the form as it shows an entry of the programme."""
        return cls(
            version,
            entry.email,
            entry.name,
            entry.role,
            entry.language,
            tuple(entry.regions),
            tuple(entry.may),
        )

    @classmethod
    def posted(cls, form: Mapping[str, str]) -> "PersonForm":
        """Read what was posted."""
        stated = form.get("version", "")
        is_number = stated.isascii() and stated.isdigit() and len(stated) <= LONGEST_VERSION_TYPED
        return cls(
            version=int(stated) if is_number else 0,
            email=form.get("email", "").strip(),
            name=form.get("name", "").strip(),
            role=form.get("role", ""),
            language=form.get("language", ""),
            regions=_ticked(form, REGION),
            may=_ticked(form, MAY),
        )

    def entry(self) -> dict[str, object]:
        """Give the entry that is written into the programme."""
        return {
            "email": self.email,
            "name": self.name,
            "role": self.role,
            "language": self.language,
            "regions": list(self.regions),
            "may": list(self.may),
        }


def _ticked(form: Mapping[str, str], prefix: str) -> tuple[str, ...]:
    return tuple(name.removeprefix(prefix) for name in form if name.startswith(prefix))


@dataclass(frozen=True, slots=True)
class PersonView:
    """The page of one person."""

    programme: Programme
    form: PersonForm
    row: PersonRow | None = None
    """The person as they are; None for a new one."""
    problems: Sequence[Problem] = field(default_factory=tuple)
    notice: str = ""


def view_people(services: Services, visitor: HqPerson, now: datetime) -> PeopleView:
    """Show everybody at HQ."""
    programme = services.programme
    people = hq_people(programme)
    rows = tuple(map(PersonRow, people))
    if visitor.may(Right.MANAGE_PEOPLE):
        access = services.hq_access.several([person.id for person in people])
        today = now.astimezone(UTC).date()
        rows = tuple(PersonRow(each, access[each.id].in_use(today)) for each in people)
    return PeopleView(programme, rows)


def view_new_person(services: Services, visitor: HqPerson) -> PersonView:
    """Show the form for somebody new. Raises NotAllowed."""
    visitor.need(Right.MANAGE_PEOPLE)
    version, programme = services.rules.programme()
    return PersonView(programme, PersonForm(version))


def view_person(
    services: Services, visitor: HqPerson, person: str, now: datetime, notice: str = ""
) -> PersonView:
    """Show one person with their devices. Raises NotAllowed and NotFound."""
    visitor.need(Right.MANAGE_PEOPLE)
    version, programme = services.rules.programme()
    entry = _entries(programme).get(person)
    known = hq_person(programme, person)
    if entry is None or known is None:
        raise NotFound(f"nobody at HQ is {person}")
    access = services.hq_access.of(person)
    row = PersonRow(known, access.in_use(now.astimezone(UTC).date()))
    return PersonView(programme, PersonForm.of_entry(entry, version), row, notice=notice)


def _entries(programme: Programme) -> dict[str, HqPersonEntry]:
    """Give everybody's entry by their short id; of two with one address the first counts."""
    entries: dict[str, HqPersonEntry] = {}
    for entry in hq_entries(programme.hq):
        entries.setdefault(person_id(entry.email), entry)
    return entries


# ── pressing a button ─────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class PersonDone:
    """What came of a button of a person's page."""

    notice: str = ""
    """The notice of what was done."""
    leads_to: str = PEOPLE
    """The page that tells it."""
    view: PersonView | None = None
    """The page once more, where nothing was done: what was typed, and what is wrong."""

    @property
    def status(self) -> int:
        """Give the HTTP status of the page that is shown once more."""
        is_conflict = self.view is not None and not self.view.problems
        return 409 if is_conflict else 422


def add_person(
    services: Services, visitor: HqPerson, posted: Mapping[str, str], now: datetime
) -> PersonDone:
    """Add somebody by the form for a new person. Raises NotAllowed."""
    form = PersonForm.posted(posted)
    try:
        save_person(services, visitor, form, now)
    except (InvalidInput, Conflict) as error:
        return PersonDone(
            view=_once_more(services, view_new_person(services, visitor), form, error)
        )
    return PersonDone("added")


def act_on_person(
    services: Services, visitor: HqPerson, person: str, posted: Mapping[str, str], now: datetime
) -> PersonDone:
    """Press a button of somebody's page: ``save``, ``end`` or ``remove``.

    Raises NotAllowed and NotFound.
    """
    form = PersonForm.posted(posted)
    action = posted.get("action", "")
    try:
        match action:
            case "save":
                there = save_person(services, visitor, form, now, person)
                return PersonDone("saved", f"{PEOPLE}/{there}")
            case "end":
                end_access(services, visitor, person, now)
                return _gone(visitor, person, PersonDone("ended", f"{PEOPLE}/{person}"))
            case "remove":
                # Who is gone already was removed by an earlier press, whose answer was lost.
                with suppress(NotFound):
                    remove_person(services, visitor, person, form.version, now)
                return _gone(visitor, person, PersonDone("removed"))
    except (InvalidInput, Conflict) as error:
        view = view_person(services, visitor, person, now)
        typed = form if action == "save" else view.form
        return PersonDone(view=_once_more(services, view, typed, error))
    return PersonDone("", f"{PEOPLE}/{person}")


def _gone(visitor: HqPerson, person: str, done: PersonDone) -> PersonDone:
    """Lead whoever has ended their own access to the door, where nothing else opens for them."""
    return PersonDone("signed_out", DESK) if person == visitor.id else done


def _once_more(
    services: Services, view: PersonView, form: PersonForm, error: InvalidInput | Conflict
) -> PersonView:
    """Show the page once more with what was typed, made of the version that is in force now."""
    services.rules.look_again()
    version, _ = services.rules.programme()
    form = replace(form, version=version)
    if isinstance(error, InvalidInput):
        return replace(view, form=form, problems=error.problems)
    return replace(view, form=form, notice="meanwhile")


# ── changing them ─────────────────────────────────────────────────────────────────────────────────


def save_person(
    services: Services, visitor: HqPerson, form: PersonForm, now: datetime, person: str = ""
) -> str:
    """Add somebody, or change the ``person`` of that id, and give their id afterwards.

    Whoever is there as the form says already was saved by an earlier press of its button.
    Raises NotAllowed, NotFound, InvalidInput at the form's fields, and RulesChanged,
    VersionConflict or PlanDiffers as ``save_programme`` does.
    """
    visitor.need(Right.MANAGE_PEOPLE)
    entries = _saved_entries(services)
    if person and person not in entries:
        raise NotFound(f"nobody at HQ is {person}")
    there = person_id(form.email)
    if _is_there(entries, form) and person in ("", there):
        return there
    written = [_written(each) for each in entries.values()]
    place = [*entries].index(person) if person else len(written)
    written[place : place + 1] = [form.entry()]
    kind = ActivityKind.PERSON_CHANGED if person else ActivityKind.PERSON_ADDED
    act = NotedAct(kind, there, form.role)
    _save(services, visitor, NewPeople(written, form.version, place, act), now)
    return there


def _saved_entries(services: Services) -> dict[str, HqPersonEntry]:
    """Give everybody's entry as it is saved: an earlier press, another instance may have heard."""
    services.rules.look_again()
    return _entries(services.programme)


def _is_there(entries: Mapping[str, HqPersonEntry], form: PersonForm) -> bool:
    """Tell whether somebody is there just as the form says."""
    entry = entries.get(person_id(form.email))
    return entry is not None and PersonForm.of_entry(entry, form.version) == form


def remove_person(
    services: Services, visitor: HqPerson, person: str, version: int | None, now: datetime
) -> None:
    """Take somebody out of the programme: their links and devices end at once.

    ``version`` is the version of the rules that was read; None = whichever is in force. Raises
    NotAllowed, NotFound, InvalidInput where nobody would be left to change the rules, and
    RulesChanged, VersionConflict or PlanDiffers.
    """
    visitor.need(Right.MANAGE_PEOPLE)

    def work(_: bool) -> None:
        _remove(services, visitor, person, version, now)

    if version is None:
        retry_on_conflict(work)
    else:
        work(False)


def _remove(
    services: Services, visitor: HqPerson, person: str, version: int | None, now: datetime
) -> None:
    entries = _saved_entries(services)
    if person not in entries:
        raise NotFound(f"nobody at HQ is {person}")
    written = [_written(entry) for name, entry in entries.items() if name != person]
    act = NotedAct(ActivityKind.PERSON_REMOVED, person)
    _save(services, visitor, NewPeople(written, version, len(written), act), now)


def end_access(services: Services, visitor: HqPerson, person: str, now: datetime) -> None:
    """Sign somebody out everywhere and end every link they were sent; they may sign in again.

    Raises NotAllowed and NotFound.
    """
    visitor.need(Right.MANAGE_PEOPLE)
    if hq_person(services.programme, person) is None:
        raise NotFound(f"nobody at HQ is {person}")
    change_access(services.hq_access, person, all_ended)
    ended = LogEntry(at=now, by=visitor.actor, kind=ActivityKind.ACCESS_ENDED, about=person)
    services.activity.note(ended)


def _written(entry: HqPersonEntry) -> dict[str, object]:
    return entry.model_dump(mode="json")


@dataclass(frozen=True, slots=True)
class NewPeople:
    """What is written into the next version of the programme."""

    people: Sequence[Mapping[str, object]]
    """The entries of everybody."""
    version: int | None
    """The version that was looked at; None = whichever is in force."""
    place: int
    """The place of the entry that the form is about."""
    act: NotedAct
    """What the log tells of it."""


def _save(services: Services, visitor: HqPerson, new: NewPeople, now: datetime) -> None:
    in_force, programme = services.rules.programme()
    replaces = in_force if new.version is None else new.version
    document = programme.model_dump(mode="json", by_alias=True)
    document["hq"] |= {"people": list(new.people), "emails": [], "managers": []}
    try:
        edition = RuleEdition(visitor.actor, acts=(new.act,))
        save_programme(services, document, now, edition, replaces)
    except InvalidInput as error:
        raise InvalidInput([_at_form(each, new.place) for each in error.problems]) from error


def _at_form(problem: Problem, place: int) -> Problem:
    """Name the field of the form where the programme names its own."""
    if problem.field == "hq.people":
        return replace(problem, field="role", code="no_admin")
    own, _, name = problem.field.partition(f"hq.people[{place}].")
    if own or not name:
        return problem
    name = name.partition("[")[0]
    if name == "email" and problem.code != "duplicate":
        return replace(problem, field=name, code="invalid_email")
    return replace(problem, field=name)

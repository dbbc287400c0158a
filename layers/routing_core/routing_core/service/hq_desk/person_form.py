"""Somebody at HQ as a program writes them, read as the form of their page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from routing_core.domain.errors import InvalidInput, NotFound, Problem
from routing_core.domain.hq_people import HqPerson, hq_entries
from routing_core.domain.people import person_id
from routing_core.formats.merge_patch import merge_patch
from routing_core.service.hq_desk.people_desk import PersonForm, save_person
from routing_core.service.kernel.retry import retry_on_conflict
from routing_core.service.kernel.services import Services

TEXT_FIELDS = ("email", "name", "role", "language")
LIST_FIELDS = ("regions", "may")


@dataclass(frozen=True, slots=True)
class PersonPatch:
    """What a program changes of somebody at HQ."""

    patch: Mapping[str, Any]
    """A JSON Merge Patch of the person's entry."""
    person: str = ""
    """Whom it changes; empty adds somebody."""
    seen: int | None = None
    """The version of the rules that was read; None = whichever is in force."""


def patch_person(services: Services, caller: HqPerson, change: PersonPatch, now: datetime) -> str:
    """Add or change somebody as a patch says, and give their id; others' changes stay.

    Raises NotAllowed, NotFound, InvalidInput, RulesChanged if other rules are in force than were
    read, VersionConflict or PlanDiffers.
    """

    def work(_: bool) -> str:
        # What was saved in the last seconds, another instance may have done.
        services.rules.look_again()
        form = _patched_form(services, change)
        return save_person(services, caller, form, now, change.person)

    return retry_on_conflict(work) if change.seen is None else work(False)


def _patched_form(services: Services, change: PersonPatch) -> PersonForm:
    person, version = change.person, change.seen
    in_force, programme = services.rules.programme()
    form = PersonForm(in_force)
    if person:
        entries = hq_entries(programme.hq)
        known = [each for each in entries if person_id(each.email) == person]
        if not known:
            raise NotFound(f"nobody at HQ is {person}")
        form = PersonForm.of_entry(known[0], in_force)
    document = merge_patch(form.entry(), change.patch)
    _check(document)
    # What a patch takes away has the value that the form begins with.
    defaults = PersonForm(in_force).entry()
    said = {name: document.get(name, defaults[name]) for name in (*TEXT_FIELDS, *LIST_FIELDS)}
    return PersonForm(
        version=in_force if version is None else version,
        email=said["email"].strip(),
        name=said["name"].strip(),
        role=said["role"],
        language=said["language"],
        regions=tuple(said["regions"]),
        may=tuple(said["may"]),
    )


def _check(document: Mapping[str, Any]) -> None:
    unknown = [name for name in document if name not in (*TEXT_FIELDS, *LIST_FIELDS)]
    no_texts = [name for name in TEXT_FIELDS if not isinstance(document.get(name, ""), str)]
    no_lists = [name for name in LIST_FIELDS if not _is_list_of_texts(document.get(name, []))]
    problems = [
        *(Problem(name, "unknown_field", "is no field of a person") for name in unknown),
        *(Problem(name, "invalid", "is a text") for name in no_texts),
        *(Problem(name, "invalid", "is a list of texts") for name in no_lists),
    ]
    if problems:
        raise InvalidInput(problems)


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)

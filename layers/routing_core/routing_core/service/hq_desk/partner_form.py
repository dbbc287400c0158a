"""The profile of a partner as a form on HQ's desk: shown, checked while it is typed, and saved."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from routing_core.domain.errors import InvalidInput, PartnerChanged, Problem
from routing_core.domain.hq_people import HqPerson
from routing_core.domain.partner import Partner
from routing_core.domain.partner_history import ProfileChange
from routing_core.formats.partner_document import is_partner_id, partner_document, read_partner
from routing_core.formats.partner_form import (
    FORM_FIELDS,
    TypedProfile,
    form_cells,
    form_marks,
    read_form,
)
from routing_core.formats.partners_csv import Reading
from routing_core.routing.report.reach import Reach, reach_of
from routing_core.service.hq.save_partner import ProfileEdit, save_partner, with_known_backup
from routing_core.service.hq_desk.partner_rights import refuse_outside
from routing_core.service.kernel.services import Services

UNNAMED = "unnamed"
"""Stands for the id of a partner who is only tried."""


@dataclass(frozen=True, slots=True)
class ProfileForm:
    """The form as a page shows it."""

    cells: Mapping[str, str]
    """What each field says."""
    marks: str
    """The marks of what the fields say as saved."""
    version: int
    """The version that it would be saved in place of; 0 for a partner who is new."""
    problems: tuple[Problem, ...] = ()
    reach: Reach | None = None
    """How far the partner would reach; None where it was not asked, or cannot be said."""
    checked: bool = False
    """Tells whether somebody asked what it would do."""
    conflicts: Mapping[str, str] = field(default_factory=dict)
    """Fields that somebody else has changed too, with what they say by now."""
    meanwhile: tuple[ProfileChange, ...] = ()
    """What others have saved since the form was shown."""


def profile_form(partner: Partner) -> ProfileForm:
    """Give the form of a partner as it is saved."""
    cells = form_cells(partner_document(partner))
    return ProfileForm(cells, form_marks(cells), partner.version)


def empty_form(services: Services) -> ProfileForm:
    """Give the form for a partner who is new, with the programme's defaults."""
    programme = services.programme
    cells = dict.fromkeys(FORM_FIELDS, "") | {
        "type": programme.partner_types[0],
        "tier": "2",
        "weight": "1",
        "country": programme.country,
        "time_zone": programme.time_zone,
        "language": programme.languages[0],
    }
    return ProfileForm(cells, form_marks(cells), 0)


def checked_form(
    services: Services, known: Partner | None, partner_id: str, typed: TypedProfile, now: datetime
) -> ProfileForm:
    """Say what is wrong with what was typed, and how far the partner would reach with it."""
    shown = profile_form(known) if known else empty_form(services)
    shown = replace(shown, cells=typed.cells, checked=True)
    try:
        partner = _typed_partner(services, known, partner_id, typed.cells, now)
    except InvalidInput as error:
        return replace(shown, problems=error.problems)
    return replace(shown, reach=partner_reach(services, partner))


def saved_form(
    services: Services, visitor: HqPerson, known: Partner, typed: TypedProfile, now: datetime
) -> ProfileForm | None:
    """Save what was typed in place of the version that the form showed; None if all went well.

    Else the form says what is wrong. Raises PartnerChanged if somebody else has saved the partner
    in this very moment.
    """
    shown = profile_form(known)
    cells = typed.over(shown.cells)
    shown = replace(shown, cells=cells)
    if not typed.touched:
        return None
    try:
        partner = _typed_partner(services, known, known.id, cells, now)
        refuse_outside(services, visitor, partner)
        document, _ = _read(services, known.id, cells, now)
        edit = ProfileEdit(visitor.actor, known.version)
        save_partner(services, known.id, document, now, edit)
    except InvalidInput as error:
        return replace(shown, problems=error.problems)
    return None


def conflicting_form(
    services: Services, known: Partner, typed: TypedProfile, seen: int
) -> ProfileForm:
    """Give the form after somebody else has saved the partner since it was shown.

    Fields that were not typed in say what is saved by now, and nothing typed is lost.
    """
    shown = profile_form(known)
    history = services.partners.history(known.id)
    both = typed.touched & typed.became_old(shown.cells)
    return replace(
        shown,
        cells=typed.over(shown.cells),
        conflicts={name: shown.cells[name] for name in FORM_FIELDS if name in both},
        meanwhile=tuple(change for change in history if change.version > seen),
    )


def added_partner(
    services: Services,
    visitor: HqPerson,
    partner_id: str,
    typed: TypedProfile,
    now: datetime,
) -> Partner:
    """Save a partner who is new. Raises InvalidInput, also for an id that somebody has."""
    if not is_partner_id(partner_id):
        message = "is up to 40 letters, digits, hyphens and underscores, without blanks"
        raise InvalidInput([Problem("id", "partner_id", message)])
    partner = _typed_partner(services, None, partner_id, typed.cells, now)
    refuse_outside(services, visitor, partner)
    document, _ = _read(services, partner_id, typed.cells, now)
    try:
        return save_partner(services, partner_id, document, now, ProfileEdit(visitor.actor, 0))
    except PartnerChanged as error:
        taken = Problem("id", "id_taken", f"{partner_id} is another partner's")
        raise InvalidInput([taken]) from error


def _typed_partner(
    services: Services,
    known: Partner | None,
    partner_id: str,
    cells: Mapping[str, str],
    now: datetime,
) -> Partner:
    """Give the profile that the fields make. Raises InvalidInput with every problem at its field."""
    document, problems = _read(services, partner_id or UNNAMED, cells, now)
    try:
        named = with_known_backup(services, document)
    except InvalidInput as error:
        raise InvalidInput([*problems, *error.problems]) from error
    if problems:
        raise InvalidInput(problems)
    return read_partner(named, services.programme, now.date(), known)


def _read(
    services: Services, partner_id: str, cells: Mapping[str, str], now: datetime
) -> tuple[dict[str, object], tuple[Problem, ...]]:
    return read_form(cells, partner_id, Reading(services.programme, now.date()))


def partner_reach(services: Services, partner: Partner) -> Reach:
    """Say how far a partner reaches in the network there is."""
    forms = services.programme.forms
    countries = frozenset().union(*(form.countries for form in forms))
    return reach_of(partner, services.rules.network(), countries)

"""One partner as HQ reads and saves it, checked completely before anything is saved."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from routing_core.domain.activity import ActivityKind
from routing_core.domain.checks.backup_names import partner_names, with_backup_by_id
from routing_core.domain.checks.filter_warnings import filter_warnings
from routing_core.domain.checks.partner_regions import regions_of
from routing_core.domain.errors import (
    InvalidInput,
    NotFound,
    PartnerChanged,
    Problem,
    VersionConflict,
)
from routing_core.domain.partner import Partner, with_auto_pause
from routing_core.domain.partner_history import ProfileChange
from routing_core.formats.partner_document import (
    partner_document,
    patched_document,
    read_partner,
    reserved_id_problem,
)
from routing_core.service.hq.known_partners import saved_partner
from routing_core.service.hq.note_activity import note_partner
from routing_core.service.kernel.retry import retry_on_conflict
from routing_core.service.kernel.services import Services

LONGEST_PARTNER_ID = 40
"""Characters of a partner's id; what is longer is a name."""


def show_partner(services: Services, partner_id: str) -> dict[str, Any]:
    """Give the document of a partner as it stands, or raise NotFound."""
    return partner_document(_with_auto_pause(services, saved_partner(services, partner_id)))


def saved_document(services: Services, partner: Partner) -> dict[str, Any]:
    """Give the document of a partner who was just saved, with what is probably not meant.

    The latter stands under ``status.warnings``.
    """
    document = partner_document(partner)
    warnings = [warning.message for warning in filter_warnings(partner, services.programme)]
    document["status"]["warnings"] = warnings
    return document


@dataclass(frozen=True, slots=True)
class ProfileEdit:
    """Who saves a profile, and which version of it they had read."""

    by: str = ""
    """Whom the history names."""
    seen: int | None = None
    """The version that was read; None saves whatever is there, 0 only a partner who is new."""
    regions: frozenset[str] | None = None
    """The partner has to lie in one of these regions, before and after; None = anywhere."""


def save_partner(
    services: Services,
    partner_id: str,
    document: Mapping[str, Any],
    now: datetime,
    edit: ProfileEdit = ProfileEdit(),
) -> Partner:
    """Create or replace a partner; ``paused: false`` also ends a pause that came of lapses.

    Raises InvalidInput, PartnerChanged if it is not the version that was read, or VersionConflict
    if somebody else saved in this very moment.
    """
    previous = services.partners.get(partner_id)
    if previous and not _lies_in(services, edit, previous):
        raise NotFound(f"there is no partner {partner_id}")
    refuse_if_changed(services, previous, edit.seen)
    reserved = None if previous else reserved_id_problem(partner_id)
    if reserved:
        raise InvalidInput([reserved])
    document = with_known_backup(services, document)
    partner = read_partner({**document, "id": partner_id}, services.programme, now.date(), previous)
    if document.get("confirmed") is False and previous:
        partner = _asked_anew(partner, previous)
    if not _lies_in(services, edit, partner):
        message = "lie in none of your regions, nor does the address"
        raise InvalidInput([Problem("territories", "outside_regions", message)])
    replaces = previous.version if previous else None
    services.partners.save([(partner, replaces)], now, edit.by)
    note_partner(services, ActivityKind.PARTNER_SAVED, partner.id, edit.by, now)
    saved = replace(partner, version=(replaces or 0) + 1)
    if document.get("paused") is False and _with_auto_pause(services, saved).paused:
        services.partners.set_paused(saved.id, False, now, edit.by)
        return replace(saved, version=saved.version + 1)
    return saved


def _asked_anew(partner: Partner, previous: Partner) -> Partner:
    """Have the address asked for again, which needs new links.

    It may have been unconfirmed before, or dead: if it was repaired, the mail with the question has
    to leave.
    """
    generation = max(partner.address_generation, previous.address_generation + 1)
    return replace(partner, address_generation=generation, bounced=False)


def patch_partner(
    services: Services,
    partner_id: str,
    patch: Mapping[str, Any],
    now: datetime,
    edit: ProfileEdit = ProfileEdit(),
) -> Partner:
    """Change what a JSON Merge Patch (RFC 7396) names; null gives a field its default.

    Raises NotFound, else what ``save_partner`` raises.
    """

    def work(_: bool) -> Partner:
        known = saved_partner(services, partner_id)
        if not _lies_in(services, edit, known):
            raise NotFound(f"there is no partner {partner_id}")
        refuse_if_changed(services, known, edit.seen)
        if patch.get("id", partner_id) != partner_id:
            raise InvalidInput([Problem("id", "invalid", f"stays {partner_id}: it is in use")])
        document = patched_document(partner_document(known), patch)
        # On exactly what the patch was applied to: somebody else's change is never undone by it.
        exactly = replace(edit, seen=known.version)
        try:
            return save_partner(services, partner_id, document, now, exactly)
        except PartnerChanged as error:
            raise VersionConflict(str(error)) from error

    return retry_on_conflict(work)


def _lies_in(services: Services, edit: ProfileEdit, partner: Partner) -> bool:
    """Tell whether whoever saves a partner may, by its regions."""
    if edit.regions is None:
        return True
    return not edit.regions.isdisjoint(regions_of(partner, services.programme))


def refuse_if_changed(services: Services, known: Partner | None, seen: int | None) -> None:
    """Raise PartnerChanged unless a profile is the version that somebody has read."""
    version = known.version if known else 0
    if seen is None or seen == version:
        return
    history = services.partners.history(known.id) if known else ()
    since = [_told(change) for change in history if change.version > seen]
    raise PartnerChanged(version, since)


def _told(change: ProfileChange) -> dict[str, Any]:
    fields = [
        {"field": each.field, "from": each.before, "to": each.after} for each in change.fields
    ]
    at = change.at.isoformat()
    return {"version": change.version, "at": at, "by": change.by, "fields": fields}


def _with_auto_pause(services: Services, partner: Partner) -> Partner:
    """Give the partner with a pause that came of lapses, which stands in LOAD alone."""
    return with_auto_pause(partner, services.leads.loads([partner.id]).get(partner.id))


def with_known_backup(services: Services, document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the document with the backup by id; raises InvalidInput if nobody is called so."""
    written = document.get("backup")
    if not isinstance(written, str) or not written or _is_there(services, written):
        return document
    # Names are looked for in the whole network: only for what is no id.
    names = partner_names(services.rules.network().partners.values(), ())
    named, problem = with_backup_by_id(document, names)
    if problem:
        raise InvalidInput([problem])
    return named


def _is_there(services: Services, partner: str) -> bool:
    return len(partner) <= LONGEST_PARTNER_ID and services.partners.get(partner) is not None

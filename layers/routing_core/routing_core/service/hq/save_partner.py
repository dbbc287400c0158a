"""One partner as HQ reads and saves it, checked completely before anything is saved."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from routing_core.domain.checks.backup_names import partner_names, with_backup_by_id
from routing_core.domain.checks.filter_warnings import filter_warnings
from routing_core.domain.errors import InvalidInput, NotFound
from routing_core.domain.partner import Partner, with_auto_pause
from routing_core.formats.partner_document import partner_document, read_partner
from routing_core.service.kernel.services import Services

LONGEST_PARTNER_ID = 40
"""Characters of a partner's id; what is longer is a name."""


def show_partner(services: Services, partner_id: str) -> dict[str, Any]:
    """Give the document of a partner as it stands, or raise NotFound."""
    partner = services.partners.get(partner_id)
    if partner is None:
        raise NotFound(f"there is no partner {partner_id}")
    return partner_document(_with_auto_pause(services, partner))


def saved_document(services: Services, partner: Partner) -> dict[str, Any]:
    """Give the document of a partner who was just saved, with what is probably not meant.

    The latter stands under ``status.warnings``.
    """
    document = partner_document(partner)
    warnings = [warning.message for warning in filter_warnings(partner, services.programme)]
    document["status"]["warnings"] = warnings
    return document


def save_partner(
    services: Services, partner_id: str, document: Mapping[str, Any], now: datetime, by: str = ""
) -> Partner:
    """Create or replace a partner; ``paused: false`` also ends a pause that came of lapses.

    Raises InvalidInput, or VersionConflict if somebody else saved meanwhile.
    """
    previous = services.partners.get(partner_id)
    document = _with_known_backup(services, document)
    partner = read_partner({**document, "id": partner_id}, services.programme, now.date(), previous)
    if (
        document.get("confirmed") is False
        and previous
        and partner.address_generation == previous.address_generation
    ):
        # The address was not confirmed before either, but HQ wants it asked again.
        partner = replace(partner, address_generation=previous.address_generation + 1)
    replaces = previous.version if previous else None
    services.partners.save([(partner, replaces)], now, by)
    saved = replace(partner, version=(replaces or 0) + 1)
    if document.get("paused") is False and _with_auto_pause(services, saved).paused:
        services.partners.set_paused(saved.id, False, now, by)
        return replace(saved, version=saved.version + 1)
    return saved


def _with_auto_pause(services: Services, partner: Partner) -> Partner:
    """Give the partner with a pause that came of lapses, which stands in LOAD alone."""
    return with_auto_pause(partner, services.leads.loads([partner.id]).get(partner.id))


def _with_known_backup(services: Services, document: Mapping[str, Any]) -> Mapping[str, Any]:
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

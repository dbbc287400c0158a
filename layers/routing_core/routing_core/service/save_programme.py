"""HQ's rules: read, checked, completed with holidays, saved as the next version."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..domain.closing_days import with_closing_days
from ..domain.errors import InvalidInput, Problem
from ..domain.programme import Programme, parse
from .relay import Relay


def save_programme(relay: Relay, document: Mapping[str, Any], now: datetime) -> tuple[int, Programme]:
    """Raises InvalidInput with the path of every error, or VersionConflict."""
    programme = with_closing_days(parse(document), now.date())
    backup = programme.fallback.backup_partner
    if backup and relay.partners.get(backup) is None and any(True for _ in relay.partners.all()):
        message = f"there is no partner {backup}: name one of the network, or leave it out"
        raise InvalidInput([Problem("fallback.backup_partner", "unknown_option", message)])
    return relay.rules.save_programme(programme, now), programme

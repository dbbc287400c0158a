"""How a partner stands, in one word."""

from datetime import date
from enum import StrEnum

from routing_core.domain.absences import back_after
from routing_core.domain.partner import Load, Partner


class PartnerState(StrEnum):
    """The state of a partner; the values stand in addresses and in the API."""

    ACTIVE = "active"
    """Gets offers, as far as its caps allow."""
    AWAY = "away"
    """Is absent today."""
    PAUSED = "paused"
    """Was paused by HQ or by its own people."""
    LAPSED = "lapsed"
    """Was paused because it left too many offers in a row unanswered."""
    BOUNCED = "bounced"
    """Mail to it comes back."""
    UNCONFIRMED = "unconfirmed"
    """Has not confirmed its address."""
    DEACTIVATED = "deactivated"
    """HQ works with it no longer."""


def partner_state(partner: Partner, load: Load | None, today: date) -> PartnerState:
    """Say how a partner stands on a day of its own; what is hardest to mend comes first.

    A pause that came of lapses stands in the load alone: without it, nobody is ``LAPSED``.
    """
    if partner.deactivated:
        return PartnerState.DEACTIVATED
    if not partner.confirmed:
        return PartnerState.UNCONFIRMED
    if partner.bounced:
        return PartnerState.BOUNCED
    if partner.paused:
        return PartnerState.PAUSED
    if load is not None and not load.active:
        return PartnerState.LAPSED if load.paused_by_lapses else PartnerState.PAUSED
    return PartnerState.AWAY if back_after(partner.absences, today) else PartnerState.ACTIVE


IN_LOAD = frozenset({PartnerState.ACTIVE, PartnerState.AWAY, PartnerState.LAPSED})
"""States between which the load decides: the profile alone does not tell them apart."""

"""Who gets the lead, in one line of a test: partners in, a decision out."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from routing_core.domain.partner import Load, Partner
from routing_core.domain.programme.areas import Region
from routing_core.routing.decide.decision import Decision, decide
from routing_core.routing.decide.situation import Situation
from routing_core.routing.index.network import Network
from routing_core.routing.policy import Enquiry, Policy
from tests.support.builders import NOON, a_programme

POLICY = Policy.of(a_programme(), version=3)
ENQUIRY = Enquiry("DE", "80331", "heat-pump", "soon", "de")


def a_load(partner_id: str, **changes: Any) -> Load:
    return replace(Load(partner_id, active=True), **changes)


def decided(
    *partners: Partner,
    regions: Mapping[str, Region] = MappingProxyType({}),
    enquiry: Enquiry = ENQUIRY,
    policy: Policy = POLICY,
    loads: dict[str, Load] | None = None,
    now: datetime = NOON,
) -> Decision:
    """Everybody without a load of their own is active and idle, with the caps of the profile."""
    idle = {partner.id: a_load(partner.id, caps=partner.caps) for partner in partners}
    return decide(
        Situation(
            enquiry, Network.compile("n1", partners, regions), policy, now, idle | (loads or {})
        )
    )


def order(decision: Decision) -> list[str]:
    return [candidate.partner for candidate in decision.ranked]


def raw_size(record: dict[str, Any]) -> int:
    return len(json.dumps(record, ensure_ascii=False).encode())

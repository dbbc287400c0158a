"""The situation in which something is decided about a lead, by the rules in force."""

from datetime import datetime

from routing_core.domain.lead import Lead
from routing_core.routing.decide.situation import Situation
from routing_core.routing.policy import Enquiry, Policy
from routing_core.service.kernel.ports import RuleBook


def situation_of(lead: Lead, rules: RuleBook, now: datetime) -> Situation:
    """Give the situation of a lead, without any loads yet."""
    version, programme = rules.programme()
    return Situation(Enquiry.of(lead), rules.network(), Policy.of(programme, version), now)

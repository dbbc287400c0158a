"""The leads that wait for a partner in a back-test, found by each partner who could take them."""

from collections import defaultdict

from routing_core.domain.lead import Lead
from routing_core.domain.programme.programme import Programme
from routing_core.routing.decide.backups import who_could_be_asked
from routing_core.routing.index.network import Network

_LAST = 99
"""It stands for an urgency that the programme does not name."""


class WaitingLeads:
    """The leads that nobody has, in the state in which they wait."""

    def __init__(self, programme: Programme, network: Network):
        self._programme = programme
        self._network = network
        self._leads: dict[str, Lead] = {}
        self._near: dict[str, frozenset[str]] = {}
        """Lead → the partners who could be asked."""
        self._hopes: dict[str, set[str]] = defaultdict(set)
        """Partner → the leads that could be theirs."""
        self._urgency = {urgency.id: place for place, urgency in enumerate(programme.urgencies)}

    def __contains__(self, lead_id: str) -> bool:
        """Tell whether a lead waits."""
        return lead_id in self._leads

    def __len__(self) -> int:
        """Give how many leads wait."""
        return len(self._leads)

    def get(self, lead_id: str) -> Lead | None:
        """Give the lead if it waits."""
        return self._leads.get(lead_id)

    def add(self, lead: Lead) -> None:
        """Let a lead wait, anew if it waited before."""
        self.remove(lead.id)
        near = who_could_be_asked(lead, self._programme, self._network)
        self._leads[lead.id] = lead
        self._near[lead.id] = near
        for partner in near:
            self._hopes[partner].add(lead.id)

    def replace(self, lead: Lead) -> None:
        """Keep what became of a lead, if it waits."""
        if lead.id in self._leads:
            self._leads[lead.id] = lead

    def remove(self, lead_id: str) -> None:
        """Let a lead wait no more."""
        for partner in self._near.pop(lead_id, ()):
            self._hopes[partner].discard(lead_id)
        self._leads.pop(lead_id, None)

    def has_anybody(self, lead_id: str) -> bool:
        """Tell whether there is a partner who could ever be asked for a lead that waits."""
        return bool(self._near[lead_id])

    def of(self, partner: str) -> list[Lead]:
        """Give the leads that could be this partner's: by urgency, then the oldest first."""
        leads = [self._leads[lead_id] for lead_id in self._hopes[partner]]
        return sorted(leads, key=self._order)

    def _order(self, lead: Lead) -> tuple[object, ...]:
        return self._urgency.get(lead.urgency, _LAST), lead.received_at, lead.id

"""The loads of a played network, in memory: changed by the same events as LOAD items are by
commits.
"""

from datetime import datetime

from routing_core.domain.changed import changed
from routing_core.domain.figures import Figures
from routing_core.domain.lead import Lead
from routing_core.domain.partner import (
    Lapse,
    Load,
    counters,
    is_of,
    lapses_pause,
    period_keys,
    with_lapse,
)
from routing_core.domain.programme.offer_rules import Lapses
from routing_core.routing.decide.decision import Decision
from routing_core.routing.decide.eligibility import local_day
from routing_core.routing.index.network import Network


class Ledger(dict[str, Load]):
    """Partner → load. ``counts``: figures are kept, for a criterion looks at them."""

    def __init__(self, network: Network, counts: bool):
        super().__init__(
            (name, Load(name, active=p.active, caps=p.caps)) for name, p in network.partners.items()
        )
        self._partners, self._counts = network.partners, counts

    def is_full(self, partner: str) -> bool:
        load = self[partner]
        return load.caps.open is not None and load.open_count >= load.caps.open

    def offered(self, partner: str, product: str, decision: Decision, now: datetime) -> None:
        load = self[partner]
        pass_value = decision.pass_value_after_offer(partner)
        self[partner] = changed(
            load,
            open_count=load.open_count + 1,
            products={**load.products, product: load.products.get(product, 0) + 1},
            made=self._made(load, product, now),
            last_offered=decision.offered_at,
            pass_value=load.pass_value if pass_value is None else pass_value,
            figures=self._more(load.figures, offers=1),
            seq=load.seq + 1,
        )

    def _made(self, load: Load, product: str, now: datetime) -> dict[str, int]:
        today = local_day(self._partners[load.partner], now)
        made = {
            counter: load.made.get(counter, 0) + 1
            for counter in counters(load.caps, today, product)
        }
        if load.caps.product_offers:
            made = {key: n for key, n in load.made.items() if is_of(key, period_keys(today))} | made
        return made

    def take(self, partner: str, product: str, by: int = 1) -> None:
        """A place; or give it free, by -1."""
        load = self[partner]
        products = {**load.products, product: load.products.get(product, 0) + by}
        self[partner] = changed(
            load, open_count=load.open_count + by, products=products, seq=load.seq + 1
        )

    def answered(self, partner: str, declined: int = 0) -> None:
        load = self[partner]
        figures = self._more(load.figures, answers=1, declined=declined)
        if load.lapses or figures is not load.figures:
            self[partner] = changed(load, lapses=0, unseen=0, lapsed=(), figures=figures)

    def lapsed(self, lead: Lead, partner: str, rule: Lapses) -> bool:
        """True if the partner is paused for it. Every lead of a back-test is a person's of its
        own.
        """
        load = self[partner]
        day = local_day(self._partners[partner], lead.received_at)
        after = with_lapse(load, Lapse(lead.id, lead.id, day), rule)
        pause = load.active and lapses_pause(after, rule)
        figures = self._more(load.figures, lapsed=1)
        self[partner] = changed(after, active=load.active and not pause, figures=figures)
        return pause

    def resumed(self, partner: str) -> None:
        self[partner] = changed(
            self[partner], active=self._partners[partner].active, lapses=0, unseen=0, lapsed=()
        )

    def _more(
        self,
        figures: Figures,
        offers: int = 0,
        answers: int = 0,
        declined: int = 0,
        lapsed: int = 0,
    ) -> Figures:
        if not self._counts:
            return figures
        return changed(
            figures,
            offers=figures.offers + offers,
            answers=figures.answers + answers,
            declined=figures.declined + declined,
            lapsed=figures.lapsed + lapsed,
        )

"""The loads of a played network, in memory: changed by the same events as LOAD items by commits."""

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
    """The load of each partner, by id, as a played network has it."""

    def __init__(self, network: Network, counts: bool):
        """Begin with empty loads; ``counts``: figures are kept, for a criterion looks at them."""
        super().__init__()
        for name, partner in network.partners.items():
            self[name] = Load(
                name, active=partner.active, caps=partner.caps, extra_open=partner.extra_open
            )
        self._partners = network.partners
        self._counts = counts

    def is_full(self, partner: str) -> bool:
        """Tell whether the partner holds as many offers as they may."""
        load = self[partner]
        return load.caps.open is not None and load.open_count >= load.caps.open

    def offered(self, partner: str, product: str, decision: Decision, now: datetime) -> None:
        """Count an offer that keeps a place, made by that decision."""
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
            # What another product had in these periods still counts.
            periods = period_keys(today)
            kept = {key: number for key, number in load.made.items() if is_of(key, periods)}
            made = kept | made
        return made

    def take(self, partner: str, product: str, by: int = 1) -> None:
        """Take a place for an offer of that product; or give it free, by -1."""
        load = self[partner]
        products = {**load.products, product: load.products.get(product, 0) + by}
        self[partner] = changed(
            load, open_count=load.open_count + by, products=products, seq=load.seq + 1
        )

    def answered(self, partner: str, declined: int = 0) -> None:
        """Count an answer: the lapses in a row are over."""
        load = self[partner]
        figures = self._more(load.figures, answers=1, declined=declined)
        if load.lapses or figures is not load.figures:
            self[partner] = changed(load, lapses=0, unseen=0, lapsed=(), figures=figures)

    def lapsed(self, lead: Lead, partner: str, rule: Lapses) -> bool:
        """Count a lapse, and tell whether the partner is paused for it."""
        load = self[partner]
        day = local_day(self._partners[partner], lead.received_at)
        # Every lead of a back-test counts as a person of its own: who asked is not kept for long.
        after = with_lapse(load, Lapse(lead.id, lead.id, day), rule)
        pause = load.active and lapses_pause(after, rule)
        figures = self._more(load.figures, lapsed=1)
        self[partner] = changed(after, active=load.active and not pause, figures=figures)
        return pause

    def resumed(self, partner: str) -> None:
        """End a pause that came of lapses."""
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

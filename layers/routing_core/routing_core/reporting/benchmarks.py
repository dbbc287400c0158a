"""How a partner stands beside the others, whose names nobody learns."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from statistics import quantiles

from routing_core.reporting.hq_report import PartnerFigures
from routing_core.reporting.partner_report import LEAST_PEERS, Benchmark, Compared


def _rate_of(figures: PartnerFigures, measure: Compared) -> float | None:
    shares = {
        Compared.ACCEPTANCE: figures.offers.acceptance,
        Compared.SLA: figures.sla,
        Compared.CONVERSION: figures.conversion,
    }
    return shares[measure].rate


def _time_of(figures: PartnerFigures, measure: Compared) -> float | None:
    times = {
        Compared.RESPONSE: figures.response_hours,
        Compared.CONTACT: figures.contact_hours,
    }
    return times[measure].median


_VALUE_OF: Mapping[Compared, Callable[[PartnerFigures, Compared], float | None]] = {
    Compared.ACCEPTANCE: _rate_of,
    Compared.RESPONSE: _time_of,
    Compared.CONTACT: _time_of,
    Compared.SLA: _rate_of,
    Compared.CONVERSION: _rate_of,
}


class Peers:
    """What all partners of a network have, so that each can be set beside the others."""

    def __init__(self, partners: Iterable[PartnerFigures]) -> None:
        self._values: dict[Compared, dict[str, float]] = {measure: {} for measure in Compared}
        self._ordered: dict[Compared, list[float]] = {}
        for figures in partners:
            for measure in Compared:
                value = _VALUE_OF[measure](figures, measure)
                # Of too few cases there is none: whoever has one has five at least.
                if value is not None:
                    self._values[measure][figures.partner] = value
        for measure, values in self._values.items():
            self._ordered[measure] = sorted(values.values())

    def beside(self, partner: str) -> Iterator[Benchmark]:
        """Yield each measure of which there are enough others."""
        for measure, values in self._values.items():
            own = values.get(partner)
            others = self._ordered[measure]
            if own is not None:
                place = bisect_left(others, own)
                others = others[:place] + others[place + 1 :]
            if len(others) >= LEAST_PEERS:
                lower, middle, upper = quantiles(others, n=4, method="inclusive")
                yield Benchmark(measure, own, lower, middle, upper, len(others))

"""How a partner stands beside the others, whose names nobody learns."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from routing_core.reporting.partner_counts import PartnerFigures
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


class _Others:
    """Ordered values but one's own: seen through, since thousands would copy thousands."""

    def __init__(self, ordered: Sequence[float], own: float | None) -> None:
        self._ordered = ordered
        self._own_place = None if own is None else bisect_left(ordered, own)

    def __len__(self) -> int:
        """Count the others."""
        if self._own_place is None:
            return len(self._ordered)
        return len(self._ordered) - 1

    def quarter(self, number: int) -> float:
        """Give the value below which so many quarters lie, as ``statistics.quantiles`` does it.

        That is its inclusive method: between two values it goes by the distance from each.
        """
        place, part = divmod(number * (len(self) - 1), 4)
        return (self._at(place) * (4 - part) + self._at(place + 1) * part) / 4

    def _at(self, place: int) -> float:
        if self._own_place is not None and place >= self._own_place:
            place += 1
        return self._ordered[place]


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
            others = _Others(self._ordered[measure], own)
            if len(others) >= LEAST_PEERS:
                lower, middle, upper = map(others.quarter, (1, 2, 3))
                yield Benchmark(measure, own, lower, middle, upper, len(others))

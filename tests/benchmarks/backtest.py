"""How long a back-test takes: made-up enquiries of a year, made-up partners all over Germany, both
runs at once.

make bench-backtest                                  10,000 enquiries, 1,000 partners
make bench-backtest LEADS=100000 PARTNERS=1000
"""

import sys
import time
from datetime import timedelta
from random import Random
from resource import RUSAGE_CHILDREN, getrusage

from infra.tools.backtest import Inputs, play
from routing_core.domain.partner import Caps
from routing_core.domain.territory.territory import Territory
from routing_core.routing.history import Past
from routing_core.routing.index.network import Network
from routing_core.simulation.behaviour import learn
from routing_core.simulation.history_csv import History
from routing_core.simulation.simulate import RuleSet
from tests.support.builders import NOON, a_lead, a_partner, a_programme

YEAR = 365 * 86_400
PRODUCTS = ("heat-pump", "boiler")


def offers(hours: float) -> list[dict[str, object]]:
    return [
        {
            "window": {"response_hours": hours},
            "on_lapse": "share",
            "partners": 3,
            "total": {"working_days": 4},
        }
    ]


def main(leads: int, partners: int) -> None:
    dice = Random(1)
    places = [f"{dice.randrange(1000, 99_999):05d}" for _ in range(leads)]
    current, draft = (a_programme(offers=offers(hours)) for hours in (4, 2))
    network = Network.compile(
        "made-up",
        [
            a_partner(
                f"p{number}",
                territories=tuple(
                    {Territory.parse(f"DE {dice.randrange(10, 999)}*") for _ in range(4)}
                ),
                caps=Caps(open=dice.choice([10, 20, 40])),
                products=frozenset(dice.sample(PRODUCTS, dice.choice([1, 2]))),
            )
            for number in range(partners)
        ],
        current.regions,
    )
    history = [
        Past.of(
            a_lead(
                f"L{number:06d}",
                postcode=place,
                product=dice.choice(PRODUCTS),
                received_at=NOON - timedelta(seconds=dice.randrange(YEAR)),
                offers=(),
                deadlines=(),
            )
        )
        for number, place in enumerate(places)
    ]
    near = sum(len(network.covering("DE", place)) for place in places[:1000]) / len(places[:1000])
    behaviours = learn((), lambda partner, start, end: timedelta())
    began = time.perf_counter()
    both = (RuleSet(current, network), RuleSet(draft, network))
    test = play(Inputs(*both, history, behaviours, History(())), "1")
    took = time.perf_counter() - began
    spent = getrusage(RUSAGE_CHILDREN)
    print(
        f"{leads:,} enquiries × {partners:,} partners ({near:.0f} cover a place), by two programmes at once:"
    )
    made = f"{test.current.offers:,} and {test.draft.offers:,} offers"
    print(f"{took:.1f} s, {1000 * took / leads:.2f} ms an enquiry; {made}")
    print(
        f"{spent.ru_utime + spent.ru_stime:.1f} s of processor time: two processors that are free take half of it"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))

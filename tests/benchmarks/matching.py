"""Who is the least busy partner for this enquiry? The engine against what a team would else use:
`make bench-matching`.

Every contender gets the same network and the same questions, postcodes as intake stores them, and
must give the same answers: area, product, language, a required skill. Of those who fit, the best 90
by tier, then id, are the shortlist, as in production, where only so many loads are read; of these,
who has a free place and the fewest taken. (Among equal tiers production begins at another place for
each lead; a contest needs one answer.) Times are the least of interleaved rounds, in microseconds a
question; what counts are the ratios. Below them what the engine does beyond that question: the
shortlist, and the whole decision: ranked, then explained, then recorded; how many were ranked and
how many excluded is what that hangs on.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable

from routing_core.routing.decide.decision import SHORTLIST, Decision, decide, shortlist
from routing_core.routing.decide.record import record_of
from routing_core.routing.decide.situation import Situation
from routing_core.routing.index.network import Network
from routing_core.routing.policy import Enquiry
from tests.benchmarks.networks import NOW, POLICY, TAGS, Sample, a_network

Contender = Callable[[Enquiry], str | None]
ROUNDS = 10
MORE = 20
"""Contenders that take microseconds are asked so many times as often: the least is only then what
they need.
"""
CAP = 10
"""Places of a partner, as the networks are made."""
ENGINE = "engine"
SLOW_FROM = 20_000
"""Networks of more partners get fewer questions from contenders that look at everybody."""


def engine(sample: Sample) -> Contender:
    """The arrays and the look-up that decisions use."""
    network = Network.compile("bench", sample.partners, {})
    ids, ordinal_of = network.partners.ids, network.arrays.ordinal_of
    places = bytes(sample.loads[partner].open_count for partner in ids)
    asked = {
        (enquiry.product, enquiry.language): network.features.query(
            POLICY.requirements(enquiry, NOW.date())
        )
        for enquiry in sample.questions
    }

    def ask(enquiry: Enquiry) -> str | None:
        keys = network.keys(enquiry.country, enquiry.postcode)
        chosen, least = None, CAP
        for posting in network.matching(keys, asked[enquiry.product, enquiry.language])[:SHORTLIST]:
            ordinal = ordinal_of[posting]
            if places[ordinal] < least:
                chosen, least = ordinal, places[ordinal]
        return None if chosen is None else ids[chosen]

    return ask


def scan(sample: Sample) -> Contender:
    """Dicts, as one would write it first."""
    rows = [
        {
            "id": partner.id,
            "areas": [territory.value for territory in partner.territories],
            "products": sorted(partner.products),
            "languages": sorted(partner.languages),
            "tags": sorted(partner.tags),
            "tier": partner.tier,
            "places": sample.loads[partner.id].open_count,
        }
        for partner in sample.partners
    ]

    def ask(enquiry: Enquiry) -> str | None:
        fitting = [
            row
            for row in rows
            if any(enquiry.postcode.startswith(area) for area in row["areas"])
            and enquiry.product in row["products"]
            and enquiry.language in row["languages"]
            and TAGS[0] in row["tags"]
        ]
        shortlist = sorted(fitting, key=lambda row: (row["tier"], row["id"]))[:SHORTLIST]
        free = [row for row in shortlist if row["places"] < CAP]
        return (
            min(free, key=lambda row: (row["places"], row["tier"], row["id"]))["id"]
            if free
            else None
        )

    return ask


def tuned_scan(sample: Sample) -> Contender:
    """Sets and tuples, the rarest question first."""
    rows = [
        (
            frozenset(territory.value for territory in partner.territories),
            partner.products,
            partner.languages,
            TAGS[0] in partner.tags,
            partner.tier,
            partner.id,
            sample.loads[partner.id].open_count,
        )
        for partner in sample.partners
    ]

    def ask(enquiry: Enquiry) -> str | None:
        area, product, language = (
            enquiry.postcode[: sample.digits],
            enquiry.product,
            enquiry.language,
        )
        fitting = [
            (tier, name, places)
            for areas, products, languages, skilled, tier, name, places in rows
            if area in areas and product in products and language in languages and skilled
        ]
        return _least_busy(fitting)

    return ask


def sqlite(sample: Sample) -> Contender:
    """In memory, one index that also gives the order; what is asked stands with the partner."""
    return _sqlite(sample, "p")


def sqlite_beside(sample: Sample) -> Contender:
    """Languages and skills stand in the index too, so that only who fits is looked up."""
    return _sqlite(sample, "c")


def _sqlite(sample: Sample, asked_of: str) -> Contender:
    base = sqlite3.connect(":memory:")
    base.execute(
        "CREATE TABLE cover (area TEXT, product TEXT, tier INT, partner TEXT, languages INT, skilled INT,"
        " PRIMARY KEY (area, product, tier, partner)) WITHOUT ROWID"
    )
    base.execute(
        "CREATE TABLE partner (id TEXT PRIMARY KEY, languages INT, skilled INT, places INT) WITHOUT ROWID"
    )
    bits = {"de": 1, "en": 2, "fr": 4, "tr": 8}
    for partner in sample.partners:
        has = sum(bits[language] for language in partner.languages), TAGS[0] in partner.tags
        base.execute(
            "INSERT INTO partner VALUES (?, ?, ?, ?)",
            (partner.id, *has, sample.loads[partner.id].open_count),
        )
        base.executemany(
            "INSERT INTO cover VALUES (?, ?, ?, ?, ?, ?)",
            [
                (territory.value, product, partner.tier, partner.id, *has)
                for territory in partner.territories
                for product in partner.products
            ],
        )
    base.execute("ANALYZE")
    text = (
        "SELECT id FROM (SELECT c.tier, p.id, p.places FROM cover c JOIN partner p ON p.id = c.partner"
        f" WHERE c.area = ? AND c.product = ? AND {asked_of}.languages & ? AND {asked_of}.skilled"
        f" ORDER BY c.tier, c.partner LIMIT {SHORTLIST}) WHERE places < {CAP} ORDER BY places, tier, id LIMIT 1"
    )

    def ask(enquiry: Enquiry) -> str | None:
        area = enquiry.postcode[: sample.digits]
        found = base.execute(text, (area, enquiry.product, bits[enquiry.language])).fetchone()
        return found[0] if found else None

    return ask


def _table(inputs: list[str], rules: list[tuple[list[str], str]]) -> str:
    """A decision table as zen-engine reads it: one output, all rows that apply."""
    columns = [{"id": f"i{n}", "name": name, "field": name} for n, name in enumerate(inputs)]
    rows = [
        {"_id": f"r{number}", "o": output} | {f"i{n}": cell for n, cell in enumerate(cells)}
        for number, (cells, output) in enumerate(rules)
    ]
    content = {
        "hitPolicy": "collect",
        "inputs": columns,
        "outputs": [{"id": "o", "name": "p", "field": "p"}],
        "rules": rows,
    }
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in", "position": {"x": 0, "y": 0}},
        {
            "id": "table",
            "type": "decisionTableNode",
            "name": "table",
            "content": content,
            "position": {"x": 1, "y": 0},
        },
        {"id": "out", "type": "outputNode", "name": "out", "position": {"x": 2, "y": 0}},
    ]
    edges = [
        {"id": "a", "sourceId": "in", "targetId": "table", "type": "edge"},
        {"id": "b", "sourceId": "table", "targetId": "out", "type": "edge"},
    ]
    return json.dumps(
        {"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges}
    )


def zen_readme(sample: Sample) -> Contender:
    """One row a partner and area, conditions in the cells, as zen-engine's README shows it."""
    import zen

    rules = []
    for partner in sample.partners:
        cells = [_any(partner.products), _any(partner.languages), _any(partner.tags)]
        for territory in partner.territories:
            rules.append(([f'startsWith($, "{territory.value}")', *cells], f'"{partner.id}"'))
    known = _known(sample)
    decision = zen.ZenEngine().create_decision(
        _table(["postcode", "product", "language", "tag"], rules)
    )

    def ask(enquiry: Enquiry) -> str | None:
        given = {
            "postcode": enquiry.postcode,
            "product": enquiry.product,
            "language": enquiry.language,
            "tag": TAGS[0],
        }
        found = decision.evaluate(given)["result"]
        return _least_busy([known[name] for name in {row["p"] for row in found}])

    return ask


def zen_best(sample: Sample) -> Contender:
    """Compiled content with columns of equal values; what else is asked is looked up afterwards."""
    import zen

    at: dict[tuple[str, str], list[str]] = defaultdict(list)
    for partner in sample.partners:
        for territory in partner.territories:
            for product in partner.products:
                at[territory.value, product].append(partner.id)
    rules = [
        ([f'"{area}"', f'"{product}"'], json.dumps(ids)) for (area, product), ids in at.items()
    ]
    content = zen.ZenDecisionContent(_table(["area", "product"], rules))
    decision = zen.ZenEngine().create_decision(content)
    known, by_id = _known(sample), {partner.id: partner for partner in sample.partners}

    def ask(enquiry: Enquiry) -> str | None:
        found = decision.evaluate(
            {"area": enquiry.postcode[: sample.digits], "product": enquiry.product}
        )["result"]
        named = (name for row in found for name in row["p"])
        fitting = (
            n for n in named if enquiry.language in by_id[n].languages and TAGS[0] in by_id[n].tags
        )
        return _least_busy([known[name] for name in fitting])

    return ask


def _known(sample: Sample) -> dict[str, tuple[int, str, int]]:
    return {p.id: (p.tier, p.id, sample.loads[p.id].open_count) for p in sample.partners}


def _any(values: frozenset[str]) -> str:
    return ", ".join(f'"{value}"' for value in sorted(values))


def _least_busy(fitting: list[tuple[int, str, int]]) -> str | None:
    """Of (tier, id, places): the shortlist, then who is free and least busy."""
    free = [
        (places, tier, name) for tier, name, places in sorted(fitting)[:SHORTLIST] if places < CAP
    ]
    return min(free)[2] if free else None


CONTENDERS: dict[str, Callable[[Sample], Contender]] = {
    ENGINE: engine,
    "sqlite, indexed": sqlite,
    "sqlite, all in the index": sqlite_beside,
    "zen-engine, best form": zen_best,
    "zen-engine, README form": zen_readme,
    "scan, tuned": tuned_scan,
    "scan over dicts": scan,
}
QUICK = {ENGINE, "sqlite, indexed", "sqlite, all in the index"}
SLOW = {"zen-engine, README form", "scan, tuned", "scan over dicts"}


def whole(sample: Sample) -> dict[str, Callable[[Enquiry], object]]:
    """What the product does for each enquiry, beyond the contenders' question."""
    network = Network.compile("bench", sample.partners, {})

    def decided(enquiry: Enquiry) -> Decision:
        return decide(Situation(enquiry, network, POLICY, NOW, sample.loads))

    return {
        "engine: shortlist": lambda enquiry: shortlist(Situation(enquiry, network, POLICY, NOW)),
        "engine: ranked": decided,
        "engine: and explained": lambda enquiry: len(decided(enquiry).excluded),
        "engine: whole decision": lambda enquiry: record_of(decided(enquiry), network),
    }


def questions_for(name: str, sample: Sample, size: int) -> tuple[Enquiry, ...]:
    """As many as the contender answers in a reasonable time."""
    return sample.questions[: (3 if size >= SLOW_FROM else 20) if name in SLOW else None]


def least_times(
    asked: dict[str, Callable[[Enquiry], object]], sample: Sample, size: int
) -> dict[str, float]:
    """Microseconds a question, the least of interleaved rounds."""
    best = dict.fromkeys(asked, float("inf"))
    for number in range(ROUNDS * MORE):
        for name, ask in asked.items():
            if number % MORE and name not in QUICK:
                continue
            questions = questions_for(name, sample, size)
            start = time.perf_counter()
            for enquiry in questions:
                ask(enquiry)
            best[name] = min(best[name], (time.perf_counter() - start) / len(questions) * 1e6)
    return best


def measure(size: int, density: str, names: list[str]) -> dict[str, float]:
    sample = a_network(size, density)
    asked: dict[str, Callable[[Enquiry], object]] = {}
    for name in names:
        try:
            asked[name] = CONTENDERS[name](sample)
        except ImportError:
            print(f"  ({name}: not installed, see `make bench-matching`)")
    for name, ask in asked.items():
        for enquiry in questions_for(name, sample, size):
            if ask(enquiry) != asked[ENGINE](enquiry):
                raise SystemExit(
                    f"{name} answers {ask(enquiry)}, the engine {asked[ENGINE](enquiry)}"
                )
    print(crowd(sample, size, density))
    return least_times(asked | whole(sample), sample, size)


def crowd(sample: Sample, size: int, density: str) -> str:
    """How many a decision ranks and explains, on average."""
    network = Network.compile("bench", sample.partners, {})
    found = [
        decide(Situation(enquiry, network, POLICY, NOW, sample.loads))
        for enquiry in sample.questions
    ]
    ranked = sum(len(each.considered) for each in found) / len(found)
    excluded = sum(sum(map(len, each.excluded.values())) for each in found) / len(found)
    return f"{density}, {size:,}: {ranked:.1f} looked at, {excluded:.1f} excluded"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--density", nargs="+", default=["sparse", "dense"])
    arguments = parser.parse_args()
    found: dict[tuple[str, int], dict[str, float]] = {}
    for density in arguments.density:
        for size in arguments.sizes:
            found[density, size] = measure(size, density, list(CONTENDERS))
    for density in arguments.density:
        print(f"\n{density}: µs a question (times the engine's)")
        print(f"{'':26}" + "".join(f"{size:>22,}" for size in arguments.sizes))
        for name in found[density, arguments.sizes[0]]:
            cells = [found[density, size] for size in arguments.sizes]
            print(
                f"{name:26}"
                + "".join(f"{c[name]:12,.1f} {c[name] / c[ENGINE]:7,.1f} x" for c in cells)
            )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

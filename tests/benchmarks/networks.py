"""Invented networks of any size for the benchmarks: the same for the same size, density and seed.

Sparse: two three-digit areas each, as installers in a country. Dense: three two-digit areas, as a
network that covers everything many times over. Twenty products of which each does three; languages,
skills, places and what is taken.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from routing_core.domain.partner import Caps, Load, Partner, Person
from routing_core.domain.territory.territory import Territory
from routing_core.routing.policy import Enquiry, Policy

NOW = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)
PRODUCTS = [f"product-{number:02d}" for number in range(20)]
LANGUAGES = ["de", "en", "fr", "tr"]
TAGS = [f"skill-{number}" for number in range(8)]
POLICY = Policy(1, match_language=True, urgency_tags={"soon": frozenset({TAGS[0]})})
DENSITY = {"sparse": (3, 2), "dense": (2, 3)}
"""Digits of an area, areas of a partner."""


@dataclass(frozen=True)
class Sample:
    digits: int
    partners: tuple[Partner, ...]
    loads: dict[str, Load]
    questions: tuple[Enquiry, ...]


def a_network(size: int, density: str = "sparse", questions: int = 200) -> Sample:
    dice = Random(f"{size}:{density}")
    digits, areas = DENSITY[density]
    partners = tuple(_partners(size, digits, areas, dice))
    loads = {
        partner.id: Load(partner.id, True, 1, partner.caps, dice.randrange(11))
        for partner in partners
    }
    asked = tuple(
        Enquiry(
            "DE",
            f"{dice.randrange(10**5):05d}",
            dice.choice(PRODUCTS),
            "soon",
            dice.choice(LANGUAGES),
            seed=str(n),
        )
        for n in range(questions)
    )
    return Sample(digits, partners, loads, asked)


def _partners(size: int, digits: int, areas: int, dice: Random) -> Iterator[Partner]:
    for number in range(size):
        email = f"office@partner-{number}.example"
        prefixes = dice.sample(range(10**digits), areas)
        yield Partner(
            f"partner-{number:06d}",
            f"Partner {number}",
            Person(email, f"Person {number}", f"+4989{number:08d}"),
            "DE",
            "Europe/Berlin",
            "de",
            tuple(Territory.parse(f"DE {prefix:0{digits}d}*") for prefix in prefixes),
            frozenset(dice.sample(PRODUCTS, 3)),
            tier=dice.choice((1, 2, 2, 3)),
            languages=frozenset(dice.sample(LANGUAGES, 2)),
            tags=frozenset(dice.sample(TAGS, 4)),
            postcode=f"{dice.randrange(10**5):05d}",
            town=f"Town {dice.randrange(5000)}",
            caps=Caps(open=10),
            confirmed_email=email,
            version=1,
        )

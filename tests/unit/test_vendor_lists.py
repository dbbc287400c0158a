"""Lists as vendors have them: spellings, separators, lost zeros, contradictions; and how they are
explained.
"""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from routing_core.domain.checks.list_warnings import list_warnings
from routing_core.domain.partner import Person
from routing_core.domain.territory.lost_zeros import without_zeros
from routing_core.domain.territory.territory import Territory
from routing_core.formats.partner_document import read_partner
from routing_core.formats.partners_csv import Assumed, PartnersFile, Reading, read_partners_csv
from routing_core.formats.places_csv import read_places_csv
from tests.support.builders import a_partner, a_programme, programme_document

TODAY = date(2026, 11, 21)
OF_THE_US = programme_document()
OF_THE_US["forms"][0] |= {"countries": ["US"]}
US = a_programme(
    country="US", time_zone="America/Denver", languages=["en"], regions={}, forms=OF_THE_US["forms"]
)
HEADER = "id;name;email;territories;products"


def read(*lines: str, **how: Any) -> PartnersFile:
    return read_partners_csv("\n".join(lines), Reading(US, TODAY, Assumed(**how)))


def territories(cell: str, **how: Any) -> list[str]:
    file = read(f"{HEADER};country", f'p1;Example;p1@example.com;"{cell}";boiler;US', **how)
    assert file.problems == ()
    return [str(entry) for entry in read_partner(file.documents[0][1], US, TODAY).territories]


# ── spellings ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("US 800*|US 801*", ["US 800*", "US 801*"]),
        ("US 800*, 801*; 802", ["US 800*", "US 801*", "US 802*"]),
        ("010\n011\n012", ["US 010*", "US 011*", "US 012*"]),
        ("800-816, CO, Wyoming", ["US 80000-81699", "US CO", "US WY"]),
        ("CA ON, QC", ["CA ON", "CA QC"]),
        ("CA K1A, K1B; v6b rank 2", ["CA K1A*", "CA K1B*", "CA V6B* rank 2"]),
        ("GB WS9, SW1A, B1 backup", ["GB WS9*", "GB SW1A*", "GB B1* backup"]),
        ("NL 1012, 1013 AB", ["NL 1012*", "NL 1013AB"]),
        ("DE Bayern; Hessen rank 2", ["DE BY", "DE HE rank 2"]),
        ("USA 802xx|not 80203", ["US 802*", "not US 80203"]),
        ("US 50km 39.74,-104.99, US 801*", ["US 50km 39.74,-104.99", "US 801*"]),
        ("PR", ["US PR"]),
        ("80202 rank 2, 80203 backup", ["US 80202 rank 2", "US 80203 backup"]),
    ],
)
def test_territories_are_read_as_vendors_write_them(cell, meant):
    assert territories(cell) == meant


def test_names_and_spellings_of_what_the_programme_has_are_understood():
    file = read(
        "ID;Company;E-Mail;Areas;Products;Type;Country;Language;Paused;City;Web-Site",
        "p1;Example;p1@example.com;802;Heat Pump, BOILER;Installer;USA;en-US;Y;Denver;https://example.com",
    )
    assert file.problems == ()
    partner = read_partner(file.documents[0][1], US, TODAY)
    assert (partner.products, partner.type, partner.country) == (
        {"heat-pump", "boiler"},
        "installer",
        "US",
    )
    assert (partner.language, partner.paused, partner.town) == ("en", True, "Denver")


def test_nothing_is_said_in_patterns():
    file = read(f"{HEADER};language", "no id;Example;p1@example.com;US 802*;boiler;englisch")
    said = [problem.message for problem in file.problems]
    assert len(said) == 2
    assert not any("pattern" in message or "^" in message for message in said)


# ── told once ─────────────────────────────────────────────────────────────────────────────────────


def test_rows_without_a_country_are_asked_about_once_and_read_when_it_is_said():
    """979 rows had the same sentence each."""
    rows = [f"p{n};Example {n};p{n}@example.com;{n};boiler" for n in range(100, 999)]
    (problem,) = read(HEADER, *rows).problems
    assert problem.field == "rows 2, 3, 4 and 896 more, territories"
    assert "shall we read such rows as US?" in problem.message
    assert "of 899 rows" in problem.message
    file = read(HEADER, *rows, country="US", zeros_are_right=True)
    assert (len(file.documents), file.problems) == (899, ())


def test_of_what_many_rows_have_wrong_each_kind_is_told_once_with_its_rows():
    rows = [f"p{n};Example;nobody{n};US 802*;roof{n}" for n in range(1199)]
    rows[7] = "p7;Example;p7@example.com;US 802*;boiler;"
    told = {
        problem.field: problem.message
        for problem in read(HEADER, *rows, "last;;a@example.com;US;boiler").problems
    }
    assert set(told) == {
        "rows 2, 3, 4 and 1,195 more, email",
        "rows 2, 3, 4 and 1,195 more, products",
        "row 1201, name",
    }


# ── zeros ─────────────────────────────────────────────────────────────────────────────────────────


def everywhere(**how: Any) -> PartnersFile:
    """All ZIP3 from 010 on, as a spreadsheet keeps them."""
    rows = [f"p{n};Example {n};p{n}@example.com;US {n}*;boiler" for n in range(10, 1000)]
    return read(HEADER, *rows, **how)


def test_a_list_that_lost_all_its_zeros_is_stopped_and_says_why():
    """The ZIP3 010 had become 10: all of New England was without partners, and the import said
    200.
    """
    (problem,) = everywhere().problems
    assert problem.code == "zeros_lost"
    assert "US 10*, US 11*, US 12*" in problem.message
    assert "write 010, 011, 012" in problem.message
    assert everywhere(zeros_are_right=True).problems == ()


@pytest.mark.parametrize(
    "entries",
    [
        [f"US {n:03}*" for n in range(5, 1000)],
        [f"US {n}*" for n in range(100, 1000)],
        [f"US {n}*" for n in range(100, 1000)] + ["US 80*", "US 81*"],
        [f"US {n}*" for n in range(10, 100)],
        [f"DE {n:02}*" for n in range(1, 100)],
        [f"GB W{n}*" for n in range(1, 100)],
    ],
)
def test_a_list_that_has_its_zeros_or_needs_none_is_left_alone(entries):
    assert without_zeros(map(Territory.parse, entries)) == {}


def test_whole_postcodes_that_lost_their_zero_are_answered_with_it_and_why():
    """1067 is Dresden: 01067."""
    (problem,) = read(HEADER, "p1;Example;p1@example.com;DE 1067;boiler").problems
    assert (
        "did you mean 01067? Spreadsheets drop zeros in front: format the column as text"
        in problem.message
    )


def test_german_beginnings_of_two_digits_lose_theirs_too():
    entries = [f"DE {n}*" for n in range(1, 100) if n not in (5, 62)]
    assert list(without_zeros(map(Territory.parse, entries))) == ["DE"]


# ── contradictions ────────────────────────────────────────────────────────────────────────────────


def partner(name: str, *entries: str, **changes: Any) -> Any:
    found = a_partner(name, territories=tuple(map(Territory.parse, entries)), **changes)
    return replace(
        found, name=name.title(), contact=changes.get("contact", Person(f"{name}@example.com"))
    )


def warned(*partners: Any) -> dict[str, str]:
    known = {each.id: each for each in partners}
    return {each.code: each.message for each in list_warnings(known, known)}


def test_two_who_are_first_for_the_same_area_are_told_by_name():
    told = warned(
        partner("anna", "DE 80*"),
        partner("bert", "DE 80*", "DE 81* rank 2"),
        partner("cleo", "DE 81*"),
    )
    assert set(told) == {"two_first"}
    assert told["two_first"].startswith("Anna and Bert are both first for DE 80*")
    apart = partner("anna", "DE 80*", products=frozenset({"boiler"}))
    assert warned(apart, partner("bert", "DE 80*", products=frozenset({"heat-pump"}))) == {}


def test_an_area_with_two_ranks_is_told():
    assert warned(partner("anna", "DE 80*", "DE 80* rank 3"))["two_ranks"].startswith(
        "Anna: DE 80* is listed twice, with rank 1 and rank 3"
    )


def test_one_mail_address_of_two_partners_is_told():
    told = warned(
        partner("anna", "DE 80*", contact=Person("x@example.com")), partner("x", "DE 90*")
    )
    assert told["one_address"] == "Anna and X have the same email address, x@example.com"


@pytest.mark.parametrize(
    ("entry", "meant"),
    [("DE 50km 11.575,48.137", "48.137,11.575"), ("NL 20km 4.9,52.37", "52.37,4.9")],
)
def test_longitude_before_latitude_is_told(entry, meant):
    assert f"did you mean {meant}?" in warned(partner("anna", entry))["swapped"]
    right = entry.rpartition(" ")[0]
    assert warned(partner("anna", f"{right} {meant}")) == {}


def test_a_list_of_places_with_lat_and_lon_swapped_is_refused():
    file = read_places_csv("DE", "postcode;lat;lon\n80331;11.575;48.137\n10115;13.38;52.53\n")
    assert {problem.code for problem in file.problems} == {"swapped"}
    assert not read_places_csv("DE", "postcode;lat;lon\n80331;48.137;11.575\n").problems


def test_very_many_contradictions_are_counted():
    many = [partner(f"p{n}{side}", f"DE {n}*") for n in range(100, 200) for side in "ab"]
    told = list_warnings({each.id: each for each in many}, {each.id for each in many})
    assert len(told) == 51
    assert told[-1].message.startswith("and 50 more like these")

"""Partners as HQ sends them: one document, one spreadsheet, every error with its place."""

import json
import re
from dataclasses import replace
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing_core.domain.errors import InvalidInput
from routing_core.domain.partner import Absence, Caps, Partner, Person
from routing_core.domain.programme.rules import Condition
from routing_core.domain.territory.territory import Territory
from routing_core.formats.partner_columns import COLUMN_NAMES as COLUMNS
from routing_core.formats.partner_document import partner_document, read_partner
from routing_core.formats.partners_csv import PartnersFile, Reading, read_partners_csv
from tests.support.builders import a_partner, a_programme, programme_document

TODAY = date(2026, 11, 21)
PROGRAMME = a_programme()
SMALL = {
    "id": "p1",
    "name": "Example & Sons",
    "contact": {"email": "p1@example.com"},
    "territories": ["DE 80*"],
    "products": ["heat-pump"],
}
FULL = SMALL | {
    "type": "installer",
    "tier": 1,
    "contact": {"email": "p1@example.com", "name": "Chris", "phone": "089 99998123"},
    "second_contact": {"email": "second@example.com"},
    "country": "DE",
    "time_zone": "Europe/Berlin",
    "language": "de",
    "languages": ["de", "en"],
    "street": "Musterweg 1",
    "postcode": "D-80331",
    "town": "München",
    "website": "www.example.com",
    "territories": ["DE 80* rank 2", "region munich", "AT", "DE 85000-85999", "GB SW1A 1AA"],
    "tags": ["on-call"],
    "certificates": {"gas": None, "f-gas": "2027-05-31"},
    "response_hours": {"mon": ["08:00-12:00", "13:00-17:00"], "sun": ["00:00-24:00"]},
    "holiday_region": "DE-BY",
    "absences": [{"first": "2027-08-01", "last": "2027-08-14"}, "2026-12-24 to 2027-01-06"],
    "specialisations": ["listed buildings"],
    "weight": 3,
    "takes": ["area at least 100", "weekday in mon, tue, wed, thu, fri"],
    "caps": {
        "open": 3,
        "month": 20,
        "paced": True,
        "products": {"boiler": 2},
        "product_offers": {"boiler": {"day": 1, "month": 10}, "heat-pump": {"week": 4}},
    },
    "paused": True,
    "backup": "p2",
    "confirmed": True,
}


CAPS = Caps(
    open=3,
    month=20,
    paced=True,
    products={"boiler": 2},
    product_offers={"boiler": {"day": 1, "month": 10}, "heat-pump": {"week": 4}},
)


def read(document: Any = SMALL, previous: Partner | None = None, **changes: Any) -> Partner:
    return read_partner(document | changes, PROGRAMME, TODAY, previous)


def problems(
    document: Any = SMALL, previous: Partner | None = None, **changes: Any
) -> dict[str, str]:
    with pytest.raises(InvalidInput) as caught:
        read(document, previous, **changes)
    return {p.field: p.message for p in caught.value.problems}


def test_a_full_document_is_read_whole():
    partner = read(FULL)
    assert partner == Partner(
        id="p1",
        name="Example & Sons",
        contact=Person("p1@example.com", "Chris", "+498999998123"),
        second_contact=Person("second@example.com"),
        country="DE",
        time_zone="Europe/Berlin",
        language="de",
        territories=tuple(map(Territory.parse, FULL["territories"])),
        products=frozenset({"heat-pump"}),
        type="installer",
        tier=1,
        languages=frozenset({"de", "en"}),
        tags=frozenset({"on-call"}),
        certificates={"gas": None, "f-gas": date(2027, 5, 31)},
        street="Musterweg 1",
        postcode="80331",
        town="München",
        website="https://www.example.com",
        response_hours=partner.response_hours,
        holiday_region="DE-BY",
        holidays=partner.holidays,
        absences=(
            Absence(date(2026, 12, 24), date(2027, 1, 6)),
            Absence(date(2027, 8, 1), date(2027, 8, 14)),
        ),
        specialisations=frozenset({"listed buildings"}),
        weight=3,
        lead_filters=(
            Condition.parse("area at least 100"),
            Condition.parse("weekday in mon, tue, wed, thu, fri"),
        ),
        caps=CAPS,
        paused=True,
        backup="p2",
        confirmed_email="p1@example.com",
        version=1,
    )
    assert partner.response_hours is not None
    assert partner.response_hours.blocks[0] == ((time(8), time(12)), (time(13), time(17)))
    assert date(2027, 1, 6) in partner.holidays  # Epiphany is Bavarian


def test_a_small_document_gets_the_programmes_defaults():
    partner = read()
    assert (partner.type, partner.tier, partner.country, partner.language) == (
        "installer",
        2,
        "DE",
        "en",
    )
    assert (partner.time_zone, partner.response_hours, partner.caps) == (
        "Europe/Berlin",
        None,
        Caps(),
    )
    assert partner.holidays == ()
    assert not partner.confirmed
    bavarian = a_programme(calendar=programme_document()["calendar"] | {"holiday_region": "DE-BY"})
    assert date(2027, 1, 6) in read_partner(SMALL, bavarian, TODAY).holidays
    assert (
        date(2027, 1, 6)
        not in read_partner(SMALL | {"holiday_region": "DE-NW"}, bavarian, TODAY).holidays
    )


@pytest.mark.parametrize("document", [SMALL, FULL], ids=["small", "full"])
def test_a_document_that_comes_back_gives_the_same_partner(document):
    partner = read(document)
    sent = json.loads(json.dumps(partner_document(partner)))
    assert replace(read(sent, previous=partner), version=1) == partner


def test_what_a_document_leaves_out_stays_as_it_was():
    before = read(FULL)
    after = read(
        {"id": "p1", "contact": {"phone": ""}, "caps": {"open": 5}, "tags": []}, previous=before
    )
    assert after.contact == Person("p1@example.com", "Chris", "")
    assert after.caps == replace(CAPS, open=5)
    assert after.tags == frozenset()
    assert after.certificates == before.certificates
    assert after.paused
    assert after.version == 2
    assert read({"id": "p1", "second_contact": None}, previous=before).second_contact is None


def test_confirmation_belongs_to_the_address():
    confirmed = read(FULL)
    assert confirmed.confirmed
    assert read(previous=confirmed, town="Dachau").confirmed
    moved = read(previous=confirmed, contact={"email": "new@example.com"})
    assert not moved.confirmed
    assert read(
        previous=moved, contact={"email": "p1@example.com"}
    ).confirmed  # that one was confirmed
    assert not read(previous=confirmed, confirmed=False).confirmed
    assert read(previous=moved, confirmed=True).confirmed_email == "p1@example.com"


def test_status_that_comes_back_confirms_nobody():
    document = partner_document(a_partner()) | {"contact": {"email": "new@example.com"}}
    assert document["status"]["confirmed"] is True
    assert not read(document, previous=a_partner()).confirmed


def test_a_bounce_is_forgotten_with_a_new_address_or_hqs_word():
    bounced = replace(read(FULL), bounced=True, links=4)
    assert read(previous=bounced, town="Dachau").bounced
    assert not read(previous=bounced, contact={"email": "new@example.com"}).bounced
    assert not read(previous=bounced, confirmed=True).bounced
    assert read(previous=bounced).links == 4


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        ({"id": "no spaces"}, "id", "letters, digits, - and _"),
        ({"id": 7}, "id", "must be text"),
        ({"name": ""}, "name", "is required"),
        ({"name": "\u200b"}, "name", "is required"),
        ({"name": "x" * 101}, "name", "at most 100"),
        ({"name": "x" * 10_000_000}, "name", "at most 100"),
        ({"contact": None}, "contact", "must be an object"),
        ({"contact": {}}, "contact.email", "is required"),
        ({"contact": {"email": "x"}}, "contact.email", "not an email address"),
        ({"contact": {"email": "a@example.com", "phone": "12"}}, "contact.phone", "too short"),
        (
            {"contact": {"email": "a@example.com", "fax": "12"}},
            "contact.fax",
            "is not a known field",
        ),
        ({"second_contact": {"name": "B"}}, "second_contact.email", "is required"),
        ({"territories": []}, "territories", "is required"),
        ({"territories": ["DE 80*", "DE 8033"]}, "territories[1]", "80331"),
        ({"territories": ["NL 1000-1999"]}, "territories[0]", "write prefixes"),
        ({"territories": ["XX"]}, "territories[0]", "'XX' is not a country"),
        ({"territories": ["region north"]}, "territories[0]", "there are munich"),
        ({"territories": ["DE 80*", "DE 80*"]}, "territories", "DE 80* appears twice"),
        ({"territories": [5]}, "territories[0]", "a territory is text"),
        (
            {"territories": ["DE 80*", "DE 8A*"]},
            "territories[1]",
            "no postcode in DE begins with 8A: they look like 80331",
        ),
        ({"territories": ["DE 8033199*"]}, "territories[0]", "'DE 8033199*' covers nothing"),
        ({"territories": ["not AT 0*", "AT"]}, "territories[0]", "they look like 1010"),
        ({"territories": ["CA KA*"]}, "territories[0]", "they look like K1A 0B1"),
        ({"territories": ["LI 95*"]}, "territories[0]", "no postcode in LI begins with 95"),
        (
            {"territories": ["not DE 80*"]},
            "territories",
            "name what the partner covers too, as in DE, not DE 80*",
        ),
        (
            {"territories": ["DE 803*", "not DE 80*"]},
            "territories",
            "'not DE 80*' takes nothing away",
        ),
        (
            {"territories": ["DE 30km 80331", "AT", "not DE"]},
            "territories",
            "'not DE' takes nothing away",
        ),
        ({"territories": "DE 80*"}, "territories", "must be a list"),
        ({"products": ["roof"]}, "products[0]", "not one of heat-pump, boiler"),
        ({"products": []}, "products", "is required"),
        ({"type": "shop"}, "type", "not one of installer"),
        ({"tier": "1"}, "tier", "whole number"),
        ({"tier": True}, "tier", "whole number"),
        ({"tier": 0}, "tier", "must be at least 1"),
        ({"country": "XX"}, "country", "not a country"),
        ({"country": ["DE"]}, "country", "must be text"),
        ({"time_zone": "Berlin"}, "time_zone", "did you mean Europe/Berlin?"),
        ({"time_zone": ""}, "time_zone", "not a time zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone", "not a time zone"),
        ({"time_zone": "Europe"}, "time_zone", "not a time zone"),
        ({"time_zone": "x" * 5000}, "time_zone", "not a time zone"),
        ({"time_zone": "a\x00b"}, "time_zone", "not a time zone"),
        ({"language": "German"}, "language", "is not a language: use its code, as in de or en"),
        ({"postcode": "8033"}, "postcode", "use one like 80331"),
        ({"website": "javascript:alert(1)"}, "website", "not a web address"),
        ({"certificates": {"gas": "31.5.2027"}}, "certificates", "use one like 2027-05-31"),
        ({"certificates": {"gas": "2027-02-30"}}, "certificates", "is not a date"),
        ({"certificates": {"": None}}, "certificates", "names"),
        ({"certificates": ["gas", "gas:2027-01-01"]}, "certificates", "twice"),
        ({"certificates": 7}, "certificates", "not readable"),
        ({"certificates": {"x" * 61: None}}, "certificates", "at most 60"),
        ({"response_hours": "sat-mon 08:00-12:00"}, "response_hours", "the week starts on mon"),
        ({"response_hours": "weekdays"}, "response_hours", "write mon-fri 08:00-17:00"),
        (
            {"response_hours": {"mon": "08:00-17:00"}},
            "response_hours",
            "'mon' needs a list of blocks",
        ),
        ({"response_hours": {"mon": ["8-17"]}}, "response_hours", "mon: '8-17' is not a block"),
        (
            {"response_hours": {"funday": ["08:00-17:00"]}},
            "response_hours",
            "'funday' is not a day",
        ),
        ({"holiday_region": "DE-XX"}, "holiday_region", "use one of DE-BB"),
        ({"absences": ["2027-01-06 to 2026-12-24"]}, "absences[0]", "ends before it starts"),
        ({"absences": ["next week"]}, "absences[0]", "is not a date"),
        ({"absences": [{"first": "2027-01-06"}]}, "absences[0]", "not readable"),
        ({"caps": {"open": -1}}, "caps.open", "must be at least 0"),
        ({"caps": {"open": 1.5}}, "caps.open", "whole number"),
        ({"caps": {"hour": 1}}, "caps.hour", "is not a known field"),
        ({"paused": "sometimes"}, "paused", "true or false"),
        ({"territory": ["DE"]}, "territory", "is not a known field"),
    ],
)
def test_what_is_wrong_is_named_with_its_path_and_what_would_be_right(changes, path, said):
    found = problems(**changes)
    assert list(found) == [path]
    assert said in found[path]


def test_dates_may_be_dates_already_as_yaml_reads_them():
    partner = read(
        certificates={"gas": date(2027, 5, 31)}, absences=[{"first": TODAY, "last": TODAY}]
    )
    assert partner.certificates == {"gas": date(2027, 5, 31)}
    assert partner.absences == (Absence(TODAY, TODAY),)


def test_every_problem_is_named_at_once():
    wrong = {
        "products": ["roof"],
        "territories": ["XX"],
        "postcode": "1",
        "holiday_region": "XX",
        "tier": 99,
        "type": "x",
    }
    assert set(problems(**wrong)) == {
        "products[0]",
        "territories[0]",
        "postcode",
        "holiday_region",
        "tier",
        "type",
    }


def test_what_is_missing_is_named():
    with pytest.raises(InvalidInput) as caught:
        read_partner({}, PROGRAMME, TODAY)
    assert [p.field for p in caught.value.problems] == [
        "id",
        "name",
        "contact",
        "territories",
        "products",
    ]
    with pytest.raises(InvalidInput):
        read_partner(["no object"], PROGRAMME, TODAY)  # type: ignore[arg-type]


def test_names_lose_what_nobody_sees_and_formulas_are_data():
    partner = read(name="\u202e=HYPERLINK(1)\r\nBcc: x\x00", tags=["@tag"])
    assert partner.name == "=HYPERLINK(1) Bcc: x"
    assert partner.tags == {"@tag"}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda parts: (
        st.lists(parts, max_size=3) | st.dictionaries(st.text(max_size=8), parts, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from([*FULL, "status"]) | st.text(max_size=10), anything, max_size=5)
)
def test_nothing_that_is_sent_crashes_the_reader(changes):
    for document in (changes, FULL | changes):
        try:
            partner = read_partner(document, PROGRAMME, TODAY)
        except InvalidInput as error:
            found = error.problems
        else:
            json.dumps(partner_document(partner)).encode()
            continue
        assert found
        assert all(p.field and p.message for p in found)


# Spreadsheets


@pytest.mark.parametrize(
    "entries",
    [
        [
            "DE 8*",
            "DE 80331*",
            "LI 9*",
            "GB W1A 1*",
            "IE D6W*",
            "NL 1012A*",
            "US 00*",
            "DE 05*",
            "JP 100*",
        ],
        ["DE 80*", "not DE 8*", "DE"],
        ["DE 80*", "not DE 90*"],
        ["DE 80000-80999", "not DE 80500-82999"],
        ["region munich", "not DE 8033*"],
        ["DE 30km 80331", "not DE 85*"],
        ["DE 803*", "not DE 30km 80331"],
    ],
)
def test_territories_of_some_use_are_saved(entries):
    assert read(SMALL | {"territories": entries}).territories == tuple(
        map(Territory.parse, entries)
    )


@pytest.mark.parametrize("entries", [["DE 8A*", "DE 803*", "not DE 80*"], ["not DE 80*"]])
def test_territories_that_were_saved_before_stay_until_they_are_changed(entries):
    stored = replace(read(), territories=tuple(map(Territory.parse, entries)))
    assert read({"id": "p1", "paused": True}, stored).territories == stored.territories
    assert read(partner_document(stored), stored).territories == stored.territories
    with pytest.raises(InvalidInput, match="'DE 8B\\*' covers nothing"):
        read({"id": "p1", "territories": [*entries, "DE 8B*"]}, stored)


HEADER = "id;name;email;territories;products"
ROW = "p1;Example;p1@example.com;DE 80*;heat-pump"


def read_csv(*lines: str, end: str = "\n") -> PartnersFile:
    return read_partners_csv(end.join(lines), Reading(PROGRAMME, TODAY))


def places(*lines: str) -> dict[str, str]:
    file = read_csv(*lines)
    return {p.field: p.message for p in file.problems}


def partners(file: PartnersFile) -> list[Partner]:
    assert file.problems == ()
    return [read_partner(document, PROGRAMME, TODAY) for _, document in file.documents]


def test_a_row_with_every_column_reads_like_the_full_document():
    cells = {
        "id": "p1", "name": "Example & Sons", "type": "installer", "tier": "1", "email": "p1@example.com",
        "contact_name": "Chris", "phone": "089 99998123", "second_email": "second@example.com", "country": "DE",
        "time_zone": "Europe/Berlin", "language": "de", "languages": "de|en", "street": "Musterweg 1",
        "postcode": "80331", "town": "München", "website": "www.example.com",
        "territories": "DE 80* rank 2 | region munich|AT|DE 85000-85999|GB SW1A 1AA", "products": "heat-pump",
        "tags": "on-call", "certificates": "gas|f-gas:2027-05-31",
        "response_hours": '"mon 08:00-12:00, 13:00-17:00; sun 00:00-24:00"', "holiday_region": "DE-BY",
        "absences": "2026-12-24 to 2027-01-06|2027-08-01 to 2027-08-14", "cap_open": "3", "cap_month": "20",
        "cap_paced": "yes", "cap_products": "boiler 2",
        "cap_product_offers": "boiler 1/day|boiler 10/month | heat-pump 4 / week", "weight": "3",
        "specialisations": "listed buildings",
        "takes": "area at least 100|weekday in mon, tue, wed, thu, fri",
        "paused": "ja", "backup": "p2", "confirmed": "x",
    }  # fmt: skip
    assert set(COLUMNS) - set(cells) == {
        "second_name",
        "second_phone",
        "cap_day",
        "cap_week",
        "extra_open",
    }
    (partner,) = partners(read_csv(";".join(cells), ";".join(cells.values())))
    assert partner == read(FULL)


@pytest.mark.parametrize(
    "text",
    [
        f"{HEADER}\n{ROW}\n",
        f"\ufeff{HEADER}\r\n{ROW}\r\n",
        f"sep=;\r\n{HEADER}\r\n{ROW}",
        f"\ufeffsep=;\n{HEADER}\n{ROW}",
        f"{HEADER};;\n{ROW};;\n;;;;;;\n\n",
        f"{HEADER}\n{ROW}".replace(";", ","),
        f"{HEADER}\n{ROW}".replace(";", "\t"),
        f"{HEADER.upper()}\n{ROW}",
        'id;name;email;territories;products\n"p1";"Example";"p1@example.com";"DE 80*";"heat-pump"',
        "products;territories;email;name;id\nheat-pump;DE 80*;p1@example.com;Example;p1",
    ],
)
def test_spreadsheets_are_read_as_they_are_saved(text):
    file = read_partners_csv(text, Reading(PROGRAMME, TODAY))
    (partner,) = partners(file)
    assert (partner.id, partner.name, partner.territories) == (
        "p1",
        "Example",
        (Territory.parse("DE 80*"),),
    )
    assert file.documents[0][0] == 2


def test_every_error_is_named_with_row_and_column():
    header = "id;name;email;territories;products;cap_open;confirmed;phone;certificates"
    good = f"{ROW};;;;"
    found = places(
        header,
        good,
        "",
        "p2;;nobody;DE 80*|DE 8033;boiler|roof;many;perhaps;12;gas:soon",
        "P1;Again;a@example.com;DE;boiler;;;;",
    )
    assert set(found) == {
        "row 4, name", "row 4, email", "row 4, territories", "row 4, products", "row 4, cap_open", "row 4, confirmed",
        "row 4, phone", "row 4, certificates", "row 5, id",
    }  # fmt: skip
    assert len(read_csv(header, "p2;N;p2@example.com;DE;boiler;many;;;").problems) == 1  # said once
    assert found["row 5, id"] == "'P1' is already in row 2: each partner once"
    assert "80331" in found["row 4, territories"]


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("cap_products", "boiler", "write heat-pump 3|boiler 10"),
        ("cap_products", "boiler 2|boiler 3", "'boiler' appears twice"),
        ("cap_products", "roof 2", "roof"),
        ("cap_product_offers", "boiler 2", "write heat-pump 2/day|boiler 10/month"),
        ("cap_product_offers", "boiler many/day", "write heat-pump 2/day|boiler 10/month"),
        ("cap_product_offers", "boiler 2/year", "write heat-pump 2/day|boiler 10/month"),
        ("cap_product_offers", "2/day", "write heat-pump 2/day|boiler 10/month"),
        ("cap_product_offers", "boiler -1/day", "write heat-pump 2/day|boiler 10/month"),
        ("cap_product_offers", "boiler 2/day|boiler 3/day", "'boiler' appears twice for a day"),
        ("cap_product_offers", "roof 2/day", "roof"),
    ],
)
def test_caps_of_a_product_that_cannot_be_read_are_named_in_their_cell(column, cell, said):
    found = places(
        f"{HEADER};{column}", ROW.replace("heat-pump", "boiler") + ";", f"p2{ROW[2:]};{cell}"
    )
    assert set(found) == {f"row 3, {column}"}
    assert said in found[f"row 3, {column}"]


def test_an_empty_cell_of_caps_is_no_limit_and_clears_what_was_stated():
    (number, document) = read_csv(
        f"{HEADER};cap_products;cap_product_offers", f"{ROW};;"
    ).documents[0]
    partner = read_partner(document, PROGRAMME, TODAY, read(FULL))
    assert (number, partner.caps.products, partner.caps.product_offers) == (2, {}, {})


def test_the_api_s_readme_explains_every_column_and_no_other():
    readme = (Path(__file__).parents[2] / "functions/README.md").read_text("utf-8")
    rows = readme.partition("| columns of the list |")[2].partition("\n\n")[0].splitlines()[2:]
    assert sorted(
        name for row in rows for name in re.findall(r"`([a-z_]+)`", row.split("|")[1])
    ) == sorted(COLUMNS)


def test_rows_without_problems_are_there_beside_the_problems():
    file = read_csv(HEADER, ROW, "p2;;x;;")
    assert [number for number, _ in file.documents] == [2]
    assert file.problems


def test_columns_of_the_vendors_own_are_left_out_and_named_once():
    file = read_csv(
        f"Gebiet-Nr;{HEADER};Umsatz 2025;x-languages;", f"7;{ROW};12.000;many;", f"8;p2{ROW[2:]};;;"
    )
    assert not file.problems
    assert file.ignored == ("Gebiet-Nr", "Umsatz 2025", "x-languages")
    assert [document["id"] for _, document in file.documents] == ["p1", "p2"]
    assert "languages" not in file.documents[0][1]


@pytest.mark.parametrize(
    ("lines", "place", "said"),
    [
        (["id;name;email;territories"], "row 1, products", "the column is missing"),
        (
            [f"{HEADER};langauges", ROW],
            "row 1, column 6",
            "'langauges' is not a known column: did you mean 'languages'?",
        ),
        (
            [f"{HEADER};webseite", ROW],
            "row 1, column 6",
            "did you mean 'website'? If it is one of your own, name it x-",
        ),
        ([f"{HEADER};id", ROW], "row 1, id", "appears twice"),
        ([HEADER], "file", "contains no partners"),
        ([""], "file", "contains no partners"),
        ([HEADER, "p1;Smith; Jones;a@example.com;DE;boiler"], "row 2", "has 6 cells, the header 5"),
        ([HEADER, "p1;Example"], "row 2, email", "is required"),
        ([HEADER, 'p1;"Exam'], "row 2", "quotation mark"),
        ([HEADER, ROW, 'p2;"Ex"am;'], "row 3", "quotation mark"),
        ([HEADER, "p1;" + "x" * 200_000 + ";a@example.com;DE;boiler"], "row 2", "not readable"),
        (
            [HEADER, "p1;" + "x" * 100_000 + ";a@example.com;DE;boiler"],
            "row 2, name",
            "at most 100",
        ),
        ([HEADER, "p1;M\ufffdller;a@example.com;DE;boiler"], "file", "not UTF-8"),
        ([HEADER, "p1;M\x00;a@example.com;DE;boiler"], "file", "not UTF-8"),
        ([HEADER, "x" * 6_000_001], "file", "too large"),
    ],
)
def test_files_that_cannot_be_read_say_where_and_why(lines, place, said):
    found = places(*lines)
    assert place in found, found
    assert said in found[place]


def test_too_many_rows_stop_at_the_limit():
    rows = [f"p{n};N;p{n}@example.com;DE;boiler" for n in range(3)]
    file = read_partners_csv("\n".join([HEADER, *rows]), Reading(PROGRAMME, TODAY), most_rows=2)
    assert [p.field for p in file.problems] == ["row 4"]


def test_empty_cells_mean_the_default_empty_lists_clear_and_what_partners_set_stays():
    header = f"{HEADER};type;tier;country;time_zone;language;tags;cap_open;paused;confirmed;response_hours;second_email"
    (number, document) = read_csv(header, f"{ROW};;;;;;;;;;;").documents[0]
    assert number == 2
    partner = read_partner(document, PROGRAMME, TODAY, replace(read(FULL), tags=frozenset({"x"})))
    assert partner.tags == frozenset()
    assert partner.caps.open is None
    assert partner.paused
    assert partner.absences == read(FULL).absences
    assert partner.confirmed  # an empty cell is no word about the address
    assert partner.second_contact is None
    assert partner.response_hours is None


@pytest.mark.parametrize(("header", "row"), [("", ""), (";second_name;second_phone", ";;")])
def test_a_list_without_the_second_contacts_address_says_nothing_of_them(header, row):
    ((_, document),) = read_csv(HEADER + header, ROW + row).documents
    before = read(FULL)
    assert read_partner(document, PROGRAMME, TODAY, before).second_contact == before.second_contact


def test_a_second_phone_without_its_address_is_named():
    assert places(f"{HEADER};second_email;second_phone", f"{ROW};;089 99998123") == {
        "row 2, second_email": "is required"
    }


@pytest.mark.parametrize(
    ("cell", "week"),
    [
        ("mon-fri 08:00-17:00", {d: ["08:00-17:00"] for d in ("mon", "tue", "wed", "thu", "fri")}),
        (
            "Mon–Tue 8:00–12:00 13:00-17:00",
            {d: ["08:00-12:00", "13:00-17:00"] for d in ("mon", "tue")},
        ),
        (
            "mon 08:00-12:00; mon 13:00-17:00|sat 09:00-12:00;",
            {"mon": ["08:00-12:00", "13:00-17:00"], "sat": ["09:00-12:00"]},
        ),
        (
            "daily 00:00-24:00",
            {d: ["00:00-24:00"] for d in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")},
        ),
    ],
)
def test_hours_fit_into_one_cell(cell, week):
    (partner,) = partners(read_csv(f"{HEADER};response_hours", f'{ROW};"{cell}"'))
    assert partner.response_hours is not None
    assert partner.response_hours.week() == week


@given(st.text(alphabet=st.sampled_from(list('p1;,|"\n\t =@\u202e\x01xDE80*')), max_size=80))
def test_no_text_crashes_the_spreadsheet_reader(text):
    for content in (text, f"{HEADER}\n{text}"):
        file = read_partners_csv(content, Reading(PROGRAMME, TODAY))
        assert file.problems or file.documents

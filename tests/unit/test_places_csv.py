"""Where postcodes are, as a file says it: every row checked, and nothing taken from a file with a
mistake.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing_core.domain.territory.gazetteer import Gazetteer, Point
from routing_core.formats.places_csv import (
    LARGEST_PLACES,
    MOST_POSTCODES,
    MOST_TOLD,
    code_of,
    read_places_csv,
    read_written,
    written,
)

MUNICH, AUGSBURG = Point(48.137, 11.575), Point(48.371, 10.898)


def read(text: str, country: str = "DE") -> dict[str, Point]:
    file = read_places_csv(country, text)
    assert file.problems == ()
    return dict(file.points)


def problems(text: str, country: str = "DE") -> dict[str, str]:
    """Field → message; a file with a problem gives nothing."""
    file = read_places_csv(country, text)
    assert not file.points
    return {problem.field: problem.message for problem in file.problems}


@pytest.mark.parametrize(
    "text",
    [
        "postcode;lat;lon\n80331;48.137;11.575\n86150;48.371;10.898\n",
        "postcode,lat,lon\r\n80331,48.137,11.575\r\n86150,48.371,10.898",
        "postcode\tlat\tlon\r80331\t48.137\t11.575\r86150\t48.371\t10.898\r",
        "\ufeffsep=;\r\nLon;Postcode;Town;Lat\r\n11,575;80331;München;48,137\r\n\r\n10,898;D-86150;Augsburg;48,371\r\n",
        'postcode,lat,lon\n80331,"48,137","11,575"\n86150,+48.371,10.898\n80331,48.137,11.575\n',
        "postcode;lat;lon;;\n 80331 ;48.137 ; 11.575;;\n86150;48.371;10.898;;\n;;;;\n",
    ],
)
def test_a_list_is_read_however_a_spreadsheet_writes_it(text):
    assert read(text) == {"80331": MUNICH, "86150": AUGSBURG}


@pytest.mark.parametrize(
    ("country", "as_written", "code"),
    [
        ("DE", "80331", "80331"),
        ("DE", "86*", "86"),
        ("PT", "1000-001", "1000001"),
        ("PT", "1000*", "1000"),
        ("US", "02139-4307", "02139"),
        ("GB", "ws9 8aa", "WS98AA"),
        ("GB", "WS9", "WS9"),
        ("GB", "B", "B"),
        ("CA", "K1A", "K1A"),
        ("NL", "1012", "1012"),
        ("IE", "D6W", "D6W"),
        ("MT", "ATD", "ATD"),
        ("JP", "100-0001", "1000001"),
    ],
)
def test_a_postcode_or_its_beginning_stands_as_people_write_it(country, as_written, code):
    assert code_of(country, as_written) == code


@pytest.mark.parametrize(
    ("country", "as_written", "says"),
    [
        (
            "DE",
            "1067",
            "write 01067 if a spreadsheet took the zero away, 1067* for all that begin so",
        ),
        ("PT", "1000", "1000* for all that begin so"),
        ("DE", "", "use one like 80331"),
        ("DE", "8*", "not the beginning of a postcode in DE"),
        ("DE", "80331*", "not the beginning of a postcode in DE"),
        ("GB", "9WS", "use one like SW1A 1AA"),
        ("CA", "1KA", "use one like K1A 0B1"),
        ("JP", "!", "use one like 100-0001"),
    ],
)
def test_what_is_no_postcode_there_is_told_how_one_looks(country, as_written, says):
    with pytest.raises(ValueError) as refused:
        code_of(country, as_written)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("row", "column", "says"),
    [
        ("80331;95;11", "lat", "95 lies beyond 90 degrees"),
        ("80331;48;-181", "lon", "-181 lies beyond 180 degrees"),
        ("80331;here;11", "lat", "'here' is not a number of degrees"),
        ("80331;nan;11", "lat", "'nan' is not a number"),
        ("80331;1e1;11", "lat", "'1e1' is not a number"),
        ("80331;4_8;11", "lat", "'4_8' is not a number"),
        ("80331;48°8'13\";11", "lat", "not a number of degrees, such as 48.137"),
        ("80331;;11", "lat", "'' is not a number"),
        ("80331;48", "lon", "'' is not a number"),
        ("80331;0;0.0", "lat", "lies in the sea"),
        ('"=HYPERLINK(""http://x"")";48;11', "postcode", "is not a postcode in DE"),
        ("=1+1;48;11", "postcode", "'=1+1' is not a postcode in DE"),
        ("1010;48;11", "postcode", "is not a postcode in DE"),
    ],
)
def test_every_cell_that_is_wrong_is_named_by_row_and_column(row, column, says):
    found = problems(f"postcode;lat;lon\n86150;48.371;10.898\n{row}\n")
    assert list(found) == [f"row 3, {column}"]
    assert says in found[f"row 3, {column}"]


def test_one_row_may_be_wrong_in_every_cell_and_every_row_is_looked_at():
    assert list(problems("postcode;lat;lon\n1;x;y\n80331;48;11\n2;99;11\n")) == [
        *("row 2, postcode", "row 2, lat", "row 2, lon"),
        *("row 4, postcode", "row 4, lat"),
    ]


def test_a_postcode_stands_once_or_always_at_the_same_place():
    found = problems("postcode;lat;lon\n80331;48.137;11.575\n80331;48.2;11.575\n")
    assert found == {"row 3, postcode": "80331 stands in row 2 with another place: write it once"}


def test_decimal_commas_between_commas_are_told_apart_from_columns():
    assert "separate by semicolons" in problems("postcode,lat,lon\n80331,48,137,11,575\n")["row 2"]


@pytest.mark.parametrize(
    ("text", "field", "says"),
    [
        ("", "file", "contains no postcodes"),
        ("postcode;lat;lon\n", "file", "contains no postcodes"),
        (
            "plz;lat;lon\n80331;48;11",
            "row 1, postcode",
            "the column is missing: there are plz, lat, lon",
        ),
        ("80331;48;11", "row 1, postcode", "the column is missing"),
        ("postcode;lat;lat;lon\n80331;48;48;11", "row 1, lat", "appears twice"),
        ("postcode;lat;lon\n80331;\x00;11", "file", "is not UTF-8"),
        ("postcode;lat;lon;town\n80331;48;11;M\ufffdnchen", "file", "save it as “CSV UTF-8”"),
        ('postcode;lat;lon\n80331;"48;11', "row 2", "is a quotation mark missing?"),
        (
            "postcode;lat;lon\n" + "80331;48.137;11.575\n" * (LARGEST_PLACES // 20),
            "file",
            "at most 4,000,000 characters",
        ),
        ("%PDF-1.7 ...", "row 1, lon", "the column is missing"),
    ],
)
def test_a_file_that_is_none_is_refused_whole(text, field, says):
    assert says in problems(text)[field]


@pytest.mark.slow
def test_a_list_too_long_is_told_what_to_write_instead():
    rows = "".join(f"{n};5{n % 10}.1;4.2\n" for n in range(10**6, 10**6 + MOST_POSTCODES + 1))
    found = problems(f"postcode;lat;lon\n{rows}", country="JP")
    assert "Write what postcodes begin with instead" in found["file"]


def test_of_a_file_of_errors_the_first_are_told_and_that_there_are_more():
    found = read_places_csv("DE", "postcode;lat;lon\n" + "x;y;z\n" * 50_000).problems
    assert len(found) == MOST_TOLD + 1
    assert found[-1].message == "has more errors; these are the first"


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text):
    read_places_csv("DE", text)
    read_places_csv("GB", f"postcode;lat;lon\n{text}")


@given(
    st.dictionaries(
        st.integers(1000, 99_999).map("{:05d}".format),
        st.builds(Point, st.floats(-90, 90), st.floats(0.001, 180)),
        min_size=1,
    )
)
def test_what_is_kept_is_read_as_it_was_written(points):
    kept = {name: point for name, point, _ in read_written("DE", written(points))}
    assert kept == {f"DE {code}": point for code, point in points.items()}
    assert all(Gazetteer(kept).locate("DE", code) == point for code, point in points.items())

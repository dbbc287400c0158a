"""Territories: how they are written, what they cover, which is the more specific."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing_core.domain.territory.territory import (
    Territory,
    TerritoryKind,
    canonical_postcode,
    patterns_met,
    specificity_of,
)

digits = st.integers(0, 99_999).map(lambda number: f"{number:05d}")
ranges = st.tuples(digits, digits).map(sorted)


@pytest.mark.parametrize(
    ("text", "territory"),
    [
        ("DE", Territory("DE")),
        ("DE 80331", Territory("DE", TerritoryKind.POSTCODE, "80331")),
        ("DE 80*", Territory("DE", TerritoryKind.PREFIX, "80")),
        ("DE 80000-81999", Territory("DE", TerritoryKind.RANGE, "80000-81999")),
        ("region bavaria", Territory("", TerritoryKind.REGION, "bavaria")),
        ("*", Territory("", TerritoryKind.WORLD)),
        ("* rank 2 backup", Territory("", TerritoryKind.WORLD, rank=2, backup=True)),
        ("DE 80* backup", Territory("DE", TerritoryKind.PREFIX, "80", backup=True)),
        ("not DE 803*", Territory("DE", TerritoryKind.PREFIX, "803", excluded=True)),
        ("not region bavaria", Territory("", TerritoryKind.REGION, "bavaria", excluded=True)),
        ("GB WS9 8*", Territory("GB", TerritoryKind.PREFIX, "WS9 8")),
        ("DE rank 2", Territory("DE", rank=2)),
        ("DE 80* rank 3", Territory("DE", TerritoryKind.PREFIX, "80", 3)),
        ("region upper bavaria rank 2", Territory("", TerritoryKind.REGION, "upper bavaria", 2)),
        ("GB WS98AA", Territory("GB", TerritoryKind.POSTCODE, "WS98AA")),
        ("GB WS9*", Territory("GB", TerritoryKind.PREFIX, "WS9")),
        ("CA K1A*", Territory("CA", TerritoryKind.PREFIX, "K1A")),
    ],
)
def test_an_entry_reads_as_written_and_is_written_as_read(text, territory):
    assert Territory.parse(text) == territory
    assert str(territory) == text


@pytest.mark.parametrize(
    ("sloppy", "text"),
    [
        ("  de   80331 ", "DE 80331"),
        ("gb ws9 8aa", "GB WS98AA"),
        ("DE 80000 – 81999  RANK 1", "DE 80000-81999"),
        ("PL 00-950", "PL 00950"),
        ("BR 01310-100", "BR 01310100"),
        ("US 80331-1234", "US 80331"),
        ("DE 80331-80331", "DE 80331-80331"),
        ("BR 01000-000 - 05999-999", "BR 01000000-05999999"),
        ("NOT de 803*", "not DE 803*"),
        ("DE 80*  Rank 2  BACKUP", "DE 80* rank 2 backup"),
        ("gb ws9  8*", "GB WS9 8*"),
        ("IE d02*", "IE D02*"),
    ],
)
def test_spaces_capitals_and_national_hyphens_do_not_matter(sloppy, text):
    assert str(Territory.parse(sloppy)) == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "begin with a country of two letters: write DE, DE 80331"),
        ("Atlantis", "begin with a country of two letters"),
        ("80331", "begin with a country of two letters"),
        ("region", "names no region: write region bavaria"),
        ("DE *", "not a prefix, as in DE 80*"),
        ("DE 80**", "not a prefix, as in DE 80*"),
        ("DE 80,81", "80,81 is not a postcode in DE: use one like 80331"),
        (
            "DE 803",
            "803 is not a postcode in DE: use one like 80331; for all that begin so, write DE 803*",
        ),
        ("GB WS9", "for all that begin so, write GB WS9*"),
        ("DE 8000-8999", "a range needs numbers of 5 digits: did you mean DE 08000-08999?"),
        ("NL 1000-1999", "neither 1000 nor 1999 is a postcode of NL: write prefixes"),
        ("DE 8000-81999", "two numbers of equal length, as in DE 80000-81999"),
        ("DE 80-90-91", "two numbers of equal length"),
        ("GB WS1-WS9", "two numbers of equal length"),
        ("DE 81999-80000", "backwards, write 80000-81999"),
        ("not", "begin with a country of two letters"),
        ("not DE 80* rank 2", "what is taken away has no rank"),
        ("not DE 80* backup", "what is taken away has no rank and is not a backup"),
        ("not not DE 80*", "what is taken away"),
        ("DE 80* backup backup", "says backup twice"),
        ("DE 80* backup rank 2", "not a postcode in DE"),
        ("GB WSX*", "not a prefix of a British postcode: write WS*, WS9*, EC1A* or WS9 8*"),
        ("DE 80* rank 0", "a rank is a number from 1 to 99"),
        ("DE 80* rank first", "a rank is a number from 1 to 99"),
    ],
)
def test_what_cannot_be_read_is_refused_saying_what_would_be_right(text, says):
    with pytest.raises(ValueError) as refused:
        Territory.parse(text)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("entry", "inside", "outside"),
    [
        ("DE", ["80331", "", "no postcode at all"], []),
        ("DE 80331", ["80331", "80 331"], ["80332", "8033", "803311", ""]),
        ("DE 80*", ["80331", "80000"], ["81000", "8", ""]),
        ("DE 80000-81999", ["80000", "81999", "80331"], ["79999", "82000", "8100", "810000", ""]),
        ("DE 00500-00999", ["00500", "00999"], ["500", "01000"]),
        ("GB WS9*", ["WS9 8AA", "ws98aa"], ["WS1 1AA", "W1A 1AA"]),
        ("CA K1A*", ["K1A 0B1"], ["K1B 0B1"]),
        ("GB WS*", ["WS9 8AA", "ws98aa", "WS14 0AA"], ["W1A 1AA", "WC2N 5DU", ""]),
        ("GB W*", ["W1A 1AA", "W12 7RJ"], ["WS9 8AA", "WC2N 5DU"]),
        ("GB B1*", ["B1 1AA", "B1 9ZZ"], ["B10 0AA", "B11 1AA", "BB1 1AA"]),
        ("GB B10*", ["B10 0AA"], ["B1 0AA"]),
        ("GB EC1*", ["EC1A 1BB", "EC1V 9NR"], ["EC2A 1AA"]),
        ("GB EC1A*", ["EC1A 1BB"], ["EC1V 9NR"]),
        ("GB WS9 8*", ["WS9 8AA", "WS9 8ZZ"], ["WS9 9AA", "WS98 8AA"]),
        ("GB WS98AA", ["WS9 8AA", "ws98aa"], ["WS9 8AB"]),
        ("CA K*", ["K1A 0B1"], ["V1A 0B1"]),
        ("NL 1012*", ["1012 AB", "1012ab"], ["1013 AB"]),
        ("IE D02*", ["D02 AF30", "d02af30"], ["D04 X285"]),
        ("IE D6W*", ["D6W XY00"], ["D06 XY00"]),
        ("BR 013*", ["01310-100", "01310100"], ["02310-100"]),
        ("BR 01000-000 - 05999-999", ["01310-100"], ["06000-000"]),
        ("XX 800-819", ["800", "819"], ["820", "8000", "80A", "80"]),
        ("US 80331", ["80331", "80331-1234"], ["80332-1234"]),
    ],
)
def test_an_entry_covers_what_it_says(entry, inside, outside):
    territory = Territory.parse(entry)
    assert [code for code in inside if not territory.covers(territory.country, code)] == []
    assert [code for code in outside if territory.covers(territory.country, code)] == []
    assert not territory.covers("FR", inside[0])


def test_the_world_covers_every_place_and_what_is_none():
    world = Territory.parse("*")
    assert all(
        world.covers(country, code) for country in ("DE", "FR", "") for code in ("80331", "", "?")
    )
    assert world.specificity < Territory.parse("DE").specificity


@pytest.mark.parametrize("text", ["", "  ", "80ß31", "80331!", "8033", "1" * 11])
def test_what_is_no_postcode_has_no_canonical_form(text):
    assert canonical_postcode("DE", text) == ""


@given(ends=ranges, code=digits)
def test_a_range_covers_exactly_the_numbers_between_its_ends(ends, code):
    first, last = ends
    territory = Territory.parse(f"DE {first}-{last}")
    assert territory.covers("DE", code) == (int(first) <= int(code) <= int(last))


@given(ends=ranges)
def test_a_range_comes_down_to_blocks_that_meet_nothing_twice(ends):
    first, last = ends
    patterns = Territory.parse(f"DE {first}-{last}").patterns
    assert sum(10 ** pattern.count("?") for pattern in patterns) == int(last) - int(first) + 1
    assert len(patterns) <= 2 * 9 * 5


@given(st.text(max_size=12))
def test_any_text_meets_the_whole_country_and_few_patterns(text):
    met = list(patterns_met(canonical_postcode("DE", text)))
    assert "*" in met
    assert len(met) == len(set(met)) <= 22


@given(st.text(max_size=30))
def test_reading_any_text_gives_an_entry_that_reads_the_same_again_or_a_refusal(text):
    try:
        territory = Territory.parse(text)
    except ValueError:
        return
    assert Territory.parse(str(territory)) == territory


def test_the_entry_with_fewer_postcodes_is_the_more_specific():
    wide_to_narrow = [
        "DE",
        "DE 10000-89999",
        "DE 8*",
        "DE 80000-81999",
        "DE 80*",
        "DE 80300-80399",
        "DE 80331",
    ]
    specificity = [Territory.parse(text).specificity for text in wide_to_narrow]
    assert specificity == sorted(set(specificity))


def test_one_area_stated_in_two_ways_is_equally_specific():
    as_prefix, as_range = Territory.parse("DE 80*"), Territory.parse("DE 80000-80999")
    assert as_prefix.specificity == as_range.specificity
    two_prefixes = specificity_of((as_prefix, Territory.parse("DE 81*")))
    assert two_prefixes == Territory.parse("DE 80000-81999").specificity


def test_an_area_that_repeats_itself_is_never_wider_than_its_country():
    assert specificity_of((Territory("DE"), Territory("DE"))) == 0.0
    assert specificity_of(()) == 0.0

"""Postcodes of every country: how they are read, what is answered to those that are none."""

import pytest
from phonenumbers import SUPPORTED_REGIONS

from infra.tools.postcodes import FILE, table
from routing_core.domain.territory import postcodes
from routing_core.domain.territory.postcodes import NoPostcode, canonical, compared, understood
from routing_core.domain.territory.territory import Territory
from routing_core.present import problems
from routing_core.present.catalog import LANGUAGES, catalog_for


def test_the_table_is_what_the_kept_source_says():
    assert FILE.read_text("utf-8") == table(), "run python -m infra.tools.postcodes"


def test_the_table_is_small_and_names_its_source_and_licence():
    text = FILE.read_text("utf-8")
    assert len(text) < 10_000
    assert "libaddressinput" in text
    assert "CC-BY 4.0" in text


def test_the_example_of_every_country_is_a_postcode_there():
    countries = [
        line[:2] for line in FILE.read_text("utf-8").splitlines() if not line.startswith("#")
    ]
    assert len(countries) > 240
    for country in filter(postcodes.exist, countries):
        assert canonical(country, postcodes.example(country)) == postcodes.example(country)


@pytest.mark.parametrize(
    ("country", "typed", "code"),
    [
        ("NO", "NO-0150", "0150"),
        ("NO", "N-0150", "0150"),
        ("FI", "FI-00100", "00100"),
        ("FI", "fi 00100", "00100"),
        ("SE", "SE-114 55", "114 55"),
        ("SG", "018956", "018956"),
        ("MX", "06000", "06000"),
        ("IN", "110 001", "110001"),
        ("GR", "10431", "104 31"),
        ("SK", "81101", "811 01"),
        ("JP", "〒100-0001", "100-0001"),
        ("JP", "１００－０００１", "100-0001"),
        ("LV", "1010", "LV-1010"),
        ("LT", "LT 01100", "LT-01100"),
        ("AR", "C1070AAM", "1070"),
        ("AD", "AD500", "AD500"),
        ("MT", "vlt1117", "VLT 1117"),
        ("KR", "03051", "03051"),
        ("DE", "٨٠٣٣١", "80331"),
        ("IN", "११०००१", "110001"),
        ("DE", "80331 München", "80331"),
        ("DE", "München, 80331", "80331"),
        ("US", "CO 80202", "80202"),
        ("US", "Denver, CO 80202-1234", "80202"),
        ("GB", "London SW1A 1AA", "SW1A 1AA"),
        ("NL", "1012ab Amsterdam", "1012 AB"),
    ],
)
def test_a_postcode_is_understood_however_a_person_writes_it(country, typed, code):
    assert understood(country, typed) == code
    assert understood(country, code) == code


@pytest.mark.parametrize(
    ("country", "typed", "meant"),
    [
        ("NO", "150", "0150"),
        ("NO", "NO 150", "0150"),
        ("MX", "6000", "06000"),
        ("SG", "18956", "018956"),
        ("US", "2134", "02134"),
        ("US", "501", "00501"),
        ("DE", "1067", "01067"),
        ("DE", "8O331", "80331"),
        ("DE", "D-8O331", "80331"),
        ("DE", "8033I", "80331"),
        ("CA", "K1A OB1", "K1A 0B1"),
        ("CA", "KIA 0B1", "K1A 0B1"),
        ("GB", "SWIA 1AA", "SW1A 1AA"),
    ],
)
def test_what_is_nearly_a_postcode_is_answered_with_what_was_meant(country, typed, meant):
    with pytest.raises(NoPostcode, match=f"did you mean {meant}\\?") as refused:
        understood(country, typed)
    assert dict(refused.value.problem("postcode").hints)["meant"] == meant


@pytest.mark.parametrize(
    ("country", "typed"),
    [
        ("DE", "80331 80333"),
        ("DE", "80331/2"),
        ("NL", "1012 Amsterdam"),
        ("DE", "803"),
        ("DE", "8" * 10_000),
    ],
)
def test_what_could_be_several_or_none_is_answered_with_an_example(country, typed):
    with pytest.raises(NoPostcode) as refused:
        understood(country, typed)
    assert refused.value.meant == ""
    assert refused.value.example in str(refused.value)


@pytest.mark.parametrize(
    ("country", "typed"),
    [("DE", "00000"), ("DE", "05123"), ("GB", "QQ1 1AA"), ("US", "00000"), ("NO", "0000")],
)
def test_where_nobody_lives_is_no_postcode(country, typed):
    with pytest.raises(NoPostcode, match="not a postcode in use") as refused:
        understood(country, typed)
    assert refused.value.code == "unused_postcode"


@pytest.mark.parametrize(
    ("territory", "inside", "outside"),
    [
        ("NO 01*", ["0150", "NO-0150"], ["0250"]),
        ("NO NO-01*", ["0150"], ["0250"]),
        ("NO-0150", ["0150"], ["0151"]),
        ("NO 0100-0199", ["NO-0150"], ["0200"]),
        ("FI 001*", ["FI-00100", "00100"], ["00200"]),
        ("FI FI-00100", ["00100"], ["00110"]),
        ("LV 10*", ["LV-1010", "1010"], ["LV-2010"]),
        ("LV LV-1010", ["1010"], ["1011"]),
        ("JP 100-0001", ["〒100-0001", "1000001"], ["100-0002"]),
        ("JP 100*", ["〒100-0001"], ["101-0001"]),
        ("AR 10*", ["C1070AAM"], ["B1670AAM"]),
        ("SG 01*", ["018956"], ["118956"]),
        ("GR 10*", ["104 31", "10431"], ["204 31"]),
    ],
)
def test_territories_and_leads_of_every_country_are_compared_alike(territory, inside, outside):
    entry = Territory.parse(territory)
    entry.check()
    assert all(entry.covers(entry.country, canonical(entry.country, code)) for code in inside)
    assert not any(entry.covers(entry.country, code) for code in outside)


@pytest.mark.parametrize("stored", ["SG 18956", "NO 150", "NO 100-199", "SG 50km 18956", "HK 12"])
def test_a_territory_stored_when_its_country_was_not_known_is_still_read(stored):
    assert str(Territory.parse(stored)) == stored


@pytest.mark.parametrize(
    "stored", ["SG 18956", "NO 150", "NO 100-199", "SG 50km 18956", "DE 05123"]
)
def test_a_territory_that_covers_nobody_is_not_saved_anew(stored):
    with pytest.raises(ValueError, match="covers nothing"):
        Territory.parse(stored).check()


def test_advice_for_a_postcode_that_lost_its_zero_names_no_other_place():
    with pytest.raises(ValueError) as refused:
        Territory.parse("DE 1067")
    assert "did you mean 01067?" in str(refused.value)
    assert "1067*" not in str(refused.value)


def test_a_country_without_postcodes_is_known_as_such():
    assert not postcodes.exist("AE")
    assert not postcodes.exist("HK")
    assert postcodes.exist("NO")
    assert compared("HK", "999 077") == "999077"


@pytest.mark.parametrize(
    ("country", "typed", "language", "sentence"),
    [
        ("DE", "ABC", "en", "Enter a valid German postcode (5 digits), for example 80331."),
        (
            "DE",
            "ABC",
            "de",
            "Bitte geben Sie eine gültige deutsche Postleitzahl ein (5 Ziffern), zum Beispiel 80331.",
        ),
        ("US", "ABC", "en_US", "Enter a valid US ZIP code (5 digits), for example 80202."),
        ("GB", "ABC", "en", "Enter a valid UK postcode, for example SW1A 1AA."),
        (
            "CH",
            "ABC",
            "de",
            "Bitte geben Sie eine gültige Schweizer Postleitzahl ein (4 Ziffern), zum Beispiel 8001.",
        ),
        ("NA", "ABC", "en", "Enter a valid Namibia postcode (5 digits), for example 10001."),
        (
            "PE",
            "A",
            "de",
            "Bitte geben Sie eine gültige Postleitzahl für Peru ein, zum Beispiel 15001.",
        ),
        ("DE", "8O331", "en", "This is not a valid German postcode. Did you mean 80331?"),
        ("DE", "8O331", "de", "Das ist keine gültige deutsche Postleitzahl. Meinten Sie 80331?"),
        (
            "DE",
            "00000",
            "en",
            "There is no such German postcode. Please check it; a valid one looks like 80331.",
        ),
    ],
)
def test_a_wrong_postcode_is_told_in_whose_country_and_how_it_looks(
    country, typed, language, sentence
):
    with pytest.raises(NoPostcode) as refused:
        understood(country, typed)
    assert (
        problems.problem_sentence(refused.value.problem("postcode"), catalog_for(language))
        == sentence
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_country_with_postcodes_has_a_sentence_with_its_name_and_an_example(language):
    catalog = catalog_for(language)
    for country in sorted(SUPPORTED_REGIONS):
        if postcodes.exist(country):
            with pytest.raises(NoPostcode) as refused:
                understood(country, "?")
            told = problems.problem_sentence(refused.value.problem("postcode"), catalog)
            assert postcodes.example(country) in told
            assert problems.postcode_name(country, catalog) in told
            assert problems.postcode_name(country, catalog) != problems.postcode_name("", catalog)

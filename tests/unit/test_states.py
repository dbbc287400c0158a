"""States, provinces, Länder and cantons: by which names they go, and which postcodes are theirs."""

import subprocess
import sys

import pytest

from infra.tools import states as generator
from routing_core.domain.territory.states import state_of, states
from routing_core.domain.territory.territory import Territory
from routing_core.routing.index.network import Network
from tests.support.builders import a_partner


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("US CO", "80202", "82001"),
        ("US Colorado", "81657", "82001"),
        ("us-co", "80202", "82001"),
        ("US CO*", "80202", "82001"),
        ("USA New Jersey", "08901", "10001"),
        ("US CT", "06101", "06390"),  # Fishers Island is New York's
        ("US NY", "06390", "06101"),
        ("CA ON", "K1P 1J1", "K1A 0B1"),
        ("CA Ontario", "M5V 2T6", "H2X 1Y4"),
        ("DE Bayern", "80331", "89073"),  # Ulm is in Baden-Württemberg, Neu-Ulm (89231) in Bavaria
        ("DE BY", "89231", "10115"),
        ("DE Bavaria", "87435", "01067"),
        ("DE-SN", "01067", "10115"),
        ("AT Wien", "1140", "3400"),
        ("AT Vorarlberg", "6900", "6020"),
        ("CH ZH", "8001", "3011"),
        ("AU NSW", "2000", "3000"),
    ],
)
def test_a_state_covers_the_postcodes_that_are_its_own(text, inside, outside):
    entry = Territory.parse(text)
    assert entry.covers(entry.country, inside)
    assert not entry.covers(entry.country, outside)
    assert Territory.parse(str(entry)) == entry


def test_the_states_of_the_us_share_no_zip_code_and_leave_none_out_that_is_in_use():
    owners: dict[str, str] = {}
    for state in states("US").values():
        for beginning in state.beginnings:
            assert not any(
                beginning[:length] in owners for length in range(1, len(beginning) + 1)
            ), beginning
            owners[beginning] = state.key
    for code in ("00601", "02134", "20500", "73301", "96799", "99501"):
        assert any(code.startswith(beginning) for beginning in owners), code


@pytest.mark.parametrize("country", ["DE", "AT", "CH", "US", "CA"])
def test_a_state_goes_by_its_key_and_by_each_of_its_names(country):
    for key, state in states(country).items():
        assert {state_of(country, name) for name in (key, *state.names)} == {state}


def test_puerto_rico_is_the_same_place_as_a_country_and_as_a_state():
    assert Territory.parse("PR") == Territory.parse("US PR")
    assert Territory.parse("PR 00901") == Territory.parse("US 00901")
    partners = [a_partner("island", territories=(Territory.parse("PR"),))]
    network = Network.compile("1", partners, {})
    for country in ("PR", "US"):
        assert list(network.covering(country, "00901")) == ["island"]
    assert list(network.covering("US", "00802")) == []


def test_of_one_partner_a_narrower_entry_counts_before_its_state_and_a_state_before_the_country():
    entries = tuple(map(Territory.parse, ("US rank 3", "US CO rank 2", "US 802*", "not US 803*")))
    network = Network.compile("1", [a_partner("p", territories=entries)], {})

    def counts(code):
        return {str(entry) for entry in network.covering("US", code).values()}

    assert [counts(code) for code in ("80202", "81501", "10001", "80301")] == [
        {"US 802*"},
        {"US CO rank 2"},
        {"US rank 3"},
        set(),
    ]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("US 802xx", "US 802*"),
        ("US 802xx*", "US 802*"),
        ("US 800-816", "US 80000-81699"),
        ("US 80000 to 81999", "US 80000-81999"),
        ("Germany 80*", "DE 80*"),
        ("United States", "US"),
        ("UK W1*", "GB W1*"),
        ("not USA CO", "not US CO"),
        ("DE NRW rank 2", "DE NW rank 2"),
    ],
)
def test_other_spellings_mean_the_same(text, meant):
    assert str(Territory.parse(text)) == meant


@pytest.mark.parametrize(
    "text", ["DE 1067", "US 2134", "US 802", "US 80", "DE 8033", "NL 1012", "US 2134-2199", "GB W"]
)
def test_advice_is_accepted_and_means_what_was_meant(text):
    """``DE 1067`` was answered with "write DE 1067*", which is Berlin, and means 01067 in
    Dresden.
    """
    with pytest.raises(ValueError) as refused:
        Territory.parse(text)
    said = str(refused.value)
    digits = text.partition(" ")[2]
    if len(digits) == 4 and digits.isdigit() and not text.startswith("NL"):
        assert f"did you mean 0{digits}" in said
        assert f"{digits}*" not in said
    for advised in said.partition("write ")[2].split("write "):
        if advised.startswith(text[:2]):
            Territory.parse(advised.rstrip("?")).check()


@pytest.mark.parametrize(
    ("text", "meant"), [("US ON", "CA ON"), ("US Bayern", "DE BAYERN"), ("DE Tirol", "AT TIROL")]
)
def test_a_state_of_another_country_is_answered_with_that_country(text, meant):
    with pytest.raises(ValueError, match=f"did you mean {meant}"):
        Territory.parse(text)
    Territory.parse(meant).check()


@pytest.mark.slow
def test_the_list_of_states_is_that_of_its_source():
    made = subprocess.run(
        [sys.executable, "-c", "from infra.tools.states import states; print(states(), end='')"],
        capture_output=True, text=True, check=True, encoding="utf-8",
    )  # fmt: skip
    assert made.stdout == (generator.DATA / "states.txt").read_text("utf-8"), (
        "run: python -m infra.tools.states"
    )

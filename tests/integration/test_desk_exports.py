"""Lists of leads taken away as files: by whom, what stands in them, and that they fall to erasure."""

import csv
import io
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from secrets import token_hex
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

import boto3
import pytest
from openpyxl import load_workbook

from routing_core.domain.hq_people import hq_people
from routing_core.domain.lead_row import LeadRow
from routing_core.present.hq_desk.leads.export_file import lead_export_file
from routing_core.service.hq_desk import lead_export
from routing_core.service.hq_desk.lead_export import ExportDesk, ExportView, WriteFile
from routing_core.service.kernel.export_store import ExportMoved
from tests.integration.test_desk_leads import PEOPLE, REGIONS
from tests.integration.test_desk_lists import post
from tests.integration.test_hq import Hq
from tests.support.builders import programme_document, working_in
from tests.support.world import Answer, HqBrowser, World, a_programme, munich

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(0)")


@pytest.fixture
def open_world(world: World) -> World:
    people = [*PEOPLE["people"]]  # type: ignore[misc]
    exporter = {"email": "takes@example.com", "role": "manager", "may": ["export"]}
    hq = {k: v for k, v in programme_document()["hq"].items() if k != "emails"} | PEOPLE
    hq["people"] = [*people, exporter | {"regions": ["munich"]}]
    berlin = working_in("berlin-1", "DE 10*", name="Spree Wärme")
    world.use(a_programme(hq=hq, regions=REGIONS), munich(1), munich(2), berlin)
    return world


@pytest.fixture
def desk(open_world: World) -> HqBrowser:
    return open_world.desk("hq@example.com")


def export(desk: HqBrowser, kind: str = "csv", **asked: str) -> str:
    """Begins an export, and gives the path of its page."""
    answer = desk.post(f"/hq/leads/export?{urlencode({**asked, 'kind': kind})}")
    assert answer.status == 303
    return str(answer.headers["Location"])


def go_on(desk: HqBrowser, page: str) -> Answer:
    """What the page's button does, or its script."""
    return desk.post(f"/hq/leads/export?go_on={page.rpartition('/')[2]}")


def files(desk: HqBrowser, page: str) -> list[bytes]:
    """What the links of the page open."""
    found = []
    for path in re.findall(rf'href="({page}\?file=\d+)"', desk.get(page).body):
        link = desk.get(path)
        assert link.status == 302
        key = urlsplit(link.headers["Location"]).path.lstrip("/").removeprefix("bucket/")
        bucket = desk.world.wiring.exports._bucket
        key = key.removeprefix(f"{bucket}/")
        found.append(boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())
    return found


def table(content: bytes, delimiter: str = ",") -> list[dict[str, str]]:
    text = content.decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:]), delimiter=delimiter))


def test_what_is_filtered_is_taken_away_and_nothing_else(
    open_world: World, desk: HqBrowser
) -> None:
    post(open_world, "other")
    wanted = post(open_world, "wanted", product="boiler", company="Beispiel GmbH")
    page = export(desk, product="boiler")
    shown = desk.get(page).body
    assert "1 lead, ready to be saved." in shown
    assert "Product: Boiler" in shown
    (content,) = files(desk, page)
    (row,) = table(content)
    assert row["Id"] == wanted
    assert (row["Product"], row["Company"], row["Customer"]) == (
        "Boiler",
        "Beispiel GmbH",
        "Person wanted",
    )
    assert row["Received"] == "2026-11-25 12:01"


def test_the_same_stands_in_an_excel_file(open_world: World, desk: HqBrowser) -> None:
    leads = {post(open_world, f"lead-{n}") for n in range(3)}
    (content,) = files(desk, export(desk, "xlsx"))
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    header, *rows = sheet.iter_rows(values_only=True)
    assert header[:3] == ("Reference", "Id", "Received")
    assert {row[1] for row in rows} == leads


def test_an_excel_file_has_dates_and_numbers_as_such_by_hqs_clock(
    open_world: World, desk: HqBrowser
) -> None:
    lead = post(open_world, "lead")
    open_world.deliver()
    open_world.press(open_world.offer_link(lead), action="accept")
    open_world.advance(minutes=90)
    open_world.press(open_world.offer_link(lead), action="won", value="12.500,50")
    open_world.deliver()
    open_world.feed()
    (content,) = files(desk, export(desk, "xlsx"))
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    assert sheet.title == "Leads"
    row = {str(head.value): cell for head, cell in zip(sheet[1], sheet[2], strict=True)}
    # It came at 11:00 UTC; in Berlin it is 12:00.
    received = open_world.lead(lead).received_at.astimezone(ZoneInfo("Europe/Berlin"))
    assert row["Received"].value == received.replace(tzinfo=None, second=0, microsecond=0)
    assert row["Received"].number_format == "yyyy-mm-dd hh:mm"
    finished = row["Finished"].value
    assert isinstance(finished, datetime)
    assert finished - row["Received"].value > timedelta(minutes=89)
    assert row["Accepted"].is_date
    assert row["Value"].value == 12500.5
    assert row["Score"].data_type == "n"


def test_a_town_that_nobody_typed_is_that_of_the_postcode_and_without_any_there_is_no_column(
    open_world: World, desk: HqBrowser
) -> None:
    post(open_world, "munich")
    post(open_world, "berlin", postcode="10115")
    (content,) = files(desk, export(desk))
    assert "Town" not in table(content)[0]
    places = "country;postcode;lat;lon;town\nDE;80331;48.137;11.575;München\n"
    answer = Hq(open_world)("PUT", "/v1/places/DE", places, "csv")
    assert answer.status == 200, answer.body
    open_world.deliver()
    (content,) = files(desk, export(desk))
    assert {row["Postcode"]: row["Town"] for row in table(content)} == {
        "80331": "München",
        "10115": "",
    }


@pytest.mark.parametrize("typed", FORMULAS)
def test_nothing_that_somebody_typed_becomes_a_formula(
    open_world: World, desk: HqBrowser, typed: str
) -> None:
    post(open_world, "a", name=typed, company=typed)
    (content,) = files(desk, export(desk))
    assert table(content)[0]["Customer"] == f"'{typed}"
    (content,) = files(desk, export(desk, "xlsx"))
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    (name,) = (cell.column for cell in sheet[1] if cell.value == "Customer")
    cell = sheet.cell(2, name)
    assert (cell.value, cell.data_type) == (typed, "s")


def test_a_long_list_goes_on_file_by_file_and_each_lead_stands_in_one(
    open_world: World, desk: HqBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lead_export, "MOST_IN_FILE", 3)
    monkeypatch.setattr(lead_export, "MOST_ON_PAGE", 2)
    leads = {post(open_world, f"lead-{n}") for n in range(9)}
    page = export(desk)
    assert "<strong>4 leads so far.</strong> Looked back to Wed, 25 Nov 2026" in desk.get(page).body
    late = post(open_world, "late")
    for _ in range(5):
        if "data-go-on" not in desk.get(page).body:
            break
        assert go_on(desk, page).status == 303
    assert "9 leads, ready to be saved." in desk.get(page).body
    ids = [row["Id"] for content in files(desk, page) for row in table(content)]
    assert len(ids) == len(set(ids))
    assert set(ids) == leads
    assert late not in ids
    assert len(files(desk, page)) == 3
    go_on(desk, page)
    assert len(files(desk, page)) == 3, "what is done is done"


def test_of_two_presses_at_once_one_counts_and_the_list_says_what_is_in_its_files(
    open_world: World, desk: HqBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lead_export, "MOST_IN_FILE", 3)
    monkeypatch.setattr(lead_export, "MOST_ON_PAGE", 2)
    leads = {post(open_world, f"lead-{n}") for n in range(9)}
    page = export(desk)
    name = page.rpartition("/")[2]
    visitor = next(
        each
        for each in hq_people(open_world.wiring.services.programme)
        if each.email == "hq@example.com"
    )
    faster = partial(lead_export_file, visitor)

    def slower(view: ExportView, rows: Sequence[LeadRow]) -> bytes:
        # While this press writes its file, another one begins, reads less, and is through.
        with monkeypatch.context() as shorter:
            shorter.setattr(lead_export, "MOST_IN_FILE", 1)
            take_step(faster, "second")
        return lead_export_file(visitor, view, rows)

    def take_step(write: WriteFile, token: str) -> None:
        parts = ExportDesk(open_world.wiring.lead_desk, open_world.wiring.exports, write, token)
        lead_export.go_on(parts, visitor, name, open_world.now, lambda: True)

    with pytest.raises(ExportMoved):
        take_step(slower, "first")
    for _ in range(5):
        go_on(desk, page)
    ids = [row["Id"] for content in files(desk, page) for row in table(content)]
    assert len(ids) == len(set(ids))
    assert set(ids) == leads
    assert "9 leads, ready to be saved." in desk.get(page).body
    counted = [int(each) for each in re.findall(r"CSV, (\d+) leads", desk.get(page).body)]
    assert counted == [len(table(content)) for content in files(desk, page)]


def test_a_press_that_came_too_late_is_told_so(
    open_world: World, desk: HqBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(open_world, "a")
    page = export(desk)
    told = desk.get(f"{page}?did=meanwhile.{int(open_world.now.timestamp())}")
    assert "another press of the button" in told.body
    assert desk.get(f"{page}?did=madeup.{int(open_world.now.timestamp())}").status == 200


def test_only_who_may_export_does_and_only_what_they_see(open_world: World) -> None:
    here = post(open_world, "here")
    post(open_world, "there", postcode="10115")
    for email in ("looks@example.com", "bavaria@example.com"):
        desk = open_world.desk(email)
        assert "/hq/leads/export" not in desk.get("/hq/leads").body
        assert desk.post("/hq/leads/export?kind=csv").status == 403
    takes = open_world.desk("takes@example.com")
    page = export(takes, region="")
    (content,) = files(takes, page)
    assert [row["Id"] for row in table(content)] == [here]
    hq = open_world.desk("hq@example.com")
    assert hq.get(page).status == 404, "somebody else's"
    assert hq.get(f"{page}?file=1").status == 404
    assert takes.get("/hq/exports/../../etc").status == 404
    assert takes.get(f"{page}?file=2").status == 404


def test_an_export_stands_in_the_activity_log(open_world: World, desk: HqBrowser) -> None:
    post(open_world, "a")
    export(desk)
    page = desk.get("/hq/log").body
    assert "Helga Zentral" in page
    kinds = [item["sk"] for item in open_world.items("read-model") if "leads.exported" in str(item)]
    assert len(kinds) == 1


def kept(world: World) -> list[str]:
    bucket = world.wiring.exports._bucket
    found = boto3.client("s3").list_object_versions(Bucket=bucket, Prefix="exports/")
    return [each["Key"] for each in (*found.get("Versions", ()), *found.get("DeleteMarkers", ()))]


def test_an_export_falls_to_erasure_with_whoever_stands_in_it(
    open_world: World, desk: HqBrowser
) -> None:
    erased = post(open_world, "erased")
    post(open_world, "other", product="boiler")
    of_both, of_other = export(desk), export(desk, product="boiler")
    version = str(open_world.lead(erased).version)
    desk.press(f"/hq/leads/{erased}", action="erase", version=version)
    assert desk.get(of_both).status == 404
    assert desk.get(of_other).status == 200, "who is not in it is no reason"
    assert not [key for key in kept(open_world) if key.startswith(f"exports/{of_both[-33:]}")]
    assert [key for key in kept(open_world) if of_other.rpartition("/")[2] in key]


def _step(world: World, page: str, write: WriteFile | None = None) -> None:
    """One step of an export, as HQ's first person takes it, by the read model as it is."""
    person, *_ = hq_people(world.wiring.services.programme)
    write = write or partial(lead_export_file, person)
    parts = ExportDesk(world.wiring.lead_desk, world.wiring.exports, write, "step")
    lead_export.go_on(parts, person, page.rpartition("/")[2], world.now, lambda: True)


def _readable_of(world: World, page: str) -> bytes:
    """All that can be read of an export in the bucket."""
    prefix = f"exports/{page.rpartition('/')[2]}/"
    s3 = boto3.client("s3")
    found = s3.list_objects_v2(Bucket=world.wiring.exports._bucket, Prefix=prefix)
    contents = [
        s3.get_object(Bucket=world.wiring.exports._bucket, Key=each["Key"])["Body"].read()
        for each in found.get("Contents", ())
    ]
    return b"\n".join(contents)


def _erase(world: World, lead: str) -> None:
    key = world.api_key("leads:write")
    headers = {"x-api-key": key, "if-match": "*"}
    assert world.http("POST", f"/v1/leads/{lead}/erase", headers=headers).status == 200


@pytest.fixture
def not_begun(open_world: World) -> tuple[str, str]:
    """An export that was asked for and has no file yet, and one of the leads in it."""
    erased = post(open_world, "erased")
    post(open_world, "other")
    open_world.feed()
    person, *_ = hq_people(open_world.wiring.services.programme)
    write = partial(lead_export_file, person)
    parts = ExportDesk(open_world.wiring.lead_desk, open_world.wiring.exports, write, token_hex(8))
    export_id = lead_export.begin_export(parts, person, {}, open_world.now).id
    return f"/hq/exports/{export_id}", erased


def test_whoever_was_erased_a_moment_ago_is_in_no_file_though_the_list_still_has_them(
    open_world: World, not_begun: tuple[str, str]
) -> None:
    page, erased = not_begun
    _erase(open_world, erased)
    _step(open_world, page)
    found = _readable_of(open_world, page)
    assert b"Person other" in found
    assert b"Person erased" not in found


def test_of_an_erasure_while_a_file_is_being_written_nothing_stays(
    open_world: World, not_begun: tuple[str, str]
) -> None:
    page, erased = not_begun
    person, *_ = hq_people(open_world.wiring.services.programme)

    def slowly(view: ExportView, rows: Sequence[LeadRow]) -> bytes:
        _erase(open_world, erased)
        open_world.feed()
        return lead_export_file(person, view, rows)

    with pytest.raises(ExportMoved):
        _step(open_world, page, slowly)
    assert _readable_of(open_world, page) == b""

"""The pages on which somebody at HQ imports a list of leads."""

import html
import io
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from openpyxl import Workbook

from tests.integration.test_new_lead_page import PEOPLE
from tests.support.world import Answer, HqBrowser, World, a_programme, munich

PATH = "/hq/leads/import"
HEADER = ["Nr", "Name", "Telefon", "PLZ", "Interesse", "Wann", "OK", "Schuhgröße"]
RIGHT = ["1", "Erika Beispiel", "089 99998 1230", "80331", "Wärmepumpe", "Bald", "ja", "41"]


def xlsx(*rows: list[str]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (HEADER, *rows):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def multipart(content: bytes, **fields: str) -> dict[str, Any]:
    parts = []
    for name, value in fields.items():
        parts.append(
            f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()
        )
    head = '--b\r\nContent-Disposition: form-data; name="file"; filename="fair.xlsx"\r\n\r\n'
    body = b"\r\n".join([*parts, head.encode() + content, b"--b--"])
    return {"body": body, "headers": {"content-type": "multipart/form-data; boundary=b"}}


@pytest.fixture
def hq(world: World) -> World:
    world.use(a_programme(hq={"people": PEOPLE, "digests": []}), munich(1), munich(2))
    return world


def upload(desk: HqBrowser, content: bytes, **fields: str) -> Answer:
    return desk.send(PATH, **multipart(content, **{"name": "Messe", "mode": "route", **fields}))


def started(desk: HqBrowser, content: bytes, **fields: str) -> str:
    answer = upload(desk, content, **fields)
    assert answer.status == 303, answer.body
    return answer.headers["Location"]


def words(page: Answer) -> str:
    text = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page.body, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(text))


def test_a_fairs_list_with_three_wrong_rows_is_mended_on_the_page_and_comes_in(hq: World) -> None:
    desk = hq.desk()
    path = started(
        desk,
        xlsx(
            RIGHT,
            ["2", "Max", "089 99998 1231", "8033", "Wärmepumpe", "Bald", "ja", ""],
            ["3", "Eva", "abc", "80331", "Wärmepumpe", "Bald", "ja", ""],
            ["4", "Udo", "089 99998 1233", "80331", "Dampfmaschine", "Bald", "ja", ""],
        ),
    )
    page = desk.get(path)
    assert "OK" in page.body
    assert hq.lead_ids() == []
    columns = {
        f"column.{place}": field
        for place, field in enumerate(
            ["id", "name", "phone", "postcode", "product", "urgency", "consent", ""]
        )
    }
    page = desk.press(path, action="change", **columns)
    assert "Checked again." in words(page)
    assert "Rows with errors 3" in words(page)
    assert "Row" in words(page)
    named = re.findall(r'name="(cell\.[0-9.]+)"', page.body)
    assert named == ["cell.3.3", "cell.4.2", "cell.5.4"]
    assert "Import 4 leads" not in words(page)
    page = desk.press(
        path,
        action="mend",
        **{"cell.3.3": "80333", "cell.4.2": "089 99998 1232", "cell.5.4": "boiler"},
    )
    assert "Import 4 leads" in words(page)
    page = desk.press(path, action="decide")
    assert "The list is accepted." in words(page)
    assert len(hq.lead_ids()) == 2, "each partner gets one at a time"
    hq.advance(minutes=25)
    hq.sweep()
    assert "Sent on their way 4" in words(desk.get(path))
    assert 'href="/hq/leads?source=list%3AMesse"' in desk.get(path).body
    assert desk.post(path, action="decide").status == 409

    second = started(
        desk, xlsx(["9", "Ida", "089 99998 1239", "80331", "boiler", "Bald", "ja", ""])
    )
    assert "Import 1 lead" in words(desk.get(second)), "the columns are known by now"


@pytest.mark.parametrize(
    ("reader", "said"),
    [
        (
            "hq@example.com",
            "Consent is missing. Confirm it (in a list: yes) once the customer has agreed.",
        ),
        ("deutsch@example.com", "Die Einwilligung fehlt. Bestätigen Sie sie"),
    ],
)
def test_every_page_is_there_in_both_languages(hq: World, reader: str, said: str) -> None:
    desk = hq.desk(reader)
    path = started(
        desk, b"Name;Telefon;PLZ;Produkt;Wann;Opt-in\nErika;089 99998 1230;80331;boiler;;\n"
    )
    page = words(desk.get(path))
    assert said in page
    assert "hq_entry" not in page
    assert "hq_entry" not in words(desk.get(PATH))


def test_what_the_whole_list_agreed_to_is_said_once(hq: World) -> None:
    desk = hq.desk()
    path = started(desk, b"Name;Telefon;PLZ;Produkt\nErika;089 99998 1230;80331;boiler\n")
    answer = desk.press(
        path, action="change", urgency="soon", all_agreed="yes", way="fair", consent_by="Max"
    )
    assert "Import 1 lead" in words(answer)
    desk.post(path, action="decide")
    (lead,) = hq.lead_ids()
    context = hq.wiring.leads.context(lead)
    assert context
    assert context.on_behalf
    assert (context.on_behalf.way, context.on_behalf.consent_by) == ("fair", "Max")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Please choose a file that is not empty."),
        (b"Name\n", "There is nothing in this list."),
        (b"\xd0\xcf\x11\xe0" + b"0" * 600, "This is an old Excel file."),
        (b"PK\x03\x04", "This file cannot be read."),
    ],
)
def test_a_file_that_is_no_list_is_said_to_be_none(hq: World, content: bytes, said: str) -> None:
    answer = upload(hq.desk(), content, name="<i>Fair</i>")
    assert answer.status == 422
    assert said in words(answer)
    assert 'value="&lt;i&gt;Fair&lt;/i&gt;"' in answer.body


def test_a_list_needs_a_name(hq: World) -> None:
    answer = upload(hq.desk(), xlsx(RIGHT), name=" ")
    assert answer.status == 422
    assert 'id="f-name-error"' in answer.body


def test_hostile_cells_are_shown_and_stored_as_text(hq: World) -> None:
    desk = hq.desk()
    hostile = '=HYPERLINK("https://evil.example")<img src=x onerror=alert(1)>{{7*7}}'
    content = f"Name;Telefon;PLZ;Produkt;Wann;Opt-in\n'{hostile};089 1;80331;boiler;soon;ja\n"
    page = desk.get(started(desk, content.encode(), name="{{7*7}}<script>"))
    assert "<img" not in page.body
    assert "<script" not in page.body
    assert "49" not in words(page)


def test_a_viewer_imports_nothing_and_a_manager_only_leads_of_their_regions(hq: World) -> None:
    viewer = hq.desk("looks@example.com")
    assert viewer.get(PATH).status == 403
    assert upload(viewer, xlsx(RIGHT)).status == 403
    manager = hq.desk("south@example.com")
    content = b"Name;Telefon;PLZ;Produkt;Wann;Opt-in\nErika;089 99998 1230;10115;boiler;soon;ja\n"
    path = started(manager, content)
    assert "This place is outside your regions." in words(manager.get(path))
    assert manager.post(path, action="decide").status == 422
    assert hq.lead_ids() == []
    assert viewer.get(path).status == 403
    others = started(hq.desk(), xlsx(RIGHT))
    assert manager.get(others).status == 404
    assert others not in manager.get(PATH).body
    assert others in hq.desk("deutsch@example.com").get(PATH).body


def test_two_who_decide_at_once_import_it_once(hq: World) -> None:
    desk = hq.desk()
    content = b"Name;Telefon;PLZ;Produkt;Wann;Opt-in\nErika;089 99998 1230;80331;boiler;soon;ja\n"
    path = started(desk, content)
    assert desk.post(path, action="decide").status == 303
    assert hq.desk("deutsch@example.com").post(path, action="decide").status == 409
    assert len(hq.lead_ids()) == 1


def test_an_import_is_in_the_activity_log(hq: World) -> None:
    desk = hq.desk()
    content = b"Name;Telefon;PLZ;Produkt;Wann;Opt-in\nErika;089 99998 1230;80331;boiler;soon;ja\n"
    path = started(desk, content)
    desk.post(path, action="decide")
    logged = [item for item in map(str, hq.items("read-model")) if "leads.imported" in item]
    assert len(logged) == 1
    assert path.rpartition("/")[2] in logged[0]
    assert "Erika" not in logged[0]


def test_an_import_that_there_is_not_is_no_page(hq: World) -> None:
    assert hq.desk().get(f"{PATH}/nothing").status == 404
    assert hq.desk().get(f"{PATH}/nothing").status == 404


COLUMNS = ["id", "name", "phone", "postcode", "product", "urgency", "consent", ""]


def decided(desk: HqBrowser, *rows: list[str]) -> str:
    """The page of a list whose columns were told, and which was decided on."""
    path = started(desk, xlsx(*rows))
    named = {f"column.{place}": name for place, name in enumerate(COLUMNS)}
    desk.press(path, action="change", **named)
    desk.press(path, action="decide")
    return path


@pytest.mark.parametrize(
    ("reader", "said"),
    [
        ("hq@example.com", "HQ is closed now: it goes on at 08:00 on Monday, 23 November."),
        (
            "deutsch@example.com",
            "Die Zentrale hat jetzt geschlossen. "
            "Weiter geht es zur nächsten Öffnung: Montag, 23. November, 08:00 Uhr.",
        ),
    ],
)
def test_a_list_that_waits_for_hq_to_open_says_when_it_goes_on(
    hq: World, reader: str, said: str
) -> None:
    zone = hq.wiring.services.programme.zone
    hq.now = datetime(2026, 11, 22, 12, tzinfo=zone).astimezone(UTC)
    desk = hq.desk(reader)
    path = decided(desk, RIGHT, ["2", "Max", *RIGHT[2:]], ["3", "Eva", *RIGHT[2:]])
    assert said in words(desk.get(path))
    hq.now = datetime(2026, 11, 23, 7, 59, 59, tzinfo=zone).astimezone(UTC)
    assert said in words(desk.get(path))
    hq.now = datetime(2026, 11, 23, 8, tzinfo=zone).astimezone(UTC)
    assert said not in words(desk.get(path))

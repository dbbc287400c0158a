"""Somebody at HQ imports a fair's list on a phone: in a real browser, which uploads a real file to
the real handlers over moto.
"""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from openpyxl import Workbook
from playwright.sync_api import Browser, expect

from routing_core.formats.sheet_file import LARGEST_FILE
from tests.browser.visitor import violations
from tests.support.world import World, a_programme, a_world, munich

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
PEOPLE = [{"email": "hq@example.com", "name": "Max Beispiel", "role": "admin"}]
KEPT = ("content-type",)
"""Headers of the browser that reach the handlers; cookie and origin are those of the desk."""


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with pytest.MonkeyPatch.context() as environment, a_world(environment) as world:
        world.use(a_programme(hq={"people": PEOPLE, "digests": []}), munich(1), munich(2))
        yield world


@pytest.fixture(scope="module")
def address(world: World) -> Iterator[str]:
    """Where a browser finds the desk of somebody who has signed in."""
    desk = world.desk()

    class Front(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(desk.get(self.path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name: self.headers[name] for name in KEPT if self.headers[name]}
            self._answer(desk.send(self.path, body=body, headers=headers))

        def _answer(self, answer: Any) -> None:
            content = answer.body.encode()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Front)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def a_file(folder: Path) -> Path:
    book = Workbook()
    assert book.active is not None
    rows = [
        ["No", "Name", "Phone", "Zip", "Product", "Urgency", "Consent"],
        [1, "Ida Messe", "089 99998 4101", 80331, "Heat pump", "Soon", True],
        [2, "Max Messe", "089 99998 4102", 8033, "Heat pump", "Soon", True],
        [3, "Eva Messe", "abc", 80331, "Heat pump", "Soon", True],
        [4, "Udo Messe", "089 99998 4104", 80331, "Steam engine", "Soon", True],
    ]
    for row in rows:
        book.active.append(row)
    book.save(folder / "fair.xlsx")
    return folder / "fair.xlsx"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_fairs_list_with_three_wrong_rows_is_mended_and_imported_on_a_phone(
    browser: Browser, world: World, address: str, tmp_path: Path, scripts: bool
) -> None:
    name = f"Trade fair {scripts}"
    before = len(world.lead_ids())
    context = browser.new_context(viewport=PHONE, java_script_enabled=scripts)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{address}/hq/leads/import")
    page.get_by_label("File").set_input_files(a_file(tmp_path))
    page.get_by_label("Name of the list").fill(name)
    page.get_by_role("button", name="Upload and check").click()
    expect(page.get_by_role("heading", name="Cells to correct")).to_be_visible()
    page.get_by_label("Row 3, Postcode").fill("80333")
    page.get_by_label("Row 4, Phone").fill("089 99998 4103")
    page.get_by_label("Row 5, Product").select_option("Boiler")
    page.get_by_role("button", name="Save and check again").first.click()
    expect(page.get_by_role("button", name="Import 4 leads")).to_be_visible()
    assert len(world.lead_ids()) == before
    page.get_by_role("button", name="Import 4 leads").click()
    expect(page.get_by_text("The list is accepted.")).to_be_visible()
    for _ in range(2):
        world.advance(minutes=25)
        world.sweep()
    page.get_by_role("link", name="All imports").click()
    page.get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", name="Imported", exact=True)).to_be_visible()
    assert len(world.lead_ids()) == before + 4
    context.close()


@pytest.mark.parametrize("path", ["/hq/leads/import", "/hq/partners/import", "/hq/reports/costs"])
def test_a_list_that_is_too_large_is_told_of_before_it_is_sent(
    browser: Browser, address: str, tmp_path: Path, path: str
) -> None:
    largest, larger = tmp_path / "largest.csv", tmp_path / "larger.csv"
    largest.write_bytes(b"x" * LARGEST_FILE)
    larger.write_bytes(b"x" * (LARGEST_FILE + 1))
    page = browser.new_page(viewport=PHONE)
    page.goto(address + path)
    posted: list[str] = []
    page.on("request", lambda request: posted.append(request.method))
    told = page.get_by_role("alert").filter(has_text="larger than 4 MB")
    file = page.locator("#f-file")

    file.set_input_files(larger)
    expect(told).to_be_visible()
    expect(file).to_have_attribute("aria-invalid", "true")
    assert violations(page) == []
    page.locator("form:has(#f-file) button[type=submit]").click()
    assert page.evaluate("document.activeElement.id") == "f-file"
    assert "POST" not in posted

    file.set_input_files(largest)
    expect(told).to_have_count(0)
    page.locator("form:has(#f-file) button[type=submit]").click()
    page.wait_for_load_state()
    assert "POST" in posted, "what is as large as may be is sent"
    page.close()

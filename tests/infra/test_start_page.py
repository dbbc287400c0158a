"""The pages around `make run`: what a newcomer sees first, and that nobody else's page can press
their button.
"""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from infra.local.api import Api
from infra.local.embedded import free_port
from infra.local.front import Front
from infra.local.pages import Sight
from infra.local.run import DATA, _hq_address, key_command
from infra.local.timeline import Timeline

SIGHT = Sight(
    (("enquiry", "Find your installer"),),
    "en",
    ZoneInfo("Europe/Berlin"),
    "make hq-key DATA=/elsewhere",
    "vera@vendor.example",
)
NOON = 1_792_065_600_000_000_000
"""2026-10-15 12:00 UTC, 14:00 in Berlin, in nanoseconds."""


class Newcomer:
    """Looks at the front of `make run`, behind which nothing runs, and whose mailbox is a
    folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        port = free_port()
        self.front = Front(port, folder)
        self.address = f"http://127.0.0.1:{port}"
        self._mails = 0

    def sees(self, path: str) -> str:
        return httpx.get(self.address + path).text

    def is_ready(self) -> None:
        self.front.open(free_port(), "api")
        self.front.sight = SIGHT

    def mail(self, to: str, subject: str, link: str, file: str = "") -> None:
        self._mails += 1
        message = EmailMessage()
        message["Subject"], message["To"] = subject, to
        message.set_content(f"See {self.address}{link}")
        if file:
            message.add_attachment(
                b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", filename=file
            )
        name = str(NOON + self._mails * 1_000_000_000)
        (self.folder / f"{name}.eml").write_bytes(message.as_bytes())
        (self.folder / f"{name}.json").write_text(json.dumps({"to": [to]}))


@pytest.fixture
def newcomer(tmp_path: Path) -> Iterator[Newcomer]:
    made = Newcomer(tmp_path)
    yield made
    made.front.close()


def test_until_the_application_is_there_the_page_says_that_it_starts(newcomer: Newcomer) -> None:
    starting = httpx.get(newcomer.address)
    assert "Starting" in starting.text
    assert "is running" not in starting.text
    assert starting.headers["Refresh"].startswith("2;")
    newcomer.is_ready()
    assert "is running" in newcomer.sees("/")


def test_each_step_of_the_story_shows_its_newest_mail(newcomer: Newcomer) -> None:
    newcomer.is_ready()
    assert newcomer.sees("/").count("Nothing yet.") == 5
    newcomer.mail("erika@example.com", "We have received your enquiry", "/s/token")
    newcomer.mail("old@partner.example", "Offer one", "/o/one")
    newcomer.mail("new@partner.example", "Offer two", "/o/two")
    steps = newcomer.sees("/").split("<li>")[1:]
    assert "We have received your enquiry" in steps[0]
    assert "14:00:03 · new@partner.example" in steps[1]
    assert "Offer one" not in steps[1]
    assert "Nothing yet." in steps[2]
    newcomer.mail("new@partner.example", "The contact", "/o/two", file="call.ics")
    assert "The contact" in newcomer.sees("/").split("<li>")[3]
    newcomer.mail("erika@example.com", "Your partner is New", "/s/token")
    steps = newcomer.sees("/").split("<li>")[1:]
    assert "Offer two" in steps[1], "not the mail that names the customer"
    assert "We have received your enquiry" in steps[0]
    assert "Your partner is New" in steps[3]


def test_hqs_queue_is_the_whole_queue_though_the_newest_mail_names_one_lead(
    newcomer: Newcomer,
) -> None:
    newcomer.is_ready()
    assert "HQ's queue" not in newcomer.sees("/")
    newcomer.mail("hq@example.com", "Nobody for 25980", "/q/signed/leads/L1")
    page = newcomer.sees("/")
    assert f'href="{newcomer.address}/q/signed"' in page


def test_hqs_desk_is_named_with_an_address_that_may_sign_in(newcomer: Newcomer) -> None:
    newcomer.is_ready()
    page = newcomer.sees("/")
    assert 'href="/hq"' in page
    assert "Ask for a link as vera@vendor.example" in page


@pytest.mark.parametrize(
    "hq",
    [
        {"emails": ["vera@vendor.example"], "people": []},
        {
            "people": [
                {"email": "west@vendor.example", "role": "manager"},
                {"email": "vera@vendor.example", "role": "admin"},
            ],
            "emails": ["old@vendor.example"],
        },
    ],
)
def test_whoever_tries_the_desk_is_somebody_who_may_do_everything(hq: dict[str, Any]) -> None:
    assert _hq_address(hq) == "vera@vendor.example"


def test_the_mailbox_can_be_read_person_by_person(newcomer: Newcomer) -> None:
    newcomer.is_ready()
    newcomer.mail("erika@example.com", "We have received your enquiry", "/s/token")
    newcomer.mail("new@partner.example", "Offer", "/o/two")
    assert "/mailbox?to=erika%40example.com" in newcomer.sees("/mailbox")
    hers = newcomer.sees("/mailbox?to=erika%40example.com")
    assert "We have received your enquiry" in hers
    assert '<span class="subject">Offer</span>' not in hers


def test_a_waiting_page_asks_for_the_newest_mails_name_and_not_for_every_mail(
    newcomer: Newcomer,
) -> None:
    newcomer.is_ready()
    newcomer.mail("erika@example.com", "We have received your enquiry", "/s/token")
    latest = newcomer.sees("/mailbox/latest")
    assert latest == str(NOON + 1_000_000_000)
    assert "/mailbox.json" not in newcomer.sees("/mailbox")


def test_the_form_is_shown_in_somebody_elses_page(newcomer: Newcomer) -> None:
    newcomer.is_ready()
    assert '<script src="/embed.js" data-form="enquiry" data-lang="en">' in newcomer.sees(
        "/elsewhere"
    )


def test_the_command_for_a_key_names_the_folder_that_runs(newcomer: Newcomer) -> None:
    newcomer.is_ready()
    assert "make hq-key DATA=/elsewhere" in newcomer.sees("/")


@pytest.mark.parametrize(
    ("data", "command"),
    [
        (DATA, "make hq-key"),
        (Path("/elsewhere"), "make hq-key DATA=/elsewhere"),
        (Path("my tries/one"), "make hq-key DATA='my tries/one'"),
    ],
)
def test_the_command_for_a_key_finds_it_as_it_is_typed(data: Path, command: str) -> None:
    assert key_command(data) == command


def test_the_terminal_tells_the_same_time_as_the_mailbox(newcomer: Newcomer) -> None:
    newcomer.is_ready()
    terminal = io.StringIO()
    timeline = Timeline(Api(newcomer.address, ""), newcomer.front.mailbox, {}, SIGHT.zone, terminal)
    newcomer.mail("erika@example.com", "We have received your enquiry", "/s/token")
    timeline.look()
    assert (
        terminal.getvalue()
        == "14:00:01    email to erika@example.com: We have received your enquiry\n"
    )
    assert "14:00:01" in newcomer.sees("/mailbox")


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
def test_nobody_elses_page_resets_the_sample(newcomer: Newcomer, origin: str) -> None:
    httpx.post(f"{newcomer.address}/reset", headers={"Origin": origin} if origin else {})
    assert not newcomer.front.reset.is_set()


def test_the_start_pages_button_asks_for_a_reset(newcomer: Newcomer) -> None:
    newcomer.is_ready()
    assert 'action="/reset"' in newcomer.sees("/")
    answer = httpx.post(f"{newcomer.address}/reset", headers={"Origin": newcomer.address})
    assert answer.status_code == 303
    assert newcomer.front.reset.is_set()


class _Page(BaseHTTPRequestHandler):
    """Answers as the embedded AWS does: a HEAD with the headers of a GET and no body."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0" if self.command == "HEAD" else "5")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(b"hello")

    do_HEAD = do_GET


def test_a_head_says_nothing_of_a_length_that_it_does_not_know(newcomer: Newcomer) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Page) as behind:
        threading.Thread(target=behind.serve_forever, daemon=True).start()
        newcomer.front.open(behind.server_port, "api")
        address = f"{newcomer.address}/f/enquiry"
        assert httpx.get(address).headers["Content-Length"] == "5"
        assert "Content-Length" not in httpx.head(address).headers
        behind.shutdown()
    newcomer.is_ready()
    ours = f"{newcomer.address}/mailbox"
    assert httpx.head(ours).headers["Content-Length"] == str(len(httpx.get(ours).content))

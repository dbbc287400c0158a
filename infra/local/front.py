"""The one address a person needs: a home page, the mailbox, and the deployed API under clean URLs.

Everything that is not ours goes to the API as it came, and comes back as it is: method, headers,
body, redirects.
"""

from __future__ import annotations

import http.client
import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from infra.local.mailbox import Mailbox
from infra.local.pages import (
    Page,
    Sight,
    elsewhere_page,
    home_page,
    mail_html,
    mail_page,
    mailbox_page,
    starting_page,
)

HOP_BY_HOP = {
    "connection",
    "keep-alive",
    "transfer-encoding",
    "te",
    "trailer",
    "upgrade",
    "content-length",
    "host",
}
"""Headers of one connection, which a server in between does not hand on (RFC 9110, 7.6.1); and
Host, which is ours.
"""

LONGEST_CALL = 60
"""Seconds that the API may take; longer than any function's own limit of 30, so that its answer is
the one seen.
"""

MENU = frozenset({"/", "/mailbox", "/elsewhere"})
"""Paths of our own that say "starting" until the application is there."""

NOTHING_YET = Sight(forms=(), language="en", zone=ZoneInfo("UTC"), key_command="make hq-key")
"""The sight of the pages before there is a programme."""


@dataclass(frozen=True)
class Answer:
    """An answer over HTTP, as it is sent."""

    status: int
    """The status code, such as 200."""
    headers: list[tuple[str, str]]
    """Name and value, in their order; the same name may come twice."""
    body: bytes
    """The bytes that follow the headers."""


class Front:
    """Listens at once, so that a taken port is noticed first; says 503 until there is an API.

    Until then the start page says that it starts.
    """

    def __init__(self, port: int, mails: Path) -> None:
        """Listen on a port of this machine only; ``mails`` is the folder of the mailbox.

        Raise OSError if the port is taken.
        """
        self.mailbox = Mailbox(mails)
        self.target: tuple[int, str] | None = None
        """The port and the path at which the embedded AWS has the API; None until it is
        deployed.
        """
        self.sight = NOTHING_YET
        """The pages' sight of the programme, once there is one."""
        self.reset = threading.Event()
        """Set when a person asks for the sample to be put back."""
        self._origins = {f"http://127.0.0.1:{port}", f"http://localhost:{port}"}
        self._server = _Server(("127.0.0.1", port), self)
        threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True).start()

    def open(self, gateway_port: int, api_id: str) -> None:
        """Forward to the API from now on."""
        self.target = gateway_port, f"/_aws/execute-api/{api_id}/$default"

    def close(self) -> None:
        """End listening."""
        self._server.shutdown()
        self._server.server_close()

    def wait(self) -> None:
        """Forward nothing until ``open`` is called again."""
        self.target = None
        self.sight = NOTHING_YET
        self.reset.clear()

    def page(self, path: str, query: str) -> Page | None:
        """Give one of our own pages; None if the path belongs to the application."""
        if path in MENU:
            return self._menu(path, query)
        if path == "/mailbox.json":
            mails = [mail.as_json() for mail in self.mailbox.mails()]
            return Page(json.dumps(mails).encode(), "application/json")
        if path == "/mailbox/latest":
            return Page(self.mailbox.latest().encode(), "text/plain")
        if path.startswith("/mailbox/"):
            return self._mail(path.strip("/").split("/")[1:])
        return None

    def asks_for_reset(self, path: str, origin: str) -> bool:
        """Tell whether it is our own start page that asks for a reset.

        Another site's page may post here too, but is named by the browser in the header Origin.
        """
        return path == "/reset" and origin in self._origins

    def _menu(self, path: str, query: str) -> Page:
        """Give one of the pages that a person comes to first."""
        if self.target is None:
            return starting_page()
        if path == "/mailbox":
            person = parse_qs(query).get("to", [""])[0]
            return mailbox_page(self.sight, self.mailbox, person)
        if path == "/elsewhere" and self.sight.forms:
            return elsewhere_page(self.sight)
        return home_page(self.sight, self.mailbox)

    def _mail(self, parts: list[str]) -> Page | None:
        """Give a mail's page, its HTML alone or an attachment; None if there is no such thing."""
        mail = self.mailbox.mail(parts[0])
        if mail is None:
            return None
        match parts[1:]:
            case []:
                return mail_page(self.sight, mail)
            case ["html"]:
                return mail_html(mail)
            case ["attachments", number] if number.isdigit() and int(number) < len(
                mail.attachments
            ):
                found = mail.attachments[int(number)]
                disposition = f'attachment; filename="{found.name}"'
                return Page(found.content, found.type, {"Content-Disposition": disposition})
        return None


class _Server(ThreadingHTTPServer):
    """Answers each connection in a thread of its own."""

    daemon_threads = True
    request_queue_size = (
        128  # a burst of the tests comes at once, and five is what Python would let wait
    )

    def __init__(self, address: tuple[str, int], front: Front) -> None:
        """Listen on an address for a front."""
        super().__init__(address, _Handler)
        self.front = front


class _Handler(BaseHTTPRequestHandler):
    """Answers one request after another of a connection."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def handle_one_request(self) -> None:
        """Answer a request, or end the connection if whoever asked has gone."""
        try:
            super().handle_one_request()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def answer(self) -> None:
        """Answer with a page of our own, or with what the API says."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _, query = self.path.partition("?")
        front = self.server.front
        if self.command == "POST" and front.asks_for_reset(path, self.headers.get("Origin", "")):
            front.reset.set()  # the main thread sees it: this one cannot end the process it runs in
            self._send(Answer(303, [("Location", "/")], b""))
            return
        page = front.page(path, query) if self.command in ("GET", "HEAD") else None
        if page:
            headers = {"Content-Type": page.type, "Cache-Control": "no-store", **page.headers}
            self._send(Answer(200, list(headers.items()), page.body))
        elif front.target is None:
            self._send(
                Answer(
                    503,
                    [("Content-Type", "text/plain"), ("Retry-After", "1")],
                    b"Starting; one moment.\n",
                )
            )
        else:
            self._send(self._forward(front.target, body))

    do_GET = do_POST = do_PUT = do_DELETE = do_OPTIONS = do_HEAD = do_PATCH = answer

    def _forward(self, target: tuple[int, str], body: bytes) -> Answer:
        """Ask the API, and give its answer without the headers that belong to one connection."""
        port, prefix = target
        headers = {name: value for name, value in self.headers.items() if _travels(name)}
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LONGEST_CALL)
        try:
            connection.request(self.command, prefix + self.path, body or None, headers)
            response = connection.getresponse()
            answered = response.read()
        except OSError:
            return Answer(
                502, [("Content-Type", "text/plain")], b"The embedded AWS did not answer.\n"
            )
        finally:
            connection.close()
        kept = [(name, value) for name, value in response.getheaders() if _travels(name)]
        return Answer(response.status, kept, answered)

    def _send(self, answer: Answer) -> None:
        """Write an answer out; of a HEAD only its headers."""
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if (
            answer.body or self.command != "HEAD"
        ):  # how long a GET's answer would be, the embedded AWS does not tell
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def log_message(self, *_: Any) -> None:
        """Say nothing: magic links are in the paths."""


def _travels(header: str) -> bool:
    """Tell whether a header goes on to the other side, rather than belonging to one connection."""
    return header.lower() not in HOP_BY_HOP

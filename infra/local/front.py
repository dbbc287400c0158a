"""The one address a person needs: a home page, the mailbox, and the deployed API under clean URLs.

Everything that is not ours goes to the API as it came, and comes back as it is: method, headers,
body, redirects.
"""

from __future__ import annotations

import http.client
import json
import threading
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
LONGEST_CALL = 60
NOTHING_YET = Sight(forms=(), language="en", zone=ZoneInfo("UTC"), key_command="make hq-key")


class Front:
    """Listens at once, so that a taken port is noticed first; answers 503 until the API is
    deployed.

    Until then the start page says that it starts. ``sight`` is what the pages know of the
    programme, once there is one;
    ``reset`` is set when a person asks for the sample to be put back.
    """

    def __init__(self, port: int, mails: Path) -> None:
        self.mailbox = Mailbox(mails)
        self.target: tuple[int, str] | None = None
        self.sight = NOTHING_YET
        self.reset = threading.Event()
        self._origins = {f"http://127.0.0.1:{port}", f"http://localhost:{port}"}
        self._server = _Server(("127.0.0.1", port), self)
        threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True).start()

    def open(self, gateway_port: int, api_id: str) -> None:
        self.target = gateway_port, f"/_aws/execute-api/{api_id}/$default"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def wait(self) -> None:
        """Nothing is forwarded until ``open`` is called again."""
        self.target, self.sight = None, NOTHING_YET
        self.reset.clear()

    def page(self, path: str, query: str) -> Page | None:
        """Our own pages. None means that the path belongs to the application."""
        if path == "/mailbox.json":
            return Page(
                json.dumps([m.as_json() for m in self.mailbox.mails()]).encode(), "application/json"
            )
        if path == "/mailbox/latest":
            return Page(self.mailbox.latest().encode(), "text/plain")
        if path.startswith("/mailbox/"):
            return self._mail(path.strip("/").split("/")[1:])
        if path not in ("/", "/mailbox", "/elsewhere"):
            return None
        if self.target is None:
            return starting_page()
        if path == "/mailbox":
            return mailbox_page(self.sight, self.mailbox, parse_qs(query).get("to", [""])[0])
        if path == "/elsewhere" and self.sight.forms:
            return elsewhere_page(self.sight)
        return home_page(self.sight, self.mailbox)

    def asks_for_reset(self, path: str, origin: str) -> bool:
        """Whether it is our own start page that asks: another site's page may post here too, but is
        named by the browser.
        """
        return path == "/reset" and origin in self._origins

    def _mail(self, parts: list[str]) -> Page | None:
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
                return Page(
                    found.content,
                    found.type,
                    {"Content-Disposition": f'attachment; filename="{found.name}"'},
                )
        return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], front: Front) -> None:
        super().__init__(address, _Handler)
        self.front = front


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _, query = self.path.partition("?")
        front = self.server.front
        if self.command == "POST" and front.asks_for_reset(path, self.headers.get("Origin", "")):
            front.reset.set()
            self._send(303, [("Location", "/")], b"")
            return
        page = front.page(path, query) if self.command in ("GET", "HEAD") else None
        if page:
            headers = {"Content-Type": page.type, "Cache-Control": "no-store", **page.headers}
            self._send(200, list(headers.items()), page.body)
        elif front.target is None:
            self._send(
                503,
                [("Content-Type", "text/plain"), ("Retry-After", "1")],
                b"Starting; one moment.\n",
            )
        else:
            self._send(*self._forward(body))

    do_GET = do_POST = do_PUT = do_DELETE = do_OPTIONS = do_HEAD = do_PATCH = answer

    def _forward(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        assert self.server.front.target
        port, prefix = self.server.front.target
        headers = {k: v for k, v in self.headers.items() if k.lower() not in HOP_BY_HOP}
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LONGEST_CALL)
        try:
            connection.request(self.command, prefix + self.path, body or None, headers)
            response = connection.getresponse()
            answer = response.read()
        except OSError:
            return 502, [("Content-Type", "text/plain")], b"The embedded AWS did not answer.\n"
        finally:
            connection.close()
        return (
            response.status,
            [(k, v) for k, v in response.getheaders() if k.lower() not in HOP_BY_HOP],
            answer,
        )

    def _send(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        if (
            body or self.command != "HEAD"
        ):  # how long a GET's answer would be, the embedded AWS does not tell
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Quiet: magic links are in the paths."""

"""The one address a person needs: a home page, the mailbox, and the deployed API under clean URLs.

Everything that is not ours goes to the API as it came, and comes back as it is: method, headers, body, redirects.
"""

from __future__ import annotations

import http.client
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from infra.local.mailbox import Mailbox
from infra.local.pages import Page, home_page, mail_html, mail_page, mailbox_page

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "content-length", "host"}
LONGEST_CALL = 60


class Front:
    """Listens at once, so that a taken port is noticed first; answers 503 until the API is deployed."""

    def __init__(self, port: int, mails: Path) -> None:
        self.mailbox = Mailbox(mails)
        self.target: tuple[int, str] | None = None
        self.forms: list[tuple[str, str]] = []
        self._server = _Server(("127.0.0.1", port), self)
        threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True).start()

    def open(self, gateway_port: int, api_id: str) -> None:
        self.target = gateway_port, f"/_aws/execute-api/{api_id}/$default"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def page(self, path: str) -> Page | None:
        """Our own pages. None means that the path belongs to the application."""
        parts = path.strip("/").split("/")
        if path == "/":
            return home_page(self.forms, self.mailbox)
        if path == "/mailbox":
            return mailbox_page(self.mailbox)
        if path == "/mailbox.json":
            return Page(json.dumps([m.as_json() for m in self.mailbox.mails()]).encode(), "application/json")
        if parts[0] != "mailbox" or not (mail := self.mailbox.mail(parts[1])):
            return None
        match parts[2:]:
            case []:
                return mail_page(mail)
            case ["html"]:
                return mail_html(mail)
            case ["attachments", number] if number.isdigit() and int(number) < len(mail.attachments):
                found = mail.attachments[int(number)]
                return Page(found.content, found.type, {"Content-Disposition": f'attachment; filename="{found.name}"'})
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
        path = self.path.split("?")[0]
        page = self.server.front.page(path) if self.command in ("GET", "HEAD") else None
        if page:
            headers = {"Content-Type": page.type, "Cache-Control": "no-store", **page.headers}
            self._send(200, list(headers.items()), page.body)
        elif self.server.front.target is None:
            self._send(503, [("Content-Type", "text/plain"), ("Retry-After", "1")], b"Starting; one moment.\n")
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
        return response.status, [(k, v) for k, v in response.getheaders() if k.lower() not in HOP_BY_HOP], answer

    def _send(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Quiet: magic links are in the paths."""

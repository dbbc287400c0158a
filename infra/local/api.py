"""Talks to the application as anybody would: over HTTP, with its address and an API key."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

MOST_ERRORS_SHOWN = 10
"""The number of errors that a person is shown: a wrong list has one in every row."""


class Refused(RuntimeError):
    """The API said no; the message says why."""

    def __init__(self, status: int, reason: str) -> None:
        """Say the status and the reason."""
        super().__init__(f"{status}: {reason}")
        self.status = status
        """The status code, such as 422."""


class Api:
    """The application at an address, for whoever has the key or none."""

    def __init__(self, base_url: str, key: str = "") -> None:
        """Call the application at an address that has no slash at its end.

        ``key``: an API key, or empty.
        """
        self.base_url = base_url
        self.key = key

    def call(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        media_type: str = "application/json",
    ) -> bytes:
        """Make a call, follow redirects, and give the body of the answer. Raise Refused.

        ``path`` may be a whole address, such as a link out of a mail.
        """
        headers = {"Content-Type": media_type, "Accept": "application/json, text/html"}
        if self.key:
            headers["X-Api-Key"] = self.key
        address = path if path.startswith("http") else self.base_url + path
        request = urllib.request.Request(address, body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                said: bytes = answer.read()
                return said
        except urllib.error.HTTPError as problem:
            with problem:
                raise Refused(problem.code, _readable(problem.read())) from None

    def get(self, path: str) -> Any:
        """Give what is at a path, read from JSON. Raise Refused."""
        return json.loads(self.call("GET", path))

    def send(self, method: str, path: str, document: Any) -> Any:
        """Send a document as JSON, and give what comes back, read from JSON. Raise Refused."""
        return json.loads(self.call(method, path, json.dumps(document).encode()) or b"null")

    def page(self, link: str) -> str:
        """Give the HTML of a page. Raise Refused."""
        return self.call("GET", link).decode()

    def press(self, link: str, **fields: str) -> str:
        """Press a button, which posts its fields, and give the page that a browser shows next."""
        form = urllib.parse.urlencode(fields).encode()
        return self.call("POST", link, form, "application/x-www-form-urlencoded").decode()


def _readable(body: bytes) -> str:
    """Write a problem document as lines for a person; of anything else give the beginning."""
    text = body.decode(errors="replace")
    try:
        problem = json.loads(text)
    except ValueError:
        return text[:500]
    title = problem.get("title") or problem.get("message")
    errors = problem.get("errors", [])[:MOST_ERRORS_SHOWN]
    lines = [title, problem.get("detail"), *map(_error_line, errors)]
    return "\n  ".join(line for line in lines if line)


def _error_line(error: Any) -> str:
    """Write an error of a problem document as JSON, with letters as they are."""
    return json.dumps(error, ensure_ascii=False)

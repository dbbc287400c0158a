"""Talks to the application as anybody would: over HTTP, with nothing but its address and an API
key.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any


class Refused(RuntimeError):
    """The API said no; the message says why."""

    def __init__(self, status: int, told: str) -> None:
        super().__init__(f"{status}: {told}")
        self.status = status


class Api:
    def __init__(self, base_url: str, key: str = "") -> None:
        self.base_url, self.key = base_url, key

    def call(
        self, method: str, path: str, body: bytes | None = None, type: str = "application/json"
    ) -> bytes:
        """Raises Refused. `path` may be a whole address, such as a link out of a mail. Redirects
        are followed.
        """
        headers = {"Content-Type": type, "Accept": "application/json, text/html"}
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
        return json.loads(self.call("GET", path))

    def send(self, method: str, path: str, document: Any) -> Any:
        return json.loads(self.call(method, path, json.dumps(document).encode()) or b"null")

    def page(self, link: str) -> str:
        return self.call("GET", link).decode()

    def press(self, link: str, **fields: str) -> str:
        """A button of a page: posts its fields and returns the page that the browser would show
        next.
        """
        form = urllib.parse.urlencode(fields).encode()
        return self.call("POST", link, form, "application/x-www-form-urlencoded").decode()


def _readable(body: bytes) -> str:
    text = body.decode(errors="replace")
    try:
        problem = json.loads(text)
    except ValueError:
        return text[:500]
    lines = [problem.get("title") or problem.get("message") or "", problem.get("detail") or ""]
    lines += [json.dumps(error, ensure_ascii=False) for error in problem.get("errors", [])[:10]]
    return "\n  ".join(line for line in lines if line)

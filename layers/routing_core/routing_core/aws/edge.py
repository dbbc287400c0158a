"""The distribution that may stand before the API (``infra/edge.yaml``), and who came through it.

It sends along a secret, by which the API knows it, and the address of whoever called it. Without
the secret anybody could go past its limits, or say to be somebody else.
"""

from collections.abc import Mapping
from hmac import compare_digest
from typing import Any

# CloudFront adds no header whose name begins with x-edge- or x-amz-.
KNOWN_BY_HEADER = "x-relay-secret"
VIEWER_HEADER = "x-relay-viewer"


def as_seen_at_edge(event: dict[str, Any], secrets: str) -> dict[str, Any] | None:
    """Give a request with the address of whoever called the distribution.

    ``secrets`` is one, or while it is exchanged two with a comma between them; empty where there is
    no distribution, and a request stays as it is. None if it has not come through it.
    """
    if not secrets:
        return event
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    told = headers.get(KNOWN_BY_HEADER, "")
    # Nothing between two commas is no secret, or a request without the header would have it.
    known = [each for each in secrets.split(",") if each]
    if not any(compare_digest(told.encode(), each.encode()) for each in known):
        return None
    return _from(event, headers)


def _from(event: dict[str, Any], headers: Mapping[str, str]) -> dict[str, Any]:
    request = event["requestContext"]
    called = {**request["http"], "sourceIp": headers[VIEWER_HEADER]}
    return {**event, "requestContext": {**request, "http": called}}

"""Turn requests into calls and errors into statuses, with one line of log a request.

Bodies are read by ``bodies``.
"""

import base64
import gzip
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import quote

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from routing_core.aws.called_address import note_called_address
from routing_core.aws.edge import as_seen_at_edge
from routing_core.aws.settings import EdgeSettings, read_settings
from routing_core.aws.snapstart import register_hooks
from routing_core.domain.errors import (
    Conflict,
    Erased,
    Gone,
    InvalidInput,
    KeyRefused,
    LinkRefused,
    Malformed,
    NewerData,
    NotAllowed,
    NotFound,
    PartnerChanged,
    RelayError,
    TooLarge,
    UnsupportedType,
    VersionNeeded,
    WrongMethod,
)
from routing_core.domain.rule_version import RulesChanged

logger = Logger()
MOST_LANGUAGES = 30
"""Entries of a header that are looked at; no browser names more."""
TIME_TO_ANSWER = 12_000
"""Milliseconds kept for the page that says what a long action has done."""

STATUS: Mapping[type[RelayError], int] = {
    Malformed: 400,
    TooLarge: 413,
    UnsupportedType: 415,
    InvalidInput: 422,
    KeyRefused: 401,
    NotAllowed: 403,
    LinkRefused: 403,
    NewerData: 503,
    NotFound: 404,
    WrongMethod: 405,
    Erased: 410,
    PartnerChanged: 412,
    RulesChanged: 412,
    VersionNeeded: 428,
    Gone: 409,
    Conflict: 409,
    RelayError: 400,
}
"""Error → status. One that does not stand here has the status of its parent."""

TAKES_THE_REST = ("ANY ", "$default")
"""Names of API Gateway's routes begin so that take what no other route does."""

ALWAYS: Mapping[str, str] = {
    # not of subdomains: those of the custom domain are not ours
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
}
"""Headers of every answer, whatever it is: a page, a file, a problem, a redirect."""

Reply = Response[str]
Render = Callable[[int, Exception, APIGatewayProxyEventV2], Reply]
"""Makes the answer to a refusal: a page or a problem document."""


class Router(APIGatewayHttpRouter):
    """Collects the routes of one module."""

    def __init__(self) -> None:
        # Powertools' own constructor is untyped: so would be every use of it.
        super().__init__()  # type: ignore[no-untyped-call]


def status_of(error: Exception) -> int:
    """Give the status of an error: that of its class, or of the nearest ancestor that has one."""
    for kind in type(error).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return 500


def resolver(render: Render, *routers: Router) -> APIGatewayHttpResolver:
    """Make the application of a function from its routes; ``render`` answers what is refused."""
    register_hooks()
    app = APIGatewayHttpResolver()

    def refused(error: RelayError) -> Reply:
        return render(status_of(error), error, app.current_event)

    def failed(error: Exception) -> Reply:
        logger.exception("request failed", extra={"route": _route_of(app)})
        return render(500, error, app.current_event)

    app.exception_handler(RelayError)(refused)
    app.exception_handler(Exception)(failed)

    @app.not_found
    def unknown(_: Exception) -> Reply:
        allowed = methods_at(app, app.current_event.path)
        if not allowed:
            return render(404, NotFound("there is nothing at this address"), app.current_event)
        reply = render(405, WrongMethod(allowed), app.current_event)
        reply.headers["Allow"] = ", ".join(allowed)
        return reply

    for router in routers:
        app.include_router(router)
    return app


def methods_at(app: APIGatewayHttpResolver, path: str) -> tuple[str, ...]:
    """Give the methods by which an address may be asked for, in the order of the alphabet.

    There are none where there is nothing. API Gateway hands the function what no route takes by a
    route that takes all, so that only the function can tell.
    """
    routes = (*app._static_routes, *app._dynamic_routes)  # Powertools has no public list of them
    known = {route.method for route in routes if route.rule.match(path)}
    if "GET" in known:
        known.add("HEAD")
    return tuple(sorted(known))


def _route_of(app: APIGatewayHttpResolver) -> str:
    """Name the route of the present request: API Gateway's, such as ``GET /o/{token}``.

    If that takes whatever no other does, it is our own: ``GET /hq/leads/<lead>``.
    """
    asked = app.current_event
    if not asked.route_key.startswith(TAKES_THE_REST):
        return asked.route_key
    for route in (*app._static_routes, *app._dynamic_routes):
        if route.method == asked.http_method and route.rule.match(asked.path):
            return f"{route.method} {route.path}"
    return asked.route_key


def handle_request(
    app: APIGatewayHttpResolver, event: dict[str, Any], context: Any
) -> dict[str, Any]:
    """Answer a request, and log its route with the status.

    Never its path: that may carry a token. What has not come through the distribution before the
    API, where there is one, is answered 403 by itself, and not logged.
    """
    seen = as_seen_at_edge(event, _edge_secrets())
    if seen is None:
        return {"statusCode": 403, "headers": {**ALWAYS}, "body": ""}
    event = seen
    request = event.get("requestContext", {})
    note_called_address(event)
    answer = app.resolve(as_meant(event), context)
    answer["headers"] = {**ALWAYS, **(answer.get("headers") or {})}
    _compress(answer, event.get("headers") or {})
    if request.get("http", {}).get("method") == "HEAD":
        answer |= {"body": "", "isBase64Encoded": False}
    told = {
        "route": _route_of(app),
        "status": answer["statusCode"],
        "request": request.get("requestId"),
    }
    logger.info("request", extra=told)
    return answer


@cache
def _edge_secrets() -> str:
    return read_settings(EdgeSettings).edge_secret


_LINE_ENDS = re.compile(r"=?(?:[\r\n]|%0D|%0A)+", re.IGNORECASE)
"""Line ends come as they are or escaped, with the sign that quoted-printable puts before them."""


def as_meant(event: dict[str, Any]) -> dict[str, Any]:
    """Give a request as its sender meant it.

    A HEAD asks for what a GET is answered, which writes nothing. A slash at the end of an address,
    as mail programs and people add it, means nothing, nor does a line end where one wrapped it. All
    come by the routes that catch what no other takes.
    """
    request = event.get("requestContext", {})
    asked = request.get("http", {})
    method = asked.get("method")
    if method == "HEAD":
        method = "GET"
    path = _LINE_ENDS.sub("", event.get("rawPath", "")).rstrip("/") or "/"
    meant = {**asked, "method": method, "path": path}
    return {**event, "rawPath": path, "requestContext": {**request, "http": meant}}


# ── reading ───────────────────────────────────────────────────────────────────────────────────────


def now_of(event: APIGatewayProxyEventV2) -> datetime:
    """Give when a request reached the API: a cold start never costs anybody the last second."""
    return datetime.fromtimestamp(event.request_context.time_epoch / 1000, UTC)


def has_time(context: Any) -> bool:
    """Tell whether a request may go on with a long list: there is time left to answer it."""
    remaining: int = context.get_remaining_time_in_millis()
    return remaining > TIME_TO_ANSWER


def header(event: APIGatewayProxyEventV2, name: str) -> str:
    """Give a header of a request by its name in small letters; empty if there is none."""
    return _header_of(event.headers or {}, name)


def _header_of(headers: Mapping[str, str], name: str) -> str:
    for each, value in headers.items():
        if each.lower() == name:
            return value
    return ""


def came(event: APIGatewayProxyEventV2) -> tuple[str, str, str]:
    """Give the page a visitor came from, the languages of the browser, and the network address.

    The address is the one that API Gateway saw: what a header says of it anybody can write.
    """
    return (
        header(event, "referer"),
        header(event, "accept-language"),
        event.request_context.http.source_ip or "",
    )


def accepted_languages(stated: str) -> list[str]:
    """Give the languages of an Accept-Language header, the most wanted first.

    Equally wanted ones stand as they were named.
    """
    wanted: list[tuple[float, int, str]] = []
    for part in stated.split(",")[:MOST_LANGUAGES]:
        language, _, quality = part.partition(";")
        weight = _weight(quality)
        if language.strip() and weight > 0:
            wanted.append((-weight, len(wanted), language.strip()))
    return [language for _, _, language in sorted(wanted)]


def _weight(quality: str) -> float:
    # ``q=0.8``; what states none, or cannot be read, is wanted as much as can be.
    name, _, value = quality.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return min(float(value), 1.0)
    except ValueError:
        return 1.0


def query(event: APIGatewayProxyEventV2) -> dict[str, str]:
    """Give the parameters behind the question mark."""
    return dict(event.query_string_parameters or {})


def flag(event: APIGatewayProxyEventV2, name: str) -> bool:
    """Tell whether a parameter says yes: ``?dry_run=true``."""
    return query(event).get(name, "").lower() in ("1", "true", "yes")


def wants_page(event: APIGatewayProxyEventV2) -> bool:
    """Tell whether a page is asked for, as browsers do, and not a document for programs."""
    return "text/html" in header(event, "accept")


# ── answering ─────────────────────────────────────────────────────────────────────────────────────


WORTH_COMPRESSING = 1_000
"""Characters; below, what is saved fits into one packet anyway."""
ENCODING = "Accept-Encoding"
"""The header by which a browser says whether it takes compressed answers."""
PUBLIC: Mapping[str, str] = {"Vary": ENCODING}
"""Headers of an answer that may be compressed for whoever takes that.

Only of what is public: the length of a compressed page that holds both a secret (the token of a
link) and what the request said gives the secret away, guess by guess (BREACH, Gluck, Harris and
Prado 2013). A form's stamp is no such secret: it is made anew for each page.
"""


def _compress(answer: dict[str, Any], asked: Mapping[str, str]) -> None:
    body = answer.get("body") or ""
    is_public = ENCODING in answer["headers"].get("Vary", "")
    if not is_public or len(body) < WORTH_COMPRESSING:
        return
    if not takes_gzip(_header_of(asked, ENCODING.lower())):
        return
    packed = base64.b64encode(gzip.compress(body.encode(), 6, mtime=0)).decode()
    answer["headers"]["Content-Encoding"] = "gzip"
    answer |= {"body": packed, "isBase64Encoded": True}


def takes_gzip(stated: str) -> bool:
    """Tell whether an Accept-Encoding header allows gzip; ``gzip;q=0`` forbids it."""
    for part in stated.split(",")[:MOST_LANGUAGES]:
        name, _, quality = part.partition(";")
        if name.strip().lower() == "gzip":
            return _weight(quality) > 0
    return False


def json_reply(
    value: Any, status: int = 200, kind: str = "application/json", *, public: bool = False
) -> Reply:
    """Answer with JSON; ``public``: it may be compressed, for there is no secret in it."""
    body = json.dumps(value, ensure_ascii=False)
    headers = {"Cache-Control": "no-store"}
    if public:
        headers |= PUBLIC
    return Response(status, kind, body, headers)


def csv_reply(table: str, name: str) -> Reply:
    """Answer with a file for spreadsheets, which browsers save under a name."""
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(200, "text/csv; charset=utf-8", table, headers)


def file_reply(content: bytes, kind: str, name: str) -> Response[bytes]:
    """Answer with a file, which browsers save under a name, whatever letters it has.

    See RFC 6266: what knows only ASCII takes the first name, everything else the second.
    """
    disposition = f'attachment; filename="{name}"'
    if not name.isascii():
        plain = re.sub(r'[^ -~]|["\\%]', "_", name)
        disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    headers = {"Cache-Control": "no-store", "Content-Disposition": disposition}
    return Response(200, kind, content, headers)


def page_reply(html: str, headers: Mapping[str, str], status: int = 200) -> Reply:
    """Answer with a page."""
    return Response(status, "text/html; charset=utf-8", html, dict(headers))


def found(address: str) -> Reply:
    """Lead to what was asked for, which stands at another address for now."""
    return Response(302, "text/plain", "", {"Location": address, "Cache-Control": "no-store"})


def see_other(address: str) -> Reply:
    """Send on to another address after a post, so that reloading the page repeats nothing."""
    return Response(303, "text/plain", "", {"Location": address, "Cache-Control": "no-store"})

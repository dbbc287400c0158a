"""Pages and refusals as HTTP answers, the same for every function: where HTTP meets words.

A module of its own because ``aws`` and ``present`` know nothing of each other, and because a
function is packaged with its own folder only, so that ``functions`` has no place for what they
share.
"""

from datetime import datetime

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from botocore.exceptions import BotoCoreError, ClientError

from routing_core.aws.http import (
    Reply,
    accepted_languages,
    header,
    json_reply,
    now_of,
    page_reply,
    query,
    see_other,
)
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import InvalidInput, NotAllowed, NotFound, RelayError
from routing_core.domain.programme.programme import Programme
from routing_core.present.locale_context import locale_name
from routing_core.present.pages import error_page, security_headers
from routing_core.present.problems import problem_json

KINDS = {
    400: "unreadable",
    403: "link_refused",
    404: "not_found",
    405: "wrong_method",
    409: "conflict",
    410: "erased",
    413: "too_large",
    415: "unsupported",
}


def page(html: str, status: int = 200, *, indexed: bool = False) -> Reply:
    """``indexed``: search engines may list it; they may list none of our pages but a form that says
    so.
    """
    headers = security_headers(html)
    if indexed:
        del headers["X-Robots-Tag"]
    return page_reply(html, headers, status)


INSTANT_DIGITS = 12
NEWS = 60
"""Seconds for which a page tells what the last button did."""


def acted(notice: str, now: datetime, address: str = "") -> Reply:
    """After a button, back to the same page, or on to that ``address``: reloading it or coming back
    to it later presses nothing again.
    """
    return see_other(f"{address}?did={notice}.{int(now.timestamp())}")


def news(event: APIGatewayProxyEventV2) -> str:
    """What the button did that led here, if it was just now."""
    notice, _, at = query(event).get("did", "").partition(".")
    # More digits than an instant has are nobody's: Python refuses to make a number of thousands of
    # them.
    pressed = int(at) if at.isascii() and at.isdigit() and len(at) <= INSTANT_DIGITS else 0
    return notice if 0 <= int(now_of(event).timestamp()) - pressed <= NEWS else ""


def language_of(event: APIGatewayProxyEventV2) -> str:
    """What the address asks for (``?lang=de``), else what the browser does: of its languages the
    best we have.
    """
    wanted = (query(event).get("lang"), *accepted_languages(header(event, "accept-language")))
    programme = _programme()
    return programme.language_for(*wanted) if programme else "en"


def refused_page(status: int, error: Exception, event: APIGatewayProxyEventV2) -> Reply:
    kind = "not_allowed" if isinstance(error, NotAllowed) else KINDS.get(status, "failure")
    return page(error_page(status, kind, language_of(event), _programme()), status)


def refused_json(status: int, error: Exception, event: APIGatewayProxyEventV2) -> Reply:
    """RFC 9457; what went wrong inside is logged, not told."""
    problems = error.problems if isinstance(error, InvalidInput) else ()
    detail = str(error) if isinstance(error, RelayError) and not problems else ""
    programme = _programme() if problems else None
    language = (
        locale_name(language_of(event), programme.country) if programme else language_of(event)
    )
    body = problem_json(status, language, problems, detail)
    return json_reply(body, status, "application/problem+json")


def _programme() -> Programme | None:
    """None while there is none, and when the table does not answer: saying that something failed
    needs no table.
    """
    try:
        return wiring().rules.programme()[1]
    except (NotFound, ClientError, BotoCoreError):
        return None

"""Pages and refusals as HTTP answers, the same for every function: where HTTP meets words.

A module of its own because ``aws`` and ``present`` know nothing of each other, and because a
function is packaged with its own folder only, so that ``functions`` has no place for what they
share.
"""

import logging
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
from routing_core.domain.errors import (
    InvalidInput,
    NotAllowed,
    NotFound,
    PartnerChanged,
    RelayError,
)
from routing_core.domain.programme.programme import Programme
from routing_core.domain.rule_version import RulesChanged
from routing_core.present.locale_context import locale_name
from routing_core.present.pages.frame import security_headers
from routing_core.present.pages.simple import error_page
from routing_core.present.problems import problem_json

logger = logging.getLogger(__name__)

ERROR_OF_STATUS = {
    400: "unreadable",
    403: "link_refused",
    404: "not_found",
    405: "wrong_method",
    409: "conflict",
    410: "erased",
    412: "conflict",
    413: "too_large",
    415: "unsupported",
    503: "updating",
}
"""HTTP status → the words of the error page; any other status is a failure."""
NOTICE_DIGITS = 12
"""Digits of an instant in an address: Python is slow with thousands of them."""
NOTICE_SECONDS = 60
"""Seconds for which a page tells what the last button did."""


def page(html: str, status: int = 200, *, indexed: bool = False) -> Reply:
    """Answer with a page.

    Search engines may list it if it is ``indexed``: none of our pages is but a form that says so.
    """
    headers = security_headers(html)
    if indexed:
        del headers["X-Robots-Tag"]
    return page_reply(html, headers, status)


def acted(notice: str, now: datetime, address: str = "") -> Reply:
    """Lead back to the same page after a button, or on to that ``address``.

    Reloading the page or coming back to it later presses nothing again.
    """
    return see_other(f"{address}?did={notice}.{int(now.timestamp())}")


def news(event: APIGatewayProxyEventV2) -> str:
    """Give what the button did that led here; empty unless it was just now."""
    notice, _, stated = query(event).get("did", "").partition(".")
    # Anybody can write the address: what is no instant of ours tells nothing.
    is_instant = stated.isascii() and stated.isdigit() and len(stated) <= NOTICE_DIGITS
    if not is_instant:
        return ""
    seconds_ago = int(now_of(event).timestamp()) - int(stated)
    return notice if 0 <= seconds_ago <= NOTICE_SECONDS else ""


def language_of(event: APIGatewayProxyEventV2) -> str:
    """Give the language that the address asks for (``?lang=de``), else the browser's.

    Of several it is the first that we have.
    """
    wanted = (query(event).get("lang"), *accepted_languages(header(event, "accept-language")))
    programme = _programme()
    return programme.language_for(*wanted) if programme else "en"


def refused_page(status: int, error: Exception, event: APIGatewayProxyEventV2) -> Reply:
    """Refuse with a page that says what went wrong, in the words of the status."""
    kind = kind_of_refusal(status, error)
    return page(error_page(status, kind, language_of(event), _programme()), status)


def kind_of_refusal(status: int, error: Exception) -> str:
    """Name the words of the page that says what went wrong."""
    if isinstance(error, NotAllowed):
        return "not_allowed"  # 403 too, but the link is good: only the right to do this is missing
    return ERROR_OF_STATUS.get(status, "failure")


def refused_json(status: int, error: Exception, event: APIGatewayProxyEventV2) -> Reply:
    """Refuse with problem details (RFC 9457); what went wrong inside is logged, not told."""
    problems = error.problems if isinstance(error, InvalidInput) else ()
    detail = ""
    if isinstance(error, RelayError) and not problems:
        detail = str(error)
    language = language_of(event)
    programme = _programme() if problems else None
    if programme:
        language = locale_name(language, programme.country)
    body = problem_json(status, language, problems, detail)
    if isinstance(error, PartnerChanged):
        body |= {"version": error.version, "changes": error.changes}
    if isinstance(error, RulesChanged):
        from routing_core.present.hq_desk.rules.version_documents import rules_changed_document

        # Imported here: of all functions only HQ's tells the rules in sentences, and rarely.
        body |= rules_changed_document(error, language, now_of(event))
    return json_reply(body, status, "application/problem+json")


def _programme() -> Programme | None:
    """Give the rules in force; None while there are none, and when the table does not answer.

    Saying that something failed needs no table.
    """
    try:
        return wiring().rules.programme()[1]
    except NotFound:
        return None
    except (ClientError, BotoCoreError):
        logger.exception("a refusal is told without the rules")
        return None

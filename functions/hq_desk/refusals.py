"""What HQ's desk answers where it does not let in: the page to sign in on, or what went wrong."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from botocore.exceptions import BotoCoreError, ClientError

from functions.hq_desk.visitor import signed_in
from routing_core.aws.http import Reply, now_of, query
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import RelayError
from routing_core.present.hq_desk.refused import refused_desk_page
from routing_core.present.hq_desk.sign_in import SignInWords, sign_in_page
from routing_core.service.hq_desk.sign_in import (
    DESK,
    SignInLinkEnded,
    SignInNeeded,
    page_of_desk,
)
from routing_core.service.notifications.hq_access import HqLinkEnded
from routing_core.web import kind_of_refusal, language_of, news, page, refused_page

logger = Logger()
ENDED_LINKS = (SignInLinkEnded, HqLinkEnded)
"""Refusals of links that were good once: whoever holds one may ask for a new one."""


def refused_at_desk(status: int, error: Exception, event: APIGatewayProxyEventV2) -> Reply:
    """Ask whoever is not signed in to do so, and come back to the page they wanted."""
    if not isinstance(error, (SignInNeeded, *ENDED_LINKS)):
        return _what_went_wrong(status, error, event)
    wanted, notice = event.path, news(event)
    if isinstance(error, ENDED_LINKS):
        wanted, notice = query(event).get("to", ""), "ended"
    words = SignInWords(language_of(event), page_of_desk(wanted), notice=notice)
    html = sign_in_page(wiring().services.programme, words)
    return page(html, 200 if event.path == DESK else status)


def _what_went_wrong(status: int, error: Exception, event: APIGatewayProxyEventV2) -> Reply:
    """Say it in the desk's frame and the reader's language; to a stranger, on a bare page."""
    try:
        visitor = signed_in(event)
        programme = wiring().services.programme
    except RelayError:
        return refused_page(status, error, event)
    except (ClientError, BotoCoreError):
        logger.exception("a refusal is told outside of the desk's frame")
        return refused_page(status, error, event)
    kind = kind_of_refusal(status, error)
    return page(refused_desk_page(kind, visitor, programme, now_of(event)), status)

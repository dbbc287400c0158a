"""HQ: the API for machines with a key, and the queue's pages behind a signed link."""

from typing import Any

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from functions.hq.routes import ROUTERS
from routing_core.aws.http import Reply, handle_request, resolver
from routing_core.aws.settings import HqSettings, requires
from routing_core.aws.wiring import wiring
from routing_core.present.pages.simple import hq_link_page
from routing_core.service.notifications.hq_access import HqLinkEnded
from routing_core.web import page, refused_json, refused_page


def refuse(status: int, error: Exception, event: APIGatewayProxyEventV2) -> Reply:
    """Refuse a person with a page, and a program with a problem document.

    Whose link is over gets the page with which a new one can be asked for.
    """
    if isinstance(error, HqLinkEnded):
        token = event.path.split("/")[2]
        return page(hq_link_page(wiring().services.programme, f"/q/{token}"), status)
    if event.path.startswith("/q/"):
        return refused_page(status, error, event)
    return refused_json(status, error, event)


app = resolver(refuse, *ROUTERS)


@requires(HqSettings)
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return handle_request(app, event, context)

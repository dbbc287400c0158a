"""HQ: the API for machines with a key, and the queue's pages behind a signed link."""

from typing import Any

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from functions.hq import (
    access,
    coverage,
    lead_actions,
    lead_corrections,
    leads_api,
    lists_api,
    network_api,
    places_api,
    programme_api,
    queue_pages,
    trials,
)
from routing_core.aws.http import Reply, resolver, serve
from routing_core.aws.settings import HqSettings, requires
from routing_core.aws.wiring import wiring
from routing_core.present.pages import hq_link_page
from routing_core.service.notifications.hq_access import HqLinkEnded
from routing_core.web import page, refused_json, refused_page


def refuse(status: int, error: Exception, event: APIGatewayProxyEventV2) -> Reply:
    if isinstance(error, HqLinkEnded):
        return page(
            hq_link_page(wiring().services.programme, f"/q/{event.path.split('/')[2]}"), status
        )
    return (refused_page if event.path.startswith("/q/") else refused_json)(status, error, event)


apis = (
    lists_api,
    network_api,
    places_api,
    programme_api,
    trials,
    coverage,
    leads_api,
    lead_actions,
    lead_corrections,
)
app = resolver(refuse, *(api.router for api in apis), queue_pages.router, access.router)


@requires(HqSettings)
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return serve(app, event, context)

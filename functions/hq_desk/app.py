"""HQ's desk: the pages on which people at HQ see everything and steer it, once signed in."""

from typing import Any

from functions.hq_desk import (
    coverage,
    lead_pages,
    new_lead,
    rules,
    today,
)
from routing_core.aws.http import handle_request, resolver
from routing_core.aws.settings import HqDeskSettings, requires
from routing_core.web import refused_page

app = resolver(
    refused_page,
    today.router,
    coverage.router,
    lead_pages.router,
    new_lead.router,
    rules.router,
)


@requires(HqDeskSettings)
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return handle_request(app, event, context)

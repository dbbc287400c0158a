"""Magic-link pages of partners: GET shows, POST acts."""

from typing import Any

from functions.partner import (
    contact_files,
    desk_pages,
    digest_pages,
    lead_files,
    offer_pages,
    report_pages,
)
from routing_core.aws.http import handle_request, resolver
from routing_core.aws.settings import PartnerSettings, requires
from routing_core.web import refused_page

app = resolver(
    refused_page,
    offer_pages.router,
    contact_files.router,
    lead_files.router,
    desk_pages.router,
    report_pages.router,
    digest_pages.router,
)


@requires(PartnerSettings)
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return handle_request(app, event, context)

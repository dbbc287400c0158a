"""HQ's desk: the pages on which people at HQ see everything and steer it, once signed in."""

from typing import Any

from functions.hq_desk.refusals import refused_at_desk
from functions.hq_desk.routes import ROUTERS
from functions.hq_desk.visitor import keep_signed_in
from routing_core.aws.http import handle_request, resolver
from routing_core.aws.settings import HqDeskSettings, requires

app = resolver(refused_at_desk, *ROUTERS)


@requires(HqDeskSettings)
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return keep_signed_in(event, handle_request(app, event, context))

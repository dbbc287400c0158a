"""Forms: the hosted page, the embed script, the JSON API; and the prospect's own status page."""

from typing import Any

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from functions.intake import cors, form_api, hosted_form, lead_api, status_page
from functions.intake.senders import form_in
from routing_core.aws.bodies import is_form
from routing_core.aws.http import Reply, handle_request, resolver, wants_page
from routing_core.aws.settings import IntakeSettings, requires
from routing_core.domain.errors import InvalidInput
from routing_core.web import refused_json, refused_page


def refuse(status: int, error: Exception, event: APIGatewayProxyEventV2) -> Reply:
    """Refuse a program that calls the API with a problem document, and a person with a page.

    Who sent a form, be it from a page of somebody's own, gets that form with what is wrong.
    """
    is_person = wants_page(event) or event.raw_path.startswith("/f/")
    if not is_person:
        return refused_json(status, error, event)
    can_be_corrected = status == 422 and is_form(event) and form_in(event)
    if can_be_corrected and isinstance(error, InvalidInput):
        return hosted_form.refused(event, error)
    return refused_page(status, error, event)


modules = (hosted_form, form_api, lead_api, cors, status_page)
app = resolver(refuse, *(module.router for module in modules))


@requires(IntakeSettings)
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return cors.with_cors(handle_request(app, event, context), event)

"""Forms: the hosted page, the embed script, the JSON API; and the prospect's own status page."""

from typing import Any

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from functions.intake import cors, hosted_form, json_api, status_page
from routing_core.aws.http import Reply, resolver, serve, wants_page
from routing_core.web import refused_json, refused_page


def refuse(status: int, error: Exception, event: APIGatewayProxyEventV2) -> Reply:
    """A program that calls the API gets a problem document; a person, on any path, a page."""
    return (refused_page if wants_page(event) else refused_json)(status, error, event)


app = resolver(refuse, hosted_form.router, json_api.router, cors.router, status_page.router)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return cors.with_cors(serve(app, event, context), event)

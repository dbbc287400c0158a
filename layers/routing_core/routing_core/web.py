"""Pages and refusals as HTTP answers, the same for every function: where HTTP meets words."""

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from .aws.http import Reply, header, json_reply, page_reply, query
from .aws.wiring import wiring
from .domain.errors import InvalidInput, NotFound, RelayError
from .domain.programme import Programme
from .present.pages import error_page, security_headers
from .present.problems import problem_json

KINDS = {400: "not_found", 403: "link_refused", 404: "not_found", 409: "conflict", 413: "too_large"}


def page(html: str, status: int = 200) -> Reply:
    return page_reply(html, security_headers(html), status)


def language_of(event: APIGatewayProxyEventV2) -> str:
    """What the address asks for (``?lang=de``), else what the browser does."""
    wanted = query(event).get("lang") or header(event, "accept-language").split(",")[0]
    programme = _programme()
    return programme.language_for(wanted) if programme else "en"


def refused_page(status: int, error: Exception, event: APIGatewayProxyEventV2) -> Reply:
    return page(error_page(status, KINDS.get(status, "failure"), language_of(event), _programme()), status)


def refused_json(status: int, error: Exception, event: APIGatewayProxyEventV2) -> Reply:
    """RFC 9457; what went wrong inside is logged, not told."""
    problems = error.problems if isinstance(error, InvalidInput) else ()
    detail = str(error) if isinstance(error, RelayError) and not problems else ""
    body = problem_json(status, language_of(event), problems, detail)
    return json_reply(body, status, "application/problem+json")


def _programme() -> Programme | None:
    try:
        return wiring().rules.programme()[1]
    except NotFound:
        return None

"""ETags of the API: the version of what was read, which a change names with ``If-Match``."""

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from routing_core.aws.http import Reply, header
from routing_core.domain.errors import InvalidInput, Problem

LONGEST_ETAG = 12
"""The most characters of a version; Python refuses to make a number of thousands of digits."""


def with_etag(reply: Reply, version: int) -> Reply:
    """Name the version of what an answer shows."""
    reply.headers["ETag"] = f'"{version}"'
    return reply


def version_read(event: APIGatewayProxyEventV2) -> int | None:
    """Give the version that ``If-Match`` names; None if the change holds for any version.

    ``If-None-Match: *`` says that there was none: 0. Raises InvalidInput for what is no ETag of
    ours.
    """
    if header(event, "if-none-match").strip() == "*":
        return 0
    etag = header(event, "if-match").removeprefix("W/").strip('"')
    if etag in ("", "*"):
        return None
    is_version = etag.isascii() and etag.isdigit() and len(etag) < LONGEST_ETAG
    if not is_version:
        message = 'is the ETag of what you read, like "7"'
        raise InvalidInput([Problem("If-Match", "invalid", message)])
    return int(etag)

"""After a button the page says what it did: for a minute, and never for an address that somebody
made up.
"""

from datetime import UTC, datetime
from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from routing_core.web import acted, news

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def asked(did: str | None, seconds_later: float = 0) -> APIGatewayProxyEventV2:
    event: dict[str, Any] = {
        "requestContext": {"timeEpoch": round((NOON.timestamp() + seconds_later) * 1000)}
    }
    return APIGatewayProxyEventV2(
        event | {"queryStringParameters": {"did": did} if did is not None else None}
    )


def test_a_button_leads_back_to_its_page_with_the_news() -> None:
    reply = acted("accepted", NOON)
    assert reply.status_code == 303
    address = reply.headers["Location"]
    assert address.startswith("?did="), "the same page, whatever its address"
    assert news(asked(address.removeprefix("?did="), seconds_later=0.7)) == "accepted"


def test_news_is_old_after_a_minute() -> None:
    did = acted("accepted", NOON).headers["Location"].removeprefix("?did=")
    assert news(asked(did, seconds_later=60)) == "accepted"
    assert news(asked(did, seconds_later=61)) == ""


@pytest.mark.parametrize(
    "did", [None, "", "accepted", "accepted.", "accepted.soon", "accepted.-1", "accepted.²", "."]
)
def test_what_is_no_news(did: str | None) -> None:
    assert news(asked(did)) == ""

"""What AWS hands to a function: requests, records of a stream, messages of a queue, and a
context.
"""

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import SplitResult, parse_qsl

from routing_core.aws.codecs.event_items import event_to_item
from routing_core.aws.tables.dynamo import serialize_item
from routing_core.domain.events import CommitRecord


class Context:
    function_name = "test"
    memory_limit_in_mb = 128
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:test"
    aws_request_id = "test"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 29_000


API_DOMAIN = "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com"
"""The API's own, as API Gateway names it in every request whatever its Host header says."""


def request(
    method: str,
    route: str,
    address: SplitResult,
    parameters: Mapping[str, str],
    headers: Mapping[str, str],
    body: str | bytes | None,
    at: datetime,
    client: str = "192.0.2.1",
) -> dict[str, Any]:
    """From API Gateway."""
    return {
        "version": "2.0",
        "routeKey": f"{method} {route}",
        "rawPath": address.path,
        "rawQueryString": address.query,
        "queryStringParameters": dict(parse_qsl(address.query)) or None,
        "headers": {name: value for name, value in headers.items() if name != "cookie"},
        # API Gateway takes the cookies out of the headers.
        "cookies": headers["cookie"].split("; ") if "cookie" in headers else None,
        "pathParameters": dict(parameters),
        "requestContext": {
            "domainName": API_DOMAIN,
            "http": {"method": method, "path": address.path, "sourceIp": client},
            "stage": "$default",
            "requestId": "test",
            "timeEpoch": round(at.timestamp() * 1000),
        },
        "body": base64.b64encode(body).decode() if isinstance(body, bytes) else body,
        "isBase64Encoded": isinstance(body, bytes),
    }


def stream_record(row: CommitRecord) -> dict[str, Any]:
    image = serialize_item(event_to_item(row))
    return {
        "eventID": f"{row.lead}-{row.version}",
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "dynamodb": {
            "Keys": {"pk": image["pk"], "sk": image["sk"]},
            "NewImage": _as_stream(image),
            "SequenceNumber": f"{row.lead}-{row.version:06d}",
        },
    }


def queue_message(event: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "messageId": str(event["id"]),
        "body": json.dumps(event),
        "eventSource": "aws:sqs",
        "attributes": {},
        "messageAttributes": {},
    }


def table_record(image: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """What the stream says of any item that was written: ``image`` with the type of each value."""
    return {
        "eventID": f"{image['pk']['S']} {image['sk']['S']}",
        "eventName": "MODIFY",
        "eventSource": "aws:dynamodb",
        "dynamodb": {
            "ApproximateCreationDateTime": int(at.timestamp()),
            "Keys": {"pk": image["pk"], "sk": image["sk"]},
            "NewImage": _as_stream(image),
            "SequenceNumber": f"{image['pk']['S']} {image['sk']['S']}",
        },
    }


def read_by_read_model(sk: str) -> bool:
    """Whether the mapping's filter lets an item with that sort key through."""
    return sk in ("LEAD", "CONTEXT", "PULSE") or sk.startswith("EVENT#")


def _as_stream(image: Mapping[str, Any]) -> dict[str, Any]:
    """A stream carries binary values as base64 text."""
    text = json.dumps(image, default=lambda binary: base64.b64encode(bytes(binary)).decode())
    carried: dict[str, Any] = json.loads(text)
    return carried

"""Notes whatever reaches it in a table, so that a test can see what came and how often."""

import json
import os
import time

from botocore.session import get_session

dynamodb = get_session().create_client("dynamodb")


def handler(event, context):
    if "requestContext" in event:
        return answer(event)
    if "Records" in event:
        return {"batchItemFailures": [f for record in event["Records"] for f in take(record)]}
    name = event.get("detail", event)["name"]
    note("event", name)
    if name.startswith("poison"):
        raise ValueError(name)
    return None


def answer(event):
    method = event["requestContext"]["http"]["method"]
    if method == "OPTIONS":
        return {
            "statusCode": 204,
            "headers": {"Access-Control-Allow-Origin": event["headers"]["origin"]},
        }
    if method == "POST":
        note("http", event["pathParameters"]["token"])
        kept = ["one=1; Path=/; HttpOnly", "two=2; Path=/"]
        return {"statusCode": 303, "headers": {"Location": "/o/done"}, "cookies": kept}
    headers = {"Content-Type": "application/json", "X-Kept": "yes"}
    return {"statusCode": 200, "headers": headers, "body": json.dumps(event)}


def take(record):
    if record["eventSource"] == "aws:dynamodb":
        name = record["dynamodb"]["Keys"]["pk"]["S"]
        note("stream", name)
        return (
            [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]
            if name.startswith("poison")
            else []
        )
    name = json.loads(record["body"])["detail"]["name"]
    note("queue", name)
    return [{"itemIdentifier": record["messageId"]}] if name.startswith("poison") else []


def note(kind, name):
    item = {"pk": {"S": f"{kind}:{name}"}, "sk": {"S": f"{time.time_ns()}"}}
    dynamodb.put_item(TableName=os.environ["NOTES"], Item=item)

"""Tells again what was not told: puts event rows through the outbox once more.

    make redrive LEAD=01J…                   everything that happened to one lead
    make redrive SINCE=2026-11-21T09:00Z     everything committed since then; reads all leads

For after an outage, when OutboxFailures or BusFailures hold messages: those name positions in a
stream or single events; the facts themselves are in the table. Timers that are armed, mails that
left and facts that were heard are recognised, so that nothing happens twice, and mails that have
lost their sense meanwhile are not sent.

Works on the embedded AWS of `make run` and, with STACK=name, on a stack in the account that your
credentials reach.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from infra.tools.event_rows import Row, in_order, stored_instant
from infra.tools.stack import Target, reachable, target, tool

ROWS_A_CALL = 25
"""Rows for one call of the outbox: far below its time limit even when AWS is slow to answer."""
ALWAYS = datetime.min.replace(tzinfo=UTC)
"""Before every commit."""
SENT_MAILS_KNOWN = timedelta(days=90)
"""The time for which it is known which mails left; older ones would be sent once more."""


def rows_of(dynamodb: Any, table: str, lead: str) -> list[Row]:
    """Read all event rows of a lead, by a client of DynamoDB."""
    pages = dynamodb.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression="pk = :lead AND begins_with(sk, :event)",
        ExpressionAttributeValues={":lead": {"S": f"LEAD#{lead}"}, ":event": {"S": "EVENT#"}},
        ConsistentRead=True,  # a row that was committed a moment ago is to be told, too
    )
    return in_order(_items(pages), ALWAYS)


def rows_since(dynamodb: Any, table: str, since: datetime) -> list[Row]:
    """Read the event rows of every lead that were committed since then, by a client of DynamoDB."""
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=table,
        FilterExpression="begins_with(sk, :event) AND #at >= :since",
        ExpressionAttributeNames={"#at": "at"},
        ExpressionAttributeValues={
            ":event": {"S": "EVENT#"},
            ":since": {"S": stored_instant(since)},
        },
        ConsistentRead=True,
    )
    return in_order(_items(pages), since)


def _items(pages: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
    """Yield the items of every page."""
    for page in pages:
        yield from page["Items"]


def redrive(
    functions: Any, outbox: str, rows: Iterable[Row], stream: str
) -> Iterator[tuple[Row, bool]]:
    """Put rows through the outbox, and yield each with whether the outbox took it.

    ``functions``: a client of Lambda; ``outbox``: the function's name; ``stream``: the ARN of the
    stream that would have brought the rows.
    """
    waiting = list(rows)
    for start in range(0, len(waiting), ROWS_A_CALL):
        batch = waiting[start : start + ROWS_A_CALL]
        numbers = [str(number) for number in range(start, start + len(batch))]
        records = list(map(partial(_record, stream), batch, numbers))
        # As the stream would: the same function, so that a row takes the same way in any case.
        answer = functions.invoke(FunctionName=outbox, Payload=json.dumps({"Records": records}))
        refused = _refused(answer)
        for row, number in zip(batch, numbers, strict=True):
            yield row, refused is not None and number not in refused


def _refused(answer: Mapping[str, Any]) -> set[str] | None:
    """Collect the numbers of the records that the outbox did not take; None if it took none."""
    if "FunctionError" in answer:
        return None
    said = json.loads(answer["Payload"].read() or "null") or {}
    return {failure["itemIdentifier"] for failure in said.get("batchItemFailures", [])}


def _record(stream: str, row: Row, number: str) -> dict[str, Any]:
    """Wrap a row as the stream brings it, with a number in place of the stream's own.

    The decision stays behind: it is binary, and no event is in it.
    """
    return {
        "eventID": f"redrive-{row['pk']['S']}-{row['sk']['S']}",
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "eventSourceARN": stream,
        "dynamodb": {
            "Keys": {"pk": row["pk"], "sk": row["sk"]},
            "NewImage": {name: value for name, value in row.items() if name != "decision"},
            "SequenceNumber": number,
            "StreamViewType": "NEW_IMAGE",
        },
    }


def line(row: Row, taken: bool) -> str:
    """Write a line about a row: how it went, when it was committed, the lead and its events."""
    outcome = "told" if taken else "FAILED"
    lead = row["pk"]["S"].removeprefix("LEAD#")
    version = row["sk"]["S"].removeprefix("EVENT#")
    kinds = [kind for kind, _ in json.loads(row["facts"]["S"])]
    return f"{outcome}  {row['at']['S']}  {lead} {version}  {', '.join(kinds)}"


def date_and_time(said: str) -> datetime:
    """Read a date and time from the command line; without an offset it is UTC.

    Raise ArgumentTypeError for what is none.
    """
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{said} is not a date and time like 2026-11-21T09:00Z"
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def instant(said: str) -> datetime:
    """Read since when to tell again, as ``date_and_time`` does.

    Raise ArgumentTypeError for what is so long ago that mails would leave again.
    """
    at = date_and_time(said)
    if datetime.now(UTC) - at > SENT_MAILS_KNOWN:
        days = SENT_MAILS_KNOWN.days
        raise argparse.ArgumentTypeError(
            f"{said} is more than {days} days ago: old emails would be sent again"
        )
    return at


def main() -> None:
    """Tell again what the command line names; end the process with an error if that fails."""
    arguments = tool("Sends event rows through the outbox again.")
    which = arguments.add_mutually_exclusive_group()
    which.add_argument("--lead", help="its id")
    which.add_argument("--since", type=instant, help="a date and time such as 2026-11-21T09:00Z")
    options = arguments.parse_args()
    if not (options.lead or options.since):
        sys.exit(__doc__.strip())

    command = "make redrive SINCE=…" if options.since else "make redrive LEAD=…"
    there = target(options.stack, options.data, command)
    with reachable(options.stack):
        tell_again(there, options.lead, options.since or ALWAYS)


def tell_again(there: Target, lead: str | None, since: datetime) -> None:
    """Tell the rows of a lead again, or all since then, and print each.

    End the process with an error if the outbox refused one.
    """
    dynamodb = there.client("dynamodb")
    table = there.resource("LeadsTable")
    outbox = there.resource("OutboxFunction")
    rows = rows_of(dynamodb, table, lead) if lead else rows_since(dynamodb, table, since)
    stream = dynamodb.describe_table(TableName=table)["Table"]["LatestStreamArn"]
    failed = 0
    for row, taken in redrive(there.client("lambda"), outbox, rows, stream):
        print(line(row, taken), flush=True)
        if not taken:
            failed += 1
    if failed:
        sys.exit(
            f"{failed} of {len(rows)} rows could not be sent: see the outbox's log, then run this again."
        )
    print(f"{len(rows)} rows sent again." if rows else "There is no such row.")


if __name__ == "__main__":
    main()

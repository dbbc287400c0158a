"""Keep a row for each report among the partners: what was asked for, and how far it is."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any

from botocore.exceptions import ClientError

from routing_core.aws.codecs.value_codecs import Item, instant_text
from routing_core.aws.tables.dynamo import condition_failed, query_pages, read_item, serialize_item
from routing_core.reporting.report_schedule import named_period
from routing_core.service.reports.report_run import (
    MailRule,
    ReportRun,
    RunState,
    SentBatch,
)

REPORTS = "REPORTS"
"""The partition of all reports: a dozen a year, or sixty."""
_BATCH = "batch"
"""Begins the names of the attributes that say what came of a batch."""
_INSTANTS = frozenset({"asked_at", "finished_at"})
_COUNTS = (int, int | None)
"""The kinds of fields that count something; the database gives its own numbers."""
_LATER = (
    "programme",
    "leads",
    "received",
    "partners",
    "batches",
    "finished_at",
    "why",
    "live",
    "mailing",
    "mailed",
)
"""The fields that are not known when a report is asked for."""


class ReportRows:
    """Keeps reports' rows: ``report_ports.ReportRuns``."""

    def __init__(self, client: Any, table: str):
        self._client = client
        self._table = table

    def ask(self, run: ReportRun) -> bool:
        """Note a report that is asked for; False if it was asked for before."""
        item = _report_key(run.id) | {
            "state": run.state.value,
            "asked_at": instant_text(run.asked_at),
            "asked_by": run.asked_by,
            "attempt": run.attempt,
            "zone": run.zone,
            "mails": run.mails.value,
        }
        try:
            self._client.put_item(
                TableName=self._table,
                Item=serialize_item(item),
                ConditionExpression="attribute_not_exists(pk)",
            )
        except ClientError as error:
            if condition_failed(error):
                return False
            raise
        return True

    def again(self, run: ReportRun, attempt: int, now: datetime) -> bool:
        """Note that a failed report is begun again; False if somebody else has done so."""
        values = {
            ":asked": RunState.ASKED.value,
            ":failed": RunState.FAILED.value,
            ":attempt": attempt,
            ":before": run.attempt,
        }
        try:
            self._client.update_item(
                TableName=self._table,
                Key=serialize_item(_report_key(run.id)),
                UpdateExpression="SET #state = :asked, attempt = :attempt",
                ConditionExpression="#state = :failed AND attempt = :before",
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues=serialize_item(values),
            )
        except ClientError as error:
            if condition_failed(error):
                return False
            raise
        return True

    def mail(self, run: ReportRun) -> bool:
        """Note that a report that is there is mailed now; False if somebody else had it mailed."""
        nobody_else_had_it_mailed = "mailing = :before"
        if not run.mailing:
            nobody_else_had_it_mailed = "attribute_not_exists(mailing)"
        values = {
            ":done": RunState.DONE.value,
            ":all": MailRule.ALL.value,
            ":next": run.mailing + 1,
            ":nothing": "",
        }
        if run.mailing:
            values[":before"] = run.mailing
        try:
            self._client.update_item(
                TableName=self._table,
                Key=serialize_item(_report_key(run.id)),
                UpdateExpression="SET mails = :all, mailing = :next, why = :nothing",
                ConditionExpression=f"#state = :done AND {nobody_else_had_it_mailed}",
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues=serialize_item(values),
            )
        except ClientError as error:
            if condition_failed(error):
                return False
            raise
        return True

    def get(self, run: str) -> ReportRun | None:
        """Read a report's row; None if it was never asked for."""
        item = read_item(self._client, self._table, _report_key(run))
        return _run_from_item(item) if item else None

    def newest(self, most: int) -> Sequence[ReportRun]:
        """Read the rows of the latest periods, the latest first."""
        rows = query_pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :reports",
            ExpressionAttributeValues=serialize_item({":reports": REPORTS}),
            ScanIndexForward=False,
            ConsistentRead=True,
            Limit=most,
        )
        return [_run_from_item(row) for row in islice(rows, most)]

    def note(self, run: str, state: RunState, **known: Any) -> None:
        """Note how far a report is, with what is known by now."""
        stored = {name: _stored(value) for name, value in known.items()}
        self._set(run, {"state": state.value, **stored})

    def note_batch(self, run: str, batch: int, sent: SentBatch) -> None:
        """Note what came of a batch; noting the same batch again replaces it."""
        self._set(run, {f"{_BATCH}{batch}": {"sent": sent.sent, "failed": list(sent.failed)}})

    def _set(self, run: str, attributes: Item) -> None:
        names = {f"#{index}": name for index, name in enumerate(attributes)}
        values = {f":{index}": value for index, value in enumerate(attributes.values())}
        sets = ", ".join(f"#{index} = :{index}" for index in range(len(attributes)))
        self._client.update_item(
            TableName=self._table,
            Key=serialize_item(_report_key(run)),
            UpdateExpression=f"SET {sets}",
            ConditionExpression="attribute_exists(pk)",
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=serialize_item(values),
        )


def _report_key(run: str) -> Item:
    """Give the key of a report's row; rows sort by when their periods end, weeks and months alike."""
    period = named_period(run.partition(".")[0], "UTC")
    return {"pk": REPORTS, "sk": f"{period.next_day.isoformat()}#{run}"}


def _run_from_item(item: Item) -> ReportRun:
    run = ReportRun(
        id=item["sk"].partition("#")[2],
        state=RunState(item["state"]),
        asked_at=datetime.fromisoformat(item["asked_at"]),
        asked_by=item["asked_by"],
        attempt=int(item["attempt"]),
        zone=item["zone"],
        sent=_batches(item),
        mails=MailRule(item.get("mails", MailRule.ALL)),
    )
    kinds = {each.name: each.type for each in fields(ReportRun)}
    later: dict[str, Any] = {}
    for name in _LATER:
        if name in item:
            later[name] = _read(name, item[name], kinds[name])
    return replace(run, **later)


def _batches(item: Item) -> dict[int, SentBatch]:
    batches = {}
    for name, value in item.items():
        number = name.removeprefix(_BATCH)
        if number != name and number.isdecimal():
            batches[int(number)] = SentBatch(int(value["sent"]), tuple(value["failed"]))
    return batches


def _stored(value: Any) -> Any:
    if isinstance(value, datetime):
        return instant_text(value)
    return value.value if isinstance(value, StrEnum) else value


def _read(name: str, stored: Any, kind: Any) -> Any:
    if name in _INSTANTS:
        return datetime.fromisoformat(stored)
    return int(stored) if kind in _COUNTS else stored

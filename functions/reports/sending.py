"""The tasks of the state machine that mail a report: each mail leaves once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from routing_core.aws.wiring import wiring
from routing_core.present.reports.report_mails import render_report_mail
from routing_core.service.reports.own_report import present_run
from routing_core.service.reports.send_reports import send_batch, send_to_hq


def mail(event: Mapping[str, Any], _: datetime, __: Any) -> dict[str, Any]:
    """Say which batches of partners are to be sent a report that is there."""
    run = present_run(wiring().reports, event["run"])
    numbered = [{"run": run.id, "batch": number} for number in range(run.batches)]
    return {"run": run.id, "batches": numbered}


def send(event: Mapping[str, Any], now: datetime, _: Any) -> dict[str, Any]:
    """Send the partners of a batch their reports."""
    run = present_run(wiring().reports, event["run"])
    mailing = wiring().mailing(render_report_mail)
    sent = send_batch(wiring().reports, mailing, run, event["batch"], now)
    return {"sent": sent.sent}


def finish(event: Mapping[str, Any], now: datetime, _: Any) -> dict[str, Any]:
    """Send HQ its report."""
    run = present_run(wiring().reports, event["run"])
    mailing = wiring().mailing(render_report_mail)
    send_to_hq(wiring().reports, mailing, run, now)
    return {"run": run.id}

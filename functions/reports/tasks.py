"""The tasks of the state machine that makes reports, and the clock that begins it.

``infra/statemachines/report.asl.json`` says in which order they are called. Each may be called
again: what is stored first stays, and each mail leaves once.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from routing_core.aws.http import has_time
from routing_core.aws.wiring import wiring
from routing_core.service.reports.ask_report import nudge_reports
from routing_core.service.reports.gather_leads import Gathering, begin_gathering, gather_part
from routing_core.service.reports.make_reports import make_reports
from routing_core.service.reports.own_report import present_run
from routing_core.service.reports.send_reports import note_failure


def nudge(_: Mapping[str, Any], now: datetime, __: Any) -> dict[str, Any]:
    """Begin what is due by the programme's clock."""
    return {"begun": nudge_reports(wiring().reports, wiring().report_machine, now)}


def begin(event: Mapping[str, Any], now: datetime, _: Any) -> dict[str, Any]:
    """Say in which slices leads are gathered."""
    run = present_run(wiring().reports, event["run"])
    slices = begin_gathering(wiring().reports, run)
    first = {"run": run.id, "part": 0, "cursor": ""}
    numbered = [{**first, "number": n, "slice": each} for n, each in enumerate(slices)]
    return {"run": run.id, "slices": numbered}


def gather(event: Mapping[str, Any], now: datetime, context: Any) -> dict[str, Any]:
    """Gather a part of a slice, and say whether there is more."""
    run = present_run(wiring().reports, event["run"])
    gathering = Gathering(
        wiring().reports,
        wiring().lead_histories,
        wiring().read_model,
        lambda: has_time(context),
    )
    done = gather_part(gathering, run, event, now)
    return {**event, "part": event["part"] + 1, "cursor": done.cursor, "more": bool(done.cursor)}


def make(event: Mapping[str, Any], now: datetime, _: Any) -> dict[str, Any]:
    """Make the snapshot and all figures, and say which batches of partners are to be sent."""
    run = present_run(wiring().reports, event["run"])
    batches = make_reports(wiring().reports, run, event["parts"], now)
    numbered = [{"run": run.id, "batch": number} for number in batches]
    return {"run": run.id, "batches": numbered, "empty": not batches}


def fail(event: Mapping[str, Any], now: datetime, _: Any) -> dict[str, Any]:
    """Note that the report could not be made, and of what."""
    note_failure(wiring().reports, event["run"], str(event.get("error", {}).get("Error", "")))
    return {"run": event["run"]}

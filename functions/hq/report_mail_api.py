"""A report that is there, mailed by a machine's wish."""

from functions.hq.keys import require
from routing_core.aws.http import Reply, Router, json_reply, now_of
from routing_core.aws.wiring import wiring
from routing_core.present.reports.report_json import run_json
from routing_core.service.reports.ask_report import mail_report

router = Router()


@router.post("/v1/reports/<run>/mail")
def mail(run: str) -> Reply:
    """Mail a report that is there to whoever has not got theirs: 202; 200 if everybody has.

    However often it is asked for, everybody gets it once.
    """
    event = router.current_event
    caller = require(event, "reports:write")
    asked = mail_report(wiring().reports, wiring().report_machine, run, caller.actor, now_of(event))
    return json_reply(run_json(asked.run), 202 if asked.run.is_mailing else 200)

"""Start the state machine that makes reports."""

import json
from typing import Any

from routing_core.service.reports.report_run import ReportRun


class StepFunctionsReportMachine:
    """Starts executions: ``report_ports.ReportMachine``."""

    def __init__(self, client: Any, arn: str):
        self._client = client
        self._arn = arn

    def start(self, run: ReportRun) -> None:
        """Start the one execution of an attempt; it may have been started before."""
        self._start(run.execution, {"run": run.id})

    def start_mailing(self, run: ReportRun) -> None:
        """Start the one execution of a mailing; it may have been started before."""
        self._start(run.mail_execution, {"run": run.id, "mail": True})

    def _start(self, name: str, given: dict[str, Any]) -> None:
        try:
            self._client.start_execution(
                stateMachineArn=self._arn, name=name, input=json.dumps(given)
            )
        except self._client.exceptions.ExecutionAlreadyExists:
            return

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
        try:
            self._client.start_execution(
                stateMachineArn=self._arn,
                name=run.execution,
                input=json.dumps({"run": run.id}),
            )
        except self._client.exceptions.ExecutionAlreadyExists:
            return

"""Back-tests: a draft of the rules is played over the stored history, as somebody at HQ asked."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger

from routing_core.aws.settings import BackTestSettings, requires
from routing_core.aws.wiring import wiring
from routing_core.simulation.back_test_job import BackTestJob, run_back_test

logger = Logger()
SPARED_MILLISECONDS = 15_000
"""So much time is left for keeping what came of it."""


@requires(BackTestSettings)
def handler(event: dict[str, Any], context: Any) -> None:
    """Play the back-test that an event of the bus names; one that is over is not played again."""
    name = event["detail"]["back_test"]
    job = BackTestJob(
        services=wiring().services,
        tests=wiring().back_tests,
        read_model=wiring().read_model,
        clock=lambda: datetime.now(UTC),
        has_time=lambda: context.get_remaining_time_in_millis() > SPARED_MILLISECONDS,
    )
    played = run_back_test(job, name)
    logger.info("back-test", extra={"back_test": name, "played": played})

"""A month's report, from its enquiries to the mails: Step Functions calls one task after another."""

from functools import partial

from tests.faults.calls import Killed
from tests.faults.cases.desk import on_hq
from tests.faults.deliveries import PatientWorld
from tests.faults.stages import Act, Cases, hq_api, on_offer, owned
from tests.support.asl import Machine

CASES = Cases()
MONTH = "2026-11"


def _lambda(world: PatientWorld, event: dict[str, object]) -> object:
    """One task. What fails is tried again once it is no longer leased to whoever died with it."""
    try:
        with world.at_work():
            return world.report_task(event)
    except (Exception, Killed) as error:
        world.advance(seconds=70)
        raise RuntimeError(str(error)) from error


def _run(world: PatientWorld) -> None:
    Machine("report", partial(_lambda, world)).run({"run": MONTH})


@CASES("a month's report")
def a_month(world: PatientWorld) -> Act:
    lead = owned(world)
    on_offer(world, lead, action="won", value="12500")()
    world.deliver()
    world.advance(days=7)
    world.feed()
    assert hq_api(world, "POST", "/v1/reports", {"period": MONTH})().status == 202
    return partial(_run, world)


@CASES("desk: have a report mailed that is there")
def mail_it(world: PatientWorld) -> Act:
    lead = owned(world)
    on_offer(world, lead, action="won", value="12500")()
    world.deliver()
    world.advance(days=7)
    world.feed()
    asked = {"period": MONTH, "send": False}
    assert hq_api(world, "POST", "/v1/reports", asked)().status == 202
    _run(world)
    return on_hq(world, f"/hq/reports/{MONTH}/mail")

"""Promises about how many functions run at once: a new account has ten for everything."""

from __future__ import annotations

from typing import Any

from tests.support.template import FUNCTIONS, deployed

NEW_ACCOUNT = 10


def reserved(resources: dict[str, Any]) -> dict[str, int]:
    """What each function keeps for itself, where it keeps anything."""
    functions = {name: resources[f"{name}Function"]["Properties"] for name in FUNCTIONS}
    kept = "ReservedConcurrentExecutions"
    return {name: int(each[kept]) for name, each in functions.items() if kept in each}


def test_a_new_account_is_asked_to_reserve_nothing_for_lambda_refuses_it_there() -> None:
    assert reserved(deployed()) == {}


def test_mail_and_facts_leave_a_new_account_room_for_forms_and_links() -> None:
    made = deployed()
    mail = made["NotifyFunctionMail"]["Properties"]["ScalingConfig"]["MaximumConcurrency"]
    at_once = [
        int(made[f"{name}FunctionChanges"]["Properties"]["ParallelizationFactor"])
        for name in ("Outbox", "ReadModel", "Network")
    ]
    assert int(mail) + sum(at_once) <= NEW_ACCOUNT // 2
    assert min(int(mail), *at_once) > 0


def test_what_forms_links_and_timers_may_take_is_said_by_parameters() -> None:
    made = deployed(
        FormsConcurrency="300",
        LinksConcurrency="100",
        WakeConcurrency="50",
        MailConcurrency="10",
        OutboxPerShard="2",
    )
    assert reserved(made) == {"Intake": 300, "Partner": 100, "Wake": 50}
    mail = made["NotifyFunctionMail"]["Properties"]["ScalingConfig"]
    assert mail == {"MaximumConcurrency": "10"}
    assert made["OutboxFunctionChanges"]["Properties"]["ParallelizationFactor"] == "2"


def test_timers_that_wait_in_line_are_not_lost() -> None:
    """Lambda tries a call again that found no room, for as long as it may be old."""
    calls = deployed(WakeConcurrency="5")["WakeFunctionEventInvokeConfig"]["Properties"]
    assert calls["MaximumEventAgeInSeconds"] == 3600
    assert calls["DestinationConfig"]["OnFailure"]["Destination"]


def test_whatever_lambda_polls_has_a_bound() -> None:
    """Every source of events that Lambda polls has a bound that a parameter or the template says."""
    for name, each in deployed().items():
        if each["Type"] == "AWS::Lambda::EventSourceMapping":
            source = each["Properties"]
            assert "ScalingConfig" in source or "ParallelizationFactor" in source, name

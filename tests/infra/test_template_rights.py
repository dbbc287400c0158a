"""Promises about what each function may do, checked on the template as SAM transforms it."""

from __future__ import annotations

import pytest

from tests.support.roles import Role
from tests.support.template import (
    FUNCTIONS,
    actions,
    properties,
    statements,
)

NAMES_NO_RESOURCE = {"dynamodb:ListStreams", "ses:DeleteSuppressedDestination"}
"""Actions for which AWS knows no resource that a policy could name."""


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_role_names_its_actions_and_its_resources(function: str) -> None:
    assert not [a for a in actions(function) if "*" in a]
    of_all = [s["Action"] for s in statements(function) if s.get("Resource") == "*"]
    assert set(of_all) <= NAMES_NO_RESOURCE


@pytest.mark.parametrize("function", FUNCTIONS)
def test_of_what_sam_adds_only_logs_and_traces_are_for_the_whole_account(function: str) -> None:
    added = {
        arn.rpartition("/")[2] for arn in properties(f"{function}FunctionRole")["ManagedPolicyArns"]
    }
    assert added == {"AWSLambdaBasicExecutionRole", "AWSXrayWriteOnlyAccess"}


def test_only_who_must_may() -> None:
    def may(action: str) -> list[str]:
        return [f for f in FUNCTIONS if action in actions(f)]

    assert may("ses:SendEmail") == ["Sweep", "Notify", "Calendars", "Reports"]
    assert may("scheduler:CreateSchedule") == may("iam:PassRole") == ["Outbox", "Wake"]
    assert may("s3:PutObject") == ["Hq", "HqDesk", "Network", "Reports", "BackTest"]
    assert may("s3:DeleteObjectVersion") == ["ReadModel"]
    assert Role("HqDesk").may("s3:PutObject", "Bucket/exports/x")
    assert not Role("HqDesk").may("s3:PutObject", "Bucket/networks/x")
    written = {
        f: s.get("Resource")
        for f in FUNCTIONS
        for s in statements(f)
        if s["Action"] == "s3:PutObject"
    }
    assert written["Hq"] == {"Fn::Sub": "${Bucket.Arn}/places/*"}
    assert written["BackTest"] == {"Fn::Sub": "${Bucket.Arn}/backtests/*"}
    assert written["Network"] == {"Fn::Sub": "${Bucket.Arn}/networks/*"}
    assert may("sqs:ReceiveMessage") == ["Notify"]
    assert may("dynamodb:GetRecords") == ["Outbox", "ReadModel", "Network"]
    assert may("dynamodb:ConditionCheckItem") == []
    assert may("events:PutEvents") == ["Partner", "Hq", "HqDesk", "Outbox", "Network"]
    for function in ("Intake", "Wake"):
        assert not Role(function).may("dynamodb:PutItem", "PartnersTable", "PARTNER#munich-1")
    # An import and the compilers read them all; a prospect's or partner's request never.
    assert may("dynamodb:Scan") == ["Hq", "Network", "Calendars", "Reports"]
    # A wave's pointers, a mail's lease, a sent line of a digest, and a row on the list of a partner
    # who has the lead no more, are all that is ever deleted.
    assert may("dynamodb:DeleteItem") == [
        "Intake",
        "Partner",
        "Hq",
        "HqDesk",
        "ReadModel",
        "Wake",
        "Sweep",
        "Notify",
        "Calendars",
        "Reports",
    ]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_function_but_hqs_desk_and_api_may_write_api_keys(function: str) -> None:
    for write in ("PutItem", "UpdateItem", "DeleteItem"):
        for key in ("KEY#FIRST", "KEY#0123"):
            makes_keys = function in ("Hq", "HqDesk") and write != "DeleteItem"
            assert Role(function).may(f"dynamodb:{write}", "PartnersTable", key) == makes_keys


WRITES = ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem")


@pytest.mark.parametrize("function", [each for each in FUNCTIONS if each not in ("Hq", "HqDesk")])
@pytest.mark.parametrize("table", ["LeadsTable", "PartnersTable"])
def test_every_function_that_makes_no_keys_is_denied_to_write_them(
    function: str, table: str
) -> None:
    """Whatever is allowed one day by mistake, a denial stands above it."""
    for write in WRITES:
        assert Role(function).denies(f"dynamodb:{write}", table, "KEY#0123")
        assert not Role(function).denies(f"dynamodb:{write}", table, "MAIL#KEY#")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_writes_to_its_own_log_and_no_other(function: str) -> None:
    own, other = f"log-group:{function}Log", "log-group:ApiLog"
    for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
        assert not Role(function).denies(action, own)
        assert not Role(function).denies(action, f"{own}:log-stream:2026/11/21/[7]0123")
        assert Role(function).denies(action, other)
        assert Role(function).denies(action, f"{other}:log-stream:2026/11/21/[7]0123")
        assert Role(function).denies(action, f"{own}Other:log-stream:x")


@pytest.mark.parametrize("function", ["Sweep", "Notify", "Calendars", "Reports"])
def test_mail_leaves_from_the_senders_address_and_no_other_of_the_domain(function: str) -> None:
    role = Role(function)
    for action in ("ses:SendEmail", "ses:SendRawEmail"):
        assert role.may(action, "identity/example.com", "Sender")
        assert not role.may(action, "identity/example.com", "ceo@example.com")
        assert not role.may(action, "identity/example.com")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_only_hqs_desk_signs_anybody_in(function: str) -> None:
    """The API ends the access of whoever its rules leave out."""
    may = Role(function).may("dynamodb:PutItem", "PartnersTable", "HQ#0123")
    assert may == (function in ("Hq", "HqDesk"))


PUBLIC = ("Intake", "Partner", "Hq", "HqDesk")
"""Functions that the internet reaches."""


@pytest.mark.parametrize("function", PUBLIC)
@pytest.mark.parametrize("write", ["PutItem", "UpdateItem", "DeleteItem"])
def test_nobody_from_outside_reaches_rows_that_say_which_mail_has_left_or_how_many_posted(
    function: str, write: str
) -> None:
    for key in (
        "MAIL#x",
        "DIGEST#x",
        "DIGESTS",
        "COUNT#x",
        "WALK#merged",
        "KEY#x",
        "anything else",
    ):
        assert not Role(function).may(f"dynamodb:{write}", "LeadsTable", key), key
    others = ["NETWORK", "LEAD#x", "anything else"]
    if function not in ("Hq", "HqDesk"):
        others.append("KEY#x")
    for key in others:
        assert not Role(function).may(f"dynamodb:{write}", "PartnersTable", key), key


def test_who_asks_or_answers_reaches_no_rules_and_no_other_sort_of_row() -> None:
    assert not Role("Intake").may("dynamodb:PutItem", "PartnersTable", "PARTNER#munich-1")
    assert not Role("Intake").may("dynamodb:UpdateItem", "PartnersTable", "PARTNERS")
    assert not Role("Partner").may("dynamodb:PutItem", "LeadsTable", "CLAIM#x")
    assert not Role("Partner").may("dynamodb:PutItem", "LeadsTable", "PRESSURE")
    assert not Role("Hq").may("dynamodb:PutItem", "LeadsTable", "PRESSURE")


def test_only_hq_changes_the_rules_but_for_their_holidays_and_only_the_compiler_the_network() -> (
    None
):
    def may_put(table: str, key: str) -> list[str]:
        return [
            function for function in FUNCTIONS if Role(function).may("dynamodb:PutItem", table, key)
        ]

    assert (
        may_put("LeadsTable", "PROGRAMME")
        == may_put("PartnersTable", "PROGRAMME")
        == ["Hq", "HqDesk", "Calendars"]
    )
    assert may_put("PartnersTable", "PLACES") == ["Hq"]
    assert may_put("PartnersTable", "NETWORK") == ["Network"]
    assert may_put("PartnersTable", "PARTNER#munich-1") == [
        "Partner",
        "Hq",
        "HqDesk",
        "Sweep",
        "Notify",
        "Network",
        "Calendars",
    ]


def test_passing_the_scheduler_role_is_for_the_scheduler_only() -> None:
    for function in ("Outbox", "Wake"):
        (passing,) = [s for s in statements(function) if s["Action"] == "iam:PassRole"]
        assert passing["Resource"] == {"Fn::GetAtt": ["SchedulerRole", "Arn"]}
        assert passing["Condition"] == {
            "StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}
        }


def test_who_counts_posts_may_write_counts_and_nothing_else() -> None:
    outbox = Role("Outbox")
    for key in ("PRESSURE", "COUNT#c0123"):
        assert outbox.may("dynamodb:PutItem", "LeadsTable", key)
    for key in ("LEAD#L1", "PROGRAMME", "PROOF#1", "KEY#1"):
        assert not outbox.may("dynamodb:PutItem", "LeadsTable", key)
        assert not outbox.may("dynamodb:UpdateItem", "PartnersTable", key)

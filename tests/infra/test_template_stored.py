"""Promises about tables and the bucket."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from infra.checks.lint import transformed
from tests.support.stack import resources
from tests.support.template import (
    ROOT,
    deployed,
    of_type,
    properties,
)


def test_a_restored_table_takes_the_place_of_the_stacks_own_wherever_that_is_named() -> None:
    """Write ``*leads_arn`` and so on: what names the table itself stays on the old one."""

    def named(written: Any) -> Iterator[str]:
        if isinstance(written, list):
            for each in written:
                yield from named(each)
        elif isinstance(written, dict):
            chosen = written.get("Fn::If", [""])
            restored = chosen[0] in ("LeadsRestored", "PartnersRestored")
            yield from () if restored else named(list(written.values()))
        elif isinstance(written, str):
            yield from re.findall(r"(?:^|\$\{)(?:Leads|Partners)Table\b", written)

    document = transformed()
    kept = {name: each for name, each in document["Resources"].items() if "Table" not in name}
    assert not list(named([kept, document["Outputs"], document.get("Globals", {})]))


def test_backups_are_of_the_tables_in_use_and_only_where_a_vault_was_named() -> None:
    made = {each["Type"]: each for each in transformed()["Resources"].values()}
    plan, selection = made["AWS::Backup::BackupPlan"], made["AWS::Backup::BackupSelection"]
    (rule,) = plan["Properties"]["BackupPlan"]["BackupPlanRule"]
    assert rule["TargetBackupVault"] == {"Ref": "BackupVault"}
    assert rule["Lifecycle"] == {"DeleteAfterDays": {"Ref": "BackupDays"}}
    leads, partners, lists = selection["Properties"]["BackupSelection"]["Resources"]
    assert leads["Fn::If"][0] == "LeadsRestored"
    assert partners["Fn::If"][0] == "PartnersRestored"
    assert lists == {"Fn::GetAtt": ["ReadModelTable", "Arn"]}
    trust = resources()["BackupRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert [each["Principal"] for each in trust] == [{"Service": "backup.amazonaws.com"}]
    for name in ("Backups", "BackedUp", "BackupRole"):
        assert resources()[name]["Condition"] == "BacksUp"


@pytest.mark.parametrize("table", ["LeadsTable", "PartnersTable", "ReadModelTable"])
def test_tables_survive_accidents_and_forget_what_expired(table: str) -> None:
    kept = properties(table)
    assert kept["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert deployed()[table]["Properties"]["SSESpecification"] == {"SSEEnabled": True}
    assert kept["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}
    assert kept["BillingMode"] == "PAY_PER_REQUEST"
    assert "TableName" not in kept


def test_the_bucket_is_private_encrypted_and_versioned() -> None:
    bucket = properties("Bucket")
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert "BucketEncryption" in bucket
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}


READ_AT_ONCE = {"STANDARD_IA", "GLACIER_IR", "INTELLIGENT_TIERING"}
"""S3's classes whose objects need not be restored before they are read."""


@pytest.mark.parametrize("prefix", ["networks/", "reports/"])
def test_old_snapshots_get_cheaper_and_stay_readable_at_once_for_ever(prefix: str) -> None:
    rules = properties("Bucket")["LifecycleConfiguration"]["Rules"]
    concerned = [rule for rule in rules if prefix.startswith(rule.get("Prefix", ""))]
    moved = [each for rule in concerned for each in rule.get("Transitions", [])]
    assert moved
    assert {each["StorageClass"] for each in moved} <= READ_AT_ONCE
    assert not [rule for rule in concerned if "ExpirationInDays" in rule]
    # Below, the cheaper class asks for more: it bills 128 kB in any case.
    (rule,) = (rule for rule in concerned if "Transitions" in rule)
    assert int(rule["ObjectSizeGreaterThan"]) >= 128 * 1024


INDEXES = ROOT / "tests" / "samples" / "indexes_before.json"
"""The indexes of the version that was landed last: whoever lands a version brings it up to date."""


def test_a_release_has_at_most_one_new_index_a_table_for_dynamodb_makes_one_at_a_time() -> None:
    before = json.loads(INDEXES.read_text())
    for table, indexes in before.items():
        now = {
            each["IndexName"]: each for each in properties(table).get("GlobalSecondaryIndexes", ())
        }
        assert len(now.keys() - indexes.keys()) <= 1, table
        assert len(indexes.keys() - now.keys()) <= 1, table
        # An index is never changed in its place: CloudFormation would delete it and make another.
        for name in now.keys() & indexes.keys():
            assert now[name] == indexes[name], name
    assert before.keys() == of_type("AWS::DynamoDB::Table").keys()

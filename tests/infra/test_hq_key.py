"""The first API key is printed once; the tables know only its hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.tools.hq_key import SCOPES, AlreadyPrinted, create_key, kept_in


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-central-1")
        client.create_table(
            TableName="partners",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk")],
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
        )
        yield client


def test_a_key_is_stored_as_its_hash_with_its_scopes(dynamodb: Any) -> None:
    key = create_key(dynamodb, "partners")
    stored = {"pk": {"S": "KEY#" + hashlib.sha256(key.encode()).hexdigest()}, "sk": {"S": "KEY"}}
    item = dynamodb.get_item(TableName="partners", Key=stored)["Item"]
    assert [scope["S"] for scope in item["scopes"]["L"]] == SCOPES
    assert key not in str(dynamodb.scan(TableName="partners"))


def test_the_first_key_is_made_only_once(dynamodb: Any) -> None:
    create_key(dynamodb, "partners")
    with pytest.raises(AlreadyPrinted):
        create_key(dynamodb, "partners")
    assert dynamodb.scan(TableName="partners")["Count"] == 3, (
        "the key, its place in the list, and the marker"
    )


def test_further_keys_need_only_a_name(dynamodb: Any) -> None:
    first, second = (create_key(dynamodb, "partners", name=name) for name in ("reports", "shop"))
    assert first != second
    assert create_key(dynamodb, "partners")


def test_a_key_is_kept_in_a_file_that_nobody_else_may_read(tmp_path: Path, dynamodb: Any) -> None:
    file = tmp_path / "hq.key"
    kept_in(file, lambda: create_key(dynamodb, "partners"))
    assert file.read_text().startswith("pr_")
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_there_may_hold_the_only_key_and_is_not_written_over(
    tmp_path: Path, dynamodb: Any
) -> None:
    file = tmp_path / "hq.key"
    file.write_text("pr_works")
    with pytest.raises(FileExistsError):
        kept_in(file, lambda: create_key(dynamodb, "partners"))
    assert file.read_text() == "pr_works"
    assert dynamodb.scan(TableName="partners")["Count"] == 0


def test_a_key_that_could_not_be_made_leaves_no_file(tmp_path: Path, dynamodb: Any) -> None:
    create_key(dynamodb, "partners")
    with pytest.raises(AlreadyPrinted):
        kept_in(tmp_path / "hq.key", lambda: create_key(dynamodb, "partners"))
    assert list(tmp_path.iterdir()) == []

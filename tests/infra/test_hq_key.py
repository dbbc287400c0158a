"""The first API key is printed once; the tables know only its hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.hq_key import SCOPES, AlreadyPrinted, create_key


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
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
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
    assert dynamodb.scan(TableName="partners")["Count"] == 2


def test_further_keys_need_only_a_name(dynamodb: Any) -> None:
    first, second = (create_key(dynamodb, "partners", name=name) for name in ("reports", "shop"))
    assert first != second
    assert create_key(dynamodb, "partners")

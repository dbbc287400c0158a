"""Keep the drafts of the rules, one row for each person, beside the versions."""

import zlib
from dataclasses import replace
from typing import Any

from botocore.exceptions import ClientError

from routing_core.aws.codecs.value_codecs import Item, instant_text, read_stored_instant
from routing_core.aws.tables.dynamo import condition_failed, read_item, serialize_item
from routing_core.aws.tables.programme_table import LARGEST_PROGRAMME
from routing_core.domain.errors import InvalidInput, Problem, VersionConflict
from routing_core.service.kernel.rule_drafts import RuleDraft


def _key(person: str) -> Item:
    return {"pk": "PROGRAMME", "sk": f"DRAFT#{person}"}


class RuleDraftRows:
    """Keeps drafts: ``RuleDrafts``."""

    def __init__(self, client: Any, table: str):
        self._client = client
        self._table = table

    def read(self, person: str) -> RuleDraft | None:
        """Give a person's draft; None if there is none."""
        item = read_item(self._client, self._table, _key(person))
        if item is None:
            return None
        return RuleDraft(
            text=zlib.decompress(bytes(item["text"])).decode(),
            base=int(item["base"]),
            saved_at=read_stored_instant(item["saved_at"]),
            revision=int(item["revision"]),
        )

    def keep(self, person: str, draft: RuleDraft) -> RuleDraft:
        """Keep a draft in place of the one with its revision, and give it with its new one."""
        kept = replace(draft, revision=draft.revision + 1)
        text = zlib.compress(draft.text.encode(), 9)
        if len(text) > LARGEST_PROGRAMME:
            message = f"is too large to be kept: at most {LARGEST_PROGRAMME // 1024} kB, compressed"
            raise InvalidInput([Problem("(document)", "document_too_large", message)])
        item = _key(person) | {
            "text": text,
            "base": kept.base,
            "saved_at": instant_text(kept.saved_at),
            "revision": kept.revision,
        }
        try:
            self._client.put_item(
                TableName=self._table,
                Item=serialize_item(item),
                ConditionExpression="attribute_not_exists(pk) OR revision = :seen",
                ExpressionAttributeValues=serialize_item({":seen": draft.revision}),
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
            raise VersionConflict("the draft was changed in another window meanwhile") from error
        return kept

    def drop(self, person: str) -> None:
        """Forget a person's draft."""
        self._client.delete_item(TableName=self._table, Key=serialize_item(_key(person)))

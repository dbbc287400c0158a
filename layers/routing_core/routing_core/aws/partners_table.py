"""Partner profiles and what keeps their LOAD in step."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from ..domain.errors import NotFound, VersionConflict
from ..domain.partner import Partner
from ..domain.partner_plain import caps_to_plain, partner_from_plain, partner_to_plain
from .dynamo import plain, refusals, typed
from .items import Item, load_key, stamp

PER_TRANSACTION = 50


def profile_key(partner: str) -> Item:
    return {"pk": f"PARTNER#{partner}", "sk": "PROFILE"}


class PartnersTable:
    """Implements ports.Partners."""

    def __init__(self, client: Any, table: str):
        self._client = client
        self._table = table

    def get(self, partner: str) -> Partner | None:
        answer = self._client.get_item(TableName=self._table, Key=typed(profile_key(partner)), ConsistentRead=True)
        return partner_from_plain(plain(answer["Item"])["profile"]) if "Item" in answer else None

    def all(self) -> Iterable[Partner]:
        query: dict[str, Any] = {
            "TableName": self._table,
            "FilterExpression": "sk = :profile",
            "ExpressionAttributeValues": typed({":profile": "PROFILE"}),
            "ConsistentRead": True,
        }
        while True:
            page = self._client.scan(**query)
            yield from (partner_from_plain(plain(item)["profile"]) for item in page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            query["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def save(self, partners: Sequence[tuple[Partner, int | None]], now: datetime) -> None:
        """A hundred writes a transaction: a larger import is all or nothing per 50 partners, and says which failed."""
        for start in range(0, len(partners), PER_TRANSACTION):
            batch = partners[start : start + PER_TRANSACTION]
            writes = [w for partner, replaced in batch for w in self._writes(partner, replaced, now)]
            try:
                self._client.transact_write_items(TransactItems=writes)
            except ClientError as error:
                if refusals(error) is None:
                    raise
                names = ", ".join(p.id for p, _ in batch)
                raise VersionConflict(f"changed by somebody else meanwhile, one of: {names}") from error

    def _writes(self, partner: Partner, replaced: int | None, now: datetime) -> list[dict[str, Any]]:
        version = (replaced or 0) + 1
        item = profile_key(partner.id) | {
            "kind": "partner",
            "version": version,
            "saved_at": stamp(now),
            "profile": partner_to_plain(replace(partner, version=version)),
        }
        profile: dict[str, Any] = {"TableName": self._table, "Item": typed(item)}
        if replaced is None:
            profile["ConditionExpression"] = "attribute_not_exists(pk)"
        else:
            profile["ConditionExpression"] = "version = :read"
            profile["ExpressionAttributeValues"] = typed({":read": replaced})
        load = {
            "TableName": self._table,
            "Key": typed(load_key(partner.id)),
            "UpdateExpression": "SET active = :active, caps = :caps, links = :links, "
            "places = if_not_exists(places, :zero), seq = if_not_exists(seq, :zero) + :one",
            "ExpressionAttributeValues": typed(
                {
                    ":active": partner.active,
                    ":caps": caps_to_plain(partner.caps),
                    ":links": partner.links,
                    ":zero": 0,
                    ":one": 1,
                }
            ),
        }
        return [{"Put": profile}, {"Update": load}]

    def set_paused(self, partner: str, paused: bool, now: datetime) -> None:
        self._change(partner, now, forget_pause=not paused, paused=paused)

    def renew_links(self, partner: str, now: datetime) -> None:
        known = self._known(partner)
        self._change(partner, now, links=known.links + 1)

    def confirm(self, partner: str, email: str, now: datetime) -> bool:
        if self._known(partner).contact.email != email:
            return False
        self._change(partner, now, confirmed_email=email, bounced=False)
        return True

    def bounce(self, partner: str, now: datetime) -> None:
        self._change(partner, now, bounced=True)

    def _known(self, partner: str) -> Partner:
        known = self.get(partner)
        if known is None:
            raise NotFound(f"there is no partner {partner}")
        return known

    def _change(self, partner: str, now: datetime, forget_pause: bool = False, **changes: Any) -> None:
        known = self._known(partner)
        self.save([(replace(known, **changes), known.version)], now)
        if forget_pause:
            self._client.update_item(
                TableName=self._table,
                Key=typed(load_key(partner)),
                UpdateExpression="SET lapses = :zero, unseen = :zero, seq = seq + :one REMOVE pause",
                ExpressionAttributeValues=typed({":zero": 0, ":one": 1}),
            )

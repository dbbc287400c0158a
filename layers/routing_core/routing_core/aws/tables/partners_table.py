"""Partner profiles and what keeps their LOAD in step."""

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from routing_core.aws.codecs.load_items import LAPSE_OF, load_key
from routing_core.aws.codecs.partner_items import partner_writes, profile_key, readable
from routing_core.aws.tables.dynamo import batch_get, may_be_id, plain, refusals, transact, typed
from routing_core.aws.tables.long_import import CHUNK_BYTES, PER_TRANSACTION, LongImport, size_of
from routing_core.domain.errors import InvalidInput, NotFound, Problem, VersionConflict
from routing_core.domain.partner import MOST_MARKS, Partner
from routing_core.domain.partner_plain import partner_from_plain
from routing_core.domain.people import end_all_links, end_links, end_links_of, people, times_ended
from routing_core.domain.values.mailboxes import email_mark

logger = logging.getLogger(__name__)
TRIES = 3


class PartnersTable:
    """Implements ports.Partners."""

    def __init__(self, client: Any, table: str):
        self._client = client
        self._table = table
        self._long = LongImport(client, table)

    def get(self, partner: str) -> Partner | None:
        if not may_be_id(partner):
            return None
        answer = self._client.get_item(
            TableName=self._table, Key=typed(profile_key(partner)), ConsistentRead=True
        )
        return partner_from_plain(plain(answer["Item"])["profile"]) if "Item" in answer else None

    def some(self, partners: Collection[str]) -> Iterable[Partner]:
        keys = [profile_key(partner) for partner in sorted(partners)]
        found = batch_get(self._client, {self._table: keys})[self._table] if keys else []
        return (partner for partner in map(readable, found) if partner)

    def all(self) -> Iterable[Partner]:
        """Without those whose profile cannot be understood."""
        return (partner for partner in self.each() if partner)

    def each(self) -> Iterable[Partner | None]:
        """None for a profile that cannot be understood."""
        query: dict[str, Any] = {
            "TableName": self._table,
            "FilterExpression": "sk = :profile",
            "ExpressionAttributeValues": typed({":profile": "PROFILE"}),
            "ConsistentRead": True,
        }
        while True:
            page = self._client.scan(**query)
            yield from (readable(plain(item)) for item in page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            query["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def save(self, partners: Sequence[tuple[Partner, int | None]], now: datetime) -> bool:
        saved = [replace(partner, version=(replaced or 0) + 1) for partner, replaced in partners]
        if large := [partner.id for partner in saved if size_of(partner) > CHUNK_BYTES]:
            message = f"is too large: at most {CHUNK_BYTES // 1024} kB for one partner"
            raise InvalidInput([Problem(partner, "too_large", message) for partner in large])
        if len(saved) <= PER_TRANSACTION:
            if saved:
                self._save_at_once(saved, now)
            return True
        self._long.decide(saved, now)
        try:
            return self.finish_import(now)
        except (ClientError, BotoCoreError, VersionConflict):
            logger.exception("an import is decided and not yet applied: the sweep goes on with it")
            return False

    def finish_import(self, now: datetime) -> bool:
        return self._long.finish(now)

    def _save_at_once(self, partners: Sequence[Partner], now: datetime) -> None:
        writes = [self._long.passage()]
        for partner in partners:
            profile, load = partner_writes(self._table, partner, now)
            if partner.version == 1:
                profile["Put"]["ConditionExpression"] = "attribute_not_exists(pk)"
            else:
                profile["Put"]["ConditionExpression"] = "version = :read"
                profile["Put"]["ExpressionAttributeValues"] = typed({":read": partner.version - 1})
            writes += [profile, load]
        try:
            transact(self._client, writes)
        except ClientError as error:
            reasons = refusals(error)
            if reasons is None:
                raise
            gate_is_shut = reasons[0] == "ConditionalCheckFailed"
            if gate_is_shut and self.finish_import(now):
                return self._save_at_once(partners, now)
            names = ", ".join(partner.id for partner in partners)
            raise VersionConflict(f"changed by somebody else meanwhile, one of: {names}") from error

    def set_paused(self, partner: str, paused: bool, now: datetime) -> None:
        self._change(partner, now, lambda known: replace(known, paused=paused))
        if not paused:
            self._forget_lapses(partner)

    def _forget_lapses(self, partner: str) -> None:
        key = typed(load_key(partner))
        answer = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        kept = [name for name in answer.get("Item", {}) if name.startswith(LAPSE_OF)]
        names = {f"#l{number}": name for number, name in enumerate(kept)}
        expression = {"ExpressionAttributeNames": names} if names else {}
        gone = ", ".join(["pause", *names])
        self._client.update_item(
            TableName=self._table,
            Key=key,
            UpdateExpression=f"SET lapses = :zero, unseen = :zero, seq = seq + :one REMOVE {gone}",
            ExpressionAttributeValues=typed({":zero": 0, ":one": 1}),
            **expression,
        )

    def renew_links(self, partner: str, ended: int, now: datetime, person: str = "") -> None:
        def renewed(known: Partner) -> Partner | None:
            in_force = people(known).get(person) if person else known.links
            return end_links(known, person) if in_force == ended else None

        self._change(partner, now, renewed)

    def revoke_links(
        self, partner: str, now: datetime, person: str = "", seen: int | None = None
    ) -> bool:
        def revoked(known: Partner) -> Partner | None:
            if seen is not None and times_ended(known, person) != seen:
                return None
            return end_links_of(known, person) if person else end_all_links(known)

        return self._change(partner, now, revoked)

    def confirm(self, partner: str, email: str, now: datetime) -> bool:
        def confirmed(known: Partner) -> Partner | None:
            return (
                replace(known, confirmed_email=email, bounced=False)
                if known.contact.email == email
                else None
            )

        return self._change(partner, now, confirmed)

    def bounce(self, partner: str, now: datetime) -> None:
        def bounced(known: Partner) -> Partner | None:
            return (
                None if known.bounced else replace(known, bounced=True, occasion=known.occasion + 1)
            )

        self._change(partner, now, bounced)

    def note_unreachable(self, partner: str, email: str, now: datetime) -> None:
        def noted(known: Partner) -> Partner | None:
            marks = (*known.unreachable, email_mark(email.casefold()))
            return replace(known, unreachable=marks[-MOST_MARKS:]) if known.reaches(email) else None

        self._change(partner, now, noted)

    def _change(
        self, partner: str, now: datetime, changed: Callable[[Partner], Partner | None]
    ) -> bool:
        """On the profile as it stands now, again if somebody else was faster; None changes
        nothing.
        """
        for again in reversed(range(TRIES)):
            known = self.get(partner)
            if known is None:
                raise NotFound(f"there is no partner {partner}")
            new = changed(known)
            if new is None:
                return False
            try:
                return self.save([(new, known.version)], now)
            except VersionConflict:
                if not again:
                    raise
        raise AssertionError("unreachable")

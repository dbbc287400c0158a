"""Keep the partners' profiles, and what keeps their LOAD in step."""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from routing_core.aws.codecs.change_items import CHANGE, change_from_item
from routing_core.aws.codecs.load_items import LAPSE_OF, LoadAttribute, load_key
from routing_core.aws.codecs.partner_items import profile_key, readable
from routing_core.aws.tables.activity_rows import LogWrites, nothing_to_note
from routing_core.aws.tables.dynamo import (
    batch_get,
    deserialize_item,
    may_be_id,
    query_pages,
    read_item,
    refusal_codes,
    serialize_item,
    transact,
)
from routing_core.aws.tables.long_import import CHUNK_BYTES, PER_TRANSACTION, LongImport, size_of
from routing_core.aws.tables.partner_writes import ProfileSave, partner_writes
from routing_core.aws.tables.update_expression import UpdateExpression
from routing_core.domain.errors import InvalidInput, NotFound, Problem, VersionConflict
from routing_core.domain.partner import MOST_UNREACHABLE, Partner
from routing_core.domain.partner_history import BY_PARTNER, ProfileChange
from routing_core.domain.partner_plain import partner_from_plain
from routing_core.domain.people import end_all_links, end_links, end_links_of, people, times_ended
from routing_core.domain.values.mailboxes import email_mark
from routing_core.service.kernel.read_model import LogEntry

logger = logging.getLogger(__name__)
TRIES_TO_CHANGE = 3
"""A profile is changed anew so often because somebody else was faster."""


class PartnersTable:
    """Keeps the partners: ``ports.Partners``, and what keeps their LOAD in step."""

    def __init__(self, client: Any, table: str, log_writes: LogWrites = nothing_to_note):
        """Take the table, and what makes the writes that keep lines of HQ's log."""
        self._client = client
        self._table = table
        self._log_writes = log_writes
        self._long = LongImport(client, table)

    # ── reading ───────────────────────────────────────────────────────────────────────────────────

    def get(self, partner: str) -> Partner | None:
        """Read a partner; None if there is none."""
        if not may_be_id(partner):
            return None
        item = read_item(self._client, self._table, profile_key(partner))
        return partner_from_plain(item["profile"]) if item else None

    def some(self, partners: Collection[str]) -> Iterable[Partner]:
        """Read partners by their ids, without those whose profile cannot be understood."""
        if not partners:
            return ()
        keys = [profile_key(partner) for partner in sorted(partners)]
        found = batch_get(self._client, {self._table: keys})[self._table]
        return (partner for partner in map(readable, found) if partner)

    def all(self) -> Iterable[Partner]:
        """Read every partner, without those whose profile cannot be understood."""
        return (partner for partner in self.each() if partner)

    def each(self) -> Iterable[Partner | None]:
        """Read every partner; None stands for a profile that cannot be understood."""
        query: dict[str, Any] = {
            "TableName": self._table,
            "FilterExpression": "sk = :profile",
            "ExpressionAttributeValues": serialize_item({":profile": "PROFILE"}),
            "ConsistentRead": True,
        }
        while True:
            page = self._client.scan(**query)
            for item in page["Items"]:
                yield readable(deserialize_item(item))
            if "LastEvaluatedKey" not in page:
                return
            query["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def history(self, partner: str) -> tuple[ProfileChange, ...]:
        """Read the last changes of a partner's profile, the newest first."""
        if not may_be_id(partner):
            return ()
        rows = query_pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :partner AND begins_with(sk, :change)",
            ExpressionAttributeValues=serialize_item(
                {":partner": f"PARTNER#{partner}", ":change": CHANGE}
            ),
            ConsistentRead=True,
        )
        changes = [change_from_item(row) for row in rows]
        return tuple(sorted(changes, key=attrgetter("version"), reverse=True))

    # ── saving ────────────────────────────────────────────────────────────────────────────────────

    def save(
        self,
        partners: Sequence[tuple[Partner, int | None]],
        now: datetime,
        by: str = "",
        noted: Iterable[LogEntry] = (),
    ) -> bool:
        """Save all partners or none, each in the place of the version named beside it.

        None stands for a partner who is new; ``by`` is whom the history names; ``noted`` stands
        in HQ's log as soon as it is decided, and not before. Gives False if it is decided and not
        all of it is applied yet. Raises VersionConflict or InvalidInput, and nothing has changed.
        """
        saved = [_in_place_of(replaced, partner) for partner, replaced in partners]
        large = [partner.id for partner in saved if size_of(partner) > CHUNK_BYTES]
        if large:
            message = f"is too large: at most {CHUNK_BYTES // 1024} kB for one partner"
            raise InvalidInput([Problem(partner, "too_large", message) for partner in large])
        if not saved:
            return True
        before = self._replaced(saved)
        saves = [ProfileSave.of(partner, before.get(partner.id), by) for partner in saved]
        log_writes = self._log_writes(noted)
        if len(saves) <= PER_TRANSACTION:
            self._save_at_once(saves, now, log_writes)
            return True
        self._long.decide(saves, now, log_writes)
        try:
            return self.finish_import(now)
        except (ClientError, BotoCoreError, VersionConflict):
            logger.exception("an import is decided and not yet applied: the sweep goes on with it")
            return False

    def _replaced(self, partners: Sequence[Partner]) -> Mapping[str, Partner]:
        """Read the profiles as they are stored, to say in the history what changes.

        Where one is not the version that is replaced, nothing is saved anyway.
        """
        replaced = [partner.id for partner in partners if partner.version > 1]
        return {partner.id: partner for partner in self.some(replaced)}

    def finish_import(self, now: datetime) -> bool:
        """Go on with an import that was decided, if there is one; False if some of it is left."""
        return self._long.finish(now)

    def _save_at_once(
        self, saves: Sequence[ProfileSave], now: datetime, noted: Sequence[dict[str, Any]] = ()
    ) -> None:
        writes = [self._long.passage()]
        for save in saves:
            profile, *others = partner_writes(self._table, save, now)
            profile["Put"] |= _version_is_the_one_before(save.partner)
            writes += [profile, *others]
        writes += noted
        try:
            transact(self._client, writes)
        except ClientError as error:
            codes = refusal_codes(error)
            if codes is None:
                raise
            gate_is_shut = codes[0] == "ConditionalCheckFailed"
            if gate_is_shut and self.finish_import(now):
                return self._save_at_once(saves, now, noted)
            names = ", ".join(save.partner.id for save in saves)
            raise VersionConflict(f"changed by somebody else meanwhile, one of: {names}") from error

    # ── changing one ──────────────────────────────────────────────────────────────────────────────

    def set_paused(self, partner: str, paused: bool, now: datetime, by: str = "") -> None:
        """Stop new offers, or let them come again.

        Resuming also forgets the lapses that led to an automatic pause. Whoever is deactivated
        stays paused.
        """

        def changed(known: Partner) -> Partner | None:
            return None if known.deactivated else replace(known, paused=paused)

        self._change(partner, now, changed, by)
        if not paused:
            self._forget_lapses(partner)

    def _forget_lapses(self, partner: str) -> None:
        key = load_key(partner)
        load = read_item(self._client, self._table, key) or {}
        update = UpdateExpression()
        update.put(LoadAttribute.LAPSES, 0)
        update.put(LoadAttribute.UNSEEN, 0)
        update.remove(LoadAttribute.PAUSED)
        for name in load:
            if name.startswith(LAPSE_OF):
                update.remove(name)
        update.add(LoadAttribute.SEQUENCE, 1)
        self._client.update_item(
            TableName=self._table, Key=serialize_item(key), **update.arguments()
        )

    def renew_links(self, partner: str, ended: int, now: datetime, person: str = "") -> None:
        """End the links of one generation, and those before it.

        ``person`` is whose links they are; without it, those that name nobody. Changes nothing if
        they have ended already.
        """

        def renewed(known: Partner) -> Partner | None:
            in_force = people(known).get(person) if person else known.links
            return end_links(known, person) if in_force == ended else None

        self._change(partner, now, renewed, BY_PARTNER)

    def revoke_links(
        self,
        partner: str,
        now: datetime,
        person: str = "",
        seen: int | None = None,
        by: str = "",
    ) -> bool:
        """End all links of a person at once; without a person, everybody's.

        With ``seen`` only if ``times_ended`` is still that; gives False if it is not.
        """

        def revoked(known: Partner) -> Partner | None:
            if seen is not None and times_ended(known, person) != seen:
                return None
            return end_links_of(known, person) if person else end_all_links(known)

        return self._change(partner, now, revoked, by)

    def confirm(self, partner: str, email: str, now: datetime) -> bool:
        """Note that an address was confirmed; False if the profile's is another one by now."""

        def confirmed(known: Partner) -> Partner | None:
            if known.contact.email != email:
                return None
            return replace(known, confirmed_email=email, bounced=False)

        return self._change(partner, now, confirmed, BY_PARTNER)

    def bounce(self, partner: str, now: datetime) -> None:
        """Note that mail to a partner comes back.

        They get no offers until the address is confirmed again.
        """

        def bounced(known: Partner) -> Partner | None:
            if known.bounced:
                return None
            return replace(known, bounced=True, address_generation=known.address_generation + 1)

        self._change(partner, now, bounced)

    def note_unreachable(self, partner: str, email: str, now: datetime) -> None:
        """Note that mail to another address of the firm comes back.

        It gets no more mail; the partner stays in routing.
        """

        def noted(known: Partner) -> Partner | None:
            if not known.reaches(email):
                return None
            marks = (*known.unreachable, email_mark(email.casefold()))
            return replace(known, unreachable=marks[-MOST_UNREACHABLE:])

        self._change(partner, now, noted)

    def _change(
        self,
        partner: str,
        now: datetime,
        changed: Callable[[Partner], Partner | None],
        by: str = "",
    ) -> bool:
        # On the profile as it stands now, again if somebody else was faster; None changes nothing.
        for tries_left in reversed(range(TRIES_TO_CHANGE)):
            known = self.get(partner)
            if known is None:
                raise NotFound(f"there is no partner {partner}")
            new = changed(known)
            if new is None:
                return False
            saved = _in_place_of(known.version, new)
            try:
                self._save_at_once([ProfileSave.of(saved, known, by)], now)
                return True
            except VersionConflict:
                if not tries_left:
                    raise
        raise AssertionError("unreachable")


def _in_place_of(replaced: int | None, partner: Partner) -> Partner:
    return replace(partner, version=(replaced or 0) + 1)


def _version_is_the_one_before(partner: Partner) -> dict[str, Any]:
    if partner.version == 1:
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    return {
        "ConditionExpression": "version = :read",
        "ExpressionAttributeValues": serialize_item({":read": partner.version - 1}),
    }

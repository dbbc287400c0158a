"""Make the writes of one commit: a lead in its new version, and all that changes with it.

That is what came with it, what is known of its contact, and the loads of its partners.

Each write is conditioned on what the decision was made on (optimistic concurrency): the lead's
version, a contact's newest enquiry, a partner's load. Whichever condition fails says what happened.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from routing_core.aws.codecs.contact_items import known_contact_to_item
from routing_core.aws.codecs.context_items import NOTE_CODEC, context_key, context_to_item
from routing_core.aws.codecs.event_items import event_to_item
from routing_core.aws.codecs.lead_items import lead_to_item, pointer_key, pointers
from routing_core.aws.codecs.value_codecs import Item
from routing_core.aws.tables.dynamo import serialize_item
from routing_core.aws.tables.load_update import load_update
from routing_core.domain.draft import Draft
from routing_core.domain.errors import (
    CapacityConflict,
    ContactChanged,
    LeadExists,
    NotesFull,
    VersionConflict,
)
from routing_core.domain.events import CommitRecord
from routing_core.domain.lead import Note, open_counts
from routing_core.service.kernel.ports import Change, KnownContact, LoadChange

MOST_NOTES = 40
"""An enquiry keeps so many notes.

With 2,000 characters each, of at most four bytes, they leave room in an item of 400 kB.
"""


@dataclass(frozen=True, slots=True)
class Write:
    """One write of a transaction, and what it means if its condition fails."""

    refusal: Exception
    request: dict[str, Any]


class CommitWrites:
    """Makes the writes of a commit for the two tables."""

    def __init__(self, leads_table: str, partners_table: str):
        self._leads = leads_table
        self._partners = partners_table

    def of(self, change: Change, now: datetime, commit: str) -> Iterator[Write]:
        """Give all writes of one lead's change; ``commit`` names their transaction."""
        yield from self.of_lead(change, now, commit)
        yield from self._of_contacts(change)
        yield from self._of_loads(change)

    # ── the lead ──────────────────────────────────────────────────────────────────────────────────

    def of_lead(self, change: Change, now: datetime, commit: str) -> list[Write]:
        """Give the writes of the lead, of what came with it, and of what the commit made true."""
        draft = change.draft
        lead_id = draft.lead.id
        writes = [self._lead(draft)]
        unexpected = VersionConflict(lead_id)
        writes += [Write(unexpected, request) for request in self._pointers(draft)]
        if change.context is not None:
            context = context_to_item(lead_id, change.context)
            writes.append(Write(unexpected, self._put(context)))
        if change.note is not None:
            writes.append(Write(NotesFull(MOST_NOTES), self._note(lead_id, change.note)))
        # By the name of the commit we know later whether a write whose answer was lost was ours.
        event = event_to_item(_commit_record(draft, now)) | {"commit": commit}
        writes.append(Write(unexpected, self._put(event)))
        return writes

    def _lead(self, draft: Draft) -> Write:
        request = self._put(lead_to_item(draft.lead))
        if draft.before is None:
            request["Put"]["ConditionExpression"] = "attribute_not_exists(pk)"
            return Write(LeadExists(draft.lead.id), request)
        request["Put"]["ConditionExpression"] = "version = :read"
        request["Put"]["ExpressionAttributeValues"] = serialize_item(
            {":read": draft.before.version}
        )
        return Write(VersionConflict(draft.lead.id), request)

    def _pointers(self, draft: Draft) -> Iterator[dict[str, Any]]:
        before = pointers(draft.before)
        after = pointers(draft.lead)
        for number in before:
            if number not in after:
                key = serialize_item(pointer_key(draft.lead.id, number))
                yield {"Delete": {"TableName": self._leads, "Key": key}}
        for number, item in after.items():
            if number not in before:
                yield self._put(item)

    def _note(self, lead_id: str, note: Note) -> dict[str, Any]:
        values = {":none": [], ":note": [NOTE_CODEC.write(note)], ":most": MOST_NOTES}
        return {
            "Update": {
                "TableName": self._leads,
                "Key": serialize_item(context_key(lead_id)),
                "UpdateExpression": "SET notes = list_append(if_not_exists(notes, :none), :note)",
                "ConditionExpression": "attribute_not_exists(notes) OR size(notes) < :most",
                "ExpressionAttributeValues": serialize_item(values),
            }
        }

    # ── what was known of the contact ─────────────────────────────────────────────────────────────

    def _of_contacts(self, change: Change) -> Iterator[Write]:
        # Only as it was read: of two enquiries that come at once, the second sees the first.
        for contact in change.contacts.rows:
            request = self._put(known_contact_to_item(contact))
            request["Put"] |= _contact_is_as_read(change.contacts.seen.get(contact.key))
            yield Write(ContactChanged(contact.key), request)

    # ── loads ─────────────────────────────────────────────────────────────────────────────────────

    def _of_loads(self, change: Change) -> Iterator[Write]:
        before = open_counts(change.draft.before)
        after = open_counts(change.draft.lead)
        product = change.draft.lead.product
        # In the order of their ids, so that two commits about the same partners meet at the first.
        for partner in sorted({*before, *after, *change.loads}):
            opened = after.get(partner, 0) - before.get(partner, 0)
            load_change = change.loads.get(partner, LoadChange())
            request = load_update(self._partners, partner, opened, product, load_change)
            if request:
                yield Write(CapacityConflict(partner), request)

    def _put(self, item: Item) -> dict[str, Any]:
        return {"Put": {"TableName": self._leads, "Item": serialize_item(item)}}


def _contact_is_as_read(read: KnownContact | None) -> dict[str, Any]:
    # Where there is nothing, nothing was forgotten since: expired items are deleted at any time.
    row_as_read = "attribute_not_exists(pk)"
    if read is None:
        return {"ConditionExpression": row_as_read}
    newest = serialize_item({":newest": read.listed[0].lead})
    return {
        "ConditionExpression": f"{row_as_read} OR #lead = :newest",
        "ExpressionAttributeNames": {"#lead": "lead"},  # a reserved word
        "ExpressionAttributeValues": newest,
    }


def _commit_record(draft: Draft, now: datetime) -> CommitRecord:
    lead = draft.lead
    return CommitRecord(
        lead=lead.id,
        version=lead.version,
        at=now,
        due=lead.due,
        events=tuple(draft.events),
        decision=draft.decision,
    )

"""Write and read a known contact: the last enquiries of one phone number, address or firm.

All of it is hashed.
"""

from collections.abc import Mapping
from typing import Any

from routing_core.aws.codecs.record_codec import RecordCodec, StoredField
from routing_core.aws.codecs.value_codecs import PACKED_INSTANT, TEXT_INSTANT, Item, seconds
from routing_core.service.kernel.ports import KnownContact, Listed

KEPT_AFTER_WINDOW = 86_400
"""So many seconds the item stays after its last enquiry stopped counting.

Some reader's clock may be late.
"""

NEWEST_CODEC = RecordCodec(
    Listed,
    StoredField("lead", "lead"),
    StoredField("until", "until", TEXT_INSTANT),
    StoredField("place", "place"),
    no_fields=("earlier", "expires"),
)
"""The newest enquiry stands by itself, as the only one did in items that listed no others."""

EARLIER_CODEC = RecordCodec(
    Listed,
    StoredField("lead", "lead"),
    StoredField("until", "until", PACKED_INSTANT),
    StoredField("place", "place"),
)
"""The others are short lists, ``[lead, until, place]``."""


def known_contact_key(key: str) -> Item:
    """Give the key of a contact's item."""
    return {"pk": f"CLAIM#{key}", "sk": "CLAIM"}


def known_contact_to_item(contact: KnownContact) -> Item:
    """Give a contact with its last enquiries as its item."""
    newest, *earlier = contact.listed
    last_of_all = max(enquiry.until for enquiry in contact.listed)
    item = known_contact_key(contact.key) | NEWEST_CODEC.write(newest)
    if earlier:
        item["earlier"] = [EARLIER_CODEC.write_list(enquiry) for enquiry in earlier]
    item["expires"] = seconds(last_of_all) + KEPT_AFTER_WINDOW
    return item


def known_contact_from_item(item: Mapping[str, Any]) -> KnownContact:
    """Read a contact with its last enquiries, the newest first."""
    earlier = [EARLIER_CODEC.read_list(enquiry) for enquiry in item.get("earlier", ())]
    return KnownContact(item["pk"].removeprefix("CLAIM#"), (NEWEST_CODEC.read(item), *earlier))

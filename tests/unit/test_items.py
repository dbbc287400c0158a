"""A lead as it is stored: nothing is lost in it, and what was stored before it was packed is still
read.
"""

from dataclasses import replace
from datetime import timedelta

from routing_core.aws.codecs.lead_items import lead_from_item, lead_to_item
from routing_core.aws.tables.dynamo import deserialize_item, serialize_item
from routing_core.domain.lead import Deadline, DeadlineKind, Lead, LeadStatus, Undo
from routing_core.domain.offer import OfferStatus
from tests.support.builders import NOON, a_lead, an_offer

LATER = NOON + timedelta(days=400, milliseconds=1)
NAMES = [
    "total_by",
    "promised_by",
    "first_promise",
    "accepted_at",
    "contacted_at",
    "quoted_at",
    "finished_at",
    "erase_at",
]
LEAD = a_lead(
    payload_hash="0af1" * 16,
    claims=("00" * 16, "ff" * 16),
    offers=(
        an_offer(status=OfferStatus.DECLINED, answered_at=LATER, seen_at=NOON, used=125),
        an_offer("p2", 2),
    ),
    undo=Undo(LeadStatus.ACCEPTED, LATER, (Deadline(LATER, DeadlineKind.CONTACT, 2),), NOON),
    **{name: NOON + timedelta(hours=n) for n, name in enumerate(NAMES)},
)


def stored(lead: Lead) -> Lead:
    return lead_from_item(deserialize_item(serialize_item(lead_to_item(lead))))


def test_a_lead_comes_back_as_it_was() -> None:
    assert stored(LEAD) == LEAD
    assert stored(replace(LEAD, payload_hash="", claims=(), undo=None)).payload_hash == ""


def test_when_an_offer_was_accepted_is_stored_once_and_stays_however_it_ends() -> None:
    held = an_offer(status=OfferStatus.ACCEPTED, answered_at=NOON, accepted_at=NOON)
    ended = replace(held, status=OfferStatus.RETURNED, answered_at=LATER)
    assert [stored(replace(LEAD, offers=(offer,))).offers[0] for offer in (held, ended)] == [
        held,
        ended,
    ]
    assert "acc" not in lead_to_item(replace(LEAD, offers=(held,)))["offers"][0]


def test_a_lead_that_was_stored_in_words_is_read_as_ever() -> None:
    noon, later = "2026-11-25T11:00:00.000Z", "2027-12-30T11:00:00.001Z"
    in_words = lead_to_item(LEAD) | {
        name: f"2026-11-25T{11 + n}:00:00.000Z" for n, name in enumerate(NAMES)
    }
    in_words |= {"hash": LEAD.payload_hash, "claims": list(LEAD.claims)}
    first, second = in_words["offers"]
    in_words["offers"] = [
        first | {"at": noon, "to": "2026-11-25T13:00:00.000Z", "ans": later, "seen": noon},
        second | {"at": noon, "to": "2026-11-25T13:00:00.000Z"},
    ]
    in_words["deadlines"] = ["2026-11-25T13:00:00.000Z expire 1"]
    in_words["undo"] = {
        "status": "accepted",
        "until": later,
        "deadlines": [f"{later} contact 2"],
        "promised_by": noon,
    }
    assert lead_from_item(deserialize_item(serialize_item(in_words))) == LEAD

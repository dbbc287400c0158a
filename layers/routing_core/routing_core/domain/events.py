"""Facts: what a commit made true, in order, told to the rest of the world by id only.

A fact never carries personal data or a token: a reader that needs a name re-reads the lead. Its id
is ``lead:version:index``. ``FACTS`` lists every kind there is; a commit with another kind is
refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

FACTS: Mapping[str, str] = {
    # intake
    "lead.received": "an enquiry was stored, or a held one was let through; next = offered | hq_queue | nurture; "
    "confirmed = its sender has just confirmed the address",
    "lead.repeated": "the same person asked again (stub = the repeat's own record); partner = who holds the lead",
    "repeat.changed": "the sender of the attached `stub` said more; what = phone, postcode, note, withdraw",
    "repeat.found": "the contact is known, from lead `target` at least: compared with it at once",
    "lead.joined": "attached to lead `target`: whoever holds that one sees this one too",
    "first.ended": "lead `target`, to which this one is attached, serves it no longer: looked at again at once",
    "attachment.kept": "looked at again: lead `target` still serves it",
    "attachment.ended": "goes its own way, neither attached to lead `target` nor compared with it any more",
    "lead.served": "partner says that it settles this one with lead `target`; outcome = contacted, won or lost",
    "lead.quarantined": "held until its sender confirms the address, or HQ decides; reason",
    "lead.confirmed": "its sender confirmed the address; reason = why it was held",
    "lead.released": "HQ lets it through; reason = why it was held; by = key name or link:person",
    "lead.rejected": "HQ closed it: spam or nonsense; by = link:person",
    "lead.nurtured": "scored below the bar; asked again later",
    "nurture.asked": "the prospect is asked whether the time has come",
    "nurture.ready": "the prospect says the time has come",
    # offers
    "offer.made": "offer n to partner; kind = routed | backup | assigned | waiting | handed; wave = asked with others",
    "offer.seen": "a person at the partner looked at offer n",
    "offer.shortened": "partner of offer n goes on holiday: answered or released by until",
    "offer.reminded": "reminder for offer n; second = also to the second contact",
    "offer.redirected": "mail to partner comes back: the second contact gets offer n",
    "offer.accepted": "partner owns the lead",
    "offer.declined": "reason = the programme's decline reason",
    "offer.expired": "the window ended; shared = may still accept until somebody does",
    "offer.withdrawn": "why = taken | assigned | withdrawn | closed | moved | unreachable, or how a claim ended: "
    "not_granted | undecided",
    "offer.returned": "accepted by mistake and given back within the early-return time, uncounted",
    "lead.claimed": "partner says of offer n: already my customer; HQ decides",
    "claim.granted": "HQ decided that it is theirs; by = key name or link:person",
    "lead.returned": "the owner gave it back for a reason of the programme; next = route | review | close",
    "lead.delegated": "a colleague at partner, the owner, looks after it from now on",
    "lead.handed_over": "the owner hands it over to another partner (to), or to HQ",
    "waiting.joined": "partner would take the lead if it came free",
    # after acceptance
    "contact.reminded": "the contact deadline nears",
    "contact.at_risk": "partner owns it and goes on holiday before the promised call (until); HQ is told",
    "contact.missed": "the contact deadline passed; HQ is told",
    "contact.retracted": "the lead was taken back because nobody called",
    "contact.attempted": "partner tried to reach the prospect",
    "lead.contacted": "partner spoke with the prospect",
    "lead.quoted": "a quote has gone out; with value and currency if the partner named an amount",
    "lead.won": "with value and currency",
    "lead.lost": "reason = the programme's lost reason",
    "lead.undone": "of = the step taken back",
    "status.asked": "partner is asked how it stands",
    "quote.missed": "no quote in time; the partner is asked once, HQ is told",
    "outcome.missed": "no outcome in time; HQ is told",
    # fallback
    "lead.exhausted": "nobody (else) can be offered this lead; or nobody did anything for it in time while it was "
    "attached to lead `target`",
    "lead.queued": "HQ holds it: exhausted | unattended | review | follow_up_ended | crowded | merged, or by "
    "partner claimed | returned | handed_over",
    "lead.held": "asked once the partner who comes first opens (until)",
    "lead.followed_up": "nobody took it yet; tried again on freed capacity and daily",
    "lead.retried": "tried again, still nobody",
    "lead.rerouted": "HQ had all that wait for a partner tried again; by = link:person",
    "lead.closed": "closed, and the prospect is told; reason = unplaced | cooled | rejected | returned (by partner)",
    "lead.assigned": "HQ chose the partner by hand; by = key name or link:person",
    # prospect
    "promise.renewed": "the prospect is told by when they hear (until), or asked whether partner has called",
    "lead.corrected": "the prospect corrected the phone number",
    "lead.moved": "its place was put right; by = prospect, key name or link:person; partner = its owner",
    "offer.moved": "the lead is elsewhere than thought, and the partner of offer n works there too",
    "lead.noted": "a note was added; by = prospect, partner or link:person (once: hq)",
    "lead.withdrawn": "the prospect withdrew",
    "lead.not_called": "the prospect says nobody called",
    "erasure.asked": "partner, who has seen the contact, is asked to erase it too",
    "note.erased": "the words of a repeat (stub) were erased here too",
    "lead.erased": "who asked is gone, counts stay; by = at whose request, else its time had come",
    # capacity and partners
    "capacity.freed": "partner has a free place again",
    "partner.unseen": "so many `lapses` in a row that nobody looked at: their second contact, then HQ",
    "partner.resumed": "the pause that lapses had led to is taken back: they were of enquiries that were junk",
    "partner.paused": "so many `lapses` in a row: no new offers until they come back",
}

PARTNER_FACTS: Mapping[str, str] = {
    "partner.unconfirmed": "the email address waits for its confirmation",
    "partner.bounced": "mail to this partner bounces or is complained about",
    "partner.changed": "profiles or availability changed (partners): waiting leads may fit now",
    "desk.requested": "the desk link is to be mailed: event = confirmed | renewed | asked, and the occasion",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that became true. ``data`` holds ids, codes, numbers and instants as ISO text
    only.
    """

    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in FACTS:
            raise ValueError(f"unknown fact {self.kind!r}: add it to FACTS")


@dataclass(frozen=True, slots=True)
class CommitRecord:
    """What one commit wrote beside the lead: the audit trail and the outbox in one."""

    lead: str
    version: int
    at: datetime
    due: datetime | None
    facts: tuple[Fact, ...]
    decision: Mapping[str, Any] | None = None

    def fact_id(self, index: int) -> str:
        return f"{self.lead}:{self.version}:{index}"

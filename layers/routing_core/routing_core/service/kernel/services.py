"""Everything a use case works with, in one value, and how it commits."""

import hashlib
import hmac
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from routing_core.domain.calendar.business_time import Calendar
from routing_core.domain.enquiry.contact_keys import contact_keys
from routing_core.domain.enquiry.junk import is_junk
from routing_core.domain.errors import (
    CapacityConflict,
    ChangedMeanwhile,
    ContactChanged,
    NotFound,
    VersionConflict,
)
from routing_core.domain.figures import RETURNED_FOR, difference, note_answers, tally
from routing_core.domain.lead import Contact, Draft, Lead, places_held
from routing_core.domain.lifecycle.serving import was_left
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.domain.territory.town_search import Town, find_towns
from routing_core.service.kernel.attachments import lets_go, nudged, serves
from routing_core.service.kernel.gate import Gate
from routing_core.service.kernel.give_back import give_back, merged, turned_out_junk
from routing_core.service.kernel.links import Links
from routing_core.service.kernel.ports import Change, Leads, LoadChange, Partners, Rules
from routing_core.service.kernel.situations import situation_of

T = TypeVar("T")
NO_NEWS = frozenset(
    {"offer.seen", "offer.reminded", "contact.reminded", "lead.noted", "capacity.freed"}
)
"""What may happen to a lead without changing what anybody would decide about it."""
EXACT_TRIES, TRIES = 3, 6


@dataclass(frozen=True, slots=True)
class Services:
    leads: Leads
    partners: Partners
    rules: Rules
    links: Links
    contact_secret: bytes
    gate: Gate
    seen: Mapping[str, int] = field(default_factory=dict)
    """Versions of leads that an action was decided on, if it was."""

    @property
    def programme(self) -> Programme:
        """The rules in force; raises NotFound while none has been saved."""
        return self.rules.programme()[1]

    def lead(self, lead_id: str) -> Lead:
        """Raises NotFound; or ChangedMeanwhile, for whoever decides by what they saw
        (``having_seen``).
        """
        lead = self.leads.get(lead_id)
        if lead is None:
            raise NotFound(f"there is no lead {lead_id}")
        seen = self.seen.get(lead_id, lead.version)
        if seen != lead.version:
            happened = [
                fact.kind
                for row in self.leads.events(lead_id)
                if row.version > seen
                for fact in row.facts
            ]
            if news := [kind for kind in happened if kind not in NO_NEWS]:
                raise ChangedMeanwhile(seen, news)
        return lead

    def having_seen(self, lead_id: str, version: int | None) -> "Services":
        """For an action that was decided on when the lead was in that version, which then must be
        so until it is committed; None: whatever it is.
        """
        return self if version is None else replace(self, seen={lead_id: version})

    def partner(self, partner_id: str) -> Partner:
        """From the compiled network, else (saved a moment ago) from the table; raises NotFound."""
        known = self.rules.network().partners.get(partner_id) or self.partners.get(partner_id)
        if known is None:
            raise NotFound(f"there is no partner {partner_id}")
        return known

    def placed(self, lead: Lead) -> Lead:
        """Gives the lead with the towns that its postcode belongs to, for showing; as it is where
        nobody gave names.
        """
        towns = self.rules.network().towns(lead.country, lead.postcode) if lead.postcode else ()
        return replace(lead, postcode_towns=towns) if towns else lead

    def find_towns(self, country: str, typed: str) -> tuple[Town, ...]:
        """Finds the towns that may be meant, by HQ's list of places; none where it has no names."""
        return find_towns(self.rules.network().places, country, typed)

    def queue_link(self, lead_id: str = "") -> str:
        """HQ's queue, or one lead on it, by a link that names nobody; mails name their reader
        (``addressed``).
        """
        generation = self.programme.hq.links
        return (
            self.links.queue_lead(lead_id, generation) if lead_id else self.links.queue(generation)
        )

    def claim_keys(self, values: Mapping[str, str], product: str) -> tuple[str, ...]:
        """The keys of a contact's rows, unreadable: email first (it alone attaches), then phone,
        then the firm.

        One row per product: asking for something else is not a repeat.
        """
        return tuple(
            hmac.new(
                self.contact_secret, f"{kind}|{values[kind]}|{product}".encode(), hashlib.sha256
            ).hexdigest()[:32]
            for kind in ("email", "phone", "domain")
            if values.get(kind)
        )

    def mailbox_key(self, email: str) -> str:
        """Names a mailbox without telling the address, to count what is sent there: 32 hex digits.

        Every spelling that ends in the same mailbox (letter case, ``+tags``, the dots of Gmail) has
        the same key.
        """
        spelling = contact_keys(Contact(name="", email=email), ("email",)).get("email", "")
        return hmac.new(
            self.contact_secret, f"mailbox|{spelling}".encode(), hashlib.sha256
        ).hexdigest()[:32]

    def place_key(self, country: str, postcode: str) -> str:
        """A place, unreadable: enough to see that two enquiries are at the same one."""
        return hmac.new(
            self.contact_secret, f"place|{country} {postcode}".encode(), hashlib.sha256
        ).hexdigest()[:12]

    def _calendar(self, partner_id: str) -> Calendar | None:
        partner = self.rules.network().partners.get(partner_id)
        return partner.calendar(self.programme.hq_calendar) if partner else None

    def commit(self, *changes: Change, now: datetime) -> None:
        """Adds who got a place back to the facts, to the figures what happened, and the enquiries
        that an ending one lets go; then commits all or nothing.
        """
        changes = (*changes, *self._let_go(changes, now))
        for change in changes:
            tell_freed(change.draft)
            note_answers(change.draft, self._calendar)
        programme = self.programme
        whole = [
            with_figures(self._with_junk_given_back(change, programme), programme)
            for change in changes
        ]
        self.leads.commit(*whole, now=now)

    def _with_junk_given_back(self, change: Change, programme: Programme) -> Change:
        """Reads the loads of the lead's partners only where the lead ends as junk, which is
        rare.
        """
        if not turned_out_junk(change.draft, programme):
            return change
        loads = self.leads.loads([offer.partner for offer in change.draft.lead.offers])
        back = give_back(change.draft, loads, self.partner, programme)
        together = {name: merged(change.loads.get(name), given) for name, given in back.items()}
        return replace(change, loads={**change.loads, **together})

    def _let_go(self, changes: Sequence[Change], now: datetime) -> list[Change]:
        """What is attached to a lead that serves it no longer is due at once, in the same
        transaction.
        """
        nudges: list[Change] = []
        committed = {change.draft.lead.id for change in changes}
        for change in changes:
            first = change.draft.lead
            if not lets_go(change.draft.before, first):
                continue
            others = [each for each in first.attached if each not in committed]
            for second in self.leads.several(others):
                stays = serves(first, second, self.programme, situation_of(second, self.rules, now))
                if stays and not was_left(second, first):
                    continue
                if draft := nudged(second, first, now):
                    nudges.append(Change(draft))
        return nudges


def tell_freed(draft: Draft) -> None:
    held = places_held(draft.lead)
    for partner in places_held(draft.before):
        if partner not in held:
            draft.tell("capacity.freed", partner=partner)


def with_figures(change: Change, programme: Programme) -> Change:
    """What the lead's partners are better or worse by, added to what happens to their LOAD."""
    neutral = {
        reason.id
        for reason in (*programme.decline_reasons, *programme.lost_reasons)
        if reason.neutral
    }
    neutral |= {
        f"{RETURNED_FOR}{reason.id}" for reason in programme.return_reasons if reason.neutral
    }
    before = tally(change.draft.before, neutral, junk=is_junk(change.draft.before, programme))
    after = tally(change.draft.lead, neutral, junk=is_junk(change.draft.lead, programme))
    # "Lost: no enquiry" taken back within two minutes: what was given back counts again for
    # everybody.
    no_junk_after_all = is_junk(change.draft.before, programme) and not is_junk(
        change.draft.lead, programme
    )
    loads = dict(change.loads)
    for partner in after:
        figures = difference(before.get(partner, Counter()), after[partner])
        if figures:
            known = loads.get(partner, LoadChange())
            loads[partner] = replace(
                known, figures=figures, corrects=known.corrects or no_junk_after_all
            )
    return replace(change, loads=loads)


def retry_on_conflict(work: Callable[[bool], T]) -> T:
    """Runs ``work(contended)`` again when somebody else committed in between.

    Three times a decision holds only for exactly the loads it saw; after that (``contended``) the
    caps alone decide, so that a crowd cannot starve anyone. Raises the last Conflict after six
    tries.
    """
    for attempt in range(TRIES):
        try:
            return work(attempt >= EXACT_TRIES)
        except (VersionConflict, CapacityConflict, ContactChanged):
            if attempt == TRIES - 1:
                raise
    raise AssertionError("unreachable")

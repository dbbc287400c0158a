"""Holds everything a use case works with in one value, and commits what it decided."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from routing_core.domain.calendar.business_time import Calendar
from routing_core.domain.enquiry.contact_keys import contact_keys
from routing_core.domain.errors import ChangedMeanwhile, NotFound
from routing_core.domain.events import (
    CapacityFreed,
    ContactReminded,
    FileAttached,
    FileRemoved,
    InterestShown,
    LeadNoted,
    OfferReminded,
    OfferSeen,
    QuestionAnswered,
    QuestionAsked,
)
from routing_core.domain.figures import note_answers
from routing_core.domain.lead import Contact, Lead
from routing_core.domain.lifecycle.serving import was_left
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.domain.territory.town_search import Town, find_towns
from routing_core.service.kernel.activity_log import ActivityLog
from routing_core.service.kernel.attachments import lets_go, nudged, serves
from routing_core.service.kernel.consequences import tell_freed, with_figures
from routing_core.service.kernel.gate import Gate
from routing_core.service.kernel.hq_access_book import HqAccessBook
from routing_core.service.kernel.junk_refunds import junk_refunds, turned_out_junk, with_refund
from routing_core.service.kernel.links import Links
from routing_core.service.kernel.ports import Change, Leads, Partners, RuleBook
from routing_core.service.kernel.situations import situation_of

NO_NEWS = (
    OfferSeen,
    OfferReminded,
    ContactReminded,
    LeadNoted,
    QuestionAsked,
    QuestionAnswered,
    InterestShown,
    FileAttached,
    FileRemoved,
    CapacityFreed,
)
"""Names what may happen to a lead without changing what anybody would decide about it."""
CONTACT_KINDS = ("email", "phone", "domain")
"""Names by what a contact is known, in the order in which the rows are looked at."""


@dataclass(frozen=True, slots=True)
class Services:
    """The first argument of every use case: the ports, the links, the keys, and the commit."""

    leads: Leads
    partners: Partners
    rules: RuleBook
    links: Links
    contact_secret: bytes
    """The key of all hashes that name a contact without telling it."""
    gate: Gate
    hq_access: HqAccessBook
    """Says who at HQ is signed in where, and which of their links are in force."""
    activity: ActivityLog
    """Keeps what people and machines of HQ do besides acting on leads."""
    seen: Mapping[str, int] = field(default_factory=dict)
    """The versions of leads that an action was decided on, by the lead's id.

    It is empty where nobody had looked.
    """

    @property
    def programme(self) -> Programme:
        """Gives the rules in force; raises NotFound while none has been saved."""
        return self.rules.programme()[1]

    def lead(self, lead_id: str) -> Lead:
        """Read a lead.

        Raises NotFound; or ChangedMeanwhile, for whoever decides by what they saw
        (``having_seen``).
        """
        lead = self.leads.get(lead_id)
        if lead is None:
            raise NotFound(f"there is no lead {lead_id}")
        # Other leads that the action reads on its way were not decided on by anybody.
        seen = self.seen.get(lead_id, lead.version)
        if seen != lead.version:
            news = self._news_since(lead_id, seen)
            if news:
                raise ChangedMeanwhile(seen, news)
        return lead

    def _news_since(self, lead_id: str, version: int) -> list[str]:
        """Name what has happened to a lead since that version and matters to whoever decides."""
        news: list[str] = []
        for row in self.leads.events(lead_id):
            if row.version > version:
                news += [event.kind for event in row.events if not isinstance(event, NO_NEWS)]
        return news

    def having_seen(self, lead_id: str, version: int | None) -> "Services":
        """Give the services for an action that was decided on when the lead was in that version.

        The lead must then be so until the action is committed. None: the action holds whatever the
        lead is like.
        """
        if version is None:
            return self
        return replace(self, seen={lead_id: version})

    def partner(self, partner_id: str) -> Partner:
        """Give a partner from the compiled network, else (saved a moment ago) from the table.

        Raises NotFound.
        """
        # The network is compiled a few seconds after a profile is saved, and held in memory.
        known = self.rules.network().partners.get(partner_id) or self.partners.get(partner_id)
        if known is None:
            raise NotFound(f"there is no partner {partner_id}")
        return known

    def with_towns(self, lead: Lead) -> Lead:
        """Give the lead with the towns that its postcode belongs to, for showing.

        It is given as it is where HQ's list has no names.
        """
        if not lead.postcode:
            return lead
        towns = self.rules.network().towns(lead.country, lead.postcode)
        if not towns:
            return lead
        return replace(lead, postcode_towns=towns)

    def find_towns(self, country: str, typed: str) -> tuple[Town, ...]:
        """Find the towns that may be meant, by HQ's list of places; none where it has no names."""
        return find_towns(self.rules.network().places, country, typed)

    def queue_link(self, lead_id: str = "") -> str:
        """Give the link to HQ's queue, or to one lead on it, that names nobody.

        Mails name their reader instead: ``addressed`` puts the reader's own link in its place.
        """
        generation = self.programme.hq.links
        if lead_id:
            return self.links.queue_lead(lead_id, generation)
        return self.links.queue(generation)

    def contact_row_keys(self, values: Mapping[str, str], product: str) -> tuple[str, ...]:
        """Give the keys of a contact's rows, unreadable: email first, then phone, then the firm.

        The address alone attaches; the others only say that two enquiries may be the same
        customer's. There is one row for each product: asking for something else is not a repeat.
        """
        known_by = [kind for kind in CONTACT_KINDS if values.get(kind)]
        return tuple(self._hash(f"{kind}|{values[kind]}|{product}")[:32] for kind in known_by)

    def mailbox_key(self, email: str) -> str:
        """Name a mailbox without telling the address, to count what is sent there: 32 hex digits.

        Every spelling that ends in the same mailbox (letter case, ``+tags``, the dots of Gmail) has
        the same key.
        """
        spelling = contact_keys(Contact(name="", email=email), ("email",)).get("email", "")
        return self._hash(f"mailbox|{spelling}")[:32]

    def place_key(self, country: str, postcode: str) -> str:
        """Name a place, unreadable: enough to see that two enquiries are at the same one."""
        return self._hash(f"place|{country} {postcode}")[:12]

    def network_key(self, network: str) -> str:
        """Name a network address, unreadable, to count what comes from it: 16 hex digits."""
        return self._hash(f"network|{network}")[:16]

    def _hash(self, text: str) -> str:
        """Hash a text with the contacts' key (HMAC-SHA-256), in hex digits."""
        return hmac.new(self.contact_secret, text.encode(), hashlib.sha256).hexdigest()

    def _calendar(self, partner_id: str) -> Calendar | None:
        """Give a partner's hours with HQ's holidays.

        It is None for a partner that the network does not know yet.
        """
        partner = self.rules.network().partners.get(partner_id)
        return partner.calendar(self.programme.hq_calendar) if partner else None

    def commit(self, *changes: Change, now: datetime) -> None:
        """Commit all of it or nothing, with what follows from it.

        It raises what ``Leads.commit`` raises. Added are who got a place back, the figures of what
        happened, what junk had cost its partners, and the enquiries that an ending one lets go.
        """
        # What is let go is a change like any other: what follows from it is added to it, too.
        together = (*changes, *self._let_go(changes, now))
        for change in together:
            tell_freed(change.draft)
            note_answers(change.draft, self._calendar)
        programme = self.programme
        whole = [
            with_figures(self._with_refunds(change, programme), programme) for change in together
        ]
        self.leads.commit(*whole, now=now)

    def _with_refunds(self, change: Change, programme: Programme) -> Change:
        """Add what junk had cost its partners.

        Their loads are read only where a lead ends as junk, which is rare.
        """
        if not turned_out_junk(change.draft, programme):
            return change
        loads = self.leads.loads([offer.partner for offer in change.draft.lead.offers])
        refunds = junk_refunds(change.draft, loads, self.partner, programme)
        refunded = {
            name: with_refund(change.loads.get(name), refund) for name, refund in refunds.items()
        }
        return replace(change, loads={**change.loads, **refunded})

    def _let_go(self, changes: Sequence[Change], now: datetime) -> list[Change]:
        """Make the enquiries due at once that are attached to a lead which serves them no longer.

        It is done in the same transaction, so that none is stranded.
        """
        nudges: list[Change] = []
        committed = {change.draft.lead.id for change in changes}
        for change in changes:
            first = change.draft.lead
            if not lets_go(change.draft.before, first):
                continue
            attached = [each for each in first.attached if each not in committed]
            for second in self.leads.several(attached):
                draft = nudged(second, first, now) if self._is_let_go(second, first, now) else None
                if draft is not None:
                    nudges.append(Change(draft))
        return nudges

    def _is_let_go(self, second: Lead, first: Lead, now: datetime) -> bool:
        """Tell whether an enquiry has to look after itself, now that ``first`` is as it is."""
        stays = serves(first, second, self.programme, situation_of(second, self.rules, now))
        return not stays or was_left(second, first)

"""What pages and mails are made from: plain values, no words.

``present`` turns each into HTML or mail.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from routing_core.domain.errors import Problem
from routing_core.domain.events import CommitRecord, LeadEvent
from routing_core.domain.lead import Context, Deadline, Lead
from routing_core.domain.offer import Offer
from routing_core.domain.partner import Absence, Load, Partner
from routing_core.domain.programme.forms import Form
from routing_core.domain.programme.programme import Programme
from routing_core.domain.programme.reasons import ReturnReason


@dataclass(frozen=True, slots=True)
class Coverage:
    """The answer to "does somebody do this here?", counting only who could have this lead now."""

    partners: int
    """Counts the partners who are eligible now; 0: there is nobody here yet."""
    open_now: int
    """Counts those of them who are in their response hours."""
    opens_at: datetime | None
    """The instant at which the first of them opens, if none is open."""
    hear_by: datetime
    """The instant by which this prospect would be promised to hear."""
    place: str
    """The postcode as understood; the town as it was typed, where that was told instead."""
    region: str
    """Names the programme's region around it, by whose clock the prospect reads; or is empty."""
    hotline: str = ""
    """The phone number to show in an emergency while nobody is open."""


@dataclass(frozen=True, slots=True)
class FormView:
    """What the hosted form shows.

    Step 1 asks place, work, urgency, and in an emergency everything; step 2 shows ``coverage`` and
    asks who. Plain HTML posts go to the address of step 2 with a field ``step`` (1 or 2), those of
    the button ``back`` to that of step 1; step 2 carries step 1's values, ``submission_id`` and
    ``started`` as hidden fields. ``values`` is what was typed, by field name, to be shown again;
    ``problems`` stand at their fields.
    """

    programme: Programme
    form: Form
    language: str
    step: int
    submission_id: str
    started: str
    """Says, signed, when the form was shown, for the time trap, and by which rules."""
    values: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    coverage: Coverage | None = None
    now: datetime | None = None
    challenge: Mapping[str, Any] | None = None
    """Holds a proof of work for the page's script to solve; only under pressure."""

    @property
    def is_indexed(self) -> bool:
        """Tell whether search engines may list this page."""
        return self.form.indexed and self.step == 1 and not self.problems


@dataclass(frozen=True, slots=True)
class ThanksView:
    """The page that the prospect sees after posting the form.

    ``answer`` is ``offered`` (a partner is being asked), ``held`` (one is asked once they open),
    ``waiting`` (HQ looks for somebody), ``noted`` (asked again later or reviewed), ``joined`` (goes
    to who already has the first enquiry) or ``confirm`` (nobody is asked until the sender confirms
    the address).
    """

    programme: Programme
    language: str
    reference: str
    answer: str
    hear_by: datetime | None
    status_url: str
    region: str = ""


class OfferState(StrEnum):
    """What an offer is to whoever looks at its page."""

    OPEN = "open"  # may accept or decline
    SHARED = "shared"  # the window ended, others are asked too, may still accept
    MINE = "mine"  # accepted by this partner and still owned: contact, steps
    DONE = "done"  # won or lost by this partner
    EXISTING_CUSTOMER = "claimed"  # "already my customer": HQ decides
    DECLINED = "declined"  # this partner declined: may ask for a waiting place
    MISSED = "missed"  # the window ended and the lead went on: may ask for a waiting place
    TAKEN = "taken"  # another partner has it: may ask for a waiting place
    RETURNED = "returned"  # given back or taken back
    CLOSED = "closed"  # the prospect withdrew, or the lead was closed
    ERASED = "erased"  # long over, or erased on request


@dataclass(frozen=True, slots=True)
class AttachedView:
    """Another enquiry that goes along with the offered one, for its owner.

    It is unproven, and whole. A step that is meant for it too is posted with ``field`` = yes.
    """

    lead: Lead
    context: Context
    field: str
    differs: tuple[str, ...]
    """Names in what it is not like the first: see ``domain.repeats.differences``."""
    preset: bool
    """Tells whether name and phone agree, so that a step is probably meant for both."""
    open: bool
    """Tells whether it is neither settled nor withdrawn yet."""


@dataclass(frozen=True, slots=True)
class OfferView:
    """What the partner's page for one offer shows.

    Actions are posted to the page's own address as ``action`` = accept | decline (reason, text) |
    release | wait | return | give_back (reason, text) | colleague (name, email) | partner (partner,
    text) | hq (text) | attempt (text) | contacted (text) | quoted (value, text) | won (value, text)
    | lost (reason, text) | undo | note (text) | reply (question, text); ``/seen`` takes the touch
    or scroll.

    ``context`` and the lead's contact may be shown only in the states MINE and DONE; otherwise the
    view carries no context and at most the company of the contact, so that no template can leak
    them.
    """

    programme: Programme
    lead: Lead
    offer: Offer
    partner: Partner
    state: OfferState
    language: str
    now: datetime
    url: str
    desk_url: str
    """The address of the partner's desk; empty for a colleague, who looks after this lead alone."""
    context: Context | None = None
    attached: tuple[AttachedView, ...] = ()
    """Holds what goes along with it; only in the states MINE and DONE."""
    further: int = 0
    """Counts the enquiries along with it: all that is told of them before it is accepted."""
    alike: bool = False
    """Tells whether the partner has or had another enquiry that may be the same customer's."""
    waiting: bool = False
    """Tells whether this partner already asked for a waiting place."""
    may_wait: bool = False
    free: bool = False
    """Tells whether nobody has the lead or is asked, so that who waits may be asked at once."""
    undo_until: datetime | None = None
    return_until: datetime | None = None
    """Ends the time for the early return ("accepted by mistake")."""
    give_back: tuple[ReturnReason, ...] = ()
    """Lists the reasons for which the owner may give it back now."""
    give_back_until: datetime | None = None
    others: tuple[Partner, ...] | None = None
    """Lists who could take it now, the best first; only on the page for handing over."""
    firm: str = ""
    """The domain of the colleagues' addresses, only there; empty if it is anybody's."""
    contact_by: datetime | None = None
    release: str = ""
    """Says why the open offer may be released uncounted: ``away`` or ``paused``; else empty."""
    claims: frozenset[str] = frozenset()
    """Names decline reasons with which the partner claims the lead, so that HQ decides."""
    then: str = ""
    """Says what may follow a decline, for a day: ``pause`` or ``territory``, as its reason says."""
    notice: str = ""
    """Says what just happened, as a code.

    It is accepted, declined, claimed, released, waiting, returned, attempted, contacted, quoted,
    won, lost, undone, noted, already_accepted, already_declined, full, given_back, delegated,
    handed_over, handed_to_hq or too_late.
    """
    problems: tuple[Problem, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeskLead:
    """One enquiry on a partner's desk."""

    lead: Lead
    offer: Offer
    url: str
    by: Deadline | None
    """Says what is asked for next: the answer, the call, the quote or the outcome."""


@dataclass(frozen=True, slots=True)
class DeskView:
    """What a partner's desk shows.

    Actions are posted to the page: ``action`` = pause | resume | take_more | holiday (first,
    last) | end_holiday (first, last) | renew (a new link is mailed, the old one ends).
    """

    programme: Programme
    partner: Partner
    load: Load
    language: str
    now: datetime
    offers: tuple[DeskLead, ...]
    to_call: tuple[DeskLead, ...]
    to_update: tuple[DeskLead, ...]
    today: date
    """The day it is on the partner's wall."""
    holidays: tuple[Absence, ...] = ()
    """Lists those running or still to come, in order."""
    notice: str = ""
    """Says what just happened: paused, resumed, more, away or back."""
    problems: tuple[Problem, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    report: str = ""
    """The reader's own link to the partner's latest report."""


@dataclass(frozen=True, slots=True)
class DeskEndedView:
    """The page of a desk link that was replaced.

    Its holder may be anybody: the page shows nothing, and offers to mail the link in force to the
    partner (``action`` = renew). ``sent`` tells that this has just been done.
    """

    programme: Programme
    partner: Partner
    language: str
    sent: bool


@dataclass(frozen=True, slots=True)
class ConfirmView:
    """A page to confirm an address on; ``state`` is ask, done or outdated.

    With ask it shows the button; outdated says that the address has changed since.
    """

    programme: Programme
    partner: Partner
    language: str
    state: str


@dataclass(frozen=True, slots=True)
class DigestView:
    """A page on which the reader of a digest stops it, or has it again.

    Actions: ``action`` = stop | again; a mail program posts neither, and means stop.
    """

    programme: Programme
    language: str
    digest: str
    """The template of its mail."""
    is_stopped: bool


@dataclass(frozen=True, slots=True)
class StatusView:
    """What the prospect's own page shows.

    Actions: ``action`` = phone (phone) | postcode (postcode, town) | note (text) | withdraw |
    not_called | ready | confirm. ``partner`` is set once one owns the lead.
    """

    programme: Programme
    lead: Lead
    context: Context
    partner: Partner | None
    language: str
    now: datetime
    may: frozenset[str]
    """Names the actions that make sense now."""
    notice: str = ""
    problems: tuple[Problem, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alike:
    """Held enquiries that came from one network address, counted."""

    mark: str
    """A keyed hash of the address."""
    count: int
    shown: tuple[str, ...]
    """Lists those that one press acts on, each as ``id.version``.

    What comes or changes later is left alone.
    """


@dataclass(frozen=True, slots=True)
class QueueSection:
    """One section of HQ's queue: emergencies first, then the oldest.

    Of what looks like spam it is the newest, for nobody works through that.
    """

    leads: tuple[Lead, ...]
    """The leads that are shown."""
    total: int
    alike: tuple[Alike, ...] = ()
    """Those of what is held that came from one network address, where there are several."""
    more: bool = False
    """Tells whether there are still more than ``total``, which were not counted."""


@dataclass(frozen=True, slots=True)
class ReadBy:
    """Whoever reads one of HQ's pages by a link."""

    language: str = ""
    """The page is in this language; empty = in HQ's."""
    desk_url: str = ""
    """The address that opens the same on HQ's desk; empty for a link that names nobody."""
    may_act: bool = True
    """Tells whether the reader may press the page's buttons, and not only look."""


@dataclass(frozen=True, slots=True)
class QueueView:
    """HQ's list by section, or one section whole (``only``).

    Sections are hq_queue, held, follow_up, nurture and quarantined.
    """

    programme: Programme
    sections: Mapping[str, QueueSection]
    now: datetime
    url: str
    notice: str = ""
    only: str = ""
    names_nobody: bool = False
    """Tells whether it was opened by a link from before links named their readers.

    The page then offers to mail everybody their own.
    """
    reader: ReadBy = ReadBy()


@dataclass(frozen=True, slots=True)
class ColleagueAccess:
    """A colleague who may open links; ``seen`` counts how often HQ has ended theirs."""

    email: str
    name: str
    seen: int


@dataclass(frozen=True, slots=True)
class AccessView:
    """The page of those who may open a partner's links.

    Action posted to the page: ``revoke`` (email, empty = everybody's; seen, the generation shown).
    """

    programme: Programme
    partner: Partner
    now: datetime
    url: str
    back_url: str
    colleagues: tuple[ColleagueAccess, ...] = ()
    """Who looks after open enquiries of the partner and is no contact of it."""
    notice: str = ""
    """The code of what was just done: revoked, or revoked_before by somebody else."""
    reader: ReadBy = ReadBy()


@dataclass(frozen=True, slots=True)
class CandidateView:
    """A partner who may be given the lead, and whether they could take it.

    ``reason`` is empty for an eligible partner, else the code of why not; ``keys`` are what ranks
    them.
    """

    partner: Partner
    keys: tuple[tuple[str, Any], ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """An action that was not done, because the lead changed after the page was shown.

    ``seen`` is the version that the page had shown, ``form`` what was pressed, to be pressed again
    on purpose.
    """

    seen: int
    form: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class QueueLeadView:
    """One lead for HQ: what was tried, and who could take it.

    Actions: ``action`` = assign (partner) | grant | release | retry | reject | withdraw | move
    (postcode, town) | note (text) | ask (text) | erase.
    """

    programme: Programme
    lead: Lead
    context: Context
    partners: Mapping[str, Partner]
    """Everybody named in the lead or its timeline."""
    candidates: tuple[CandidateView, ...]
    timeline: tuple[CommitRecord, ...]
    now: datetime
    url: str
    back_url: str
    """The address of the list that it is on."""
    pages_url: str = ""
    """The address under which the reader finds other leads and partners."""
    may: frozenset[str] = frozenset()
    """What the reader has a right to: assign, erase, export."""
    meanwhile: Meanwhile | None = None
    reader: ReadBy = ReadBy()
    movable: bool = False
    """Its place may still be put right."""
    retriable: bool = False
    """It waits for a partner, and can be tried again."""
    withdrawable: bool = False
    """It can still end because the prospect no longer wants it."""
    askable: bool = False
    """The reader may ask its owner something."""
    notice: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    """What was typed, if something was wrong with it."""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class MailView:
    """Everything a mail template may need.

    The links are ready-made addresses by name: offer, desk, status, confirm, queue, and lead for
    HQ's page of the lead.
    """

    template: str
    programme: Programme
    language: str
    now: datetime
    to: tuple[str, ...]
    lead: Lead | None = None
    context: Context | None = None
    """Only for mails to the owner and the prospect."""
    offer: Offer | None = None
    offered_lead: Lead | None = None
    """The lead whose offer it is, where that is not ``lead``.

    Whoever holds the first of an attached one has the first one's offer.
    """
    partner: Partner | None = None
    may_be_called: bool = True
    """The customer gave a phone number; for the partner also one that only a person can read."""
    event: LeadEvent | None = None
    """What the mail tells of, if it tells of an event of the lead."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """Holds what only some templates need: what the event says, and what was looked up for them."""
    links: Mapping[str, str] = field(default_factory=dict)
    entries: tuple["Entry", ...] = ()
    """Lines of a digest or of a grouped alert."""


TRIED_NAMED = 12


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a digest or grouped alert."""

    kind: str
    lead: Lead
    partner: Partner | None
    at: datetime
    url: str
    tried: tuple[tuple[Partner | None, Offer], ...] = ()
    """Every offer; with its partner only the first twelve (``TRIED_NAMED``) and the last."""
    excluded: Mapping[str, int] = field(default_factory=dict)
    """Why nobody else could be asked: reason code → how many partners."""

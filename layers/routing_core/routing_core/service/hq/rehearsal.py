"""New rules are rehearsed before they are saved.

An invented enquiry goes through all that may come.

Each number has bounds of its own; what breaks only where rules meet, breaks here instead of in the
first enquiry. Nothing is stored and nobody is told: these are the pure steps of
``domain.lifecycle``.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from routing_core.domain.draft import Draft
from routing_core.domain.enquiry.enquiry import FormShown, Submission, read_enquiry
from routing_core.domain.enquiry.qualify import qualify
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.lead import Deadline, DeadlineKind, Lead, LeadStatus
from routing_core.domain.lifecycle import ending, offering, promises
from routing_core.domain.lifecycle import ownership as owning
from routing_core.domain.lifecycle import queueing as resting
from routing_core.domain.offer import OfferKind
from routing_core.domain.partner import Partner, Person
from routing_core.domain.programme.document import most_specific_rule
from routing_core.domain.programme.forms import Form, Question
from routing_core.domain.programme.programme import Programme
from routing_core.domain.reasons import QueueReason
from routing_core.domain.territory import postcodes
from routing_core.domain.territory.territory import WORLD, Territory
from routing_core.domain.values.sentence import said_by, worded
from routing_core.routing.policy import Policy
from routing_core.service.intake.submit_lead import new_lead
from routing_core.service.placing.admit_lead import with_newest_enquiry

MOST_CONSIDERED = 2_000
"""So many combinations of form, product, urgency and partner type are played.

Those that meet the same rules are played once.
"""
MOST_PLAYED = 60
"""Plays of some milliseconds each: whoever saves rules waits for them."""
SHOWN_AS = "EXAMPLE1"
"""The reference of an invented enquiry that people see."""
LATEST_DEADLINE = timedelta(days=3 * 366)
"""No deadline that people mean is later.

The longest window is a year of working days, the longest wait two years.
"""

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class _Cast:
    """Who plays: an enquiry of one form for one product, and a partner of one type."""

    programme: Programme
    form: Form
    product: str
    urgency: str
    partner: Partner
    now: datetime

    @property
    def who(self) -> str:
        """Name the enquiry in a problem."""
        return f"{self.product}, {self.urgency}"

    def rules(self) -> tuple[int, ...]:
        """Tell two plays apart: by the form, and by which rule of each list is met."""
        programme = self.programme
        asked = {"product": self.product, "urgency": self.urgency}
        by_type = asked | {"partner_type": self.partner.type}
        met: list[Any] = [self.form, most_specific_rule(programme.promise, **asked)]
        of_partners = (programme.offers, programme.contact, programme.fallback.backup)
        met.extend(most_specific_rule(rules, **by_type) for rules in of_partners)
        # Rules are compared as objects of this programme: equal ones at two places are two rules.
        return tuple(map(id, met))


def rehearse(programme: Programme, now: datetime) -> list[Problem]:
    """Give everything that breaks when an enquiry comes under these rules.

    Each problem is named by the rule that it breaks in.
    """
    _, problems = _tried("routing.rules", "anything", partial(Policy.of, programme, 0))
    played: set[tuple[int, ...]] = set()
    for cast in islice(_casts(programme, now), MOST_CONSIDERED):
        rules = cast.rules()
        if rules in played:
            continue
        played.add(rules)
        problems += _play(cast)
        if problems or len(played) >= MOST_PLAYED:
            break
    return problems


def _casts(programme: Programme, now: datetime) -> Iterator[_Cast]:
    partners = [_invented_partner(programme, kind) for kind in programme.partner_types]
    for form in programme.forms:
        for product in form.products:
            for urgency in form.urgencies:
                for partner in partners:
                    yield _Cast(programme, form, product, urgency, partner, now)


def _invented_partner(programme: Programme, kind: str) -> Partner:
    return Partner(
        id="rehearsal",
        name="Rehearsal",
        contact=Person("rehearsal@example.com"),
        country=programme.country,
        time_zone=programme.time_zone,
        language=programme.languages[0],
        territories=(Territory.parse(WORLD),),
        products=frozenset(product.id for product in programme.products),
        type=kind,
    )


def _play(cast: _Cast) -> list[Problem]:
    """Let the enquiry come, be counted and compared, and then go through every act."""
    form_path = f"forms[{cast.programme.forms.index(cast.form)}]"
    submission, problems = _tried(form_path, cast.who, partial(_submission, cast))
    if submission is None:
        return problems
    lead, problems = _tried("qualification.points", cast.who, partial(_lead, cast, submission))
    if lead is None:
        return problems
    _, problems = _tried("repeat.window_days", cast.who, partial(_repeated, cast, lead))
    for rule, act in _ACTS.items():
        _, broken = _tried(rule, cast.who, partial(_acted, act, cast, lead))
        problems += broken
    return problems


def _repeated(cast: _Cast, lead: Lead) -> object:
    known = replace(lead, claims=("rehearsal",))
    return with_newest_enquiry(known, "", cast.programme, cast.now, {})


def _acted(act: "Act", cast: _Cast, lead: Lead) -> Draft:
    draft = act(cast, lead)
    for due in draft.lead.deadlines:
        _check_deadline(due, cast.now)
    return draft


def _submission(cast: _Cast) -> Submission:
    """Fill the form in as briefly as it allows."""
    country = cast.form.countries[0]
    typed: dict[str, Any] = {
        "country": country,
        "postcode": postcodes.example(country) or "00000",
        "product": cast.product,
        "urgency": cast.urgency,
        "name": "Rehearsal",
        "email": "rehearsal@example.com",
        "consent": True,
    }
    typed |= {question.id: _answer(question) for question in cast.form.questions}
    # A number of the country would do as well, but not every country has one that is known to be
    # nobody's.
    form = cast.form.model_copy(update={"phone_required": False})
    return read_enquiry(cast.programme, form, typed, FormShown(cast.programme.languages[0]))


def _answer(question: Question) -> str:
    invented = {
        "choice": question.options[0].id if question.options else "",
        "yes_no": "yes",
        "number": "1",
    }
    return invented.get(question.kind, "rehearsal")


def _lead(cast: _Cast, submission: Submission) -> Lead:
    return new_lead(
        "rehearsal", cast.form.id, submission, qualify(cast.programme, submission), cast.now
    )


# ── what can befall it ────────────────────────────────────────────────────────────────────────────


def _promised(cast: _Cast, lead: Lead) -> Draft:
    draft = Draft(None, lead)
    until = promises.promised_by(cast.programme, lead.product, lead.urgency, cast.now)
    promises.promise(draft, until, cast.now)
    return draft


def _offered(cast: _Cast, lead: Lead, kind: OfferKind = OfferKind.ROUTED) -> Draft:
    draft = _promised(cast, lead)
    offering.open_offer(draft, cast.partner, offering.Occasion(kind), cast.programme, cast.now)
    return draft


def _offered_to_backup(cast: _Cast, lead: Lead) -> Draft:
    return _offered(cast, lead, OfferKind.BACKUP)


def _reminded(cast: _Cast, lead: Lead) -> Draft:
    draft = _offered(cast, lead)
    for due in draft.lead.deadlines:
        if due.kind is DeadlineKind.REMIND:
            offering.remind(draft, due, cast.partner, cast.programme)
    return draft


def _accepted(cast: _Cast, lead: Lead) -> Draft:
    draft = _offered(cast, lead)
    owning.accept(draft, 1, cast.partner, cast.programme, cast.now)
    return draft


def _missed_contact(cast: _Cast, lead: Lead) -> Draft:
    draft = _accepted(cast, lead)
    due = next(each for each in draft.lead.deadlines if each.kind is DeadlineKind.CONTACT)
    owning.miss_contact(draft, due, cast.partner, cast.programme)
    return draft


def _quoted(cast: _Cast, lead: Lead) -> Draft:
    draft = _accepted(cast, lead)
    owning.contacted(draft, cast.now)
    owning.quoted(draft, cast.programme, cast.now, "1000")
    owning.ask_status(draft, cast.partner, cast.programme, cast.now)
    return draft


def _won(cast: _Cast, lead: Lead) -> Draft:
    draft = _quoted(cast, lead)
    how = ending.Ending(LeadStatus.WON, value="1000")
    owning.close(draft, how, cast.programme, cast.now)
    return draft


def _returned(cast: _Cast, lead: Lead) -> Draft:
    draft = _accepted(cast, lead)
    owning.return_until(draft.lead, cast.partner, cast.programme)
    for reason in cast.programme.return_reasons:
        owning.give_back(Draft(draft.lead), reason, cast.programme, cast.now)
    return draft


def _queued(cast: _Cast, lead: Lead) -> Draft:
    draft = _promised(cast, lead)
    resting.queue(draft, QueueReason.EXHAUSTED, cast.programme, cast.now)
    return draft


def _followed_up(cast: _Cast, lead: Lead) -> Draft:
    draft = _queued(cast, lead)
    resting.follow_up(draft, cast.programme, cast.now)
    promises.keep_promise(draft, cast.programme, cast.now)
    return draft


def _unplaced(cast: _Cast, lead: Lead) -> Draft:
    draft = _followed_up(cast, lead)
    ending.finish(draft, ending.Ending(LeadStatus.LOST), cast.programme, cast.now)
    return draft


def _nurtured(cast: _Cast, lead: Lead) -> Draft:
    draft = Draft(None, lead)
    resting.nurture(draft, cast.programme, cast.now)
    resting.ask_nurtured(draft, cast.programme, cast.now)
    return draft


Act = Callable[[_Cast, Lead], Draft]
"""Plays what may befall the enquiry, from its arrival on, and gives what became of it."""

_ACTS: dict[str, Act] = {
    "promise": _promised,
    "offers": _offered,
    "reminders": _reminded,
    "fallback.backup": _offered_to_backup,
    "contact": _accepted,
    "missed_contact": _missed_contact,
    "afterwards": _quoted,
    "retention.won": _won,
    "return_reasons": _returned,
    "fallback.hq_hold": _queued,
    "fallback.follow_up": _followed_up,
    "retention.unplaced": _unplaced,
    "qualification.nurture": _nurtured,
}
"""The rule that decides an act → the act, from the enquiry's arrival on."""


def _check_deadline(due: Deadline, now: datetime) -> None:
    """Raise ValueError for a deadline that nobody can have meant."""
    if not now <= due.at <= now + LATEST_DEADLINE:
        english = "{kind} would be due on {when}"
        when = f"{due.at:%Y-%m-%d %H:%M}"
        raise ValueError(worded("too_late_due", english, kind=due.kind.value, when=when))


def _tried(rule: str, who: str, act: Callable[[], Made]) -> tuple[Made | None, list[Problem]]:
    """Give what the act makes, or what it fails with.

    Whatever that is, it would fail for a real enquiry too.
    """
    try:
        return act(), []
    except InvalidInput as error:
        refused = []
        for each in error.problems:
            english = "an invented enquiry for {who} is refused: {why}"
            message = worded("rehearsal_refused", english, who=who, why=each.message)
            refused.append(Problem(f"{rule}.{each.field}", "breaks", message))
        return None, refused
    except Exception as error:  # noqa: BLE001 - whatever it is, it is why these rules cannot be saved
        english = "an invented enquiry for {who} breaks here: {why}"
        message = worded("rehearsal_breaks", english, who=who, why=said_by(error))
        return None, [Problem(rule, "breaks", message)]


def invented_leads(programme: Programme, now: datetime) -> tuple[Lead, Lead, Partner]:
    """Give an enquiry while a partner is asked, the same once accepted, and that partner.

    Nothing of it is real, and the rules are those that were rehearsed.
    """
    casts = islice(_casts(programme, now), MOST_CONSIDERED)
    first = next(casts)
    calm = (each for each in casts if not programme.is_emergency(each.urgency))
    is_emergency = programme.is_emergency(first.urgency)
    cast = next(calm, first) if is_emergency else first
    lead = replace(_lead(cast, _submission(cast)), id=SHOWN_AS)
    return _offered(cast, lead).lead, _accepted(cast, lead).lead, cast.partner

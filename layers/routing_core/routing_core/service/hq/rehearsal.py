"""New rules are rehearsed before they are saved: an invented enquiry goes through all that can
befall a real one.

Each number has bounds of its own; what breaks only where rules meet, breaks here instead of in the
first enquiry. Nothing is stored and nobody is told: these are the pure steps of ``domain.steps``.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

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
from routing_core.routing.policy import Policy
from routing_core.service.intake.submit_lead import new_lead
from routing_core.service.placing.admit_lead import with_newest_enquiry

MOST_CONSIDERED = 2_000
"""Combinations of form, product, urgency and partner type; those that meet the same rules are
played once.
"""
MOST_PLAYED = 60
"""Plays of some milliseconds each: whoever saves rules waits for them."""
LONGEST = timedelta(days=3 * 366)
"""No deadline that people mean is later: the longest window is a year of working days, the longest
wait two years.
"""


@dataclass(frozen=True, slots=True)
class _Cast:
    """Who plays: an enquiry of one form for one product, and a partner of one type."""

    programme: Programme
    form: Form
    product: str
    urgency: str
    partner: Partner
    now: datetime

    def rules(self) -> tuple[int, ...]:
        """What tells two plays apart: the form, and which rule of each list is met."""
        programme, asked = self.programme, {"product": self.product, "urgency": self.urgency}
        by_type = asked | {"partner_type": self.partner.type}
        met: list[Any] = [self.form, most_specific_rule(programme.promise, **asked)]
        of_partners = (programme.offers, programme.contact, programme.fallback.backup)
        met.extend(most_specific_rule(rules, **by_type) for rules in of_partners)
        return tuple(map(id, met))


def rehearse(programme: Programme, now: datetime) -> list[Problem]:
    """Everything that breaks when an enquiry comes under these rules, each named by the rule that
    it breaks in.
    """
    problems = list(_broken("routing.rules", "nobody", lambda: Policy.of(programme, 0)))
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


def _play(cast: _Cast) -> Iterator[Problem]:
    programme, now = cast.programme, cast.now
    form_path = f"forms[{programme.forms.index(cast.form)}]"
    who = f"an invented enquiry for {cast.product}, {cast.urgency}"
    submissions: list[Submission] = []
    yield from _broken(form_path, who, lambda: submissions.append(_submission(cast)))
    if not submissions:
        return
    counted: list[Lead] = []
    yield from _broken(
        "qualification.points", who, lambda: counted.append(_lead(cast, submissions[0]))
    )
    if not counted:
        return
    lead = counted[0]
    yield from _broken(
        "repeat.window_days",
        who,
        lambda: with_newest_enquiry(replace(lead, claims=("rehearsal",)), "", programme, now, {}),
    )
    for rule, act in _ACTS.items():
        yield from _broken(rule, who, lambda act=act: _storable(act(cast, lead), now))  # type: ignore[misc]


def _submission(cast: _Cast) -> Submission:
    """The form filled in as briefly as it allows."""
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


# ── what can befall it
# ────────────────────────────────────────────────────────────────────────────────


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


_ACTS: dict[str, Callable[[_Cast, Lead], Draft]] = {
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


def _storable(draft: Draft, now: datetime) -> None:
    """Raises ValueError for a deadline that nobody can have meant."""
    for due in draft.lead.deadlines:
        _meant(due, now)


def _meant(due: Deadline, now: datetime) -> None:
    if not now <= due.at <= now + LONGEST:
        raise ValueError(f"{due.kind.value} would be due on {due.at:%Y-%m-%d %H:%M}")


def _broken(rule: str, who: str, act: Callable[[], object]) -> Iterator[Problem]:
    """What the act fails with: whatever that is, it would fail for a real enquiry too."""
    try:
        act()
    except InvalidInput as error:
        for each in error.problems:
            yield Problem(f"{rule}.{each.field}", "breaks", f"{who} is refused: {each.message}")
    except Exception as error:  # noqa: BLE001 - whatever it is, it is why these rules cannot be saved
        yield Problem(rule, "breaks", f"{who} breaks here: {error}")

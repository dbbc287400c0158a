"""One partner on HQ's desk: what it is, how it stands, its form, and its buttons."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from routing_core.domain.absences import (
    Absences,
    ahead,
    read_absence,
    with_absence,
    without_absence,
)
from routing_core.domain.activity import ActivityKind
from routing_core.domain.errors import InvalidInput, PartnerChanged, Problem, VersionConflict
from routing_core.domain.hq_people import HqPerson, Right
from routing_core.domain.lead import Lead
from routing_core.domain.partner import Absence, ExtraOpen, Partner
from routing_core.domain.partner_history import ProfileChange
from routing_core.domain.people import people, person_id, times_ended
from routing_core.domain.programme.programme import Programme
from routing_core.formats.partner_cells import MOST_EXTRA
from routing_core.formats.partner_form import TypedProfile
from routing_core.routing.decide.eligibility import local_day
from routing_core.routing.report.reach import Reach
from routing_core.service.hq.deactivate_partner import reactivate_partner
from routing_core.service.hq.known_partners import saved_partner
from routing_core.service.hq.note_activity import note_partner
from routing_core.service.hq.partner_list import PartnerStanding, standing_of
from routing_core.service.hq.revoke_access import Revocation, colleagues_of, revoke_access
from routing_core.service.hq.save_partner import ProfileEdit, patch_partner
from routing_core.service.hq_desk.partner_form import (
    ProfileForm,
    checked_form,
    conflicting_form,
    partner_reach,
    profile_form,
    saved_form,
)
from routing_core.service.hq_desk.partner_rights import partner_changed_by, partner_seen_by
from routing_core.service.kernel.ports import Bus
from routing_core.service.kernel.services import Services
from routing_core.service.offers.partner_desk import change_absences
from routing_core.service.offers.take_more import take_more
from routing_core.service.placing.take_from_partner import leads_with

MOST_LEADS_SHOWN = 10
"""Open leads that the page lists; the list of leads has them all."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who may open links of the partner."""

    email: str
    name: str
    role: str
    """``contact``, ``second`` or ``colleague``."""
    reached: bool
    """Tells whether mail to the address arrives, as far as is known."""
    seen: int
    """How often this person's links have been ended (``times_ended``)."""


@dataclass(frozen=True, slots=True)
class PartnerPageView:
    """The page of one partner."""

    programme: Programme
    visitor: HqPerson
    now: datetime
    standing: PartnerStanding
    form: ProfileForm
    reach: Reach
    """How far the partner reaches as saved."""
    readers: tuple[Reader, ...]
    history: tuple[ProfileChange, ...]
    leads: tuple[Lead, ...]
    """The first of its open leads that the visitor sees."""
    open_leads: int
    today: date
    """The partner's own day."""
    notice: str = ""
    action: str = ""
    """The button that was pressed in vain."""
    problems: tuple[Problem, ...] = ()
    """What was wrong with what it sent; that of the profile stands in ``form``."""
    values: Mapping[str, str] = field(default_factory=dict)
    """What it sent."""

    @property
    def partner(self) -> Partner:
        """Give the partner as saved."""
        return self.standing.partner

    @property
    def may_change(self) -> bool:
        """Tell whether the visitor may press buttons."""
        return self.visitor.may(Right.CHANGE_PARTNERS)

    @property
    def status(self) -> int:
        """Give the status that answers a form: 409 after others' changes, 422 for what is wrong."""
        if self.form.meanwhile or self.form.conflicts:
            return 409
        wrong = self.problems or (self.form.problems and not self.form.checked)
        return 422 if wrong else 200

    @property
    def absences(self) -> Absences:
        """Give the absences that run or are still to come."""
        return ahead(self.partner.absences, self.today)


def view_partner(
    services: Services, visitor: HqPerson, partner_id: str, now: datetime, notice: str = ""
) -> PartnerPageView:
    """Show a partner; raises NotFound, also for one of none of the visitor's regions."""
    partner = partner_seen_by(services, visitor, partner_id)
    load = services.leads.loads([partner.id]).get(partner.id)
    leads = tuple(filter(visitor.sees, leads_with(services, partner.id)))
    return PartnerPageView(
        programme=services.programme,
        visitor=visitor,
        now=now,
        standing=standing_of(partner, load, now),
        form=profile_form(partner),
        reach=partner_reach(services, partner),
        readers=_readers(services, partner),
        history=services.partners.history(partner.id),
        leads=leads[:MOST_LEADS_SHOWN],
        open_leads=len(leads),
        today=local_day(partner, now),
        notice=notice,
    )


def _readers(services: Services, partner: Partner) -> tuple[Reader, ...]:
    contacts = [("contact", partner.contact), ("second", partner.second_contact)]
    readers = [
        Reader(
            person.email,
            person.name,
            role,
            partner.reaches(person.email),
            times_ended(partner, person_id(person.email)),
        )
        for role, person in contacts
        if person is not None
    ]
    colleagues = [
        Reader(each.email, each.name, "colleague", True, each.seen)
        for each in colleagues_of(services, partner)
    ]
    return (*readers, *colleagues)


# ── the profile ───────────────────────────────────────────────────────────────────────────────────


def act_on_profile(
    services: Services, visitor: HqPerson, partner_id: str, sent: "SentProfile", now: datetime
) -> PartnerPageView:
    """Save or check the form; ``notice`` is empty if the page asks for something to be mended.

    Raises NotAllowed, or NotFound.
    """
    partner = partner_changed_by(services, visitor, partner_id)
    form: ProfileForm | None
    if sent.only_check:
        form = checked_form(services, partner, partner.id, sent.typed, now)
    elif sent.version != partner.version:
        form = conflicting_form(services, partner, sent.typed, sent.version)
    else:
        form = _saved_or_conflict(services, visitor, partner, sent, now)
    if form is None:
        return view_partner(services, visitor, partner_id, now, "saved")
    return replace(view_partner(services, visitor, partner_id, now), form=form)


def _saved_or_conflict(
    services: Services, visitor: HqPerson, partner: Partner, sent: "SentProfile", now: datetime
) -> ProfileForm | None:
    try:
        return saved_form(services, visitor, partner, sent.typed, now)
    except (PartnerChanged, VersionConflict):
        known = saved_partner(services, partner.id)
        return conflicting_form(services, known, sent.typed, sent.version)


@dataclass(frozen=True, slots=True)
class SentProfile:
    """What the form of the profile has sent."""

    typed: TypedProfile
    version: int
    """The version of the profile that it showed."""
    only_check: bool
    """Tells that nothing is to be saved."""


def sent_profile(said: Mapping[str, Sequence[str]], typed: TypedProfile) -> SentProfile:
    """Read what the form of a profile has sent."""
    version = _number("".join(said.get("version", ())))
    return SentProfile(typed, version, only_check="check" in said.get("action", ()))


def check_profile(
    services: Services, visitor: HqPerson, partner_id: str, sent: SentProfile, now: datetime
) -> PartnerPageView:
    """Say what the form would do, and save nothing. Raises NotAllowed, or NotFound."""
    partner = partner_changed_by(services, visitor, partner_id)
    form = checked_form(services, partner, partner.id, sent.typed, now)
    return replace(view_partner(services, visitor, partner_id, now), form=form)


# ── buttons ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class PressedButton:
    """A button of the page that was pressed: on whom, by whom, and what it sent."""

    services: Services
    bus: Bus
    partner: Partner
    by: str
    form: Mapping[str, str]
    now: datetime

    def said(self, name: str) -> str:
        """Give what a field says, without blanks around it."""
        return self.form.get(name, "").strip()

    @property
    def today(self) -> date:
        """Give the partner's own day."""
        return local_day(self.partner, self.now)


def act_on_partner(
    services: Services, bus: Bus, visitor: HqPerson, partner_id: str, press: "Press"
) -> PartnerPageView:
    """Press a button, and show the page as it then stands.

    Raises NotAllowed, or NotFound.
    """
    partner = partner_changed_by(services, visitor, partner_id)
    action, now = press.form.get("action", ""), press.now
    button = BUTTONS.get(action)
    if button is None:
        return view_partner(services, visitor, partner_id, now)
    try:
        notice = button(PressedButton(services, bus, partner, visitor.actor, press.form, now))
    except InvalidInput as error:
        view = view_partner(services, visitor, partner_id, now)
        return replace(view, action=action, problems=error.problems, values=dict(press.form))
    if action in NOTED_HERE:
        kind = ActivityKind.PARTNER_SAVED
        note_partner(services, kind, partner.id, visitor.actor, now)
    return view_partner(services, visitor, partner_id, now, notice)


@dataclass(frozen=True, slots=True)
class Press:
    """What a button has sent, and when."""

    form: Mapping[str, str]
    now: datetime


def _pause(pressed: PressedButton) -> str:
    pressed.services.partners.set_paused(pressed.partner.id, True, pressed.now, pressed.by)
    return "paused"


def _resume(pressed: PressedButton) -> str:
    pressed.services.partners.set_paused(pressed.partner.id, False, pressed.now, pressed.by)
    return "resumed"


def _take_more(pressed: PressedButton) -> str:
    more, until = _number(pressed.said("more")), _day(pressed.said("until"))
    problems = []
    if not 1 <= more <= MOST_EXTRA:
        problems.append(Problem("more", "not_more", f"is a number from 1 to {MOST_EXTRA}"))
    if until is None or until < pressed.today:
        problems.append(Problem("until", "past_day", "must be today or later"))
    elif (until - pressed.today).days > 366:
        problems.append(Problem("until", "too_far_ahead", "must be within a year from today"))
    if problems or until is None:
        raise InvalidInput(problems)
    extra = ExtraOpen(more, until)
    take_more(pressed.services, pressed.partner.id, extra, pressed.now, pressed.by)
    return "more"


def _take_no_more(pressed: PressedButton) -> str:
    edit = ProfileEdit(pressed.by)
    patch_partner(pressed.services, pressed.partner.id, {"extra_open": None}, pressed.now, edit)
    return "no_more"


def _away(pressed: PressedButton) -> str:
    new = read_absence(pressed.said("first"), pressed.said("last"), pressed.today)

    def with_new_one(absences: Absences) -> Absences:
        return with_absence(absences, new)

    _change_absences(pressed, with_new_one)
    return "away"


def _back(pressed: PressedButton) -> str:
    first, last = _day(pressed.said("first")), _day(pressed.said("last"))
    if first is None or last is None:
        return "back"
    gone, today = Absence(first, last), pressed.today

    def without_it(absences: Absences) -> Absences:
        return without_absence(absences, gone, today) if gone in absences else absences

    _change_absences(pressed, without_it)
    return "back"


def _change_absences(pressed: PressedButton, change: Callable[[Absences], Absences]) -> None:
    change_absences(pressed.services, pressed.partner.id, pressed.now, change, pressed.by)


def _revoke(pressed: PressedButton) -> str:
    seen = pressed.said("seen")
    counted = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None
    asked = Revocation(pressed.partner.id, pressed.by, pressed.said("email"), counted)
    ended = revoke_access(pressed.services, pressed.bus, asked, pressed.now)
    return "revoked" if ended else "revoked_before"


def _send_link(pressed: PressedButton) -> str:
    """Mail the link in force to a contact again; one mail an hour at most."""
    partner = pressed.partner
    person = person_id(pressed.said("email"))
    generation = people(partner).get(person)
    if generation is None or partner.deactivated:
        raise InvalidInput([Problem("email", "nobodys", "is nobody's at this partner")])
    occasion = f"asked.{generation}.{pressed.now:%Y-%m-%dT%HZ}"
    asked = {"partner": partner.id, "event": occasion, "person": person}
    pressed.bus.publish((), [("desk.requested", asked)])
    return "link_sent"


def _confirm(pressed: PressedButton) -> str:
    """Vouch for the contact's address: nobody is asked to confirm it any more."""
    return _confirmed(pressed, True)


def _ask_again(pressed: PressedButton) -> str:
    """Ask the contact once more to confirm the address."""
    return _confirmed(pressed, False)


def _confirmed(pressed: PressedButton, vouched: bool) -> str:
    edit = ProfileEdit(pressed.by)
    patch = {"confirmed": vouched}
    patch_partner(pressed.services, pressed.partner.id, patch, pressed.now, edit)
    return "confirmed" if vouched else "asked_again"


def _reactivate(pressed: PressedButton) -> str:
    partner = pressed.partner.id
    reactivate_partner(pressed.services, pressed.bus, partner, pressed.now, pressed.by)
    return "reactivated"


BUTTONS: Mapping[str, Callable[[PressedButton], str]] = {
    "pause": _pause,
    "resume": _resume,
    "more": _take_more,
    "no_more": _take_no_more,
    "away": _away,
    "back": _back,
    "revoke": _revoke,
    "send_link": _send_link,
    "confirm": _confirm,
    "ask_again": _ask_again,
    "reactivate": _reactivate,
}
"""What each button does, and the notice that it leads to."""
NOTED_HERE = frozenset({"pause", "resume", "more", "away", "back"})
"""Buttons whose use cases partners have too, so that they note nothing in HQ's activity log."""


def _number(text: str) -> int:
    is_number = text.isascii() and text.isdigit() and len(text) < 6
    return int(text) if is_number else 0


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None

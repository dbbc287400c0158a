"""What HQ does with many leads at once: each on its own, and what became of each is told."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from routing_core.domain.errors import (
    ChangedMeanwhile,
    Conflict,
    Gone,
    InvalidInput,
    NotFound,
    Problem,
    VersionNeeded,
)
from routing_core.domain.hq_people import HqPerson, Right
from routing_core.domain.written_note import written_note
from routing_core.service.hq.handle_lead import Assignment, add_note, assign_lead, reject_lead
from routing_core.service.hq.hq_lead_page import LONGEST_VERSION
from routing_core.service.hq_desk.lead_query import partner_named
from routing_core.service.kernel.services import Services
from routing_core.service.placing.release_lead import release_lead
from routing_core.service.placing.retry_leads import retry_lead

MOST_AT_ONCE = 100
"""So many leads take part in one press."""
LONGEST_ID = 64
"""Characters of a lead's id in an address: ours have twenty-five."""


class LeadsAction(StrEnum):
    """What can be done with many leads; the values stand in forms and addresses."""

    ASSIGN = "assign"
    RETRY = "retry"
    RELEASE = "release"
    REJECT = "reject"
    NOTE = "note"


class LeadsResult(StrEnum):
    """What became of one lead; the values stand in addresses."""

    DONE = "d"
    CHANGED = "c"
    """Something has happened since it was listed that matters to whoever decides."""
    OWNED = "o"
    """A partner has it: that is taken away on the lead's own page, with a question."""
    GONE = "g"
    """It is in a state in which that cannot be done."""
    NOBODY = "n"
    """There is still no partner to ask, or it does not wait for one."""
    MISSING = "m"
    """There is no such lead, or it is not theirs to see."""
    NO_TIME = "t"
    """The time for one request was over before it was its turn."""


@dataclass(frozen=True, slots=True)
class LeadsPress:
    """A press on a button below the list."""

    action: LeadsAction
    chosen: Mapping[str, int | None]
    """The leads that were chosen, each with the version that was listed; None = whichever."""
    partner: str = ""
    """The partner to assign to, as it was typed."""
    text: str = ""
    """The note."""


@dataclass(frozen=True, slots=True)
class PressRefused:
    """A press of which nothing was done, to be mended on the page that it was made on."""

    problems: tuple[Problem, ...]
    values: Mapping[str, str]
    """What was typed beside the buttons."""
    chosen: frozenset[str]
    """The leads that were chosen, as the list names them."""


def read_press(form: Mapping[str, str], chosen: Sequence[str]) -> LeadsPress:
    """Read what was pressed; ``chosen`` are leads as the list names them, ``id.version``.

    Raises InvalidInput where no lead was chosen, or nothing that can be done with it.
    """
    try:
        action = LeadsAction(form.get("action", ""))
    except ValueError:
        raise InvalidInput([Problem("action", "unknown_option", "is no action")]) from None
    leads = dict(_named(each) for each in chosen[:MOST_AT_ONCE])
    leads.pop("", None)
    if not leads:
        raise InvalidInput([Problem("lead", "none_chosen", "choose at least one lead")])
    return LeadsPress(action, leads, form.get("to", ""), form.get("text", ""))


def _named(chosen: str) -> tuple[str, int]:
    """Give the id and the version of a lead that was chosen; no id for what nobody listed."""
    lead_id, _, version = chosen.partition(".")
    is_version = version.isascii() and version.isdigit() and len(version) < LONGEST_VERSION
    return (lead_id, int(version)) if is_version and _may_be_id(lead_id) else ("", 0)


def _may_be_id(text: str) -> bool:
    """Tell whether it could be a lead's id: nothing else comes into an address or a key."""
    return text.isascii() and text.isalnum() and len(text) <= LONGEST_ID


def chosen_leads(form: Mapping[str, str], ticked: Sequence[str]) -> tuple[str, ...]:
    """Give the leads that a press is for: those that were ticked, or all that were listed."""
    return tuple(form.get("listed", "").split() if form.get("all") else ticked)


def act_on_leads(
    services: Services,
    person: HqPerson,
    pressed: tuple[Mapping[str, str], Sequence[str]],
    now: datetime,
    has_time: Callable[[], bool],
) -> Mapping[str, LeadsResult] | PressRefused:
    """Read what was ``pressed``, a form and the chosen leads, and do it; or say what is wrong.

    Raises NotAllowed.
    """
    person.need(Right.ACT_ON_LEADS)
    form, chosen = pressed
    try:
        return press_for_all(services, person, read_press(form, chosen), now, has_time)
    except InvalidInput as error:
        return PressRefused(tuple(error.problems), form, frozenset(chosen))


def press_for_all(
    services: Services,
    person: HqPerson,
    press: LeadsPress,
    now: datetime,
    has_time: Callable[[], bool],
) -> Mapping[str, LeadsResult]:
    """Do it with each of the chosen leads, for as long as there is time; say what became of each.

    Raises NotAllowed, and InvalidInput for a partner there is not or an empty note: nothing is
    done then.
    """
    person.need(Right.ASSIGN if press.action is LeadsAction.ASSIGN else Right.ACT_ON_LEADS)
    act = _action(services, person, press, now)
    return dict(_results(services, person, press, act, has_time))


ActOnLead = Callable[[Services, str], bool]
"""Does it with one lead, and tells whether anything came of it."""


def _action(services: Services, person: HqPerson, press: LeadsPress, now: datetime) -> ActOnLead:
    """Give what is done with each lead, once it is clear that it can be done at all."""
    match press.action:
        case LeadsAction.ASSIGN:
            to = _partner_of(services, press.partner)
            # Whoever has a lead already keeps it: nobody takes fifty away with one press.
            assignment = Assignment(to, person.actor, may_take_away=False)
            return lambda one, lead: bool(assign_lead(one, lead, assignment, now))
        case LeadsAction.NOTE:
            if not written_note(press.text):
                raise InvalidInput([Problem("text", "required", "write the note first")])
            return lambda one, lead: bool(add_note(one, lead, press.text, person.actor, now))
        case LeadsAction.RETRY:
            return lambda one, lead: retry_lead(one, lead, now, person.actor)
        case LeadsAction.RELEASE:
            return lambda one, lead: bool(release_lead(one, lead, person.actor, now))
        case LeadsAction.REJECT:
            return lambda one, lead: bool(reject_lead(one, lead, person.actor, now))


def _partner_of(services: Services, typed: str) -> str:
    """Give the partner to assign to. Raises InvalidInput (to)."""
    try:
        named = partner_named(typed.strip(), services.rules.network().partners)
    except InvalidInput as error:
        raise InvalidInput(
            [Problem("to", each.code, each.message) for each in error.problems]
        ) from error
    partner = services.partners.get(named) if named else None
    if partner is None:
        raise InvalidInput([Problem("to", "required", "name the partner")])
    if not partner.confirmed or partner.bounced:
        message = "the email address of this partner is not confirmed"
        raise InvalidInput([Problem("to", "unconfirmed", message)])
    return partner.id


def _results(
    services: Services,
    person: HqPerson,
    press: LeadsPress,
    act: ActOnLead,
    has_time: Callable[[], bool],
) -> Iterator[tuple[str, LeadsResult]]:
    out_of_time = False
    for number, (lead_id, version) in enumerate(press.chosen.items()):
        # The first one is always tried: whoever presses again gets on.
        out_of_time = out_of_time or (number > 0 and not has_time())
        if out_of_time:
            yield lead_id, LeadsResult.NO_TIME
        else:
            seen = services.having_seen(lead_id, version)
            yield lead_id, _result(seen, person, lead_id, act)


def _result(services: Services, person: HqPerson, lead_id: str, act: ActOnLead) -> LeadsResult:
    try:
        if not person.sees(services.lead(lead_id)):
            return LeadsResult.MISSING
        return LeadsResult.DONE if act(services, lead_id) else LeadsResult.NOBODY
    except NotFound:
        return LeadsResult.MISSING
    except VersionNeeded:
        return LeadsResult.OWNED
    except Gone:
        return LeadsResult.GONE
    except (ChangedMeanwhile, Conflict):
        return LeadsResult.CHANGED


def results_text(results: Mapping[str, LeadsResult]) -> str:
    """Write what became of leads so that it fits into an address: ``L…d.L…g``."""
    return ".".join(f"{lead_id}{result.value}" for lead_id, result in results.items())


def read_results(text: str) -> Mapping[str, LeadsResult]:
    """Read what ``results_text`` wrote; whatever else an address says is left out.

    Anybody can write an address: nothing is read or done for it but to say it again.
    """
    known = frozenset(LeadsResult)
    results = {}
    for each in text.split(".")[:MOST_AT_ONCE]:
        lead_id, result = each[:-1], each[-1:]
        if _may_be_id(lead_id) and result in known:
            results[lead_id] = LeadsResult(result)
    return results

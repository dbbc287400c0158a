"""Tell whether a first enquiry still serves one attached to it, which is nudged if it does not.

Whatever ends a first enquiry, or moves it to somebody who
does not work where the second is, sets the second's ``due`` to now in the same transaction. Nothing
is decided there: the second's own wake routes it. So the load of a partner is never changed twice
in one transaction, and a lost timer strands nobody, for the sweeper finds what is due.
"""

from collections.abc import Iterable
from datetime import datetime

from routing_core.domain.draft import Draft
from routing_core.domain.events import FirstEnded
from routing_core.domain.lead import OPEN, Deadline, DeadlineKind, Lead
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.domain.repeats import ALIVE, belongs_to, same_place, was_given_back_unreached
from routing_core.routing.decide.eligibility import ProfileCheck, is_ruled_out
from routing_core.routing.decide.situation import Situation


def serves(first: Lead | None, second: Lead, programme: Programme, situation: Situation) -> bool:
    """Tell whether the enquiry that ``second`` is attached to still stands for it.

    ``situation`` is that of ``second``, by the programme in force.
    """
    if first is None or second.id not in first.attached or first.status not in ALIVE:
        return False
    if was_given_back_unreached(first, programme) or not belongs_to(second, first, programme):
        return False
    return reaches(first, second, situation)


def reaches(first: Lead, second: Lead, situation: Situation) -> bool:
    """Tell whether whoever holds the first looks after the second's place too.

    ``situation`` is that of ``second``.
    """
    if same_place(first, second):
        return True
    if first.status not in OPEN:
        return False
    network = situation.network
    covering = network.covering(second.country, second.postcode)
    holders = set(first.listed_under)
    if not holders <= covering.keys():
        return False
    return (
        who_may_have_it([network.partners[name] for name in first.listed_under], situation)
        == holders
    )


def who_may_have_it(partners: Iterable[Partner], situation: Situation) -> set[str]:
    """Name those whom nothing excludes at the enquiry's place.

    Neither the rules exclude them, nor what they take themselves.
    """
    return {
        partner.id for partner in partners if not is_ruled_out(ProfileCheck.of(partner, situation))
    }


def lets_go(before: Lead | None, after: Lead) -> bool:
    """Tell whether this commit may end what the lead does for those attached to it.

    It is cheap, and never wrong about a lead that has none.
    """
    if before is None or not before.attached:
        return False
    # Where nothing of this changed no attached enquiry need be read.
    same_hands = (before.status, before.listed_under) == (after.status, after.listed_under)
    same_enquiry = same_place(before, after) and before.contact == after.contact
    return not (same_hands and same_enquiry and after.status in OPEN)


def nudged(second: Lead, first: Lead, now: datetime) -> Draft | None:
    """Make ``second`` look after itself at once.

    It is None if it is about to anyway, or is not attached to ``first``.
    """
    if not second.is_attached or second.attached_to != first.id:
        return None
    if second.due is not None and second.due <= now:
        return None
    draft = Draft(second)
    look_again(draft, now)
    draft.add_event(FirstEnded(first=first.id))
    return draft


def look_again(draft: Draft, now: datetime) -> None:
    """Make an attached enquiry due: whether it may stay attached is found out at once."""
    draft.drop_deadlines(DeadlineKind.FIRST)
    draft.add_deadlines(Deadline(now, DeadlineKind.FIRST))

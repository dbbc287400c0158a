"""Adds to a commit what follows from what it changes: freed capacity, and figures of partners."""

from collections import Counter
from dataclasses import replace

from routing_core.domain.draft import Draft
from routing_core.domain.enquiry.junk import is_junk
from routing_core.domain.events import CapacityFreed
from routing_core.domain.figures import RETURNED_FOR, difference, tally
from routing_core.domain.lead import open_counts
from routing_core.domain.programme.programme import Programme
from routing_core.service.kernel.ports import Change, LoadChange


def tell_freed(draft: Draft) -> None:
    """Tell of each partner to whom the commit gives a place back: others may be tried with them."""
    held = open_counts(draft.lead)
    for partner in open_counts(draft.before):
        if partner not in held:
            draft.add_event(CapacityFreed(partner=partner))


def with_figures(change: Change, programme: Programme) -> Change:
    """Add what the lead's partners are better or worse by to what happens to their LOAD."""
    neutral = _neutral_reasons(programme)
    was_junk = is_junk(change.draft.before, programme)
    is_junk_now = is_junk(change.draft.lead, programme)
    before = tally(change.draft.before, neutral, junk=was_junk)
    after = tally(change.draft.lead, neutral, junk=is_junk_now)
    # "Lost: no enquiry" taken back within two minutes: what was given back counts again for
    # everybody.
    is_no_junk_after_all = was_junk and not is_junk_now
    loads = dict(change.loads)
    for partner, counted in after.items():
        figures = difference(before.get(partner, Counter()), counted)
        if figures:
            known = loads.get(partner, LoadChange())
            loads[partner] = replace(
                known, figures=figures, corrects=known.corrects or is_no_junk_after_all
            )
    return replace(change, loads=loads)


def _neutral_reasons(programme: Programme) -> set[str]:
    """Collect the reasons that count neither for a partner nor against one."""
    of_declines = {reason.id for reason in programme.decline_reasons if reason.neutral}
    of_losses = {reason.id for reason in programme.lost_reasons if reason.neutral}
    of_returns = {
        f"{RETURNED_FOR}{reason.id}" for reason in programme.return_reasons if reason.neutral
    }
    return of_declines | of_losses | of_returns

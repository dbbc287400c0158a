"""The exceptions with which HQ's report begins: what concerns most leads comes first."""

from collections import Counter
from collections.abc import Iterable, Iterator

from routing_core.reporting.hq_report import Gap, Notable, NotableKind, SpeedToLead
from routing_core.reporting.partner_counts import PartnerFigures
from routing_core.reporting.share import Share

MOST_NOTABLE = 5
MOST_NOTABLE_OF_A_KIND = 2
"""So many of one kind are named, so that the first five are no list of one trouble."""
FEW = 3
"""What concerns fewer leads of one partner is no exception."""
SLA_POINTS_BEHIND = 0.2
"""Who keeps so much less of the deadlines than all others together calls late."""
MANY_LAPSES = 0.3
MANY_DECLINES = 0.5
MANY_RETURNS = 0.2


def most_notable(found: Iterable[Notable]) -> tuple[Notable, ...]:
    """Give the five that concern most leads, at most two of a kind."""
    kept: list[Notable] = []
    of_kind: Counter[NotableKind] = Counter()
    for each in sorted(found, key=lambda one: (-one.count, one.kind, one.subject, one.product)):
        if of_kind[each.kind] < MOST_NOTABLE_OF_A_KIND:
            of_kind[each.kind] += 1
            kept.append(each)
    return tuple(kept[:MOST_NOTABLE])


def notable_of_network(
    gaps: Iterable[Gap], waiting: Share, promises: Share, speed: SpeedToLead
) -> Iterator[Notable]:
    """Yield what is no one partner's: gaps, leads that wait, promises broken, calls disputed."""
    for gap in gaps:
        if gap.nobody:
            yield Notable(
                NotableKind.GAP, gap.area, gap.nobody, gap.demand, gap.product, gap.country
            )
    if waiting.count:
        yield Notable(NotableKind.WAITING, "", waiting.count, waiting.of)
    broken = promises.of - promises.count
    if broken:
        yield Notable(NotableKind.PROMISES, "", broken, promises.of)
    if speed.disputed.count:
        yield Notable(NotableKind.DISPUTED, "", speed.disputed.count, speed.disputed.of)


def notable_of_partner(figures: PartnerFigures, sla: Share) -> Iterator[Notable]:
    """Yield what stands out of one partner; ``sla`` is that of all."""
    offers = figures.offers
    answered = offers.acceptance.of
    counts = {
        NotableKind.UNSEEN: Share(offers.lapsed_unseen, answered),
        NotableKind.LAPSES: _if(offers.lapsed_seen, answered, MANY_LAPSES),
        NotableKind.DECLINES: _if(offers.declined, answered, MANY_DECLINES),
        NotableKind.RETURNS: _if(figures.return_rate.count, figures.return_rate.of, MANY_RETURNS),
        NotableKind.SLA: _late(figures.sla, sla),
        NotableKind.OVERDUE: Share(figures.overdue, figures.open),
        NotableKind.UNFAIR: _unfair(figures),
    }
    for kind, share in counts.items():
        if share.count >= FEW:
            yield Notable(kind, figures.partner, share.count, share.of)


def _if(count: int, of: int, least: float) -> Share:
    """Give the share if it is at least so large; else none."""
    rate = Share(count, of).rate
    return Share(count if rate is not None and rate >= least else 0, of)


def _late(own: Share, of_all: Share) -> Share:
    """Give the late calls of a partner who is far behind the others."""
    others = Share(of_all.count - own.count, of_all.of - own.of).rate
    is_behind = (
        own.rate is not None and others is not None and own.rate <= others - SLA_POINTS_BEHIND
    )
    return Share(own.of - own.count if is_behind else 0, own.of)


def _unfair(figures: PartnerFigures) -> Share:
    """Give the offers that weights would have given, of a partner who got less than half."""
    missing = figures.entitled - figures.routed
    got_little = figures.routed < figures.entitled / 2
    return Share(int(missing) if got_little else 0, round(figures.entitled))

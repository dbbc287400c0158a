"""What the lines of a network contradict, told by name. It is no error: two may share an area on
purpose.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from routing_core.domain.partner import Partner
from routing_core.domain.territory.swapped import km_from, swapped
from routing_core.domain.territory.territory import Territory

MOST = 50
"""Of one kind."""
_NAMED = 4


@dataclass(frozen=True, slots=True)
class ListWarning:
    """``code`` is a stable word; ``partners`` are those whom it concerns."""

    code: str
    partners: tuple[str, ...]
    message: str


def list_warnings(
    partners: Mapping[str, Partner], listed: Collection[str]
) -> tuple[ListWarning, ...]:
    """Of the whole network, as far as it concerns a partner of the list; of each kind the first
    ``MOST``.
    """
    told: list[ListWarning] = []
    for kind in (_two_ranks, _two_first, _one_address, _swapped_points):
        found = [each for each in kind(partners) if not set(listed).isdisjoint(each.partners)]
        told += found[:MOST]
        if len(found) > MOST:
            more = f"and {len(found) - MOST:,} more like these: {found[MOST].message}"
            told.append(ListWarning(found[MOST].code, found[MOST].partners, more))
    return tuple(told)


def not_in_map(partners: Sequence[Partner]) -> Iterator[ListWarning]:
    """Those whom a dealer map does not name."""
    if partners:
        names = _named([partner.name for partner in partners])
        keep = "keeps its territories" if len(partners) == 1 else "keep their territories"
        message = f"{names} {keep}: the map does not name {'it' if len(partners) == 1 else 'them'}"
        yield ListWarning("not_in_map", tuple(partner.id for partner in partners[:MOST]), message)


def _two_ranks(partners: Mapping[str, Partner]) -> Iterator[ListWarning]:
    """One area stands twice with one partner, with two ranks."""
    for partner in partners.values():
        ranks: dict[Territory, list[int]] = defaultdict(list)
        for entry in partner.territories:
            if not entry.excluded:
                ranks[_where(entry)].append(entry.rank)
        for where, found in ranks.items():
            if len(set(found)) > 1:
                written = " and ".join(f"rank {rank}" for rank in sorted(set(found)))
                message = f"{partner.name}: {where} is listed twice, with {written}; rank {min(found)} counts"
                yield ListWarning("two_ranks", (partner.id,), message)


def _two_first(partners: Mapping[str, Partner]) -> Iterator[ListWarning]:
    """Several are first for the same area, and do the same product there."""
    first: dict[Territory, list[Partner]] = defaultdict(list)
    for partner in partners.values():
        for entry in dict.fromkeys(partner.territories):
            if entry.rank == 1 and not entry.excluded and not entry.backup:
                first[entry].append(partner)
    for where, sharing in first.items():
        for group in _doing_the_same(sharing):
            names = _named([partner.name for partner in group])
            message = (
                f"{names} are all first for {where}"
                if len(group) > 2
                else f"{names} are both first for {where}"
            )
            ids = tuple(partner.id for partner in group)
            yield ListWarning(
                "two_first", ids, f"{message}: they take turns. Give one of them rank 2 if not"
            )


def _doing_the_same(partners: Sequence[Partner]) -> Iterator[Sequence[Partner]]:
    """Each product's partners, where there are several; those of two products once."""
    groups = []
    for product in sorted({product for partner in partners for product in partner.products}):
        group = [partner for partner in partners if product in partner.products]
        if len(group) > 1 and group not in groups:
            groups.append(group)
    yield from groups


def _one_address(partners: Mapping[str, Partner]) -> Iterator[ListWarning]:
    """The mail of several partners goes to one address."""
    by_address: dict[str, list[Partner]] = defaultdict(list)
    for partner in partners.values():
        people = [partner.contact, *([partner.second_contact] if partner.second_contact else [])]
        for address in dict.fromkeys(person.email.casefold() for person in people):
            by_address[address].append(partner)
    for address, sharing in by_address.items():
        if len(sharing) > 1:
            ids = tuple(partner.id for partner in sharing)
            names = _named([partner.name for partner in sharing])
            yield ListWarning("one_address", ids, f"{names} have the same email address, {address}")
    for partner in partners.values():
        second = partner.second_contact
        if second and second.email.casefold() == partner.contact.email.casefold():
            message = (
                f"{partner.name}: the second contact has the address of the first, {second.email}"
            )
            yield ListWarning("one_address", (partner.id,), message)


def _swapped_points(partners: Mapping[str, Partner]) -> Iterator[ListWarning]:
    """The middle of a radius lies far from its country, and in it with longitude and latitude the
    other way round.
    """
    for partner in partners.values():
        for entry in partner.territories:
            _, point = entry.centre if entry.reach == "radius" else ("", None)
            if point and swapped(entry.country, point):
                far = f"{round(km_from(entry.country, point), -2):,.0f} km from {entry.country}"
                other_way = f"{point.lon:g},{point.lat:g}"
                message = f"{partner.name}: {entry} lies {far}: did you mean {other_way}? Latitude comes first"
                yield ListWarning("swapped", (partner.id,), message)


def _where(entry: Territory) -> Territory:
    return replace(entry, rank=1, backup=False)


def _named(names: Sequence[str]) -> str:
    """``A, B, C and 3 more``"""
    if len(names) > _NAMED:
        return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED:,} more"
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]

"""Say where the partners of a network contradict each other, by their names.

It is no error: two may share an area on purpose.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from routing_core.domain.partner import Partner
from routing_core.domain.territory.swapped import km_from, swapped
from routing_core.domain.territory.territory import Territory
from routing_core.domain.values.sentence import worded

MOST_OF_A_KIND = 50
"""This many warnings of one kind are given."""
_MOST_NAMED = 4


@dataclass(frozen=True, slots=True)
class ListWarning:
    """A warning about a list of partners says what it probably does not mean."""

    code: str
    """Programs tell warnings apart by this stable word."""
    partners: tuple[str, ...]
    """It concerns the partners of these ids."""
    message: str
    """People read this sentence."""


def list_warnings(
    partners: Mapping[str, Partner], listed: Collection[str]
) -> tuple[ListWarning, ...]:
    """Give the warnings about a whole network that concern a partner of the list.

    Of each kind they are the first ``MOST_OF_A_KIND``, and how many more there are.
    """
    listed_ids = set(listed)
    warnings: list[ListWarning] = []
    for kind in (_two_ranks, _two_first, _one_address, _swapped_points):
        found = [each for each in kind(partners) if not listed_ids.isdisjoint(each.partners)]
        warnings += found[:MOST_OF_A_KIND]
        if len(found) > MOST_OF_A_KIND:
            first = found[MOST_OF_A_KIND]
            others = len(found) - MOST_OF_A_KIND
            english = "and {others} more like these: {why}"
            message = worded("network.more", english, others=f"{others:,}", why=first.message)
            warnings.append(replace(first, message=message))
    return tuple(warnings)


def not_in_map(partners: Sequence[Partner]) -> Iterator[ListWarning]:
    """Warn of those whom a dealer map does not name."""
    if not partners:
        return
    ids = tuple(partner.id for partner in partners[:MOST_OF_A_KIND])
    names = _named([partner.name for partner in partners])
    message = worded(
        "network.not_in_map",
        "{names} keep their territories: the map does not name them",
        names=names,
    )
    if len(partners) == 1:
        english = "{names} keeps its territories: the map does not name it"
        message = worded("network.one_not_in_map", english, names=names)
    yield ListWarning("not_in_map", ids, message)


# ── ranks ─────────────────────────────────────────────────────────────────────────────────────────


def _two_ranks(partners: Mapping[str, Partner]) -> Iterator[ListWarning]:
    """Warn where one area stands twice with one partner, with two ranks."""
    for partner in partners.values():
        for where, ranks in _ranks_by_area(partner).items():
            if len(ranks) < 2:
                continue
            written = " and ".join(f"rank {rank}" for rank in sorted(ranks))
            message = worded(
                "network.two_ranks",
                "{partner}: {where} is listed twice, with {ranks}; rank {rank} counts",
                partner=partner.name,
                where=str(where),
                ranks=written,
                rank=min(ranks),
            )
            yield ListWarning("two_ranks", (partner.id,), message)


def _ranks_by_area(partner: Partner) -> Mapping[Territory, set[int]]:
    ranks: defaultdict[Territory, set[int]] = defaultdict(set)
    for entry in partner.territories:
        if not entry.excluded:
            area = replace(entry, rank=1, backup=False)
            ranks[area].add(entry.rank)
    return ranks


def _two_first(partners: Mapping[str, Partner]) -> Iterator[ListWarning]:
    """Warn where several are first for the same area, and do the same product there."""
    for where, sharing in _first_by_area(partners).items():
        for group in _doing_the_same(sharing):
            names = _named([partner.name for partner in group])
            all_or_both = "all" if len(group) > 2 else "both"
            english = (
                f"{{names}} are {all_or_both} first for {{where}}: they take turns. "
                "Give one of them rank 2 if that is not meant"
            )
            message = worded("network.two_first", english, names=names, where=str(where))
            ids = tuple(partner.id for partner in group)
            yield ListWarning("two_first", ids, message)


def _first_by_area(partners: Mapping[str, Partner]) -> Mapping[Territory, list[Partner]]:
    first: defaultdict[Territory, list[Partner]] = defaultdict(list)
    for partner in partners.values():
        for entry in dict.fromkeys(partner.territories):
            if entry.rank == 1 and not entry.excluded and not entry.backup:
                first[entry].append(partner)
    return first


def _doing_the_same(partners: Sequence[Partner]) -> list[list[Partner]]:
    """Give each product's partners, where there are several; those of two products once."""
    products: set[str] = set()
    for partner in partners:
        products.update(partner.products)
    groups: list[list[Partner]] = []
    for product in sorted(products):
        group = [partner for partner in partners if product in partner.products]
        if len(group) > 1 and group not in groups:
            groups.append(group)
    return groups


# ── addresses and points ──────────────────────────────────────────────────────────────────────────


def _one_address(partners: Mapping[str, Partner]) -> Iterator[ListWarning]:
    """Warn where the mail of several partners, or both contacts of one, has one address."""
    for address, sharing in _by_address(partners).items():
        if len(sharing) > 1:
            ids = tuple(partner.id for partner in sharing)
            names = _named([partner.name for partner in sharing])
            english = "{names} have the same email address, {value}"
            message = worded("network.one_address", english, names=names, value=address)
            yield ListWarning("one_address", ids, message)
    for partner in partners.values():
        second = partner.second_contact
        if second and second.email.casefold() == partner.contact.email.casefold():
            english = "{partner}: the second contact has the address of the first, {value}"
            message = worded(
                "network.second_contact", english, partner=partner.name, value=second.email
            )
            yield ListWarning("one_address", (partner.id,), message)


def _by_address(partners: Mapping[str, Partner]) -> Mapping[str, list[Partner]]:
    sharing: defaultdict[str, list[Partner]] = defaultdict(list)
    for partner in partners.values():
        people = [person for person in (partner.contact, partner.second_contact) if person]
        # Each address once: who has one address for both contacts does not share it with anybody.
        for address in dict.fromkeys(person.email.casefold() for person in people):
            sharing[address].append(partner)
    return sharing


def _swapped_points(partners: Mapping[str, Partner]) -> Iterator[ListWarning]:
    """Warn where the middle of a radius lies far from its country, but in it if turned round.

    Somebody wrote longitude before latitude.
    """
    for partner in partners.values():
        for entry in partner.territories:
            if entry.reach != "radius":
                continue
            _, point = entry.centre
            if point and swapped(entry.country, point):
                message = worded(
                    "network.swapped",
                    "{partner}: {where} lies {km} km from {country}: "
                    "did you mean {meant}? Latitude comes first",
                    partner=partner.name,
                    where=str(entry),
                    km=f"{round(km_from(entry.country, point), -2):,.0f}",
                    country=entry.country,
                    meant=f"{point.lon:g},{point.lat:g}",
                )
                yield ListWarning("swapped", (partner.id,), message)


def _named(names: Sequence[str]) -> str:
    """List names as people say them: ``A, B, C and 3 more``."""
    if len(names) > _MOST_NAMED:
        others = len(names) - _MOST_NAMED
        return f"{', '.join(names[:_MOST_NAMED])} and {others:,} more"
    if len(names) == 1:
        return names[0]
    return f"{', '.join(names[:-1])} and {names[-1]}"

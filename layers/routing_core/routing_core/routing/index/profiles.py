"""Partners by id, read from their stored form only when somebody asks for them."""

import json
import zlib
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from routing_core.domain.partner import Partner
from routing_core.domain.partner_plain import partner_from_plain, partner_to_plain

BLOCK = 24
"""Partners compressed together: enough to compress well, few enough to read for the sake of one."""
MOST_KEPT = 20_000


class Profiles(Mapping[str, Partner]):
    """Sorted by id; the place in that order is a partner's *ordinal*."""

    def __init__(
        self,
        ids: Sequence[str],
        blocks: Sequence[bytes],
        known: dict[int, Partner] | None = None,
        block: int = BLOCK,
    ):
        self.ids = ids
        self.block = block
        self._blocks = blocks
        self._known = {} if known is None else known

    @classmethod
    def of(cls, partners: Sequence[Partner]) -> "Profiles":
        """``partners`` sorted by id."""
        return cls([partner.id for partner in partners], (), dict(enumerate(partners)))

    def ordinal(self, partner: str) -> int | None:
        place = bisect_left(self.ids, partner)
        return place if place < len(self.ids) and self.ids[place] == partner else None

    def at(self, ordinal: int) -> Partner:
        known = self._known.get(ordinal)
        if known is None:
            if len(self._known) >= MOST_KEPT:
                self._known.clear()
            plain = _one_of(
                zlib.decompress(self._blocks[ordinal // self.block]), ordinal % self.block
            )
            known = self._known[ordinal] = partner_from_plain(plain)
        return known

    def blocks(self) -> Sequence[bytes]:
        """Stored form; reading it back gives the same partners."""
        if self._blocks or not self.ids:
            return self._blocks
        lines = [
            json.dumps(partner_to_plain(partner), ensure_ascii=False, separators=(",", ":"))
            for partner in self.values()
        ]
        return [
            zlib.compress(f"[\n{_BETWEEN.join(lines[at : at + self.block])}\n]".encode())
            for at in range(0, len(lines), self.block)
        ]

    def __getitem__(self, partner: str) -> Partner:
        ordinal = self.ordinal(partner)
        if ordinal is None:
            raise KeyError(partner)
        return self.at(ordinal)

    def __iter__(self) -> Iterator[str]:
        return iter(self.ids)

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, partner: object) -> bool:
        return isinstance(partner, str) and self.ordinal(partner) is not None


_BETWEEN = ",\n"


def _one_of(block: bytes, place: int) -> Any:
    """A line each, so that the others need not be read; in blocks of older code all stand in
    one.
    """
    lines = block.split(b"\n")
    return json.loads(lines[1 + place].rstrip(b",")) if len(lines) > 1 else json.loads(block)[place]

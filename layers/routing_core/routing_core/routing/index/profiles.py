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
PROFILES_KEPT = 20_000
"""Limits the partners that are kept once they were read."""
_BETWEEN = ",\n"


class Profiles(Mapping[str, Partner]):
    """Partners sorted by id; the place in that order is a partner's *ordinal*."""

    def __init__(
        self,
        ids: Sequence[str],
        blocks: Sequence[bytes],
        known: dict[int, Partner] | None = None,
        block: int = BLOCK,
    ):
        """Hold the partners with these ids.

        They come as compressed ``blocks`` of so many each, or are ``known`` by ordinal.
        """
        self.ids = ids
        """The ids, sorted."""
        self.block = block
        """Partners of each block but the last."""
        self._blocks = blocks
        self._known = {} if known is None else known

    @classmethod
    def of(cls, partners: Sequence[Partner]) -> "Profiles":
        """Hold partners that are there already, sorted by id."""
        return cls([partner.id for partner in partners], (), dict(enumerate(partners)))

    def ordinal(self, partner: str) -> int | None:
        """Give the partner's place in the order of ids; None for an id that nobody has."""
        place = bisect_left(self.ids, partner)
        found = place < len(self.ids) and self.ids[place] == partner
        return place if found else None

    def at(self, ordinal: int) -> Partner:
        """Give the partner at that place, read from its block if it was not yet."""
        known = self._known.get(ordinal)
        if known is None:
            if len(self._known) >= PROFILES_KEPT:
                self._known.clear()
            block = zlib.decompress(self._blocks[ordinal // self.block])
            # One line of the block is parsed, not the block: most are read for one partner.
            known = partner_from_plain(_plain_at(block, ordinal % self.block))
            self._known[ordinal] = known
        return known

    def blocks(self) -> Sequence[bytes]:
        """Give the stored form; reading it back gives the same partners."""
        # Bytes that were read are stored again as they are, so that the version does not change.
        if self._blocks or not self.ids:
            return self._blocks
        lines = [_line_of(partner) for partner in self.values()]
        blocks: list[bytes] = []
        for start in range(0, len(lines), self.block):
            text = _BETWEEN.join(lines[start : start + self.block])
            blocks.append(zlib.compress(f"[\n{text}\n]".encode()))
        return blocks

    def __getitem__(self, partner: str) -> Partner:
        """Give the partner with that id. Raises KeyError."""
        ordinal = self.ordinal(partner)
        if ordinal is None:
            raise KeyError(partner)
        return self.at(ordinal)

    def __iter__(self) -> Iterator[str]:
        """Give the ids, sorted."""
        return iter(self.ids)

    def __len__(self) -> int:
        """Count the partners, without reading any."""
        return len(self.ids)

    def __contains__(self, partner: object) -> bool:
        """Tell whether there is a partner with that id, without reading it."""
        return isinstance(partner, str) and self.ordinal(partner) is not None


def _line_of(partner: Partner) -> str:
    return json.dumps(partner_to_plain(partner), ensure_ascii=False, separators=(",", ":"))


def _plain_at(block: bytes, place: int) -> Any:
    """Read one partner of a block: a line each, so that the others need not be read."""
    lines = block.split(b"\n")
    if len(lines) > 1:
        return json.loads(lines[1 + place].rstrip(b","))
    return json.loads(block)[place]  # in blocks of older code all stand in one line

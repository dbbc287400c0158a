"""The compiled network: partners indexed by where they work."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..domain.partner import Partner
from ..domain.programme import Region


@dataclass(frozen=True, slots=True)
class Network:
    version: str
    partners: Mapping[str, Partner]

    @classmethod
    def compile(cls, version: str, partners: Iterable[Partner], regions: Mapping[str, Region]) -> "Network": ...

    def covering(self, country: str, postcode: str) -> dict[str, tuple[int, int, int]]: ...

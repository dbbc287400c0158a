"""Files of a lead as pages list them."""

from collections.abc import Iterable
from dataclasses import dataclass

from routing_core.domain.lead_file import MEGABYTE, LeadFile
from routing_core.domain.programme.programme import Programme
from routing_core.present.explain.who_at_hq import who_at_hq
from routing_core.present.locale_context import LocaleContext
from routing_core.present.safe import line

BYTES_OF_A_KB = 1024


@dataclass(frozen=True, slots=True)
class ToldFile:
    """One file as a page lists it."""

    id: str
    """Names it in addresses."""
    name: str
    size: str
    when: str
    by: str
    """Says who at HQ attached it; empty for partners, whose business it is not."""


def told_files(
    files: Iterable[LeadFile], locale: LocaleContext, programme: Programme | None = None
) -> tuple[ToldFile, ...]:
    """Give the files as a page lists them; with the programme, it says who attached them."""
    told = []
    for each in files:
        by = line(who_at_hq(each.by, locale, programme)) if programme else ""
        size = _size(each.size, locale)
        told.append(ToldFile(each.id, each.name, size, locale.when(each.at), by))
    return tuple(told)


def _size(size: int, locale: LocaleContext) -> str:
    if size >= MEGABYTE:
        return f"{locale.number(f'{size / MEGABYTE:.1f}')} MB"
    return f"{locale.number(str(-(-size // BYTES_OF_A_KB)))} kB"

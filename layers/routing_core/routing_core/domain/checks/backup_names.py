"""Find the partner that another one names as ``backup``, by id or as people write the name."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from routing_core.domain.errors import Problem
from routing_core.domain.partner import Partner
from routing_core.domain.values.sentence import said_by, worded
from routing_core.domain.values.spelled import Guesses, folded


class PartnerNames:
    """Partners are found here by id or name, in whatever spelling."""

    def __init__(self, names: Mapping[str, str]):
        self.names = names
        """The name of each partner stands under its id."""
        self.guesses = Guesses([*names, *names.values()])
        self._nobody: dict[str, str] = {}
        """A list may have the same wrong name in each row: what to say of it is kept."""

    @cached_property
    def _by_spelling(self) -> Mapping[str, list[str]]:
        """Collect who is called so, or has that id, by folded name.

        It is made only for who names a backup otherwise than by id.
        """
        found: dict[str, list[str]] = defaultdict(list)
        for partner, name in self.names.items():
            found[folded(name)].append(partner)
        # An id wins over a name: it is one partner's alone.
        return found | {folded(partner): [partner] for partner in self.names}

    def id_of(self, written: str) -> str:
        """Give the id of whoever is meant; raises ValueError, saying what would be right."""
        if written in self.names:
            return written
        found = self._by_spelling.get(folded(written), [])
        if len(found) == 1:
            return found[0]
        if found:
            ids = " or ".join(found[:5])
            english = "several partners are called {value}: write the id, {options}"
            raise ValueError(worded("partner.several", english, value=written[:80], options=ids))
        if written not in self._nobody:
            self._nobody[written] = self._who_else(written)
        raise ValueError(self._nobody[written])

    def _who_else(self, written: str) -> str:
        near = self.guesses.nearest(written)
        if near:
            english = "there is no partner {value}: did you mean {meant}?"
            return worded("partner.meant", english, value=written[:80], meant=near)
        english = "there is no partner {value}: name one of the network, by id or name"
        return worded("partner.nobody", english, value=written[:80])


def partner_names(known: Iterable[Partner], documents: Iterable[Any]) -> PartnerNames:
    """Know everybody there is, and those whom the documents bring."""
    names = {partner.id: partner.name for partner in known}
    for document in documents:
        partner = document.get("id") if isinstance(document, Mapping) else None
        if isinstance(partner, str) and partner:
            names[partner] = str(document.get("name") or names.get(partner, ""))
    return PartnerNames(names)


def with_backup_by_id(
    document: Mapping[str, Any], names: PartnerNames
) -> tuple[Mapping[str, Any], Problem | None]:
    """Give the document with its backup named by id; or without one, and what is wrong with it."""
    written = document.get("backup")
    if not isinstance(written, str) or not written:
        return document, None
    try:
        return {**document, "backup": names.id_of(written)}, None
    except ValueError as error:
        return {**document, "backup": ""}, Problem("backup", "unknown_partner", said_by(error))

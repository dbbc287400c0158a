"""A partner's ``backup`` is another partner's id; people also write the name."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from routing_core.domain.errors import Problem
from routing_core.domain.partner import Partner
from routing_core.domain.values.spelled import Guesses, folded


class PartnerNames:
    """Finds partners by id or name, in whatever spelling; ``names``: id → name."""

    def __init__(self, names: Mapping[str, str]):
        self.names = names
        self.guesses = Guesses([*names, *names.values()])
        self._nobody: dict[str, str] = {}

    @cached_property
    def _by_spelling(self) -> Mapping[str, list[str]]:
        """Folded name → who is called so, or has that id. Made only for who names a backup
        otherwise than by id.
        """
        found: dict[str, list[str]] = defaultdict(list)
        for partner, name in self.names.items():
            found[folded(name)].append(partner)
        return found | {folded(partner): [partner] for partner in self.names}

    def id_of(self, written: str) -> str:
        """Gives the id of whoever is meant. Raises ValueError, saying what would be right."""
        if written in self.names:
            return written
        found = self._by_spelling.get(folded(written), [])
        if len(found) == 1:
            return found[0]
        if found:
            raise ValueError(
                f"several partners are called {written[:80]}: write the id, {' or '.join(found[:5])}"
            )
        if written not in self._nobody:  # a list may have the same one in each of its rows
            near = self.guesses.nearest(written)
            hint = f"did you mean {near}?" if near else "name one of the network, by id or name"
            self._nobody[written] = f"there is no partner {written[:80]}: {hint}"
        raise ValueError(self._nobody[written])


def partner_names(known: Iterable[Partner], documents: Iterable[Any]) -> PartnerNames:
    """Knows everybody there is, and those whom the documents bring."""
    names = {partner.id: partner.name for partner in known}
    for document in documents:
        partner = document.get("id") if isinstance(document, Mapping) else None
        if isinstance(partner, str) and partner:
            names[partner] = str(document.get("name") or names.get(partner, ""))
    return PartnerNames(names)


def with_backup_by_id(
    document: Mapping[str, Any], names: PartnerNames
) -> tuple[Mapping[str, Any], Problem | None]:
    """Gives the document with its backup named by id; or without one, and what is wrong with it."""
    written = document.get("backup")
    if not isinstance(written, str) or not written:
        return document, None
    try:
        return {**document, "backup": names.id_of(written)}, None
    except ValueError as error:
        return {**document, "backup": ""}, Problem("backup", "unknown_partner", str(error))

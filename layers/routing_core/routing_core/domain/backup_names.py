"""A partner's ``backup`` is another partner's id; people also write the name."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from .errors import Problem
from .partner import Partner
from .spelled import folded, spellings


class PartnerNames:
    """Finds partners by id or name, in whatever spelling; ``names``: id → name."""

    def __init__(self, names: Mapping[str, str]):
        self.names = names
        self.by_spelling = spellings({partner: [name] for partner, name in names.items()})

    def id_of(self, written: str) -> str:
        """Raises ValueError, saying what would be right."""
        if written in self.names:
            return written
        found = self.by_spelling.get(folded(written))
        if found:
            return found
        alike = [partner for partner, name in self.names.items() if folded(name) == folded(written)]
        if alike:
            raise ValueError(f"several partners are called {written[:80]}: write the id, {' or '.join(alike[:5])}")
        near = get_close_matches(written, [*self.names, *self.names.values()], n=1)
        hint = f"did you mean {near[0]}?" if near else "name one of the network, by id or name"
        raise ValueError(f"there is no partner {written[:80]}: {hint}")


def partner_names(known: Iterable[Partner], documents: Iterable[Any]) -> PartnerNames:
    """Of everybody there is, and of those whom the documents bring."""
    names = {partner.id: partner.name for partner in known}
    for document in documents:
        partner = document.get("id") if isinstance(document, Mapping) else None
        if isinstance(partner, str) and partner:
            names[partner] = str(document.get("name") or names.get(partner, ""))
    return PartnerNames(names)


def with_backup_by_id(document: Mapping[str, Any], names: PartnerNames) -> tuple[Mapping[str, Any], Problem | None]:
    """The document with its backup named by id; or without one, and what is wrong with it."""
    written = document.get("backup")
    if not isinstance(written, str) or not written:
        return document, None
    try:
        return {**document, "backup": names.id_of(written)}, None
    except ValueError as error:
        return {**document, "backup": ""}, Problem("backup", "unknown_partner", str(error))

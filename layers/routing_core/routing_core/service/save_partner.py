"""HQ's network: one partner or a whole list, checked completely before anything is saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ..domain.errors import InvalidInput, NotFound, Problem
from ..domain.partner import Partner, as_it_stands
from ..domain.partner_document import partner_document, read_partner
from ..domain.partners_csv import read_partners_csv
from .relay import Relay


@dataclass(frozen=True, slots=True)
class Imported:
    created: tuple[str, ...]
    updated: tuple[str, ...]
    unchanged: tuple[str, ...]
    dry_run: bool
    finished: bool
    """False: decided as a whole, and what is not yet in force will be within minutes."""


def show_partner(relay: Relay, partner_id: str) -> dict[str, Any]:
    """Raises NotFound."""
    partner = relay.partners.get(partner_id)
    if partner is None:
        raise NotFound(f"there is no partner {partner_id}")
    return partner_document(as_it_stands(partner, relay.leads.loads([partner_id]).get(partner_id)))


def save_partner(relay: Relay, partner_id: str, document: Mapping[str, Any], now: datetime) -> Partner:
    """Creates or replaces; ``paused: false`` also ends a pause that came of lapses. Raises InvalidInput, or
    VersionConflict if somebody else saved meanwhile."""
    programme = relay.programme
    previous = relay.partners.get(partner_id)
    partner = read_partner({**document, "id": partner_id}, programme, now.date(), previous)
    if partner.backup and relay.partners.get(partner.backup) is None:
        raise InvalidInput([_nobody(partner.backup)])
    if document.get("confirmed") is False and previous and partner.occasion == previous.occasion:
        partner = replace(partner, occasion=previous.occasion + 1)  # not confirmed before either: asked again
    relay.partners.save([(partner, previous.version if previous else None)], now)
    saved = replace(partner, version=(previous.version if previous else 0) + 1)
    if document.get("paused") is False and as_it_stands(saved, relay.leads.loads([saved.id]).get(saved.id)).paused:
        relay.partners.set_paused(saved.id, False, now)
        return replace(saved, version=saved.version + 1)
    return saved


def import_partners_csv(relay: Relay, text: str, now: datetime, *, dry_run: bool) -> Imported:
    """Every error with its row and column; nothing is saved unless all rows are right."""
    programme = relay.programme
    file = read_partners_csv(text, programme, now.date())
    rows = [(f"row {number}, ", document) for number, document in file.documents]
    return _import(relay, rows, file.problems, now, dry_run)


def import_partners(relay: Relay, documents: Sequence[Mapping[str, Any]], now: datetime, *, dry_run: bool) -> Imported:
    """The same for a list of documents; paths are ``partners[2].territories``."""
    rows = [(f"partners[{place}].", document) for place, document in enumerate(documents)]
    return _import(relay, rows, (), now, dry_run)


def _import(
    relay: Relay,
    documents: Sequence[tuple[str, Mapping[str, Any]]],
    found: Sequence[Problem],
    now: datetime,
    dry_run: bool,
) -> Imported:
    """Creates the new, replaces the changed, leaves the rest. Raises InvalidInput with every problem of every row."""
    programme = relay.programme
    relay.partners.finish_import(now)  # what an earlier list decided is what this one is compared with
    known = {partner.id: partner for partner in relay.partners.all()}
    rows: dict[str, Partner] = {}
    backups: list[tuple[str, str]] = []
    problems = list(found)
    for place, document in documents:
        try:
            row = read_partner(document, programme, now.date(), known.get(_id(document)))
        except InvalidInput as error:
            problems += [replace(p, field=place + p.field) for p in error.problems]
            continue
        if row.id in rows:
            problems.append(Problem(f"{place}id", "duplicate", f"{row.id} stands in the list twice"))
        rows[row.id] = row
        backups.append((place, row.backup))
    there = known.keys() | {_id(document) for _, document in documents}
    for place, backup in backups:
        if backup and backup not in there:
            problems.append(replace(_nobody(backup), field=f"{place}backup"))
    if problems:
        raise InvalidInput(problems)
    same = {i for i, row in rows.items() if i in known and replace(row, version=known[i].version) == known[i]}
    changed = [row for row in rows.values() if row.id not in same]
    replaced = [(row, known[row.id].version if row.id in known else None) for row in changed]
    finished = dry_run or relay.partners.save(replaced, now)
    return Imported(
        created=tuple(row.id for row in changed if row.id not in known),
        updated=tuple(row.id for row in changed if row.id in known),
        unchanged=tuple(sorted(same)),
        dry_run=dry_run,
        finished=finished,
    )


def _nobody(partner: str) -> Problem:
    return Problem("backup", "unknown_option", f"there is no partner {partner}: name one of the network")


def _id(document: Any) -> str:
    return str(document.get("id", "")) if isinstance(document, Mapping) else ""

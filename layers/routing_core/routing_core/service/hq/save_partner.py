"""HQ's network: one partner or a whole list, checked completely before anything is saved."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, islice
from typing import Any

from routing_core.domain.checks.backup_names import partner_names, with_backup_by_id
from routing_core.domain.checks.filter_warnings import takes_warnings
from routing_core.domain.checks.list_warnings import MOST, ListWarning, list_warnings, not_in_map
from routing_core.domain.errors import MOST_TOLD, InvalidInput, NotFound, Problem, first_problems
from routing_core.domain.partner import Partner, as_it_stands
from routing_core.domain.programme.programme import Programme
from routing_core.formats.own_settings import as_list_means_it
from routing_core.formats.partner_changes import PartnerChange, partner_changes
from routing_core.formats.partner_document import partner_document, read_partner
from routing_core.formats.partners_csv import MOST_ROWS, Reading, read_partners_csv
from routing_core.formats.partners_map import is_map, partners_map, read_partners_map
from routing_core.formats.partners_sheet import partners_sheet
from routing_core.service.kernel.services import Services

LONGEST_ID = 40
"""Characters of a partner's id; what is longer is a name."""
MOST_CHANGES = 5_000
"""Told in one answer, which may have 6 MB."""


@dataclass(frozen=True, slots=True)
class Imported:
    created: tuple[str, ...]
    updated: tuple[str, ...]
    unchanged: tuple[str, ...]
    changes: tuple[PartnerChange, ...]
    """Of the updated, each field that is another one now; at most ``MOST_CHANGES``."""
    changes_left_out: int
    warnings: tuple[ListWarning, ...]
    """What contradicts itself, and is saved all the same."""
    dry_run: bool
    finished: bool
    """False: decided as a whole, and what is not yet in force will be within minutes."""
    ignored_columns: tuple[str, ...] = ()
    """Of a CSV file: those that mean nothing to us, as the file names them."""


def show_partner(services: Services, partner_id: str) -> dict[str, Any]:
    """Raises NotFound."""
    partner = services.partners.get(partner_id)
    if partner is None:
        raise NotFound(f"there is no partner {partner_id}")
    return partner_document(
        as_it_stands(partner, services.leads.loads([partner_id]).get(partner_id))
    )


def show_partners(services: Services) -> dict[str, Any]:
    """All of them, as a list that can be imported."""
    return {
        "partners": [
            partner_document(each) for each in sorted(services.partners.all(), key=lambda p: p.id)
        ]
    }


def list_partners(services: Services) -> str:
    """The same for a spreadsheet."""
    return partners_sheet(services.partners.all())


def saved_document(services: Services, partner: Partner) -> dict[str, Any]:
    """The document of a partner who was just saved, with what is probably not meant under
    ``status.warnings``.
    """
    document = partner_document(partner)
    warnings = [warning.message for warning in takes_warnings(partner, services.programme)]
    return document | {"status": document["status"] | {"warnings": warnings}}


def save_partner(
    services: Services, partner_id: str, document: Mapping[str, Any], now: datetime
) -> Partner:
    """Creates or replaces; ``paused: false`` also ends a pause that came of lapses. Raises
    InvalidInput, or VersionConflict if somebody else saved meanwhile.
    """
    programme = services.programme
    previous = services.partners.get(partner_id)
    document = _with_known_backup(services, document)
    partner = read_partner({**document, "id": partner_id}, programme, now.date(), previous)
    if document.get("confirmed") is False and previous and partner.occasion == previous.occasion:
        partner = replace(
            partner, occasion=previous.occasion + 1
        )  # not confirmed before either: asked again
    services.partners.save([(partner, previous.version if previous else None)], now)
    saved = replace(partner, version=(previous.version if previous else 0) + 1)
    if (
        document.get("paused") is False
        and as_it_stands(saved, services.leads.loads([saved.id]).get(saved.id)).paused
    ):
        services.partners.set_paused(saved.id, False, now)
        return replace(saved, version=saved.version + 1)
    return saved


def import_partners_csv(
    services: Services,
    text: str,
    now: datetime,
    *,
    dry_run: bool,
    country: str = "",
    zeros_are_right: bool = False,
) -> Imported:
    """Every error with its row and column; nothing is saved unless all rows are right. ``country``
    is that of territories which name none; ``zeros_are_right`` where nothing in a list of a whole
    country begins with 0.
    """
    programme = services.programme
    if is_map(text):
        reading = Reading(programme, now.date(), country, zeros_are_right)
        return _import_map(services, text, reading, now, dry_run)
    file = read_partners_csv(
        text, programme, now.date(), country=country, zeros_are_right=zeros_are_right
    )
    nothing_said = dict.fromkeys(file.own, "")
    rows = [(f"row {number}, ", nothing_said | document) for number, document in file.documents]
    return replace(
        _import(services, rows, file.problems, now, dry_run), ignored_columns=file.ignored
    )


def _import_map(
    services: Services, text: str, reading: Reading, now: datetime, dry_run: bool
) -> Imported:
    """A dealer map: the territories of the partners whom it names, and nothing else of them."""
    known = {partner.id: partner for partner in services.partners.all()}
    file = read_partners_map(
        text, reading, {partner.id: partner.name for partner in known.values()}
    )
    if file.problems:
        raise InvalidInput(file.problems)
    documents = []
    for partner, texts in file.territories.items():
        before = [str(entry) for entry in known[partner].territories]
        same = set(before) == set(texts)  # the order of rows says nothing
        documents.append(
            (f"{partner}, ", {"id": partner, "territories": before if same else list(texts)})
        )
    imported = _import(services, documents, (), now, dry_run)
    left = [partner for partner in known.values() if partner.id not in file.territories]
    warnings = (*imported.warnings, *not_in_map(left))
    return replace(imported, warnings=warnings, ignored_columns=file.ignored)


def map_partners(services: Services) -> str:
    """The network as a dealer map, which can be imported."""
    return partners_map(services.partners.all())


def import_partners(
    services: Services, documents: Sequence[Mapping[str, Any]], now: datetime, *, dry_run: bool
) -> Imported:
    """The same for a list of documents; paths are ``partners[2].territories``."""
    if len(documents) > MOST_ROWS:
        message = f"are {len(documents):,}, which is too many: send at most {MOST_ROWS:,} at once"
        raise InvalidInput([Problem("partners", "too_many_rows", message)])
    rows = [(f"partners[{place}].", document) for place, document in enumerate(documents)]
    return _import(services, rows, (), now, dry_run)


def _import(
    services: Services,
    documents: Sequence[tuple[str, Mapping[str, Any]]],
    found: Sequence[Problem],
    now: datetime,
    dry_run: bool,
) -> Imported:
    """Creates the new, replaces the changed, leaves the rest. Raises InvalidInput with the problems
    of its rows, the first hundred if there are more.
    """
    programme = services.programme
    services.partners.finish_import(
        now
    )  # what an earlier list decided is what this one is compared with
    known = {partner.id: partner for partner in services.partners.all()}
    rows: dict[str, Partner] = {}
    resumed: list[str] = []
    problems = list(found)
    names = partner_names(known.values(), (document for _, document in documents))
    for place, document in documents:
        if len(problems) > MOST_TOLD:
            break
        previous = known.get(_id(document))
        if isinstance(document, Mapping):
            document, problem = with_backup_by_id(document, names)
            if problem:
                problems.append(replace(problem, field=place + problem.field))
        try:
            meant, said = (
                as_list_means_it(document, previous)
                if isinstance(document, Mapping)
                else (document, {})
            )
            row = replace(read_partner(meant, programme, now.date(), previous), listed=said)
        except InvalidInput as error:
            problems += [replace(p, field=place + p.field) for p in error.problems]
            continue
        if row.id in rows:
            problems.append(
                Problem(f"{place}id", "duplicate", f"{row.id} appears twice in the list")
            )
        rows[row.id] = row
        if previous and isinstance(meant, Mapping) and meant.get("paused") == "no":
            resumed.append(row.id)
    if problems:
        raise InvalidInput(first_problems(problems))
    lapsed = _paused_by_lapses(services, [known[partner] for partner in resumed])
    same = {
        i for i, row in rows.items() if i in known and i not in lapsed and _alike(row, known[i])
    }
    changed = [row for row in rows.values() if row.id not in same]
    to_save = [
        row for row in rows.values() if row.id not in same or row.listed != known[row.id].listed
    ]
    finished = dry_run or services.partners.save(
        [(row, _version(known.get(row.id))) for row in to_save], now
    )
    if not dry_run:
        for partner in lapsed:
            services.partners.set_paused(partner, False, now)
    updated = [row for row in changed if row.id in known]
    changes: list[PartnerChange] = []
    for row in updated:
        before = known[row.id]
        changes += partner_changes(
            replace(before, paused=True) if row.id in lapsed else before, row
        )
    return Imported(
        created=tuple(row.id for row in changed if row.id not in known),
        updated=tuple(row.id for row in updated),
        unchanged=tuple(sorted(same)),
        changes=tuple(changes[:MOST_CHANGES]),
        changes_left_out=max(len(changes) - MOST_CHANGES, 0),
        warnings=(
            *list_warnings(known | rows, rows.keys()),
            *_unanswered(rows.values(), programme),
        ),
        dry_run=dry_run,
        finished=finished,
    )


def _paused_by_lapses(services: Services, partners: Sequence[Partner]) -> list[str]:
    """Those whose pause came of lapses: it stands in LOAD alone, so that saving the profile does
    not end it.
    """
    loads = services.leads.loads([partner.id for partner in partners])
    return [p.id for p in partners if not p.paused and as_it_stands(p, loads.get(p.id)).paused]


def _alike(row: Partner, known: Partner) -> bool:
    """But for what is kept to compare later lists with."""
    return replace(row, version=known.version, listed=known.listed) == known


def _version(known: Partner | None) -> int | None:
    return known.version if known else None


def _unanswered(rows: Iterable[Partner], programme: Programme) -> Iterator[ListWarning]:
    """The first so many; the rest are alike."""
    return islice(chain.from_iterable(takes_warnings(row, programme) for row in rows), MOST)


def _with_known_backup(services: Services, document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The backup by id, whoever was named. Raises InvalidInput for somebody who is not there."""
    written = document.get("backup")
    if not isinstance(written, str) or not written or _is_there(services, written):
        return document
    named, problem = with_backup_by_id(document, partner_names(services.partners.all(), ()))
    if problem:
        raise InvalidInput([problem])
    return named


def _is_there(services: Services, partner: str) -> bool:
    return len(partner) <= LONGEST_ID and services.partners.get(partner) is not None


def _id(document: Any) -> str:
    return str(document.get("id", "")) if isinstance(document, Mapping) else ""

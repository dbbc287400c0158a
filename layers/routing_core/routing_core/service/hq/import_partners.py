"""HQ's list of partners: the whole network read as one, and one imported as a whole.

A list is checked completely before any of it is saved.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import chain, islice
from typing import Any

from routing_core.domain.checks.backup_names import PartnerNames, partner_names, with_backup_by_id
from routing_core.domain.checks.filter_warnings import filter_warnings
from routing_core.domain.checks.list_warnings import (
    MOST_OF_A_KIND,
    ListWarning,
    list_warnings,
    not_in_map,
)
from routing_core.domain.errors import MOST_TOLD, InvalidInput, Problem, first_problems
from routing_core.domain.partner import Partner, with_auto_pause
from routing_core.domain.programme.programme import Programme
from routing_core.formats.own_settings import as_list_means_it
from routing_core.formats.partner_changes import PartnerChange, partner_changes
from routing_core.formats.partner_document import partner_document, read_partner
from routing_core.formats.partners_csv import (
    MOST_ROWS,
    NOTHING_ASSUMED,
    Assumed,
    Reading,
    read_partners_csv,
)
from routing_core.formats.partners_map import is_map, partners_map, read_partners_map
from routing_core.formats.partners_sheet import partners_sheet
from routing_core.service.kernel.services import Services

MOST_CHANGES = 5_000
"""Told in one answer, which may have 6 MB."""

Documents = Sequence[tuple[str, Mapping[str, Any]]]
"""The partners of a list as documents.

With each stands the beginning of the path that its problems have.
"""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a list."""

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


# ── the network as a list ─────────────────────────────────────────────────────────────────────────


def show_partners(services: Services) -> dict[str, Any]:
    """Give all partners, as a list of documents that can be imported."""
    partners = sorted(services.partners.all(), key=lambda partner: partner.id)
    return {"partners": [partner_document(partner) for partner in partners]}


def list_partners(services: Services) -> str:
    """Give all partners as a CSV text for a spreadsheet, which can be imported."""
    return partners_sheet(services.partners.all())


def map_partners(services: Services) -> str:
    """Give the network as a dealer map, which can be imported."""
    return partners_map(services.partners.all())


# ── a list as the network ─────────────────────────────────────────────────────────────────────────


def import_partners_csv(
    services: Services,
    text: str,
    now: datetime,
    *,
    dry_run: bool,
    assumed: Assumed = NOTHING_ASSUMED,
) -> Imported:
    """Import a list of partners or a dealer map; nothing is saved unless all rows are right.

    Raises InvalidInput, every error with its row and column.
    """
    reading = Reading(services.programme, now.date(), assumed)
    if is_map(text):
        return _import_map(services, text, reading, now, dry_run)
    file = read_partners_csv(text, reading)
    # A row leaves out an empty cell of what partners set too, but the list has said nothing of it.
    nothing_said = dict.fromkeys(file.own, "")
    documents = []
    for number, document in file.documents:
        documents.append((f"row {number}, ", nothing_said | document))
    imported = _import(services, documents, file.problems, now, dry_run)
    return replace(imported, ignored_columns=file.ignored)


def _import_map(
    services: Services, text: str, reading: Reading, now: datetime, dry_run: bool
) -> Imported:
    """Import a dealer map: only the territories of the partners whom it names, nothing else."""
    known = {partner.id: partner for partner in services.partners.all()}
    names = {partner.id: partner.name for partner in known.values()}
    file = read_partners_map(text, reading, names)
    if file.problems:
        raise InvalidInput(file.problems)
    documents = []
    for partner, texts in file.territories.items():
        before = [str(entry) for entry in known[partner].territories]
        same = set(before) == set(texts)  # the order of rows says nothing
        territories = before if same else list(texts)
        documents.append((f"{partner}, ", {"id": partner, "territories": territories}))
    imported = _import(services, documents, (), now, dry_run)
    left_out = [partner for partner in known.values() if partner.id not in file.territories]
    warnings = (*imported.warnings, *not_in_map(left_out))
    return replace(imported, warnings=warnings, ignored_columns=file.ignored)


def import_partners(
    services: Services, documents: Sequence[Mapping[str, Any]], now: datetime, *, dry_run: bool
) -> Imported:
    """Import a list of documents; paths of problems are ``partners[2].territories``."""
    if len(documents) > MOST_ROWS:
        message = f"are {len(documents):,}, which is too many: send at most {MOST_ROWS:,} at once"
        raise InvalidInput([Problem("partners", "too_many_rows", message)])
    numbered = [(f"partners[{place}].", document) for place, document in enumerate(documents)]
    return _import(services, numbered, (), now, dry_run)


def _import(
    services: Services, documents: Documents, found: Sequence[Problem], now: datetime, dry_run: bool
) -> Imported:
    """Create the new, replace the changed, leave the rest.

    Raises InvalidInput with the problems found before and those of the documents, the first hundred
    if there are more.
    """
    services.partners.finish_import(
        now
    )  # what an earlier list decided is what this one is compared with
    known = {partner.id: partner for partner in services.partners.all()}
    names = partner_names(known.values(), (document for _, document in documents))
    read = _ListReader(services.programme, now.date(), known, names, problems=list(found))
    for path, document in documents:
        if len(read.problems) > MOST_TOLD:
            break
        read.document(path, document)
    if read.problems:
        raise InvalidInput(first_problems(read.problems))
    rows = read.rows
    lapsed = _paused_by_lapses(services, [known[partner] for partner in read.resumed])
    same = {row.id for row in rows.values() if row.id not in lapsed and _is_alike(row, known)}
    finished = dry_run or _save(services, rows, known, same, now)
    if not dry_run:
        for partner in lapsed:
            services.partners.set_paused(partner, False, now)
    changed = [row for row in rows.values() if row.id not in same]
    updated = [row for row in changed if row.id in known]
    changes = _changes(updated, known, lapsed)
    warnings = (
        *list_warnings(known | rows, rows.keys()),
        *_unanswered(rows.values(), services.programme),
    )
    return Imported(
        created=tuple(row.id for row in changed if row.id not in known),
        updated=tuple(row.id for row in updated),
        unchanged=tuple(sorted(same)),
        changes=tuple(changes[:MOST_CHANGES]),
        changes_left_out=max(len(changes) - MOST_CHANGES, 0),
        warnings=warnings,
        dry_run=dry_run,
        finished=finished,
    )


@dataclass(slots=True)
class _ListReader:
    """Reads one document of a list after another, against the partners there are."""

    programme: Programme
    today: date
    known: Mapping[str, Partner]
    names: PartnerNames
    problems: list[Problem]
    rows: dict[str, Partner] = field(default_factory=dict)
    """The partners that the list makes, by id."""
    resumed: list[str] = field(default_factory=list)
    """Partners of whom the list says that they take enquiries again."""

    def document(self, path: str, document: Mapping[str, Any]) -> None:
        """Read a document, or note what is wrong with it at that path."""
        try:
            row, resumes = self._row(path, document)
        except InvalidInput as error:
            self._note(path, error.problems)
            return
        if row.id in self.rows:
            self._note(path, [Problem("id", "duplicate", f"{row.id} appears twice in the list")])
        self.rows[row.id] = row
        if resumes:
            self.resumed.append(row.id)

    def _row(self, path: str, document: Any) -> tuple[Partner, bool]:
        """Give the partner that the document makes, and whether it ends a pause."""
        if not isinstance(document, Mapping):
            # Whoever reads it says what a partner is.
            return read_partner(document, self.programme, self.today), False
        previous = self.known.get(str(document.get("id", "")))
        document, problem = with_backup_by_id(document, self.names)
        if problem:
            self._note(path, [problem])
        meant, said = as_list_means_it(document, previous)
        partner = read_partner(meant, self.programme, self.today, previous)
        resumes = previous is not None and meant.get("paused") == "no"
        return replace(partner, listed=said), resumes

    def _note(self, path: str, problems: Iterable[Problem]) -> None:
        self.problems += [replace(each, field=path + each.field) for each in problems]


def _save(
    services: Services,
    rows: Mapping[str, Partner],
    known: Mapping[str, Partner],
    same: set[str],
    now: datetime,
) -> bool:
    """Save what changed, and what the list said; tell whether all of it is in force already."""
    to_save: list[tuple[Partner, int | None]] = []
    for row in rows.values():
        previous = known.get(row.id)
        if previous is None:
            to_save.append((row, None))
        elif row.id not in same or row.listed != previous.listed:
            to_save.append((row, previous.version))
    return services.partners.save(to_save, now)


def _changes(
    updated: Iterable[Partner], known: Mapping[str, Partner], lapsed: set[str]
) -> list[PartnerChange]:
    """Give each field that is another one now.

    A pause that came of lapses counts as one that was there.
    """
    changes: list[PartnerChange] = []
    for row in updated:
        before = known[row.id]
        if row.id in lapsed:
            before = replace(before, paused=True)
        changes += partner_changes(before, row)
    return changes


def _paused_by_lapses(services: Services, partners: Sequence[Partner]) -> set[str]:
    """Give those whose pause came of lapses.

    It stands in LOAD alone, and saving the profile does not end it.
    """
    loads = services.leads.loads([partner.id for partner in partners])
    lapsed = set()
    for partner in partners:
        if not partner.paused and with_auto_pause(partner, loads.get(partner.id)).paused:
            lapsed.add(partner.id)
    return lapsed


def _is_alike(row: Partner, known: Mapping[str, Partner]) -> bool:
    """Tell whether nothing changes but what is kept to compare later lists with."""
    previous = known.get(row.id)
    if previous is None:
        return False
    return replace(row, version=previous.version, listed=previous.listed) == previous


def _unanswered(rows: Iterable[Partner], programme: Programme) -> Iterator[ListWarning]:
    """Warn of filters that no form asks for; the first so many, the rest are alike."""
    return islice(
        chain.from_iterable(filter_warnings(row, programme) for row in rows), MOST_OF_A_KIND
    )

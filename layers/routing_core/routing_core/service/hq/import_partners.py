"""HQ's list of partners: the whole network read as one, and one imported as a whole.

A list is checked completely before any of it is saved.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import chain, islice
from typing import Any

from routing_core.domain.activity import ActivityKind
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
from routing_core.domain.values.sentence import worded
from routing_core.formats.own_settings import as_list_means_it
from routing_core.formats.partner_changes import PartnerChange, partner_changes
from routing_core.formats.partner_document import (
    is_partner_id,
    partner_document,
    read_partner,
    reserved_id_problem,
)
from routing_core.formats.partners_csv import (
    MOST_ROWS,
    NOTHING_ASSUMED,
    Assumed,
    Reading,
    read_partners_csv,
)
from routing_core.formats.partners_map import is_map, read_partners_map
from routing_core.service.hq.known_partners import known_partners
from routing_core.service.hq.note_activity import list_entries
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


@dataclass(frozen=True, slots=True)
class ListPlan:
    """What a list would do: read and checked as a whole, and nothing of it saved."""

    rows: Mapping[str, Partner]
    """The partners that the list makes, by id."""
    known: Mapping[str, Partner]
    """All partners there are; those of the list as they are saved."""
    same: frozenset[str]
    """Those of the list that do not change."""
    lapsed: frozenset[str]
    """Those of the list whose pause came of lapses, and ends."""
    changes: tuple[PartnerChange, ...]
    """Of those that are there already, each field that is another one then."""
    warnings: tuple[ListWarning, ...]
    """What contradicts itself, and is saved all the same."""
    ignored_columns: tuple[str, ...] = ()
    """Of a CSV file: those that mean nothing to us."""

    @property
    def digest(self) -> str:
        """Give a text that is another one whenever the list would do something else."""
        created = [partner_document(self.rows[name]) for name in self._created]
        does = json.dumps([created, self.changes, sorted(self.same)], default=str)
        return hashlib.sha256(does.encode()).hexdigest()[:32]

    @property
    def does_nothing(self) -> bool:
        """Tell whether everything is as the list says already."""
        return self.same == self.rows.keys() and all(
            row.listed == self.known[name].listed for name, row in self.rows.items()
        )

    def told(self, *, dry_run: bool, finished: bool) -> Imported:
        """Say what became of it, or would."""
        return Imported(
            created=self._created,
            updated=tuple(
                name for name in self.rows if name in self.known and name not in self.same
            ),
            unchanged=tuple(sorted(self.same)),
            changes=self.changes[:MOST_CHANGES],
            changes_left_out=max(len(self.changes) - MOST_CHANGES, 0),
            warnings=self.warnings,
            dry_run=dry_run,
            finished=finished,
            ignored_columns=self.ignored_columns,
        )

    @property
    def _created(self) -> tuple[str, ...]:
        return tuple(name for name in self.rows if name not in self.known)


# ── the network as a list ─────────────────────────────────────────────────────────────────────────


# ── a list as the network ─────────────────────────────────────────────────────────────────────────


def plan_partners_csv(
    services: Services, text: str, now: datetime, assumed: Assumed = NOTHING_ASSUMED
) -> ListPlan:
    """Read a list of partners or a dealer map, and say what it would do.

    Raises InvalidInput, every error with its row and column.
    """
    reading = Reading(services.programme, now.date(), assumed)
    if is_map(text):
        return _plan_map(services, text, reading, now)
    file = read_partners_csv(text, reading)
    # A row leaves out an empty cell of what partners set too, but the list has said nothing of it.
    nothing_said = dict.fromkeys(file.own, "")
    documents = []
    for number, document in file.documents:
        documents.append((f"row {number}, ", nothing_said | document))
    plan = _plan(services, documents, file.problems, now)
    return replace(plan, ignored_columns=file.ignored)


def _plan_map(services: Services, text: str, reading: Reading, now: datetime) -> ListPlan:
    """Plan a dealer map: only the territories of the partners whom it names, nothing else."""
    there = known_partners(services, ())
    file = read_partners_map(
        text, reading, {partner.id: partner.name for partner in there.values()}
    )
    if file.problems:
        raise InvalidInput(file.problems)
    known = known_partners(services, file.territories)
    documents = []
    for partner, texts in file.territories.items():
        before = [str(entry) for entry in known[partner].territories]
        same = set(before) == set(texts)  # the order of rows says nothing
        territories = before if same else list(texts)
        documents.append((f"{partner}, ", {"id": partner, "territories": territories}))
    plan = _plan(services, documents, (), now)
    left_out = [partner for partner in known.values() if partner.id not in file.territories]
    warnings = (*plan.warnings, *not_in_map(left_out))
    return replace(plan, warnings=warnings, ignored_columns=file.ignored)


def plan_partners(
    services: Services, documents: Sequence[Mapping[str, Any]], now: datetime
) -> ListPlan:
    """Read a list of documents, and say what it would do.

    Raises InvalidInput, with paths such as ``partners[2].territories``.
    """
    if len(documents) > MOST_ROWS:
        message = f"are {len(documents):,}, which is too many: send at most {MOST_ROWS:,} at once"
        raise InvalidInput([Problem("partners", "too_many_rows", message)])
    numbered = [(f"partners[{place}].", document) for place, document in enumerate(documents)]
    return _plan(services, numbered, (), now)


def _plan(
    services: Services, documents: Documents, found: Sequence[Problem], now: datetime
) -> ListPlan:
    """Create the new, replace the changed, leave the rest.

    Raises InvalidInput with the problems found before and those of the documents, the first hundred
    if there are more.
    """
    # What an earlier list decided is what this one is compared with.
    services.partners.finish_import(now)
    known = known_partners(services, _ids(documents))
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
    updated = [row for row in rows.values() if row.id in known and row.id not in same]
    warnings = (
        *list_warnings(known | rows, rows.keys()),
        *_unanswered(rows.values(), services.programme),
    )
    return ListPlan(
        rows=rows,
        known=known,
        same=frozenset(same),
        lapsed=frozenset(lapsed),
        changes=tuple(_changes(updated, known, lapsed)),
        warnings=warnings,
    )


def save_plan(services: Services, plan: ListPlan, now: datetime, by: str = "") -> Imported:
    """Save what was planned, as a whole, with the line that HQ's log has of it.

    A list that changes nothing leaves no line: what it says was done before. ``by`` is whom the
    partners' histories name. Raises VersionConflict if somebody has changed one
    of these partners since the plan was made.
    """
    finished = _save(services, plan, now, by)
    for partner in plan.lapsed:
        services.partners.set_paused(partner, False, now, by)
    return plan.told(dry_run=False, finished=finished)


def _ids(documents: Documents) -> frozenset[str]:
    """Give the ids that a list names, of its partners and of their backups."""
    named: set[str] = set()
    for _, document in documents:
        if isinstance(document, Mapping):
            written = (document.get("id"), document.get("backup"))
            named.update(each for each in written if isinstance(each, str) and is_partner_id(each))
    return frozenset(named)


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
            english = "{value} appears twice in the list"
            message = worded("rows.partner_twice", english, value=row.id)
            self._note(path, [Problem("id", "duplicate", message)])
        self.rows[row.id] = row
        if resumes:
            self.resumed.append(row.id)

    def _row(self, path: str, document: Any) -> tuple[Partner, bool]:
        """Give the partner that the document makes, and whether it ends a pause."""
        if not isinstance(document, Mapping):
            # Whoever reads it says what a partner is.
            return read_partner(document, self.programme, self.today), False
        partner_id = str(document.get("id", ""))
        previous = self.known.get(partner_id)
        reserved = None if previous else reserved_id_problem(partner_id)
        if reserved:
            self._note(path, [reserved])
        document, problem = with_backup_by_id(document, self.names)
        if problem:
            self._note(path, [problem])
        meant, said = as_list_means_it(document, previous)
        partner = read_partner(meant, self.programme, self.today, previous)
        resumes = previous is not None and meant.get("paused") == "no"
        return replace(partner, listed=said), resumes

    def _note(self, path: str, problems: Iterable[Problem]) -> None:
        self.problems += [replace(each, field=path + each.field) for each in problems]


def _save(services: Services, plan: ListPlan, now: datetime, by: str) -> bool:
    """Save what changed, and what the list said; tell whether all of it is in force already."""
    to_save: list[tuple[Partner, int | None]] = []
    for row in plan.rows.values():
        previous = plan.known.get(row.id)
        if previous is None:
            to_save.append((row, None))
        elif row.id not in plan.same or row.listed != previous.listed:
            to_save.append((row, previous.version))
    would = plan.told(dry_run=True, finished=True)
    counts = {"created": len(would.created), "updated": len(would.updated)}
    noted = list_entries(ActivityKind.PARTNERS_IMPORTED, by, now, counts)
    return services.partners.save(to_save, now, by, noted)


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

"""Enquiries of the past as a spreadsheet gives them: one row each, to be played again.

    received_at;country;postcode;product;urgency;language;house
    2026-01-07 09:14;DE;80331;heat-pump;soon;de;detached

Dates without an offset are on the programme's clock. ``language`` may be left out, like ``country`` where the form has
only one; other columns are answers to the form's questions, by the question's id.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from . import postcodes
from .enquiry import region_of
from .errors import InvalidInput, Problem
from .lead import Lead, LeadStatus
from .programme import Programme

NEEDED = ("received_at", "postcode", "product", "urgency")


def read_history_csv(text: str, programme: Programme) -> tuple[Lead, ...]:
    """Raises InvalidInput with the row and column of everything that cannot be read."""
    text = text.lstrip("\ufeff")
    head = text.split("\n", 1)[0]
    table = csv.DictReader(io.StringIO(text), delimiter=max(";,\t", key=head.count))
    columns = [(name or "").strip() for name in table.fieldnames or ()]
    table.fieldnames = columns
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        raise InvalidInput([Problem(name, "required", "is no column of the file") for name in missing])
    problems: list[Problem] = []
    leads = []
    for number, row in enumerate(table, start=2):
        cells = {name: (value or "").strip() for name, value in row.items() if isinstance(value, str)}
        wrong = list(_wrong(cells, programme))
        problems += [Problem(f"row {number}, {p.field}", p.code, p.message) for p in wrong]
        if not wrong:
            leads.append(_lead(number, cells, programme))
    if problems:
        raise InvalidInput(problems)
    return tuple(leads)


def _wrong(cells: Mapping[str, str], programme: Programme) -> Iterator[Problem]:
    try:
        _instant(cells["received_at"], programme)
    except ValueError:
        yield Problem("received_at", "invalid_date", "is no instant: write it like 2026-01-07 09:14")
    for name, known in (("product", programme.products), ("urgency", programme.urgencies)):
        ids = [part.id for part in known]
        if cells[name] not in ids:
            yield Problem(name, "unknown_option", f"{cells[name]!r} is none of {', '.join(ids)}")
    try:
        postcodes.canonical(_country(cells, programme), cells["postcode"])
    except ValueError as error:
        yield Problem("postcode", "invalid_postcode", str(error))


def _lead(number: int, cells: Mapping[str, str], programme: Programme) -> Lead:
    country = _country(cells, programme)
    postcode = postcodes.canonical(country, cells["postcode"])
    questions = {question.id for form in programme.forms for question in form.questions}
    return Lead(
        id=f"row-{number}",
        form=programme.forms[0].id,
        status=LeadStatus.OFFERED,
        version=1,
        received_at=_instant(cells["received_at"], programme),
        country=country,
        postcode=postcode,
        product=cells["product"],
        urgency=cells["urgency"],
        language=programme.language_for(cells.get("language")),
        payload_hash="",
        region=region_of(programme, country, postcode),
        answers={name: value for name, value in cells.items() if name in questions and value},
    )


def _country(cells: Mapping[str, str], programme: Programme) -> str:
    return cells.get("country", "").upper() or programme.country


def _instant(text: str, programme: Programme) -> datetime:
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=programme.zone)).astimezone(UTC)

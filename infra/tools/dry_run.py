"""Shows what draft rules would do with one lead. Nothing is saved.

    make dry-run PROGRAMME=draft.yaml LEAD=L…              a lead that is stored, as if it came now
    make dry-run PROGRAMME=draft.yaml ENQUIRY=one.yaml     an enquiry: its form's id as `form`, and the form's fields
    make dry-run ENQUIRY=one.yaml                          the rules in force

PARTNERS=draft.csv tries changed or new partners with it. Works on the embedded AWS of `make run`
and, with STACK=name, on a stack in the account that your credentials reach.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra.tools.stack import Target, reachable, services_of, target, tool

if TYPE_CHECKING:
    from routing_core.domain.errors import InvalidInput


def main() -> None:
    """Try what the command line names, and print what would come of it."""
    arguments = tool("Shows what draft rules would do with one lead.")
    arguments.add_argument(
        "--programme", type=Path, help="the draft; if left out, the current rules"
    )
    arguments.add_argument("--partners", type=Path, help="a CSV file of partners, changed or new")
    which = arguments.add_mutually_exclusive_group()
    which.add_argument("--lead", default="", help="its id")
    which.add_argument("--enquiry", type=Path, help="a YAML or JSON file")
    options = arguments.parse_args()
    if not (options.lead or options.enquiry):
        sys.exit(__doc__.strip())
    there = target(options.stack, options.data, "make dry-run LEAD=…")
    with reachable(options.stack):
        for sentence in dry_run(there, options):
            print(sentence)


def dry_run(there: Target, options: argparse.Namespace) -> list[str]:
    """Give the sentences, then the warnings.

    Ends the process with what is wrong with a file.
    """
    from routing_core.domain.errors import InvalidInput, NotFound
    from routing_core.present.explain.trial import trial_sentences
    from routing_core.service.hq.try_programme import Proposal, try_programme

    services, now = services_of(there), datetime.now(UTC)
    try:
        programme = yaml_of(options.programme) if options.programme else None
        partners: list[Any] = []
        if options.partners:
            partners = partner_documents(options.partners, programme, services, now)
        enquiry = yaml_of(options.enquiry) if options.enquiry else None
        proposal = Proposal(programme, partners)
        tried = try_programme(services, proposal, enquiry, options.lead, now)
    except InvalidInput as error:
        sys.exit(told(error))
    except (NotFound, OSError) as error:
        sys.exit(str(error))
    warnings = [f"Warning: {warning}" for warning in tried.warnings]
    return [*trial_sentences(tried), *warnings]


def told(error: InvalidInput) -> str:
    """Tell what is wrong, one line each."""
    return "\n".join(f"{problem.field}: {problem.message}" for problem in error.problems)


def yaml_of(path: Path) -> Any:
    """Read a YAML or JSON file, or raise InvalidInput."""
    from routing_core.domain.errors import InvalidInput, Problem
    from routing_core.formats.yaml_text import read_yaml

    try:
        return read_yaml(path.read_text("utf-8-sig"))
    except UnicodeDecodeError as error:
        problem = Problem(path.name, "not_utf8", "is not UTF-8: save it as UTF-8")
        raise InvalidInput([problem]) from error


def table_of(path: Path) -> str:
    """Read the text of a spreadsheet; whoever reads its rows says so if it is not UTF-8."""
    return path.read_text("utf-8-sig", errors="replace")


def partner_documents(path: Path, programme: Any, services: Any, now: datetime) -> list[Any]:
    """Read the partners of a spreadsheet as documents, or raise InvalidInput."""
    from routing_core.domain.checks.programme_checks import read_programme
    from routing_core.domain.errors import InvalidInput
    from routing_core.formats.partners_csv import Reading, read_partners_csv

    rules = read_programme(programme) if programme else services.programme
    file = read_partners_csv(table_of(path), Reading(rules, now.date()))
    if file.problems:
        raise InvalidInput(file.problems)
    return [document for _, document in file.documents]


if __name__ == "__main__":
    main()

"""Play a draft of the rules against those in force, and write a page that shows both.

What is played are the enquiries of the past.

    make backtest PROGRAMME=draft.yaml                    over the leads that are stored
    make backtest PROGRAMME=draft.yaml LEADS=leads.csv    over a spreadsheet
                                                          (routing_core/simulation/history_csv.py)
    make backtest PARTNERS=draft.csv                      changed or new partners, with the rules in force

Partners answer as they have answered so far. The same SEED gives the same figures. Works on the
embedded AWS of
`make run` and, with STACK=name, on a stack in the account that your credentials reach: it reads the
whole table of
leads, and changes nothing.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra.tools.stack import Target, reachable, services_of, target, tool

if TYPE_CHECKING:
    from routing_core.domain.lead import Lead
    from routing_core.routing.history import Past, Run
    from routing_core.simulation.back_test import BackTest
    from routing_core.simulation.behaviour import Behaviours
    from routing_core.simulation.history_csv import History
    from routing_core.simulation.simulate import RuleSet

FORK = get_context("fork")
"""Both runs at once, each with what was read before, and nothing to hand over."""
BAR = 40


def main() -> None:
    """Play both sets of rules and show how they compare."""
    arguments = tool("Runs draft rules and the current ones over past enquiries and compares them.")
    arguments.add_argument(
        "--programme", type=Path, help="the draft; if left out, the current rules"
    )
    arguments.add_argument("--partners", type=Path, help="a CSV file of partners, changed or new")
    arguments.add_argument(
        "--leads", type=Path, help="a CSV file of enquiries; if left out, the stored leads"
    )
    arguments.add_argument("--seed", default="1")
    arguments.add_argument("--page", type=Path, default=Path("build/backtest.html"))
    options = arguments.parse_args()
    if not (options.programme or options.partners):
        sys.exit(__doc__.strip())
    there = target(options.stack, options.data, "make backtest PROGRAMME=draft.yaml")
    with reachable(options.stack):
        inputs = read(there, options)
    show(play(inputs, options.seed), options.page)


def show(test: BackTest, path: Path) -> None:
    """Write the page, and print the figures and what was not played."""
    from routing_core.simulation.back_test_report import back_test_lines, back_test_page

    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(back_test_page(test), "utf-8")
    print(*back_test_lines(test), sep="\n")
    if test.problems:
        print(
            "\nNot played:",
            *(f"{each.field}: {each.message}" for each in test.problems),
            sep="\n  ",
        )
    print(f"\nThe page: {path.resolve().as_uri()}")


@dataclass(frozen=True)
class Inputs:
    """What is played: both sets of rules, and the past."""

    current: RuleSet
    draft: RuleSet
    history: Sequence[Past]
    behaviours: Behaviours
    file: History
    """What the spreadsheet said; empty where the leads are those that are stored."""


def read(there: Target, options: argparse.Namespace) -> Inputs:
    """Read what is to be played.

    Ends the process with what is wrong with a file, or if there is nothing to play.
    """
    from infra.tools.dry_run import partner_documents, told, yaml_of
    from routing_core.domain.errors import InvalidInput, NotFound
    from routing_core.service.hq.try_programme import Proposal, tried_rules
    from routing_core.simulation.back_test import history_of, learned
    from routing_core.simulation.history_csv import History
    from routing_core.simulation.simulate import RuleSet

    services, now = services_of(there), datetime.now(UTC)
    leads, messages = stored(there)
    file = History(())
    try:
        current = RuleSet(services.programme, services.rules.network())
        document = yaml_of(options.programme) if options.programme else None
        partners: Sequence[Any] = ()
        if options.partners:
            partners = partner_documents(options.partners, document, services, now)
        draft = RuleSet(*tried_rules(services, Proposal(document, partners), now))
        if options.leads:
            file = read_history(options.leads, current, draft)
    except InvalidInput as error:
        sys.exit(told(error))
    except (NotFound, OSError) as error:
        sys.exit(str(error))
    history = past_of(file) if options.leads else history_of(leads, messages)
    if not history:
        sys.exit("There are no leads yet. Use a file of enquiries: LEADS=leads.csv")
    # What is stored is learned from as it is; of a file only the outcomes are.
    behaviours = learned(leads, current, history if options.leads else ())
    return Inputs(current, draft, history, behaviours, file)


def read_history(path: Path, current: RuleSet, draft: RuleSet) -> History:
    """Read a spreadsheet of enquiries, in which partners of both networks may be named."""
    from infra.tools.dry_run import table_of
    from routing_core.simulation.history_csv import read_history_csv

    names = {}
    for rules in (current, draft):
        for name, partner in rules.network.partners.items():
            names[name] = partner.name
    return read_history_csv(table_of(path), current.programme, draft.programme, partners=names)


def past_of(file: History) -> Sequence[Past]:
    """Give the enquiries of a spreadsheet as they are played."""
    from routing_core.routing.history import Past

    return [Past(row.lead, row.facts, outcome=row.outcome) for row in file.rows]


def stored(there: Target) -> tuple[list[Lead], dict[str, str]]:
    """Read every lead, and the messages by lead."""
    from routing_core.aws.codecs.lead_items import lead_from_item
    from routing_core.aws.tables.dynamo import deserialize_item

    pages = (
        there.client("dynamodb")
        .get_paginator("scan")
        .paginate(
            TableName=there.resource("LeadsTable"),
            FilterExpression="sk IN (:lead, :context)",
            ExpressionAttributeValues={":lead": {"S": "LEAD"}, ":context": {"S": "CONTEXT"}},
        )
    )
    leads = []
    messages = {}
    for page in pages:
        for item in map(deserialize_item, page["Items"]):
            if item["sk"] == "LEAD":
                leads.append(lead_from_item(item))
            else:
                messages[item["pk"].removeprefix("LEAD#")] = item.get("message", "")
    return leads, messages


# ── both runs ─────────────────────────────────────────────────────────────────────────────────────

# What the processes of both runs find when they are forked.
_jobs: list[tuple[Any, ...]] = []
_done: list[Any] = []


def play(inputs: Inputs, seed: str) -> BackTest:
    """Play both sets of rules at once, with a bar on the terminal while it lasts."""
    from routing_core.simulation.back_test import BackTest

    history = inputs.history
    both = (inputs.current, inputs.draft)
    _jobs[:] = [(history, rules, inputs.behaviours, seed) for rules in both]
    _done[:] = [FORK.Value("q", 0) for _ in _jobs]
    with ProcessPoolExecutor(len(_jobs), mp_context=FORK) as pool:
        runs = [pool.submit(_run, number) for number in range(len(_jobs))]
        while not all(run.done() for run in runs):
            _bar(sum(done.value for done in _done) / (len(_jobs) * len(history)))
            time.sleep(0.2)
        _bar(1)
        current, draft = (run.result() for run in runs)
    received = [past.lead.received_at for past in history]
    outcomes = [past.outcome for past in history if past.outcome]
    return BackTest(
        current=current,
        draft=draft,
        programme=inputs.draft.programme,
        partners={**inputs.current.network.partners, **inputs.draft.network.partners},
        first=min(received),
        last=max(received),
        learned_from=inputs.behaviours.offers,
        seed=seed,
        at=datetime.now(UTC),
        outcomes=len([outcome for outcome in outcomes if outcome.won is not None]),
        skipped=inputs.file.skipped,
        problems=inputs.file.problems,
        ignored=inputs.file.ignored,
    )


def _run(number: int) -> Run:
    from routing_core.simulation.simulate import simulate

    def progress(done: int) -> None:
        _done[number].value = done

    # A game makes no rings of objects, and its process ends with it: a tenth of the time.
    gc.disable()
    history, rules, behaviours, seed = _jobs[number]
    return simulate(history, rules, behaviours, seed, progress)


def _bar(part: float) -> None:
    if sys.stderr.isatty():
        full = round(BAR * part)
        end = "\n" if part == 1 else ""
        print(
            f"\r{'█' * full}{'░' * (BAR - full)} {100 * part:3.0f}%",
            end=end,
            file=sys.stderr,
            flush=True,
        )


if __name__ == "__main__":
    main()

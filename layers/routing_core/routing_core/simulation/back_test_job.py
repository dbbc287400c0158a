"""Play a draft over the stored history as a job: both runs, told how far they are."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from routing_core.domain.errors import InvalidInput
from routing_core.domain.lead import Lead
from routing_core.domain.lead_row import LeadFilter
from routing_core.formats.yaml_text import read_yaml
from routing_core.present.locale_context import LocaleContext
from routing_core.service.hq.try_programme import Proposal, tried_rules
from routing_core.service.kernel.back_tests import BackTestFigure, BackTests, KeptBackTest
from routing_core.service.kernel.read_model import ReadModel
from routing_core.service.kernel.services import Services
from routing_core.simulation.back_test import BackTest, history_of, learned
from routing_core.simulation.back_test_report import back_test_page, figures
from routing_core.simulation.simulate import RuleSet, simulate

MOST_IN_A_JOB = 5_000
"""So many enquiries are played, the newest: years of a small network, weeks of a large one."""
ROWS_A_PAGE = 100
SEED = "1"
"""The same draft gives the same figures, whoever asks."""


class OutOfTime(Exception):
    """The function will be ended before both runs are over."""


@dataclass(frozen=True, slots=True)
class BackTestJob:
    """What playing a draft works with."""

    services: Services
    tests: BackTests
    read_model: ReadModel
    clock: Callable[[], datetime]
    """Tells the time."""
    has_time: Callable[[], bool]
    """Tells whether enough time is left to go on."""


def run_back_test(job: BackTestJob, name: str) -> bool:
    """Play a back-test that was asked for; False if nobody waits for it.

    What is in the way of it is kept as its problem, for its page to say.
    """
    kept = job.tests.read(name)
    if kept is None or not job.tests.begin(name, job.clock()):
        return False
    try:
        test = _played(job, kept)
    except InvalidInput:
        job.tests.fail(name, "not_valid", job.clock())
    except OutOfTime:
        job.tests.fail(name, "out_of_time", job.clock())
    else:
        _keep(job, name, test)
    return True


def _keep(job: BackTestJob, name: str, test: BackTest | None) -> None:
    if test is None:
        job.tests.fail(name, "no_history", job.clock())
        return
    programme = test.programme
    locale = LocaleContext.for_programme(programme, programme.hq.language, test.at)
    told = [
        BackTestFigure(each.label, each.current, each.draft, each.change, each.better)
        for each in figures(test, locale)
    ]
    job.tests.finish(name, told, back_test_page(test), job.clock())


def _played(job: BackTestJob, kept: KeptBackTest) -> BackTest | None:
    """Play both runs; None if there is nothing to play."""
    services = job.services
    current = RuleSet(services.programme, services.rules.network())
    draft = RuleSet(*tried_rules(services, Proposal(read_yaml(kept.text)), kept.asked_at))
    leads, messages = _stored(job)
    history = history_of(leads, messages)
    if not history:
        return None
    behaviours = learned(leads, current)
    both = 2 * len(history)

    def progress_from(start: int) -> Callable[[int], None]:
        def told(done: int) -> None:
            job.tests.note(kept.name, start + done, both, job.clock())
            if not job.has_time():
                raise OutOfTime

        return told

    received = [past.lead.received_at for past in history]
    return BackTest(
        current=simulate(history, current, behaviours, SEED, progress_from(0)),
        draft=simulate(history, draft, behaviours, SEED, progress_from(len(history))),
        programme=draft.programme,
        partners={**current.network.partners, **draft.network.partners},
        first=min(received),
        last=max(received),
        learned_from=behaviours.offers,
        seed=SEED,
        at=job.clock(),
    )


def _stored(job: BackTestJob) -> tuple[list[Lead], dict[str, str]]:
    """Read the newest enquiries, and the message of each."""
    leads: list[Lead] = []
    messages: dict[str, str] = {}
    cursor = ""
    while len(leads) < MOST_IN_A_JOB:
        now = job.clock()
        page = job.read_model.page(LeadFilter(), now, cursor=cursor, limit=ROWS_A_PAGE)
        found = job.services.leads.with_contexts([row.id for row in page.rows])
        for lead, context in found:
            leads.append(lead)
            messages[lead.id] = context.message
        cursor = page.cursor
        if not cursor:
            break
        if not job.has_time():
            raise OutOfTime
    return leads[:MOST_IN_A_JOB], messages

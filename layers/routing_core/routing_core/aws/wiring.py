"""Put the product together, once per warm function and only what that function uses.

What most functions never ask for is imported where it is made: every import here would be part of
every function's cold start (`make bench-imports`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import botocore.session
from botocore.config import Config

from routing_core.aws.called_address import called_address
from routing_core.aws.kept_secrets import KeptSecrets
from routing_core.aws.settings import (
    ApiAddressSettings,
    BusSettings,
    FailureSettings,
    MailQueueSettings,
    MailSettings,
    ReportMachineSettings,
    RowSettings,
    SecretSettings,
    StoreSettings,
    TimerSettings,
    read_settings,
)
from routing_core.aws.tables.activity_rows import ActivityRows
from routing_core.aws.tables.api_keys import ApiKeys
from routing_core.aws.tables.gate_rows import GateRows
from routing_core.aws.tables.hq_access_rows import HqAccessRows
from routing_core.aws.tables.leads_table import LeadsTable
from routing_core.aws.tables.partners_table import PartnersTable
from routing_core.aws.tables.row_writes import RowWrites
from routing_core.aws.tables.rules_store import RulesStore
from routing_core.domain.enquiry.rate_limits import Batches
from routing_core.service.kernel.gate import Gate
from routing_core.service.kernel.links import Links
from routing_core.service.kernel.read_model import LogEntry
from routing_core.service.kernel.services import Services
from routing_core.service.kernel.time_budget import HasTime, no_hurry

if TYPE_CHECKING:
    from routing_core.aws.queues.bus import EventBus
    from routing_core.aws.queues.failure_queues import FailureQueues
    from routing_core.aws.queues.mail import SesMailSender
    from routing_core.aws.queues.mail_queue import MailQueue
    from routing_core.aws.queues.report_machine import StepFunctionsReportMachine
    from routing_core.aws.queues.timers import SchedulerTimers
    from routing_core.aws.tables.back_test_rows import BackTestRows
    from routing_core.aws.tables.digest_readers import DigestReaderRows
    from routing_core.aws.tables.digest_rows import DigestRows
    from routing_core.aws.tables.export_files import ExportFiles
    from routing_core.aws.tables.lead_file_objects import LeadFileObjects
    from routing_core.aws.tables.lead_histories import LeadHistoriesTable
    from routing_core.aws.tables.lead_list_rows import LeadListRows
    from routing_core.aws.tables.mail_rows import MailRows
    from routing_core.aws.tables.mail_watch_rows import MailWatchRows
    from routing_core.aws.tables.postponed_rows import PostponedRows
    from routing_core.aws.tables.pulse_row import PulseRow
    from routing_core.aws.tables.read_model_table import ReadModelTable
    from routing_core.aws.tables.report_objects import ReportObjects
    from routing_core.aws.tables.report_rows import ReportRows
    from routing_core.aws.tables.walk_row import WalkRow
    from routing_core.domain.hq_people import HqPerson
    from routing_core.service.hq.lead_files import FileDesk
    from routing_core.service.hq_desk.lead_desk import LeadDesk
    from routing_core.service.hq_desk.rule_desk import RuleDesk
    from routing_core.service.kernel.mail_ports import MailRenderer
    from routing_core.service.notifications.mailing import MailContext
    from routing_core.service.reports.report_ports import ReportServices

CONFIG = Config(
    connect_timeout=1,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 3},
    tcp_keepalive=True,
    parameter_validation=False,
)
"""Three tries of six seconds, with three of waiting between them, end before every function does.

What we send is looked through by AWS anyway, and in tests by botocore too: that takes it a third of
the time of a call.
"""

DYNAMO_CONFIG = Config(read_timeout=2)
"""DynamoDB answers within milliseconds, or not at all: then another try finds another machine.

Three tries that come to nothing take twelve seconds, waiting included (``TIME_FOR_ONE``).
"""

SECRET_SECONDS = 300
"""A warm function trusts the keys it has read for so long; then it asks for them again."""


class Wiring:
    """Makes everything a handler may ask for, each thing when it is first asked for."""

    @property
    def services(self) -> Services:
        """Give what the use cases work with, made anew for each request.

        So rotated link keys are seen after ``SECRET_SECONDS``.
        """
        return Services(
            leads=self.leads,
            partners=self.partners,
            rules=self.rules,
            links=self.links,
            contact_secret=self.contact_secret,
            gate=self.gate,
            hq_access=self.hq_access,
            activity=ActivityRows(self.row_writes),
        )

    @property
    def contact_secret(self) -> bytes:
        """Give the key of all hashes that name a contact without telling it."""
        return self._secret(self._names_of_secrets.contact_secret).encode()

    @property
    def links(self) -> Links:
        """Give the maker and reader of links, with the keys of now."""
        keys = json.loads(self._secret(self._names_of_secrets.link_secret))
        signing_key = keys.pop("sign")
        return Links(self.base_url, keys, signing_key)

    @property
    def base_url(self) -> str:
        """Give what every link starts with: by the template, else where the API was called."""
        return self._address.base_url or called_address()

    @cached_property
    def leads(self) -> LeadsTable:
        """Give the leads, with their contexts, events and known contacts."""
        return LeadsTable(self._dynamo, self._stores.leads_table, self._stores.partners_table)

    @cached_property
    def partners(self) -> PartnersTable:
        """Give the partners' profiles."""
        return PartnersTable(self._dynamo, self._stores.partners_table, self._log_writes)

    @cached_property
    def rules(self) -> RulesStore:
        """Give the programme and the compiled network in force."""
        # A client of S3 is made only when it is needed: most functions find the network warm.
        kept = RulesStore(
            self._dynamo, lambda: _client("s3"), self._stores, time.monotonic, _utc_now
        )
        return kept.noting(self._log_writes)

    def _log_writes(self, entries: Iterable[LogEntry]) -> list[dict[str, Any]]:
        """Give the writes of lines of the log: only HQ's functions have any."""
        lines = list(entries)
        return ActivityRows(self.row_writes).writes(lines) if lines else []

    @cached_property
    def read_model(self) -> ReadModelTable:
        """Give what lists and searches are answered from."""
        from routing_core.aws.tables.read_model_table import ReadModelTable

        return ReadModelTable(self._dynamo, read_settings(RowSettings).read_model_table)

    @cached_property
    def row_writes(self) -> RowWrites:
        """Give what keeps the read model."""
        return RowWrites(self._dynamo, read_settings(RowSettings).read_model_table)

    @property
    def reports(self) -> ReportServices:
        """Give what the use cases of reports work with."""
        from routing_core.aws.tables.cost_row import CostRow
        from routing_core.service.reports.report_ports import ReportServices

        costs = CostRow(self._dynamo, self._stores.partners_table)
        return ReportServices(self.services, self.report_runs, self._report_objects, costs)

    @cached_property
    def report_runs(self) -> ReportRows:
        """Give the rows that say how far reports are."""
        from routing_core.aws.tables.report_rows import ReportRows

        return ReportRows(self._dynamo, self._stores.partners_table)

    @cached_property
    def report_machine(self) -> StepFunctionsReportMachine:
        """Give what starts making a report."""
        from routing_core.aws.queues.report_machine import StepFunctionsReportMachine

        arn = read_settings(ReportMachineSettings).report_machine_arn
        return StepFunctionsReportMachine(_client("stepfunctions"), arn)

    @cached_property
    def lead_histories(self) -> LeadHistoriesTable:
        """Give what reads many leads with all their events."""
        from routing_core.aws.tables.lead_histories import LeadHistoriesTable

        return LeadHistoriesTable(self._dynamo, self._stores.leads_table)

    @cached_property
    def _report_objects(self) -> ReportObjects:
        from routing_core.aws.tables.report_objects import ReportObjects

        return ReportObjects(lambda: _client("s3"), self._stores.bucket)

    @cached_property
    def gate(self) -> Gate:
        """Give what keeps floods of posts out."""
        return Gate(GateRows(self._dynamo, self._stores.leads_table))

    @cached_property
    def hq_access(self) -> HqAccessRows:
        """Give who at HQ is signed in where."""
        return HqAccessRows(self._dynamo, self._stores.partners_table)

    @cached_property
    def batches(self) -> Batches:
        """Give the counts of posts that this instance has not told the others yet."""
        return Batches()

    @cached_property
    def timers(self) -> SchedulerTimers:
        """Give the one-shot timers that wake leads."""
        from routing_core.aws.queues.timers import SchedulerTimers

        return SchedulerTimers(_client("scheduler"), read_settings(TimerSettings))

    @cached_property
    def bus(self) -> EventBus:
        """Give the bus on which events are published."""
        from routing_core.aws.queues.bus import EventBus

        return EventBus(_client("events"), read_settings(BusSettings).bus)

    @cached_property
    def mail_sender(self) -> SesMailSender:
        """Give the mail service."""
        from routing_core.aws.queues.mail import SesMailSender
        from routing_core.aws.tables.mail_pace import MailPace

        names = read_settings(MailSettings)
        pace = None
        if names.mails_per_second:
            rate = int(names.mails_per_second)
            pace = MailPace(self._dynamo, self._stores.leads_table, rate)
        return SesMailSender(_client("sesv2"), names.sender, names.configuration_set, pace)

    @cached_property
    def sent_mails(self) -> MailRows:
        """Give the log of sent mails."""
        from routing_core.aws.tables.mail_rows import MailRows

        return MailRows(self._dynamo, self._stores.leads_table)

    @cached_property
    def mail_watch(self) -> MailWatchRows:
        """Give what is known of mail that does not leave."""
        from routing_core.aws.tables.mail_watch_rows import MailWatchRows

        return MailWatchRows(self._dynamo, self._stores.leads_table)

    @cached_property
    def digest_readers(self) -> DigestReaderRows:
        """Give who wants which digest no more."""
        from routing_core.aws.tables.digest_readers import DigestReaderRows

        return DigestReaderRows(self._dynamo, self._stores.leads_table)

    @property
    def lead_desk(self) -> LeadDesk:
        """Give what the pages of leads on HQ's desk work with."""
        from routing_core.service.hq_desk.lead_desk import LeadDesk

        return LeadDesk(self.services, self.read_model, self.sent_mails, self.mail_watch)

    @cached_property
    def back_tests(self) -> BackTestRows:
        """Give the back-tests of drafts of the rules."""
        from routing_core.aws.tables.back_test_rows import BackTestRows

        table, bucket = self._stores.leads_table, self._stores.bucket
        return BackTestRows(self._dynamo, table, lambda: _client("s3"), bucket)

    def rule_desk(self, person: HqPerson) -> RuleDesk:
        """Give what the pages of the rules work with, for somebody at HQ."""
        from routing_core.aws.tables.rule_draft_rows import RuleDraftRows
        from routing_core.service.hq_desk.rule_desk import RuleDesk

        drafts = RuleDraftRows(self._dynamo, self._stores.leads_table)
        return RuleDesk(self.services, drafts, self.read_model, person)

    @cached_property
    def exports(self) -> ExportFiles:
        """Give the exports of leads, kept for a week."""
        from routing_core.aws.tables.export_files import ExportFiles

        return ExportFiles(lambda: _client("s3"), self._stores.bucket)

    @cached_property
    def lead_files(self) -> LeadFileObjects:
        """Give the content of leads' files."""
        from routing_core.aws.tables.lead_file_objects import LeadFileObjects

        return LeadFileObjects(lambda: _client("s3"), self._stores.bucket)

    @property
    def file_desk(self) -> FileDesk:
        """Give what HQ's use cases of leads' files work with."""
        from routing_core.service.hq.lead_files import FileDesk

        return FileDesk(self.services, self.lead_files)

    @property
    def dead_letters(self) -> FailureQueues:
        """Give the queues of what was given up."""
        from routing_core.aws.queues.failure_queues import FailureQueues

        queues = read_settings(FailureSettings).failure_queues
        return FailureQueues(_client("sqs"), queues)

    @cached_property
    def digests(self) -> DigestRows:
        """Give the lines that wait for a digest."""
        from routing_core.aws.tables.digest_rows import DigestRows

        return DigestRows(self._dynamo, self._stores.leads_table)

    @cached_property
    def lead_lists(self) -> LeadListRows:
        """Give the imports of lists of leads."""
        from routing_core.aws.tables.lead_list_rows import LeadListRows

        return LeadListRows(self._dynamo, self._stores.leads_table)

    @cached_property
    def postponed(self) -> PostponedRows:
        """Give the leads that the sweep could not wake and leaves alone for a while."""
        from routing_core.aws.tables.postponed_rows import PostponedRows

        return PostponedRows(self._dynamo, self._stores.leads_table)

    @cached_property
    def walk(self) -> WalkRow:
        """Give the place where the slow walk through ended leads stands."""
        from routing_core.aws.tables.walk_row import WalkRow

        return WalkRow(self._dynamo, self._stores.leads_table)

    @cached_property
    def pulse(self) -> PulseRow:
        """Give the sign of life that goes through the leads stream."""
        from routing_core.aws.tables.pulse_row import PulseRow

        return PulseRow(self._dynamo, self._stores.leads_table)

    def mailing(self, writer: MailRenderer, has_time: HasTime = no_hurry) -> MailContext:
        """Give what sending mails needs; ``writer`` turns a view into a mail.

        ``has_time`` tells whether the function has time for another one.
        """
        from routing_core.service.notifications.mailing import MailContext

        return MailContext(
            services=self.services,
            outgoing=self.sent_mails,
            digests=self.digests,
            writer=writer,
            post=self.mail_sender,
            watch=self.mail_watch,
            digest_readers=self.digest_readers,
            has_time=has_time,
        )

    @cached_property
    def mail_queue(self) -> MailQueue:
        """Give the queue in which events wait to become mails."""
        from routing_core.aws.queues.mail_queue import MailQueue

        return MailQueue(_client("sqs"), read_settings(MailQueueSettings).mail_queue)

    @cached_property
    def api_keys(self) -> ApiKeys:
        """Give the keys of machines."""
        return ApiKeys(self._dynamo, self._stores.partners_table, self._log_writes)

    @cached_property
    def _stores(self) -> StoreSettings:
        return read_settings(StoreSettings)

    @cached_property
    def _names_of_secrets(self) -> SecretSettings:
        return read_settings(SecretSettings)

    @cached_property
    def _address(self) -> ApiAddressSettings:
        return read_settings(ApiAddressSettings)

    @property
    def _dynamo(self) -> Any:
        return _client("dynamodb")

    def _secret(self, name: str) -> str:
        return self._secrets.read(name)

    @cached_property
    def _secrets(self) -> KeptSecrets:
        return KeptSecrets(_client("secretsmanager"), time.monotonic, SECRET_SECONDS)


def _utc_now() -> datetime:
    return datetime.now(UTC)


@cache
def _client(service: str) -> Any:
    own = DYNAMO_CONFIG if service == "dynamodb" else None
    return _session().create_client(service, config=CONFIG.merge(own) if own else CONFIG)


@cache
def _session() -> botocore.session.Session:
    # Not boto3's: that brings s3transfer and resources, which nothing here uses, into a cold start.
    return botocore.session.get_session()


@cache
def wiring() -> Wiring:
    """Give the wiring of this warm function."""
    return Wiring()

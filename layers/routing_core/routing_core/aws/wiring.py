"""Puts the product together, once per warm function and only what that function uses."""

import json
import time
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import boto3
from aws_lambda_powertools.utilities.parameters import SecretsProvider
from botocore.config import Config

from routing_core.aws.called_address import called_address
from routing_core.aws.queues.bus import EventBus
from routing_core.aws.queues.mail import SesPost
from routing_core.aws.queues.timers import SchedulerTimers
from routing_core.aws.settings import Settings, settings
from routing_core.aws.tables.api_keys import ApiKeys
from routing_core.aws.tables.digest_rows import DigestRows
from routing_core.aws.tables.gate_rows import GateRows
from routing_core.aws.tables.leads_table import LeadsTable
from routing_core.aws.tables.mail_rows import MailRows
from routing_core.aws.tables.partners_table import PartnersTable
from routing_core.aws.tables.postponed_rows import PostponedRows
from routing_core.aws.tables.rules_store import RulesStore
from routing_core.aws.tables.walk_row import WalkRow
from routing_core.domain.enquiry.gatekeeping import Batches
from routing_core.service.kernel.gate import Gate
from routing_core.service.kernel.links import Links
from routing_core.service.kernel.ports import MailRenderer
from routing_core.service.kernel.services import Services
from routing_core.service.notifications.mailing import MailContext

CONFIG = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "max_attempts": 3},
    tcp_keepalive=True,
    parameter_validation=False,
)
"""Three tries of at most seven seconds stay below every function's own timeout of 30. What we send
is looked through by AWS anyway, and in tests by botocore too: that takes it a third of the time of
a call.
"""

SECRET_SECONDS = 300


@dataclass(frozen=True)
class Wiring:
    """Everything a handler may ask for; nothing is made before it is asked for."""

    settings: Settings

    @property
    def services(self) -> Services:
        """Made anew for each request, so that rotated link keys are seen after
        ``SECRET_SECONDS``.
        """
        return Services(
            leads=self.leads,
            partners=self.partners,
            rules=self.rules,
            links=self.links,
            contact_secret=self._secret(self.settings.contact_secret).encode(),
            gate=self.gate,
        )

    @property
    def links(self) -> Links:
        keys = json.loads(self._secret(self.settings.link_secret))
        return Links(self.base_url, {k: v for k, v in keys.items() if k != "sign"}, keys["sign"])

    @property
    def base_url(self) -> str:
        """Gives what every link starts with: what the template says, else where the API was
        called.
        """
        return self.settings.base_url or called_address()

    @cached_property
    def leads(self) -> LeadsTable:
        return LeadsTable(self._dynamo, self.settings.leads_table, self.settings.partners_table)

    @cached_property
    def partners(self) -> PartnersTable:
        return PartnersTable(self._dynamo, self.settings.partners_table)

    @cached_property
    def rules(self) -> RulesStore:
        names = self.settings
        return RulesStore(
            self._dynamo,
            lambda: _client("s3"),
            names.leads_table,
            names.partners_table,
            names.bucket,
            time.monotonic,
        )

    @cached_property
    def gate(self) -> Gate:
        return Gate(GateRows(self._dynamo, self.settings.leads_table))

    @cached_property
    def batches(self) -> Batches:
        return Batches()

    @cached_property
    def timers(self) -> SchedulerTimers:
        names = self.settings
        return SchedulerTimers(
            _client("scheduler"),
            names.schedule_group,
            names.wake_arn,
            names.schedule_role_arn,
            names.schedule_dlq_arn,
        )

    @cached_property
    def bus(self) -> EventBus:
        return EventBus(_client("events"), self.settings.bus)

    @cached_property
    def post(self) -> SesPost:
        return SesPost(_client("sesv2"), self.settings.sender, self.settings.configuration_set)

    @cached_property
    def outgoing(self) -> MailRows:
        return MailRows(self._dynamo, self.settings.leads_table)

    @cached_property
    def digests(self) -> DigestRows:
        return DigestRows(self._dynamo, self.settings.leads_table)

    @cached_property
    def postponed(self) -> PostponedRows:
        return PostponedRows(self._dynamo, self.settings.leads_table)

    @cached_property
    def walk(self) -> WalkRow:
        return WalkRow(self._dynamo, self.settings.leads_table)

    def mailing(self, writer: MailRenderer) -> MailContext:
        return MailContext(self.services, self.outgoing, self.digests, writer, self.post)

    @cached_property
    def api_keys(self) -> ApiKeys:
        return ApiKeys(self._dynamo, self.settings.partners_table)

    @property
    def _dynamo(self) -> Any:
        return _client("dynamodb")

    def _secret(self, name: str) -> str:
        return str(self._secrets.get(name, max_age=SECRET_SECONDS))

    @cached_property
    def _secrets(self) -> SecretsProvider:
        return SecretsProvider(boto3_client=_client("secretsmanager"))


@cache
def _client(service: str) -> Any:
    return boto3.client(service, config=CONFIG)


@cache
def wiring() -> Wiring:
    return Wiring(settings())

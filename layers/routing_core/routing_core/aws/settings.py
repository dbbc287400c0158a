"""Read what the environment tells each function: one model a function, checked at its start.

    @requires(OutboxSettings)
    def handler(event, context): ...

A model's fields are the variables it reads, in small letters: ``wake_arn`` is ``WAKE_ARN``. What
has no default has to be there and say something; who forgets it in the template reads which it was.
"""

import os
from collections.abc import Callable
from functools import cache, partial, wraps
from typing import Any, TypeVar, dataclass_transform, get_type_hints

Model = TypeVar("Model", bound="Settings")
Handler = Callable[[dict[str, Any], Any], Any]
"""The entry of a function: it takes an event and the context of its invocation."""


class SettingsMissing(Exception):
    """A function was not given variables that it needs: the template is to be mended."""


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Settings:
    """Holds what is read, by the names of a model's fields.

    It is no dataclass: each of those takes a millisecond of every cold start to make, and every
    function has all models.
    """

    def __init__(self, **given: str):
        """Take what was read; a field that is left out has its default."""
        self.__dict__.update(given)


class StoreSettings(Settings):
    """The tables and the bucket; every function has them."""

    leads_table: str
    partners_table: str
    bucket: str


class RowSettings(Settings):
    """The table that lists and searches are answered from."""

    read_model_table: str


class SecretSettings(Settings):
    """The secrets that links are signed and contacts are hashed with."""

    link_secret: str
    contact_secret: str


class ApiAddressSettings(Settings):
    """Where links lead from a function behind the API."""

    base_url: str = ""
    """Every link begins here, such as ``https://leads.example.com``.

    Empty, it is where the API was called.
    """


class EdgeSettings(Settings):
    """What stands before the API."""

    edge_secret: str = ""
    """What the distribution sends along, or two with a comma between them; empty without one."""


class AddressSettings(Settings):
    """Where links lead from any other function: no request tells it where the API is."""

    base_url: str


class BusSettings(Settings):
    """The bus that events are published on."""

    bus: str


class TimerSettings(Settings):
    """What EventBridge Scheduler needs to wake a lead."""

    schedule_group: str
    schedule_role_arn: str
    wake_arn: str
    schedule_dlq_arn: str = ""
    """Nudges that could not be delivered go here; without it the sweep alone notices."""


class MailSettings(Settings):
    """The sender of all mails."""

    sender: str
    configuration_set: str = ""
    """This SES configuration set reports bounces; without it nobody hears of them."""
    mails_per_second: str = ""
    """All functions together send at most so many; without it SES alone keeps the rate."""


class MailQueueSettings(Settings):
    """The queue in which events wait to become mails."""

    mail_queue: str


class FailureSettings(Settings):
    """The queues of what the machinery gave up on."""

    failure_queues: str = ""
    """Their addresses by hop: ``outbox=https://… mail=https://…``; without it nobody is told."""


class ReportMachineSettings(Settings):
    """The state machine that makes reports."""

    report_machine_arn: str


# ── one model a function ──────────────────────────────────────────────────────────────────────────


class IntakeSettings(StoreSettings, SecretSettings, ApiAddressSettings):
    """What the forms and status pages need."""


class PartnerSettings(StoreSettings, SecretSettings, ApiAddressSettings, BusSettings):
    """What the pages of partners need."""


class HqSettings(
    StoreSettings,
    RowSettings,
    SecretSettings,
    ApiAddressSettings,
    BusSettings,
    ReportMachineSettings,
):
    """What HQ's pages and API need."""


class HqDeskSettings(
    StoreSettings,
    RowSettings,
    SecretSettings,
    ApiAddressSettings,
    BusSettings,
    FailureSettings,
    ReportMachineSettings,
):
    """What the pages of HQ's desk need."""


class OutboxSettings(StoreSettings, BusSettings, TimerSettings):
    """What the reader of the leads stream needs."""


class ReadModelSettings(StoreSettings, RowSettings, SecretSettings):
    """What the second reader of the leads stream needs."""


class WakeSettings(StoreSettings, SecretSettings, AddressSettings, TimerSettings):
    """What waking a lead needs."""


class SweepSettings(StoreSettings, SecretSettings, AddressSettings, MailSettings):
    """What the sweep needs."""


class NotifySettings(
    StoreSettings, SecretSettings, AddressSettings, MailSettings, MailQueueSettings
):
    """What sending mails needs."""


class CalendarsSettings(StoreSettings, SecretSettings, AddressSettings, MailSettings):
    """What the daily look at holidays needs."""


class ReportsSettings(
    StoreSettings,
    RowSettings,
    SecretSettings,
    AddressSettings,
    MailSettings,
    ReportMachineSettings,
):
    """What making and sending reports needs."""


class NetworkSettings(StoreSettings, BusSettings):
    """What compiling the network needs."""


class BackTestSettings(StoreSettings, RowSettings, SecretSettings):
    """What playing a draft of the rules needs."""


# ── reading ───────────────────────────────────────────────────────────────────────────────────────


def read_settings(model: type[Model]) -> Model:
    """Read a model from the environment.

    Raises SettingsMissing, naming every variable that has to be there and is not.
    """
    given: dict[str, str] = {}
    missing: list[str] = []
    for field in get_type_hints(model):
        variable = field.upper()
        value = os.environ.get(variable, "")
        if value:
            given[field] = value
        elif not hasattr(model, field):
            missing.append(variable)
    if missing:
        raise SettingsMissing(f"{model.__name__}: set {', '.join(missing)} in the template")
    return model(**given)


def requires(model: type[Any]) -> Callable[[Handler], Handler]:
    """Check a function's settings before its first event, so that it never stops halfway."""

    def checked(handler: Handler) -> Handler:
        # Once: a warm function never sees another environment.
        check = cache(partial(read_settings, model))

        @wraps(handler)
        def check_and_handle(event: dict[str, Any], context: Any) -> Any:
            check()
            return handler(event, context)

        return check_and_handle

    return checked

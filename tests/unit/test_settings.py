"""Each function says what it needs of its environment, and stops before its first event if it is not there."""

import ast
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from infra.checks.lint import transformed
from routing_core.aws import settings
from routing_core.aws.settings import SettingsMissing, read_settings, requires
from tests.support.stack import logical_name

ROOT = Path(__file__).parents[2]
MODELS = {
    name: getattr(settings, f"{logical_name(name)}Settings")
    for name in (
        "intake",
        "partner",
        "hq",
        "hq_desk",
        "outbox",
        "read_model",
        "wake",
        "sweep",
        "notify",
        "calendars",
        "network",
    )
}
NEEDED_FOR = {
    "bus": settings.BusSettings,
    "contact_secret": settings.SecretSettings,
    "links": settings.SecretSettings,
    "read_model": settings.RowSettings,
    "row_writes": settings.RowSettings,
    "mailing": settings.MailSettings,
    "services": settings.SecretSettings,
    "timers": settings.TimerSettings,
}
"""What a handler asks the wiring for → the settings that this takes."""


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for model in MODELS.values():
        for field in get_type_hints(model):
            monkeypatch.setenv(field.upper(), f"some {field}")
    return monkeypatch


@pytest.mark.parametrize("name", MODELS)
def test_each_function_checks_a_model_of_its_own(name: str) -> None:
    app = (ROOT / "functions" / name / "app.py").read_text()
    assert f"@requires({MODELS[name].__name__})\n" in app


@pytest.mark.parametrize("name", MODELS)
def test_a_functions_model_has_what_its_handlers_ask_the_wiring_for(name: str) -> None:
    asked = set()
    for path in (ROOT / "functions" / name).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute):
                asked.add(node.attr)
    for attribute in asked & NEEDED_FOR.keys():
        assert issubclass(MODELS[name], NEEDED_FOR[attribute])


@pytest.mark.parametrize("name", MODELS)
def test_the_template_gives_each_function_what_it_has_to_have(name: str) -> None:
    resource = transformed()["Resources"][f"{logical_name(name)}Function"]
    given = resource["Properties"]["Environment"]["Variables"]
    model = MODELS[name]
    needed = {field.upper() for field in get_type_hints(model) if not hasattr(model, field)}
    assert needed <= given.keys()


@pytest.mark.parametrize("name", MODELS)
def test_what_is_missing_is_named_before_the_first_event(
    name: str, environment: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []

    @requires(MODELS[name])
    def handler(event: dict[str, Any], context: Any) -> None:
        seen.append(event)

    environment.delenv("LEADS_TABLE")
    environment.setenv("PARTNERS_TABLE", "")
    with pytest.raises(SettingsMissing, match=r"Settings: set LEADS_TABLE, PARTNERS_TABLE in"):
        handler({}, None)
    assert seen == []
    environment.setenv("LEADS_TABLE", "leads")
    environment.setenv("PARTNERS_TABLE", "partners")
    handler({}, None)
    assert seen == [{}]


def test_what_may_be_missing_has_its_default(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("BASE_URL")
    environment.setenv("SCHEDULE_DLQ_ARN", "")
    assert read_settings(settings.IntakeSettings).base_url == ""
    assert read_settings(settings.TimerSettings).schedule_dlq_arn == ""
    with pytest.raises(SettingsMissing, match="BASE_URL"):
        read_settings(settings.NotifySettings)

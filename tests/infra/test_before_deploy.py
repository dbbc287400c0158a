"""`make deploy` finds credentials wherever SAM would, and says all that is missing before anything
is built; of the account and the region, too.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError, MissingDependencyException
from botocore.session import Session
from botocore.stub import Stubber
from samtranslator.yaml_helper import yaml_parse

from infra.tools import before_deploy
from infra.tools.account_checks import SERVICES, findings_of
from infra.tools.before_deploy import TEMPLATE, missing, read_parameters, told
from infra.tools.deploy_plan import Finding, Grade, Plan
from infra.tools.ses_checks import MAILS_AN_ENQUIRY
from tests.support.world import a_programme, a_world, munich

ROOT = Path(__file__).resolve().parents[2]
SENDER = "leads@example.com"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Somebody who has never heard of AWS, on a machine that is none of AWS's."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    (tmp_path / ".aws").mkdir()
    return tmp_path


def config(home: Path, *lines: str) -> None:
    (home / ".aws/config").write_text("\n".join(lines))


def test_all_that_is_missing_is_said_at_once(home: Path) -> None:
    assert [lack.split(":")[0] for lack in missing("")] == [
        "AWS credentials",
        "A region",
        "The sender of emails",
    ]


def test_an_empty_configuration_holds_no_credentials(home: Path) -> None:
    config(home)
    assert [lack.split(":")[0] for lack in missing(SENDER)] == ["AWS credentials", "A region"]


def test_single_sign_on_is_found_without_signing_on(home: Path) -> None:
    config(
        home,
        *(
            "[default]",
            "region = eu-central-1",
            "sso_session = firm",
            "sso_account_id = 123456789012",
        ),
        *("sso_role_name = Deploys", "[sso-session firm]", "sso_region = eu-central-1"),
        "sso_start_url = https://firm.awsapps.com/start",
    )
    assert missing(SENDER) == []


@pytest.fixture
def container() -> Iterator[str]:
    """What CloudShell and CodeBuild have: an address that gives credentials to whoever runs
    there.
    """

    class Credentials(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            given = {
                "AccessKeyId": "A",
                "SecretAccessKey": "B",
                "Token": "C",
                "Expiration": "2099-01-01T00:00:00Z",
            }
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(given).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Credentials)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_what_the_machine_gives_is_found(
    home: Path, container: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", container)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    assert missing(SENDER) == []


def test_half_a_key_and_a_profile_that_is_not_there_are_named(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "A")
    (half,) = missing(SENDER)
    assert "AWS_SECRET_ACCESS_KEY" in half
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    (unknown,) = missing(SENDER)
    assert "nobody" in unknown


def test_make_tells_the_region_by_the_name_that_sam_knows(home: Path) -> None:
    show = "show: ; @echo $$AWS_DEFAULT_REGION"
    told = subprocess.run(
        ["make", "-s", "--eval", show, "show"],
        cwd=ROOT,
        env={**os.environ, "AWS_REGION": "eu-west-1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == "eu-west-1\n"


# ── the account and the region ────────────────────────────────────────────────────────────────────

REGION = "eu-central-1"
TEMPLATE_READ = yaml_parse(TEMPLATE.read_text())
PLAN = Plan(
    sender="leads@mail.firm.example",
    region=REGION,
    stack="relay-prod",
    architecture="arm64",
    template=TEMPLATE_READ,
    said={"MailsPerSecond": "10"},
    regions_of=lambda _: [REGION],
)
TOKENS = ["aaa", "bbb", "ccc"]
SIGNS = {"SigningEnabled": True, "Status": "SUCCESS", "Tokens": TOKENS}
WAITS = {"SigningEnabled": True, "Status": "PENDING", "Tokens": TOKENS}
IDENTITIES = ["leads@mail.firm.example", "mail.firm.example", "firm.example"]


@dataclass
class Account:
    """What AWS answers; every answer is checked against AWS's own model of it."""

    stack: Mapping[str, Any] | None = None
    """None: there is none."""
    identities: Mapping[str, Mapping[str, Any]] = field(
        default_factory=lambda: {
            "firm.example": {"VerifiedForSendingStatus": True, "DkimAttributes": SIGNS}
        }
    )
    mail: Mapping[str, Any] = field(default_factory=dict)
    quota: Mapping[str, float] = field(default_factory=dict)
    concurrent: tuple[int, int] = (1_000, 1_000)
    """All, and those that nobody has reserved."""
    prices: tuple[str, ...] = ("{}",)
    fails: Mapping[str, str] = field(default_factory=dict)
    """The code of an error that an operation answers."""
    asked: int = 0
    """How often SES was asked: first for the sender, then for the account."""

    def client(self, service: str) -> Any:
        made = boto3.client(
            service, region_name="us-east-1", aws_access_key_id="A", aws_secret_access_key="B"
        )
        stubber = Stubber(made)
        getattr(self, f"_{service}")(stubber)
        stubber.activate()
        return made

    def _answer(self, stubber: Stubber, operation: str, answer: Mapping[str, Any]) -> None:
        if operation in self.fails:
            stubber.add_client_error(operation, self.fails[operation], "as the test says")
        else:
            stubber.add_response(operation, dict(answer))

    def _cloudformation(self, stubber: Stubber) -> None:
        if self.stack is None and "describe_stacks" not in self.fails:
            message = "Stack with id relay-prod does not exist"
            stubber.add_client_error("describe_stacks", "ValidationError", message)
            return
        whole = {
            "StackName": "relay-prod",
            "CreationTime": "2026-01-01T00:00:00Z",
            **(self.stack or {}),
        }
        self._answer(stubber, "describe_stacks", {"Stacks": [whole]})

    def _sesv2(self, stubber: Stubber) -> None:
        self.asked += 1
        if self.asked > 1:
            quota = {"MaxSendRate": 14.0, "Max24HourSend": 50_000.0, "SentLast24Hours": 0.0}
            account = {"ProductionAccessEnabled": True, "SendingEnabled": True, **self.mail}
            self._answer(stubber, "get_account", {**account, "SendQuota": {**quota, **self.quota}})
            return
        for name in IDENTITIES:
            if "get_email_identity" in self.fails or name in self.identities:
                self._answer(stubber, "get_email_identity", self.identities.get(name, {}))
            else:
                stubber.add_client_error(
                    "get_email_identity",
                    "NotFoundException",
                    expected_params={"EmailIdentity": name},
                )

    def _lambda(self, stubber: Stubber) -> None:
        most, free = self.concurrent
        limit = {"ConcurrentExecutions": most, "UnreservedConcurrentExecutions": free}
        self._answer(stubber, "get_account_settings", {"AccountLimit": limit})

    def _pricing(self, stubber: Stubber) -> None:
        self._answer(stubber, "get_products", {"PriceList": list(self.prices)})


def found(account: Account, plan: Plan = PLAN) -> list[Finding]:
    return list(findings_of(plan, account.client))


def wrong(account: Account, plan: Plan = PLAN) -> Finding:
    """The one thing that is not as it should be."""
    (one,) = (each for each in found(account, plan) if each.grade is not Grade.FINE)
    return one


def test_an_account_that_has_everything_is_told_so_line_by_line() -> None:
    findings = found(Account())
    assert {each.grade for each in findings} == {Grade.FINE}
    lines = told(findings)
    for word in ("relay-prod", "eu-central-1", "firm.example", "DKIM", "anybody", "14", "50,000"):
        assert word in lines
    assert len(findings) == 10


def test_a_sender_that_ses_does_not_know_stops_and_says_the_command() -> None:
    one = wrong(Account(identities={}))
    assert one.grade is Grade.STOPS
    assert "create-email-identity --email-identity mail.firm.example" in one.says


def test_a_domain_that_is_not_verified_yet_stops_and_says_the_records() -> None:
    waiting = {"VerifiedForSendingStatus": False, "DkimAttributes": WAITS}
    one = wrong(Account(identities={"firm.example": waiting}))
    assert one.grade is Grade.STOPS
    for token in TOKENS:
        assert f"{token}._domainkey.firm.example CNAME {token}.dkim.amazonses.com" in one.says


def test_an_address_that_is_not_verified_yet_stops_and_says_the_link() -> None:
    one = wrong(Account(identities={PLAN.sender: {"VerifiedForSendingStatus": False}}))
    assert one.grade is Grade.STOPS
    assert "open the link" in one.says


def test_an_address_alone_is_verified_and_not_signed() -> None:
    one = wrong(Account(identities={PLAN.sender: {"VerifiedForSendingStatus": True}}))
    assert one.grade is Grade.WARNS
    assert "DKIM" in one.says
    assert "--email-identity mail.firm.example" in one.says


@pytest.mark.parametrize("dkim", [WAITS, {"SigningEnabled": False, "Status": "SUCCESS"}, {}])
def test_a_verified_domain_that_does_not_sign_is_told(dkim: Mapping[str, Any]) -> None:
    identity = {"VerifiedForSendingStatus": True, "DkimAttributes": dkim}
    one = wrong(Account(identities={"mail.firm.example": identity}))
    assert one.grade is Grade.WARNS
    assert "spam" in one.says
    assert ("CNAME" in one.says) == ("Tokens" in dkim)


def test_an_address_signs_by_its_domain() -> None:
    both = {
        PLAN.sender: {"VerifiedForSendingStatus": True},
        "firm.example": {"VerifiedForSendingStatus": True, "DkimAttributes": SIGNS},
    }
    assert all(each.grade is Grade.FINE for each in found(Account(identities=both)))


def test_the_sandbox_is_told_and_does_not_stop() -> None:
    one = wrong(Account(mail={"ProductionAccessEnabled": False}))
    assert one.grade is Grade.WARNS
    assert "sandbox" in one.says
    assert "production access" in one.says


@pytest.mark.parametrize(
    ("mail", "grade", "word"),
    [
        ({"EnforcementStatus": "SHUTDOWN"}, Grade.STOPS, "paused"),
        ({"SendingEnabled": False}, Grade.STOPS, "paused"),
        ({"EnforcementStatus": "PROBATION"}, Grade.WARNS, "reviews"),
    ],
)
def test_what_ses_thinks_of_the_account_is_told(
    mail: Mapping[str, Any], grade: Grade, word: str
) -> None:
    one = wrong(Account(mail=mail))
    assert one.grade is grade
    assert word in one.says


def test_a_rate_above_the_accounts_is_told_with_the_parameter_that_would_be_right() -> None:
    one = wrong(Account(quota={"MaxSendRate": 1.0}))
    assert one.grade is Grade.WARNS
    assert "PARAMETERS='MailsPerSecond=1'" in one.says


def test_the_rate_is_the_deployed_one_where_nothing_is_said_and_else_the_default() -> None:
    plan = replace(PLAN, said={})
    deployed = [{"ParameterKey": "MailsPerSecond", "ParameterValue": "20"}]
    stack = {"StackStatus": "UPDATE_COMPLETE", "Parameters": deployed}
    assert "MailsPerSecond is 20" in wrong(Account(stack=stack), plan).says
    assert "10 are planned" in told(found(Account(), plan))


def test_more_enquiries_than_the_daily_quota_carries_are_told() -> None:
    expected = replace(PLAN, enquiries=100)
    one = wrong(Account(quota={"Max24HourSend": 200.0}), expected)
    assert one.grade is Grade.WARNS
    assert f"enough for some {200 // MAILS_AN_ENQUIRY} enquiries, not for 100" in one.says
    assert f"ask for {100 * MAILS_AN_ENQUIRY}" in one.says
    assert all(each.grade is Grade.FINE for each in found(Account(), expected))


def test_a_quota_that_something_else_uses_up_is_told_and_none_is_fine() -> None:
    one = wrong(Account(quota={"SentLast24Hours": 45_000.0}))
    assert "only 5,000 are left" in one.says
    no_limit = Account(quota={"Max24HourSend": -1.0})
    assert all(each.grade is Grade.FINE for each in found(no_limit))


def test_an_enquiry_that_is_taken_sends_no_more_mails_than_are_counted_with() -> None:
    with pytest.MonkeyPatch.context() as environment, a_world(environment) as world:
        world.use(a_programme(), munich(1), munich(2))
        lead = world.post_lead().json()["lead"]
        world.deliver()
        world.press(world.offer_link(lead), action="accept")
        world.deliver()
        assert 2 < len(world.mails()) <= MAILS_AN_ENQUIRY


def test_a_new_accounts_concurrency_is_told() -> None:
    one = wrong(Account(concurrent=(10, 10)))
    assert one.grade is Grade.WARNS
    assert "10 functions at once" in one.says
    assert "Service Quotas" in one.says


def reserving(most: int) -> Plan:
    """A plan whose template has two functions that reserve by a parameter."""
    template = deepcopy(TEMPLATE_READ)
    template["Parameters"]["Kept"] = {"Type": "Number", "Default": 0}
    kept = {"Fn::If": ["Keeps", {"Ref": "Kept"}, {"Ref": "AWS::NoValue"}]}
    for name in ("IntakeFunction", "PartnerFunction"):
        template["Resources"][name]["Properties"]["ReservedConcurrentExecutions"] = kept
    return replace(PLAN, template=template, said={"Kept": str(most), "MailsPerSecond": "10"})


@pytest.mark.parametrize(
    ("concurrent", "most", "stops"),
    [
        ((10, 10), 1, True),
        ((50, 50), 1, True),
        ((1_000, 1_000), 450, False),
        ((1_000, 1_000), 451, True),
        ((1_000, 150), 25, False),
        ((1_000, 150), 26, True),
    ],
)
def test_what_lambda_would_not_let_be_reserved_stops(
    concurrent: tuple[int, int], most: int, stops: bool
) -> None:
    findings = found(Account(concurrent=concurrent), reserving(most))
    assert any(each.grade is Grade.STOPS for each in findings) == stops


def test_what_the_stack_has_reserved_before_is_its_own() -> None:
    deployed = [{"ParameterKey": "Kept", "ParameterValue": "400"}]
    stack = {"StackStatus": "UPDATE_COMPLETE", "Parameters": deployed}
    account = Account(stack=stack, concurrent=(1_000, 200))
    assert all(each.grade is Grade.FINE for each in found(account, reserving(400)))


def test_a_region_without_a_service_stops_and_one_that_nobody_knows_does_not() -> None:
    without = replace(PLAN, regions_of=lambda each: [] if each == "scheduler" else [REGION])
    one = wrong(Account(), without)
    assert one.grade is Grade.STOPS
    assert "does not have scheduler" in one.says
    one = wrong(Account(), replace(PLAN, region="moon-west-1"))
    assert one.grade is Grade.WARNS
    assert "does not know the region moon-west-1" in one.says


def test_every_service_is_one_that_the_sdk_lists_in_a_region_that_has_them_all() -> None:
    session = Session()
    for service in SERVICES:
        assert REGION in session.get_available_regions(service), service


def test_a_region_without_arm64_is_told_with_the_argument_that_would_be_right() -> None:
    one = wrong(Account(prices=()))
    assert one.grade is Grade.WARNS
    assert "ARCHITECTURE=x86_64" in one.says
    x86 = replace(PLAN, architecture="x86_64")
    assert all(each.grade is Grade.FINE for each in found(Account(prices=()), x86))


@pytest.mark.parametrize("name", ["1st", "relay_prod", "", "größe"])
def test_a_name_that_cloudformation_refuses_stops(name: str) -> None:
    one = wrong(Account(), replace(PLAN, stack=name))
    assert one.grade is Grade.STOPS


def test_a_name_that_leaves_no_room_for_what_is_made_of_it_stops() -> None:
    fits = next(
        length
        for length in range(64, 0, -1)
        if all(
            each.grade is Grade.FINE for each in found(Account(), replace(PLAN, stack="a" * length))
        )
    )
    assert 40 < fits <= 64
    assert f"at most {fits}" in wrong(Account(), replace(PLAN, stack="a" * (fits + 1))).says
    backed_up = {"MailsPerSecond": "10", "BackupVault": "relay"}
    one = wrong(Account(), replace(PLAN, stack="a" * 51, said=backed_up))
    assert "at most 50" in one.says


@pytest.mark.parametrize("address", [{"BaseUrl": "b" * 64}, {"DomainName": "d" * 56}])
def test_long_addresses_leave_less_room_for_the_name_in_what_versions_say(
    address: dict[str, str],
) -> None:
    plan = replace(PLAN, said={"MailsPerSecond": "10"} | address)
    fits = (256 - 92 - 64 - len(PLAN.sender)) // 2
    assert all(
        each.grade is Grade.FINE for each in found(Account(), replace(plan, stack="a" * fits))
    )
    one = wrong(Account(), replace(plan, stack="a" * (fits + 1)))
    assert f"at most {fits}" in one.says


def test_whoever_answered_no_to_the_changes_of_a_first_deployment_deploys_again() -> None:
    """The stack stays so until changes are made, so that waiting for its end would have none."""
    account = Account(stack={"StackStatus": "REVIEW_IN_PROGRESS"})
    assert all(each.grade is Grade.FINE for each in found(account))


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("UPDATE_IN_PROGRESS", "wait for its end"),
        ("ROLLBACK_COMPLETE", "delete-stack --stack-name relay-prod"),
        ("UPDATE_ROLLBACK_FAILED", "continue-update-rollback --stack-name relay-prod"),
    ],
)
def test_a_stack_that_cannot_be_updated_stops(status: str, says: str) -> None:
    one = wrong(Account(stack={"StackStatus": status}))
    assert one.grade is Grade.STOPS
    assert says in one.says


@pytest.mark.parametrize(
    "operation",
    [
        "describe_stacks",
        "get_email_identity",
        "get_account",
        "get_account_settings",
        "get_products",
    ],
)
def test_what_may_not_be_asked_is_told_and_does_not_stop(operation: str) -> None:
    one = wrong(Account(fails={operation: "AccessDeniedException"}))
    assert one.grade is Grade.WARNS
    assert operation.replace("_", "") in one.says.casefold()


def test_credentials_that_have_expired_stop_and_are_told_once() -> None:
    one = wrong(Account(fails={"describe_stacks": "ExpiredToken"}))
    assert one.grade is Grade.STOPS
    assert "Sign in again" in one.says


def failing(service: str, error: Exception) -> Callable[[str], Any]:
    account = Account()

    def client(asked: str) -> Any:
        if asked == service:
            raise error
        return account.client(asked)

    return client


def test_an_account_that_is_out_of_reach_stops_but_for_prices() -> None:
    out_of_reach = EndpointConnectionError(endpoint_url="there")
    *_, last = findings_of(PLAN, failing("cloudformation", out_of_reach))
    assert last.grade is Grade.STOPS
    *_, last = findings_of(PLAN, failing("pricing", out_of_reach))
    assert last.grade is Grade.WARNS


def test_what_only_sam_can_sign_in_with_does_not_stop() -> None:
    lacks = MissingDependencyException(msg="awscrt")
    findings = list(findings_of(PLAN, failing("lambda", lacks)))
    assert Grade.STOPS not in {each.grade for each in findings}


def test_parameters_are_read_as_sam_reads_them() -> None:
    said = """MailsPerSecond=5 'Sender="a b"' BaseUrl="https://a.example/x=y" """
    assert read_parameters(said) == {
        "MailsPerSecond": "5",
        "Sender": "a b",
        "BaseUrl": "https://a.example/x=y",
    }


@pytest.mark.parametrize(
    ("grade", "anyway", "exit_code"),
    [
        (Grade.WARNS, False, 0),
        (Grade.STOPS, False, 1),
        (Grade.STOPS, True, 0),
    ],
)
def test_only_what_stops_ends_the_deployment_and_not_even_that_if_somebody_says_so(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    grade: Grade,
    anyway: bool,
    exit_code: int,
) -> None:
    for name, value in (
        ("ACCESS_KEY_ID", "A"),
        ("SECRET_ACCESS_KEY", "B"),
        ("DEFAULT_REGION", REGION),
    ):
        monkeypatch.setenv(f"AWS_{name}", value)
    seen: list[Plan] = []

    def finds(plan: Plan, _: Any) -> Iterator[Finding]:
        seen.append(plan)
        yield Finding(grade, "what to do")

    monkeypatch.setattr(before_deploy, "findings_of", finds)
    arguments = [
        "before_deploy",
        SENDER,
        "--stack",
        "relay-dev",
        "--parameters",
        "MailsPerSecond=5",
    ]
    monkeypatch.setattr(sys, "argv", [*arguments, *(["--anyway"] if anyway else [])])
    assert before_deploy.main() == exit_code
    assert "what to do" in capsys.readouterr().out
    (plan,) = seen
    assert (plan.stack, plan.region, plan.said) == ("relay-dev", REGION, {"MailsPerSecond": "5"})
    assert REGION in plan.regions_of("scheduler")

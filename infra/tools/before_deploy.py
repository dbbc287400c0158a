"""Says what a deployment lacks, all at once, before SAM starts: `make deploy`.

First what every deployment needs, without a call. Then the account and the region are asked: what
is wrong there is said with what to do. What would make the deployment fail, or no mail leave, stops
it, unless `ANYWAY=1` is said; the rest is only told.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from botocore.config import Config
from botocore.exceptions import BotoCoreError, MissingDependencyException, ProfileNotFound
from botocore.session import Session
from samtranslator.yaml_helper import yaml_parse

from infra.tools.account_checks import findings_of
from infra.tools.deploy_plan import Client, Finding, Grade, Plan

TEMPLATE = Path(__file__).resolve().parents[2] / "template.yaml"
PATIENCE = Config(connect_timeout=5, read_timeout=15, retries={"total_max_attempts": 2})
"""A deployment waits for an answer, and not for long."""
PRICES_IN = "us-east-1"
"""AWS tells its prices there."""


def missing(sender: str) -> list[str]:
    """List what a deployment with this sender of mails lacks; nothing if it can begin.

    Credentials and region are looked for wherever SAM will look: environment, profiles, single
    sign-on, the container or machine this runs on. Whether they are still good is not asked: that
    takes a call to AWS.
    """
    session = Session()
    lacks = []
    try:
        if session.get_credentials() is None:
            lacks.append(
                "AWS credentials: run `aws configure`, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and its secret."
            )
    except MissingDependencyException:
        pass  # `aws login`: SAM comes with what that needs
    except BotoCoreError as error:
        lacks.append(f"AWS credentials: {error}")
    try:
        if not session.get_config_variable("region"):
            lacks.append("A region: set AWS_REGION, or `region` in your AWS profile.")
    except ProfileNotFound:
        pass  # said above
    if "@" not in sender:
        lacks.append(
            "The sender of emails: make deploy SENDER=leads@your.domain\n"
            "    The address or its domain must be verified in SES, in the same region; a new account's SES is in its\n"
            "    sandbox and sends to verified addresses only, until you ask AWS for production access."
        )
    return lacks


def read_parameters(said: str) -> dict[str, str]:
    """Read parameters as `make deploy` gives them to SAM: ``Name=value Other="with spaces"``."""
    pairs = [each.partition("=") for each in shlex.split(said)]
    return {name: value.strip('"') for name, _, value in pairs}


def planned(options: argparse.Namespace, session: Session) -> Plan:
    """Put together what is to be deployed, and where."""
    region = session.get_config_variable("region")
    return Plan(
        sender=options.sender,
        region=region,
        stack=options.stack,
        architecture=options.architecture,
        template=yaml_parse(TEMPLATE.read_text("utf-8")),
        said=read_parameters(options.parameters),
        regions_of=lambda service: session.get_available_regions(
            service, session.get_partition_for_region(region)
        ),
        enquiries=options.enquiries,
    )


def clients_of(session: Session) -> Client:
    """Make what makes a client of a service in the region, or where its answers are."""

    def client(service: str) -> object:
        region = PRICES_IN if service == "pricing" else None
        return session.create_client(service, region_name=region, config=PATIENCE)

    return client


def told(findings: Sequence[Finding]) -> str:
    """Write the findings as lines, what stops last."""
    order = list(Grade)
    sorted_by_grade = sorted(findings, key=lambda each: order.index(each.grade))
    return "\n".join(f"{each.grade:>6}  {each.says}" for each in sorted_by_grade)


def arguments() -> argparse.ArgumentParser:
    """Make what reads the command line."""
    parser = argparse.ArgumentParser(description="Says what a deployment lacks.")
    parser.add_argument("sender")
    parser.add_argument("--stack", default="partner-relay")
    parser.add_argument("--architecture", default="arm64")
    parser.add_argument("--parameters", default="", help="Name=value …, as SAM gets them")
    parser.add_argument("--enquiries", type=int, default=0, help="that are expected in a day")
    parser.add_argument("--anyway", action="store_true", help="go on whatever is found")
    return parser


def main() -> int:
    """Look, say what was found, and give 1 if nothing is to be deployed."""
    options = arguments().parse_args()
    lacks = missing(options.sender)
    if lacks:
        print("Not deployed. Still missing:", *(f"  - {lack}" for lack in lacks), sep="\n")
        return 1
    session = Session()
    findings = list(findings_of(planned(options, session), clients_of(session)))
    print(told(findings))
    if options.anyway or all(each.grade is not Grade.STOPS for each in findings):
        return 0
    print("Not deployed. Mend what says STOP; ANYWAY=1 deploys nevertheless.")
    return 1


if __name__ == "__main__":
    sys.exit(main())

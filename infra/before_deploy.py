"""Says what a deployment lacks, all at once, before SAM starts: `make deploy`."""

import configparser
import os
import sys
from pathlib import Path


def missing(sender: str) -> list[str]:
    lacks = []
    home = Path(os.environ.get("HOME", "/"))
    credentials = Path(os.environ.get("AWS_SHARED_CREDENTIALS_FILE", home / ".aws/credentials"))
    config = Path(os.environ.get("AWS_CONFIG_FILE", home / ".aws/config"))
    given_by_environment = {"AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE"} & set(os.environ)
    if not (given_by_environment or credentials.exists() or config.exists()):
        lacks.append("AWS credentials: run `aws configure`, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and its secret.")
    if not ({"AWS_REGION", "AWS_DEFAULT_REGION"} & set(os.environ) or _configured_region(config)):
        lacks.append("A region: set AWS_REGION, or `region` in your AWS profile.")
    if "@" not in sender:
        lacks.append(
            "The sender of mails: make deploy SENDER=leads@your.domain\n"
            "    The address or its domain must be verified in SES, in the same region; a new account's SES is in its\n"
            "    sandbox and sends to verified addresses only, until you ask AWS for production access."
        )
    return lacks


def _configured_region(config: Path) -> bool:
    parser = configparser.ConfigParser()
    parser.read(config)
    profile = os.environ.get("AWS_PROFILE", "default")
    section = profile if profile == "default" else f"profile {profile}"
    return parser.has_option(section, "region")


if __name__ == "__main__":
    lacks = missing(sys.argv[1] if len(sys.argv) > 1 else "")
    if lacks:
        print("Not deployed. What is missing:", *(f"  - {lack}" for lack in lacks), sep="\n")
        sys.exit(1)

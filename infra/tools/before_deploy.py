"""Says what a deployment lacks, all at once, before SAM starts: `make deploy`."""

import sys

from botocore.exceptions import BotoCoreError, MissingDependencyException, ProfileNotFound
from botocore.session import Session


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


if __name__ == "__main__":
    lacks = missing(sys.argv[1] if len(sys.argv) > 1 else "")
    if lacks:
        print("Not deployed. Still missing:", *(f"  - {lack}" for lack in lacks), sep="\n")
        sys.exit(1)

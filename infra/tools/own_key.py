"""What a key of the operator's own (the parameter KmsKey) asks for outside the template."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from botocore.exceptions import ClientError

PARAMETER = "KmsKey"
SECRETS = ("LinkKeys", "ContactKey")
"""The secrets as the template calls them, which no update of the stack may touch."""
REFUSED = "AccessDeniedException"


def key_of(cloudformation: Any, stack: str) -> str:
    """Give the ARN of the key that a stack encrypts with; empty where that is AWS's."""
    (described,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    known = {
        each["ParameterKey"]: each.get("ParameterValue", "") for each in described["Parameters"]
    }
    return str(known.get(PARAMETER, ""))


def put_under(secretsmanager: Any, secrets: Iterable[str], key: str) -> Sequence[str]:
    """Have secrets encrypted with a key, and give those that these credentials may not change.

    The values stay: AWS encrypts the versions in use anew, unless ``kms:Encrypt`` is missing, and
    then each later one.
    """
    return [each for each in secrets if not _is_put_under(secretsmanager, each, key)]


def _is_put_under(secretsmanager: Any, secret: str, key: str) -> bool:
    try:
        if secretsmanager.describe_secret(SecretId=secret).get("KmsKeyId") != key:
            secretsmanager.update_secret(SecretId=secret, KmsKeyId=key)
    except ClientError as error:
        if error.response["Error"]["Code"] != REFUSED:
            raise
        return False
    return True

"""Makes API keys for HQ.

    make hq-key                                   prints the first key, once: only its hash is kept
    make hq-key FILE=hq.key                       writes it into a file that only you may read
    make hq-key NAME=reports FILE=reports.key     another one, with a name of its own

Works on the embedded AWS of `make run` and, with STACK=name, on a stack in the account that your
credentials reach.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from infra.tools.stack import reachable, target, tool

SCOPES = [
    "partners:read",
    "partners:write",
    "programme:read",
    "programme:write",
    "leads:read",
    "leads:write",
    "log:read",
    "reports:read",
    "reports:write",
    "people:read",
    "people:write",
    "keys:read",
    "keys:write",
]
"""The scopes that a key may have, as the product's ``KeyScope`` has them.

This tool and what it stores stand by themselves: it runs where the product is not installed.
"""


class AlreadyPrinted(Exception):
    """The first key exists: it cannot be shown again, because only its hash was stored."""


def create_key(dynamodb: Any, table: str, name: str = "first", scopes: list[str] = SCOPES) -> str:
    """Make a new key, keep its hash in the table of partners and list it there, and give the key.

    ``dynamodb``: a client of DynamoDB. The key named "first" is made in one transaction with a
    marker, so that it is made only once. Raise AlreadyPrinted if it was made before.
    """
    key = "pr_" + secrets.token_urlsafe(32)
    created = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    unused = {"TableName": table, "ConditionExpression": "attribute_not_exists(pk)"}
    # A plain hash: a key of 256 random bits cannot be guessed, however fast a guess is.
    digest = hashlib.sha256(key.encode()).hexdigest()
    what = {
        "name": {"S": name},
        "scopes": {"L": [{"S": scope} for scope in scopes]},
        "created": {"S": created},
    }
    kept = {"pk": {"S": f"KEY#{digest}"}, "sk": {"S": "KEY"}, **what}
    listed = {"pk": {"S": "KEYS"}, "sk": {"S": digest[:12]}, **what, "hash": {"S": digest}}
    writes = [{"Put": {**unused, "Item": item}} for item in (kept, listed)]
    if name == "first":
        marker = {"pk": {"S": "KEY#FIRST"}, "sk": {"S": "KEY"}, "created": {"S": created}}
        writes.append({"Put": {**unused, "Item": marker}})
    try:
        dynamodb.transact_write_items(TransactItems=writes)
    except dynamodb.exceptions.TransactionCanceledException as refused:
        raise AlreadyPrinted from refused
    return key


def kept_in(file: Path, make: Callable[[], str]) -> None:
    """Make a key, and write it into a new file that only its owner may read.

    Raise FileExistsError, and make no key, if there is such a file: what is in it may be the only
    copy of a key.
    """
    opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(opened, "w") as out:
        try:
            out.write(make() + "\n")
        except BaseException:
            file.unlink()
            raise


def main() -> None:
    """Make the key that the command line asks for, and print it or write it into a file."""
    arguments = tool("Makes a new API key for HQ.")
    arguments.add_argument("--name", default="first")
    arguments.add_argument(
        "--file", type=Path, help="the file to save it in; if left out, the key is printed"
    )
    arguments.add_argument("--scopes", nargs="+", default=SCOPES, choices=SCOPES)
    options = arguments.parse_args()

    there = target(options.stack, options.data, "make hq-key")

    def make() -> str:
        return create_key(
            there.client("dynamodb"), there.resource("PartnersTable"), options.name, options.scopes
        )

    try:
        with reachable(options.stack):
            if options.file:
                kept_in(options.file, make)
                print(f"The key is in {options.file}.")
            else:
                print(make())
    except FileExistsError:
        sys.exit(
            f"{options.file} already exists and was left as it is. Use another name: FILE=other.key"
        )
    except AlreadyPrinted:
        sys.exit(
            "The first key has already been shown, and only its hash is kept. Make another: make hq-key NAME=something"
        )


if __name__ == "__main__":
    main()

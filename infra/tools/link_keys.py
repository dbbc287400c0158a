"""Rotates the keys that sign magic links, one step after the other.

    make rotate-link-keys                       on the embedded AWS of `make run`
    make rotate-link-keys STACK=name            on a stack in the account that your credentials reach
    make rotate-link-keys STACK=name DAYS=0     for a key that leaked: its links end within minutes

A new key is added, which every function learns within minutes; then it signs; then the old one is
dropped, and with it end the links that it signed: after DAYS days (30 if none are said), as long as
a device at HQ stays signed in. How far a rotation is, the secret itself says: which keys there are,
which one signs, and since when. So it may be stopped at any time, and whoever runs the same command
next goes on with it. No key is ever printed.
"""

from __future__ import annotations

import argparse
import json
import re
import secrets
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from infra.tools.stack import reachable, target, tool

UNTIL_ALL_KNOW = timedelta(minutes=10)
"""Warm functions read the keys every five minutes: after twice that, all know what was written."""
USUAL_DAYS = 30
"""A link that is older was answered, has run out, or was sent anew; so long a device stays."""
STAYS_FOR = timedelta(hours=1)
"""The command itself waits for what is nearer than that; otherwise it says when to come back."""
_KEY_ID = re.compile(r"k([0-9]+)")
Say = Callable[[str], None]


class OtherKeys(Exception):
    """The secret holds something that this command did not write and cannot go on with."""


@dataclass(frozen=True)
class KeyRing:
    """The secret as it is now."""

    keys: Mapping[str, str] = field(repr=False)
    """The keys by their ids: k1, k2 and so on."""
    sign: str
    """The id of the key that signs."""
    since: datetime
    """The instant since which it is so."""
    version: str
    """What Secrets Manager calls this version of it."""

    @property
    def newest(self) -> str:
        """Give the id of the key that was added last."""
        return max(self.keys, key=_number)

    @property
    def older(self) -> tuple[str, ...]:
        """Give the ids of the keys that no longer sign, once the newest does."""
        return tuple(key_id for key_id in self.keys if key_id != self.newest)


@dataclass(frozen=True)
class Clock:
    """What time it is, and how to let it pass."""

    now: Callable[[], datetime]
    wait: Callable[[timedelta], None]


@dataclass(frozen=True)
class LinkSecret:
    """The secret in Secrets Manager that holds the keys."""

    client: Any
    """A client of Secrets Manager."""
    name: str

    def read(self) -> KeyRing:
        """Read the keys. Raises OtherKeys for what this command cannot go on with."""
        found = self.client.get_secret_value(SecretId=self.name)
        keys = json.loads(found["SecretString"])
        sign = keys.pop("sign", "")
        if sign not in keys or not all(map(_KEY_ID.fullmatch, keys)):
            raise OtherKeys("its keys must be called k1, k2 and so on, and `sign` must name one")
        return KeyRing(keys, sign, found["CreatedDate"].astimezone(UTC), found["VersionId"])

    def write(self, keys: Mapping[str, str], sign: str, instead_of: KeyRing) -> None:
        """Put other keys in place of those that were read.

        Raises OtherKeys if somebody else did so meanwhile. The name of a version follows from the
        one before: so it is taken once, and a try whose answer was lost is known again.
        """
        try:
            self.client.put_secret_value(
                SecretId=self.name,
                SecretString=json.dumps({"sign": sign, **keys}),
                ClientRequestToken=str(uuid5(NAMESPACE_OID, instead_of.version)),
            )
        except self.client.exceptions.ResourceExistsException as error:
            raise OtherKeys("somebody else is rotating them: run this again") from error


def rotate(secret: LinkSecret, days: int, clock: Clock, say: Say) -> bool:
    """Do whatever steps can be done now, and tell whether the rotation is complete.

    False: the last step has to wait for days, and what for was said.
    """
    ring = secret.read()
    if len(ring.keys) == 1:
        added = f"k{_number(ring.sign) + 1}"
        secret.write({**ring.keys, added: secrets.token_urlsafe(48)}, ring.sign, ring)
        say(f"{added} was added: links of both open, {ring.sign} signs.")
        ring = secret.read()
    if ring.sign != ring.newest:
        _wait_until(ring.since + UNTIL_ALL_KNOW, clock, say)
        secret.write(ring.keys, ring.newest, ring)
        say(f"{ring.newest} signs from now on.")
        ring = secret.read()
    return _drop(secret, ring, timedelta(days=days), clock, say)


def _drop(secret: LinkSecret, ring: KeyRing, kept: timedelta, clock: Clock, say: Say) -> bool:
    """Drop the older keys if their time has come, and tell whether it had."""
    older = ", ".join(ring.older)
    due = ring.since + max(kept, UNTIL_ALL_KNOW)
    if due - clock.now() > STAYS_FOR:
        say(
            f"Links signed by {older} open until {due:%Y-%m-%d %H:%M} UTC. Run the same command then: it "
            f"drops {older}. Nothing has to run until then."
        )
        return False
    _wait_until(due, clock, say)
    secret.write({ring.newest: ring.keys[ring.newest]}, ring.newest, ring)
    say(f"{older} was dropped: its links open no more. The rotation is complete.")
    return True


def _wait_until(due: datetime, clock: Clock, say: Say) -> None:
    """Wait until an instant has come, having said so."""
    left = due - clock.now()
    if left > timedelta(0):
        say(
            f"Waiting until {due:%H:%M:%S} UTC: functions that run may not know these keys before. "
            "This may be stopped: the same command goes on with it."
        )
        clock.wait(left)


def _number(key_id: str) -> int:
    """Give the number in the id of a key."""
    found = _KEY_ID.fullmatch(key_id)
    return int(found[1]) if found else 0


def _days(said: str) -> int:
    """Read a number of days; raise ArgumentTypeError for what is none."""
    if not said.isdecimal():
        raise argparse.ArgumentTypeError(f"{said} is not a number of days")
    return int(said)


def main() -> None:
    """Rotate the keys of the stack that the command line names."""
    arguments = tool("Rotates the keys that sign magic links.")
    arguments.add_argument(
        "--days", type=_days, default=USUAL_DAYS, help="how long links of the old key go on opening"
    )
    options = arguments.parse_args()
    there = target(options.stack, options.data, "make rotate-link-keys")
    clock = Clock(lambda: datetime.now(UTC), lambda left: time.sleep(left.total_seconds()))
    try:
        with reachable(options.stack):
            secret = LinkSecret(there.client("secretsmanager"), there.resource("LinkKeys"))
            rotate(secret, options.days, clock, lambda line: print(line, flush=True))
    except OtherKeys as error:
        sys.exit(f"The keys were left as they are: {error}.")
    except KeyboardInterrupt:
        sys.exit("Stopped. The same command goes on where it was.")


if __name__ == "__main__":
    main()

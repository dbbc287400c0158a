"""Proof of work in ALTCHA's public protocol (version 1, SHA-256): a visitor's browser spends a
second, a flood hours.

The server draws a number and tells only ``SHA-256(salt + number)``; whoever wants to post tries
numbers until the hash
is met. A challenge is signed and says until when it holds, so that nothing is stored until one is
used. The package
``altcha`` is not used: it reads the machine's clock, where this product passes the time in, and
imports an HTTP client.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from routing_core.formats.strict_json import read_json

ALGORITHM = "SHA-256"
MOST_TRIES = 50_000
"""The number lies below: about a second of a phone's time, and nobody notices while the form is
being filled in.
"""
LONGEST_PAYLOAD = 2_000
"""Characters of a solution as it is posted; a real one has about 300."""


@dataclass(frozen=True, slots=True)
class Solution:
    """A challenge that somebody has solved; ``challenge`` names it, so that it can be used once."""

    challenge: str
    expires_at: datetime


def new_challenge(secret: bytes, salt: str, number: int, expires_at: datetime) -> dict[str, Any]:
    """Makes the challenge that a browser is to solve. ``salt`` and ``number`` (below
    ``MOST_TRIES``) are random.
    """
    # The trailing "&" keeps digits of the number from being moved into the salt.
    full_salt = f"{salt}?expires={int(expires_at.timestamp())}&"
    challenge = _digest(full_salt, number)
    return {
        "algorithm": ALGORITHM,
        "challenge": challenge,
        "maxnumber": MOST_TRIES,
        "salt": full_salt,
        "signature": _signature(secret, challenge),
    }


def read_solution(secret: bytes, payload: Any, now: datetime) -> Solution | None:
    """Checks what a form posted: base64 of a JSON object with the challenge and the number that was
    found.

    Gives None for anything that is not the right answer to a challenge of ours that still holds.
    """
    told = _object_in(payload)
    salt, number, challenge = told.get("salt"), told.get("number"), told.get("challenge")
    if not isinstance(salt, str) or not isinstance(challenge, str) or not isinstance(number, int):
        return None
    if told.get("algorithm") != ALGORITHM or not 0 <= number <= MOST_TRIES:
        return None
    if not hmac.compare_digest(_digest(salt, number), _ascii(challenge)):
        return None
    if not hmac.compare_digest(_signature(secret, challenge), _ascii(told.get("signature"))):
        return None
    expires_at = _expiry_in(salt)
    if expires_at is None or now >= expires_at:
        return None
    return Solution(challenge, expires_at)


def _digest(salt: str, number: int) -> str:
    return hashlib.sha256(f"{salt}{number}".encode("utf-8", "replace")).hexdigest()


def _signature(secret: bytes, challenge: str) -> str:
    return hmac.new(
        secret, b"altcha|" + challenge.encode("utf-8", "replace"), hashlib.sha256
    ).hexdigest()


def _object_in(payload: Any) -> dict[str, Any]:
    if not isinstance(payload, str) or len(payload) > LONGEST_PAYLOAD:
        return {}
    try:
        told = read_json(base64.b64decode(payload, validate=True).decode())
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _ascii(value: Any) -> str:
    """``compare_digest`` takes ASCII text only."""
    return value if isinstance(value, str) and value.isascii() else ""


def _expiry_in(salt: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(parse_qs(salt.partition("?")[2])["expires"][0]), UTC)
    except (KeyError, ValueError, OverflowError, OSError):
        return None

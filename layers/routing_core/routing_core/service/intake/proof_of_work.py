"""Ask for a proof of work: a visitor's browser spends a second on it, a flood hours.

The idea is Dwork and Naor's ("Pricing via processing", 1992), the protocol ALTCHA's public one
(version 1, SHA-256). The server draws a number and tells only ``SHA-256(salt + number)``; whoever
wants to post tries numbers until the hash is met. A challenge is signed and says until when it
holds, so that nothing is stored until one is used. The package ``altcha`` is not used: it reads the
machine's clock, where this product passes the time in, and imports an HTTP client.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

ALGORITHM = "SHA-256"
MOST_TRIES = 50_000
"""The number lies below: about a second of a phone's time, while the form is being filled in."""
LONGEST_PAYLOAD = 2_000
"""A solution as it is posted has at most this many characters; a real one has about 300."""


@dataclass(frozen=True, slots=True)
class Solution:
    """A solution of one challenge of ours."""

    challenge: str
    """The challenge is known by this hash, so that it can be used once."""
    expires_at: datetime
    """The challenge holds until then."""


def new_challenge(secret: bytes, salt: str, number: int, expires_at: datetime) -> dict[str, Any]:
    """Make the challenge that a browser is to solve.

    ``salt`` and ``number`` (below ``MOST_TRIES``) are random.
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
    """Check what a form posted: base64 of a JSON object with the challenge and the number.

    Give None for anything that is not the right answer to a challenge of ours that still holds.
    """
    told = _object_in(payload)
    salt = told.get("salt")
    number = told.get("number")
    challenge = told.get("challenge")
    if not isinstance(salt, str) or not isinstance(challenge, str) or not isinstance(number, int):
        return None
    if told.get("algorithm") != ALGORITHM or not 0 <= number <= MOST_TRIES:
        return None
    is_solved = hmac.compare_digest(_digest(salt, number), _ascii(challenge))
    signature = _ascii(told.get("signature"))
    is_ours = hmac.compare_digest(_signature(secret, challenge), signature)
    if not is_solved or not is_ours:
        return None
    expires_at = _expiry_in(salt)
    if expires_at is None or now >= expires_at:
        return None
    return Solution(challenge, expires_at)


def _digest(salt: str, number: int) -> str:
    # "replace": a salt that was posted may hold half an emoji, which has no bytes in UTF-8.
    return hashlib.sha256(f"{salt}{number}".encode("utf-8", "replace")).hexdigest()


def _signature(secret: bytes, challenge: str) -> str:
    # The prefix keeps what the same secret signs for another purpose from standing here.
    signed = b"altcha|" + challenge.encode("utf-8", "replace")
    return hmac.new(secret, signed, hashlib.sha256).hexdigest()


def _object_in(payload: Any) -> dict[str, Any]:
    if not isinstance(payload, str) or len(payload) > LONGEST_PAYLOAD:
        return {}
    try:
        told = json.loads(base64.b64decode(payload, validate=True).decode())
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _ascii(value: Any) -> str:
    """Give the value as ``compare_digest`` takes it, in ASCII; empty for anything else."""
    return value if isinstance(value, str) and value.isascii() else ""


def _expiry_in(salt: str) -> datetime | None:
    _, _, query = salt.partition("?")
    try:
        seconds = int(parse_qs(query)["expires"][0])
        return datetime.fromtimestamp(seconds, UTC)
    except (KeyError, ValueError, OverflowError, OSError):
        return None

"""Examines a post at the door for spam and rate limits: lets it through, or says why it is held.

What is held waits until its sender confirms the address, or HQ lets it through. Counting is done
where it is free: each instance counts in its own memory, and the outbox adds up what all of them
stored. Whoever finds a ceiling passed reports the mark in the pressure row, which is read together
with the programme. So a normal enquiry costs no request more, and a flood one write a minute.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from routing_core.domain.enquiry.contact_keys import contact_keys
from routing_core.domain.enquiry.enquiry import Submission
from routing_core.domain.enquiry.gatekeeping import (
    CHALLENGE_HOLDS_FOR,
    Credentials,
    Evidence,
    HoldReason,
    why_held,
)
from routing_core.domain.programme.intake_rules import Ceilings
from routing_core.service.intake.proof_of_work import MOST_TRIES, new_challenge, read_solution
from routing_core.service.kernel.gate import Gate
from routing_core.service.kernel.ports import RuleBook
from routing_core.service.kernel.services import Services

MARK_OF_ALL_POSTS = "all"
"""The mark under which all posts are counted together."""
MARK_LETTERS = {"contact": "e", "client": "c", "postcode": "p", "start": "s"}
"""Says with which letter a mark begins, by what it is made of."""
POSTS_OF_A_START = 3
"""So many enquiries with one signed start are let through.

They differ in their address, for the same one makes the same enquiry: whoever mistyped it goes back
and posts the form again. What comes after is held until it is confirmed.

Counted like the ceilings, in this instance's memory, so that no post reads or writes more; but
nothing is reported to others, and HQ's pressure is not switched on: a new start costs whoever wants
one a request, and the ceilings of client, contact and postcode hold however many they fetch.
"""


@dataclass(frozen=True, slots=True)
class Entrant:
    """A post at the door: it can be read, and whether partners are asked is still open."""

    lead_id: str
    submission: Submission
    carried: Credentials
    suspicion: str | None
    """Says what the honeypot or the time trap found; None where neither did."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What came of examining a post."""

    hold: HoldReason | None
    """Says why the post is held; None for one that is routed."""
    marks: tuple[str, ...] = ()
    """Names what it is counted by, if it is let through though nobody vouches for it.

    It is stored with the enquiry, so that the outbox can count it.
    """
    from_client: str = ""
    """The mark of the client address, by which HQ sees which of the held came from the same."""


def examine_post(services: Services, entrant: Entrant, now: datetime) -> Examined:
    """Decide on a post that can be read.

    Its proof of work is used up if it is needed and was not used before.
    """
    carried = entrant.carried
    form = services.programme.form(entrant.submission.form)
    evidence = Evidence(
        suspicion=entrant.suspicion,
        has_api_key=bool(carried.api_key),
        start_is_signed=carried.start_is_signed(now),
        form_confirms_addresses=form is not None and form.confirm_address,
    )
    if carried.api_key:
        return Examined(why_held(evidence))
    counts = services.gate.counts
    marks = marks_of(services, carried, entrant.submission)
    counted = (*marks.values(), MARK_OF_ALL_POSTS)
    start = _mark(services, "start", carried.submission)
    # A post that is tried again was counted before, and is not held for what it did itself.
    is_worn = not counts.has_seen(entrant.lead_id) and counts.of(start, now) >= POSTS_OF_A_START
    # Asked whatever ``is_worn`` says: what this instance finds of a ceiling, it reports to the
    # others.
    is_over = _is_over_a_ceiling(services, counted, entrant.lead_id, now)
    hold = why_held(replace(evidence, is_over_a_ceiling=is_over or is_worn))
    if hold is HoldReason.CEILING and _spend_proof(services, carried.proof, entrant.lead_id, now):
        return Examined(None)
    if hold:
        return Examined(hold, from_client=marks.get("client", ""))
    counts.add((*counted, start), entrant.lead_id, now)
    return Examined(None, tuple(marks.values()))


def challenge_under_pressure(services: Services, now: datetime) -> dict[str, Any] | None:
    """Give a proof of work for a form to solve while it is filled in.

    It is None as long as nobody needs one.
    """
    if not services.rules.pressure().is_on(now):
        return None
    number = secrets.randbelow(MOST_TRIES)
    return new_challenge(
        _proof_secret(services), secrets.token_hex(12), number, now + CHALLENGE_HOLDS_FOR
    )


def marks_of(services: Services, carried: Credentials, submission: Submission) -> dict[str, str]:
    """Give a keyed hash for each thing that posts are counted by.

    Whoever lacks the key learns nothing from it.
    """
    values = {
        "contact": contact_keys(submission.contact, ("email",)).get("email", ""),
        "client": network_of(carried.client),
        "postcode": f"{submission.country} {submission.postcode}",
    }
    return {kind: _mark(services, kind, value) for kind, value in values.items() if value}


def _mark(services: Services, kind: str, value: str) -> str:
    """Hash a value that posts are counted by: a letter for its kind and 12 hex digits."""
    keyed = hmac.new(services.contact_secret, f"gate|{kind}|{value}".encode(), hashlib.sha256)
    return f"{MARK_LETTERS[kind]}{keyed.hexdigest()[:12]}"


def network_of(address: str) -> str:
    """Give the client address as it is counted: of IPv6 the /64.

    One line has as many addresses in it as it likes.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))
    return str(parsed)


def ceiling_of(ceilings: Ceilings, mark: str) -> int:
    """Give how many posts with that mark are let through in an hour without a proof."""
    of_kind = {"e": ceilings.contact, "c": ceilings.client, "p": ceilings.postcode}
    return of_kind.get(mark[0], ceilings.in_all)


def report_pressure(rules: RuleBook, gate: Gate, marks: Iterable[str], now: datetime) -> None:
    """Tell all instances which marks have had their share, at most once a minute."""
    known = rules.pressure()
    reported = tuple(marks)
    if known.is_news(reported, now):
        gate.book.press(known.renewed(reported, now))
        # Else this instance would let others through by what it read some seconds ago.
        rules.look_again()


def _is_over_a_ceiling(
    services: Services, marks: Iterable[str], lead_id: str, now: datetime
) -> bool:
    """Tell whether one of the marks has had its share in this hour, and report it.

    What counts is what this instance let through, or what others report.
    """
    counts = services.gate.counts
    if counts.has_seen(lead_id):
        return False
    ceilings = services.programme.ceilings
    full = [mark for mark in marks if counts.of(mark, now) >= ceiling_of(ceilings, mark)]
    if full:
        report_pressure(services.rules, services.gate, full, now)
        return True
    return services.rules.pressure().covers(marks, now)


def _spend_proof(services: Services, proof: Any, lead_id: str, now: datetime) -> bool:
    """Tell whether the post carries the solution of a challenge that no other post has used."""
    solution = read_solution(_proof_secret(services), proof, now)
    if solution is None:
        return False
    return services.gate.book.spend(solution.challenge, lead_id, solution.expires_at)


def _proof_secret(services: Services) -> bytes:
    """Derive the key that signs challenges, so that it serves for nothing else."""
    return hmac.new(services.contact_secret, b"proof of work", hashlib.sha256).digest()

"""The application at the limit of the embedded AWS, and what a real account would need: `make
bench-load`.

For two minutes people post enquiries as fast as they are taken, while partners accept four of five
and decline the fifth (then the next one accepts). Afterwards every acknowledged enquiry must have
one owner, one acceptance and one mail of each kind. The figures of the machine it runs on, not of
AWS; those are counted, see ``quotas``.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue
from typing import Any

from routing_core.service.kernel.links import Links
from tests.benchmarks.quotas import report
from tests.journeys.cast import clocks, inbox, installer, person
from tests.journeys.conftest import add_partners
from tests.journeys.life import Life
from tests.support.embedded import LOCAL_PYTHON, Stack

SECONDS = int(os.environ.get("RELAY_LOAD_SECONDS", "120"))
PEOPLE, PARTNERS, WORKERS = 3, 3, 16
PLACE, FIRST, SECOND = "47798", "bench", "second"
QUIET = 300
"""Seconds at most until all is answered and mailed."""


@dataclass
class Seen:
    acknowledged: dict[str, str] = field(default_factory=dict)
    """Lead → the address it was posted with."""
    seconds: dict[str, list[float]] = field(
        default_factory=lambda: {"post": [], "accept": [], "decline": []}
    )
    turned_away: Counter[int] = field(default_factory=Counter)
    memory: int = 0
    """Bytes at most, of the embedded AWS with all its functions."""


def patiently(seen: Seen, what: str, send: Callable[[], Any], ok: tuple[int, ...]) -> Any:
    """Again with the same key or button while it is refused, as browsers and people do; only
    answers are timed.
    """
    while True:
        start = time.perf_counter()
        answer = send()
        if answer.status_code in ok:
            seen.seconds[what].append(time.perf_counter() - start)
            return answer
        seen.turned_away[answer.status_code] += 1
        time.sleep(0.5)


def post(life: Life, seen: Seen, offered: Queue[str], end: float, name: str) -> None:
    number = 0
    while time.monotonic() < end:
        number += 1
        asks, key = person(PLACE), f"{name}-{number}"
        answer = patiently(seen, "post", lambda: life.post(asks, key=key), (201,))  # noqa: B023
        lead = answer.json()["lead"]
        seen.acknowledged[lead] = asks["email"]
        offered.put(lead)


def answer_offers(
    life: Life, seen: Seen, links: Links, offered: Queue[str], over: threading.Event
) -> None:
    number = 0
    while not (over.is_set() and offered.empty()):
        try:
            lead = offered.get(timeout=0.5)
        except Empty:
            continue
        number += 1
        partner, offer = FIRST, 1
        if number % 5 == 0:
            declined = {"action": "decline", "reason": "no-capacity"}
            press(life, seen, "decline", links.offer(lead, 1, FIRST, 1), declined)
            partner, offer = SECOND, 2
        press(life, seen, "accept", links.offer(lead, offer, partner, 1), {"action": "accept"})


def press(life: Life, seen: Seen, what: str, address: str, form: dict[str, str]) -> None:
    patiently(seen, what, lambda: life.http.post(address, data=form), (303,))


def watch(stack: Stack, seen: Seen, over: threading.Event) -> None:
    while not over.wait(1):
        seen.memory = max(seen.memory, memory_of(stack.pid))


def memory_of(root: int) -> int:
    """Of a process and all its children, as Linux tells it; shared pages count once for each."""
    parents, sizes = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            told = dict(
                line.split(":", 1)
                for line in (folder / "status").read_text().splitlines()
                if ":" in line
            )
        except OSError:
            continue
        parents[int(folder.name)] = int(told["PPid"])
        sizes[int(folder.name)] = int(told.get("VmRSS", "0 kB").split()[0]) * 1024
    family, grew = {root}, True
    while grew:
        more = {pid for pid, parent in parents.items() if parent in family} - family
        family |= more
        grew = bool(more)
    return sum(sizes.get(pid, 0) for pid in family)


def play(stack: Stack, life: Life, links: Links) -> tuple[Seen, float]:
    seen, offered, over, watched = Seen(), Queue[str](), threading.Event(), threading.Event()
    start = time.monotonic()
    posting = [
        threading.Thread(target=post, args=(life, seen, offered, start + SECONDS, f"load-{n}"))
        for n in range(PEOPLE)
    ]
    others = [
        threading.Thread(target=answer_offers, args=(life, seen, links, offered, over))
        for _ in range(PARTNERS)
    ]
    guard = threading.Thread(target=watch, args=(stack, seen, watched))
    for thread in (*posting, *others, guard):
        thread.start()
    for thread in posting:
        thread.join()
    took = time.monotonic() - start
    over.set()
    for thread in others:
        thread.join()
    watched.set()
    guard.join()
    return seen, took


def wrong(life: Life, seen: Seen) -> list[str]:
    """What was lost or doubled, once all is quiet."""
    rows: dict[str, dict[str, Any]] = {}
    pages = life.stack.client("dynamodb").get_paginator("scan")
    deadline = time.monotonic() + QUIET
    mails: Counter[tuple[str, str]] = Counter()
    while time.monotonic() < deadline:
        mails = Counter(
            (to, mail.subject.split(" ")[0]) for mail in life._mailbox.mails() for to in mail.to
        )
        arrived = sum(n for (to, _), n in mails.items() if to in set(seen.acknowledged.values()))
        if arrived >= 2 * len(seen.acknowledged):
            break
        time.sleep(2)
    found: list[str] = []
    for page in pages.paginate(TableName=life.stack.outputs["LeadsTable"], ConsistentRead=True):
        rows |= {f"{item['pk']['S']} {item['sk']['S']}": item for item in page["Items"]}
    leads = {key.split()[0].removeprefix("LEAD#") for key in rows if key.endswith(" LEAD")}
    found += [
        f"{lead} was acknowledged and is not there" for lead in set(seen.acknowledged) - leads
    ]
    found += [f"{lead} is there and nobody was told" for lead in leads - set(seen.acknowledged)]
    for lead in leads & set(seen.acknowledged):
        facts = [
            json.loads(item["facts"]["S"])
            for key, item in rows.items()
            if key.startswith(f"LEAD#{lead} EVENT")
        ]
        accepted = sum(kind == "offer.accepted" for row in facts for kind, _ in row)
        if accepted != 1 or rows[f"LEAD#{lead} LEAD"]["status"]["S"] != "accepted":
            found.append(
                f"{lead}: accepted {accepted} times, {rows[f'LEAD#{lead} LEAD']['status']['S']}"
            )
    for address in seen.acknowledged.values():
        kinds = {subject: n for (to, subject), n in mails.items() if to == address}
        if sum(kinds.values()) != 2:
            found.append(f"the prospect got {kinds}")
    return found


def told(name: str, seconds: list[float]) -> str:
    if len(seconds) < 2:
        return f"{name:8} {len(seconds)} answers"
    cuts = statistics.quantiles(seconds, n=100)
    marks = "   ".join(f"p{p} {cuts[p - 1]:6.2f} s" for p in (50, 90, 99))
    return f"{name:8} {len(seconds):6} answers   {marks}   most {max(seconds):6.2f} s"


def main() -> int:
    if not LOCAL_PYTHON.exists():
        raise SystemExit(
            "The embedded AWS is not installed: run `make bench-load`, which makes .venv-local"
        )
    os.environ["LAMBDA_ACCOUNT_CONCURRENCY"] = str(
        WORKERS
    )  # more would take a gigabyte for every dozen
    with (
        tempfile.TemporaryDirectory(prefix="partner-relay-") as folder,
        Stack(Path(folder)) as stack,
    ):
        stack.use_sample("dach-heating", clocks)
        add_partners(stack, [installer(FIRST, PLACE, tier=1), installer(SECOND, PLACE, tier=2)])
        life = Life(stack)
        life.until_covered(PLACE)
        life.mails(inbox(FIRST))
        secrets = stack.client("secretsmanager")
        names = [each["Name"] for each in secrets.list_secrets()["SecretList"]]
        values = [secrets.get_secret_value(SecretId=name)["SecretString"] for name in names]
        keys = next(
            json.loads(value) for value in values if value.startswith("{") and "sign" in value
        )
        links = Links(stack.base_url, {k: v for k, v in keys.items() if k != "sign"}, keys["sign"])
        seen, took = play(stack, life, links)
        found = wrong(life, seen)
    print(
        f"{PEOPLE} people posting, {PARTNERS} partners answering, {WORKERS} functions at once, {took:.0f} s:"
    )
    print(f"{len(seen.acknowledged)} enquiries, {len(seen.acknowledged) / took:.1f} a second")
    for name, seconds in seen.seconds.items():
        print(told(name, seconds))
    away = ", ".join(f"{status}: {times}" for status, times in seen.turned_away.items()) or "nobody"
    print(f"turned away and let in later: {away}; memory at most {seen.memory / 1e9:.1f} GB")
    print(f"lost or doubled: {len(found)}", *found[:10], sep="\n  " if found else "")
    print("", *report(), sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

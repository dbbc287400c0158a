"""Whether the time of an answer tells who is known: 200 posts with an address that has an open
enquiry, and 200 with one that nobody has seen, in turn. `python -m tests.benchmarks.oracle
[--embedded]`

The real handler runs over moto in this process; with ``--embedded``, behind HTTP on the embedded
AWS. What is compared is the difference of the medians with the spread of the single posts. A test
compares the calls that are made; the time is only printed, for it is the machine's.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

import pytest

from tests.journeys.cast import clocks, installer, person
from tests.journeys.conftest import add_partners
from tests.support.embedded import LOCAL_PYTHON, Stack
from tests.support.world import World, a_programme, a_world, munich

POSTS = 200
QUIET = 3
"""Seconds without a new mail, after which the first enquiries are taken to be through."""
MailSender = Callable[[str, str, int], float]
"""Posts with a submission key, an address and a person's number; gives the milliseconds until it
was answered.
"""
Times = tuple[list[float], list[float]]
"""Milliseconds of each post with a known address, and of each with an unknown one."""


def measure(post: MailSender, settle: Callable[[], None], posts: int = POSTS) -> Times:
    """``settle`` waits until the first enquiries, which make their senders known, have gone their
    way.
    """
    for n in range(posts):
        post(f"first-{n}", f"known{n}@posteo.de", n)
    settle()
    known, unknown = [], []
    for n in range(posts):
        turns = [(known, f"known{n}@posteo.de"), (unknown, f"stranger{n}@posteo.de")]
        if n % 2:  # neither kind always comes right after the other
            turns.reverse()
        for taken, email in turns:
            taken.append(post(f"second-{email}", email, n))
    return known, unknown


def over_moto(world: World) -> Times:
    world.use(a_programme(), *(munich(n) for n in range(1, 6)))

    def post(key: str, email: str, number: int) -> float:
        began = perf_counter()
        answer = world.post_lead(key, email=email, phone="", name=f"Person {number}")
        taken = 1000 * (perf_counter() - began)
        assert answer.status == 201, answer.body
        return taken

    return measure(post, world.deliver)


def on_the_embedded_aws(stack: Stack) -> Times:
    """Sent with an API key, so that no ceiling holds them: six hundred posts of one machine are a
    flood.
    """
    stack.use_sample("dach-heating", clocks)
    add_partners(stack, [installer("bench", "47798")])

    def post(key: str, email: str, number: int) -> float:
        asks = person("47798") | {"email": email, "name": f"Person {number}", "phone": ""}
        headers = {"Idempotency-Key": key, "X-Api-Key": stack.api_key}
        began = perf_counter()
        answer = stack.http.post("/v1/forms/enquiry/leads", json=asks, headers=headers)
        taken = 1000 * (perf_counter() - began)
        assert answer.status_code == 201, answer.text
        return taken

    def settle() -> None:
        seen, since = -1, time.monotonic()
        while time.monotonic() - since < QUIET:
            if len(mails := stack.mails()) != seen:
                seen, since = len(mails), time.monotonic()
            time.sleep(0.2)

    return measure(post, settle)


def told(name: str, taken: list[float]) -> str:
    low, _, high = quantiles(taken, n=4)
    slowest_tenth = quantiles(taken, n=10)[-1]
    return f"{name:8} median {median(taken):6.2f} ms, p90 {slowest_tenth:6.2f}, half between {low:.2f} and {high:.2f}"


def slower(known: list[float], unknown: list[float]) -> float:
    """How often a known post takes longer than an unknown one, of all pairs (Mann and Whitney
    1947): what somebody who times single posts can win by guessing.
    """
    longer = sum(one > other for one in known for other in unknown)
    return longer / (len(known) * len(unknown))


def _measured(embedded: bool) -> Times:
    if not embedded:
        with pytest.MonkeyPatch.context() as environment, a_world(environment) as world:
            return over_moto(world)
    if not LOCAL_PYTHON.exists():
        raise SystemExit(
            "The embedded AWS is not installed: run `make test-infra`, which makes .venv-local"
        )
    with (
        tempfile.TemporaryDirectory(prefix="partner-relay-") as folder,
        Stack(Path(folder)) as stack,
    ):
        return on_the_embedded_aws(stack)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument(
        "--embedded", action="store_true", help="behind HTTP on the embedded AWS"
    )
    known, unknown = _measured(arguments.parse_args().embedded)
    print(told("known", known))
    print(told("unknown", unknown))
    print(f"difference of the medians {median(known) - median(unknown):+.2f} ms")
    print(
        f"a known one is the slower of two in {slower(known, unknown):.0%} (50 % tells nothing; ± 6 % is chance)"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

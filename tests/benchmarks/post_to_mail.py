"""How long a prospect's post takes to become an offer in the partner's mailbox: `make
bench-latency`.

On the embedded AWS, with everything in between for real: HTTP API, function, transaction, stream,
bus, queue, mail. One enquiry after the other, each by a form post; the clock stops when the mail is
in the mailbox. The first enquiries start the functions (cold) and are told apart.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.journeys.cast import clocks, inbox, installer, person
from tests.journeys.conftest import add_partners
from tests.journeys.life import Life
from tests.support.embedded import LOCAL_PYTHON, Stack

TIMES = 20
WARM_UP = 3
PATIENCE = 30


def one(life: Life, place: str, number: int) -> tuple[float, float]:
    """Seconds from the post until it is answered, and until the offer can be read."""
    known = {mail.id for mail in life.mails(inbox("bench"))}
    asks = person(place)
    start = time.perf_counter()
    answer = life.http.post(
        "/v1/forms/enquiry/leads",
        data=asks,
        headers={
            "Idempotency-Key": f"bench-{number}",
            "Accept": "text/html",
            "X-Api-Key": life.stack.api_key,
        },
    )
    answered = time.perf_counter() - start
    if answer.status_code != 303:
        raise SystemExit(f"The post was refused: {answer.text}")
    while time.perf_counter() - start < PATIENCE:
        if any(mail.id not in known for mail in life.mails(inbox("bench"), "answer by")):
            return answered, time.perf_counter() - start
        time.sleep(0.005)
    raise SystemExit(f"No offer mail within {PATIENCE} s")


def told(name: str, seconds: list[float]) -> str:
    middle, least, most = statistics.median(seconds), min(seconds), max(seconds)
    return f"{name:<34} median {middle:5.2f} s   min {least:5.2f} s   max {most:5.2f} s"


def main() -> int:
    if not LOCAL_PYTHON.exists():
        raise SystemExit(
            "The embedded AWS is not installed: run `make bench-latency`, which makes .venv-local"
        )
    with (
        tempfile.TemporaryDirectory(prefix="partner-relay-") as folder,
        Stack(Path(folder)) as stack,
    ):
        stack.use_sample("dach-heating", clocks)
        add_partners(stack, [installer("bench", "47798")])
        life = Life(stack)
        cold = [one(life, "47798", -number)[1] for number in range(1, WARM_UP + 1)]
        warm = [one(life, "47798", number) for number in range(TIMES)]
    print(f"Form post to offer mail in the mailbox, {TIMES} times, one after the other:")
    print(told("post answered", [answered for answered, _ in warm]))
    print(told("offer mail visible", [visible for _, visible in warm]))
    print(f"{'the very first (functions start)':<34} {cold[0]:12.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())

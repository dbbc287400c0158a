"""Whether the time of an answer tells who is known: 200 posts with an address that has an open enquiry, and 200 with
one that nobody has seen, in turn. `python -m tests.benchmarks.oracle`

The real handler runs over moto in this process; what is compared is the difference of the medians with the spread of
the single posts. A test compares the calls that are made; the time is only printed, for it is the machine's.
"""

import sys
from statistics import median, quantiles
from time import perf_counter

import pytest

from tests.world import World, a_programme, a_world, munich

POSTS = 200


def measure(world: World, posts: int = POSTS) -> tuple[list[float], list[float]]:
    """Gives the milliseconds of each post with a known address, and of each with an unknown one."""
    world.use(a_programme(), *(munich(n) for n in range(1, 6)))
    for n in range(posts):
        _post(world, f"first-{n}", f"known{n}@posteo.de", n)
    world.deliver()
    known, unknown = [], []
    for n in range(posts):
        known.append(_post(world, f"known-{n}", f"known{n}@posteo.de", n))
        unknown.append(_post(world, f"other-{n}", f"stranger{n}@posteo.de", n))
    return known, unknown


def _post(world: World, key: str, email: str, number: int) -> float:
    began = perf_counter()
    answer = world.post_lead(key, email=email, phone="", name=f"Person {number}")
    taken = 1000 * (perf_counter() - began)
    assert answer.status == 201, answer.body
    return taken


def told(name: str, taken: list[float]) -> str:
    low, _, high = quantiles(taken, n=4)
    return f"{name:8} median {median(taken):6.2f} ms, half of them between {low:.2f} and {high:.2f}"


def main() -> int:
    with pytest.MonkeyPatch.context() as environment, a_world(environment) as world:
        known, unknown = measure(world)
    print(told("known", known))
    print(told("unknown", unknown))
    print(f"difference of the medians {median(known) - median(unknown):+.2f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())

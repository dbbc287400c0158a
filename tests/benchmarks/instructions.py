"""Machine instructions of a decision as the network grows, and of a warm intake, counted by
valgrind:
`make bench-instructions`.

Counted twice, with N and 3N questions; (3N − N) / 2N leaves the start of Python and the loading
out. Deterministic but for hashing, which is fixed. The same enquiries in each network; a hundred
times as many partners cover each place where there are a hundred times as many. A warm intake is
set against the calls of boto3 that it cannot do without.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from routing_core.routing.index.network import Network
from routing_core.routing.index.snapshot import pack
from tests.benchmarks.networks import a_network
from tests.benchmarks.warm_intake import KINDS, capture

SIZES = (1_000, 10_000, 100_000)
FEW = 120
"""Questions: sixty, asked again and again, so that the partners who come into question have been
read; or, where it says so, each asked for the first time.
"""
INTAKES = 10
ASK = """
import sys
from routing_core.domain.territory.territory import canonical_postcode
from routing_core.routing.decide.decision import decide, shortlist
from routing_core.routing.decide.record import record_of
from routing_core.routing.decide.situation import Situation
from routing_core.routing.index.snapshot import unpack
from tests.benchmarks.networks import NOW, POLICY, a_network
network = unpack(open(sys.argv[1], "rb").read())
from routing_core.domain.partner import Caps, Load
questions = a_network(100, "sparse", int(sys.argv[4])).questions
loads = {}
if sys.argv[3].startswith("decision"):
    loads = {name: Load(name, True, 1, Caps(open=10), place % 11) for place, name in enumerate(network.partners.ids)}
for number in range(int(sys.argv[2])):
    enquiry = questions[number % len(questions)]
    if sys.argv[3] == "match":
        question = network.features.query(POLICY.requirements(enquiry, NOW.date()))
        keys = network.keys(enquiry.country, canonical_postcode(enquiry.country, enquiry.postcode))
        network.matching(keys, question)
    elif sys.argv[3] == "shortlist":
        shortlist(Situation(enquiry, network, POLICY, NOW))
    else:
        record_of(decide(Situation(enquiry, network, POLICY, NOW, loads)), network)
"""


def counted(*arguments: str) -> int:
    command = [
        "valgrind",
        "--tool=cachegrind",
        "--cache-sim=no",
        "--cachegrind-out-file=/dev/null",
        sys.executable,
    ]
    done = subprocess.run(
        [*command, *arguments],
        capture_output=True,
        text=True,
        check=True,
        env={
            **os.environ,
            "PYTHONHASHSEED": "0",
            "POWERTOOLS_LOG_LEVEL": "ERROR",
            "PYTHONPATH": os.pathsep.join(sys.path),
        },
    )
    found = re.search(r"I\s+refs:\s+([\d,]+)", done.stderr)
    if not found:
        raise SystemExit(done.stderr)
    return int(found[1].replace(",", ""))


def each(few: int, *arguments: str) -> float:
    """Of one more question; ``{}`` among the arguments stands for how many there are."""
    more, less = (counted(*(part.format(times) for part in arguments)) for times in (3 * few, few))
    return (more - less) / (2 * few)


def main() -> int:
    if shutil.which("valgrind") is None:
        print("valgrind is not installed (Debian: apt-get install valgrind): nothing was counted")
        return 0
    what = sys.argv[1:] or ["decision", "intake"]
    with tempfile.TemporaryDirectory() as folder:
        if "decision" in what:
            decisions(Path(folder))
        if "intake" in what:
            intakes(Path(folder, "answers"))
    return 0


def decisions(folder: Path) -> None:
    found: dict[str, list[float]] = {
        "match": [],
        "shortlist": [],
        "decision": [],
        "decision, partners unread": [],
    }
    ask = folder / "ask.py"
    ask.write_text(ASK, "utf-8")
    for size in SIZES:
        file = folder / str(size)
        file.write_bytes(pack(Network.compile("", a_network(size, "sparse", 1).partners, {}))[1])
        for name, numbers in found.items():
            different = 3 * FEW if "unread" in name else FEW // 2
            numbers.append(each(FEW, str(ask), str(file), "{}", name, str(different)))
    print(
        f"{'instructions a question':26}" + "".join(f"{size:>14,}" for size in SIZES) + "   growth"
    )
    for name, numbers in found.items():
        print(
            f"{name:26}"
            + "".join(f"{n:14,.0f}" for n in numbers)
            + f"   {numbers[-1] / numbers[0]:5.2f} x"
        )


def intakes(file: Path) -> None:
    capture(file)
    ours, *bare = (
        each(INTAKES, "-m", "tests.benchmarks.warm_intake", str(file), "{}", kind) for kind in KINDS
    )
    print(f"\n{'a warm intake':26}{ours:14,.0f}")
    for kind, theirs in zip(KINDS[1:], bare, strict=True):
        print(f"{'boto3: ' + kind:26}{theirs:14,.0f}   {ours / theirs:5.2f} x")


if __name__ == "__main__":
    sys.exit(main())

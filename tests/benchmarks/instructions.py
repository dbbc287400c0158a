"""Machine instructions of one decision as the network grows, counted by valgrind: `make bench-instructions`.

Counted twice, with N and 3N questions; (3N − N) / 2N leaves the start of Python and the loading out. Deterministic but
for hashing, which is fixed. The same enquiries, answered by about as many partners in each network: what grows is only
the network around them.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from routing_core.routing.network import Network
from routing_core.routing.snapshot import pack
from tests.benchmarks.networks import a_network

SIZES = (1_000, 10_000, 100_000)
FEW = 20
ASK = """
import sys
from routing_core.domain.territory import canonical_postcode
from routing_core.routing.decision import decide, shortlist
from routing_core.routing.snapshot import unpack
from tests.benchmarks.networks import NOW, POLICY, a_network
network = unpack(open(sys.argv[1], "rb").read())
questions = a_network(100, "sparse", 60).questions
for number in range(int(sys.argv[2])):
    enquiry = questions[number % len(questions)]
    if sys.argv[3] == "match":
        question = network.features.question(POLICY.asked(enquiry, NOW.date()))
        keys = network.keys(enquiry.country, canonical_postcode(enquiry.country, enquiry.postcode))
        network.matching(keys, question)
    else:
        shortlist(enquiry, network, POLICY, NOW)
"""


def counted(file: Path, times: int, what: str) -> int:
    command = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
    done = subprocess.run(
        [*command, sys.executable, "-c", ASK, str(file), str(times), what],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "0"},
    )
    found = re.search(r"I\s+refs:\s+([\d,]+)", done.stderr)
    if not found:
        raise SystemExit(done.stderr)
    return int(found[1].replace(",", ""))


def main() -> int:
    if shutil.which("valgrind") is None:
        print("valgrind is not installed (Debian: apt-get install valgrind): nothing was counted")
        return 0
    found: dict[str, list[float]] = {"match": [], "shortlist": []}
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            file = Path(folder, str(size))
            file.write_bytes(pack(Network.compile("", a_network(size, "sparse", 1).partners, {}))[1])
            for what, numbers in found.items():
                numbers.append((counted(file, 3 * FEW, what) - counted(file, FEW, what)) / (2 * FEW))
    print(f"{'instructions a question':26}" + "".join(f"{size:>14,}" for size in SIZES) + "   growth")
    for what, numbers in found.items():
        print(f"{what:26}" + "".join(f"{n:14,.0f}" for n in numbers) + f"   {numbers[-1] / numbers[0]:5.2f} x")
    return 0


if __name__ == "__main__":
    sys.exit(main())

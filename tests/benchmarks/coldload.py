"""A network of 100,000 partners from its stored bytes, in a fresh process each time: `make
bench-coldload`.

The engine's snapshot against the same network as compressed JSON, which has to be parsed and
indexed. Resident memory is that of the process once it has answered a first question (Linux). The
least of several runs.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from routing_core.routing.index.network import Network
from routing_core.routing.index.snapshot import pack
from tests.benchmarks.networks import a_network

RUNS = 5
LOADER = """
import gzip, json, re, sys, time
from routing_core.routing.index.network import Network
from routing_core.routing.index.snapshot import unpack
body = open(sys.argv[2], "rb").read()
def resident(): return int(re.search(r"VmRSS:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024
before = resident()
start = time.perf_counter()
network = unpack(body) if sys.argv[1] == "snapshot" else Network.from_document(json.loads(gzip.decompress(body)))
took = time.perf_counter() - start
assert network.postings(network.keys("DE", "80331"))
print(took * 1000, resident(), before)
"""


def least(kind: str, file: Path, runs: int) -> tuple[float, float, float]:
    found = []
    for _ in range(runs):
        done = subprocess.run(
            [sys.executable, "-c", LOADER, kind, str(file)],
            capture_output=True,
            text=True,
            check=True,
        )
        took, after, before = map(float, done.stdout.split())
        found.append((took, after, before))
    return min(found)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=100_000)
    size = parser.parse_args().size
    network, body = pack(Network.compile("", a_network(size, "sparse", 1).partners, {}))
    with tempfile.TemporaryDirectory() as folder:
        snapshot, document = Path(folder, "network"), Path(folder, "json.gz")
        snapshot.write_bytes(body)
        document.write_bytes(gzip.compress(json.dumps(network.to_document()).encode(), 6))
        of_json, of_bytes = document.stat().st_size, snapshot.stat().st_size
        del network, body
        ours, theirs = least("snapshot", snapshot, RUNS), least("json", document, 1)
    print(f"{size:,} partners, loaded in a fresh process")
    for name, stored, (took, after, before) in (
        ("snapshot", of_bytes, ours),
        ("JSON, indexed", of_json, theirs),
    ):
        print(
            f"{name:14} {took:9,.0f} ms  {after:6,.0f} MB resident ({before:,.0f} before)"
            f"  {stored / 1e6:5.1f} MB stored"
        )
    print(f"ratio {theirs[0] / ours[0]:,.0f} x")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

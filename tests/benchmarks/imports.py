"""What the start of each function costs: `make bench-imports`.

Each function is imported in fresh processes from the pruned layers alone, as Lambda does, and so is
the base: an unpruned boto3 with a client of DynamoDB and one model of pydantic. They take turns, and
the fastest of each counts; machine instructions are counted by valgrind, where there is one. No
function makes a client when it is imported, which the base does: ``and its client`` adds one.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time

from infra.local.package import CORE, LAYERS, ROOT, layer_folder

RUNS = 10
GOAL, STRETCH = 0.75, 0.55
BASE = """
import boto3, pydantic
boto3.client("dynamodb", region_name="eu-central-1")
class Model(pydantic.BaseModel):
    name: str
    number: int
"""
CLIENT = """
from routing_core.aws.wiring import _client
_client("dynamodb")
"""
PREPARE = "import sys; sys.path[:0] = {paths!r}\n"
SURROUNDINGS = {
    "AWS_DEFAULT_REGION": "eu-central-1",
    "LEADS_TABLE": "leads",
    "PARTNERS_TABLE": "partners",
    "PATH": os.environ["PATH"],
    "PYDANTIC_DISABLE_PLUGINS": "__all__",
    "PYTHONHASHSEED": "0",
}
"""As the template sets them, where it matters for an import."""


def programs() -> dict[str, str]:
    """Give what each fresh process runs, the base first."""
    built = ROOT / ".local/build"
    layers = [str(layer_folder(ROOT, built, layer) / "python") for layer in LAYERS]
    ours = PREPARE.format(paths=[str(ROOT / CORE.source), *layers, str(ROOT)])
    unpruned = PREPARE.format(paths=[sysconfig.get_path("purelib")])
    found = {"base": unpruned + BASE}
    for app in sorted((ROOT / "functions").glob("*/app.py")):
        found[app.parent.name] = f"{ours}import functions.{app.parent.name}.app\n"
    found["intake, and its client"] = found["intake"] + CLIENT
    return found


def command(program: str) -> list[str]:
    # Nothing of this machine's site-packages is looked at, nor run.
    return [sys.executable, "-S", "-s", "-c", program]


def seconds(program: str) -> float:
    began = time.perf_counter()
    subprocess.run(command(program), env=SURROUNDINGS, check=True)
    return time.perf_counter() - began


def instructions(program: str) -> int:
    counting = ["valgrind", "--tool=cachegrind", "--cache-sim=no"]
    counting.append("--cachegrind-out-file=/dev/null")
    done = subprocess.run(
        counting + command(program), env=SURROUNDINGS, check=True, capture_output=True, text=True
    )
    found = re.search(r"I\s+refs:\s+([\d,]+)", done.stderr)
    if not found:
        raise SystemExit(done.stderr)
    return int(found[1].replace(",", ""))


def fastest(every: dict[str, str]) -> dict[str, float]:
    """Time each program, taking turns, and give the fastest run of each."""
    best = {name: seconds(program) for name, program in every.items()}  # writes byte-code
    for name in best:
        best[name] = float("inf")
    for _ in range(RUNS):
        for name, program in every.items():
            best[name] = min(best[name], seconds(program))
    return best


def main() -> int:
    every = programs()
    if wanted := sys.argv[1:]:
        every = {name: program for name, program in every.items() if name in {"base", *wanted}}
    times = fastest({"bare": "pass", **every})
    bare = times.pop("bare")
    counts: dict[str, int] = {}
    if shutil.which("valgrind"):
        counts = {name: instructions(program) for name, program in every.items()}
    else:
        print("valgrind is not installed (Debian: apt-get install valgrind): nothing was counted")
    print(f"Python {sys.version.split()[0]}; {bare * 1000:.0f} ms of Python itself are in each")
    print(f"{'':24}{'ms':>6}{'of base':>9}{'million instructions':>24}{'of base':>9}")
    for name, took in times.items():
        told = f"{name:24}{took * 1000:6.0f}{took / times['base']:9.2f}"
        if counts:
            told += f"{counts[name] / 1e6:24,.0f}{counts[name] / counts['base']:9.2f}"
        print(told)
    if "intake" not in times:
        return 0
    ratio = times["intake"] / times["base"]
    print(f"goal for intake {GOAL}, stretch {STRETCH}: {'met' if ratio <= GOAL else 'MISSED'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

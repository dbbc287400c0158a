"""Every command in the README and in the READMEs of the folders is run here as it stands; only
the port is another, so that nothing is in the way.

The commands run in a folder of links to the checkout, so that what they write stays out of it.
"""

import json
import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.tools.link_keys import UNTIL_ALL_KNOW
from routing_core.aws.wiring import SECRET_SECONDS
from tests.support.embedded import ROOT, eventually

pytestmark = pytest.mark.embedded

DOCUMENTS = (
    "README.md",
    "functions/README.md",
    "layers/routing_core/README.md",
    "layers/routing_core/PROGRAMME.md",
    "infra/README.md",
    "tests/README.md",
)
README = "\n".join((ROOT / name).read_text() for name in DOCUMENTS)
BLOCKS = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
PROGRAMMES = "layers/routing_core/routing_core/domain/programmes"
NEEDS_AN_ACCOUNT = ("make deploy", "make hq-key STACK=")
ON_A_DEPLOYED_STACK = [b for b in BLOCKS if "https://YOUR-ADDRESS" in b]
ON_THE_RUNNING_APPLICATION = [
    b
    for b in BLOCKS
    if b.startswith(("curl", "make hq-key FILE=")) and b not in ON_A_DEPLOYED_STACK
]


def test_no_command_of_the_readmes_is_left_out() -> None:
    known = {
        "make run\n",
        "make test\n",
        "make demo\n",
        *ON_THE_RUNNING_APPLICATION,
        *ON_A_DEPLOYED_STACK,
    }
    assert [b for b in BLOCKS if b not in known and not b.startswith(NEEDS_AN_ACCOUNT)] == []


SHELL = {
    name: value
    for name, value in os.environ.items()
    if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")
}
"""As people have it: within make, make says which folder it enters."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("readme")
    for entry in ROOT.iterdir():
        if entry.name not in (".git", ".local"):
            (made / entry.name).symlink_to(entry)
    return made


@pytest.fixture(scope="module")
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def command(folder: Path, text: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text],
        cwd=folder,
        env={**SHELL, **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture(scope="module")
def running(folder: Path, port: int) -> Iterator[Path]:
    """``make run``, until the sample enquiry's first mail."""
    assert "make run\n" in BLOCKS
    log = folder / "run.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            ["make", "run"],
            cwd=folder,
            env={**SHELL, "PORT": str(port)},
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        eventually(
            lambda: "mail to" in log.read_text(), 120, "make run shows the sample enquiry's mail"
        )
        yield log
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=90)


def test_make_run_prints_one_address_and_a_story(running: Path, port: int) -> None:
    told = running.read_text()
    assert re.search(rf"http://127.0.0.1:{port} .* \(ready after \d+ s\)", told)
    assert "Enquiry received" in told


def test_the_api_commands_do_what_the_readme_says(running: Path, folder: Path, port: int) -> None:
    answers: dict[str, Any] = {}
    for block in ON_THE_RUNNING_APPLICATION:
        done = command(folder, block.replace(":8000", f":{port}"))
        assert done.returncode == 0, f"{block}\n{done.stderr}"
        answers[block] = yaml.safe_load(done.stdout) if done.stdout.strip() else None
    _, enquiry, coverage, programme, _, tried, partners, entered = answers.values()
    assert enquiry["reference"]
    assert coverage["partners"] >= 3
    assert programme["version"] == 2
    assert (folder / "coverage.csv").read_text("utf-8-sig").startswith("finding;")
    assert tried["offers"]
    assert (len(partners["unchanged"]), partners["dry_run"]) == (partners_in_the_sample(), True)
    assert entered["lead"]


def test_the_command_that_makes_the_key_leaves_a_key_that_works_alone(
    running: Path, folder: Path
) -> None:
    (block,) = [b for b in BLOCKS if b.startswith("make hq-key FILE=")]
    command(folder, block)
    key = (folder / "hq.key").read_text()
    assert key.startswith("pr_")
    again = command(folder, block)
    assert again.returncode != 0
    assert "hq.key already exists" in again.stderr
    assert (folder / "hq.key").read_text() == key


def test_what_a_deployed_stack_is_filled_with_is_taken_as_the_readme_writes_it(
    running: Path, folder: Path, port: int
) -> None:
    made = command(folder, "make -s hq-key NAME=deployed FILE=deployed.key")
    assert made.returncode == 0, made.stderr
    (start,) = re.findall(r"^cp .*$", README, re.MULTILINE)
    command(folder, start).check_returncode()
    first_two = (
        (ROOT / "infra/local/samples/dach-heating/partners.csv").read_text().splitlines()[:2]
    )
    (folder / "partners.csv").write_text("\n".join(first_two))
    (block,) = ON_A_DEPLOYED_STACK
    block = block.replace("https://YOUR-ADDRESS", f"http://127.0.0.1:{port}").replace(
        "stack.key", "deployed.key"
    )
    done = command(folder, block)
    programme, end = json.JSONDecoder().raw_decode(done.stdout)
    partners = json.loads(done.stdout[end:])
    assert programme["version"] > 1
    assert partners["unchanged"] == ["altstadt-waerme"]


def test_what_the_readmes_commands_write_is_never_committed() -> None:
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    written = {
        name
        for b in BLOCKS
        for name in re.findall(r"(?:> |FILE=|@)([\w-]+\.(?:key|yaml|csv))\b", b)
    }
    assert {"hq.key", "stack.key", "programme.yaml", "partners.csv", "coverage.csv"} == written
    assert [
        n for n in written if not any(fnmatch(n, line.removeprefix("/")) for line in ignored)
    ] == []


def partners_in_the_sample() -> int:
    return (
        len(
            (ROOT / "infra/local/samples/dach-heating/partners.csv")
            .read_text()
            .strip()
            .splitlines()
        )
        - 1
    )


def test_make_demo_sees_every_step(folder: Path) -> None:
    assert "make demo\n" in BLOCKS
    done = command(folder, "make demo")
    seen = re.search(r"^All \d+ steps seen in (\d+) s\.$", done.stdout, re.MULTILINE)
    assert seen, done.stdout + done.stderr
    slow = (
        "That is more than the 60 s it may take." in done.stderr
    )  # here, others may be at work on the machine
    assert (done.returncode == 0) is not slow


def test_make_test_is_what_ci_runs() -> None:
    assert "make test\n" in BLOCKS
    assert "make test\n" in (ROOT / ".ci/run").read_text()


@pytest.mark.parametrize("block", [b for b in BLOCKS if b.startswith(NEEDS_AN_ACCOUNT)])
def test_without_credentials_a_deploy_command_says_what_is_missing(
    block: str, folder: Path
) -> None:
    nothing = {k: "" for k in os.environ if k.startswith("AWS_")} | {"HOME": str(folder)}
    done = command(folder, f"unset {' '.join(nothing)} || true\n{block}", HOME=str(folder))
    assert done.returncode != 0
    assert re.search("credentials|region", done.stdout + done.stderr)
    assert "Traceback" not in done.stderr


def test_the_programme_in_the_readme_is_what_stands_in_the_file() -> None:
    (excerpt,) = re.findall(r"^```yaml\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    example = yaml.safe_load((ROOT / PROGRAMMES / "consumer-trade.yaml").read_text())
    shown = yaml.safe_load(excerpt)
    assert set(shown) == {"offers", "reminders", "contact", "missed_contact", "promise", "fallback"}
    assert shown == {key: example[key] for key in shown}


def test_a_new_link_key_is_waited_for_as_long_as_the_guide_says_and_functions_need() -> None:
    (waiting,) = re.findall(r"it adds a key, waits (\w+) minutes", README)
    assert {"ten": timedelta(minutes=10)}[waiting] == UNTIL_ALL_KNOW
    assert timedelta(seconds=2 * SECRET_SECONDS) <= UNTIL_ALL_KNOW


def test_what_happened_to_the_sample_enquiry_can_be_told_again(running: Path, folder: Path) -> None:
    data = folder / ".local/data"
    lead = json.loads((data / "seeded.json").read_text())["lead"]
    for which in (
        f"LEAD={lead}",
        f"SINCE={datetime.now(UTC) - timedelta(hours=1):%Y-%m-%dT%H:%MZ}",
    ):
        done = command(folder, f"make redrive {which}")
        assert done.returncode == 0, done.stderr
        assert f"{lead} 000001" in done.stdout
        assert "FAILED" not in done.stdout


def test_make_redrive_alone_explains_itself(folder: Path) -> None:
    done = command(folder, "make redrive")
    assert done.returncode != 0
    assert "make redrive SINCE=" in done.stderr

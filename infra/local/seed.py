"""Puts a sample network into a running application through the HQ API, as anybody puts theirs."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import yaml

from infra.local.api import Api, Refused
from infra.local.embedded import Embedded
from infra.tools.hq_key import create_key

SAMPLES = Path(__file__).parent / "samples"
"""A folder for each sample, by its name."""


def api_of(aws: Embedded) -> Api:
    """Give the HQ API with a key of our own, which is made once for a data folder.

    The first key stays for the person who runs `make hq-key`.
    """
    kept = aws.data / "run.key"
    if not kept.exists():
        key = create_key(aws.client("dynamodb"), aws.outputs["PartnersTable"], name="make run")
        kept.touch(mode=0o600)  # before the key is in it, so that nobody else ever reads it
        kept.write_text(key)
    return Api(aws.base_url, kept.read_text())


def sample(name: str) -> dict[str, Any]:
    """Read a sample: its programme, partners and places as CSV, and enquiries that show something.

    End the process with the names of those there are if there is none of this name.
    """
    folder = SAMPLES / name
    if not folder.is_dir():
        known = ", ".join(sorted(each.name for each in SAMPLES.iterdir() if each.is_dir()))
        raise SystemExit(f"There is no sample {name!r}; there are: {known}")
    return {
        "programme": yaml.safe_load((folder / "programme.yaml").read_text()),
        "partners": (folder / "partners.csv").read_bytes(),
        "places": {file.stem: file.read_bytes() for file in sorted(folder.glob("places/*.csv"))},
        "enquiries": yaml.safe_load((folder / "enquiries.yaml").read_text()),
    }


def seed(
    api: Api, name: str, change: Callable[[dict[str, Any]], None] | None = None
) -> dict[str, Any]:
    """Put a sample, and give it as it was put, once routing knows its partners.

    ``change`` may change the programme before it is put.
    """
    put = sample(name)
    if change:
        change(put["programme"])
    api.send("PUT", "/v1/programme", put["programme"])
    for country, table in put["places"].items():
        api.call("PUT", f"/v1/places/{country}", table, "text/csv")
    api.call("POST", "/v1/partners/import", put["partners"], "text/csv")
    _wait_for_network(api, put["enquiries"]["routed"])
    return put


def _wait_for_network(api: Api, enquiry: dict[str, Any], seconds: float = 30) -> None:
    """Ask for partners until there are some.

    Raise RuntimeError if there are none after so many seconds.

    The network is compiled from a stream, and warm functions look for a new one every few
    seconds only.
    """
    question = {name: enquiry["fields"][name] for name in enquiry["coverage"]}
    deadline = time.monotonic() + seconds
    address = f"/v1/forms/{enquiry['form']}/coverage?{urlencode(question)}"
    while not _count_partners(api, address):
        if time.monotonic() > deadline:
            raise RuntimeError("The sample is saved, but routing does not see its partners")
        time.sleep(0.3)


def _count_partners(api: Api, address: str) -> int:
    """Ask how many partners could take an enquiry.

    There are none either while a warm function still knows no form.
    """
    try:
        return int(api.get(address).get("partners") or 0)
    except Refused as refused:
        # 404 until then: a warm function goes on for seconds with the programme it has read.
        if refused.status != 404:
            raise
        return 0


def submit(api: Api, enquiry: dict[str, Any], key: str) -> dict[str, Any]:
    """Post an enquiry as a server with an API key does, and give what the API answered.

    The same ``key`` is the same enquiry, however often it is posted.
    """
    received: dict[str, Any] = api.send(
        "POST", f"/v1/forms/{enquiry['form']}/leads", enquiry["fields"] | {"submission_id": key}
    )
    return received


def visit(api: Api, enquiry: dict[str, Any]) -> dict[str, Any]:
    """Post an enquiry as a visitor's form does, and give what the API answered.

    With it goes the signed start that the form was given.
    """
    form = api.get(f"/v1/forms/{enquiry['form']}")
    pair = {"submission_id": form["submission_id"], "started": form["started"]}
    received: dict[str, Any] = api.send(
        "POST", f"/v1/forms/{enquiry['form']}/leads", enquiry["fields"] | pair
    )
    return received

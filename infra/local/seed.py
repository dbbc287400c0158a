"""Puts a sample network into a running application through the HQ API, as a user would put their
own.
"""

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


def api_of(aws: Embedded) -> Api:
    """The HQ API with a key of our own; the first key stays for the person who runs `make
    hq-key`.
    """
    kept = aws.data / "run.key"
    if not kept.exists():
        key = create_key(aws.client("dynamodb"), aws.outputs["PartnersTable"], name="make run")
        kept.touch(mode=0o600)
        kept.write_text(key)
    return Api(aws.base_url, kept.read_text())


def sample(name: str) -> dict[str, Any]:
    """The sample's programme, its partners and places as CSV, and enquiries that show something."""
    folder = SAMPLES / name
    if not folder.is_dir():
        known = ", ".join(sorted(p.name for p in SAMPLES.iterdir() if p.is_dir()))
        raise SystemExit(f"There is no sample {name!r}; there are: {known}")
    return {
        "programme": yaml.safe_load((folder / "programme.yaml").read_text()),
        "partners": (folder / "partners.csv").read_bytes(),
        "places": {file.stem: file.read_bytes() for file in sorted(folder.glob("places/*.csv"))},
        "enquiries": yaml.safe_load((folder / "enquiries.yaml").read_text()),
    }


def seed(
    api: Api, name: str, change: Callable[[dict[str, Any]], None] = lambda programme: None
) -> dict[str, Any]:
    """Returns the sample as it was put, once routing knows its partners."""
    put = sample(name)
    change(put["programme"])
    api.send("PUT", "/v1/programme", put["programme"])
    for country, table in put["places"].items():
        api.call("PUT", f"/v1/places/{country}", table, "text/csv")
    api.call("POST", "/v1/partners/import", put["partners"], "text/csv")
    _wait_for_network(api, put["enquiries"]["routed"])
    return put


def _wait_for_network(api: Api, enquiry: dict[str, Any], seconds: float = 30) -> None:
    """The network is compiled from a stream, and warm functions look for a new one every few
    seconds.
    """
    question = {k: enquiry["fields"][k] for k in enquiry["coverage"]}
    deadline = time.monotonic() + seconds
    address = f"/v1/forms/{enquiry['form']}/coverage?{urlencode(question)}"
    while not _partners_there(api, address):
        if time.monotonic() > deadline:
            raise RuntimeError("The sample is saved, but routing does not see its partners")
        time.sleep(0.3)


def _partners_there(api: Api, address: str) -> int:
    """None either while a warm function still believes that there is no form."""
    try:
        return int(api.get(address).get("partners") or 0)
    except Refused as refused:
        if refused.status != 404:
            raise
        return 0


def submit(api: Api, enquiry: dict[str, Any], key: str) -> dict[str, Any]:
    """Posts an enquiry for somebody, as a server with an API key does; the same key is the same
    enquiry.
    """
    received: dict[str, Any] = api.send(
        "POST", f"/v1/forms/{enquiry['form']}/leads", enquiry["fields"] | {"submission_id": key}
    )
    return received


def visit(api: Api, enquiry: dict[str, Any]) -> dict[str, Any]:
    """Posts an enquiry as a visitor's form does: with the signed start that the form was given."""
    form = api.get(f"/v1/forms/{enquiry['form']}")
    pair = {"submission_id": form["submission_id"], "started": form["started"]}
    received: dict[str, Any] = api.send(
        "POST", f"/v1/forms/{enquiry['form']}/leads", enquiry["fields"] | pair
    )
    return received

"""Leave in botocore's list of addresses only the services whose models are in the layer.

    python prune_endpoints.py <layer>/python/botocore/data

It names some 400 services in every region, and each function reads all of it before its first call.
Runs with whatever Python builds the layer, which needs no package for it.
"""

import gzip
import json
import sys
from pathlib import Path


def prune_endpoints(data: Path) -> None:
    """Rewrite ``endpoints.json`` in botocore's folder of data."""
    kept = {_endpoint_prefix(model) for model in data.glob("*/*/service-2.json.gz")}
    file = data / "endpoints.json"
    endpoints = json.loads(file.read_text("utf-8"))
    for partition in endpoints["partitions"]:
        services = partition["services"]
        partition["services"] = {name: services[name] for name in services if name in kept}
    file.write_text(json.dumps(endpoints, separators=(",", ":")), "utf-8")


def _endpoint_prefix(model: Path) -> str:
    """Give the name under which ``endpoints.json`` lists a service: ``email`` is SES's."""
    with gzip.open(model) as content:
        metadata = json.load(content)["metadata"]
    return str(metadata["endpointPrefix"])


if __name__ == "__main__":
    prune_endpoints(Path(sys.argv[1]))

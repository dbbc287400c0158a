"""Look the pinned packages up among known vulnerabilities, where PyPI can be asked: `make audit`.

Where it cannot, because there is no network or only a mirror of packages, a line says so and the
check passes: what nobody could look up is no reason to stop, and no reason to say that it is fine.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

PINS = ("constraints.txt", "layers/routing_core/requirements.txt")


def looked_up() -> list[dict[str, Any]]:
    """Give what pip-audit says of each package; nothing if it could ask nobody."""
    pip_audit = Path(sys.executable).with_name("pip-audit")
    # The pins are all there is: nothing is resolved, installed or downloaded.
    command = [str(pip_audit), "--no-deps", "--disable-pip", "--format", "json"]
    for pins in PINS:
        command += ["--requirement", pins]
    done = subprocess.run(command, capture_output=True, text=True)
    if not done.stdout:
        return []
    told: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    return told


def main() -> int:
    """Print each vulnerable package, and how many were looked up; give 1 if one is vulnerable."""
    packages = looked_up()
    known = [each for each in packages if "skip_reason" not in each]
    if not known:
        print("pip-audit: not done, for PyPI does not say here what it knows of packages")
        return 0
    print(f"pip-audit: {len(known)} of {len(packages)} packages looked up")
    vulnerable = [each for each in known if each["vulns"]]
    for package in vulnerable:
        ids = ", ".join(flaw["id"] for flaw in package["vulns"])
        print(f"{package['name']} {package['version']}: {ids}")
    return 1 if vulnerable else 0


if __name__ == "__main__":
    sys.exit(main())

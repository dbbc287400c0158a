"""Look for secrets in every file of the repository: `make audit`.

Keys of known forms (AWS, GitHub, Slack, private keys …) are looked for everywhere, what looks like
a password or like chance in what is not a test: those are full of made-up ones.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

from detect_secrets.core.scan import scan_file
from detect_secrets.settings import default_settings

LISTS = re.compile(
    r"(.*/domain/data/.*\.txt|infra/local/samples/.*/places/.*\.csv|.*/openapi\.yaml)"
)
"""Long public lists and generated text, which take long and hold nothing typed by anybody."""
OF_ANY_FORM = {"Secret Keyword", "Base64 High Entropy String", "Hex High Entropy String"}
"""Kinds of findings that are guesses, rather than a key of a known form."""
NO_SECRETS = {
    "infra/checks/policies.py": "the form of a secret's ARN",
    "infra/deploy-role.yaml": "names of secrets",
    "infra/local/deploy.py": "the embedded AWS takes any credentials",
    "layers/routing_core/routing_core/domain/territory/postcodes.py": "letters of postcodes",
    "layers/routing_core/routing_core/routing/report/cells.py": "the alphabet of map cells",
    "template.yaml": "names of secrets, and how they are generated",
}
"""File → why what looks like a secret in it is none."""


def tracked_files() -> list[str]:
    """List the files that git knows."""
    listed = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True)
    return [path for path in listed.stdout.splitlines() if not LISTS.fullmatch(path)]


def findings(path: str) -> Iterator[str]:
    """Yield what looks like a secret in a file, as a line for people."""
    may_guess = not path.startswith("tests/") and path not in NO_SECRETS
    for found in scan_file(path):
        if may_guess or found.type not in OF_ANY_FORM:
            yield f"{path}:{found.line_number}: {found.type}"


def main() -> int:
    """Print what was found; give 1 if that is anything, which would have to be revoked."""
    files = tracked_files()
    print(f"secrets: {len(files)} files")
    found: list[str] = []
    with default_settings():
        for path in files:
            found += findings(path)
    print("".join(f"{line}\n" for line in found), end="")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

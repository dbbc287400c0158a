"""Writes `infra/openapi.yaml` anew; with `--check`, only compares it with what the code says."""

import sys

from infra.openapi.document import FILE, openapi_text


def main() -> int:
    """Write the file, or compare it, and give the exit code: 1 if it is not what the code says."""
    made = openapi_text()
    if "--check" in sys.argv:
        if not FILE.exists() or FILE.read_text() != made:
            print("infra/openapi.yaml is not what the code says: make openapi")
            return 1
        return 0
    FILE.write_text(made)
    print(f"{FILE.name}: {len(made.splitlines())} lines")
    return 0


if __name__ == "__main__":
    sys.exit(main())

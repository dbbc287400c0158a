"""How many random examples a test tries: all of them, or few while somebody works (`make
test-fast`).
"""

import os

FEW = bool(os.environ.get("RELAY_FEW"))
AT_MOST = 5


def examples(many: int) -> int:
    """Gives the number for a test that tries so many in `make test`."""
    return min(many, AT_MOST) if FEW else many

"""Make anew what a snapshot of SnapStart must not keep, and make before it what all would wait for.

Lambda starts a function once when its version is published, and every instance goes on from there
(the stack's parameter ``SnapStart``). Nothing is connected and no secret or clock is read before
the first request, so that the snapshot holds none of these; but the numbers that ``random`` gives
would be the same in every instance. ``uuid4`` and ``secrets`` ask the operating system, whose
numbers Lambda makes unique.
"""

import random
from importlib import import_module
from importlib.util import find_spec

from routing_core.domain.programme.programme import Programme

HOOKS = "snapshot_restore_py"
"""Lambda's runtime brings this module; nothing else does."""


def register_hooks() -> None:
    """Have Lambda call what is below, where it is Lambda that runs this."""
    if find_spec(HOOKS) is None:
        return
    hooks = import_module(HOOKS)
    hooks.register_before_snapshot(make_ready)
    hooks.register_after_restore(make_anew)


def make_ready() -> None:
    """Build what the first request would have to: the models that read the rules."""
    Programme.model_rebuild()


def make_anew() -> None:
    """Give this instance random numbers of its own, for the pauses between its tries."""
    random.seed()

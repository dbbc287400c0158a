"""Runs one of our tools with what the layers hold.

So tools need no environment besides that of `make run`.

python -m infra.local.on_layer infra.tools.dry_run --lead L…

The layers' packages are built once and shared with `make run`.
"""

from __future__ import annotations

import runpy
import sys

from infra.local.package import CORE, LAYERS, ROOT, layer_folder


def main() -> None:
    """Run the module that the first argument names, with the others as its own."""
    tool = sys.argv[1]
    built = ROOT / ".local" / "build"
    # Behind what is there: the tool's own environment goes before the layers' packages.
    sys.path.append(str(ROOT / CORE.source))
    sys.path += [str(layer_folder(ROOT, built, layer) / "python") for layer in LAYERS]
    sys.argv = [tool, *sys.argv[2:]]
    runpy.run_module(tool, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()

"""Runs one of our tools with what the layer holds.

So tools need no environment besides that of `make run`.

python -m infra.local.on_layer infra.tools.dry_run --lead L…

The layer's packages are built once and shared with `make run`.
"""

from __future__ import annotations

import runpy
import sys

from infra.local.package import LAYER, ROOT, layer_folder


def main() -> None:
    """Run the module that the first argument names, with the others as its own."""
    tool = sys.argv[1]
    packages = layer_folder(ROOT, ROOT / ".local" / "build")
    # Behind what is there: the tool's own environment goes before the layer's packages.
    sys.path += [str(ROOT / LAYER), str(packages / "python")]
    sys.argv = [tool, *sys.argv[2:]]
    runpy.run_module(tool, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()

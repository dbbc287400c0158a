"""Tells how large the built layers are unzipped, package by package: `make bench-size`.

    python -m infra.checks.layer_size build/layers/routing_core build/layers/hq_tools

The first is the layer that every function loads; it alone has bounds. Runs where `find -printf`
does not.
"""

import sys
from collections import Counter
from pathlib import Path

MOST = 32_000_000
"""Bytes that the layer of every function may have without byte-code."""
MOST_WITH_BYTE_CODE = 46_000_000
"""Bytes that it may have with it."""
LISTED = 12
"""Packages that are named, the largest first."""


def size_of(layer: Path) -> tuple[int, int]:
    """Give the bytes of a layer's files, and those of its byte-code."""
    files = [path for path in layer.rglob("*") if path.is_file()]
    byte_code = sum(path.stat().st_size for path in files if path.suffix == ".pyc")
    return sum(path.stat().st_size for path in files) - byte_code, byte_code


def packages_of(layer: Path) -> Counter[str]:
    """Give the bytes of each package of a layer, byte-code included."""
    sizes: Counter[str] = Counter()
    inside = layer / "python"
    for path in inside.rglob("*"):
        if path.is_file():
            sizes[path.relative_to(inside).parts[0]] += path.stat().st_size
    return sizes


def is_within_bounds(layer: Path) -> bool:
    """Tell whether a layer keeps the bounds of the one that every function loads."""
    without, byte_code = size_of(layer)
    return without <= MOST and without + byte_code <= MOST_WITH_BYTE_CODE


def _tell(layer: Path) -> None:
    without, byte_code = size_of(layer)
    told = f"{(without + byte_code) / 1e6:.1f} MB with byte-code" if byte_code else "no byte-code"
    print(f"{layer.name}: {without / 1e6:.1f} MB unzipped; {told}")
    for package, size in packages_of(layer).most_common(LISTED):
        print(f"  {package:24}{size / 1e6:6.1f} MB")


def main() -> int:
    """Print the sizes of the layers that are named; 1 if the first is over its bounds."""
    layers = [Path(name) for name in sys.argv[1:]]
    for layer in layers:
        _tell(layer)
    kept = is_within_bounds(layers[0])
    bounds = f"{MOST / 1e6:.0f} MB, and {MOST_WITH_BYTE_CODE / 1e6:.0f} MB with byte-code"
    print(f"{layers[0].name} may have {bounds}: {'met' if kept else 'MISSED'}")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())

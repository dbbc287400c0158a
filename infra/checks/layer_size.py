"""Tells how large a built layer is unzipped: `make layer-size`. Runs where `find -printf` does not."""

import sys
from pathlib import Path


def size_of(layer: Path) -> tuple[int, int]:
    """Give the bytes of a layer's files, and those of its byte-code."""
    files = [path for path in layer.rglob("*") if path.is_file()]
    byte_code = sum(path.stat().st_size for path in files if path.suffix == ".pyc")
    return sum(path.stat().st_size for path in files) - byte_code, byte_code


def main() -> None:
    """Print the size of the layer in the folder that is named."""
    without, byte_code = size_of(Path(sys.argv[1]))
    told = f"{byte_code / 1e6:.1f} MB of byte-code" if byte_code else "no byte-code"
    print(f"{without / 1e6:.1f} MB unzipped, and {told}")


if __name__ == "__main__":
    main()

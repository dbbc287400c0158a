"""Packages the functions and the layer the way `sam build` does, for the interpreter that runs
here.

Names carry the hash of what is inside, so that nothing is built, sent or deployed twice.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LAYER = Path("layers/routing_core")


def function_zips(root: Path, out: Path) -> dict[str, Path]:
    """`functions/<name>` → a zip that holds exactly that folder under that path."""
    folders = sorted(p.parent for p in (root / "functions").glob("*/app.py"))
    return {f"functions/{f.name}": _zip(out, f.name, root, _sources(f)) for f in folders}


def layer_zip(root: Path, out: Path) -> Path:
    """The layer with wheels for this interpreter."""
    source = root / LAYER
    core = list(_sources(source / "routing_core"))
    whole = hashlib.sha256(_recipe(source) + _digest(source, core))
    target = out / f"layer-{whole.hexdigest()[:16]}.zip"
    if target.exists():
        return target
    built = layer_folder(root, out)
    with _AtomicZip(target) as archive:
        for path in sorted(p for p in built.rglob("*") if p.is_file()):
            archive.write(path, path.relative_to(built))
        for path in core:
            archive.write(path, Path("python") / path.relative_to(source))
    return target


def layer_folder(root: Path, out: Path) -> Path:
    """A folder whose ``python`` holds the layer's packages for this interpreter, our own left out.

    They are installed once per requirements file.
    """
    source = root / LAYER
    recipe = _recipe(source)
    built = out / f"layer-{hashlib.sha256(recipe).hexdigest()[:16]}"
    if not built.exists():
        print("Building the layer (once; 15 to 60 seconds)", file=sys.stderr, flush=True)
        out.mkdir(parents=True, exist_ok=True)
        part = Path(
            tempfile.mkdtemp(prefix="layer-", suffix=".part", dir=out)
        )  # another make run may build it too
        command = ["make", "-s", "-C", str(source), "build-RoutingCore", f"ARTIFACTS_DIR={part}"]
        subprocess.run(
            [
                *command,
                f"PYTHON={sys.executable}",
                f"RUNTIME={_runtime()}",
                "WHEELS=--only-binary=:all:",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        shutil.rmtree(part / "python/routing_core")
        with contextlib.suppress(OSError):  # the other was faster, and made the same
            part.rename(built)
        shutil.rmtree(part, ignore_errors=True)
    return built


def _recipe(source: Path) -> bytes:
    """What the layer's packages depend on; another recipe is another folder."""
    return (
        (source / "requirements.txt").read_bytes()
        + (source / "Makefile").read_bytes()
        + _runtime().encode()
    )


def _runtime() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _sources(folder: Path) -> Iterable[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts)


def _digest(base: Path, paths: Iterable[Path]) -> bytes:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(str(path.relative_to(base)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.digest()


def _zip(out: Path, name: str, base: Path, paths: Iterable[Path]) -> Path:
    paths = list(paths)
    target = out / f"{name}-{_digest(base, paths).hex()[:16]}.zip"
    if not target.exists():
        with _AtomicZip(target) as archive:
            for path in paths:
                archive.write(path, path.relative_to(base))
    return target


class _AtomicZip:
    """A zip that appears under its name only when it is complete, also when another make run makes
    it meanwhile.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        target.parent.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> zipfile.ZipFile:
        number, name = tempfile.mkstemp(
            prefix=self.target.stem, suffix=".part", dir=self.target.parent
        )
        os.close(number)
        self.part = Path(name)
        self.archive = zipfile.ZipFile(
            self.part, "w", zipfile.ZIP_DEFLATED, compresslevel=1, strict_timestamps=False
        )
        return self.archive

    def __exit__(self, failed: type | None, *_: object) -> None:
        self.archive.close()
        if failed is None:
            self.part.replace(self.target)
        self.part.unlink(missing_ok=True)

"""Promises about the shape of the code."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HANDLERS = sorted((ROOT / "functions").glob("*/*.py"))


@pytest.mark.parametrize("path", HANDLERS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_handler_parses_makes_one_call_and_renders_in_sixty_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 60

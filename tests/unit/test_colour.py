"""Whatever colours a brand has, what stands on them can be read."""

from hypothesis import given
from hypothesis import strategies as st

from routing_core.present.colour import (
    NIGHT,
    READABLE,
    WHITE,
    contrast,
    look,
    mix,
    readable_on,
    text_on,
)

COLOURS = st.integers(0, 0xFFFFFF).map(lambda n: f"#{n:06x}")
NEARLY = READABLE - 0.01


def test_contrast_as_defined() -> None:
    assert contrast("#ffffff", "#000000") == 21
    assert contrast("#777777", "#777777") == 1


def test_a_readable_colour_is_left_alone() -> None:
    assert readable_on("#0b6e4f", WHITE) == "#0b6e4f"
    assert look("#0b6e4f", "#d9480f").brand == "#0b6e4f"


def test_yellow_gets_dark_text() -> None:
    assert text_on("#ffd500") != WHITE


@given(COLOURS, COLOURS)
def test_everything_on_every_brand_is_readable(brand: str, accent: str) -> None:
    colours = look(brand, accent)
    assert contrast(colours.on_brand, colours.brand) >= NEARLY
    assert contrast(colours.on_brand, colours.brand_deep) >= NEARLY
    assert contrast(colours.brand_text, WHITE) >= NEARLY
    assert contrast(colours.brand_text, colours.brand_tint) >= NEARLY
    assert contrast(colours.accent_text, WHITE) >= NEARLY
    assert contrast(colours.night_on_brand, colours.night_brand) >= NEARLY
    assert contrast(colours.night_text, NIGHT) >= NEARLY
    assert contrast(colours.night_text, colours.night_tint) >= NEARLY


@given(COLOURS, COLOURS, st.floats(0, 1))
def test_a_mix_is_a_colour(one: str, other: str, share: float) -> None:
    assert len(mix(one, other, share)) == 7

"""Colours of the brand, and the ones that can be read on them (WCAG contrast)."""

from dataclasses import dataclass
from functools import lru_cache

WHITE, INK, NIGHT = "#ffffff", "#16202a", "#18202a"
READABLE = 4.5


def _rgb(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def _luminance(colour: str) -> float:
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _rgb(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """1 (the same) to 21 (black on white)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def mix(colour: str, other: str, share: float) -> str:
    """``share`` of the other colour in the first."""
    parts = zip(_rgb(colour), _rgb(other), strict=True)
    return "#" + "".join(f"{round(255 * (a + (b - a) * share)):02x}" for a, b in parts)


def text_on(colour: str) -> str:
    """White or ink, whichever is read more easily on the colour."""
    return WHITE if contrast(WHITE, colour) >= contrast(INK, colour) else INK


def readable_on(colour: str, background: str) -> str:
    """The colour itself, or as little darker or lighter as reading it on that background needs."""
    target = "#000000" if _luminance(background) > 0.4 else WHITE
    for step in range(21):
        candidate = mix(colour, target, step / 20)
        if contrast(candidate, background) >= READABLE:
            return candidate
    return target


@dataclass(frozen=True, slots=True)
class Look:
    """Ready-made colours of one brand, for light and dark surroundings."""

    brand: str
    on_brand: str
    brand_deep: str
    brand_text: str
    brand_tint: str
    brand_line: str
    accent: str
    accent_text: str
    night_brand: str
    night_on_brand: str
    night_text: str
    night_tint: str
    night_accent: str


@lru_cache(maxsize=64)
def look(brand: str, accent: str) -> Look:
    on_brand = text_on(brand)
    if (
        contrast(on_brand, brand) < READABLE
    ):  # a middling colour: neither white nor ink reads well on it
        brand = readable_on(brand, on_brand)
    tint = mix(brand, WHITE, 0.93)
    night_brand = brand if contrast(brand, NIGHT) >= 3 else mix(brand, WHITE, 0.35)
    if contrast(text_on(night_brand), night_brand) < READABLE:
        night_brand = readable_on(night_brand, text_on(night_brand))
    night_tint = mix(NIGHT, brand, 0.25)
    return Look(
        brand=brand,
        on_brand=on_brand,
        brand_deep=mix(brand, "#000000", 0.18) if on_brand == WHITE else mix(brand, WHITE, 0.25),
        brand_text=readable_on(brand, tint),
        brand_tint=tint,
        brand_line=mix(brand, WHITE, 0.72),
        accent=accent,
        accent_text=readable_on(accent, mix(accent, WHITE, 0.92)),
        night_brand=night_brand,
        night_on_brand=text_on(night_brand),
        night_text=readable_on(readable_on(mix(brand, WHITE, 0.3), night_tint), NIGHT),
        night_tint=night_tint,
        night_accent=readable_on(accent, NIGHT),
    )

"""Colours of the brand, and the ones that can be read on them.

Luminance and contrast are those of WCAG 2.2 (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio).
"""

from dataclasses import dataclass
from functools import lru_cache

WHITE = "#ffffff"
BLACK = "#000000"
INK = "#16202a"
NIGHT = "#18202a"
READABLE = 4.5
"""The contrast that WCAG asks of text at level AA."""
READABLE_SHAPE = 3
"""The contrast that WCAG asks of buttons and other shapes at level AA."""
MIXING_STEPS = 20


def _rgb(colour: str) -> tuple[float, float, float]:
    """Give red, green and blue of ``#rrggbb``, each from 0 to 1."""
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return red, green, blue


def _linear(channel: float) -> float:
    """Undo the gamma curve of sRGB, as WCAG has it."""
    if channel <= 0.04045:
        return channel / 12.92
    return float(((channel + 0.055) / 1.055) ** 2.4)


def _luminance(colour: str) -> float:
    """Give the relative luminance of WCAG: 0 is black, 1 is white."""
    red, green, blue = map(_linear, _rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Give the contrast of two colours, from 1 (the same) to 21 (black on white)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def mix(colour: str, other: str, share: float) -> str:
    """Mix a ``share`` (0 to 1) of the other colour into the first."""
    mixed = "#"
    for first, second in zip(_rgb(colour), _rgb(other), strict=True):
        channel = round(255 * (first + (second - first) * share))
        mixed += f"{channel:02x}"
    return mixed


def text_on(colour: str) -> str:
    """Choose white or ink, whichever is read more easily on the colour."""
    if contrast(WHITE, colour) >= contrast(INK, colour):
        return WHITE
    return INK


def readable_on(colour: str, background: str) -> str:
    """Give the colour itself, or as little darker or lighter as reading it there needs."""
    target = BLACK if _luminance(background) > 0.4 else WHITE
    for step in range(MIXING_STEPS + 1):
        candidate = mix(colour, target, step / MIXING_STEPS)
        if contrast(candidate, background) >= READABLE:
            return candidate
    return target


@dataclass(frozen=True, slots=True)
class Look:
    """The ready-made colours of one brand, for light and dark surroundings.

    The fields are the names that style sheets use: ``brand_deep`` is ``var(--brand-deep)``.
    """

    brand: str
    """The brand's colour, as it is or just readable: of headers and buttons."""
    on_brand: str
    """The text on it."""
    brand_deep: str
    """The same a little deeper: of a button under the pointer."""
    brand_text: str
    """The same as text on the tint: of links."""
    brand_tint: str
    """A breath of it: behind what is to stand out."""
    brand_line: str
    """A third of it: of borders."""
    accent: str
    """The second colour, for what is urgent."""
    accent_text: str
    """The same as text."""
    night_brand: str
    """The brand's colour in the dark."""
    night_on_brand: str
    """The text on it in the dark."""
    night_text: str
    """The brand's colour as text in the dark."""
    night_tint: str
    """The tint in the dark."""
    night_accent: str
    """The second colour in the dark."""


@lru_cache(maxsize=64)
def look(brand: str, accent: str) -> Look:
    """Make all colours of a brand out of its two, each readable where it is used."""
    on_brand = text_on(brand)
    # A middling colour: neither white nor ink reads well on it.
    if contrast(on_brand, brand) < READABLE:
        brand = readable_on(brand, on_brand)
    tint = mix(brand, WHITE, 0.93)
    brand_deep = mix(brand, WHITE, 0.25)
    if on_brand == WHITE:
        brand_deep = mix(brand, BLACK, 0.18)
    night_brand = _night_brand(brand)
    # By night the tint is dark, so what stands on it is lightened instead.
    night_tint = mix(NIGHT, brand, 0.25)
    lighter = readable_on(mix(brand, WHITE, 0.3), night_tint)
    return Look(
        brand=brand,
        on_brand=on_brand,
        brand_deep=brand_deep,
        brand_text=readable_on(brand, tint),
        brand_tint=tint,
        brand_line=mix(brand, WHITE, 0.72),
        accent=accent,
        accent_text=readable_on(accent, mix(accent, WHITE, 0.92)),
        night_brand=night_brand,
        night_on_brand=text_on(night_brand),
        night_text=readable_on(lighter, NIGHT),
        night_tint=night_tint,
        night_accent=readable_on(accent, NIGHT),
    )


def _night_brand(brand: str) -> str:
    """Lighten the brand's colour until it stands out in the dark and its text can be read."""
    if contrast(brand, NIGHT) < READABLE_SHAPE:
        brand = mix(brand, WHITE, 0.35)
    on_brand = text_on(brand)
    if contrast(on_brand, brand) < READABLE:
        return readable_on(brand, on_brand)
    return brand

"""What all pages share: brand, style, scripts, and the headers that keep strangers' code out."""

import base64
import hashlib
import re
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from routing_core.domain.programme.programme import Brand, Programme
from routing_core.present.catalog import Catalog
from routing_core.present.colour import Look, look
from routing_core.present.engine import page_template, static
from routing_core.present.locale_context import LocaleContext

NEUTRAL = Brand(name="")
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_DATA_IMAGE = re.compile(r"data:image/(svg\+xml|png|jpeg|webp|gif)[;,][^\s\"'<>]*")


@lru_cache(maxsize=1)
def _css() -> str:
    return re.sub(
        r"\s+", " ", re.sub(r"/\*.*?\*/", "", static("page.css"), flags=re.DOTALL)
    ).strip()


@lru_cache(maxsize=64)
def _style(colours: Look) -> Markup:
    day = (f"--brand:{colours.brand};--on-brand:{colours.on_brand};--brand-deep:{colours.brand_deep};"
           f"--brand-text:{colours.brand_text};--brand-tint:{colours.brand_tint};--brand-line:{colours.brand_line};"
           f"--accent:{colours.accent};--accent-text:{colours.accent_text}")  # fmt: skip
    night = (f"--brand:{colours.night_brand};--on-brand:{colours.night_on_brand};--brand-deep:{colours.night_brand};"
             f"--brand-text:{colours.night_text};--brand-tint:{colours.night_tint};--brand-line:{colours.night_tint};"
             f"--accent:{colours.night_accent};--accent-text:{colours.night_accent}")  # fmt: skip
    return Markup(f":root{{{day}}}@media(prefers-color-scheme:dark){{:root{{{night}}}}}{_css()}")  # noqa: S704 - our own


@lru_cache(maxsize=8)
def script(name: str) -> Markup:
    return Markup(static(name).strip())  # noqa: S704 - our own file


def _icon(colours: Look, name: str) -> str:
    letter = next((c for c in name.upper() if c.isascii() and c.isalnum()), "•")
    svg = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" '
           f'fill="{colours.brand}"/><text x="16" y="22.5" font-family="sans-serif" font-size="19" font-weight="700" '
           f'text-anchor="middle" fill="{colours.on_brand}">{letter}</text></svg>')  # fmt: skip
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def render(
    name: str,
    reader: LocaleContext | None,
    programme: Programme | None,
    t: Catalog,
    title: str,
    scripts: tuple[str, ...] = (),
    **fill: Any,
) -> str:
    """A page of ``templates/<name>`` inside the frame. ``scripts`` are files of ``static/``."""
    brand = programme.brand if programme else NEUTRAL
    colours = look(brand.colour, brand.accent)
    return page_template(name).render(
        t=t,
        reader=reader,
        programme=programme,
        brand=brand,
        logo=brand.logo if _DATA_IMAGE.fullmatch(brand.logo) else "",
        icon=_icon(colours, brand.name),
        style=_style(colours),
        title=title,
        scripts=[script(each) for each in scripts],
        **fill,
    )


SCRIPTS = ("form.js", "offer.js", "forget.js")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@lru_cache(maxsize=1)
def _script_hashes() -> str:
    return " ".join(_hash(script(name)) for name in SCRIPTS)


@lru_cache(maxsize=64)
def _style_hash(text: str) -> str:
    return _hash(text)


def security_headers(html: str) -> dict[str, str]:
    """Headers for one of our pages: only our own inline style and scripts run, nothing is fetched
    or framed or kept.

    The style is read from the page's head, where nothing a stranger typed stands before it; scripts
    count by their files' hashes only.
    """
    style = _STYLE.search(html, 0, 20_000)
    policy = (
        "default-src 'none'; img-src data:; connect-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; "
        f"script-src {_script_hashes()}; style-src {_style_hash(style[1]) if style else _NOTHING}"
    )
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "X-Robots-Tag": "noindex, nofollow",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }


_NOTHING = "'none'"

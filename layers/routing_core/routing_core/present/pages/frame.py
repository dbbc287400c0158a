"""The frame of all pages: brand, style, scripts, and headers that keep strangers' code out."""

import base64
import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from routing_core.domain.errors import Problem
from routing_core.domain.programme.headquarters import Brand
from routing_core.domain.programme.programme import Programme
from routing_core.present.catalog import Catalog
from routing_core.present.colour import Look, look
from routing_core.present.engine import page_template, static
from routing_core.present.locale_context import LocaleContext

NEUTRAL = Brand(name="")
"""The brand of a page that is shown before there is any programme."""
PAGE_SCRIPTS = (
    "send.js",
    "form.js",
    "offer.js",
    "forget.js",
    "partner.js",
    "go_on.js",
    "file_size.js",
)
"""Files of ``static/`` that may run on our pages; the policy of every page knows them all."""
HEAD_SIZE = 80_000
"""Letters of a page in which its style stands."""
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_REFERRER = re.compile(r'<meta name="referrer" content="([a-z-]+)">')
_DATA_IMAGE = re.compile(r"data:image/(svg\+xml|png|jpeg|webp|gif)[;,][^\s\"'<>]*")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True, slots=True)
class PageFrame:
    """What the frame around a page needs to know of it."""

    template: str
    """The file of ``templates/`` that draws it."""
    title: str
    """The title, for the browser's tab."""
    catalog: Catalog
    """The words that it is written in."""
    programme: Programme | None
    """The programme whose brand it bears; None while there is none."""
    locale: LocaleContext | None = None
    """The locale for instants that a template writes itself; not needed where none does."""
    scripts: tuple[str, ...] = ()
    """Files of ``static/`` that run on it."""
    sheets: tuple[str, ...] = ()
    """Style sheets of ``static/`` that it has besides the shared one."""


def page_in(
    locale: LocaleContext,
    programme: Programme,
    template: str,
    title: str,
    scripts: tuple[str, ...] = (),
) -> PageFrame:
    """Make the frame of a page for one reader."""
    return PageFrame(template, title, locale.catalog, programme, locale, scripts)


def title_with_problems(title: str, problems: Collection[Problem], locale: LocaleContext) -> str:
    """Put before the title that something is wrong, if so: screen readers read the title first."""
    if not problems:
        return title
    return f"{locale.translate('form.error_prefix')} {title}"


def known_notice(notice: str, notices: Collection[str]) -> str:
    """Give the notice that a page tells; empty for none, or one that somebody made up.

    It comes from the page's address, which anybody can write.
    """
    return notice if notice in notices else ""


def render(page: PageFrame, **fill: Any) -> str:
    """Draw a page: its template filled in, inside the frame."""
    brand = page.programme.brand if page.programme else NEUTRAL
    colours = look(brand.colour, brand.accent)
    # Only pictures that came with the programme: a page fetches nothing from anywhere.
    has_own_logo = _DATA_IMAGE.fullmatch(brand.logo)
    return page_template(page.template).render(
        t=page.catalog.translate,
        language=page.catalog.language,
        locale=page.locale,
        programme=page.programme,
        brand=brand,
        logo=brand.logo if has_own_logo else "",
        icon=_icon(colours, brand.name),
        style=_style(colours, page.sheets),
        title=page.title,
        scripts=[script(each) for each in page.scripts],
        **fill,
    )


@lru_cache(maxsize=8)
def _css(sheet: str) -> str:
    without_comments = _COMMENT.sub("", static(sheet))
    return re.sub(r"\s+", " ", without_comments).strip()


@lru_cache(maxsize=64)
def _style(colours: Look, sheets: tuple[str, ...]) -> Markup:
    """Write the style sheet of a brand: its colours by day and by night, then the rules."""
    day = _variables(
        {
            "brand": colours.brand,
            "on-brand": colours.on_brand,
            "brand-deep": colours.brand_deep,
            "brand-text": colours.brand_text,
            "brand-tint": colours.brand_tint,
            "brand-line": colours.brand_line,
            "accent": colours.accent,
            "accent-text": colours.accent_text,
        }
    )
    night = _variables(
        {
            "brand": colours.night_brand,
            "on-brand": colours.night_on_brand,
            "brand-deep": colours.night_brand,
            "brand-text": colours.night_text,
            "brand-tint": colours.night_tint,
            "brand-line": colours.night_tint,
            "accent": colours.night_accent,
            "accent-text": colours.night_accent,
        }
    )
    by_night = f"@media(prefers-color-scheme:dark){{:root{{{night}}}}}"
    rules = " ".join(_css(sheet) for sheet in ("page.css", *sheets))
    return Markup(f":root{{{day}}}{by_night}{rules}")  # nosec B704 # noqa: S704 - our own


def _variables(colours: dict[str, str]) -> str:
    return ";".join(f"--{name}:{colour}" for name, colour in colours.items())


@lru_cache(maxsize=8)
def script(name: str) -> Markup:
    """Read a script of ours, to stand in a page as it is."""
    return Markup(static(name).strip())  # nosec B704 # noqa: S704 - our own file


def _icon(colours: Look, name: str) -> str:
    """Draw the icon of the browser's tab: the brand's first letter on its colour."""
    letter = "•"
    for each in name.upper():
        # Letters beyond ASCII may have no glyph in the fonts that draw icons.
        if each.isascii() and each.isalnum():
            letter = each
            break
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
        f'<rect width="32" height="32" rx="8" fill="{colours.brand}"/>'
        '<text x="16" y="22.5" font-family="sans-serif" font-size="19" font-weight="700" '
        f'text-anchor="middle" fill="{colours.on_brand}">{letter}</text></svg>'
    )
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


@lru_cache(maxsize=1)
def _script_hashes() -> str:
    return " ".join(_hash(script(name)) for name in PAGE_SCRIPTS)


@lru_cache(maxsize=64)
def _style_hash(text: str) -> str:
    return _hash(text)


def security_headers(html: str) -> dict[str, str]:
    """Make the headers of one of our pages.

    Only our own inline style and scripts run, nothing is fetched or framed or kept. The style and
    the policy of referrers are read from the page's head, where nothing a stranger typed stands
    before them; scripts count by their files' hashes only.
    """
    style = _STYLE.search(html, 0, HEAD_SIZE)
    referrer = _REFERRER.search(html, 0, HEAD_SIZE)
    style_source = _style_hash(style[1]) if style else "'none'"
    policy = (
        "default-src 'none'; img-src data:; connect-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; "
        f"script-src {_script_hashes()}; style-src {style_source}"
    )
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": policy,
        "Referrer-Policy": referrer[1] if referrer else "no-referrer",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "X-Robots-Tag": "noindex, nofollow",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }

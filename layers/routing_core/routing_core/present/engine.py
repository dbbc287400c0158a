"""Jinja, set up once for pages and mails.

HTML is escaped, and no hidden character survives in anything that is filled in.
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from jinja2.environment import Template

from routing_core.present.colour import Look
from routing_core.present.safe import quote_lines, shown_address, tel, visible

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
STATIC_FILES = HERE / "static"


@lru_cache(maxsize=16)
def static(name: str) -> str:
    """Read a file of ``static/`` once."""
    return (STATIC_FILES / name).read_text("utf-8")


def _without_hidden(value: Any) -> Any:
    # Markup is a string too, but ours: it was made of values that came through here.
    return visible(value) if type(value) is str else value


def _environment(**more: Any) -> Environment:
    """Set up Jinja with what pages and mails have in common."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(
            ("html",), disabled_extensions=("txt",), default_for_string=True
        ),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        **more,
    )


@lru_cache(maxsize=1)
def _pages() -> Environment:
    env = _environment(finalize=_without_hidden)
    env.filters["tel"] = tel
    env.filters["address"] = shown_address
    return env


@lru_cache(maxsize=64)
def page_template(name: str) -> Template:
    """Read a page's template, compiled once."""
    return _pages().get_template(name)


@lru_cache(maxsize=8)
def mail_templates(colours: Look) -> tuple[Template, Template]:
    """Read the mails' templates, HTML and plain text, with the brand's colours built in.

    What a mail's body says has no hidden characters already.

    Mail clients drop style sheets: the template has its style beside each element already. It is
    made of what stands in ``infra/mail_template`` (``make mail-template``).
    """
    source = _coloured((TEMPLATES / "mail.html").read_text("utf-8"), colours)
    html = _environment(block_start_string="<!--%", block_end_string="%-->")
    plain = _environment()
    plain.filters["quoted"] = quote_lines
    return html.from_string(source), plain.get_template("mail.txt")


def _coloured(text: str, colours: Look) -> str:
    """Write the brand's colour for each ``var(--name)``: mail clients know no variables."""

    def colour(found: re.Match[str]) -> str:
        return str(getattr(colours, found[1]))

    return re.sub(r"var\(--([\w-]+)\)", colour, text)

"""Jinja, set up once: HTML is escaped, and no hidden character survives in anything that is filled in."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from jinja2.environment import Template
from jinja2.ext import Extension

from .colour import Look
from .safe import quoted, tel, visible

HERE = Path(__file__).parent
STATIC = HERE / "static"
_RULE = re.compile(r"^\.([\w-]+)\s*\{([^}]*)\}\s*$", re.MULTILINE)
_CLASS = re.compile(r'class="([\w -]+)"')


@lru_cache(maxsize=16)
def static(name: str) -> str:
    return (STATIC / name).read_text("utf-8")


def _filled(value: Any) -> Any:
    return visible(value) if type(value) is str else value


def _environment(**more: Any) -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(("html",), disabled_extensions=("txt",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        **more,
    )


@lru_cache(maxsize=1)
def _pages() -> Environment:
    env = _environment(finalize=_filled)
    env.filters["tel"] = tel
    return env


@lru_cache(maxsize=64)
def page_template(name: str) -> Template:
    return _pages().get_template(name)


@lru_cache(maxsize=8)
def mail_templates(colours: Look) -> tuple[Template, Template]:
    """HTML and plain text, the brand's colours built in. What a letter says has no hidden characters already."""
    env = _environment(extensions=[InlineStyles])
    env.filters["quoted"] = quoted
    env.extend(colours=colours)
    return env.get_template("mail.html"), env.get_template("mail.txt")


class InlineStyles(Extension):
    """Mail clients drop style sheets: each class in the mail gets its rules of ``mail.css`` beside it.

    It happens once, in the source, before Jinja compiles it. ``var(--x)`` becomes the brand's colour.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        if name != "mail.html":
            return source
        rules = mail_rules(self.environment.colours)  # type: ignore[attr-defined]

        def styled(found: re.Match[str]) -> str:
            style = "".join(rules.get(each, "") for each in found[1].split())
            return f'{found[0]} style="{style}"' if style else found[0]

        return _coloured(_CLASS.sub(styled, source), self.environment.colours)  # type: ignore[attr-defined]


def mail_rules(colours: Look) -> dict[str, str]:
    """Class → its rules on one line."""
    found = _RULE.findall(static("mail.css"))
    return {name: _coloured(re.sub(r"\s*;\s*", ";", body).strip(), colours) for name, body in found}


def _coloured(text: str, colours: Look) -> str:
    return re.sub(r"var\(--([\w-]+)\)", lambda found: getattr(colours, found[1]), text)

"""Jinja, set up once: HTML is escaped, and no hidden character survives in anything that is filled in."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.environment import Template
from jinja2.ext import Extension

from .safe import quoted, visible

HERE = Path(__file__).parent
STATIC = HERE / "static"
_RULE = re.compile(r"^\.([\w-]+)\s*\{([^}]*)\}\s*$", re.MULTILINE)
_CLASS = re.compile(r'class="([\w -]+)"')


@lru_cache(maxsize=16)
def static(name: str) -> str:
    return (STATIC / name).read_text("utf-8")


def _filled(value: Any) -> Any:
    return visible(value) if type(value) is str else value


class InlineStyles(Extension):
    """Mail clients drop style sheets: each class in a mail template gets its rules of ``mail.css`` beside it.

    It happens once, in the source, before Jinja compiles it. ``var(--x)`` becomes the brand's colour.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return _CLASS.sub(self._styled, source) if name == "mail.html" else source

    def _styled(self, found: re.Match[str]) -> str:
        rules = _mail_rules()
        style = "".join(rules.get(one, "") for one in found[1].split())
        return f'{found[0]} style="{style}"' if style else found[0]


@lru_cache(maxsize=1)
def _mail_rules() -> dict[str, str]:
    rules = {}
    for name, body in _RULE.findall(static("mail.css")):
        parts = (part.strip() for part in body.split(";") if part.strip())
        css = "".join(f"{part};" for part in parts)
        rules[name] = re.sub(r"var\(--([\w-]+)\)", r"{{ look.\1 }}", css)
    return rules


@lru_cache(maxsize=1)
def environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=lambda name: name is not None and name.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        finalize=_filled,
        extensions=[InlineStyles],
    )
    env.filters["quoted"] = quoted
    return env


@lru_cache(maxsize=64)
def template(name: str) -> Template:
    return environment().get_template(name)

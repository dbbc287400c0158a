"""Writes the mails' template anew, with the style sheet beside each element it concerns.

    make mail-template

Mail clients drop style sheets. What is written by hand are ``mail.html`` and ``mail.css`` of this
folder. The product has the result alone, for what makes it is as large as Lambda's whole SDK and
would wait in every cold start.
"""

from pathlib import Path

from css_inline import CSSInliner

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FILE = ROOT / "layers/routing_core/routing_core/present/templates/mail.html"
"""The template that the product renders."""


def inlined_template() -> str:
    """Give the template as the product gets it.

    Its statements are written as HTML comments, which stay where they are, and the style sheet
    within it too: that only turns the mail dark. Colours are still ``var(--name)``.
    """
    inliner = CSSInliner(
        extra_css=(HERE / "mail.css").read_text("utf-8"),
        inline_style_tags=False,
        keep_style_tags=True,
        load_remote_stylesheets=False,
    )
    return str(inliner.inline((HERE / "mail.html").read_text("utf-8")))


def main() -> None:
    """Write the file."""
    FILE.write_text(inlined_template(), "utf-8")


if __name__ == "__main__":
    main()

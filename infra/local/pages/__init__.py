"""The pages around the application: start, mailbox, one mail, a page that embeds the form.
Templates lie beside.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import quote
from zoneinfo import ZoneInfo

from infra.local.mailbox import Mail, Mailbox

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Page:
    body: bytes
    type: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sight:
    """What the pages know of what runs. ``forms``: id and title of each; ``zone``: the programme's
    time zone.
    """

    forms: tuple[tuple[str, str], ...]
    language: str
    zone: ZoneInfo
    key_command: str


def _to(reader: str, mails: list[Mail]) -> list[Mail]:
    return [mail for mail in mails if mail.reader == reader]


def _first_of_each(mails: list[Mail]) -> list[Mail]:
    """Of each customer the mail that answered the enquiry: the first that came to the address."""
    firsts = {
        tuple(mail.to): mail for mail in _to("customer", mails)
    }  # the newest come first, so the oldest stays
    return [mail for mail in mails if firsts.get(tuple(mail.to)) is mail]


def _later(mails: list[Mail]) -> list[Mail]:
    firsts = _first_of_each(mails)
    return [mail for mail in _to("customer", mails) if mail not in firsts]


def _to_answer(mails: list[Mail]) -> list[Mail]:
    accepted = _accepted(mails)
    return [mail for mail in _to("partner", mails) if mail not in accepted]


def _accepted(mails: list[Mail]) -> list[Mail]:
    """With the deadline of the call as a file: the mail that a partner gets who has accepted."""
    return [mail for mail in _to("partner", mails) if _has_a_deadline(mail)]


def _has_a_deadline(mail: Mail) -> bool:
    return any(file.name.endswith("ics") for file in mail.attachments)


STORY: tuple[tuple[str, str, Callable[[list[Mail]], list[Mail]]], ...] = (
    ("A customer asks", "Fill in the form as a customer would.", _first_of_each),
    (
        "A partner is asked",
        "The email has a link and a deadline, but does not say who the customer is.",
        _to_answer,
    ),
    (
        "The partner answers",
        "Open that email and press its button. Then accept, or decline with a reason.",
        _accepted,
    ),
    (
        "The customer hears",
        "Who will call and by when, with a page of their own to check.",
        _later,
    ),
    (
        "HQ hears what it must",
        "A confirmation when a partner has accepted; an alert when there is nobody left to ask.",
        partial(_to, "HQ"),
    ),
)
"""Each step: its name, what to do or see, and which of the mails belong to it."""


def home_page(sight: Sight, mailbox: Mailbox) -> Page:
    mails = mailbox.mails()
    newest = f"{len(mails)} so far, by person." if mails else "Every email that is sent."
    forms = [
        _card(f"/f/{form}", title, "As a customer sees it.", "Form") for form, title in sight.forms
    ]
    queue = _queue(mails)
    if queue:
        forms.append(
            _card(queue, "HQ's queue", "Enquiries waiting for HQ, with what has been tried.", "HQ")
        )
    filled = _fill(
        "home.html",
        title="Partner Relay is running on this machine",
        lead="The real template, handlers, tables and timers. "
        f"In the sample, partners have a minute or two to answer; times are in {_zone_name(sight.zone)}.",
        steps="".join(_step(number, sight, mails) for number in range(len(STORY))),
        forms="".join(forms),
        count=newest,
        key_command=escape(sight.key_command),
        watch=_watch(mailbox),
    )
    return _page("Partner Relay", filled)


def starting_page() -> Page:
    page = _page("Starting", _fill("starting.html"))
    return Page(page.body, page.type, {"Refresh": "2; url=/"})


def elsewhere_page(sight: Sight) -> Page:
    """A page of somebody else's that embeds the first form."""
    form = sight.forms[0][0]
    return Page(
        _fill("elsewhere.html", form=escape(form), language=escape(sight.language)).encode()
    )


def mailbox_page(sight: Sight, mailbox: Mailbox, person: str) -> Page:
    """``person``: an address, to show only what it got; empty for all."""
    mails = mailbox.mails()
    counted = Counter(address for mail in mails for address in mail.to)
    readers = {address: mail.reader for mail in reversed(mails) for address in mail.to}
    people = [_person("", f"Everybody {len(mails)}", person)]
    people += [
        _person(address, f"{address} {count}", person, readers[address])
        for address, count in counted.most_common()
    ]
    shown = [mail for mail in mails if not person or person in mail.to]
    lead = (
        f"What {person} received, newest first."
        if person
        else "What partners, customers and HQ received, newest first."
    )
    filled = _fill(
        "mailbox.html",
        count=str(len(shown)),
        lead=escape(lead),
        zone=_zone_name(sight.zone),
        people="".join(people),
        rows=_rows(shown, sight.zone),
        watch=_watch(mailbox),
    )
    return _page("Mailbox", filled)


def _step(number: int, sight: Sight, mails: list[Mail]) -> str:
    name, what, of_the_step = STORY[number]
    mail = next(iter(of_the_step(mails)), None)
    happened = (
        f'<p class="now">{_newest(mail, sight.zone)}</p>'
        if mail
        else '<p class="now">Nothing yet.</p>'
    )
    links = [f'<a href="/f/{escape(form)}">{escape(title)}</a>' for form, title in sight.forms]
    links.append('<a href="/elsewhere">The form in somebody else\'s page</a>')
    ways = f'<p class="ways">{" · ".join(links)}</p>' if number == 0 else ""
    return f"<li><h3>{escape(name)}</h3><p>{escape(what)}</p>{ways}{happened}</li>"


def _newest(mail: Mail, zone: ZoneInfo) -> str:
    to = escape(", ".join(mail.to))
    return (
        f'{_clock(mail.at, zone)} · {to}: <a href="/mailbox/{mail.id}">{escape(mail.subject)}</a>'
    )


def _queue(mails: list[Mail]) -> str:
    """The whole queue, behind the newest link to it or to one lead of it; empty if HQ has had no
    mail.
    """
    for mail in mails:
        for link in mail.links:
            if found := re.match(r"https?://[^/]+/q/[^/?#]+", link):
                return found.group()
    return ""


def _person(address: str, label: str, chosen: str, reader: str = "") -> str:
    here = ' aria-current="page"' if address == chosen else ""
    place = f"/mailbox?to={quote(address)}" if address else "/mailbox"
    what = f"<small>{escape(reader)}</small> " if reader else ""
    return f'<a class="chip" href="{place}"{here}>{what}{escape(label)}</a>'


def _watch(mailbox: Mailbox) -> str:
    return _fill("watch.js", latest=mailbox.latest())


def mail_page(sight: Sight, mail: Mail) -> Page:
    files = "".join(
        f'<a class="chip" href="/mailbox/{mail.id}/attachments/{n}">{escape(a.name)}</a>'
        for n, a in enumerate(mail.attachments)
    )
    return _page(
        mail.subject,
        _fill(
            "mail.html",
            id=mail.id,
            subject=escape(mail.subject),
            sender=escape(mail.sender),
            to=escape(", ".join(mail.to)),
            at=f"{_clock(mail.at, sight.zone)} ({_zone_name(sight.zone)})",
            files=files and f'<p class="files">{files}</p>',
            text=_linked(mail.text),
        ),
    )


def mail_html(mail: Mail) -> Page:
    """The mail alone, for a frame that runs no script; its links open outside the frame."""
    body = mail.html or f"<pre>{_linked(mail.text)}</pre>"
    policy = (
        "default-src 'none'; img-src data: https: http:; style-src 'unsafe-inline'; font-src data:"
    )
    return Page(
        b'<base target="_top">' + body.encode()
        if "<head" not in body
        else _with_base(body).encode(),
        headers={"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer"},
    )


def _with_base(html: str) -> str:
    start = html.index(">", html.index("<head")) + 1
    return html[:start] + '<base target="_top">' + html[start:]


def _page(title: str, main: str) -> Page:
    style = (_HERE / "style.css").read_text()
    return Page(_fill("page.html", title=escape(title), style=style, main=main).encode())


def _fill(name: str, **values: str) -> str:
    return Template((_HERE / name).read_text()).substitute(values)


def _rows(mails: list[Mail], zone: ZoneInfo) -> str:
    if not mails:
        return '<li class="empty">No emails yet. Send an enquiry and watch them arrive.</li>'
    return "".join(
        f'<li><a href="/mailbox/{m.id}"><span class="to">{escape(", ".join(m.to))}</span>'
        f'<time datetime="{m.at.isoformat()}">{_clock(m.at, zone)}</time>'
        f'<span class="subject">{escape(m.subject)}</span></a></li>'
        for m in mails
    )


def _card(href: str, title: str, text: str, kind: str) -> str:
    return (
        f'<a class="card" href="{escape(href)}"><small>{escape(kind)}</small>'
        f"<strong>{escape(title)}</strong><span>{escape(text)}</span></a>"
    )


def _linked(text: str) -> str:
    """Makes a link of every word that is an address; spaces and line ends stay as they are."""
    return re.sub(r"[^ \n]+", _link_or_word, text)


def _link_or_word(found: re.Match[str]) -> str:
    word = escape(found[0])
    if found[0].startswith(("http://", "https://")):
        return f'<a href="{word}">{word}</a>'
    return word


def _clock(at: datetime, zone: ZoneInfo) -> str:
    """The same clock as in the mails and in the terminal, not that of the machine."""
    return at.astimezone(zone).strftime("%H:%M:%S")


def _zone_name(zone: ZoneInfo) -> str:
    return zone.key.replace("_", " ")

"""Draws the pages around the application: start, mailbox, one mail, a page with the form.

The templates lie beside.
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
    """A page, or a part of one, as it is sent."""

    body: bytes
    """The bytes that follow the headers."""
    type: str = "text/html; charset=utf-8"
    """The media type."""
    headers: dict[str, str] = field(default_factory=dict)
    """Headers beside that of the media type."""


@dataclass(frozen=True)
class Sight:
    """The programme that runs, as far as the pages show it."""

    forms: tuple[tuple[str, str], ...]
    """The id and the title of each form."""
    language: str
    """The programme's first language, such as ``de``."""
    zone: ZoneInfo
    """The programme's time zone, whose clock the pages show."""
    key_command: str
    """The command that a person types to get a key for the API."""
    hq_address: str = ""
    """The address of somebody at HQ who may do everything; empty before there is a programme."""


@dataclass(frozen=True)
class StoryStep:
    """A step of the story that the start page tells, with the mails that show it."""

    name: str
    """Says in a few words what happens."""
    advice: str
    """Says what to do, or what to look for."""
    mails_of: Callable[[list[Mail]], list[Mail]]
    """Gives the mails that belong to the step, newest first, out of all mails."""


def _for_reader(reader: str, mails: list[Mail]) -> list[Mail]:
    """Give the mails for "partner", "customer" or "HQ"."""
    return [mail for mail in mails if mail.reader == reader]


def _receipts(mails: list[Mail]) -> list[Mail]:
    """Give the mail of each customer that answered the enquiry: the first to the address."""
    first_mail: dict[tuple[str, ...], Mail] = {}
    for mail in _for_reader("customer", mails):
        first_mail[tuple(mail.to)] = mail  # the newest come first, so the oldest stays
    return [mail for mail in mails if first_mail.get(tuple(mail.to)) is mail]


def _later_news(mails: list[Mail]) -> list[Mail]:
    """Give the mails to customers but for those that answered the enquiry."""
    receipts = _receipts(mails)
    return [mail for mail in _for_reader("customer", mails) if mail not in receipts]


def _offers(mails: list[Mail]) -> list[Mail]:
    """Give the mails to partners that ask for an answer."""
    return [mail for mail in _for_reader("partner", mails) if not _has_a_deadline(mail)]


def _acceptances(mails: list[Mail]) -> list[Mail]:
    """Give the mails to partners who have accepted: only those have the deadline of the call."""
    return [mail for mail in _for_reader("partner", mails) if _has_a_deadline(mail)]


def _has_a_deadline(mail: Mail) -> bool:
    """Tell whether a calendar entry came with a mail."""
    return any(file.name.endswith("ics") for file in mail.attachments)


STORY = (
    StoryStep("A customer asks", "Fill in the form as a customer would.", _receipts),
    StoryStep(
        "A partner is asked",
        "The email has a link and a deadline, but does not say who the customer is.",
        _offers,
    ),
    StoryStep(
        "The partner answers",
        "Open that email and press its button. Then accept, or decline with a reason.",
        _acceptances,
    ),
    StoryStep(
        "The customer hears",
        "Who will call and by when, with a page of their own to check.",
        _later_news,
    ),
    StoryStep(
        "HQ hears what it must",
        "A confirmation when a partner has accepted; an alert when there is nobody left to ask.",
        partial(_for_reader, "HQ"),
    ),
)
"""The story of an enquiry, in its order."""


# ── the start page ────────────────────────────────────────────────────────────────────────────────


def home_page(sight: Sight, mailbox: Mailbox) -> Page:
    """Draw the start page: the story so far, the forms, HQ's desk and queue, and the mailbox."""
    mails = mailbox.mails()
    cards = [
        _card(f"/f/{form}", title, "As a customer sees it.", "Form") for form, title in sight.forms
    ]
    if sight.hq_address:
        how = f"Ask for a link as {sight.hq_address}: it comes to the mailbox here."
        cards.append(_card("/hq", "HQ desk", how, "HQ"))
    queue = _queue_link(mails)
    if queue:
        what = "Enquiries waiting for HQ, with what has been tried."
        cards.append(_card(queue, "HQ's queue", what, "HQ"))
    steps = [_step(step, sight, mails) for step in STORY]
    filled = _fill(
        "home.html",
        title="Partner Relay is running on this machine",
        lead="The real template, handlers, tables and timers. "
        f"In the sample, partners have a minute or two to answer; times are in {_zone_name(sight.zone)}.",
        steps="".join(steps),
        forms="".join(cards),
        count=f"{len(mails)} so far, by person." if mails else "Every email that is sent.",
        key_command=escape(sight.key_command),
        watch=_watch(mailbox),
    )
    return _page("Partner Relay", filled)


def starting_page() -> Page:
    """Draw the page that says that the application starts, and that looks again by itself."""
    page = _page("Starting", _fill("starting.html"))
    return Page(page.body, page.type, {"Refresh": "2; url=/"})


def elsewhere_page(sight: Sight) -> Page:
    """Draw a page of somebody else's that embeds the first form."""
    form, _ = sight.forms[0]
    filled = _fill("elsewhere.html", form=escape(form), language=escape(sight.language))
    return Page(filled.encode())


def _step(step: StoryStep, sight: Sight, mails: list[Mail]) -> str:
    """Draw a step of the story with its newest mail; the first with the ways into it."""
    newest = next(iter(step.mails_of(mails)), None)
    happened = _newest(newest, sight.zone) if newest else "Nothing yet."
    ways = _ways_in(sight) if step is STORY[0] else ""
    text = f"<h3>{escape(step.name)}</h3><p>{escape(step.advice)}</p>"
    return f'<li>{text}{ways}<p class="now">{happened}</p></li>'


def _ways_in(sight: Sight) -> str:
    """Draw a link to each form, and to one in somebody else's page."""
    links = [f'<a href="/f/{escape(form)}">{escape(title)}</a>' for form, title in sight.forms]
    links.append('<a href="/elsewhere">The form in somebody else\'s page</a>')
    return f'<p class="ways">{" · ".join(links)}</p>'


def _newest(mail: Mail, zone: ZoneInfo) -> str:
    """Draw when a mail was sent, to whom, and a link to it."""
    to = escape(", ".join(mail.to))
    link = f'<a href="/mailbox/{mail.id}">{escape(mail.subject)}</a>'
    return f"{_clock(mail.at, zone)} · {to}: {link}"


def _queue_link(mails: list[Mail]) -> str:
    """Find the address of the whole queue in the newest mail to HQ; empty if there was none.

    A mail about one lead has a link to it, which begins with that of the queue.
    """
    for mail in mails:
        for link in mail.links:
            queue = _LINK_TO_QUEUE.match(link)
            if queue:
                return queue[0]
    return ""


_LINK_TO_QUEUE = re.compile(r"https?://[^/]+/q/[^/?#]+")


def _card(href: str, title: str, text: str, kind: str) -> str:
    """Draw a link as a card, with what is behind it."""
    return (
        f'<a class="card" href="{escape(href)}"><small>{escape(kind)}</small>'
        f"<strong>{escape(title)}</strong><span>{escape(text)}</span></a>"
    )


# ── the mailbox ───────────────────────────────────────────────────────────────────────────────────


def mailbox_page(sight: Sight, mailbox: Mailbox, person: str) -> Page:
    """Draw the list of mails; ``person``: an address, to show only what it got; empty for all."""
    mails = mailbox.mails()
    shown = [mail for mail in mails if not person or person in mail.to]
    lead = "What partners, customers and HQ received, newest first."
    if person:
        lead = f"What {person} received, newest first."
    filled = _fill(
        "mailbox.html",
        count=str(len(shown)),
        lead=escape(lead),
        zone=_zone_name(sight.zone),
        people=_people(mails, person),
        rows=_rows(shown, sight.zone),
        watch=_watch(mailbox),
    )
    return _page("Mailbox", filled)


def _people(mails: list[Mail], chosen: str) -> str:
    """Draw a link for everybody who got mail, with how many; who got most comes first."""
    count: Counter[str] = Counter()
    reader: dict[str, str] = {}
    for mail in reversed(mails):  # the newest mail says what a person is now
        for address in mail.to:
            reader[address] = mail.reader
    for mail in mails:
        count.update(mail.to)
    chips = [_chip("/mailbox", f"Everybody {len(mails)}", is_here=not chosen)]
    for address, number in count.most_common():
        label = f"{address} {number}"
        place = f"/mailbox?to={quote(address)}"
        chips.append(_chip(place, label, reader[address], is_here=address == chosen))
    return "".join(chips)


def _chip(place: str, label: str, kind: str = "", *, is_here: bool) -> str:
    """Draw a small link; ``is_here``: it leads to the page that it stands on."""
    here = ' aria-current="page"' if is_here else ""
    what = f"<small>{escape(kind)}</small> " if kind else ""
    return f'<a class="chip" href="{place}"{here}>{what}{escape(label)}</a>'


def _rows(mails: list[Mail], zone: ZoneInfo) -> str:
    """Draw a line for each mail."""
    if not mails:
        return '<li class="empty">No emails yet. Send an enquiry and watch them arrive.</li>'
    return "".join(_row(mail, zone) for mail in mails)


def _row(mail: Mail, zone: ZoneInfo) -> str:
    """Draw a line that says to whom a mail was sent, when, and what about."""
    return (
        f'<li><a href="/mailbox/{mail.id}"><span class="to">{escape(", ".join(mail.to))}</span>'
        f'<time datetime="{mail.at.isoformat()}">{_clock(mail.at, zone)}</time>'
        f'<span class="subject">{escape(mail.subject)}</span></a></li>'
    )


def _watch(mailbox: Mailbox) -> str:
    """Draw the script that looks for newer mails than those on the page."""
    return _fill("watch.js", latest=mailbox.latest())


# ── one mail ──────────────────────────────────────────────────────────────────────────────────────


def mail_page(sight: Sight, mail: Mail) -> Page:
    """Draw a mail with its headers, its files, and both of its bodies."""
    filled = _fill(
        "mail.html",
        id=mail.id,
        subject=escape(mail.subject),
        sender=escape(mail.sender),
        to=escape(", ".join(mail.to)),
        at=f"{_clock(mail.at, sight.zone)} ({_zone_name(sight.zone)})",
        files=_files(mail),
        text=_linked(mail.text),
    )
    return _page(mail.subject, filled)


def _files(mail: Mail) -> str:
    """Draw a link to each attachment; nothing if there is none."""
    links = []
    for number, attachment in enumerate(mail.attachments):
        href = f"/mailbox/{mail.id}/attachments/{number}"
        links.append(f'<a class="chip" href="{href}">{escape(attachment.name)}</a>')
    return f'<p class="files">{"".join(links)}</p>' if links else ""


def mail_html(mail: Mail) -> Page:
    """Draw the mail alone, for a frame that runs no script; its links open outside the frame."""
    body = mail.html or f"<pre>{_linked(mail.text)}</pre>"
    policy = (
        "default-src 'none'; img-src data: https: http:; style-src 'unsafe-inline'; font-src data:"
    )
    headers = {"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer"}
    return Page(_with_base(body).encode(), headers=headers)


def _with_base(html: str) -> str:
    """Let the links of a document open outside of the frame that it is shown in."""
    start = 0
    if "<head" in html:
        start = html.index(">", html.index("<head")) + 1
    return f'{html[:start]}<base target="_top">{html[start:]}'


def _linked(text: str) -> str:
    """Make a link of every word that is an address; spaces and line ends stay as they are."""
    return re.sub(r"[^ \n]+", _link_or_word, text)


def _link_or_word(found: re.Match[str]) -> str:
    """Draw a word, as a link if it is an address."""
    word = escape(found[0])
    if found[0].startswith(("http://", "https://")):
        return f'<a href="{word}">{word}</a>'
    return word


# ── what all pages have ───────────────────────────────────────────────────────────────────────────


def _page(title: str, main: str) -> Page:
    """Draw a whole page around its main part."""
    style = (_HERE / "style.css").read_text()
    return Page(_fill("page.html", title=escape(title), style=style, main=main).encode())


def _fill(name: str, **values: str) -> str:
    """Fill a template that lies beside; values are HTML."""
    return Template((_HERE / name).read_text()).substitute(values)


def _clock(at: datetime, zone: ZoneInfo) -> str:
    """Write a time by the clock of the mails and the terminal, which is not the machine's."""
    return at.astimezone(zone).strftime("%H:%M:%S")


def _zone_name(zone: ZoneInfo) -> str:
    """Write the name of a time zone for a person."""
    return zone.key.replace("_", " ")

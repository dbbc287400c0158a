"""The pages around the application: home, mailbox, one mail. Templates lie beside this file."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from pathlib import Path
from string import Template

from infra.local.mailbox import Mail, Mailbox

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Page:
    body: bytes
    type: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)


def home_page(forms: list[tuple[str, str]], mailbox: Mailbox) -> Page:
    mails = mailbox.mails()
    form_cards = "".join(
        _card(f"/f/{form}", title, "The enquiry form, as a prospect sees it.", "Form") for form, title in forms
    )
    queue = next((link for mail in mails for link in mail.links if "/q/" in link), None)
    queue_card = (
        _card(queue, "HQ queue", "Leads that nobody could take, with what was tried.", "HQ")
        if queue
        else _card("/mailbox", "HQ queue", "Its signed link comes by mail with the first alert or digest.", "HQ")
    )
    return _page(
        "Partner Relay",
        _fill("home.html", forms=form_cards, queue=queue_card, count=str(len(mails)), rows=_rows(mails[:6])),
    )


def mailbox_page(mailbox: Mailbox) -> Page:
    mails = mailbox.mails()
    return _page("Mailbox", _fill("mailbox.html", count=str(len(mails)), rows=_rows(mails)))


def mail_page(mail: Mail) -> Page:
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
            at=_clock(mail.at),
            files=files and f'<p class="files">{files}</p>',
            text=_linked(mail.text),
        ),
    )


def mail_html(mail: Mail) -> Page:
    """The mail alone, for a frame that runs no script; its links open outside the frame."""
    body = mail.html or f"<pre>{_linked(mail.text)}</pre>"
    policy = "default-src 'none'; img-src data: https: http:; style-src 'unsafe-inline'; font-src data:"
    return Page(
        b'<base target="_top">' + body.encode() if "<head" not in body else _with_base(body).encode(),
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


def _rows(mails: list[Mail]) -> str:
    if not mails:
        return '<li class="empty">No mail yet. Send an enquiry and watch it arrive.</li>'
    return "".join(
        f'<li><a href="/mailbox/{m.id}"><span class="to">{escape(", ".join(m.to))}</span>'
        f'<time datetime="{m.at.isoformat()}">{_clock(m.at)}</time>'
        f'<span class="subject">{escape(m.subject)}</span></a></li>'
        for m in mails
    )


def _card(href: str, title: str, text: str, kind: str) -> str:
    return (
        f'<a class="card" href="{escape(href)}"><small>{escape(kind)}</small>'
        f"<strong>{escape(title)}</strong><span>{escape(text)}</span></a>"
    )


def _linked(text: str) -> str:
    words = []
    for word in text.split("\n"):
        words.append(
            " ".join(
                f'<a href="{escape(w)}">{escape(w)}</a>' if w.startswith(("http://", "https://")) else escape(w)
                for w in word.split(" ")
            )
        )
    return "\n".join(words)


def _clock(at: datetime) -> str:
    return at.astimezone().strftime("%H:%M:%S")

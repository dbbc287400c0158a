"""Turn a view into a mail: HTML and plain text, drawn from the same body."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from routing_core.domain.programme.document import LocalizedText
from routing_core.domain.programme.mail_texts import with_placeholders
from routing_core.domain.values.clean import paragraphs
from routing_core.present.colour import look
from routing_core.present.engine import mail_templates
from routing_core.present.locale_context import LocaleContext
from routing_core.present.mails.bodies.body import MailBody
from routing_core.present.mails.bodies.hq import HQ_BODIES
from routing_core.present.mails.bodies.partner import PARTNER_BODIES
from routing_core.present.mails.bodies.prospect import PROSPECT_BODIES
from routing_core.present.safe import line
from routing_core.service.kernel.mail_ports import COLLEAGUE, LEAD_TITLE, Attachment, Mail
from routing_core.service.kernel.views import MailView

WriteBody = Callable[[MailBody], None]
EMBEDDED_LOGOS = {"data:image/png": "png", "data:image/jpeg": "jpeg"}
LONGEST_SUBJECT = 200
LONGEST_SENDER_NAME = 100
LONGEST_PARAGRAPH = 2_000


def _bodies() -> dict[str, tuple[str, WriteBody]]:
    """Give the audience and the writer of each mail, by the name of its template."""
    bodies: dict[str, tuple[str, WriteBody]] = {}
    of_audiences = {"partner": PARTNER_BODIES, "prospect": PROSPECT_BODIES, "hq": HQ_BODIES}
    for audience, writers in of_audiences.items():
        for template, write_body in writers.items():
            bodies[template] = (audience, write_body)
    return bodies


MAIL_BODIES = _bodies()


def render_mail(view: MailView) -> Mail:
    """Write the mail of a view. Raises LookupError for a template that does not exist."""
    if view.template not in MAIL_BODIES:
        raise LookupError(f"no mail is called {view.template!r}")
    return draw_mail(view, *MAIL_BODIES[view.template])


def draw_mail(view: MailView, audience: str, write_body: WriteBody) -> Mail:
    """Write a mail to one audience, whose body is written by ``write_body``."""
    locale = _locale(view, audience)
    body = MailBody(view, locale, audience)
    write_body(body)
    _say_in_own_words(body)
    brand = view.programme.brand
    # Drawn by its own template, so that what a body says is escaped there, for HTML and only there.
    logo = _logo(brand.logo)
    html, text = mail_templates(look(brand.colour, brand.accent))
    fill = {
        "mail": body,
        "logo": logo,
        "brand": brand,
        "t": locale.translate,
        "language": locale.language,
        "way_out": view.links.get("unsubscribe", ""),
        "footer": locale.translate(f"mails.footer.{audience}", brand=brand.name),
    }
    subject = _subject(body)
    return Mail(
        to=tuple(map(line, view.to)),
        subject=line(subject, LONGEST_SUBJECT),
        html=html.render(fill),
        text=text.render(fill),
        from_name=line(brand.sender_name or brand.name, LONGEST_SENDER_NAME),
        reply_to=line(brand.reply_to),
        attachments=tuple(body.attachments),
        logo=logo,
        # One thread for each side: a reply of HQ's must not show up in the customer's conversation.
        thread=f"{view.lead.id}.{audience}" if view.lead else "",
        subject_kept=line(_without_the_lead(subject, body), LONGEST_SUBJECT),
        language=view.language,
        unsubscribe=view.links.get("unsubscribe", ""),
    )


def _say_in_own_words(body: MailBody) -> None:
    """Let the vendor's own words stand in a mail where there are any in this language.

    They are its subject, and paragraphs at its end: what the mail itself says stays, and so does
    its button.
    """
    programme = body.programme
    subjects: Mapping[Any, Mapping[str, str]] = programme.mail_subjects
    texts: Mapping[Any, LocalizedText] = programme.mail_texts
    template, language = body.view.template, body.locale.language
    subject = subjects.get(template, {}).get(language, "")
    if subject:
        body.subject = _filled_in(subject, body)
    for paragraph in paragraphs(texts.get(template, {}).get(language, "")).splitlines():
        if paragraph:
            body.text(line(_filled_in(paragraph, body), LONGEST_PARAGRAPH))


def _filled_in(text: str, body: MailBody) -> str:
    fill = {"brand": body.brand}
    if body.lead:
        fill |= {"what": body.lead_title, "reference": body.reference}
    return with_placeholders(text, fill)


def _locale(view: MailView, audience: str) -> LocaleContext:
    """Give that of whoever reads the mail, with every day named: it may be read days later."""
    programme = view.programme
    # A mail about a partner may be HQ's: it is the reader's clock that counts, not the partner's.
    if audience == "partner" and view.partner:
        locale = LocaleContext.for_partner(view.partner, programme, view.language, view.now)
    elif audience == "prospect" and view.lead:
        locale = LocaleContext.for_prospect(programme, view.language, view.now, view.lead.region)
    else:
        locale = LocaleContext.for_programme(programme, view.language, view.now)
    return replace(locale, absolute_dates=True)


def _subject(body: MailBody) -> str:
    """Give the subject, which names an emergency first: it is seen before any mail is opened."""
    if not body.emergency or body.audience == "prospect":
        return body.subject
    return f"{body.locale.translate('offer.emergency')}: {body.subject}"


def _without_the_lead(subject: str, body: MailBody) -> str:
    """Take out of a subject what falls to a lead's erasure: the log outlives it."""
    titles = [body.lead_title] if body.lead else []
    titles += [body.title_of(entry) for entry in body.view.entries]
    for title in filter(None, titles):
        subject = subject.replace(title, LEAD_TITLE)
    return subject.replace(body.colleague, COLLEAGUE) if body.colleague else subject


def _logo(address: str) -> Attachment | None:
    """Take the brand's PNG or JPEG into the mail.

    Mail clients show neither SVG nor ``data:`` addresses.
    """
    kind, _, encoded = address.partition(";base64,")
    if kind not in EMBEDDED_LOGOS:
        return None
    content = base64.b64decode(encoded)
    return Attachment(f"logo.{EMBEDDED_LOGOS[kind]}", kind.removeprefix("data:"), content)

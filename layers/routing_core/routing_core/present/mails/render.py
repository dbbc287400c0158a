"""Mails: ``write`` turns a view into a finished message, HTML and plain text from the same
letter.
"""

import base64
from collections.abc import Callable
from dataclasses import replace

from routing_core.present.colour import look
from routing_core.present.engine import mail_templates
from routing_core.present.locale_context import LocaleContext
from routing_core.present.mails.bodies import hq, partner, prospect
from routing_core.present.mails.bodies.letter import Letter
from routing_core.present.safe import line
from routing_core.service.kernel.ports import Attachment, Mail
from routing_core.service.kernel.views import MailView

LETTERS: dict[str, tuple[str, Callable[[Letter], None]]] = {
    write.__name__: (audience, write)
    for audience, module in (("partner", partner), ("prospect", prospect), ("hq", hq))
    for write in module.LETTERS
}


def _logo(address: str) -> Attachment | None:
    """The brand's PNG or JPEG to travel inside the mail: mail clients show neither SVG nor
    ``data:`` addresses.
    """
    kind, _, encoded = address.partition(";base64,")
    if kind not in ("data:image/png", "data:image/jpeg"):
        return None
    kind = kind.removeprefix("data:")
    return Attachment(f"logo.{kind.rpartition('/')[2]}", kind, base64.b64decode(encoded))


def write(view: MailView) -> Mail:
    """Raises LookupError for a template that does not exist."""
    if view.template not in LETTERS:
        raise LookupError(f"no mail is called {view.template!r}")
    audience, compose = LETTERS[view.template]
    programme = view.programme
    if audience == "partner" and view.partner:
        reader = LocaleContext.partner(view.partner, programme, view.language, view.now)
    elif audience == "prospect" and view.lead:
        reader = LocaleContext.prospect(programme, view.language, view.now, view.lead.region)
    else:
        reader = LocaleContext.at_home(programme, view.language, view.now)
    reader = replace(reader, dated=True)
    letter = Letter(view, reader, audience)
    compose(letter)
    brand = programme.brand
    html, text = mail_templates(look(brand.colour, brand.accent))
    logo = _logo(brand.logo)
    fill = {
        "letter": letter,
        "logo": logo,
        "brand": brand,
        "t": reader.t,
        "footer": reader.t(f"mails.footer.{audience}", brand=brand.name),
    }
    subject = letter.subject
    if letter.emergency and audience != "prospect":  # seen in a list of mails, before any is opened
        subject = f"{reader.t('offer.emergency')}: {subject}"
    return Mail(
        to=tuple(line(address) for address in view.to),
        subject=line(subject, 200),
        html=html.render(fill),
        text=text.render(fill),
        from_name=line(brand.sender_name or brand.name, 100),
        reply_to=line(brand.reply_to),
        attachments=tuple(letter.attachments),
        logo=logo,
        thread=f"{view.lead.id}.{audience}" if view.lead else "",
    )

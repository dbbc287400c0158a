"""Mails to partners about themselves: paused, unconfirmed, a new link; never about a lead."""

from routing_core.present.mails.bodies.body import MailBody


def write_paused(mail: MailBody) -> None:
    """Tell a partner that they are paused, because offers were left unanswered."""
    mail.head_by_words()
    mail.text(mail.translate("intro", partner=mail.partner_name, n=mail.lapses))
    mail.text(mail.translate("back"))
    mail.button(mail.translate("button"), "desk")


def write_resumed(mail: MailBody) -> None:
    """Tell a partner that offers come again."""
    mail.head_by_words()
    mail.text(mail.translate("intro", partner=mail.partner_name))
    mail.button(mail.translate("button"), "desk")


def write_unseen(mail: MailBody) -> None:
    """Ask a partner whether our mails arrive, for nobody looks at the offers."""
    mail.head_by_words(partner=mail.partner_name)
    mail.text(mail.translate("intro", partner=mail.partner_name, n=mail.lapses))
    mail.text(mail.translate("after"))
    mail.button(mail.translate("button"), "desk")


def write_confirm_address(mail: MailBody) -> None:
    """Ask a partner to confirm the mail address."""
    mail.head_by_words()
    mail.text(mail.translate("intro", partner=mail.partner_name))
    mail.button(mail.translate("button"), "confirm")
    mail.small(mail.translate("after"))


def write_desk_link(mail: MailBody) -> None:
    """Send a partner the link to their desk: asked for, or because the old one was ended."""
    why = str(mail.data["why"])
    mail.head(
        mail.translate("subject"),
        mail.translate(f"{why}.title"),
        mail.translate(f"{why}.preheader"),
    )
    mail.text(mail.translate(f"{why}.intro", partner=mail.partner_name))
    mail.button(mail.translate("button"), "desk")


def write_ask_more(mail: MailBody) -> None:
    """Ask a partner who has reached the limit to take more for a while."""
    mail.head_by_words()
    mail.text(mail.translate("intro"))
    mail.button(mail.translate("button"), "desk")
    mail.small(mail.translate("after"))


PARTNER_ACCOUNT_BODIES = {
    "ask_more": write_ask_more,
    "paused": write_paused,
    "resumed": write_resumed,
    "unseen": write_unseen,
    "confirm_address": write_confirm_address,
    "desk_link": write_desk_link,
}
"""Template → what writes its body."""

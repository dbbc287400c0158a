"""The subject of a mail that left, made whole again from what the log keeps of it."""

from routing_core.domain.lead import Lead
from routing_core.domain.programme.programme import Programme
from routing_core.domain.values.clean import named
from routing_core.present.lead_summary import lead_title
from routing_core.present.locale_context import LocaleContext
from routing_core.present.mails.render import MAIL_BODIES
from routing_core.service.kernel.lead_mail import LeadMail
from routing_core.service.kernel.mail_ports import COLLEAGUE, LEAD_TITLE


def whole_subject(mail: LeadMail, lead: Lead, programme: Programme) -> str:
    """Put what is the lead's into the subject, as far as its reader was told it; or give nothing.

    The lead is told as it stands now: of one that was erased there is little left to tell.
    """
    if not mail.subject:
        return ""
    audience, _ = MAIL_BODIES[mail.template]
    reader = LocaleContext.for_programme(programme, mail.language)
    title = lead_title(lead, programme, reader, everything=audience != "partner")
    name = named(lead.colleague.name) if lead.colleague else ""
    subject = mail.subject.replace(LEAD_TITLE, title)
    return subject.replace(COLLEAGUE, name or reader.translate("common.somebody"))

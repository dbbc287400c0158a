"""Why a partner was asked or was not, as a sentence that is safe to show to that partner."""

from typing import Any

from routing_core.present.lead_summary import product_name
from routing_core.present.locale_context import LocaleContext
from routing_core.service.hq.why_partner import NOT_KEPT, WhyPartner


def why_document(why: WhyPartner, language: str = "") -> dict[str, Any]:
    """Give the sentence and its code, ready for JSON, in the partner's language unless asked."""
    spoken = why.programme.language_for(language or why.partner.language)
    locale = LocaleContext.for_programme(why.programme, spoken, why.now)
    code = f"asked.{why.offer.kind.value}" if why.offer else f"not_asked.{why.reason}"
    return {
        "lead": why.lead.id,
        "partner": why.partner.id,
        "asked": why.offer is not None,
        "code": why.offer.kind.value if why.offer else why.reason,
        "language": locale.language,
        "sentence": _sentence(why, code, locale),
    }


def _sentence(why: WhyPartner, code: str, locale: LocaleContext) -> str:
    fill = {
        "brand": why.programme.brand.name,
        "product": product_name(why.programme, why.lead.product, locale),
        "when": locale.when(why.offer.made_at) if why.offer else "",
    }
    # A reason that an older release wrote into a record may have no words any more.
    known = locale.catalog.find(f"why.{code}", **fill)
    return known or locale.translate(f"why.not_asked.{NOT_KEPT}")

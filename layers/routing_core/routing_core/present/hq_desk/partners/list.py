"""The list of partners on HQ's desk."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from routing_core.domain.partner import TIERS
from routing_core.domain.partner_state import PartnerState
from routing_core.present.hq_desk.frame import DeskFrame, desk_locale, render_desk
from routing_core.present.hq_desk.partners.words import PartnerWords
from routing_core.present.lead_summary import region_name
from routing_core.present.locale_context import LocaleContext
from routing_core.present.pages.frame import known_notice, title_with_problems
from routing_core.present.problems import by_field
from routing_core.service.hq.partner_list import MOST_PARTNERS_ON_PAGE, PartnerSort
from routing_core.service.hq_desk.partner_lists import PartnersView
from routing_core.service.hq_desk.partner_rights import PARTNERS_URL

PARTNER_LIST_NOTICES = ("imported", "importing")
STATE_TABS = ("", *PartnerState)
"""States that are one tap away; all of them first."""
Choices = list[tuple[str, str]]


def partner_list_page(view: PartnersView) -> str:
    """Draw the list."""
    locale = desk_locale(view.programme, view.visitor, view.now)
    title = title_with_problems(locale.translate("hq.places.partners"), view.problems, locale)
    frame = DeskFrame(
        "partners.html", title, "partners", view.visitor, view.programme, locale, wide=True
    )
    page, values = view.page, view.values
    return render_desk(
        frame,
        view=view,
        url=PARTNERS_URL,
        rows=[PartnerWords(each, view.programme, locale, view.now) for each in page.rows],
        values=values,
        errors=by_field(view.problems, locale.catalog),
        options=_options(view, locale),
        tabs=[_tab(state, values, locale) for state in STATE_TABS],
        narrowed={name: value for name, value in values.items() if name != "sort"},
        next_url=_address(values, cursor=page.cursor) if page.cursor else "",
        first_url=_address(values) if view.asked.cursor else "",
        most_sorted=MOST_PARTNERS_ON_PAGE,
        notice=known_notice(view.notice, PARTNER_LIST_NOTICES),
        regions=_regions(view, locale),
    )


def _options(view: PartnersView, locale: LocaleContext) -> Mapping[str, Choices]:
    programme = view.programme
    products = [(each.id, locale.say(each.name)) for each in programme.products]
    regions = [(each, region_name(programme, each, locale) or each) for each in programme.regions]
    sorts = [
        (each.value, locale.translate(f"hq_partners.sort.{each.value}")) for each in PartnerSort
    ]
    return {
        "product": products,
        "region": sorted(regions, key=lambda option: option[1].casefold()),
        "type": [(each, each) for each in programme.partner_types],
        "tier": [(str(tier), str(tier)) for tier in TIERS],
        "sort": sorts,
    }


def _tab(state: str, values: Mapping[str, str], locale: LocaleContext) -> dict[str, Any]:
    key = f"state.{state}" if state else "all"
    return {
        "name": locale.translate(f"hq_partners.{key}"),
        "url": _address(values, state=state),
        "is_here": values.get("state", "") == state,
    }


def _address(values: Mapping[str, str], **changed: str) -> str:
    kept = {name: value for name, value in {**values, **changed}.items() if value}
    return f"{PARTNERS_URL}?{urlencode(kept)}" if kept else PARTNERS_URL


def _regions(view: PartnersView, locale: LocaleContext) -> str:
    """Name the regions whose partners the visitor sees; empty for whoever sees all."""
    regions = view.visitor.regions
    if regions is None:
        return ""
    names = [region_name(view.programme, each, locale) or each for each in sorted(regions)]
    return ", ".join(names)

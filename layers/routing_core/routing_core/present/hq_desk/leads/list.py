"""The page of HQ's list of leads."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from routing_core.domain.hq_people import HqPerson, Right
from routing_core.domain.lead_row import LeadSort
from routing_core.domain.saved_filters import SavedFilter
from routing_core.present.hq_desk.frame import DeskFrame, desk_locale, render_desk
from routing_core.present.hq_desk.leads.filters import FilterWords
from routing_core.present.hq_desk.leads.rows import RowWords
from routing_core.present.locale_context import LocaleContext
from routing_core.present.pages.frame import known_notice, title_with_problems
from routing_core.present.pages.summary import at_action
from routing_core.present.problems import by_field
from routing_core.service.hq_desk.desk_reader import LEADS_URL
from routing_core.service.hq_desk.filters_kept import kept_fields
from routing_core.service.hq_desk.lead_list import LeadListView
from routing_core.service.kernel.read_model import LeadPage

LIST_NOTICES = ("moved_away",)
"""Names what a button may have done that the list tells once."""


def lead_list_page(view: LeadListView, visitor: HqPerson) -> str:
    """Draw a page of the list."""
    locale = desk_locale(view.programme, visitor, view.now)
    words = FilterWords(view.programme, view.partners, locale, LEADS_URL)
    rows = RowWords(view.programme, view.partners, locale, LEADS_URL)
    title = title_with_problems(locale.translate("hq.places.leads"), view.query.problems, locale)
    frame = DeskFrame("leads.html", title, "leads", visitor, view.programme, locale, wide=True)
    return render_desk(
        frame,
        view=view,
        query=view.query,
        values=view.query.values,
        notice=known_notice(view.notice, LIST_NOTICES),
        leads=[rows.line(each) for each in view.page.rows],
        errors=by_field(view.query.problems, locale.catalog),
        regions=_regions(view, visitor, locale),
        may_act=visitor.may(Right.ACT_ON_LEADS),
        may_export=visitor.may(Right.EXPORT),
        may_assign=visitor.may(Right.ASSIGN),
        **_press(view, locale),
        behind=locale.duration(view.behind) if view.behind else "",
        **_filter(view, words),
        **_saved(view, words, visitor),
        **_paging(view, words, locale),
    )


def _press(view: LeadListView, locale: LocaleContext) -> dict[str, Any]:
    """Give what was chosen and typed in a press of which nothing was done."""
    refused = view.refused
    if refused is None:
        return {"chosen": frozenset(), "typed_values": {}, "press_errors": {}, "press_problems": []}
    return {
        "chosen": refused.chosen,
        "typed_values": refused.values,
        "press_errors": by_field(refused.problems, locale.catalog),
        "press_problems": at_action(
            refused.problems,
            "press",
            {
                "to": locale.translate("hq_leads.bulk.to"),
                "text": locale.translate("hq_leads.bulk.note"),
            },
            locale.catalog,
        ),
    }


def _filter(view: LeadListView, words: FilterWords) -> dict[str, Any]:
    return {
        "url": words.url,
        "chips": words.chips(view.query),
        "tabs": words.tabs(view.query, view.counts or {}),
        "count_url": words.counting(view.query.values) if view.counts is None else "",
        "options": words.options(),
        "suggested": words.suggested_partners(),
    }


def _saved(view: LeadListView, words: FilterWords, visitor: HqPerson) -> dict[str, Any]:
    """Give the filters that are kept, and what can be done about the one that is shown."""
    mine = SavedFilter(words.locale.translate("hq_leads.field.mine"), {"mine": "yes"})
    own = (mine,) if visitor.may(Right.ACT_ON_LEADS) else ()
    links = words.kept(view.query, (*own, *view.saved))
    is_kept = any(each.is_here for each in links)
    refused = view.unsaved
    problems = refused.problems if refused else ()
    names = {"filter_name": words.locale.translate("hq_leads.saved.name")}
    return {
        "saved": links,
        "may_save": bool(kept_fields(view.query)) and not is_kept and not view.query.problems,
        "may_forget": next((each.name for each in links[len(own) :] if each.is_here), ""),
        "filters_url": words.address(view.query.values).replace(
            LEADS_URL, f"{LEADS_URL}/filters", 1
        ),
        "filter_name": refused.name if refused else "",
        "filter_error": by_field(problems, words.locale.catalog).get("filter_name", ""),
        "filter_problems": at_action(problems, "filter", names, words.locale.catalog),
    }


def _paging(view: LeadListView, words: FilterWords, locale: LocaleContext) -> dict[str, Any]:
    """Give the ways on and back, and how far back was looked where nothing more was found."""
    values, page = view.query.values, view.page
    first = words.address(values) if view.cursor else ""
    here = words.address(values, cursor=view.cursor)
    looked = page.looked_back_to if page.cursor else None
    return {
        "here": here,
        "export_url": _export_url(values),
        "first_url": first,
        "next_url": words.address(values, cursor=page.cursor) if page.cursor else "",
        "looked": "oldest" if view.query.sort is LeadSort.OLDEST else "newest",
        "in_parts": _in_parts(page),
        "looked_back_to": locale.day(locale.clock.local(looked).date()) if looked else "",
    }


def _in_parts(page: LeadPage) -> str:
    """Name the sentence about a list that is longer than what is sorted at once; empty if none."""
    if not page.in_parts:
        return ""
    return "part" if page.looked_back_to else "last_part"


def _export_url(values: Mapping[str, str]) -> str:
    """Give the address that exports this filter, up to the kind of file."""
    kept = urlencode(values)
    return f"{LEADS_URL}/export?{kept}&" if kept else f"{LEADS_URL}/export?"


def _regions(view: LeadListView, visitor: HqPerson, locale: LocaleContext) -> str:
    """Name the regions whose leads somebody sees; empty for whoever sees all."""
    if visitor.regions is None:
        return ""
    words = dict(FilterWords(view.programme, view.partners, locale, LEADS_URL).options()["region"])
    return ", ".join(sorted(words.get(each, each) for each in visitor.regions))

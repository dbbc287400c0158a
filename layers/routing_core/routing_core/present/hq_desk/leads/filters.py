"""The filter of HQ's list of leads: its fields, what is chosen in them, and the addresses of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from urllib.parse import urlencode

from routing_core.domain.lead import LeadStatus
from routing_core.domain.lead_list import LIST_SOURCE
from routing_core.domain.lead_row import LeadNeed, LeadSort
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.domain.saved_filters import SavedFilter
from routing_core.present.lead_summary import product_name, region_name, urgency_name
from routing_core.present.locale_context import LocaleContext
from routing_core.service.hq_desk.lead_list import STATES_COUNTED
from routing_core.service.hq_desk.lead_query import (
    COUNTED_FIELD,
    FILTER_FIELDS,
    QUERY_FIELDS,
    SEARCH_FIELD,
    LeadQuery,
)
from routing_core.service.kernel.read_model import StateCount

MOST_SUGGESTED = 500
"""Partners that the field suggests; a larger network is asked by name or id."""
Options = tuple[tuple[str, str], ...]
"""Values with their words."""


@dataclass(frozen=True, slots=True)
class FilterChip:
    """One field that narrows the list, to be taken away with a tap."""

    text: str
    """Says what is chosen: ``Product: Heat pump``."""
    without: str
    """The address of the list without it."""


@dataclass(frozen=True, slots=True)
class StateTab:
    """A state that is one tap away."""

    name: str
    url: str
    is_here: bool
    """Tells whether the list shows just this."""
    count: str = ""
    """How many leads it shows; empty where nobody counted."""


@dataclass(frozen=True, slots=True)
class FilterLink:
    """A filter that somebody keeps, one tap away."""

    name: str
    url: str
    is_here: bool
    """Tells whether the list shows just this."""


@dataclass(frozen=True, slots=True)
class FilterWords:
    """The filter as one reader reads it."""

    programme: Programme
    partners: Mapping[str, Partner]
    locale: LocaleContext
    url: str
    """The address of the list without any filter."""

    def options(self) -> Mapping[str, Options]:
        """Give what may be chosen, for each field that is a choice."""
        programme, locale = self.programme, self.locale
        products = [(each.id, locale.say(each.name)) for each in programme.products]
        urgencies = [(each.id, locale.say(each.name)) for each in programme.urgencies]
        regions = [(each, self._region(each)) for each in programme.regions]
        states = [(each.value, self._state(each.value)) for each in LeadStatus]
        sorts = [(each.value, locale.translate(f"hq_leads.sort.{each.value}")) for each in LeadSort]
        needs = [(each.value, self._need(each.value)) for each in LeadNeed]
        return {
            "need": tuple(needs),
            "state": tuple(states),
            "product": tuple(products),
            "region": tuple(sorted(regions, key=_by_words)),
            "urgency": tuple(urgencies),
            "sort": tuple(sorts),
        }

    def suggested_partners(self) -> tuple[str, ...]:
        """List the names that the partner's field suggests; none where there are too many."""
        if len(self.partners) > MOST_SUGGESTED:
            return ()
        names = {each.name for each in self.partners.values()}
        return tuple(sorted(names, key=str.casefold))

    def chips(self, query: LeadQuery) -> list[FilterChip]:
        """Say what the list is narrowed by, the search aside."""
        found = []
        for name in FILTER_FIELDS:
            if name not in query.values:
                continue
            text = self._narrowed(name, query.values[name])
            found.append(FilterChip(text, self.address(query.values, **{name: ""})))
        return found

    def tabs(self, query: LeadQuery, counts: Mapping[LeadStatus, StateCount]) -> list[StateTab]:
        """Give all states together, and those that are one tap away, with their numbers."""
        here = query.values.get("state", "")
        whole = self.locale.translate("hq_leads.all_states")
        tabs = [StateTab(whole, self.address(query.values, state=""), not here)]
        for state in STATES_COUNTED:
            url = self.address(query.values, state=state.value)
            name, is_here = self._state(state.value), here == state.value
            tabs.append(StateTab(name, url, is_here, self._count(counts.get(state))))
        return tabs

    def _count(self, counted: StateCount | None) -> str:
        """Give a number of leads; a plus says that there are more."""
        if counted is None or (counted.more and not counted.count):
            return ""
        return self.locale.number(str(counted.count)) + ("+" if counted.more else "")

    def kept(self, query: LeadQuery, saved: Sequence[SavedFilter]) -> list[FilterLink]:
        """Give filters as links, and tell which of them the list shows."""
        here = {name: value for name, value in query.values.items() if name != SEARCH_FIELD}
        return [
            FilterLink(each.name, self.address(each.asked), each.asked == here) for each in saved
        ]

    def address(self, values: Mapping[str, str], **changed: str) -> str:
        """Give the address of the list with these fields, some of them changed; empty is none."""
        return list_address(self.url, {**values, **changed})

    def counting(self, values: Mapping[str, str]) -> str:
        """Give the address of the list that also says how many there are in each state."""
        return self.address(values, **{COUNTED_FIELD: "yes"})

    def _narrowed(self, name: str, value: str) -> str:
        """Say what one field asks for: ``Received from: Tue, 1 Sept 2026``."""
        translate = self.locale.translate
        if name == "mine":
            return translate("hq_leads.field.mine")
        if name == "source" and value.startswith(LIST_SOURCE):
            return translate("hq_leads.of_list", name=value.removeprefix(LIST_SOURCE))
        return f"{translate(f'hq_leads.field.{name}')}: {self._chosen(name, value)}"

    def _chosen(self, name: str, value: str) -> str:
        tellers: dict[str, Callable[[str], str]] = {
            "need": self._need,
            "from": self._day,
            "to": self._day,
            "state": self._states,
            "product": partial(product_name, self.programme, locale=self.locale),
            "urgency": partial(urgency_name, self.programme, locale=self.locale),
            "region": self._region,
            "partner": self._partner,
        }
        return tellers[name](value) if name in tellers else value

    def _need(self, need: str) -> str:
        return self.locale.catalog.of_code("hq_today.need", need)

    def _states(self, states: str) -> str:
        return ", ".join(self._state(each) for each in states.split(","))

    def _partner(self, partner: str) -> str:
        known = self.partners.get(partner)
        return known.name if known else partner

    def _day(self, typed: str) -> str:
        try:
            return self.locale.day(date.fromisoformat(typed))
        except ValueError:
            # What is no day stands there as it was typed, beside the sentence that says so.
            return typed

    def _state(self, state: str) -> str:
        return self.locale.catalog.of_code("facts.status_name", state)

    def _region(self, region: str) -> str:
        return region_name(self.programme, region, self.locale) or region


def _by_words(option: tuple[str, str]) -> str:
    return option[1].casefold()


def list_address(url: str, said: Mapping[str, str]) -> str:
    """Give the address of the list with these fields; what no list knows is left out."""
    kept = list_fields(said)
    return f"{url}?{urlencode(kept)}" if kept else url


def list_fields(said: Mapping[str, str]) -> dict[str, str]:
    """Give the fields that the address of a list has, of all that another address says."""
    names = (*QUERY_FIELDS, COUNTED_FIELD, "cursor")
    return {name: said[name] for name in names if said.get(name)}

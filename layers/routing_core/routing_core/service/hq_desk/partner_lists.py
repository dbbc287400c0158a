"""The list of partners on HQ's desk: what its address asks for, and the page that answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.hq_people import HqPerson, Right
from routing_core.domain.programme.programme import Programme
from routing_core.formats.partners_sheet import partner_rows, partners_sheet
from routing_core.formats.xlsx_table import fits_xlsx, xlsx_table
from routing_core.service.hq.export_partners import exported_partners
from routing_core.service.hq.partner_list import PageOfPartners, PartnerPage, list_page
from routing_core.service.hq.partner_query import FILTERS, read_page
from routing_core.service.kernel.services import Services


@dataclass(frozen=True, slots=True)
class PartnersView:
    """The list as somebody at HQ asked for it."""

    programme: Programme
    visitor: HqPerson
    now: datetime
    page: PartnerPage
    asked: PageOfPartners
    values: Mapping[str, str]
    """What the address says of filter and order, as typed."""
    problems: tuple[Problem, ...] = ()
    """What of it cannot be read: then the page is empty."""
    notice: str = ""

    @property
    def may_change(self) -> bool:
        """Tell whether the visitor may make and import partners."""
        return self.visitor.may(Right.CHANGE_PARTNERS)

    @property
    def may_export(self) -> bool:
        """Tell whether the visitor may take the list away, with everybody's contacts."""
        return self.visitor.may(Right.EXPORT)


def view_partner_list(
    services: Services,
    visitor: HqPerson,
    query: Mapping[str, str],
    now: datetime,
    notice: str = "",
) -> PartnersView:
    """Show the page of partners that an address asks for."""
    programme = services.programme
    values = {name: query[name] for name in (*FILTERS, "sort") if query.get(name)}
    try:
        asked = read_page(query, programme)
        page = list_page(services, visitor, asked, now)
    except InvalidInput as error:
        nothing = PartnerPage(())
        return PartnersView(
            programme, visitor, now, nothing, PageOfPartners(), values, error.problems
        )
    return PartnersView(programme, visitor, now, page, asked, values, notice=notice)


def partners_to_take_away(
    services: Services, visitor: HqPerson, kind: str, now: datetime
) -> str | bytes:
    """Give all partners whom somebody sees, as saved, as a list that can be imported again.

    It is a CSV text, or with ``xlsx`` an XLSX file, unless a cell is too long for one. It is noted
    in the activity log. Raises NotAllowed.
    """
    if kind != "xlsx":
        return partners_sheet(exported_partners(services, visitor, "csv", now))
    seen = exported_partners(services, visitor, kind, now)
    rows = partner_rows(seen)
    return xlsx_table(rows, "partners") if fits_xlsx(rows) else partners_sheet(seen)

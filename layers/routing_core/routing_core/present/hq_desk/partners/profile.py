"""A partner's profile as people read it, for whoever may look at it and change nothing."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.formats.partner_document import partner_document
from routing_core.formats.partner_form import form_cells
from routing_core.present.hq_desk.partners.form import FIELD_GROUPS, NUMBERS
from routing_core.present.hq_desk.rules.conditions import condition_words
from routing_core.present.hq_desk.rules.teller import RuleTeller
from routing_core.present.hq_desk.rules.vendor_rules import holiday_region_told, week_told
from routing_core.present.lead_summary import phone_words, product_name
from routing_core.present.locale_context import LocaleContext

TOLD_ELSEWHERE = ("territories", "products")
"""The page tells these in sentences further up."""


def profile_told(
    partner: Partner, programme: Programme, locale: LocaleContext
) -> list[tuple[str, str]]:
    """Give each field that says something: its label, and what it says."""
    cells = form_cells(partner_document(partner))
    words = _ProfileWords(partner, programme, locale)
    names = chain.from_iterable(FIELD_GROUPS.values())
    said = [each for each in names if cells[each] and each not in TOLD_ELSEWHERE]
    return [
        (locale.translate(f"hq_partners.form.{name}"), words.say(name, cells[name]))
        for name in said
    ]


class _ProfileWords:
    """Says the fields of one profile to one reader."""

    def __init__(self, partner: Partner, programme: Programme, locale: LocaleContext):
        self._partner = partner
        self._programme = programme
        self._locale = locale
        self._teller = RuleTeller(programme, locale, programme)

    def say(self, name: str, cell: str) -> str:
        """Give what a field says; ``cell`` is what stands in it on the form."""
        locale = self._locale
        of_cell: dict[str, Callable[[str], str]] = {
            **dict.fromkeys(NUMBERS, locale.number),
            **dict.fromkeys(("phone", "second_phone"), phone_words),
            "country": locale.country,
            "language": locale.language_name,
        }
        of_partner = {
            "languages": self._languages,
            "response_hours": self._hours,
            "holiday_region": self._holiday_region,
            "takes": self._takes,
            "certificates": self._certificates,
            "cap_paced": self._paced,
            "cap_products": self._open_at_once,
            "cap_product_offers": self._offers,
        }
        if name in of_cell:
            return of_cell[name](cell)
        if name in of_partner:
            return ", ".join(of_partner[name]())
        return cell.replace("\n", ", ")

    def _languages(self) -> Iterable[str]:
        return sorted(map(self._locale.language_name, self._partner.languages))

    def _hours(self) -> Iterator[str]:
        if self._partner.response_hours:
            yield week_told(self._teller, self._partner.response_hours)

    def _holiday_region(self) -> Iterator[str]:
        yield holiday_region_told(self._teller, self._partner.holiday_region)

    def _takes(self) -> Iterator[str]:
        yield condition_words(self._teller, self._partner.lead_filters)

    def _paced(self) -> Iterator[str]:
        yield self._locale.translate("hq_partners.is_true")

    def _open_at_once(self) -> Iterator[str]:
        for product, most in self._partner.caps.products.items():
            yield f"{self._product(product)}: {most}"

    def _certificates(self) -> Iterator[str]:
        for name, last in self._partner.certificates.items():
            if last is None:
                yield name
            else:
                day = self._locale.day(last)
                yield self._locale.translate("hq_partners.certificate_until", name=name, day=day)

    def _offers(self) -> Iterator[str]:
        for product, by_period in self._partner.caps.product_offers.items():
            for period, most in by_period.items():
                said = {"product": self._product(product), "most": most}
                yield self._locale.translate(f"hq_partners.offers_in.{period}", **said)

    def _product(self, product: str) -> str:
        return product_name(self._programme, product, self._locale)

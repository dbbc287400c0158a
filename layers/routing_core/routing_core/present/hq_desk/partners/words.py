"""What several pages say of a partner: how it stands, how full it is, who did something to it."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from babel.numbers import format_percent

from routing_core.domain.absences import back_after
from routing_core.domain.partner import Partner, period_keys
from routing_core.domain.partner_history import BY_PARTNER
from routing_core.domain.partner_state import PartnerState
from routing_core.domain.programme.programme import Programme
from routing_core.present.explain.who_at_hq import who_at_hq
from routing_core.present.locale_context import LocaleContext
from routing_core.routing.decide.eligibility import local_day
from routing_core.service.hq.partner_list import PartnerStanding
from routing_core.service.offers.take_more import extra_in_force

TONES = {
    PartnerState.ACTIVE: "good",
    PartnerState.AWAY: "calm",
    PartnerState.PAUSED: "calm",
    PartnerState.LAPSED: "bad",
    PartnerState.BOUNCED: "bad",
    PartnerState.UNCONFIRMED: "bad",
    PartnerState.DEACTIVATED: "off",
}
"""How a state looks."""
LONGEST_VALUE_TOLD = 120
"""Characters of a value of a profile that are shown."""


@dataclass(frozen=True, slots=True)
class PartnerWords:
    """Says what concerns one partner, to one reader."""

    standing: PartnerStanding
    programme: Programme
    locale: LocaleContext
    now: datetime

    @property
    def partner(self) -> Partner:
        """Give the partner."""
        return self.standing.partner

    @property
    def state(self) -> str:
        """Name the state."""
        return self.locale.translate(f"hq_partners.state.{self.standing.state.value}")

    @property
    def tone(self) -> str:
        """Say how the state looks."""
        return TONES[self.standing.state]

    @property
    def why(self) -> str:
        """Say why the partner gets no offer right now; empty if it may get one."""
        standing, locale = self.standing, self.locale
        match standing.state:
            case PartnerState.PAUSED:
                by = who_did_it(self.partner.paused_by, locale, self.programme)
                key = "paused_by" if by else "paused"
                return locale.translate(f"hq_partners.why.{key}", who=by)
            case PartnerState.AWAY:
                last = back_after(self.partner.absences, local_day(self.partner, self.now))
                return (
                    locale.translate("hq_partners.why.away", day=locale.day(last)) if last else ""
                )
            case PartnerState.ACTIVE:
                full = standing.full
                return locale.translate(f"hq_partners.why.{full}") if full else ""
        return locale.translate(f"hq_partners.why.{standing.state.value}")

    @property
    def load(self) -> str:
        """Say how many leads are open, of how many: ``3 of 5``."""
        load = self.standing.load
        cap = load.open_cap(local_day(self.partner, self.now))
        if cap is None:
            return self.locale.number(str(load.open_count))
        return self.locale.translate("hq_partners.of", n=load.open_count, cap=cap)

    @property
    def extra(self) -> str:
        """Say how many more than the cap there may be, and until when; empty if there are none."""
        extra = extra_in_force(self.partner, local_day(self.partner, self.now))
        if extra is None:
            return ""
        until = self.locale.day(extra.until)
        return self.locale.translate("hq_partners.extra", n=extra.more, day=until)

    @property
    def offered(self) -> str:
        """Say how many offers there were this month, of how many there may be."""
        load = self.standing.load
        month = period_keys(local_day(self.partner, self.now))[2]
        made, cap = load.made.get(month, 0), load.caps.month
        if cap is None:
            return self.locale.number(str(made))
        return self.locale.translate("hq_partners.of", n=made, cap=cap)

    @property
    def acceptance(self) -> str:
        """Give the share of offers accepted; a dash where too few are decided."""
        return self._share(self.standing.acceptance)

    @property
    def window_used(self) -> str:
        """Give how much of the time to answer was used on average; a dash for too few answers."""
        return self._share(self.standing.window_used)

    @property
    def last_offer(self) -> str:
        """Say when the last offer was made; a dash if there was none."""
        last = self.standing.load.last_offered
        return self.locale.when_briefly(last) if last else "–"

    def _share(self, share: float | None) -> str:
        if share is None:
            return "–"
        return str(format_percent(share, locale=self.locale.number_locale))


def who_did_it(by: str, locale: LocaleContext, programme: Programme) -> str:
    """Name who changed a profile; empty for the product itself, and where nothing is known."""
    if by == BY_PARTNER:
        return locale.translate("hq_partners.by_partner")
    return who_at_hq(by, locale, programme)


def value_told(value: Any, locale: LocaleContext) -> str:
    """Give a value of a profile as people read it, cut to what a list shows."""
    match value:
        case None | "" | []:
            return ""
        case bool():
            return locale.translate("hq_partners.is_true" if value else "hq_partners.is_false")
        case list():
            told = ", ".join(value_told(each, locale) for each in value)
        case {"more": more, "until": until}:
            day = locale.day(date.fromisoformat(until))
            told = locale.translate("hq_partners.extra", n=more, day=day)
        case dict():
            told = json.dumps(value, ensure_ascii=False)
        case _:
            told = str(value)
    return told if len(told) <= LONGEST_VALUE_TOLD else f"{told[:LONGEST_VALUE_TOLD]}…"

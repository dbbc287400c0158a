"""The page of a back-test on HQ's desk: how far it is, or its figures."""

from datetime import datetime

from routing_core.domain.hq_people import HqPerson
from routing_core.domain.programme.programme import Programme
from routing_core.present.explain.who_at_hq import who_at_hq
from routing_core.present.hq_desk.frame import DeskFrame, desk_locale, render_desk
from routing_core.present.locale_context import LocaleContext
from routing_core.service.kernel.back_tests import BackTestState, KeptBackTest

LOOKS_AGAIN_SECONDS = 4
"""The page of one that is under way is loaded again after so long."""


def back_test_progress_page(
    kept: KeptBackTest, programme: Programme, visitor: HqPerson, now: datetime
) -> str:
    """Draw how far a back-test is, or what came of it."""
    locale = desk_locale(programme, visitor, now)
    title = locale.translate("hq_rules.back_test.title")
    who = who_at_hq(kept.by, locale, programme) or locale.translate("hq_rules.versions.nobody")
    asked = {"when": locale.when(kept.asked_at), "who": who, "n": kept.number}
    return render_desk(
        DeskFrame("back_test.html", title, "rules", visitor, programme, locale),
        kept=kept,
        asked=locale.translate("hq_rules.back_test.asked", **asked),
        news=_news(kept, locale),
        is_under_way=not kept.is_over(now),
        seconds=LOOKS_AGAIN_SECONDS,
    )


def _news(kept: KeptBackTest, locale: LocaleContext) -> str:
    """Say how far it is, or why it is over."""
    words = "hq_rules.back_test"
    if kept.state is BackTestState.DONE:
        played = kept.total // 2
        return locale.translate(f"{words}.played", n=played, many=locale.number(str(played)))
    if kept.state is BackTestState.FAILED:
        return locale.translate(f"{words}.failed.{kept.problem}")
    if kept.is_over(locale.now):
        return locale.translate(f"{words}.stopped")
    if kept.state is BackTestState.ASKED:
        return locale.translate(f"{words}.waiting")
    if not kept.total:
        return locale.translate(f"{words}.counting")
    percent = locale.translate("common.percent", n=100 * kept.done // kept.total)
    return locale.translate(f"{words}.running", percent=percent)

"""Reports with something in every part, for what draws them; the figures are made up."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from routing_core.reporting.hq_report import (
    CampaignReturn,
    Cohort,
    EndedLead,
    FunnelStep,
    Gap,
    Headline,
    HqReport,
    Notable,
    NotableKind,
    PeriodActivity,
    ReasonCount,
    Reconciliation,
    Restated,
    SpeedToLead,
    StageAge,
)
from routing_core.reporting.outlook import Forecast, ForecastCheck, Velocity
from routing_core.reporting.partner_counts import OfferCounts, PartnerFigures
from routing_core.reporting.partner_report import (
    Benchmark,
    Compared,
    MissedLead,
    PartnerReport,
    Tip,
    TipKind,
    ToDo,
)
from routing_core.reporting.period import Period
from routing_core.reporting.report_lead import LeadStage, OfferEnd
from routing_core.reporting.share import Share, Typical

OCTOBER = Period.month(2026, 10, "Europe/Berlin")
MADE = datetime(2026, 11, 1, 3, 0, tzinfo=UTC)
EUR = {"EUR": Decimal("412500.00")}


def figures(partner: str, made: int = 40, **more: object) -> PartnerFigures:
    """A partner's month."""
    offers = OfferCounts(
        made=made,
        accepted=made * 6 // 10,
        declined=made // 10,
        lapsed_seen=made // 20,
        lapsed_unseen=made // 10,
        pending=2,
        taken=made // 10,
    )
    given: dict[str, object] = {
        "partner": partner,
        "offers": offers,
        "response_hours": Typical(1.4, 6.5, made, 4),
        "contact_hours": Typical(5.2, 26.0, made // 2, 1),
        "contacted": made // 2,
        "quoted": made // 3,
        "won": made // 5,
        "lost": made // 8,
        "value": {"EUR": Decimal(made * 2600)},
        "returned": 1,
        "return_rate": Share(1, made // 2),
        "sla": Share(made // 2 - 2, made // 2),
        "conversion": Share(made // 5, made // 3),
        "entitled": made * 0.9,
        "routed": made,
        "open": 7,
        "overdue": 1,
    }
    return PartnerFigures(**(given | more))  # type: ignore[arg-type]


def headline(period: Period = OCTOBER, received: int = 312) -> Headline:
    """A month in a few numbers."""
    return Headline(
        period=period,
        received=received,
        offers=received * 2,
        accepted=received * 8 // 10,
        declined=received // 5,
        lapsed=received // 4,
        contacted=received * 7 // 10,
        quoted=received // 2,
        won=received // 5,
        lost=received // 6,
        open_at_end=received // 3,
        value={"EUR": Decimal(received * 1322)},
        acceptance=Share(received * 8 // 10, received * 8 // 10 + received // 5 + received // 4),
        sla=Share(received // 2, received * 6 // 10),
        contacted_in_a_day=Share(received * 6 // 10, received),
        automatic=Share(received * 7 // 10, received * 8 // 10),
        promises=Share(received * 6 // 10, received * 7 // 10),
        response_hours=Typical(2.6, 14.5, received, 0),
    )


def an_hq_report(partners: int = 12, **more: object) -> HqReport:
    """HQ's report with something in every part."""
    months = [OCTOBER]
    for _ in range(11):
        months.insert(0, months[0].month_before())
    trend = tuple(headline(each, 180 + 12 * index) for index, each in enumerate(months))
    forecast = Forecast(
        104, 31.2, 24, 39, "EUR", Decimal(390000), Decimal(298000), Decimal(487000), 402
    )
    given: dict[str, object] = {
        "period": OCTOBER,
        "created": MADE,
        "programme": 3,
        "headline": trend[-1],
        "notable": (
            Notable(NotableKind.GAP, "97", 14, 16, "heat-pump", "DE"),
            Notable(NotableKind.UNSEEN, "munich-2", 9, 31),
            Notable(NotableKind.SLA, "munich-3", 6, 20),
            Notable(NotableKind.WAITING, "", 5, 5),
            Notable(NotableKind.DISPUTED, "", 3, 190),
        ),
        "reconciliation": Reconciliation(
            open_at_start=98,
            received=312,
            reopened=3,
            won=62,
            lost=52,
            rejected=6,
            withdrawn=11,
            closed_unplaced=17,
            became_repeats=4,
            open_at_end=261,
            spam=41,
            held=3,
            repeats=18,
        ),
        "activity": PeriodActivity(
            312, OfferCounts(made=624, accepted=249), 218, 156, 62, 52, 9, EUR
        ),
        "cohorts": (
            Cohort(OCTOBER, 0, 312, 300, 249, 218, 156, 62, 52, 17, 6, 11, 164, EUR),
            Cohort(OCTOBER.month_before(), 30, 300, 292, 240, 214, 160, 71, 60, 15, 5, 9, 140, EUR),
        ),
        "funnel": tuple(
            FunnelStep(stage, leads)
            for stage, leads in (
                ("received", 312),
                ("offered", 300),
                ("accepted", 249),
                ("contacted", 218),
                ("quoted", 156),
                ("won", 62),
            )
        ),
        "partners": tuple(
            figures(
                f"munich-{number}",
                5 + 4 * number,
                entitled=(5 + 4 * number) * (0.7 + number % 5 / 6),
            )
            for number in range(1, partners + 1)
        ),
        "response_hours": Typical(1.8, 9.4, 600, 80),
        "answered_after": {1: 180, 2: 90, 4: 70, 8: 44, 16: 20, 24: 9, 48: 3},
        "speed": SpeedToLead(
            {1: Share(80, 300), 24: Share(190, 280), 48: Share(214, 270)},
            Typical(6.1, 52.0, 300, 82),
            Share(3, 190),
        ),
        "automatic": Share(230, 249),
        "promises": Share(280, 300),
        "sla": Share(190, 210),
        "gaps": (
            Gap("DE", "97", "heat-pump", 16, 14, 1, 0),
            Gap("DE", "80", "heat-pump", 90, 0, 6, 61),
            Gap("DE", "81", "boiler", 44, 0, 2, 12, 1),
        ),
        "decline_reasons": (ReasonCount("no-capacity", 22), ReasonCount("too-far", 9)),
        "lost_reasons": (ReasonCount("price", 31), ReasonCount("competitor", 12)),
        "return_reasons": (ReasonCount("unreachable", 6),),
        "unfair": Share(31, 600),
        "ages": (
            StageAge(LeadStage.WAITING, 9, 2.0, 0),
            StageAge(LeadStage.OFFERED, 21, 0.6, 0),
            StageAge(LeadStage.ACCEPTED, 40, 1.2, 4),
            StageAge(LeadStage.CONTACTED, 96, 9.5, 0),
            StageAge(LeadStage.QUOTED, 71, 16.0, 0),
        ),
        "velocity": Velocity(
            {
                "contacted": Typical(1.1, 3.9, 249, 30),
                "quoted": Typical(8.0, 20.0, 218, 60),
                "won": Typical(19.0, None, 156, 90),
            },
            104,
            0.31,
            Decimal(13200),
            "EUR",
            28.5,
        ),
        "forecast": forecast,
        "last_forecast": ForecastCheck(forecast, 22, 40, 42, Decimal(280000)),
        "campaigns": (
            CampaignReturn("google", "herbst-2026", 90, 70, 21, EUR, {"EUR": Decimal(9800)}),
            CampaignReturn("", "", 140, 100, 20, EUR, {}),
        ),
        "won_since": (
            EndedLead(
                "L" + "7" * 20, "80", "heat-pump", "munich-1", MADE, Decimal(31000), "EUR", ""
            ),
        ),
        "lost_since": (
            EndedLead("L" + "8" * 20, "81", "boiler", "munich-2", MADE, None, "", "price"),
        ),
        "trend": trend,
        "restated": (Restated("won", Decimal(58), Decimal(60)),),
    }
    return HqReport(**(given | more))  # type: ignore[arg-type]


def a_partner_report(partner: str = "munich-1", **more: object) -> PartnerReport:
    """A partner's report with something in every part."""
    before = OCTOBER.month_before()
    given: dict[str, object] = {
        "period": OCTOBER,
        "created": MADE,
        "partner": partner,
        "figures": figures(partner),
        "funnel": tuple(
            FunnelStep(stage, leads)
            for stage, leads in (
                ("offered", 40),
                ("accepted", 24),
                ("contacted", 20),
                ("quoted", 13),
                ("won", 8),
            )
        ),
        "benchmarks": (
            Benchmark(Compared.ACCEPTANCE, 0.71, 0.4, 0.62, 0.78, 11),
            Benchmark(Compared.RESPONSE, 1.4, 0.8, 2.2, 5.0, 11),
            Benchmark(Compared.CONVERSION, None, 0.2, 0.31, 0.4, 8),
        ),
        "missed": (
            MissedLead(
                "L" + "9" * 20,
                "80",
                "heat-pump",
                "soon",
                MADE - timedelta(days=5),
                MADE - timedelta(days=4),
                OfferEnd.DECLINED,
                True,
                "no-capacity",
            ),
            MissedLead(
                "L" + "6" * 20,
                "81",
                "heat-pump",
                "soon",
                MADE - timedelta(days=6),
                MADE - timedelta(days=5),
                OfferEnd.LAPSED,
                False,
                "",
            ),
        ),
        "missed_reasons": {"declined": 4, "lapsed_seen": 2, "lapsed_unseen": 4, "taken": 4},
        "todos": (
            ToDo(
                "L" + "5" * 20,
                1,
                "80",
                "heat-pump",
                LeadStage.ACCEPTED,
                MADE - timedelta(days=3),
                MADE - timedelta(days=1),
                True,
            ),
        ),
        "value": {"EUR": Decimal(104000)},
        "tip": Tip(TipKind.LOOK_SOONER, 4, 40),
        "trend": ((before.month_before(), figures(partner, 30)), (before, figures(partner, 35))),
    }
    return PartnerReport(**(given | more))  # type: ignore[arg-type]

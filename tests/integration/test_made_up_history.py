"""The year of made-up history of ``make run``: reports and days, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from infra.local.load_history import load_year
from infra.local.seed import sample
from routing_core.domain.calendar.business_time import zone_of
from routing_core.reporting.period import Period
from routing_core.reporting.report_schedule import period_name
from routing_core.service.kernel.read_model import DayFigures
from routing_core.service.reports.make_reports import earlier_reports
from routing_core.service.reports.report_files import read_hq_report, read_partner_report
from routing_core.service.reports.report_run import RunState
from tests.integration.test_sample_unanswered import loaded
from tests.support.world import World


def test_a_year_is_loaded_without_a_mail_a_fact_a_lead_or_a_load(world: World) -> None:
    loaded(world, "dach-heating")
    before = (world.items(), world.items("partners"), world.mails(), len(world.published))
    days: list[DayFigures] = []
    reports = world.wiring.reports
    load_year(reports, days.append, sample("dach-heating")["places"], world.now)
    kept = [item for item in world.items("partners") if item["pk"] != "REPORTS"]
    after = (world.items(), kept, world.mails(), len(world.published))
    assert after == before

    zone = world.wiring.services.programme.time_zone
    last = Period.month_of(world.now, zone).month_before()
    run = reports.runs.get(period_name(last))
    assert run
    assert (run.state, run.partners_done) == (RunState.DONE, run.partners)
    report = read_hq_report(reports, run.id)
    assert report
    assert len(report.trend) == 12
    assert report.reconciliation.coming == report.reconciliation.going
    assert report.activity.received > 100
    assert report.gaps[0].nobody
    assert {each.days for each in report.cohorts} == {0, 30, 60, 90}
    assert report.last_forecast
    assert report.notable
    busiest = max(report.partners, key=lambda each: each.offers.made)
    own = read_partner_report(reports, run, busiest.partner)
    assert own
    assert own.benchmarks
    assert len(own.trend) >= 3
    assert len(earlier_reports(reports, replace(run, id=period_name(last))).months) == 11

    today = world.now.astimezone(zone_of(zone)).date()
    assert days[-1].day == today - timedelta(days=1)
    assert sum(day.received for day in days) > 2000
    assert all(day.accepted <= day.received + 20 for day in days)


def test_the_same_day_makes_the_same_year(world: World) -> None:
    loaded(world, "us-solar")
    first: list[DayFigures] = []
    again: list[DayFigures] = []
    places = sample("us-solar")["places"]
    load_year(world.wiring.reports, first.append, places, world.now)
    load_year(world.wiring.reports, again.append, places, world.now)
    assert first == again


def test_the_running_month_and_its_report_go_on_from_what_was_open_in_the_year(
    world: World,
) -> None:
    loaded(world, "dach-heating")
    reports = world.wiring.reports
    load_year(reports, lambda _: None, sample("dach-heating")["places"], world.now)
    zone = world.wiring.services.programme.time_zone
    running = Period.month_of(world.now, zone)
    run = reports.runs.get(period_name(running.month_before()))
    assert run
    last = read_hq_report(reports, run.id)
    assert last
    still_open = last.reconciliation.open_at_end
    assert still_open > 20
    headers = {"x-api-key": world.api_key("reports:read", "reports:write")}
    address = f"/v1/figures?period={period_name(running)}"
    answer = world.http("GET", address, headers=headers)
    while answer.status == 202:
        answer = world.http("GET", answer.headers["Location"], headers=headers)
    assert answer.json()["reconciliation"]["open_at_start"] == still_open

    before = len(world.mails())
    world.now = running.end + timedelta(hours=4)
    asked = {"period": period_name(running)}
    world.http("POST", "/v1/reports", json_body=asked, headers=headers)
    world.make_reports()
    made = world.http("GET", f"/v1/reports/{period_name(running)}", headers=headers).json()
    line = made["figures"]["reconciliation"]
    assert (line["open_at_start"], line["received"]) == (still_open, 0)
    assert len(world.mails()) == before, "nobody is mailed what was made up"

"""The same figures as a team would compute them with pandas, from the same columns as frames."""

from __future__ import annotations

from dataclasses import fields
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from routing_core.reporting.coded_values import NO_AMOUNT, seconds_of
from routing_core.reporting.report_lead import (
    OPEN_STAGES,
    OWNED_STAGES,
    AfterAccept,
    Flow,
    Kept,
    LeadStage,
    OfferEnd,
)
from routing_core.reporting.snapshot import Snapshot
from routing_core.reporting.texts import shares_in


def frame(table: Any) -> pd.DataFrame:
    return pd.DataFrame(
        {each.name: np.array(getattr(table, each.name), dtype=np.int64) for each in fields(table)}
    )


class Frames:
    """A snapshot as data frames: made before anything is measured."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.start = seconds_of(snapshot.period.start)
        self.end = seconds_of(snapshot.period.end)
        self.leads = frame(snapshot.leads)
        self.steps = frame(snapshot.steps)
        self.steps["stage"] = self.steps["turn"] % 16
        self.steps["flow"] = self.steps["turn"] // 16
        self.offers = frame(snapshot.offers)
        self.promises = frame(snapshot.promises)
        self.entitlements = pd.DataFrame(
            [
                (at, snapshot.texts.number(partner), thousandths)
                for at, shares in zip(
                    snapshot.entitlements.at, snapshot.entitlements.shares, strict=True
                )
                for partner, thousandths in shares_in(snapshot.texts[shares])
            ],
            columns=["at", "partner", "thousandths"],
        )
        texts = pd.Series(snapshot.texts.texts)
        self.leads["part"] = self.leads["cell"].map(texts)
        self.leads["campaign_name"] = self.leads["touch"].map(texts)
        self.routed = snapshot.texts.known("routed")


def kaplan_meier(times: pd.DataFrame) -> pd.Series:
    """Median and p90 of times, some of them censored; nothing of fewer than five."""
    if len(times) < 5:
        return pd.Series({"median": np.nan, "p90": np.nan})
    table = times.groupby("time")["event"].agg(["sum", "count"])
    at_risk = len(times) - table["count"].cumsum().shift(fill_value=0)
    left = (1 - table["sum"] / at_risk).cumprod()
    found = {}
    for name, until in (("median", 0.5), ("p90", 0.1)):
        reached = left.index[(left <= until + 1e-9) & (table["sum"] > 0)]
        found[name] = reached[0] if len(reached) else np.nan
    return pd.Series(found)


def spells(frames: Frames, leads: pd.DataFrame, begun: str, done: str) -> pd.Series:
    """A life table of the period, by whole hours."""
    rows = leads[leads[begun] > 0]
    until = rows[done].where(rows[done] > 0, rows["ended"].where(rows["ended"] > 0, frames.end))
    rows = rows[until >= frames.start]
    until = until[until >= frames.start]
    length = (until - rows[begun]) // 3600
    came = ((frames.start - rows[begun]).clip(lower=0)) // 3600
    event = rows[done] > 0
    table = (
        pd.DataFrame(
            {
                "events": length[event].value_counts(),
                "exits": length.value_counts(),
                "entries": came.value_counts(),
            }
        )
        .fillna(0)
        .sort_index()
    )
    at_risk = table["entries"].cumsum() - table["exits"].cumsum().shift(fill_value=0)
    left = (1 - table["events"] / at_risk).cumprod()
    reached = left.index[(left <= 0.5 + 1e-9) & (table["events"] > 0)]
    return pd.Series({"median": reached[0] / 24 if len(reached) else np.nan})


def figures(frames: Frames) -> dict[str, Any]:
    """All figures of the network and of each partner."""
    start, end = frames.start, frames.end
    inside = lambda column: (column >= start) & (column < end)  # noqa: E731
    leads = frames.leads.copy()
    for name in ("entered", "offered", "accepted", "contacted", "quoted", "ended"):
        leads[name] = leads[name].where(leads[name] < end, 0)
    steps = frames.steps[frames.steps["at"] < end]
    last = steps.groupby("lead").last()
    leads["stage"] = last["stage"].reindex(leads.index, fill_value=0)
    leads["owner"] = last["partner"].reindex(leads.index, fill_value=0)
    leads["since"] = last["at"].reindex(leads.index, fill_value=0)
    in_month = steps[steps["at"] >= start]
    before = steps[steps["at"] < start]
    flows = before["flow"].value_counts()
    out: dict[str, Any] = {
        "open_at_start": flows.get(int(Flow.RECEIVED), 0)
        + flows.get(int(Flow.REOPENED), 0)
        - flows.get(int(Flow.ENDED), 0)
        - flows.get(int(Flow.JOINED), 0),
        "flows": in_month.groupby(["flow", "stage"]).size(),
        "open_at_end": leads["stage"].isin([int(each) for each in OPEN_STAGES]).sum(),
    }
    offers = frames.offers
    made, decided = offers[inside(offers["made"])], offers[inside(offers["decided"])]
    ends = decided.groupby(["partner", "end", "seen"]).size().unstack(["end", "seen"], fill_value=0)
    partners = pd.DataFrame(index=np.union1d(made["partner"].unique(), decided["partner"].unique()))
    partners["made"] = made.groupby("partner").size()
    partners["routed"] = made[made["kind"] == frames.routed].groupby("partner").size()
    pending = offers[
        (offers["made"] < end) & ((offers["decided"] == 0) | (offers["decided"] >= end))
    ]
    partners["pending"] = pending.groupby("partner").size()
    waited = decided[decided["waited"] > 0]
    times = pd.DataFrame(
        {
            "partner": waited["partner"],
            "time": waited["waited"] // 2 - 1,
            "event": waited["waited"] % 2 == 0,
        }
    )
    partners[["response", "response_p90"]] = times.groupby("partner")[["time", "event"]].apply(
        kaplan_meier
    )
    out["response"] = kaplan_meier(times)
    accepted = decided[decided["after"] > 0].copy()
    let_go = (accepted["let_go"] > 0) & (accepted["let_go"] < end)
    lead_end = leads["ended"].to_numpy()[accepted["lead"]]
    called = (accepted["contacted"] > 0) & (accepted["contacted"] < end)
    until = np.where(
        called,
        accepted["contacted"],
        np.where(let_go, accepted["let_go"], np.where(lead_end > 0, lead_end, end)),
    )
    calls = pd.DataFrame(
        {"partner": accepted["partner"], "time": until - accepted["decided"], "event": called}
    )
    partners[["contact", "contact_p90"]] = calls.groupby("partner")[["time", "event"]].apply(
        kaplan_meier
    )
    accepted["won"] = (leads["stage"].to_numpy()[accepted["lead"]] == int(LeadStage.WON)) & ~let_go
    accepted["upheld"] = let_go & accepted["after"].isin([2, 3, 4])
    accepted["left"] = let_go & accepted["after"].isin(
        [int(AfterAccept.RETURNED_NEUTRAL), int(AfterAccept.PASSED_ON)]
    )
    partners[["conversions", "upheld", "left"]] = accepted.groupby("partner")[
        ["won", "upheld", "left"]
    ].sum()
    due = offers[inside(offers["contact_by"])]
    partners["met"] = due[due["contact"] == int(Kept.MET)].groupby("partner").size()
    partners["missed"] = due[due["contact"] == int(Kept.MISSED)].groupby("partner").size()
    partners["contacted"] = offers[inside(offers["contacted"])].groupby("partner").size()
    partners["quoted"] = offers[inside(offers["quoted"])].groupby("partner").size()
    gone = offers[inside(offers["let_go"]) & offers["after"].isin([2, 3, 4])]
    partners["returned"] = gone.groupby("partner").size()
    entitled = frames.entitlements[inside(frames.entitlements["at"])]
    partners["entitled"] = entitled.groupby("partner")["thousandths"].sum() / 1000
    ended = leads[inside(leads["ended"])]
    won, lost = (
        ended[ended["stage"] == int(LeadStage.WON)],
        ended[ended["stage"] == int(LeadStage.LOST)],
    )
    partners["won"] = won.groupby("owner").size()
    partners["lost"] = lost.groupby("owner").size()
    paid = won[won["value"] != NO_AMOUNT]
    partners["value"] = paid.groupby("owner")["value"].sum()
    owned = leads[leads["stage"].isin([int(each) for each in OWNED_STAGES])]
    partners["open"] = owned.groupby("owner").size()
    late = offers[
        (offers["contact_by"] > 0) & (offers["contact_by"] < end) & (offers["decided"] < end)
    ]
    late = late[~((late["let_go"] > 0) & (late["let_go"] < end))]
    stage = leads["stage"].to_numpy()[late["lead"]]
    owner = leads["owner"].to_numpy()[late["lead"]]
    late = late[(stage == int(LeadStage.ACCEPTED)) & (owner == late["partner"])]
    partners["overdue"] = late.groupby("partner").size()
    out["partners"] = partners.fillna(dict.fromkeys(("made", "pending", "met", "missed"), 0))
    out["ends"] = ends
    cohort = leads[inside(leads["entered"])]
    out["cohort"] = {
        name: (cohort[name] > 0).sum() for name in ("offered", "accepted", "contacted", "quoted")
    } | {"received": len(cohort), "stages": cohort["stage"].value_counts()}
    waits = cohort[
        ~cohort["stage"].isin(
            [int(LeadStage.NURTURE), int(LeadStage.REJECTED), int(LeadStage.REPEAT)]
        )
    ]
    spoken = waits["contacted"] > 0
    delay = waits["contacted"] - waits["received"]
    out["speed"] = {
        hours: (
            (spoken & (delay <= hours * 3600))[end - waits["received"] > hours * 3600].sum(),
            (end - waits["received"] > hours * 3600).sum(),
        )
        for hours in (1, 24, 48)
    }
    silent = np.where(waits["ended"] > 0, waits["ended"], end) - waits["received"]
    out["speed_hours"] = kaplan_meier(
        pd.DataFrame({"time": np.where(spoken, delay, silent), "event": spoken})
    )
    first = leads[inside(leads["accepted"])]
    out["automatic"] = (len(first) - first["by_hand"].sum(), len(first))
    promised = frames.promises[inside(frames.promises["until"])]
    out["promises"] = promised["kept"].value_counts()
    out["gaps"] = cohort.groupby("part").size()
    campaigns = cohort.groupby("campaign_name")
    out["campaigns"] = pd.DataFrame(
        {
            "leads": campaigns.size(),
            "accepted": cohort[cohort["accepted"] > 0].groupby("campaign_name").size(),
            "won": cohort[cohort["stage"] == int(LeadStage.WON)].groupby("campaign_name").size(),
            "value": cohort[
                (cohort["stage"] == int(LeadStage.WON)) & (cohort["value"] != NO_AMOUNT)
            ]
            .groupby("campaign_name")["value"]
            .sum(),
        }
    )
    out["declined"] = decided[decided["end"] == int(OfferEnd.DECLINED)]["reason"].value_counts()
    out["lost"] = lost["reason"].value_counts()
    leads["won_at"] = leads["ended"].where(leads["stage"] == int(LeadStage.WON), 0)
    stages = ("entered", "accepted", "contacted", "quoted", "won_at")
    out["velocity"] = [spells(frames, leads, begun, done) for begun, done in pairwise(stages)] + [
        spells(frames, leads, "accepted", "won_at")
    ]
    open_leads = leads[leads["stage"].isin([int(each) for each in OPEN_STAGES])]
    out["ages"] = (end - open_leads["since"]).groupby(open_leads["stage"]).median()
    out["won_since"] = won.sort_values(["value", "ended"], ascending=False).head(100)
    out["lost_since"] = lost.sort_values(["value", "ended"], ascending=False).head(100)
    with_owner = ended[ended["owner"] > 0]
    record = {}
    for name in ("accepted", "contacted", "quoted"):
        stood = with_owner if name == "accepted" else with_owner[with_owner[name] > 0]
        record[name] = pd.DataFrame(
            {
                "ended": stood.groupby("owner").size(),
                "won": stood[stood["stage"] == int(LeadStage.WON)].groupby("owner").size(),
            }
        ).fillna(0)
    out["record"] = record
    out["forecast"] = _forecast(owned, record)
    return out


def _forecast(owned: pd.DataFrame, record: dict[str, pd.DataFrame]) -> float:
    """The orders that open leads are expected to bring, by shrunk chances."""
    expected = 0.0
    stages = {"accepted": 6, "contacted": 7, "quoted": 8}
    for name, stage in stages.items():
        table = record[name]
        cases, won = table["ended"].sum(), table["won"].sum()
        mean = won / cases
        within = mean * (1 - mean)
        apart = (table["ended"] * (table["won"] / table["ended"] - mean) ** 2).sum()
        effective = cases - (table["ended"] ** 2).sum() / cases
        between = (apart - (len(table) - 1) * within) / effective
        counts = owned[owned["stage"] == stage].groupby("owner").size()
        if between <= 0:
            expected += counts.sum() * mean
            continue
        weight = max(within / between - 1, 1)
        chance = (table["won"] + weight * mean) / (table["ended"] + weight)
        expected += (counts * chance.reindex(counts.index, fill_value=mean)).sum()
    return expected

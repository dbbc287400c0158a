"""`make backtest`, `make dry-run` and `make replay`: from what is stored to a page and to
sentences.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from infra.tools import backtest, dry_run, replay
from infra.tools.stack import Target
from routing_core.aws.settings import StoreSettings, read_settings
from tests.integration.test_dry_run import WANTED
from tests.integration.test_hq import Hq, forge_decision
from tests.support.builders import programme_document
from tests.support.world import World, a_programme, munich


class Here(Target):
    """The world's tables by the template's names."""

    def resource(self, logical: str) -> str:
        return {"LeadsTable": "leads", "PartnersTable": "partners"}.get(logical) or self.bucket

    bucket = ""


@pytest.fixture
def here(world: World) -> Target:
    world.use(a_programme(), munich(1, tier=1), munich(2))
    Here.bucket = read_settings(StoreSettings).bucket
    return Here("test", boto3.client)


def options(tmp_path: Path, **files: Any) -> argparse.Namespace:
    found = dict.fromkeys(("programme", "partners", "leads", "enquiry")) | {"lead": ""}
    for name, content in files.items():
        if name == "lead":
            found[name] = content
            continue
        path = tmp_path / name
        text = content if isinstance(content, str | bytes) else yaml.safe_dump(content)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        found[name] = path
    return argparse.Namespace(**found)


def played(here: Target, asked: argparse.Namespace) -> Any:
    return backtest.play(backtest.read(here, asked), "1")


DRAFT = programme_document(
    offers=[{"window": {"minutes": 30}, "partners": 1, "total": {"working_days": 2}}]
)


def test_stored_leads_are_played_by_both_rules_and_shown(
    here: Target, world: World, tmp_path: Path
) -> None:
    for number in range(3):
        world.post_lead(key=f"key-{number}", email=f"somebody-{number}@example.com", phone="")
        world.advance(minutes=5)
    world.press(world.offer_link(world.lead_ids()[0]), action="accept")
    before = world.items(), world.items("partners")
    inputs = backtest.read(here, options(tmp_path, programme=DRAFT))
    test = backtest.play(inputs, "1")
    assert (test.current.leads, test.draft.leads, test.learned_from) == (3, 3, 1)
    assert (
        test.draft.exhausted > test.current.exhausted
    )  # one partner at most, where there were three
    backtest.show(test, tmp_path / "build" / "page.html")
    assert "Isar Wärme 1" in (tmp_path / "build" / "page.html").read_text("utf-8")
    assert (world.items(), world.items("partners")) == before


@pytest.mark.slow
def test_a_file_of_enquiries_is_played_instead(
    here: Target, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = ["received_at;postcode;product;urgency"]
    rows += [f"2026-03-{day:02d} 09:00;80331;heat-pump;soon" for day in range(1, 29)]
    asked = options(tmp_path, programme=DRAFT, leads="\n".join(rows))
    runs = [played(here, asked) for _ in range(2)]
    assert runs[0].current == runs[1].current
    assert runs[0].current.leads == 28
    backtest.show(runs[0], tmp_path / "page.html")
    assert "Offers made" in capsys.readouterr().out


def test_bad_rows_and_foreign_columns_stop_no_file_and_are_told(
    here: Target, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One bad row, a column of another system's, or dates as in the US stopped a file of
    thousands.
    """
    rows = ["Received at,ZIP note,ZIP,product,urgency,partner,outcome,value"]
    rows += [
        f"3/{day}/2026 9:14 AM,x,80331,Heat Pump,SOON,Isar Wärme 1,Won,21500"
        for day in range(1, 29)
    ]
    rows += ["3/29/2026 9:14 AM,x,80331,no such thing,soon,,,", "soon,x,80331,boiler,soon,,,"]
    rows += ["3/29/2026 9:14 AM,x,8O331,boiler,soon,,,"]
    test = played(here, options(tmp_path, programme=DRAFT, leads="\n".join(rows)))
    assert (test.current.leads, test.skipped, test.ignored, test.outcomes) == (
        28,
        3,
        ("zip_note",),
        28,
    )
    assert [problem.field for problem in test.problems] == [
        "row 30, product",
        "row 31, received_at",
        "row 32, postcode",
    ]
    assert (test.first.month, test.first.day, test.last.day) == (3, 1, 28)
    backtest.show(test, tmp_path / "page.html")
    told = capsys.readouterr().out
    assert "row 30, product: 'no such thing' is not one of" in told
    assert "row 32, postcode: '8O331' is not a postcode in DE: did you mean 80331?" in told
    page = (tmp_path / "page.html").read_text("utf-8")
    assert "3 rows could not be read and were skipped" in page
    assert "1 column was not used: zip_note" in page
    assert "Won, based on each partner" in page


def test_what_only_the_draft_has_may_stand_in_the_file(here: Target, tmp_path: Path) -> None:
    solar = {"id": "solar", "name": {"en": "Solar", "de": "Solar"}}
    draft = programme_document(products=[*DRAFT["products"], solar])
    rows = "received_at;postcode;product;urgency\n2026-03-02 09:00;80331;solar;soon\n"
    test = played(here, options(tmp_path, programme=draft, leads=rows))
    assert (test.current.exhausted, test.draft.leads) == (1, 1)


def test_of_very_much_that_is_wrong_the_first_is_told(here: Target, tmp_path: Path) -> None:
    rows = "\n".join(f"p{number};x" for number in range(300))
    with pytest.raises(SystemExit) as ended:
        backtest.read(
            here, options(tmp_path, partners=f"id;name;email;territories;products;tier\n{rows}\n")
        )
    lines = str(ended.value).splitlines()
    assert lines[0] == "rows 2, 3, 4 and 297 more, email: is required (of 300 rows the first)"
    assert len(lines) == 3
    leads = "\n".join(["received_at;postcode;product;urgency", *["x"] * 300])
    with pytest.raises(SystemExit) as ended:
        backtest.read(here, options(tmp_path, programme=DRAFT, leads=leads))
    assert str(ended.value).splitlines()[-1].endswith("has more errors; these are the first")


def test_a_bar_on_the_terminal_fills_while_it_lasts(
    here: Target,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = ["received_at;postcode;product;urgency", "2026-03-02 09:00;80331;heat-pump;soon"]
    asked = options(tmp_path, programme=DRAFT, leads="\n".join(rows))
    played(here, asked)
    assert capsys.readouterr().err == ""  # to a file goes no bar
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    played(here, asked)
    bars = capsys.readouterr().err.split("\r")
    assert (bars[1].count("█"), bars[-1]) == (0, f"{'█' * backtest.BAR} 100%\n")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"programme": {"name": "x"}}, "forms: is required"),
        ({"programme": DRAFT}, "There are no leads yet"),
        (
            {"programme": DRAFT, "leads": "received_at;postcode\n"},
            "row 1, product: the column is missing",
        ),
        (
            {
                "programme": DRAFT,
                "leads": "received_at;postcode\n2026-03-02 09:00;Köln".encode("cp1252"),
            },
            "is not UTF-8",
        ),
        ({"programme": "name: Köln".encode("cp1252")}, "programme: is not UTF-8: save it as UTF-8"),
        ({"partners": "id;nonsense\nx;y\n"}, "name: the column is missing"),
        ({"partners": "id;name\nx;Köln\n".encode("cp1252")}, "is not UTF-8"),
    ],
)
@pytest.mark.slow
def test_what_is_wrong_with_a_file_is_said_without_a_traceback(
    here: Target, tmp_path: Path, files: dict[str, Any], said: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        backtest.read(here, options(tmp_path, **files))
    assert said in str(ended.value)


def test_a_dry_run_tells_what_a_draft_would_do_with_one_lead(
    here: Target, world: World, tmp_path: Path
) -> None:
    told = dry_run.dry_run(here, options(tmp_path, programme=DRAFT, enquiry=WANTED))
    assert any("Isar Wärme 1" in sentence for sentence in told)
    assert any(sentence.startswith("Warning: ") for sentence in told)
    world.post_lead()
    assert dry_run.dry_run(here, options(tmp_path, lead=world.lead_ids()[0]))
    with pytest.raises(SystemExit, match="there is no lead"):
        dry_run.dry_run(here, options(tmp_path, lead="LNONE"))


def test_a_replay_tells_what_the_api_tells_and_makes_every_decision_again(
    here: Target, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    lead_id = world.post_lead().json()["lead"]
    world.press(world.offer_link(lead_id), action="decline", reason="busy")
    world.use(
        a_programme(match_language=False), munich(5, tier=1)
    )  # replayed with what was in force then
    api = Hq(world)("GET", f"/v1/leads/{lead_id}/decisions?replay=true").json()["decisions"]
    assert [each["replay"]["identical"] for each in api] == [True, True]
    capsys.readouterr()
    replay.replay(here, lead_id)
    printed = capsys.readouterr().out
    assert [
        line
        for line in printed.splitlines()
        if line.startswith("  ") and line.strip() != "identical"
    ] == [f"  {sentence}" for each in api for sentence in each["sentences"]]
    assert printed.count("  identical") == 2
    assert printed.endswith("2 decisions repeated, all identical.\n")


def test_a_replay_that_comes_out_otherwise_says_in_what_and_fails(
    here: Target, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    lead_id = world.post_lead().json()["lead"]
    forge_decision(world, lead_id, {"chosen": "munich-9"})
    with pytest.raises(SystemExit, match="1 of 1 decisions come out differently"):
        replay.replay(here, lead_id)
    assert "DIFFERS in" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="there is no lead LNONE"):
        replay.replay(here, "LNONE")

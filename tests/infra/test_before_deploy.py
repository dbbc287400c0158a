"""`make deploy` finds credentials wherever SAM would, and says all that is missing before anything
is built.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from infra.tools.before_deploy import missing

ROOT = Path(__file__).resolve().parents[2]
SENDER = "leads@example.com"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Somebody who has never heard of AWS, on a machine that is none of AWS's."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    (tmp_path / ".aws").mkdir()
    return tmp_path


def config(home: Path, *lines: str) -> None:
    (home / ".aws/config").write_text("\n".join(lines))


def test_all_that_is_missing_is_said_at_once(home: Path) -> None:
    assert [lack.split(":")[0] for lack in missing("")] == [
        "AWS credentials",
        "A region",
        "The sender of emails",
    ]


def test_an_empty_configuration_holds_no_credentials(home: Path) -> None:
    config(home)
    assert [lack.split(":")[0] for lack in missing(SENDER)] == ["AWS credentials", "A region"]


def test_single_sign_on_is_found_without_signing_on(home: Path) -> None:
    config(
        home,
        *(
            "[default]",
            "region = eu-central-1",
            "sso_session = firm",
            "sso_account_id = 123456789012",
        ),
        *("sso_role_name = Deploys", "[sso-session firm]", "sso_region = eu-central-1"),
        "sso_start_url = https://firm.awsapps.com/start",
    )
    assert missing(SENDER) == []


@pytest.fixture
def container() -> Iterator[str]:
    """What CloudShell and CodeBuild have: an address that gives credentials to whoever runs
    there.
    """

    class Credentials(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            given = {
                "AccessKeyId": "A",
                "SecretAccessKey": "B",
                "Token": "C",
                "Expiration": "2099-01-01T00:00:00Z",
            }
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(given).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Credentials)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_what_the_machine_gives_is_found(
    home: Path, container: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", container)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    assert missing(SENDER) == []


def test_half_a_key_and_a_profile_that_is_not_there_are_named(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "A")
    (half,) = missing(SENDER)
    assert "AWS_SECRET_ACCESS_KEY" in half
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    (unknown,) = missing(SENDER)
    assert "nobody" in unknown


def test_make_tells_the_region_by_the_name_that_sam_knows(home: Path) -> None:
    show = "show: ; @echo $$AWS_DEFAULT_REGION"
    told = subprocess.run(
        ["make", "-s", "--eval", show, "show"],
        cwd=ROOT,
        env={**os.environ, "AWS_REGION": "eu-west-1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == "eu-west-1\n"

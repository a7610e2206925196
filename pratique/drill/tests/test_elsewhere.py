"""A drill against a server of somebody else's: played where it may be, and told why where not."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from pratique.drill.arriving import Unplayable, cast_of, check_county, check_url
from tests import tutorial

ROOT = Path(__file__).resolve().parents[3]
NOT_PLAYED = 2


def environment():
    kept = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "APP_DATABASE_URL")}
    return {**kept, "PRATIQUE_LANGUAGE": "en"}


def drill(*words):
    return subprocess.run(
        [sys.executable, "-m", "pratique", "drill", "--vehicles", "12", "--days", "0.3", *words],
        env=environment(), cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def served():
    """(address, credentials) of a drill's county that waits at its first morning."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pratique", "drill", "--serve", "--days", "0", "--port", "0"],
        env=environment(), cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        told = next(found for line in process.stderr
                    if (found := re.search(r"--url (\S+) --credentials (\S+)", line)))
        yield told[1], Path(told[2])
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert not Path(told[2]).exists()


def without_tokens(credentials, folder):
    told = json.loads(credentials.read_text())
    for device in told["devices"]:
        device["token"] = "another-county"
    file = folder / "devices.json"
    file.write_text(json.dumps(told))
    return file


def test_a_served_county_is_played_once_from_elsewhere(served, tmp_path):
    url, credentials = served
    wrong = drill("--url", url, "--credentials", str(without_tokens(credentials, tmp_path)))
    assert (wrong.returncode, wrong.stdout) == (NOT_PLAYED, "")
    assert "does not know the token of command/lead" in wrong.stderr

    report = tmp_path / "report.json"
    played = drill("--url", url, "--credentials", str(credentials), "--json", str(report))
    data = json.loads(report.read_text())
    assert played.returncode in (0, 1), played.stderr[-2000:]
    assert data["facts"]["adds_up"]
    assert data["unaccounted"] == {"persons": 0, "vehicles": 0, "specimens": 0}
    assert (data["prove"]["violations"], data["rebuild"]["differences"]) == (0, 0)
    assert data["surprises"]["count"] == 0

    again = drill("--url", url, "--credentials", str(credentials))
    assert again.returncode == NOT_PLAYED
    assert "has been played until 2022-08-20" in again.stderr


@pytest.mark.parametrize(("words", "said"), [
    (["--url", "http://127.0.0.1:9"], "--url needs --credentials"),
    (["--url", "http://127.0.0.1:9", "--credentials", "/nowhere.json"], "cannot be read"),
    (["--url", "http://127.0.0.1:9", "--credentials", "README.md"], "is not the credentials file"),
    (["--url", "http://127.0.0.1:9", "--serve"], "Leave one of them out"),
    (["--days", "0"], "more than no time"),
])
def test_what_does_not_go_together_is_said_with_its_own_exit_code(words, said):
    done = drill(*words)
    assert done.returncode == NOT_PLAYED
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("url", [
    "127.0.0.1:8000", "ftp://127.0.0.1", "http://", "http://127.0.0.1:x", "http://127.0.0.1/api",
])
def test_an_address_that_can_be_none_is_refused(url):
    with pytest.raises(Unplayable, match="must look like"):
        check_url(url)


class Page(BaseHTTPRequestHandler):
    """Somebody else's website."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Welcome</title>")

    def log_message(self, *_):
        pass


@contextmanager
def website():
    server = HTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def cast(tmp_path):
    tutorial.write_tokens(tmp_path)
    file = tmp_path / "var" / "devices.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "lanes": {}, "staff": []}))
    return cast_of(file, 1)


@pytest.mark.django_db
def test_a_website_that_is_not_pratique_is_recognised(cast):
    with website() as url, pytest.raises(Unplayable, match=r"not Pratique's API \(status 200"):
        check_county(url, cast)
    with pytest.raises(Unplayable, match="Nothing at .* answers a drill"):
        check_county(url, cast)


@pytest.mark.committed
def test_a_county_in_earnest_is_left_alone(live_server, cast):
    tutorial.seed_example()
    with pytest.raises(Unplayable, match="is no drill, and nothing was sent"):
        check_county(live_server.url, cast)

"""What the browser gets from others: by the lock, once, and the app without it."""

import gzip
import hashlib
import json
import re

import pytest

from pratique.cli import packages


@pytest.fixture
def machine_of_its_own(tmp_path, monkeypatch):
    """A machine's folder in which nothing is installed yet, and no place with a network."""
    monkeypatch.setenv("PRATIQUE_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setattr(packages, "VENDOR", tmp_path / "vendor")
    return tmp_path


def test_the_lock_has_a_hash_for_each_package_and_no_address():
    lock = json.loads((packages.HERE / "package-lock.json").read_text(encoding="utf-8"))
    taken = {name: each for name, each in lock["packages"].items() if name}
    assert all(each["integrity"].startswith("sha512-") for each in taken.values())
    assert not any("resolved" in each for each in taken.values())
    assert {each["license"] for each in taken.values()} <= {"MIT", "Apache-2.0",
                                                           "(MIT OR CC0-1.0)"}


def test_without_npm_and_network_it_is_said_once_and_the_app_goes_on(machine_of_its_own, capsys):
    assert packages.ensure() is False
    said = capsys.readouterr().err
    assert "square codes" in said or "二维码" in said
    assert packages.ensure(is_asked=False) is False
    assert capsys.readouterr().err == ""  # the next `./run` does not wait for a network again
    assert not packages.VENDOR.exists()
    assert packages.tsc() is None


def test_what_the_browser_gets_is_whole_with_its_licences():
    if not packages.VENDOR.exists():
        pytest.skip("the packages are not installed here")
    for name in packages.FILES:
        assert (packages.VENDOR / name).stat().st_size > 0
    reader = (packages.VENDOR / packages.READER).read_bytes()
    assert gzip.decompress((packages.VENDOR / f"{packages.READER}.gz").read_bytes()) == reader
    told = (packages.VENDOR / "files.js").read_text(encoding="ascii")
    assert hashlib.sha256(reader).hexdigest() in told
    assert re.search(r"bytes: (\d+)", told)[1] == str(len(reader))


def test_a_second_time_nothing_is_installed(machine_of_its_own):
    packages._mark(packages.VENDOR)
    assert packages.ensure() is True  # without npm, pip and a network

"""What is the same for everybody travels gzipped, and what is somebody's own does not."""

import gzip
import random

import pytest
from django.test import Client

from pratique.kit import compressed

SCRIPT = "/static/field/core/table.js"


def fetched(address: str, encoding: str = "gzip, br"):
    return Client().get(address, headers={"Accept-Encoding": encoding})


def body(answer) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


@pytest.mark.parametrize("address", [SCRIPT, "/static/desks/css/10-base.css"])
def test_a_static_file_comes_compressed_to_who_can_read_it(address):
    small, plain = fetched(address), fetched(address, "identity")
    assert small["Content-Encoding"] == "gzip" and not plain.has_header("Content-Encoding")
    packed, content = body(small), body(plain)
    assert gzip.decompress(packed) == content and len(packed) < len(content) / 1.5
    assert int(small["Content-Length"]) == len(packed)
    assert small["Content-Type"] == plain["Content-Type"] and "Accept-Encoding" in small["Vary"]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/field/en/", "/field/zh-hans/", "/field/sw.js"])
def test_the_field_app_s_pages_come_compressed(address):
    small, plain = fetched(address), fetched(address, "identity")
    assert small["Content-Encoding"] == "gzip" and not plain.has_header("Content-Encoding")
    assert gzip.decompress(small.content) == plain.content
    assert int(small["Content-Length"]) == len(small.content)


@pytest.mark.django_db
def test_a_page_with_a_secret_on_it_is_not_compressed():
    """A compressed page's length tells what is on it to who makes it say things (BREACH)."""
    assert not fetched("/sign-in/").has_header("Content-Encoding")


def test_a_file_is_compressed_once_and_one_that_does_not_shrink_stays_plain(tmp_path, monkeypatch):
    monkeypatch.setattr(compressed, "FOLDER", tmp_path / "compressed")
    text, noise, short = tmp_path / "a.js", tmp_path / "b.png", tmp_path / "c.css"
    text.write_bytes(b"let one = 1;\n" * 100)
    noise.write_bytes(random.Random(1).randbytes(4_000))
    short.write_bytes(b"a{}")
    first = compressed.compressed_form(text)
    assert first and gzip.decompress(first.read_bytes()) == text.read_bytes()
    before = first.stat().st_mtime_ns
    assert compressed.compressed_form(text) == first and first.stat().st_mtime_ns == before
    assert compressed.compressed_form(short) is compressed.compressed_form(noise) is None
    assert [each.name for each in first.parent.iterdir()] == [first.name]


def test_where_nothing_can_be_written_files_are_served_plain(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setattr(compressed, "FOLDER", tmp_path / "file" / "compressed")
    text = tmp_path / "a.js"
    text.write_bytes(b"let one = 1;\n" * 100)
    assert compressed.compressed_form(text) is None

"""A car of four by an officer with a scanner, at a human's pace, from first key to four decisions.

Every key is a real one, with a pause behind it; nothing is skipped that a hand would do. The figure
goes to PRATIQUE_FIELD_REPORT.
"""

import json
import os
import time
from pathlib import Path

import pytest

from pratique.desks.tests.conftest import clock, fill_county, resident_id  # noqa: F401
from pratique.field.tests.app_page import until
from pratique.field.tests.gate_page import enrolled_page, open_screen, scan
from pratique.kit.sql import reading

pytestmark = [pytest.mark.browser, pytest.mark.django_db(
    transaction=True, databases=["default", "owner"])]
SCAN_SECONDS, KEY_SECONDS = 0.3, 0.2
PINYIN_KEYS = 6  # a sign, before it is chosen with one key more
SECONDS_MAX = 60


class Officer:
    """Hands: a pause after every key, tap and scan, all of them counted."""

    def __init__(self, page) -> None:
        self.page = page
        self.keys = self.taps = self.scans = 0

    def key(self, name: str) -> None:
        self.page.keyboard.press(name)
        self.keys += 1
        time.sleep(KEY_SECONDS)

    def type(self, text: str) -> None:
        for sign in text:
            self.key(sign)

    def name(self, signs: str) -> None:
        """By an input method: the keys of the sound, and one that chooses the sign."""
        for sign in signs:
            self.page.keyboard.insert_text(sign)
            self.keys += PINYIN_KEYS + 1
            time.sleep(KEY_SECONDS * (PINYIN_KEYS + 1))

    def tap(self, selector: str) -> None:
        self.page.click(selector)
        self.taps += 1
        time.sleep(KEY_SECONDS)

    def choose(self, selector: str, at: int) -> None:
        """One tap opens the list, one chooses."""
        self.tap(selector)
        self.page.keyboard.press("Escape")
        self.page.select_option(selector, index=at)
        self.taps += 1
        time.sleep(KEY_SECONDS)

    def scan(self, text: str) -> None:
        scan(self.page, text)
        self.scans += 1
        time.sleep(SCAN_SECONDS)


def escaped(text: str) -> str:
    """As a reader types a card's Chinese signs where it has no keys for them."""
    return "".join(rf"\u{ord(sign):04x}" if ord(sign) > 0x7F else sign for sign in text)


def test_a_car_of_four_takes_an_officer_with_a_scanner_less_than_a_minute(
        transactional_db, clock, live_server, page):  # noqa: F811
    fill_county()
    enrolled_page(page, live_server)
    open_screen(page, "gate")
    page.wait_for_selector("#plate:focus")
    officer, began = Officer(page), time.monotonic()
    officer.type("A12345")
    officer.tap("[data-occupants='4']")
    for number, name in enumerate(("王甲", "王乙")):
        officer.scan(f"{escaped(name)},{resident_id(1 + number)}")
    for number, name in ((2, "王丙"), (3, "王丁")):
        officer.scan(resident_id(1 + number))
        officer.name(name)
    officer.tap("[data-county]")
    officer.type("sanya")
    officer.key("Enter")
    officer.key("Enter")  # the cursor is on “none of these”: it ticks and goes on
    officer.choose("#destination", 1)
    officer.tap("#gate-register")
    decisions = page.locator("#stop-people [data-decision] .mark")
    until(lambda: decisions.count() == 4, SECONDS_MAX)
    seconds = time.monotonic() - began
    told(officer, seconds)
    assert sorted(page.locator("#stop-people b").all_inner_texts()) == [
        "王丁", "王丙", "王乙", "王甲"]
    assert all(text.strip() for text in decisions.all_inner_texts())
    assert seconds <= SECONDS_MAX
    until(lambda: rows("SELECT count(*) FROM checkpoint_episode") == 4)


def rows(query: str) -> int:
    with reading() as cursor:
        return cursor.execute(query).fetchone()[0]


def told(officer: Officer, seconds: float) -> None:
    data = {"seconds": round(seconds, 1), "keys": officer.keys, "taps": officer.taps,
            "scans": officer.scans}
    print(data)
    if path := os.environ.get("PRATIQUE_FIELD_REPORT"):
        Path(path).write_text(json.dumps(data))

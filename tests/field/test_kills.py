"""A browser killed while it writes and while it sends, a server stopped, a network cut anywhere.

Every fact whose promise had resolved is in the journal once. At full size by `pratique evidence
field`: PRATIQUE_FIELD_KILLS, PRATIQUE_FIELD_FACTS; the figures go to PRATIQUE_FIELD_REPORT.
"""

import contextlib
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
from django.conf import settings

from pratique.cli import browser, machine
from pratique.field.tests.app_page import SAVE, enrol_page, run, until
from pratique.kit import embedded
from pratique.kit.sql import reading
from tests.field.cutting import CuttingProxy

pytestmark = [pytest.mark.browser, pytest.mark.django_db(
    transaction=True, databases=["default", "owner"])]
KILLS = int(os.environ.get("PRATIQUE_FIELD_KILLS", "4"))
FACTS = int(os.environ.get("PRATIQUE_FIELD_FACTS", "300"))
SEED = int(os.environ.get("PRATIQUE_FIELD_SEED", "1"))
SENDING_SECONDS_MAX = 120
AT_ONCE = 3
PAUSE_MS = 15
SAVING = SAVE + """
    // Each promise that resolves is told at once: what was told before the kill must arrive.
    for (let n = 0; n < argument.count; n += argument.at_once) {
      const entries = Array.from({ length: Math.min(argument.at_once, argument.count - n) },
        (_, k) => entry(n + k));
      const kept = await store.save(device, entries);
      console.log("SAVED " + kept.map((fact) => `${fact.seq}:${fact.id}`).join(" "));
      await new Promise((done) => setTimeout(done, argument.pause_ms));
    }
"""


class Server:
    """The real server on the test's database, in a process of its own."""

    def __init__(self, url: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        database = embedded.with_database(url, settings.DATABASES["default"]["NAME"])
        self.environment = {
            **machine.child_environment(), "DATABASE_URL": database,
            "PRATIQUE_COUNTY": "beta", "PRATIQUE_KEY_FILE": str(settings.KEY_FILE)}
        if not os.environ.get("DATABASE_URL"):
            self.environment["APP_DATABASE_URL"] = embedded.with_user(database, machine.APP_ROLE)
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            machine.module("granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port",
                           str(self.port), "--workers", "1", "--no-access-log", "--log-level",
                           "error", "pratique.wsgi:application"),
            env=self.environment, cwd=machine.ROOT, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        until(self.answers, 60)

    def answers(self) -> bool:
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            connection.request("GET", "/field/en/")
            return connection.getresponse().status == 200
        return False

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(20)
            self.process = None


class Phone:
    """A browser with a profile on the disk, which can die at any moment and begin again."""

    def __init__(self, playwright, profile: Path, address: str) -> None:
        self.chromium, self.profile, self.address = playwright.chromium, profile, address
        self.told: dict[str, int] = {}
        self.begun = 0
        self.context = self.page = None

    def on(self) -> None:
        self.context = self.chromium.launch_persistent_context(
            self.profile, executable_path=browser.find(), args=browser.ARGUMENTS, locale="en",
            headless=True)
        self.page = self.context.pages[0]
        self.page.on("console", self.hear)
        self.page.goto(self.address)

    def hear(self, message) -> None:
        if message.text.startswith("SAVED "):
            for pair in message.text.split()[1:]:
                seq, id_ = pair.split(":")
                assert self.told.setdefault(id_, int(seq)) == int(seq)

    def save(self, count: int, *, to_the_end: bool) -> None:
        """Saves; what has been saved is heard from the console. Not to the end: only begins."""
        body = SAVING if to_the_end else f"(async () => {{ {SAVING} }})();"
        self.begun += count
        run(self.page, body, {"count": count, "at_once": AT_ONCE, "pause_ms": PAUSE_MS})

    def kill(self) -> None:
        """SIGKILL to the browser's own process, found by its profile; its children go with it."""
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                words = (process / "cmdline").read_bytes().split(b"\0")
                is_browser = not any(word.startswith(b"--type=") for word in words)
                if is_browser and f"--user-data-dir={self.profile}".encode() in words:
                    os.kill(int(process.name), signal.SIGKILL)
        with contextlib.suppress(Exception):
            self.context.close()

    def wait(self, seconds: float) -> None:
        self.page.wait_for_timeout(seconds * 1000)

    def waiting(self) -> int:
        return run(self.page, """const { ready } = await at("app"); const { sync } = await ready;
            const { summary } = await at("core/outbox");
            sync.sendNow();
            return [...sync.lanes.values()].reduce((n, lane) => n + summary(lane.state).waiting, 0)
              + (sync.lanes.size ? 0 : 1);""")


def in_journal(device) -> tuple[dict[str, int], int]:
    """(id -> running number of all that this device has said, vehicles that came in twice)."""
    with reading() as cursor:
        cursor.execute("SELECT id::text, seq, body->>'vehicle' FROM journal_fact "
                       "WHERE device = %s", (device,))
        rows = cursor.fetchall()
    return {id_: seq for id_, seq, _ in rows}, len(rows) - len({vehicle for *_, vehicle in rows})


def test_nothing_saved_is_lost_by_kills_cuts_and_a_stopped_server(
        server, tablet, playwright, tmp_path):
    chance = random.Random(SEED)
    web = Server(server)
    web.start()
    try:
        with CuttingProxy(web.port, SEED) as proxy:
            phone = Phone(playwright, tmp_path / "profile",
                          f"http://127.0.0.1:{proxy.port}/field/en/")
            phone.on()
            enrol_page(phone.page, tablet)
            seconds = live_through(phone, web, proxy, chance)
            phone.context.close()
    finally:
        web.stop()
    have, doubled = in_journal(tablet.device)
    lost = [id_ for id_ in phone.told if id_ not in have]
    report(phone, len(lost), doubled, proxy, seconds)
    assert FACTS * 0.3 <= len(phone.told) < phone.begun  # some were killed before they were saved
    assert lost == [] and doubled == 0
    assert all(have[id_] == seq for id_, seq in phone.told.items())
    assert sorted(have.values()) == list(range(1, len(have) + 1))  # no hole, no number twice


def live_through(phone: Phone, web: Server, proxy: CuttingProxy, chance: random.Random) -> float:
    """Saves in as many lives as there are kills; every second one with the server down."""
    proxy.cuts = True
    for life in range(KILLS):
        if life % 2 == 0:
            web.stop()
        phone.save(FACTS // KILLS, to_the_end=False)
        phone.wait(chance.uniform(0.05, 0.5))
        if life % 4 == 2:
            web.start()  # then it is killed while it sends what had piled up
            phone.wait(chance.uniform(0.0, 0.8))
        phone.kill()
        phone.on()  # without the server, every now and then: the app is on the device
        if web.process is None:
            web.start()
    phone.save(FACTS // KILLS, to_the_end=True)
    began = time.monotonic()
    proxy.cuts = False
    until(lambda: phone.waiting() == 0, SENDING_SECONDS_MAX)
    return time.monotonic() - began


def report(phone: Phone, lost: int, doubled: int, proxy: CuttingProxy, seconds: float) -> None:
    data = {"begun": phone.begun, "saved": len(phone.told), "lost": lost, "doubled": doubled,
            "kills": KILLS, "cuts": proxy.cut,
            "connections": proxy.made, "seconds": round(seconds, 1)}
    print(data)
    if path := os.environ.get("PRATIQUE_FIELD_REPORT"):
        Path(path).write_text(json.dumps(data))

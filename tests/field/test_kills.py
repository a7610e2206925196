"""A browser killed while one enters, saves and sends; a server stopped, a network cut anywhere.

An officer enters vehicles with their people at the gate's screen and takes the swabs at the next
(`officer.js`). Every fact that a screen called saved is in the journal once. At full size by
`pratique evidence field`: PRATIQUE_FIELD_KILLS, PRATIQUE_FIELD_VEHICLES; the figures go to
PRATIQUE_FIELD_REPORT.
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
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings

from pratique.cli import browser, machine
from pratique.desks.tests.conftest import fill_county
from pratique.field.tests.app_page import run, until
from pratique.field.tests.conftest import invite
from pratique.field.tests.gate_page import ENROLLED, on_duty
from pratique.kit import embedded
from pratique.kit.sql import reading
from pratique.specimens.rules import tube_number
from tests.field.announced import GIVEN, SURNAMES, document
from tests.field.cutting import CuttingProxy

pytestmark = [pytest.mark.browser, pytest.mark.django_db(
    transaction=True, databases=["default", "owner"])]
KILLS = int(os.environ.get("PRATIQUE_FIELD_KILLS", "4"))
VEHICLES = int(os.environ.get("PRATIQUE_FIELD_VEHICLES", "12"))
SEED = int(os.environ.get("PRATIQUE_FIELD_SEED", "1"))
ABOARD = (1, 2, 3, 4)  # by turns: 2.5 a vehicle
LIFE_SECONDS = (0.3, 8.0)
SENDING_SECONDS_MAX = 240
TUBES_A_LIFE = 10_000
KINDS = ("checkpoint.vehicle_arrived", "checkpoint.person_arrived", "specimens.collected")
OFFICER = (Path(__file__).parent / "officer.js").read_text(encoding="utf-8")


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
    """A browser with a profile on the disk, which can die at any moment and begin again.

    told: ids of the facts that a screen called saved. done: plates of which nothing is left to do.
    """

    def __init__(self, playwright, profile: Path, address: str) -> None:
        self.chromium, self.profile, self.address = playwright.chromium, profile, address
        self.told: set[str] = set()
        self.done: set[str] = set()
        self.gone_on = 0
        self.lives = 0
        self.trouble: list[str] = []
        self.context = self.page = None

    def on(self) -> None:
        self.context = self.chromium.launch_persistent_context(
            self.profile, executable_path=browser.find(), args=browser.ARGUMENTS, locale="en",
            headless=True)
        self.page = self.context.pages[0]
        self.page.on("console", self.hear)

    def open(self, screen: str = "gate") -> None:
        self.page.goto(f"{self.address}/field/en/#/{screen}")

    def enrol(self) -> None:
        self.page.goto(f"{self.address}/field/enrol#{invite(now=datetime.now(UTC))}")
        self.page.click("#enrol")
        self.page.wait_for_selector(ENROLLED)
        self.open("")
        until(lambda: run(self.page, "return Boolean(navigator.serviceWorker.controller)"))
        on_duty(self.page)
        self.open()

    def hear(self, message) -> None:
        said, _, rest = message.text.partition(" ")
        if said == "SAVED":
            self.told |= set(rest.split())
        elif said == "DONE":
            self.done.add(rest)
        elif message.text == "GOES ON":
            self.gone_on += 1
        elif said == "OFFICER":
            self.trouble.append(rest)

    def work(self, *, to_the_end: bool) -> None:
        """The officer at the screens with all that is left. Not to the end: they only begin."""
        self.lives += 1
        left = [car for car in planned() if car["plate"] not in self.done]
        tubes = [tube_number(self.lives * TUBES_A_LIFE + n) for n in range(TUBES_A_LIFE)]
        call = f"({OFFICER})(given)"
        if not to_the_end:
            call = f"{{ {call}.catch((error) => console.log(`OFFICER ${{error}}`)); }}"
        self.page.evaluate(f"(given) => {call}",
                           {"vehicles": left, "tubes": tubes, "county": "sanya"})

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


def planned() -> list[dict]:
    """Vehicles of one to four people by turns, each with card and name."""
    cars, person = [], 0
    for number in range(VEHICLES):
        people = []
        for __ in range(ABOARD[number % len(ABOARD)]):
            people.append([document(person), SURNAMES[person % 10] + GIVEN[person // 10 % 20]])
            person += 1
        cars.append({"plate": f"晋A{number:05d}", "people": people})
    return cars


def in_journal(device) -> dict[str, tuple[int, str, str]]:
    """id -> (running number, kind, whom or what it is about) of all that this device has said."""
    with reading() as cursor:
        cursor.execute(
            "SELECT id::text, seq, kind, coalesce(body->>'person', body->>'vehicle') "
            "FROM journal_fact WHERE device = %s AND kind = ANY(%s)", (device, list(KINDS)))
        return {id_: (seq, kind, subject) for id_, seq, kind, subject in cursor.fetchall()}


def test_nothing_that_a_screen_called_saved_is_lost_by_kills_cuts_and_a_stopped_server(
        server, transactional_db, playwright, tmp_path):
    fill_county()
    chance, web = random.Random(SEED), Server(server)
    web.start()
    try:
        with CuttingProxy(web.port, SEED) as proxy:
            phone = Phone(playwright, tmp_path / "profile", f"http://127.0.0.1:{proxy.port}")
            phone.on()
            phone.enrol()
            device = run(phone.page, "return (await (await at('app')).ready).device;")
            began = time.monotonic()
            live_through(phone, web, proxy, chance)
            seconds = time.monotonic() - began
            phone.context.close()
    finally:
        web.stop()
    have = in_journal(device)
    kinds = Counter(kind for _, kind, _ in have.values())
    lost = [id_ for id_ in phone.told if id_ not in have]
    doubled = len(have) - len({(kind, subject) for _, kind, subject in have.values()})
    report(phone, proxy, {
        "vehicles": kinds[KINDS[0]], "people": kinds[KINDS[1]], "swabs": kinds[KINDS[2]],
        "lost": len(lost), "doubled": doubled, "seconds": round(seconds, 1)})
    assert phone.trouble == []
    assert lost == [] and doubled == 0
    people = sum(len(car["people"]) for car in planned())
    assert (kinds[KINDS[0]], kinds[KINDS[1]], kinds[KINDS[2]]) == (VEHICLES, people, people)
    assert sorted(seq for seq, *_ in have.values()) == list(range(1, len(have) + 1))  # no hole


def live_through(phone: Phone, web: Server, proxy: CuttingProxy, chance: random.Random) -> None:
    """Works in as many lives as there are kills; every second one with the server down."""
    proxy.cuts = True
    for life in range(KILLS):
        if life % 2 == 0:
            web.stop()
        phone.work(to_the_end=False)
        phone.wait(chance.uniform(*LIFE_SECONDS))
        if life % 4 == 2:
            web.start()  # then it is killed while it sends what had piled up
            phone.wait(chance.uniform(0.0, 0.8))
        phone.kill()
        phone.on()  # without the server, every now and then: the app is on the device
        phone.open()
        if web.process is None:
            web.start()
    phone.work(to_the_end=True)
    proxy.cuts = False
    until(lambda: phone.waiting() == 0, SENDING_SECONDS_MAX)


def report(phone: Phone, proxy: CuttingProxy, counted: dict[str, float]) -> None:
    data = {"saved": len(phone.told), **counted, "kills": KILLS, "gone_on": phone.gone_on,
            "cuts": proxy.cut, "connections": proxy.made}
    print(data)
    if path := os.environ.get("PRATIQUE_FIELD_REPORT"):
        Path(path).write_text(json.dumps(data))

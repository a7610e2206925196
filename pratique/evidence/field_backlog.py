"""Devices that come back with days of backlog, all within a minute, while others work on.

They keep and send their facts by the field app's own store and outbox, in one page of Chromium, to
a county served as `pratique serve` serves one. Meanwhile other devices post one fact at a time.
"""

import http.client
import os
import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import msgspec

from pratique.cli import browser
from pratique.drill.device import Device
from pratique.drill.moments import iso, minutes
from pratique.drill.people import Travellers
from pratique.drill.risk import Lists
from pratique.drill.wire import Wire
from pratique.evidence.figures import Figure
from pratique.evidence.served import HOST, Served, served
from pratique.kit.ids import IdMaker

NAMES = "device.test"  # each device calls the server by a name of its own below it
BACKLOG = timedelta(days=3)
OFFER_LIVES = timedelta(hours=47)
DRAINED_MINUTES_MAX = 30
CALL_SECONDS_MAX = 90
LIVE_DEVICES = 8
LIVE_A_SECOND = 5.0
LIVE_P95_SECONDS_MAX = 1.0
WEB_MIB_MAX = 300  # of one web process, at most
ENROLLED_AT_ONCE = 200
LOOK_SECONDS = 0.5
KINDS_SHOWN_MAX = 3
_SCRIPT = Path(__file__).with_name("backlog_page.js")
_decode = msgspec.json.decode


@dataclass(frozen=True, slots=True)
class Size:
    """facts: of each device, about three days of a gate's. live_seconds: so long live facts are
    posted at least, however fast all is drained.
    """

    devices: int = int(os.environ.get("PRATIQUE_FIELD_DEVICES", "500"))
    facts: int = 200
    back_within_seconds: float = 60
    live_seconds: float = 20


@dataclass
class Live:
    """What devices that work on are answered. seconds: of each fact, until it was recorded."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def p(self, share: float) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


# ── who comes ────────────────────────────────────────────────────────────────────────────────────
def enrol(county: Served, count: int, dice: Random) -> list[Device]:
    """So many devices at the posts, said by the county's leader's device."""
    cards = {card["name"]: card for card in county.devices}
    posts = sorted({c["unit"] for c in county.devices if c["unit"].startswith("post-")})
    lead = _device(cards["command/lead"]["unit"], "lead", cards["command/lead"]["token"], dice,
                   UUID(cards["command/lead"]["device"]))
    now = datetime.now(UTC)
    devices = [_device(posts[n % len(posts)], f"back-{n}", secrets.token_urlsafe(24), dice)
               for n in range(count)]
    wire = Wire(county.url)
    try:
        for each in devices:
            lead.say("registry.device_enrolled", now, {
                "device": each.id, "unit": each.unit, "roles": list(each.roles),
                "label": each.name, "token_sha256": sha256(each.token.encode()).hexdigest()})
            if len(lead.outbox) >= ENROLLED_AT_ONCE or each is devices[-1]:
                for answered in wire.send(lead, lead.calls(calm=True)):
                    bad = [r for r in answered.receipts if r["status"] != "applied"]
                    assert not bad, bad[0]
    finally:
        wire.close()
    return devices


def _device(unit: str, name: str, token: str, dice: Random, id_: UUID | None = None) -> Device:
    made = id_ or IdMaker(randomness=dice.randbytes).make(datetime.now(UTC))
    return Device(made, unit, f"{unit}/{name}", ("gate_officer", "sampler"), token, timedelta(0),
                  Random(name))  # noqa: S311


def say_days(device: Device, travellers: Travellers, facts: int, now: datetime) -> None:
    """What a gate has done in three days without a network: so many facts, in their order."""
    cars, at = 0, now - BACKLOG
    while device.seq < facts:
        cars += 1
        at += min(minutes(3), (now - at) / 2)
        say_car(device, travellers, at, facts)


def say_car(device: Device, travellers: Travellers, at: datetime, facts: int) -> None:
    """A car comes; who is in it is entered, swabbed and handed to a township; the car goes on."""
    coming = travellers.vehicle(at)
    arrived = device.say("checkpoint.vehicle_arrived", at, {
        "vehicle": coming.vehicle, "post": device.unit, "plate": coming.plate, "lane": "1",
        "seats": max(5, len(coming.people)), "occupants": len(coming.people),
        "boot_checked": True, "conveyance": coming.conveyance})
    lines = []
    for who in coming.people:
        if device.seq + 4 > facts:  # one for him, his tube, the offer, the car
            break
        entered = device.say("checkpoint.person_arrived", at, {
            "person": who.person, "post": device.unit, "vehicle": coming.vehicle,
            "conveyance": coming.conveyance, "resident": who.resident,
            "from_outside_province": who.outside, "destination": who.destination,
            "stays": [stay.told() for stay in who.stays], "special": who.special,
            "phone_verified": True}, sealed={str(who.person): who.sealed})
        specimen = device.new_id(at)
        device.say("specimens.collected", at + minutes(0.5), {
            "specimen": specimen, "tube": f"B{specimen.hex[-12:]}", "person": who.person,
            "place": device.unit, "purpose": "landing", "urgent": True})
        lines.append({"subject": who.person, "holds_by": entered})
    if lines:
        device.say("custody.offered", at + minutes(1), {
            "giver": device.unit, "taker": coming.people[0].destination, "lines": lines,
            "expires_at": iso(at + OFFER_LIVES)})
    if device.seq < facts:
        device.say("checkpoint.vehicle_cleared", at + minutes(2), {
            "vehicle": coming.vehicle, "post": device.unit, "holds_by": arrived})


# ── those who work on ────────────────────────────────────────────────────────────────────────────
def work_on(county: Served, device: Device, live: Live, stop: threading.Event) -> None:
    """One fact after another, each sent at once, until `stop`."""
    dice = Random(device.name)  # noqa: S311
    travellers = _travellers(county, dice)
    connection = http.client.HTTPConnection(HOST, county.port, timeout=CALL_SECONDS_MAX)
    headers = {"Authorization": f"Bearer {device.token}", "Content-Type": "application/json"}
    while not stop.wait(dice.uniform(0.5, 1.5) * LIVE_DEVICES / LIVE_A_SECOND):
        now = datetime.now(UTC)
        coming = travellers.vehicle(now)
        device.say("checkpoint.vehicle_arrived", now, {
            "vehicle": coming.vehicle, "post": device.unit, "plate": coming.plate, "lane": "1",
            "seats": 5, "occupants": 1, "boot_checked": True, "conveyance": coming.conveyance})
        body = device.calls(calm=True)[0].body
        began, status = time.perf_counter(), 0
        while status != http.client.OK:
            connection.request("POST", "/api/v1/facts", body, headers)
            answer = connection.getresponse()
            status, text = answer.status, answer.read()
            with live.lock:
                live.statuses[status] += 1
            if status != http.client.OK and stop.wait(float(answer.headers["Retry-After"] or 1)):
                return
        assert b'"applied":1' in text, text[:300]
        with live.lock:
            live.seconds.append(time.perf_counter() - began)


@contextmanager
def working_on(county: Served, devices: Sequence[Device]) -> Iterator[Live]:
    """Devices that post live facts while the block runs, each in a thread."""
    live, stop = Live(), threading.Event()
    threads = [threading.Thread(target=work_on, args=(county, device, live, stop), daemon=True)
               for device in devices]
    for thread in threads:
        thread.start()
    try:
        yield live
    finally:
        stop.set()
        for thread in threads:
            thread.join(CALL_SECONDS_MAX)


_lists = cache(Lists)  # read once; the same for everybody


def _travellers(county: Served, dice: Random) -> Travellers:
    posts = sorted({c["unit"] for c in county.devices if c["unit"].startswith("post-")})
    towns = sorted({c["unit"] for c in county.devices if c["unit"].startswith("town-")})
    ids = IdMaker(randomness=dice.randbytes)
    return Travellers(dice, _lists(), towns, {post: ["1"] for post in posts}, ids.make)


# ── the page ─────────────────────────────────────────────────────────────────────────────────────
@contextmanager
def many_devices(county: Served) -> Iterator[Any]:
    """A page in which many devices live (`backlog_page.js`)."""
    from playwright.sync_api import sync_playwright

    # Names below NAMES are this machine; a page of the server may call them, and read the answers.
    arguments = [*browser.ARGUMENTS, "--disable-web-security",
                 f"--host-resolver-rules=MAP *.{NAMES} {HOST}"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser.find(), args=arguments)
        try:
            page = chromium.new_context(bypass_csp=True).new_page()
            page.goto(f"{county.url}/static/field/core/ids.js")
            yield page.evaluate_handle(_SCRIPT.read_text(encoding="utf-8"),
                                       {"callMsMax": CALL_SECONDS_MAX * 1000})
        finally:
            chromium.close()


def fill(page: Any, county: Served, devices: Sequence[Device], facts: int) -> list[UUID]:
    """Let each device keep its three days; the ids of all facts."""
    now, ids = datetime.now(UTC), []
    for number, device in enumerate(devices):
        say_days(device, _travellers(county, Random(device.name)), facts, now)  # noqa: S311
        entries = [_decode(stored.raw) for stored in device.outbox]
        ids += [stored.id for stored in device.outbox]
        device.outbox = []
        page.evaluate("(page, one) => page.fill(one)", {
            "id": str(device.id), "token": device.token, "entries": entries,
            "address": f"http://d{number}.{NAMES}:{county.port}/api/v1/facts"})
    return ids


def drain(page: Any, size: Size) -> dict[str, Any]:
    """All come back; what was told when the last one had nothing left."""
    page.evaluate("(page, ms) => page.comeBack(ms)", size.back_within_seconds * 1000)
    end = time.monotonic() + DRAINED_MINUTES_MAX * 60
    while True:
        told: dict[str, Any] = page.evaluate("(page) => page.told()")
        if told["done"] == size.devices or time.monotonic() > end:
            return told
        time.sleep(LOOK_SECONDS)


# ── the figures ──────────────────────────────────────────────────────────────────────────────────
IN_JOURNAL = """
SELECT count(f.id),
       count(f.id) - count(DISTINCT (f.device, f.seq)) FILTER (WHERE f.id IS NOT NULL)
FROM unnest(%s::uuid[]) i(id) LEFT JOIN journal_fact f USING (id)
"""
ENTERED_TWICE = """
SELECT count(*) - count(DISTINCT (kind, subject)) FROM journal_fact
WHERE device = ANY(%s::uuid[]) AND kind IN
    ('checkpoint.vehicle_arrived', 'checkpoint.person_arrived', 'specimens.collected')
"""


def measure(size: Size, seed: int = 1) -> dict[str, Any]:
    """Play it once and answer the plain numbers."""
    dice = Random(f"{seed}/backlog")  # noqa: S311
    with served(f".{NAMES}") as county:
        everybody = enrol(county, size.devices + LIVE_DEVICES, dice)
        devices, others = everybody[:size.devices], everybody[size.devices:]
        with many_devices(county) as page:
            ids = fill(page, county, devices, size.facts)
            at_rest = county.memory()
            with working_on(county, others) as live:
                began = time.monotonic()
                told = drain(page, size)
                while time.monotonic() - began < size.live_seconds:
                    time.sleep(LOOK_SECONDS)
            refused = Counter(page.evaluate("(page) => page.refused()"))
        memory = county.memory()
        (there, doubled), = county.rows(IN_JOURNAL, ids)
        (twice,), = county.rows(ENTERED_TWICE, [device.id for device in devices])
        return {**told, "refused": dict(refused), "facts": len(ids), "lost": len(ids) - there,
                "doubled": doubled + twice, "live": len(live.seconds), "live_p50": live.p(0.5),
                "live_p95": live.p(0.95),
                "live_max": max(live.seconds, default=0.0),
                "live_told_to_wait": sum(n for s, n in live.statuses.items() if s != 200),
                "web_mib": max(v for k, v in memory.items() if k.startswith("web/")),
                "worker_mib": max(v for k, v in memory.items() if k.startswith("worker/")),
                "memory_at_rest": at_rest}


def figures(size: Size | None = None) -> Iterator[Figure]:
    """What a return of many devices must show."""
    size = size or Size()
    told = measure(size)
    name = f"field: {size.devices} devices back with {size.facts} facts each"
    calls = f"{told['calls']:,} calls; {told['busy']:,} told 429, {told['unavailable']:,} 503"
    yield Figure(f"{name}: devices drained", told["done"], size.devices, "exactly")
    yield Figure(f"{name}: minutes until drained", told["seconds"] / 60, DRAINED_MINUTES_MAX,
                 "at most", f"{told['facts']:,} facts; {calls}")
    yield Figure(f"{name}: live facts, p95 seconds", told["live_p95"], LIVE_P95_SECONDS_MAX,
                 "at most", f"{told['live']} facts; median {told['live_p50']:.3f}, longest "
                            f"{told['live_max']:.3f}; told to wait {told['live_told_to_wait']}")
    yield Figure(f"{name}: calls before Retry-After was over", told["too_early"], 0, "exactly",
                 f"longest {told['wait_seconds_max']:g} s")
    yield Figure(f"{name}: calls that failed", told["failed"], 0, "exactly")
    yield Figure(f"{name}: MiB of the largest web process", told["web_mib"], WEB_MIB_MAX,
                 "at most", f"at rest {max(told['memory_at_rest'].values()):.0f}; worker "
                            f"{told['worker_mib']:.0f}")
    yield Figure(f"{name}: refused or disputed", sum(told["refused"].values()), 0, "exactly",
                 ", ".join(sorted(told["refused"])[:KINDS_SHOWN_MAX]))
    yield Figure(f"{name}: lost", told["lost"], 0, "exactly")
    yield Figure(f"{name}: doubled", told["doubled"], 0, "exactly")

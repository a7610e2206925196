"""The schema of `pack.toml`: what an epidemiologist may write, and nothing else.

Field by field described in docs/reference/packs.md. A word that the schema does not know is an
error with its place, so that a typing error never becomes a silent default.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

LANGUAGES = ("zh-hans", "en")
DUTY_KINDS = (
    "swab", "test", "receive", "result", "report", "resample", "hold", "transfer", "accept_home",
    "rehouse", "move", "round", "release", "order", "clarify",
)
OWNERS = ("arrived_account", "account", "destination", "laboratory", "command")
HOLD = "hold"
NO_MEASURE = "none"
UNKNOWN = "unknown"
HOLD_KINDS = ("positive", "inconclusive", "symptoms")
# Their windows come from the measure's days and the pack's rounds, not from a deadline.
SCHEDULED_DUTIES = ("test", "round")
SHAPES = ("disc", "triangle", "square", "diamond", "ring", "dashed_ring")
TIERS = ("high", "medium", "low", "none")
# Where an input of the table may come from, and of what kind it then is. `special:<word>` asks
# whether the history names that circumstance.
INPUT_SOURCES = {
    "worst_tier": "text",
    "exposure": "text",
    "from_outside_province": "boolean",
    "resident": "boolean",
    "special": "boolean",
    "days_since_last_exposure": "number",
}
MEASURE_DAYS_MAX = 120
# What a pack says of devices when it says nothing: a day for what they carry, and for silence a
# shift without a network and the drive home.
BUNDLE_HOURS_DEFAULT = 24
SILENT_HOURS_DEFAULT = 12
DEVICE_HOURS_MAX = 168


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of pack.toml; a word that the schema does not know is an error."""


class TableSpec(_Strict):
    """How the table is read: its hit policy, and for P the order of output values."""

    hit_policy: str
    priority: dict[str, list[str]] = {}


class InputSpec(_Strict):
    """Where an input of the table comes from; see docs/reference/packs.md for the sources."""

    source: str
    values: list[str] = []
    low: float = 0
    high: float = 0
    lookback_days: int = 0
    gap_hours_max: float = 0
    regrade_if_other_positive: str = ""
    note: str = ""


class MeasureSpec(_Strict):
    """One measure: colour, days, anchor, tests, rounds, where, and what comes after it."""

    colour: str
    restrictive: bool
    days: int = 0
    anchor: str = "arrival"
    anchor_day: int = 0
    count: str = "local_days"
    anchor_tiers: list[str] = []
    tests: list[int] = []
    spacing_hours: int = 0
    slack_hours: int = 0
    rounds: list[str] = []
    places: list[str] = []
    confirm_home: bool = False
    other_negatives: int = 0
    then: str = ""
    turn_back: bool = False
    source: str = ""
    note: str = ""


class TransferSpec(_Strict):
    """A way of moving a person on: does someone owe it, and how it is made (words)."""

    duty: bool
    source: str = ""
    note: str = ""


class DutySpecification(_Strict):
    """Who owes a kind of duty, the name of its deadline, and the chain that it climbs."""

    owner: str
    chain: str
    deadline: str = ""


class ColourSpec(_Strict):
    """A colour of the code with its shape (never colour alone)."""

    shape: str
    note: str = ""


class RoundSpec(_Strict):
    """Local times HH:MM between which a round is made."""

    opens: str
    due: str


class HoldSpec(_Strict):
    """What a positive, an inconclusive or symptoms do, and how many new negatives end it.

    `negatives` by kind of trigger; 0 means that no specimen ends it, only a decision outside.
    """

    colour: str
    hours: int
    negatives: dict[str, int]
    spacing_hours: int = 0
    temperature_c: float = 0
    symptoms: list[str] = []
    source: str = ""
    note: str = ""


class DevicesSpec(_Strict):
    """How old what a device carries may be, and how long a post's device may be unheard."""

    bundle_hours_max: int = BUNDLE_HOURS_DEFAULT
    silent_hours_max: int = SILENT_HOURS_DEFAULT
    source: str = ""
    note: str = ""


class PackSpec(_Strict):
    """The whole of pack.toml."""

    id: str
    version: int
    disease: str
    title: dict[str, str]
    in_force_from: datetime
    zone: str
    areas: list[str]
    late_result_hours: float
    clear_code_days: int
    table: TableSpec
    inputs: dict[str, InputSpec]
    measures: dict[str, MeasureSpec]
    transfers: dict[str, TransferSpec]
    hold: HoldSpec
    deadlines_minutes: dict[str, int]
    duties: dict[str, DutySpecification]
    chains: dict[str, list[tuple[int, str]]]
    colours: dict[str, ColourSpec]
    rounds: dict[str, RoundSpec]
    words: dict[str, dict[str, str]]
    devices: DevicesSpec = DevicesSpec()
    landing_exempt: list[str] = []
    conditions: dict[str, str] = {}
    sources: dict[str, str] = {}
    notes: list[str] = []

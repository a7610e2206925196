"""The rules of the specimen chain, pure: labels, runs, controls, what a well says, who comes next.

An assay is data: its targets, cut-offs and controls. A rule answers a verdict (None means yes) or
a value; nothing here reads a clock or a table.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from pratique.journal.fact import Quarantined
from pratique.specimens.facts import RunImported, Well

# ── states ───────────────────────────────────────────────────────────────────────────────────────
# What may come next for a tube, and for a run. Custody (who holds the tube) is beside this.
SPECIMEN_STATES: dict[str, dict[str, str]] = {
    "collected": {"accepted_by_laboratory": "received", "voided": "voided", "lost": "lost"},
    "received": {"run_imported": "resulted", "voided": "voided", "lost": "lost"},
    "resulted": {"run_confirmed": "reported", "well_withheld": "received", "voided": "voided",
                 "lost": "lost"},
    "reported": {"discarded": "discarded", "voided": "voided", "lost": "lost"},
    "discarded": {},
    "voided": {},
    "lost": {},
}
RUN_STATES: dict[str, dict[str, str]] = {
    "awaits_second_reader": {"run_confirmed": "confirmed"},
    "controls_failed": {},
    "confirmed": {},
}
RESULTS = ("invalid", "negative", "inconclusive", "positive")  # the later one outweighs
# Law 6: after one of these a specimen gets no negative any more.
LASTING = ("positive", "inconclusive")

# ── labels ───────────────────────────────────────────────────────────────────────────────────────
OWN_PREFIX = "PQ"
OWN_DIGITS = 9
_TUBE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,39}")
_OWN = re.compile(rf"{OWN_PREFIX}[0-9]{{{OWN_DIGITS + 1}}}")


def check_digit(digits: str) -> str:
    """ISO 7064 MOD 11,10: finds every wrong digit and nearly every pair that changed places."""
    product = 10
    for digit in digits:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return str((11 - product) % 10)


def tube_number(serial: int) -> str:
    """The label number of a serial number: `PQ`, nine digits, check digit. ValueError beyond."""
    if not 0 <= serial < 10**OWN_DIGITS:
        raise ValueError(f"a serial number has at most {OWN_DIGITS} digits")
    digits = f"{serial:0{OWN_DIGITS}}"
    return f"{OWN_PREFIX}{digits}{check_digit(digits)}"


def check_tube(tube: str) -> Quarantined | None:
    """A label is plain (letters, digits, `. _ / -`); one of our own numbers proves itself."""
    if not _TUBE.fullmatch(tube):
        return Quarantined(
            "label_not_plain", _("“%(tube)s” is no tube label: 1 to 40 letters, digits, dots, "
            "dashes, the first one a letter or digit."), "specimens.label", {"tube": tube[:40]})
    own = tube.startswith(OWN_PREFIX) and tube[len(OWN_PREFIX):].isdigit()
    if own and not (_OWN.fullmatch(tube) and check_digit(tube[2:-1]) == tube[-1]):
        return Quarantined(
            "label_misread", _("The check digit of label “%(tube)s” is wrong. Scan it again."),
            "specimens.label", {"tube": tube})
    return None


def check_bag(bag: str, seal: str) -> Quarantined | None:
    """A bag has a label like a tube's; its seal may be blank or have one as well."""
    if _TUBE.fullmatch(bag) and (not seal or _TUBE.fullmatch(seal)):
        return None
    return Quarantined(
        "bag_not_plain", _("“%(bag)s” is no label of a bag or seal: 1 to 40 letters, digits, "
        "dots, dashes, the first one a letter or digit."), "specimens.label",
        {"bag": (seal if _TUBE.fullmatch(bag) else bag)[:40]})


# ── plates ───────────────────────────────────────────────────────────────────────────────────────
WELLS_MAX = 384
PLATE_ROWS, PLATE_COLUMNS = "ABCDEFGH", 12
_WELL = re.compile(r"([A-P])(0?[1-9]|1[0-9]|2[0-4])")


def well_name(text: str) -> str | None:
    """`a1` and `A01` are one well; None where it is no well of a 96 or 384 plate."""
    found = _WELL.fullmatch(text.strip().upper())
    return f"{found[1]}{int(found[2]):02}" if found else None


def plate_wells(leave_free: int = 3) -> Iterator[str]:
    """Wells of a 96 plate in the order of loading, the last `leave_free` kept for controls."""
    names = [f"{row}{column:02}" for column in range(1, PLATE_COLUMNS + 1) for row in PLATE_ROWS]
    yield from names[: len(names) - leave_free]


# ── assays ───────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Assay:
    """Cut-offs in cycles (Ct), as a kit's leaflet gives them.

    targets: the pathogen's. positive_targets: how many of them below `positive_below` make a
    positive; anything below `seen_below` short of that is inconclusive. internal_control: human
    or added material that must amplify below `control_below` where nothing else does.
    """

    name: str
    targets: tuple[str, ...]
    positive_targets: int
    internal_control: str | None = "IC"
    positive_below: float = 38.0
    seen_below: float = 40.0
    control_below: float = 40.0
    positive_control_below: float = 35.0
    controls_required: tuple[str, ...] = ("positive", "negative")
    minutes_min: int = 25

    @property
    def columns(self) -> tuple[str, ...]:
        """Every target that a well must speak of."""
        return self.targets + ((self.internal_control,) if self.internal_control else ())


ASSAYS: dict[str, Assay] = {
    one.name: one
    for one in (
        Assay("orf1ab-n", ("ORF1ab", "N"), 2),
        Assay("orf1ab-n-e", ("ORF1ab", "N", "E"), 2),
        Assay("ebola-np-gp", ("NP", "GP"), 2, positive_below=40.0, seen_below=42.0),
    )
}


def read_well(assay: Assay, targets: Mapping[str, float | None]) -> str:
    """What one sample's well says, one of RESULTS. None is undetermined: no amplification.

    Where much of the pathogen is there the internal control may lose the race, so it is asked
    only where nothing was seen.
    """
    cycles = [targets.get(name) for name in assay.targets]
    strong = sum(ct is not None and ct < assay.positive_below for ct in cycles)
    if strong >= assay.positive_targets:
        return "positive"
    if any(ct is not None and ct < assay.seen_below for ct in cycles):
        return "inconclusive"
    if assay.internal_control is not None:
        human = targets.get(assay.internal_control)
        if human is None or human >= assay.control_below:
            return "invalid"
    return "negative"


def failed_controls(assay: Assay, wells: Iterable[Well]) -> list[str]:
    """Why the run yields no result: `positive:A12`, `negative:missing` …; empty: controls held."""
    failed: list[str] = []
    present: set[str] = set()
    for well in wells:
        if not well.control:
            continue
        present.add(well.control)
        cycles = [well.targets.get(name) for name in assay.targets]
        if well.control == "positive":
            held = all(ct is not None and ct < assay.positive_control_below for ct in cycles)
        else:
            held = not any(ct is not None and ct < assay.seen_below for ct in cycles)
        if not held:
            failed.append(f"{well.control}:{well_name(well.well)}")
    failed += [f"{name}:missing" for name in assay.controls_required if name not in present]
    return sorted(failed)


def outweighs(results: Iterable[str]) -> str | None:
    """The result that stands where a specimen has several: the gravest (law 6)."""
    return max(results, key=RESULTS.index, default=None)


# ── runs ─────────────────────────────────────────────────────────────────────────────────────────
CT_MAX = 60.0
SAME_CT_MIN = 6


def check_run(body: RunImported) -> Quarantined | None:
    """A run is whole and unambiguous, or it is refused with the place where it is not."""
    assay = ASSAYS.get(body.assay)
    if assay is None:
        return _refused("unknown_assay", _("There is no assay “%(assay)s”. Known: %(known)s."),
                        assay=body.assay[:40], known=", ".join(sorted(ASSAYS)))
    if not 1 <= len(body.wells) <= WELLS_MAX:
        return _refused("wells_count", _("A run has 1 to %(most)s wells; this one has %(count)s."),
                        most=WELLS_MAX, count=len(body.wells))
    if body.finished_at.tzinfo is None or (
        body.started_at is not None
        and (body.started_at.tzinfo is None or body.started_at > body.finished_at)
    ):
        return _refused("run_times", _("A run ends after it started, in times that name their "
                                       "zone."))
    names: set[str] = set()
    tubes: set[str] = set()
    for well in body.wells:
        refused = _check_well(assay, well, names, tubes)
        if refused:
            return refused
    return None


def _check_well(
    assay: Assay, well: Well, names: set[str], tubes: set[str]
) -> Quarantined | None:
    name = well_name(well.well)
    if name is None:
        return _refused("well_unknown", _("“%(well)s” is no well of a plate."),
                        well=well.well[:10])
    if name in names:
        return _refused("well_twice", _("Well %(well)s is there twice."), well=name)
    names.add(name)
    if bool(well.tube) == bool(well.control):
        return _refused("well_of_nobody", _("Well %(well)s must have either a tube or a control."),
                        well=name)
    if well.tube:
        refused = check_tube(well.tube)
        if refused:
            return refused
        if well.tube in tubes:
            return _refused("tube_twice", _("Tube “%(tube)s” is on this plate twice."),
                            tube=well.tube)
        tubes.add(well.tube)
    if set(well.targets) != set(assay.columns):
        return _refused("targets_differ", _("Well %(well)s must have the targets %(wanted)s; it "
                        "has %(given)s."), well=name, wanted=", ".join(assay.columns),
                        given=", ".join(sorted(well.targets))[:100] or "-")
    for target, ct in well.targets.items():
        if ct is not None and not (math.isfinite(ct) and 0 < ct <= CT_MAX):
            return _refused("ct_out_of_range", _("Ct %(ct)s of %(target)s in well %(well)s is no "
                            "cycle number."), ct=ct, target=target, well=name)
    return None


def _refused(code: str, sentence: object, **params: object) -> Quarantined:
    return Quarantined(code, sentence, "specimens.run_whole", params)  # type: ignore[arg-type]


def oddities(body: RunImported, assay: Assay) -> list[str]:
    """What a real instrument would hardly write: `too_fast`, `same_values`. For a person to see.

    Laboratories have reported tubes that were never run; made-up files repeat themselves.
    """
    found = []
    shortest = timedelta(minutes=assay.minutes_min)
    if body.started_at is not None and body.finished_at - body.started_at < shortest:
        found.append("too_fast")
    curves: dict[tuple, int] = {}
    for well in body.wells:
        if well.tube and any(ct is not None for ct in well.targets.values()):
            curve = tuple(sorted((k, v) for k, v in well.targets.items() if v is not None))
            curves[curve] = curves.get(curve, 0) + 1
    if max(curves.values(), default=0) >= SAME_CT_MIN:
        found.append("same_values")
    return found


def check_reader(by: UUID | None, imported_by: UUID) -> Quarantined | None:
    """The second reader is another person than the one who read the run in."""
    if by is not None and by != imported_by:
        return None
    return Quarantined(
        "second_reader_must_differ",
        _("The second reader must be another person than the one who imported the run."),
        "specimens.second_reader")


# ── who comes next ───────────────────────────────────────────────────────────────────────────────
ORDINARY_WAITS_MAX = timedelta(hours=12)


def starving_since(now: datetime) -> datetime:
    """Ordinary tubes received before this come up with the urgent ones, so none waits for ever."""
    return now - ORDINARY_WAITS_MAX


def quantile(spans: Sequence[timedelta], share: float) -> timedelta | None:
    """The nearest-rank quantile of spans, e.g. share 0.9; None of nothing."""
    if not spans:
        return None
    ordered = sorted(spans)
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]

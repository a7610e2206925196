"""Kinds of fact that the specimen chain owns: collect, send, test, report."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from pratique.journal.kinds import Body, declare
from pratique.kit.ids import unit_subject

Result = Literal["negative", "positive", "inconclusive", "invalid"]


def tube_subject(tube: str) -> UUID:
    """The id that stands for a tube's label: a collection and a run that name it lock it both."""
    return unit_subject(f"tube/{tube}")


class Collected(Body, kw_only=True):
    """One swab of one person went into one tube (outside -> place of collection).

    purpose: "landing", "day-3", "resample", "screening": which owed test it answers.
    place: account of the unit that collected and now holds the tube.
    """

    specimen: UUID
    tube: str
    person: UUID
    place: str
    purpose: str
    urgent: bool = False
    kind: Literal["single"] = "single"
    swab: Literal["throat", "nasal"] = "throat"


class Bagged(Body, kw_only=True):
    """Tubes were put into a bag or box and it was sealed."""

    bag: str
    place: str
    specimens: list[UUID]
    seal: str = ""


class Voided(Body, kw_only=True):
    """The specimen can give no result (leaked, wrong person, broken); a new one is owed."""

    specimen: UUID
    holds_by: UUID
    place: str
    reason: str
    after: UUID | None = None


class Lost(Body, kw_only=True):
    """The holder cannot find the tube; it leaves the holder's account by name, not silently."""

    specimen: UUID
    holds_by: UUID
    place: str
    reason: str
    after: UUID | None = None


class Discarded(Body, kw_only=True):
    """Tested tubes were disposed of (laboratory -> outside)."""

    place: str
    specimens: list[UUID]
    holds_by: list[UUID]


class Well(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One well of a run. tube: label as scanned; empty for a control.

    targets: cycle threshold by target name; None = undetermined, which is neither 0 nor missing.
    """

    well: str
    tube: str = ""
    control: Literal["", "positive", "negative", "extraction"] = ""
    targets: dict[str, float | None]


class RunImported(Body, kw_only=True):
    """One instrument run, well by well, as the instrument wrote it."""

    run: UUID
    laboratory: str
    plate: str
    instrument: str
    assay: str
    started_at: datetime | None = None
    finished_at: datetime
    wells: list[Well]
    file_sha256: str = ""


class RunConfirmed(Body, kw_only=True):
    """The second reader, another person than the importer, confirms; results become final.

    withheld: names of wells whose result is not confirmed, to be repeated.
    """

    run: UUID
    laboratory: str
    withheld: list[str] = []


LAB = ("laboratory",)
COLLECTORS = ("sampler", "gate_officer", "site_head", "township_clerk")
declare("specimens.collected", Collected, roles=COLLECTORS,
        subjects=lambda b: (b.specimen, b.person, tube_subject(b.tube)))
declare("specimens.bagged", Bagged, roles=COLLECTORS, subjects=lambda b: b.specimens)
declare("specimens.voided", Voided, roles=(*COLLECTORS, *LAB, "courier"),
        subjects=lambda b: (b.specimen,))
declare("specimens.lost", Lost, roles=(*COLLECTORS, *LAB, "courier"),
        subjects=lambda b: (b.specimen,))
declare("specimens.discarded", Discarded, roles=LAB, subjects=lambda b: b.specimens)
declare("specimens.run_imported", RunImported, roles=LAB,
        # A tube named twice is one subject here, so that the rule can say which it was.
        subjects=lambda b: (b.run, *dict.fromkeys(tube_subject(w.tube) for w in b.wells if w.tube)))
declare("specimens.run_confirmed", RunConfirmed, roles=LAB, subjects=lambda b: (b.run,))

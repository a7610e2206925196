"""The system about itself: its clock, its laws; and the drill's clock, which can be driven."""

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Router, Schema
from pydantic import AwareDatetime

from pratique.api.answers import Refused
from pratique.api.paging import not_found
from pratique.journal import prove as proving
from pratique.journal import queries as journal
from pratique.journal.kinds import ROLES
from pratique.kit import doors
from pratique.kit.access import open_to
from pratique.kit.errors import Refusal
from pratique.pathway.tick import tick

router = Router(tags=["the system"])
CONTROL = ("leader", "supervisor")
REBUILD_SECONDS_MAX = 3_600


class Clock(Schema):
    """now: the county's clock. drill: the drill's title, null in earnest."""

    now: datetime
    drill: str | None


@router.get("/clock", response=Clock)
@open_to(*ROLES)
def clock(request: HttpRequest) -> Any:
    """What time it is here."""
    drill = journal.drill()
    return {"now": doors.now(), "drill": drill[0] if drill else None}


class Driven(Schema):
    now: AwareDatetime


class Ticked(Schema):
    """now: the clock after it was driven. done: how much of each due thing was done."""

    now: datetime
    done: dict[str, int]


@router.post("/clock", response=Ticked)
@open_to(*CONTROL)
def drive(request: HttpRequest, driven: Driven) -> Any:
    """Drive a drill's clock (never backwards) and do what is due by then. Nowhere but in a drill:
    404."""
    check_drill(request)
    doors.drive(driven.now)
    moment = doors.now()
    return {"now": moment, "done": tick(moment)}


def check_drill(request: HttpRequest) -> None:
    """Raises Refused (404) unless this is a drill and a device asks: a page of another site that
    rides on somebody's session changes no clock."""
    if journal.drill() is None or request.actor.device is None:  # type: ignore[attr-defined]
        raise not_found(request.path)


@dataclass(frozen=True, slots=True)
class LawChecked:
    name: str
    sentence: str
    violations: int
    examples: list[dict[str, Any]]


class Proof(Schema):
    """violations: over all laws. rows: how many were looked at. facts: since the beginning,
    in = applied + duplicate + parked + disputed + quarantined."""

    violations: int
    laws: list[LawChecked]
    rows: dict[str, int]
    facts: dict[str, int]


@router.get("/prove", response=Proof)
@open_to(*CONTROL)
def prove(request: HttpRequest) -> Any:
    """Check every law from row one."""
    checked = [
        LawChecked(c.law.name, c.law.sentence, c.violations, c.examples) for c in proving.prove()
    ]
    return {"violations": sum(c.violations for c in checked), "laws": checked,
            "rows": proving.counts(), "facts": journal.totals()}


class TableCompared(Schema):
    table: str
    rows: int
    differences: int
    examples: list[Any]


class Rebuilt(Schema):
    """What `pratique rebuild --json` says: every derived table recomputed beside the live one."""

    tables: list[TableCompared]
    differences: int


@router.get("/rebuild", response=Rebuilt)
@open_to(*CONTROL)
def rebuild(request: HttpRequest) -> Any:
    """Recompute all derived tables and compare them with the live ones. In a drill only: it makes
    a scratch county, which is the owner's business and nobody's who can reach this door."""
    check_drill(request)
    done = subprocess.run(
        [sys.executable, "-m", "pratique", "rebuild", "--json"], capture_output=True, check=False,
        timeout=REBUILD_SECONDS_MAX)
    try:
        return json.loads(done.stdout)
    except ValueError:
        raise Refused(500, Refusal(
            "rebuild_failed", _("The rebuild came to no end; see the server's log."),
            "api.rebuild")) from None

"""Clocks of devices: compared at the door, and a finding while one is wrong (docs/adr/0016)."""

from datetime import timedelta
from uuid import UUID

from pratique.journal.context import Context
from pratique.journal.fact import Fact, Parked, Verdict
from pratique.journal.kinds import reduces
from pratique.journal.store import close_findings
from pratique.kit.arrays import bigints, uuids
from pratique.registry.rules import CLOCK_OFF_SECONDS_MAX

RULE = "registry.device_clock"
COMPARED = """
UPDATE registry_device d SET entries_off_s = coalesce(u.entries, d.entries_off_s),
    clock_off_s = coalesce(u.clock, d.clock_off_s), clock_finding = u.finding
FROM unnest(%b::uuid[], %b::bigint[], %b::bigint[], %b::uuid[]) u(device, entries, clock, finding)
WHERE d.device = u.device
"""


@reduces("registry.clock_compared")
def compare_clocks(facts: list[Fact], context: Context) -> list[Verdict]:
    """One finding a device while its clock is wrong; what cannot be is a question for a person."""
    context.cursor.execute(
        "SELECT device, unit, label, clock_finding FROM registry_device WHERE device = ANY(%b)",
        (uuids(f.body.device for f in facts),))
    known = {row[0]: row[1:] for row in context.cursor.fetchall()}
    good = [f for f in facts if f.body.device in known]
    found: dict[UUID, UUID | None] = {}
    closed: list[tuple[UUID, Fact, str]] = []
    for fact in good:
        body = fact.body
        unit, label, finding = known[body.device]
        off = max(body.entries_off_s or 0, body.clock_off_s or 0, key=abs)
        if abs(off) <= CLOCK_OFF_SECONDS_MAX:
            if finding is not None:
                closed.append((finding, fact, "clock_right"))
            finding = None
        elif finding is None:
            finding = context.find(fact, "device_clock", RULE, {"label": label, **_span(off)},
                                   owner=unit)
        found[body.device] = finding
        if body.not_believed:
            context.find(fact, "moments_not_believed", RULE,
                         {"label": label, "count": body.not_believed}, owner=unit)
    close_findings(context, closed)
    context.cursor.execute(COMPARED, (
        uuids(f.body.device for f in good), bigints(f.body.entries_off_s for f in good),
        bigints(f.body.clock_off_s for f in good), uuids(found[f.body.device] for f in good)))
    return [None if f.body.device in known else Parked(on=f.body.device) for f in facts]


def _span(off_seconds: int) -> dict[str, str]:
    """A difference as signs that no language owns: "+3652", "00:00:12"."""
    span = timedelta(seconds=abs(off_seconds))
    return {"days": f"{'+' if off_seconds > 0 else '−'}{span.days}",
            "clock": str(timedelta(seconds=span.seconds)).rjust(8, "0")}

"""Findings about devices that are not heard: one a silence, whatever number of ticks notice it."""

from uuid import uuid5

from pratique.journal.context import Context, NewFinding
from pratique.journal.fact import Fact, Verdict
from pratique.journal.kinds import reduces

SILENT = "device_silent"
HEARD_AGAIN, REVOKED = "heard_again", "device_revoked"


@reduces("duties.device_silent_found")
def find_silent(facts: list[Fact], context: Context) -> list[Verdict]:
    """The unit's people look for the device; its id and the silence's beginning make the id."""
    for fact in facts:
        body = fact.body
        params = {"label": body.label, "since": body.since.isoformat(), "hours": body.limit_hours,
                  "missing": body.missing, "unit": body.unit}
        context.findings.append(NewFinding(
            uuid5(body.device, f"{SILENT}:{body.since.isoformat()}"), fact.id, SILENT,
            "duties.device_heard", params, body.device, body.unit))
    return [None] * len(facts)

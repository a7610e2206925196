"""Findings about facts that wait too long. What they say is in the notice, not in the journal's
list of waiting facts: so a rebuild, which knows no waiting, opens the same ones.
"""

from uuid import uuid5

from pratique.duties.reduce import COMMAND
from pratique.journal.context import Context, NewFinding
from pratique.journal.fact import Fact, Verdict
from pratique.journal.kinds import reduces

TOO_LONG, UNPLANNED = "parked_too_long", "trip_not_planned"
TRIP_NOT_HEARD = "trip_not_heard"  # the code under which transfer parks a step of an unknown trip
WAITS_NO_MORE = "waits_no_more"


@reduces("duties.parked_found")
def find_parked(facts: list[Fact], context: Context) -> list[Verdict]:
    """Once a waiting fact, and once a trip whatever number of its steps wait."""
    for fact in facts:
        context.findings.append(_finding(fact))
    return [None] * len(facts)


def _finding(fact: Fact) -> NewFinding:
    body = fact.body
    params = {"kind": body.fact_kind, "waits_for": str(body.waits_for), "code": body.code,
              "since": body.since.isoformat(), "hours": body.limit_minutes // 60,
              "vehicle": body.vehicle or body.place or ""}
    if body.code == TRIP_NOT_HEARD:
        return NewFinding(uuid5(body.waits_for, UNPLANNED), body.fact, UNPLANNED,
                          "transfer.planned_first", params, body.waits_for, COMMAND)
    return NewFinding(uuid5(body.fact, TOO_LONG), body.fact, TOO_LONG,
                      "journal.predecessor_first", params, body.about, body.place)

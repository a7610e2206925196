"""The mixed work in kinds that only journal and custody know.

What the speed of `record` promises is schema, custody, sealing, leaf and receipt. The county's own
kinds do that and then write their stations' tables (an episode, a register, a tube); they are
measured beside. These two kinds write nothing but the ledger, and exist in a measuring run alone.
"""

from uuid import UUID

from pratique.custody.ledger import birth, move
from pratique.evidence.workload import POSTS, Workload
from pratique.journal.context import Context
from pratique.journal.fact import Fact, Verdict
from pratique.journal.kinds import Body, declare, kind_named, reduces
from pratique.kit.ids import new_id

ARRIVED, COLLECTED = "bench.arrived", "bench.collected"


class Arrived(Body, kw_only=True):
    person: UUID
    post: str


class Collected(Body, kw_only=True):
    specimen: UUID
    place: str


class LedgerWorkload(Workload):
    """As `Workload`, without what the stations write. The kinds are declared with the first."""

    def __init__(self) -> None:
        super().__init__()
        if kind_named(ARRIVED) is None:
            declare(ARRIVED, Arrived, roles=("gate_officer",), subjects=lambda b: (b.person,),
                    sealed=True)
            declare(COLLECTED, Collected, roles=("sampler",), subjects=lambda b: (b.specimen,))
            reduces(ARRIVED)(_arrive)
            reduces(COLLECTED)(_collect)

    def arrival(self) -> bytes:
        person, post = new_id(self.now), self.draw.choice(POSTS)
        self.serial += 1
        id_, data = self.fact(ARRIVED, post, {"person": person, "post": post},
                              {str(person): self.identity()})
        self.free.append((person, post, id_))
        return data

    def specimen(self) -> bytes:
        place = self.draw.choice(POSTS)
        return self.fact(COLLECTED, place, {"specimen": new_id(self.now), "place": place})[1]


def _arrive(facts: list[Fact], context: Context) -> list[Verdict]:
    return move(context, [
        birth(f, f.body.person, "person", f.body.post, "arrival") for f in facts])


def _collect(facts: list[Fact], context: Context) -> list[Verdict]:
    return move(context, [
        birth(f, f.body.specimen, "specimen", f.body.place, "collected") for f in facts])

"""Many answer one hand-over at the same moment: exactly one is the answer."""

import threading
from datetime import timedelta

import pytest
from django.db import connections

from pratique.custody.queries import whereabouts
from pratique.custody.tests.conftest import open_the_county
from pratique.custody.tests.said import accept, arrive_people, offer
from tests.support import Speaker

pytestmark = pytest.mark.committed


@pytest.mark.parametrize("threads", [2, 7, 50])
def test_of_many_who_accept_one_does_and_the_others_are_told_who_and_when(committed, threads):
    open_the_county()
    gate = Speaker("post-01", ["gate_officer"])
    people, arrival = arrive_people(gate, 3)
    handover = offer(gate, "coach-01", people, arrival).id
    crews = [Speaker("coach-01", ["crew"], now=gate.now + timedelta(minutes=n % 20))
             for n in range(threads)]
    start, receipts = threading.Barrier(threads), [None] * threads

    def answer(number: int) -> None:
        try:
            start.wait()
            receipts[number] = accept(crews[number], handover, people)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=answer, args=(n,)) for n in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    applied = [r for r in receipts if r.status == "applied"]
    told = [r for r in receipts if r.code == "already_accepted"]
    assert (len(applied), len(told)) == (1, threads - 1)
    winner = str(crews[receipts.index(applied[0])].staff)
    assert all(r.params["by"] == winner and r.params["at"] for r in told)
    assert {h.account for h in whereabouts(people).values()} == {"coach-01"}


def test_batches_that_meet_on_the_same_people_in_any_order_all_come_through(committed):
    open_the_county()
    gate = Speaker("post-01", ["gate_officer"])
    people, arrival = arrive_people(gate, 40)
    start, counts = threading.Barrier(8), []

    def send(number: int) -> None:
        officer = Speaker("post-01", ["gate_officer"])
        mine = people if number % 2 else people[::-1]
        facts = [
            officer.fact("custody.offered", giver="post-01", taker="site-1",
                         lines=[{"subject": p, "holds_by": arrival}],
                         expires_at=gate.now + timedelta(minutes=30))
            for p in mine
        ]
        try:
            start.wait()
            counts.append(officer.send(*facts).counts())
        finally:
            connections.close_all()

    workers = [threading.Thread(target=send, args=(n,)) for n in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(c["applied"] for c in counts) == 40
    assert sum(c["parked"] for c in counts) == 7 * 40

"""The laws under attack: raw SQL as the application's role, threads, and many facts at once."""

import threading
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from django.db import connection, transaction

from pratique.journal import record as recording
from pratique.kit.arrays import uuids
from pratique.kit.sql import reading
from pratique.specimens import reduce_runs
from pratique.specimens.tests.conftest import open_the_county
from pratique.specimens.tests.said import (
    CLEAN,
    STRONG,
    Chain,
    broken_laws,
    record_of,
    run_of,
    taken,
)
from tests.support import statements_seen


def attack(sql: str, *values) -> str:
    """Run SQL as the application's role; answer the constraint or state that refused it."""
    with pytest.raises(psycopg.Error) as refused, transaction.atomic():
        connection.ensure_connection()
        connection.connection.execute(sql, values)
    return refused.value.diag.constraint_name or refused.value.sqlstate


DENIED = "42501"


def resulted(chain: Chain, targets: dict):
    tube = chain.collect()
    chain.to_laboratory(tube)
    chain.result(tube, targets)
    return tube


def test_the_application_cannot_put_a_second_person_on_a_tube(chain):
    tube = chain.collect()
    insert = ("INSERT INTO specimens_specimen SELECT %s, tube, %s, place, purpose, urgent, swab, "
              "collected_at, collected_by, fact FROM specimens_specimen WHERE tube = %s")
    assert attack(insert, uuid4(), uuid4(), tube.tube).startswith("specimens_specimen_tube")
    same_specimen = insert.replace("tube, %s, place", "'T-2', %s, place")
    assert attack(same_specimen, tube.specimen, uuid4(), tube.tube).startswith(
        "specimens_specimen_pkey")


@pytest.mark.parametrize("change", [
    "UPDATE specimens_specimen SET person = gen_random_uuid()",
    "UPDATE specimens_result SET result = 'negative'", "DELETE FROM specimens_result",
    "UPDATE specimens_well SET reading = 'negative' WHERE tube <> ''",
    "DELETE FROM specimens_run", "UPDATE specimens_confirmation SET withheld = '{A01}'",
    "DELETE FROM specimens_ending", "TRUNCATE specimens_result",
    "UPDATE specimens_bagging SET bag = 'x'",
])
def test_what_was_recorded_is_never_changed(chain, change):
    resulted(chain, STRONG)
    assert attack(change) == DENIED


def add_result(tube, run, well="A01", result="negative") -> str:
    return attack(
        "INSERT INTO specimens_result (tube, run, well, result, resulted_at, resulted_fact, "
        "reported_at, reported_fact, recorded_at) VALUES (%s, %s, %s, %s, '2022-08-20T06:00Z', "
        "%s, '2022-08-20T06:00Z', %s, '2022-08-20T06:00Z')",
        tube, run, well, result, uuid4(), uuid4())


def test_a_positive_does_not_turn_negative_by_another_row(chain):
    tube = resulted(chain, STRONG)
    chain.forward(minutes=5)
    clean = chain.run((tube.tube, CLEAN))
    chain.confirm(clean)
    assert record_of(tube).result == "positive"
    assert add_result(tube.tube, clean).startswith("specimens_law_6")


def test_a_result_without_a_run_a_well_a_tube_or_a_second_reader_is_refused(chain):
    tube = chain.collect()
    chain.to_laboratory(tube)
    assert add_result(tube.tube, uuid4()).startswith("specimens_result_run")
    run = chain.run((tube.tube, STRONG))
    assert add_result(tube.tube, run, result="positive").startswith("specimens_result_run")
    chain.confirm(run, withheld=["A01"])
    assert add_result(tube.tube, run, result="positive").startswith("specimens_result_of_well")
    assert add_result(tube.tube, run, "H01", "positive").startswith("specimens_result_run_well")
    other = resulted(chain, STRONG)
    (done,) = [r for r in run_ids() if r != run]
    assert add_result(tube.tube, done, result="positive").startswith("specimens_result_of_well")
    assert add_result("NO-TUBE", done, result="positive").startswith("specimens_result_")
    assert record_of(other).result == "positive"


def run_ids() -> list:
    with reading() as cursor:
        cursor.execute("SELECT run FROM specimens_run")
        return [row[0] for row in cursor.fetchall()]


def test_a_well_says_what_it_says(chain):
    tube = chain.collect()
    chain.to_laboratory(tube)
    run = chain.run((tube.tube, STRONG))
    chain.confirm(run)
    assert add_result(tube.tube, run).startswith(("specimens_result_of_well", "specimens_result_p"))
    well = ("INSERT INTO specimens_well (run, well, tube, control, targets, reading) "
            "VALUES (%s, %s, %s, %s, '{}', %s)")
    assert attack(well, run, "H01", tube.tube, "", "negative").startswith("specimens_well_tube")
    assert attack(well, run, "H01", "", "", "negative").startswith("specimens_well_content")
    assert attack(well, uuid4(), "H01", "T-1", "", "negative").startswith("specimens_well_run")


def test_nobody_confirms_their_own_run_or_one_whose_controls_failed(chain):
    run = chain.run((chain.label(), CLEAN))
    failed = chain.run((chain.label(), CLEAN), wells=[
        {"well": "A01", "tube": "T-1", "targets": CLEAN}])
    confirm = ("INSERT INTO specimens_confirmation (run, imported_by, controls, confirmed_by, "
               "withheld, at, fact) VALUES (%s, %s, %s, %s, '{}', '2022-08-20T06:00Z', %s)")
    reader, second = chain.reader.staff, chain.second.staff
    assert attack(confirm, run, reader, "passed", reader, uuid4()).startswith(
        "specimens_confirmation_reader")
    assert attack(confirm, run, second, "passed", reader, uuid4()).startswith(
        "specimens_confirmation_run"), "the importer is who the run says"
    assert attack(confirm, failed, reader, "passed", second, uuid4()).startswith(
        "specimens_confirmation_run")
    assert attack(confirm, failed, reader, "failed", second, uuid4()).startswith(
        "specimens_confirmation_controls")


def test_two_negatives_and_positives_at_once_cannot_slip_past_each_other(committed):
    """One session adds a positive and waits; another's negative waits for it and is refused."""
    open_the_county()
    chain = Chain()
    tube = chain.collect()
    chain.hand_over(chain.gate, chain.courier, [tube])
    runs = [chain.run((tube.tube, targets)) for targets in (STRONG, CLEAN)]
    for run in runs:  # the laboratory has not taken the tube over: nothing is final yet
        chain.confirm(run)
    one, other = committed(), committed()
    insert = ("INSERT INTO specimens_result VALUES (%s, %s, 'A01', %s, '2022-08-20T06:00Z', %s, "
              "'2022-08-20T06:00Z', %s, '2022-08-20T06:00Z')")
    columns = ("tube", "run", "well", "result", "resulted_at", "resulted_fact", "reported_at",
               "reported_fact", "recorded_at")
    insert = insert.replace(" VALUES", f" ({', '.join(columns)}) VALUES")
    one.execute(insert, (tube.tube, runs[0], "positive", uuid4(), uuid4()))
    refused = []

    def add_negative() -> None:
        try:
            other.execute(insert, (tube.tube, runs[1], "negative", uuid4(), uuid4()))
            other.commit()
        except psycopg.Error as error:
            refused.append(error.diag.constraint_name)

    thread = threading.Thread(target=add_negative)
    thread.start()
    thread.join(0.3)
    assert thread.is_alive(), "it waits for the first"
    one.commit()
    thread.join(10)
    assert refused == ["specimens_law_6"]


def test_a_tube_taken_at_two_gates_at_once_has_one_person(committed):
    open_the_county()
    chain = Chain()
    label = chain.label()
    facts = [chain.collected(label) for __ in range(8)]
    receipts = []

    def send(fact) -> None:
        receipts.append(chain.gate.send(fact).receipts[0])
        connection.close()

    threads = [threading.Thread(target=send, args=(fact,)) for fact in facts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(r.status for r in receipts) == ["applied"] + ["disputed"] * 7
    assert {r.code for r in receipts if r.status == "disputed"} == {"tube_used"}
    assert broken_laws() == []


# ── many at once ─────────────────────────────────────────────────────────────────────────────────
def statements(send) -> list[str]:
    """Those about this room's and custody's tables."""
    with statements_seen() as seen:
        batch = send()
    assert {r.status for r in batch.receipts} == {"applied"}, batch.receipts
    return [each[:60] for each in seen if "specimens_" in each or "custody_" in each]


@pytest.mark.parametrize("kind", ["collected", "bagged", "voided", "imported", "confirmed"])
def test_one_fact_or_five_hundred_take_the_same_number_of_statements(chain, kind):
    def facts(count: int) -> tuple:
        if kind == "collected":
            return chain.gate, [chain.collected() for __ in range(count)]
        if kind in ("bagged", "voided"):
            fresh = [chain.collected() for __ in range(count)]
            chain.gate.send(*fresh)
            if kind == "bagged":
                return chain.gate, [
                    chain.gate.fact("specimens.bagged", bag="BAG-1", place="post-01",
                                    specimens=[specimen(f)]) for f in fresh]
            return chain.gate, [
                chain.gate.fact("specimens.voided", specimen=specimen(f), place="post-01",
                                holds_by=f.id, reason="leaked") for f in fresh]
        runs = [chain.imported([(chain.label(), CLEAN)]) for __ in range(count)]
        if kind == "imported":
            return chain.reader, runs
        chain.reader.send(*runs)
        return chain.second, [
            chain.second.fact("specimens.run_confirmed", run=run_id(f), laboratory="lab-1")
            for f in runs]

    chain.gate.send(chain.collected())  # the lock of the county's rules is known from now on
    seen = {}
    for count in (1, 500):
        who, said = facts(count)
        seen[count] = statements(lambda who=who, said=said: who.send(*said))
    assert len(seen[1]) == len(seen[500]), (seen[1], seen[500])


def specimen(fact) -> str:
    return str(taken(fact).specimen)


def run_id(fact) -> str:
    return str(run_of(fact))


def test_reading_the_tubes_of_many_persons_is_one_statement(chain):
    from pratique.specimens.queries import ask_specimen_records

    tubes = [chain.collect() for __ in range(20)]
    with statements_seen() as seen, reading() as cursor:
        found = ask_specimen_records(cursor, uuids(t.person for t in tubes))()
    assert len(seen) == 1
    assert len(found) == 20


def test_whoever_owns_a_moved_tube_is_looked_at_again_before_the_pathway_does(chain):
    hooks = [hook.__module__ for hook in recording._after]
    assert reduce_runs.follow_moves in recording._after
    above = [i for i, name in enumerate(hooks) if name.startswith("pratique.pathway")]
    assert all(recording._after.index(reduce_runs.follow_moves) < i for i in above)
    tube = chain.collect()
    looked_at = []
    recording._after.append(lambda context: looked_at.append(set(context.touched)))
    try:
        chain.hand_over(chain.gate, chain.courier, [tube])
        chain.forward(minutes=1)
        chain.gate.say("specimens.bagged", bag="B-1", place="post-01", specimens=[tube.specimen])
    finally:
        recording._after.pop()
    offered, accepted, bagged = looked_at
    assert tube.person in accepted, "another account owes the tube's next step"
    assert tube.person not in bagged


def test_a_move_is_followed_though_another_fact_of_its_batch_is_disputed(chain):
    tube, full = chain.collect(), chain.collect()
    offered = offer(chain, tube)
    chain.forward(minutes=1)
    looked_at = []
    recording._after.append(lambda context: looked_at.append(set(context.touched)))
    try:
        batch = chain.courier.send(
            chain.courier.fact("custody.answered", handover=offered, taker="courier-1",
                               accepted=[str(tube.specimen)]),
            chain.courier.fact("specimens.lost", specimen=str(full.specimen), place="courier-1",
                               holds_by=str(full.fact), reason="never had it"))
    finally:
        recording._after.pop()
    assert [r.status for r in batch.receipts] == ["applied", "disputed"]
    assert tube.person in looked_at[0]
    assert full.person not in looked_at[0]


def offer(chain: Chain, tube):
    return chain.gate.say(
        "custody.offered", giver="post-01", taker="courier-1",
        lines=[{"subject": str(tube.specimen), "holds_by": str(tube.holds_by)}],
        expires_at=chain.gate.now + timedelta(hours=1)).id

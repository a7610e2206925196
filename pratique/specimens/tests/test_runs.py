"""Runs: controls, second reader, results that find their tube by themselves."""

from datetime import timedelta

import pytest

from pratique.kit.sql import reading
from pratique.specimens import queries, queries_lab
from pratique.specimens.tests.said import (
    CLEAN,
    CONTROLS,
    EMPTY,
    STRONG,
    WEAK,
    broken_laws,
    codes,
    findings,
    record_of,
    run_of,
    taken,
)
from tests.support import fresh_id


def test_the_four_times_of_a_tube(chain):
    tube = chain.collect(urgent=True)
    times = [chain.gate.now]
    chain.forward(minutes=30)
    chain.to_laboratory(tube)
    times.append(chain.reader.now)
    chain.forward(hours=2)
    run = chain.run((tube.tube, CLEAN))
    times.append(chain.reader.now)
    assert record_of(tube).result is None, "a negative is none before the second reader"
    assert record_of(tube).resulted_at is None
    chain.forward(minutes=20)
    confirmed = chain.confirm(run)
    assert confirmed.status == "applied"
    times.append(chain.reader.now)
    (spans,) = queries.turnarounds(times[0], times[-1])
    assert [spans.collected_at, spans.received_at, spans.resulted_at, spans.reported_at] == times
    assert (spans.place, spans.laboratory, spans.urgent) == ("post-01", "lab-1", True)
    record = record_of(tube)
    assert (record.result, record.received_at, record.resulted_at, record.reported_at) == (
        "negative", times[1], times[3], times[3])
    assert len(record.evidence) == 4
    assert (record.evidence[0], record.evidence[3]) == (tube.fact, confirmed.id)
    assert queries.by_tube(tube.tube).state == "reported"
    assert broken_laws() == []


@pytest.mark.parametrize(("targets", "result"), [(STRONG, "positive"), (WEAK, "inconclusive")])
def test_a_positive_holds_at_once_and_is_final_when_confirmed(chain, targets, result):
    tube = chain.collect()
    chain.to_laboratory(tube)
    run = chain.run((tube.tube, targets))
    before = record_of(tube)
    assert (before.result, before.resulted_at, before.reported_at) == (
        result, chain.reader.now, None)
    chain.forward(minutes=15)
    chain.confirm(run)
    after = record_of(tube)
    assert (after.result, after.resulted_at, after.reported_at) == (
        result, before.resulted_at, chain.second.now)


def test_an_invalid_is_an_invalid_when_confirmed(chain):
    tube = chain.collect()
    chain.to_laboratory(tube)
    chain.result(tube, EMPTY)
    assert record_of(tube).result == "invalid"


def test_a_well_that_the_second_reader_withholds_says_nothing(chain):
    kept, withheld = chain.collect(), chain.collect()
    chain.to_laboratory(kept, withheld)
    run = chain.run((kept.tube, CLEAN), (withheld.tube, STRONG))
    assert record_of(withheld).result == "positive"
    chain.confirm(run, withheld=["b1"])
    assert record_of(withheld).result is None
    assert record_of(kept).result == "negative"
    assert [w.tube for w in queries_lab.inbox("lab-1", chain.reader.now)] == [withheld.tube]
    chain.result(withheld, CLEAN)
    assert record_of(withheld).result == "negative", "what was withheld was never a result"
    assert broken_laws() == []


def outcomes(code: str) -> list[str]:
    """The outcomes of all findings of a code; "" of open ones."""
    with reading() as cursor:
        cursor.execute("SELECT outcome FROM journal_finding WHERE code = %s ORDER BY opened_at",
                       (code,))
        return [row[0] for row in cursor.fetchall()]


def test_wells_held_back_are_on_the_laboratorys_list_until_each_was_run_again(chain):
    kept, first, second = (chain.collect() for __ in range(3))
    chain.to_laboratory(kept, first, second)
    run = chain.run((kept.tube, CLEAN), (first.tube, STRONG), (second.tube, CLEAN))
    chain.confirm(run, withheld=["c1", "B01", "A12"])
    assert findings("wells_withheld") == [
        ("wells_withheld", "lab-1", {"plate": "P-1", "wells": "B01, C01", "count": 2})]
    chain.result(first, CLEAN)
    assert outcomes("wells_withheld") == [""]
    chain.result(second, WEAK)
    assert outcomes("wells_withheld") == ["run_again"]


def test_a_control_alone_held_back_asks_nobody_to_run_anything_again(chain):
    tube = chain.collect()
    chain.to_laboratory(tube)
    chain.confirm(chain.run((tube.tube, CLEAN)), withheld=["A12"])
    assert outcomes("wells_withheld") == []


def test_what_was_run_again_before_the_word_of_the_first_run_was_heard_asks_nothing(chain):
    tube = chain.collect()
    chain.to_laboratory(tube)
    run = chain.run((tube.tube, WEAK))
    chain.result(tube, CLEAN)
    chain.confirm(run, withheld=["A01"])
    assert outcomes("wells_withheld") == ["run_again"]


@pytest.mark.parametrize("how", ["voided", "lost"])
def test_a_tube_that_is_gone_is_not_run_again(chain, how):
    tube = chain.collect()
    chain.to_laboratory(tube)
    chain.confirm(chain.run((tube.tube, CLEAN)), withheld=["A01"])
    chain.reader.say(f"specimens.{how}", specimen=tube.specimen, holds_by=tube.holds_by,
                     place="lab-1", reason="leaked")
    assert outcomes("wells_withheld") == ["run_again"]


def test_failed_controls_are_settled_when_all_their_tubes_were_run_again(chain):
    one, two = chain.collect(), chain.collect()
    chain.to_laboratory(one, two)
    wells = [{"well": f"{row}01", "tube": t.tube, "targets": CLEAN}
             for row, t in (("A", one), ("B", two))]
    chain.reader.send(chain.imported([], wells=wells))
    assert outcomes("run_controls_failed") == [""]
    chain.result(one, CLEAN)
    assert outcomes("run_controls_failed") == [""]
    late = chain.imported([(two.tube, CLEAN)])
    chain.result(two, CLEAN)
    assert outcomes("run_controls_failed") == ["run_again"]
    assert chain.reader.send(late).receipts[0].status == "applied"


@pytest.mark.parametrize("who", ["reader", None])
def test_the_second_reader_is_another_person(chain, who):
    tube = chain.collect()
    chain.to_laboratory(tube)
    run = chain.run((tube.tube, CLEAN))
    reader = chain.reader
    if who is None:
        reader.staff = None
    receipt = chain.confirm(run, by=reader)
    assert (receipt.status, receipt.code) == ("quarantined", "second_reader_must_differ")
    assert record_of(tube).reported_at is None


def test_a_run_that_names_nobody_is_refused(chain):
    tube = chain.collect()
    fact = chain.imported([(tube.tube, CLEAN)])
    chain.reader.staff = None
    fact = chain.imported([(tube.tube, CLEAN)])
    receipt = chain.reader.send(fact).receipts[0]
    assert (receipt.status, receipt.code) == ("quarantined", "reader_missing")


def test_a_run_is_confirmed_once(chain):
    tube = chain.collect()
    chain.to_laboratory(tube)
    run = chain.run((tube.tube, CLEAN))
    chain.confirm(run)
    again = chain.confirm(run, withheld=["A01"])
    assert (again.status, again.code) == ("disputed", "already_confirmed")
    assert record_of(tube).result == "negative"


def test_a_confirmation_heard_before_its_run_waits(chain):
    tube = chain.collect()
    chain.to_laboratory(tube)
    fact = chain.imported([(tube.tube, CLEAN)])
    assert chain.confirm(run_of(fact)).status == "parked"
    chain.reader.send(fact)
    assert record_of(tube).result == "negative"


BAD_CONTROLS = [
    (0, {"targets": {"ORF1ab": None, "N": 27.0, "IC": 29.0}}, "positive:A12"),
    (0, {"targets": {"ORF1ab": 37.0, "N": 27.0, "IC": 29.0}}, "positive:A12"),
    (1, {"targets": {"ORF1ab": None, "N": 36.0, "IC": None}}, "negative:B12"),
    (2, {"targets": {"ORF1ab": 30.0, "N": 31.0, "IC": 27.0}}, "extraction:C12"),
    (0, None, "positive:missing"), (1, None, "negative:missing"),
]


@pytest.mark.parametrize(("which", "change", "why"), BAD_CONTROLS)
def test_a_run_whose_controls_fail_yields_no_result(chain, which, change, why):
    tube = chain.collect()
    chain.to_laboratory(tube)
    controls = [dict(c) for c in CONTROLS]
    if change is None:
        del controls[which]
    else:
        controls[which] |= change
    run = chain.run((tube.tube, STRONG), wells=[
        {"well": "A01", "tube": tube.tube, "targets": STRONG}, *controls])
    assert [(c, o, p["controls"]) for c, o, p in findings()] == [
        ("run_controls_failed", "lab-1", why)]
    refused = chain.confirm(run)
    assert (refused.status, refused.code) == ("quarantined", "controls_failed")
    assert record_of(tube).result is None
    assert [r.state for r in queries_lab.runs("lab-1")] == ["controls_failed"]
    assert [w.tube for w in queries_lab.inbox("lab-1", chain.reader.now)] == [tube.tube]
    chain.result(tube, CLEAN)
    assert record_of(tube).result == "negative", "what failed controls said is not held against it"


def test_a_result_for_an_unknown_tube_is_on_the_work_list_until_the_tube_comes(chain):
    fact = chain.collected()
    tube = taken(fact)
    run = chain.run((tube.tube, STRONG))
    chain.confirm(run)
    assert [(c, o, p["tube"], p["well"]) for c, o, p in findings()] == [
        ("result_for_unknown_tube", "lab-1", tube.tube, "A01")]
    (work,) = queries_lab.unattached("lab-1")
    assert (work["why"], work["reading"]) == ("unknown", "positive")
    chain.gate.send(fact)
    assert codes() == ["result_for_tube_elsewhere"], "it is known, but the gate still holds it"
    assert record_of(tube).result is None
    chain.to_laboratory(tube)
    assert codes() == []
    assert queries_lab.unattached() == []
    assert record_of(tube).result == "positive", "it attached by itself"
    assert broken_laws() == []


def test_two_unknown_tubes_of_one_run_are_two_findings(chain):
    chain.run((chain.label(), CLEAN), (chain.label(), CLEAN))
    assert codes() == ["result_for_unknown_tube"] * 2


def test_a_result_for_a_tube_elsewhere_waits_for_the_hand_over(chain):
    tube = chain.collect()
    chain.hand_over(chain.gate, chain.courier, [tube])
    run = chain.run((tube.tube, CLEAN))
    chain.confirm(run)
    assert [(c, o) for c, o, __ in findings()] == [("result_for_tube_elsewhere", "lab-1")]
    assert record_of(tube).result is None
    chain.hand_over(chain.courier, chain.other, [tube])
    assert codes() == ["result_for_tube_elsewhere"], "another laboratory has it"
    chain.hand_over(chain.other, chain.reader, [tube])
    assert codes() == []
    assert record_of(tube).result == "negative"


def test_a_result_for_a_voided_tube_is_shown_and_kept_beside_the_voiding(chain):
    tube = chain.collect()
    chain.to_laboratory(tube)
    chain.reader.say("specimens.voided", specimen=tube.specimen, place="lab-1",
                     holds_by=tube.holds_by, reason="leaked")
    chain.result(tube, STRONG)
    assert "result_for_voided_tube" in codes()
    record = record_of(tube)
    assert (record.voided, record.result) == (True, "positive")
    assert [w["why"] for w in queries_lab.unattached()] == ["voided"]


@pytest.mark.parametrize("first", [STRONG, WEAK])
def test_positive_or_inconclusive_never_turns_negative_without_a_new_specimen(chain, first):
    tube = chain.collect()
    chain.to_laboratory(tube)
    chain.result(tube, first)
    before = record_of(tube)
    chain.result(tube, CLEAN)
    assert record_of(tube) == before
    assert [(c, o, p["tube"]) for c, o, p in findings()] == [
        ("negative_after_positive", "lab-1", tube.tube)]
    assert broken_laws() == []


def test_a_graver_result_stands_whatever_came_first(chain):
    one, other = chain.collect(), chain.collect()
    chain.to_laboratory(one, other)
    for targets in (CLEAN, WEAK, STRONG):
        chain.result(one, targets)
    for targets in (STRONG, WEAK, CLEAN):
        chain.result(other, targets)
    assert record_of(one).result == record_of(other).result == "positive"


def test_a_negative_and_a_positive_that_wait_for_the_same_tube_leave_the_positive(chain):
    fact = chain.collected()
    tube = taken(fact)
    for targets in (CLEAN, STRONG):
        chain.result(tube, targets)
    chain.gate.send(fact)
    chain.to_laboratory(tube)
    assert record_of(tube).result == "positive"
    assert "negative_after_positive" in codes()


def test_an_invalid_tube_may_be_run_again(chain):
    tube = chain.collect()
    chain.to_laboratory(tube)
    chain.result(tube, EMPTY)
    chain.result(tube, CLEAN)
    assert record_of(tube).result == "negative"


REFUSED = [
    ({"assay": "tea-leaves"}, "unknown_assay"), ({"laboratory": "post-01"}, "not_a_laboratory"),
    ({"laboratory": "lab-9"}, "unknown_account"), ({"laboratory": "lab-2"}, "not_your_account"),
    ({"wells": []}, "wells_count"),
    ({"wells": [{"well": "Z9", "tube": "T-1", "targets": CLEAN}]}, "well_unknown"),
    ({"wells": [{"well": "A1", "tube": "T-1", "targets": CLEAN},
                {"well": "A01", "tube": "T-2", "targets": CLEAN}]}, "well_twice"),
    ({"wells": [{"well": "A1", "tube": "T-1", "targets": CLEAN},
                {"well": "A2", "tube": "T-1", "targets": CLEAN}]}, "tube_twice"),
    ({"wells": [{"well": "A1", "targets": CLEAN}]}, "well_of_nobody"),
    ({"wells": [{"well": "A1", "tube": "T-1", "control": "negative", "targets": CLEAN}]},
     "well_of_nobody"),
    ({"wells": [{"well": "A1", "tube": "T-1", "targets": {"N": 20.0}}]}, "targets_differ"),
    ({"wells": [{"well": "A1", "tube": "T-1", "targets": CLEAN | {"E": 1.0}}]}, "targets_differ"),
    ({"wells": [{"well": "A1", "tube": "T-1", "targets": CLEAN | {"N": 0.0}}]},
     "ct_out_of_range"),
    ({"wells": [{"well": "A1", "tube": "T-1", "targets": CLEAN | {"N": 1e9}}]},
     "ct_out_of_range"),
    ({"wells": [{"well": "A1", "tube": "=1+1", "targets": CLEAN}]}, "label_not_plain"),
]


@pytest.mark.parametrize(("body", "code"), REFUSED)
def test_a_run_that_is_not_whole_is_refused_by_name(chain, body, code):
    receipt = chain.reader.send(chain.imported([("T-9", CLEAN)], **body)).receipts[0]
    assert (receipt.status, receipt.code) == ("quarantined", code)
    assert receipt.text()
    assert queries_lab.runs() == []


def test_a_run_that_ends_before_it_started_is_refused(chain):
    fact = chain.imported([("T-9", CLEAN)], started_at=chain.reader.now,
                          finished_at=chain.reader.now - timedelta(hours=1))
    assert chain.reader.send(fact).receipts[0].code == "run_times"


def test_a_run_or_a_file_comes_once(chain):
    run = chain.run(("T-1", CLEAN), file_sha256="ab" * 32)
    again = chain.reader.send(chain.imported([("T-1", CLEAN)], run=run)).receipts[0]
    assert (again.status, again.code) == ("disputed", "run_exists")
    other = chain.imported([("T-1", CLEAN)], file_sha256="ab" * 32)
    same_file = chain.reader.send(other).receipts[0]
    assert (same_file.status, same_file.code) == ("disputed", "file_imported")
    both = chain.reader.send(*[chain.imported([(f"T-{n}", CLEAN)], file_sha256="cd" * 32)
                               for n in (5, 6)])
    assert [r.status for r in both.receipts] == ["applied", "disputed"]


def test_a_run_too_fast_or_too_much_alike_is_shown(chain):
    chain.run(*[(f"T-{n}", STRONG) for n in range(6)], started_at=chain.reader.now)
    assert {"run_too_fast", "run_same_values"} <= set(codes())


def test_another_laboratory_confirms_nothing_here(chain):
    tube = chain.collect()
    chain.to_laboratory(tube)
    run = chain.run((tube.tube, CLEAN))
    receipt = chain.confirm(run, by=chain.other)
    assert (receipt.status, receipt.code) == ("quarantined", "not_your_run")
    stranger = chain.second.say("specimens.run_confirmed", run=run, laboratory="lab-1",
                                withheld=["H12"])
    assert (stranger.status, stranger.code) == ("quarantined", "well_unknown")


def test_the_inbox_has_the_urgent_first_then_the_oldest_and_starves_nobody(chain):
    old = chain.collect()
    chain.to_laboratory(old)
    chain.forward(hours=5)
    plain, urgent = chain.collect(), chain.collect(urgent=True)
    chain.to_laboratory(plain, urgent)
    now = chain.reader.now
    assert [w.tube for w in queries_lab.inbox("lab-1", now)] == [urgent.tube, old.tube, plain.tube]
    later = now + timedelta(hours=8)
    assert [w.tube for w in queries_lab.inbox("lab-1", later)] == [
        old.tube, urgent.tube, plain.tube]
    assert [w for w, __ in queries_lab.plate_worklist("lab-1", now)] == ["A01", "B01", "C01"]
    chain.run((urgent.tube, CLEAN))
    assert urgent.tube not in [w.tube for w in queries_lab.inbox("lab-1", now)]


def test_what_is_coming_shows_bags_with_urgent_tubes_first(chain):
    for urgent in (False, True):
        tube = chain.collect(urgent=urgent)
        chain.hand_over(chain.gate, chain.courier, [tube])
        chain.courier.say("custody.offered", giver="courier-1", taker="lab-1",
                          bag=f"BAG-{urgent}", expires_at=chain.gate.now + timedelta(hours=1),
                          lines=[{"subject": tube.specimen, "holds_by": tube.holds_by}])
        chain.forward(minutes=1)
    assert [(b.bag, b.tubes, b.urgent) for b in queries_lab.inbound("lab-1")] == [
        ("BAG-True", 1, 1), ("BAG-False", 1, 0)]


def test_runs_that_await_a_second_reader_with_positives_first(chain):
    chain.run((chain.label(), CLEAN))
    chain.forward(minutes=1)
    positive = chain.run((chain.label(), STRONG))
    chain.forward(minutes=1)
    done = chain.run((chain.label(), CLEAN))
    chain.confirm(done)
    waiting = queries_lab.awaiting_second_reader("lab-1")
    assert [r.run for r in waiting][0] == positive
    assert len(waiting) == 2
    run, wells = queries_lab.run_named(positive)
    assert (run.state, run.samples, run.positives) == ("awaits_second_reader", 1, 1)
    assert [(w.well, w.control, w.reading, w.final) for w in wells] == [
        ("A01", "", "positive", False), ("A12", "positive", "", False),
        ("B12", "negative", "", False), ("C12", "extraction", "", False)]
    assert queries_lab.run_named(fresh_id()) is None


def test_a_tubes_story_is_told_in_order(chain):
    tube = chain.collect()
    chain.gate.say("specimens.bagged", bag="BAG-1", place="post-01", specimens=[tube.specimen])
    chain.forward(minutes=5)
    chain.hand_over(chain.gate, chain.courier, [tube])
    chain.forward(minutes=5)
    chain.hand_over(chain.courier, chain.reader, [tube])
    chain.result(tube, CLEAN)
    chain.forward(minutes=5)
    chain.reader.say("specimens.discarded", place="lab-1", specimens=[tube.specimen],
                     holds_by=[tube.holds_by])
    assert [s.what for s in queries.story(tube.specimen)] == [
        "collected", "bagged", "accepted", "accepted", "imported", "confirmed", "discarded"]
    assert queries.counts_by_state() == {"discarded": 1}
    assert [t.specimen for t in queries.of_person(tube.person)] == [tube.specimen]

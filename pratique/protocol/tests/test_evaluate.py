"""The laws of `evaluate`, tried on random histories and every shipped pack."""

import dataclasses
import shutil
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from pratique.protocol.bench import plain_arrival
from pratique.protocol.evaluate import evaluate
from pratique.protocol.history import SpecimenRecord, Stay
from pratique.protocol.pack import load_pack, shipped
from pratique.protocol.spec import DUTY_KINDS
from pratique.protocol.tests.histories import ARRIVED, after_arrival, histories

PACKS = st.sampled_from(list(shipped().values()))
SHANXI = shipped()["shanxi-2022-08-20"]
CLEAR = {"green"}
laws = settings(max_examples=250, deadline=None)


@laws
@given(PACKS, histories(), after_arrival, after_arrival)
def test_only_the_release_answer_moves_with_the_clock(pack, history, early, late):
    first, second = evaluate(pack, history, early), evaluate(pack, history, late)
    assert first.duties == second.duties
    assert first.decision == second.decision
    assert first.standing == second.standing
    assert first.release.due_at == second.release.due_at


@laws
@given(PACKS, histories(), after_arrival, st.randoms(use_true_random=False))
def test_the_order_in_which_facts_are_handed_over_does_not_matter(pack, history, now, random):
    def shuffled(things):
        return tuple(random.sample(things, len(things)))

    other = replace(
        history, specimens=shuffled(history.specimens), readings=shuffled(history.readings),
        orders=shuffled(history.orders), others=shuffled(history.others),
        stays=shuffled(history.stays), exposures=shuffled(history.exposures))
    first, second = evaluate(pack, history, now), evaluate(pack, other, now)
    assert first.decision == second.decision
    assert first.release == second.release
    assert first.standing == second.standing
    assert first.duties == second.duties


@laws
@given(PACKS, histories(), after_arrival)
def test_unknown_is_never_clear_and_never_restricts(pack, history, now):
    outcome = evaluate(pack, history, now)
    if outcome.decision.measure == "unknown":
        assert outcome.decision.unknown_inputs
        assert outcome.standing.colour in ("unknown", "none")
        assert not outcome.standing.restrictive
        assert not outcome.release.allowed
        assert "decision unknown" in outcome.release.missing


@laws
@given(PACKS, histories(), after_arrival)
def test_missing_stays_never_make_a_person_clear(pack, history, now):
    assume(history.ended_at is None and not history.exposures)
    outcome = evaluate(pack, replace(history, stays=()), now)
    assert outcome.standing.colour not in CLEAR


@laws
@given(PACKS, histories(), after_arrival)
def test_a_restriction_has_row_evidence_order_and_end(pack, history, now):
    standing = evaluate(pack, history, now).standing
    if standing.restrictive:
        assert standing.row
        assert standing.evidence
        assert standing.until is not None
        order = next(order for order in history.orders if order.order == standing.order)
        assert (order.pack, order.until is None or standing.until <= order.until) == (
            pack.id, True)


@laws
@given(PACKS, histories(), after_arrival)
def test_release_is_allowed_exactly_when_it_is_due_and_nothing_is_missing(pack, history, now):
    outcome = evaluate(pack, history, now)
    release = outcome.release
    assert len(release.why) == len(release.missing)
    if history.ended_at is None:
        due = release.due_at is not None and now >= release.due_at
        assert release.allowed == (due and not release.missing)
        assert release.allowed or release.missing
        if release.due_at is not None and outcome.decision.ends_at is not None:
            assert release.due_at >= outcome.decision.ends_at
        listed = [duty.opens_at for duty in outcome.duties if duty.key == "release"]
        assert listed == ([] if release.due_at is None else [release.due_at])


@laws
@given(PACKS, histories(), after_arrival)
def test_duty_keys_are_unique_and_every_duty_can_be_read(pack, history, now):
    duties = evaluate(pack, history, now).duties
    assert len({duty.key for duty in duties}) == len(duties)
    for duty in duties:
        assert duty.kind in DUTY_KINDS
        assert duty.key.split(":")[0] == duty.kind
        assert duty.opens_at <= duty.due_at
        assert duty.chain in pack.chains
        assert pack.word(f"duty.{duty.kind}", "zh-hans") != f"duty.{duty.kind}"
        if history.ended_at is not None and duty.closed_at is None:
            assert duty.kind in ("receive", "result", "report")


@laws
@given(PACKS, histories(), after_arrival)
def test_every_word_that_comes_out_has_words_in_both_languages(pack, history, now):
    outcome = evaluate(pack, history, now)
    keys = [outcome.standing.word, outcome.standing.reason, *outcome.decision.conditions,
            f"measure.{outcome.decision.measure}", f"transfer.{outcome.decision.transfer}",
            *(key for key, _ in outcome.release.why),
            *(value for name, value in outcome.standing.params if name in ("tier", "input"))]
    for key in keys:
        for language in ("zh-hans", "en"):
            assert pack.words[language].get(key), key


@laws
@given(PACKS, histories(), after_arrival, st.sampled_from(["positive", "inconclusive"]),
       st.booleans())
def test_a_bad_result_holds_until_new_specimens_are_negative(
    pack, history, collected, result, voided
):
    assume(history.ended_at is None)
    at = collected + timedelta(hours=4)
    bad = SpecimenRecord(
        UUID(int=99), "day", collected, at, at, at, result, voided, (UUID(int=98),))
    held = replace(history, specimens=(*history.specimens, bad))
    later = [one for one in history.specimens if one.collected_at >= at and not one.voided
             and one.result == "negative"]
    outcome = evaluate(pack, held, at + timedelta(days=60))
    if len(later) < 2:
        assert not outcome.release.allowed
        assert outcome.release.due_at is None
        assert outcome.standing.colour not in CLEAR
        assert outcome.decision.measure in ("hold", "unknown")
        assert f"resample:{bad.specimen}" in {duty.key for duty in outcome.duties}


@laws
@given(histories(), after_arrival)
def test_all_required_tests_are_negative_before_release(history, now):
    assume(history.ended_at is None)
    outcome = evaluate(SHANXI, history, now)
    cut = outcome.decision.measure in ("none", "unknown", "hold")
    if outcome.release.allowed and not cut:
        until = min((order.until for order in history.orders if order.until and order.pack
                     == SHANXI.id), default=None)
        if until is None:
            negatives = [one for one in history.specimens
                         if one.result == "negative" and not one.voided]
            assert len(negatives) >= len(outcome.decision.tests_on)


def test_a_pack_that_counts_to_the_hour_ends_at_the_hour(tmp_path):
    folder = tmp_path / "pack"
    shutil.copytree(SHANXI.path, folder)
    text = (folder / "pack.toml").read_text()
    hours = '[measures.central_isolation]\ncount = "exact_hours"\nanchor_day = 1'
    (folder / "pack.toml").write_text(text.replace("[measures.central_isolation]", hours))
    outcome = evaluate(load_pack(folder), plain_arrival("high", True), ARRIVED)
    assert outcome.decision.ends_at == ARRIVED + timedelta(days=7)
    assert outcome.decision.tests_on == tuple(
        ARRIVED + timedelta(days=day - 1) for day in (1, 2, 3, 5, 7))


def test_the_reason_names_the_last_place_of_the_worst_tier_though_all_stays_share_a_fact():
    shared = (UUID(int=70),)
    day = timedelta(days=1)
    stays = tuple(
        Stay(tier, ARRIVED - (days + 1) * day, ARRIVED - days * day, place, shared)
        for tier, days, place in [("high", 5, "A"), ("high", 3, "B"), ("none", 0, "C")])
    outcome = evaluate(SHANXI, replace(plain_arrival("high", False), stays=stays), ARRIVED)
    assert dict(outcome.standing.params) == {"tier": "tier.high", "place": "B", "days": "7"}
    assert outcome.decision.facts == shared


@pytest.mark.parametrize(
    ("told_days", "colour"), [([(8, 0)], "blue"), ([(8, 4), (3.5, 0)], "blue"),
                              ([(8, 4), (2, 0)], "unknown"), ([(5, 0)], "unknown"),
                              ([(8, 1)], "unknown")])
def test_a_pack_may_ask_that_the_stays_cover_the_look_back(tmp_path, told_days, colour):
    folder = tmp_path / "pack"
    shutil.copytree(SHANXI.path, folder)
    text = (folder / "pack.toml").read_text()
    asked = "lookback_days = 7\ngap_hours_max = 18"
    (folder / "pack.toml").write_text(text.replace("lookback_days = 7", asked))
    stays = tuple(
        Stay("none", ARRIVED - timedelta(days=since), ARRIVED - timedelta(days=until), "A",
             (UUID(int=70 + number),))
        for number, (since, until) in enumerate(told_days))
    history = replace(plain_arrival("none", True), stays=stays)
    assert evaluate(load_pack(folder), history, ARRIVED).standing.colour == colour


def test_a_better_history_never_comes_from_a_worse_stay():
    worst_first = ["high", "medium", "low", "none"]
    days = [evaluate(SHANXI, plain_arrival(tier, False), ARRIVED).decision for tier in worst_first]
    ends = [decision.ends_at for decision in days]
    assert ends == sorted(ends, reverse=True)
    assert [len(decision.tests_on) for decision in days] == [5, 3, 2, 0]


@pytest.mark.parametrize("tier", ["high", "medium", "low", "none", "unknown"])
def test_calling_twice_gives_equal_answers(tier):
    history = plain_arrival(tier, True)
    assert evaluate(SHANXI, history, ARRIVED) == evaluate(SHANXI, history, ARRIVED)


@pytest.mark.parametrize(
    ("minute", "counts"), [(0, True), (1439, True), (1440, False), (-1, False)])
def test_a_tube_counts_for_day_five_from_its_first_to_its_last_minute(minute, counts):
    day_five = ARRIVED.replace(hour=16) + timedelta(days=4, minutes=minute)
    tube = SpecimenRecord(
        UUID(int=50), "day", day_five, None, None, None, None, False, (UUID(int=51),))
    history = plain_arrival("high", True)
    history = replace(history, specimens=(*history.specimens, tube))
    duties = {duty.key: duty for duty in evaluate(SHANXI, history, ARRIVED).duties}
    duty = duties["test:5"]
    in_time = duty.closed_at is not None and duty.opens_at <= duty.closed_at < duty.due_at
    assert in_time is counts


def test_a_specimen_of_the_day_closes_its_test_with_the_fact_of_its_collection():
    at = ARRIVED + timedelta(days=1)
    tube = SpecimenRecord(
        UUID(int=50), "day", at, None, None, None, None, False, (UUID(int=51),))
    history = replace(plain_arrival("high", True), specimens=(tube,))
    duties = {duty.key: duty for duty in evaluate(SHANXI, history, ARRIVED).duties}
    assert (duties["test:1"].closed_by, duties["test:1"].closed_at) == (UUID(int=51), at)
    assert duties["swab:landing"].closed_at is None


@laws
@given(PACKS, histories(), after_arrival)
def test_nobody_is_turned_back_on_hold_or_unknown_or_isolated_where_the_pack_is_silent(
    pack, history, now
):
    measure = evaluate(pack, history, now).decision.measure
    if pack.may_turn_back(measure):
        assert measure not in ("hold", "unknown")
        assert not pack.measures[measure].restrictive or pack.measures[measure].turn_back


def test_a_pack_may_say_that_people_under_a_measure_are_turned_back():
    isolation = msgspec.structs.replace(SHANXI.measures["home_isolation"], turn_back=True)
    lenient = dataclasses.replace(SHANXI, measures={**SHANXI.measures, "home_isolation": isolation})
    assert not SHANXI.may_turn_back("home_isolation")
    assert lenient.may_turn_back("home_isolation")
    assert not lenient.may_turn_back("central_isolation")

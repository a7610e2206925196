"""The outbox's machine under seeded schedules: every saved fact arrives once, whatever is lost."""

import os

import pytest

from pratique.field.tests.app_page import run, script

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SCHEDULES = int(os.environ.get("PRATIQUE_FIELD_SCHEDULES", "2000"))
STEPS = 100
FIRST_SEED = int(os.environ.get("PRATIQUE_FIELD_SEED", "1"))


def played(page, seeds, plant=None):
    return page.evaluate(script("outbox_model"), [list(seeds), STEPS, plant])


def test_every_saved_fact_arrives_once_whatever_is_lost_doubled_or_reordered(modules):
    seeds = range(FIRST_SEED, FIRST_SEED + SCHEDULES)
    print(f"seeds {seeds.start} to {seeds.stop - 1}, {STEPS} steps each")
    done = played(modules, seeds)
    assert [each for each in done if each["wrong"]] == []
    assert sum(each["saved"] for each in done) > SCHEDULES * 100
    assert any(each["marked"] for each in done)  # facts that the server choked on were stepped over


@pytest.mark.parametrize(("plant", "word"), [
    ("deletes_early", "dropped"), ("no_dedupe", "twice"), ("skips", "lost"),
    ("too_many", "a call of"), ("deaf_to_epoch", "lost")])
def test_a_planted_mistake_is_seen(modules, plant, word):
    done = played(modules, range(1, 21), plant)
    assert any(word in complaint for each in done for complaint in each["wrong"])


def test_ids_are_version_7_and_follow_the_clock(modules):
    made = run(modules, """
        const { uuid7 } = await at("core/ids");
        const zeros = new Uint8Array(10), ones = new Uint8Array(10).fill(255);
        return [uuid7(1660953600000, zeros), uuid7(1660953600001, ones), uuid7(-5, ones),
          uuid7(NaN, zeros)];""")
    assert made[0] == "0182b88c-a000-7000-8000-000000000000"
    assert made[1] == "0182b88c-a001-7fff-bfff-ffffffffffff"
    assert made[2].startswith("00000000-0000-7") and made[3].startswith("00000000-0000-7")


def test_retry_after_is_honoured_and_a_save_does_not_cut_it_short(modules):
    waits = run(modules, """
        const { fresh, step } = await at("core/outbox");
        let state = fresh("d"), said = [];
        const tell = (event) => { const done = step(state, { now: 0, random: 0, ...event });
          state = done.state;
          said.push(done.effects.map((e) => e.type === "wait" ? e.ms : e.type)); };
        tell({ type: "saved", first: 1, last: 3 });
        tell({ type: "failed", number: 1, kind: "busy", retry_after: 47, sent: [] });
        tell({ type: "saved", first: 4, last: 4 });
        tell({ type: "asked" });
        tell({ type: "tick", now: 46_999 });
        tell({ type: "tick", now: 47_000 });
        return said;""")
    assert waits == [["send", "show"], [47_000, "show"], ["show"], ["show"], [1, "show"],
                     ["send", "show"]]


def test_the_wait_doubles_up_to_its_most_and_never_below_half(modules):
    low, high = run(modules, """
        const { backOff } = await at("core/pace");
        const of = (random) => [1, 2, 3, 9, 500].map((n) => backOff(n, random));
        return [of(0), of(1)];""")
    assert low == [1000, 2000, 4000, 150_000, 150_000]
    assert high == [2000, 4000, 8000, 300_000, 300_000]

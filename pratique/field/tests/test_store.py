"""What the device keeps: numbers without a hole, drafts, one sender of all tabs, named refusals."""

import pytest

from pratique.field.tests.app_page import run

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
STORE = """
    const { openStore } = await at("store/db"), { fresh } = await at("core/outbox");
    const store = await openStore({ name: argument ?? "t" });
    const entry = (id, body = {}) => ({ id, kind: "k", at: "2022-08-20T00:00:00Z", by: null,
      place: "post-01", body });
    const refused = (promise) => promise.then(() => null, (error) => [error.name, error.code]);
"""


def test_an_entry_that_fails_leaves_no_hole_and_takes_the_others_with_it(modules):
    said = run(modules, STORE + """
        await store.save("d", [entry("a")]);
        const loop = {}; loop.loop = loop;
        const large = await refused(store.save("d", [entry("b"),
          entry("c", { x: "x".repeat(600_000) })]));
        const odd = await refused(store.save("d", [entry("d"), entry("e", loop)]));
        const kept = await store.save("d", [entry("f"), entry("g")]);
        return [large, odd[0], kept.map((fact) => fact.seq), await store.span("d"),
          (await store.batch("d", 1, 99, 1e9)).map((fact) => fact.id)];""")
    assert said == [["StoreRefusal", "fact_too_large"], "StoreRefusal", [2, 3],
                    {"first": 1, "last": 3}, ["a", "f", "g"]]


def test_two_tabs_that_save_at_once_share_one_row_of_numbers(modules, live_server):
    other = modules.context.new_page()
    other.goto(modules.url)
    saving = STORE + """
        (async () => { for (let n = 0; n < 40; n += 1) {
          await store.save("d", [entry(crypto.randomUUID())]); } })();"""
    run(modules, saving)
    run(other, saving)
    numbers = run(modules, STORE + """
        for (let n = 0; n < 200 && (await store.span("d")).last < 80; n += 1) {
          await new Promise((r) => setTimeout(r, 50)); }
        return (await store.batch("d", 1, 999, 1e9)).map((fact) => fact.seq);""")
    assert numbers == list(range(1, 81))


def test_a_batch_is_bounded_by_count_and_bytes_and_holds_one_at_least(modules):
    counts = run(modules, STORE + """
        await store.save("d", Array.from({ length: 130 },
          (_, n) => entry(`f${n}`, { x: "x".repeat(900) })));
        const count = async (...limits) => (await store.batch("d", ...limits)).length;
        return [await count(1, 120, 1e9), await count(1, 999, 10_500), await count(130, 999, 1),
          await count(131, 9, 9)];""")
    assert counts == [120, 10, 1, 0]


def test_the_first_answer_stays_when_a_later_one_says_known_already(modules):
    said = run(modules, STORE + """
        await store.save("d", [entry("a"), entry("b")]);
        const receipt = (seq, status, code = "") => ({ seq, id: null, status, code, sentence: "",
          rule: "r", params: {} });
        const state = fresh("d");
        await store.settle(state,
          [receipt(1, "disputed", "x"), receipt(2, "set_aside", "set_aside")], 0);
        await store.settle(state, [receipt(1, "duplicate"), receipt(2, "duplicate")], 0);
        await store.settle(state, [], 2);
        return [await store.attention(), await store.span("d")];""")
    (kept,), span = said
    assert (kept["seq"], kept["status"], kept["id"], kept["kind"]) == (1, "disputed", "a", "k")
    assert span == {"first": 3, "last": 2}


def test_what_is_being_typed_outlives_the_page(modules):
    run(modules, STORE + 'await store.keepDraft("gate", { plate: "晋J8" }); store.close();')
    modules.reload()
    assert run(modules, STORE + 'return store.draft("gate");') == {"plate": "晋J8"}
    gone = 'await store.keepDraft("gate", null); return (await store.draft("gate")) ?? null;'
    assert run(modules, STORE + gone) is None


def test_a_newer_version_is_not_kept_waiting_and_the_old_tab_says_so(modules):
    said = run(modules, STORE + """
        let told = false;
        store.onOutdated = () => { told = true; };
        await new Promise((done, fail) => { const asked = indexedDB.open("t", 99);
          asked.onsuccess = () => { asked.result.close(); done(); }; asked.onblocked = fail; });
        return [told, await refused(store.save("d", [entry("a")])),
          await openStore({ name: "t" }).then(() => null, (error) => error.code)];""")
    assert said == [True, ["StoreRefusal", "storage_outdated"], "storage_newer"]


def test_what_the_browser_throws_gets_a_name(modules):
    said = run(modules, """
        const { refusalOf } = await at("store/open");
        const names = ["QuotaExceededError", "VersionError", "InvalidStateError", "UnknownError",
          "Odd"];
        return names.map(
          (name) => refusalOf(new DOMException("", name)).code);""")
    assert said == ["storage_full", "storage_newer", "storage_closed", "storage_failed",
                    "storage_failed"]


def test_one_tab_sends_and_another_takes_its_turn_when_it_is_gone(modules):
    start = STORE + """
        const { Sync } = await at("store/sync");
        window.sync = new Sync({ store, device: "d", token: async () => null });
        window.sync.start();"""
    run(modules, start)
    other = modules.context.new_page()
    other.goto(modules.url)
    run(other, start)
    sends = """for (let n = 0; n < 60 && !window.sync.isSender; n += 1) {
        await new Promise((r) => setTimeout(r, 50)); }
        return window.sync.isSender;"""
    assert run(modules, sends) and not run(other, "return window.sync.isSender;")
    modules.close()
    assert run(other, sends)


def test_a_storage_that_is_unwell_for_a_moment_is_tried_again_and_leaves_no_hole(modules):
    """As a browser's is that has just been killed: its transactions are aborted."""
    said = run(modules, STORE + """
        const unwell = (times) => {
          const begin = Object.getPrototypeOf(store).begin;
          store.begin = async (...how) => {
            const transaction = await begin.apply(store, how);
            if (times > 0) { times -= 1; queueMicrotask(() => transaction.abort()); }
            return transaction;
          };
        };
        unwell(2);
        const kept = await store.save("d", [entry("a"), entry("b")]);
        unwell(9);
        const [, why] = await refused(store.save("d", [entry("c")]));
        unwell(0);
        const last = await store.save("d", [entry("e")]);
        return [kept.map((fact) => fact.seq), why, last[0].seq];""")
    assert said[0] == [1, 2] and said[1].startswith("storage_") and said[2] == 3

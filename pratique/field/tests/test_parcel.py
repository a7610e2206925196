"""A dying device's outbox as a file and as a run of square codes."""

import pytest

from pratique.field.tests.app_page import run

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PARCEL = """
    const { openStore } = await at("store/db"), parcel = await at("store/parcel");
    const { Collector, framesOf, KIND } = await at("core/frames"), { uuid7 } = await at("core/ids");
    const random = (bytes) => crypto.getRandomValues(bytes), pass = "八个 字以上的口令";
    const id = () => uuid7(Date.now(), random(new Uint8Array(10)));
    const filled = async (name, count) => {
      const store = await openStore({ name });
      await store.save("dying", Array.from({ length: count }, (_, n) => ({ id: id(),
        kind: "checkpoint.vehicle_arrived", at: new Date().toISOString(), by: null,
        place: "post-01", body: { vehicle: id(), post: "post-01", occupants: 4,
          plate: `晋A${String(n).padStart(5, "0")}` } })));
      return store;
    };
    const gathered = (texts) => { const made = new Collector(KIND.parcel);
      for (const text of texts) made.take(text); return made; };
    const refused = (promise) => promise.then(() => null, (error) => error.code ?? String(error));
    const other = () => openStore({ name: `other-${id()}` });
"""


def test_an_outbox_goes_over_by_codes_and_a_second_time_changes_nothing(modules):
    said = run(modules, PARCEL + """
        const dying = await filled("dying-1", 40), taker = await other();
        const { texts, count } = await parcel.outboxFrames(dying, pass, random);
        const take = () => parcel.importFrames(taker, "own", gathered(texts.reverse()), pass);
        const first = await take(), again = await take();
        const same = async (store) => (await store.batch("dying", 1, 99, 1e9)).map((f) => f.text);
        return [count, first, again.taken, await taker.carried(),
          String(await same(dying)) === String(await same(taker))];""")
    assert said == [40, {"taken": 40, "known": 0, "devices": ["dying"]}, 0, ["dying"], True]


def test_what_was_changed_on_the_way_is_refused_by_name_and_nothing_taken(modules):
    said = run(modules, PARCEL + """
        const dying = await filled("dying-2", 3), taker = await other();
        const { text } = await parcel.exportOutbox(dying, pass, random);
        const framed = (text) => framesOf(KIND.parcel, new TextEncoder().encode(text),
          { CompressionStream });
        const take = async (text, word = pass) => refused(parcel.importFrames(taker, "own",
          gathered(await framed(text)), word));
        const head = JSON.parse(text);
        const flipped = head.data.replace(/^./, (sign) => sign === "A" ? "B" : "A");
        const changed = (more) => JSON.stringify({ ...head, ...more });
        return [await take(changed({ data: flipped })), await take(changed({ rounds: 599_999 })),
          await take(changed({ version: 1 })), await take(changed({ version: 3 })),
          await take(text, "another passphrase"), await take("a love letter"),
          await refused(parcel.importFrames(taker, "own", gathered([]), pass)),
          await refused(parcel.outboxFrames(dying, "short", random)),
          (await taker.span("dying")).last, await take(text)];""")
    assert said == ["outbox_file_damaged", "outbox_file_damaged", "outbox_file_damaged",
                    "outbox_file_newer", "outbox_file_damaged", "outbox_file_unknown",
                    "frames_missing", "passphrase_short", 0, None]


def test_a_file_of_the_form_before_is_still_taken_over(modules):
    said = run(modules, PARCEL + """
        const fact = JSON.stringify({ id: id(), kind: "k", at: "2022-08-20T00:00:00Z",
          device: "old", seq: 1, body: {} });
        const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
        const salt = random(new Uint8Array(16)), iv = random(new Uint8Array(12));
        const head = { form: "pratique-outbox", version: 1, rounds: 1000, salt: base64(salt),
          iv: base64(iv) };
        const bytes = (text) => new TextEncoder().encode(text);
        const secret = await crypto.subtle.importKey("raw", bytes(pass.normalize("NFC")), "PBKDF2",
          false, ["deriveKey"]);
        const key = await crypto.subtle.deriveKey(
          { name: "PBKDF2", hash: "SHA-256", salt, iterations: 1000 }, secret,
          { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
        const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv,
          additionalData: bytes(JSON.stringify([head.form, 1, 1000, head.salt, head.iv])) }, key,
          bytes(JSON.stringify([fact])));
        const file = JSON.stringify({ ...head, data: base64(new Uint8Array(data)) });
        return (await parcel.importOutbox(await other(), "own", file, pass)).taken;""")
    assert said == 1


def test_two_hundred_vehicles_fit_a_run_that_can_be_shown(modules):
    said = run(modules, PARCEL + """
        const dying = await filled("dying-3", 200);
        const { text } = await parcel.exportOutbox(dying, pass, random);
        return [text.length, (await parcel.outboxFrames(dying, pass, random)).texts.length];""")
    print(f"an outbox of 200 vehicles: a file of {said[0]} bytes, {said[1]} codes")
    assert said[1] <= 40

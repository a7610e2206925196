"""Signed halves and runs of codes on the device, by the real WebCrypto and streams of Chromium."""

import pytest

from pratique.field.tests.app_page import run

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CAST = """
    const { makeOffer, readOffer, makeAnswer, readAnswer } = await at("core/handover");
    const { textOf } = await at("core/signed");
    const { subtle } = crypto, county = "xing";
    const device = async (id, unit) => {
      const pair = await subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false,
        ["sign", "verify"]);
      return { peer: { device: id, unit, roles: [], spki:
        textOf(await subtle.exportKey("spki", pair.publicKey)) },
        signer: { county, device: id, privateKey: pair.privateKey, subtle } };
    };
    const gate = await device("gate-1", "post-01"), crew = await device("crew-1", "coach-01");
    const peers = [gate.peer, crew.peer], now = Date.parse("2022-08-20T12:00:00Z");
    const fact = (signer, id, kind, body) => JSON.stringify({ id, kind, at: "2022-08-20T11:59:00Z",
      by: null, place: "x", device: signer.device, seq: 1, body });
    const line = (subject) => ({ subject, holds_by: "h" });
    const offerBody = (more = {}) => ({ giver: "post-01", taker: "coach-01",
      lines: ["a", "b"].map(line), expires_at: "2022-08-20T13:00:00Z", ...more });
    const offerText = fact(gate.signer, "o1", "custody.offered", offerBody());
    const words = { a: "李某", b: "王某" };
    const trust = { county, peers, revoked: [], seen: new Set(), subtle, now, unit: "coach-01" };
    const refused = (promise) => promise.then(() => null, (error) => error.code ?? String(error));
    const text = (bytes) => new TextDecoder().decode(bytes);
    const bytes = (value) => new TextEncoder().encode(
      typeof value === "string" ? value : JSON.stringify(value));
"""


def test_an_offer_is_read_with_its_words_and_answered(modules):
    said = run(modules, CAST + """
        const offer = await readOffer(await makeOffer({ ...gate.signer, fact: offerText, words }),
          trust);
        const answerText = fact(crew.signer, "a1", "custody.answered", { handover: "o1",
          taker: "coach-01", accepted: ["a"], refused: [{ subject: "b", reason: "no seat" }] });
        const offers = new Map([["o1", JSON.parse(offerText)]]);
        const answer = await readAnswer(await makeAnswer({ ...crew.signer, fact: answerText }),
          { ...trust, offers });
        return [offer.fact.id, offer.words, offer.half.fact === offerText, offer.peer.unit,
          answer.fact.body.refused, answer.half.device];""")
    assert said == ["o1", {"a": "李某", "b": "王某"}, True, "post-01",
                    [{"subject": "b", "reason": "no seat"}], "crew-1"]


def test_every_other_offer_is_refused_by_name(modules):
    said = run(modules, CAST + """
        const good = await makeOffer({ ...gate.signer, fact: offerText, words });
        const read = (bytes, more = {}) => refused(readOffer(bytes, { ...trust, ...more }));
        const changed = (more) => bytes({ ...JSON.parse(text(good)), ...more });
        const made = (more, signer = gate.signer, kind = "custody.offered") =>
          makeOffer({ ...signer, fact: fact(signer, "o2", kind, offerBody(more)), words });
        const elsewhere = { ...gate.signer, county: "ping" };
        return {
          good: await read(good),
          no_json: await read(bytes("PQ")),
          a_list: await read(bytes("[]")),
          another_form: await read(changed({ form: "pratique-outbox" })),
          no_lines: await read(await made({ lines: [] })),
          an_answer: await read(await made({}, gate.signer, "custody.answered")),
          fact_changed: await read(changed({ fact: offerText.replace("coach-01", "coach-02") })),
          words_changed: await read(changed({ words: JSON.stringify({ a: "王某", b: "李某" }) })),
          signature_of_another: await read(changed({ signature: JSON.parse(text(await makeOffer(
            { ...crew.signer, device: "gate-1", fact: offerText, words }))).signature })),
          no_signature: await read(changed({ signature: "é" })),
          unknown: await read(good, { peers: [crew.peer] }),
          revoked: await read(good, { revoked: ["gate-1"] }),
          not_the_givers: await read(await made({ giver: "post-02" })),
          another_taker: await read(await made({ taker: "site-1" })),
          our_name_another_unit: await read(good, { unit: "site-1" }),
          replayed: await read(good, { seen: new Set(["o1"]) }),
          expired: await read(good, { now: now + 71 * 60_000 }),
          a_little_late: await read(good, { now: now + 69 * 60_000 }),
          another_county: await read(await makeOffer({ ...elsewhere, fact: offerText, words })),
          county_renamed: await read(bytes({ ...JSON.parse(text(await makeOffer(
            { ...elsewhere, fact: offerText, words }))), county })),
          device_renamed: await read(changed({ device: "crew-1" })),
        };""")
    assert said == {
        "good": None, "no_json": "handover_malformed", "a_list": "handover_malformed",
        "another_form": "handover_malformed", "no_lines": "handover_malformed",
        "an_answer": "handover_malformed", "fact_changed": "handover_forged",
        "words_changed": "handover_forged", "signature_of_another": "handover_forged",
        "no_signature": "handover_forged", "unknown": "handover_device_unknown",
        "revoked": "handover_device_revoked", "not_the_givers": "handover_device_elsewhere",
        "another_taker": "handover_not_for_us", "our_name_another_unit": "handover_not_for_us",
        "replayed": "handover_seen", "expired": "handover_expired", "a_little_late": None,
        "another_county": "handover_of_another_county", "county_renamed": "handover_forged",
        "device_renamed": "handover_forged"}


def test_every_other_answer_is_refused_by_name(modules):
    said = run(modules, CAST + """
        const offers = new Map([["o1", JSON.parse(offerText)]]);
        const read = async (body, { signer = crew.signer, ...more } = {}) => refused(readAnswer(
          await makeAnswer({ ...signer, fact: fact(signer, "a1", "custody.answered",
            { handover: "o1", taker: "coach-01", ...body }) }), { ...trust, offers, ...more }));
        return {
          part: await read({ accepted: ["a"] }),
          nothing: await read({}),
          a_stranger: await read({ accepted: ["a", "x"] }),
          twice: await read({ accepted: ["a"], refused: [{ subject: "a", reason: "?" }] }),
          another_offer: await read({ handover: "o9", accepted: ["a"] }),
          another_taker: await read({ taker: "post-01", accepted: ["a"] }, { signer: gate.signer }),
          not_the_takers: await read({ accepted: ["a"] }, { signer: gate.signer }),
          replayed: await read({ accepted: ["a"] }, { seen: new Set(["a1"]) }),
          revoked: await read({ accepted: ["a"] }, { revoked: ["crew-1"] }),
          malformed: await read({ accepted: "a" }),
        };""")
    assert said == {
        "part": None, "nothing": "handover_lines_differ", "a_stranger": "handover_lines_differ",
        "twice": "handover_lines_differ", "another_offer": "handover_answers_another",
        "another_taker": "handover_answers_another", "not_the_takers": "handover_device_elsewhere",
        "replayed": "handover_seen", "revoked": "handover_device_revoked",
        "malformed": "handover_malformed"}


def test_base45_is_the_standards(modules):
    said = run(modules, """
        const { encode, decode } = await at("core/base45");
        const bytes = (text) => new TextEncoder().encode(text);
        const wrong = ["GGW", ":::", "A", "a12", "4$", "AB CD"].map(
          (text) => decode(text) === null);
        let differ = 0;
        for (let n = 0; n < 500; n += 1) {
          const made = crypto.getRandomValues(new Uint8Array(n));
          const back = decode(encode(made));
          if (!back || back.length !== n || back.some((byte, at) => byte !== made[at])) differ += 1;
        }
        return [["AB", "Hello!!", "base-45", "ietf!"].map((text) => encode(bytes(text))),
          new TextDecoder().decode(decode("QED8WEX0")), wrong, differ];""")
    # The examples of RFC 9285, sections 4.3 and 4.4; GGW is its 65,536, one too many.
    assert said == [["BB8", "%69 VD92EX0", "UJCLQE7W581", "QED8WEX0"], "ietf!",
                    [True, True, True, True, True, True], 0]


FRAMES = """
    const { framesOf, Collector, readFrame, KIND, PART_BYTES_MAX } = await at("core/frames");
    const made = new Uint8Array(argument?.size ?? 5000);
    for (let n = 0; n < made.length; n += 65_536) {
      crypto.getRandomValues(made.subarray(n, n + 65_536)); }
    const streams = { CompressionStream, DecompressionStream };
    const same = (one, other) => one.length === other.length
      && one.every((b, at) => b === other[at]);
    const refused = (work) => {
      try { work(); return null; } catch (error) { return error.code; } };
"""


@pytest.mark.parametrize("size", [0, 1, 813, 814, 5_000, 100_000])
def test_frames_come_back_in_any_order_and_as_often_as_they_like(modules, size):
    said = run(modules, FRAMES + """
        const frames = await framesOf(KIND.offer, made, streams);
        const shuffled = [...frames, ...frames].sort(() => Math.random() - 0.5);
        const collector = new Collector(KIND.offer);
        const told = shuffled.map((frame) => collector.take(`  ${frame}\\r\\n`));
        const again = await framesOf(KIND.offer, made, streams);
        return [same(await collector.bytes(streams), made), told.filter((t) => t === "new").length,
          frames.length, Math.max(...frames.map((f) => f.length)), again[0] === frames[0],
          frames.every((f) => /^[0-9A-Z $%*+\\-./:]+$/.test(f))];""", {"size": size})
    is_same, fresh, count, longest, is_stable, is_alphanumeric = said
    assert is_same and is_stable and is_alphanumeric
    assert fresh == count - 1 and longest <= 1249  # version 20-L holds 1249 such signs
    assert count == max(1, -(-(size + 1) // 814))


def test_what_is_missing_is_told_and_what_does_not_belong_is_refused_by_name(modules):
    said = run(modules, FRAMES + """
        const frames = await framesOf(KIND.offer, made, streams);
        const others = await framesOf(KIND.offer, made.subarray(1), streams);
        const answers = await framesOf(KIND.answer, made, streams);
        const collector = new Collector(KIND.offer);
        collector.take(frames[1]);
        const damaged = frames[2].replace(/.\\.$/, (end) => (end[0] === "0" ? "1" : "0") + ".");
        return [collector.missing, collector.isWhole,
          refused(() => collector.take(others[0])), refused(() => collector.take(answers[0])),
          refused(() => collector.take(damaged)), refused(() => collector.take("690123456789")),
          refused(() => collector.take(frames[2].slice(0, -4))),
          refused(() => collector.take(frames[2].replace("3/", "9/"))),
          await collector.bytes(streams).catch((error) => error.code), collector.missing];""")
    assert said == [
        [1, 3, 4, 5, 6, 7], False, "frame_of_another", "frame_of_another_kind", "frame_damaged",
        "frame_unknown", "frame_damaged", "frame_damaged", "frames_missing", [1, 3, 4, 5, 6, 7]]


def test_a_few_bytes_that_unfold_to_more_than_a_device_has_are_refused(modules):
    said = run(modules, FRAMES + """
        const { crc32 } = await at("core/frames"), { encode } = await at("core/base45");
        const zeros = new Blob([new Uint8Array(5 * 1024 * 1024)]).stream()
          .pipeThrough(new CompressionStream("deflate-raw"));
        const small = new Uint8Array(await new Response(zeros).arrayBuffer());
        const packed = new Uint8Array([1, ...small]);
        const hex = (n) => n.toString(16).toUpperCase().padStart(8, "0");
        const sum = (part) => { const c = crc32(part);
          return [c >>> 24, c >>> 16 & 255, c >>> 8 & 255, c & 255]; };
        const count = Math.ceil(packed.length / 814), collector = new Collector("O");
        for (let n = 0; n < count; n += 1) {
          const part = packed.subarray(n * 814, n * 814 + 814);
          collector.take(`PQ1:O${hex(crc32(packed))}${n + 1}/${count}:` +
            `${encode(new Uint8Array([...sum(part), ...part]))}.`);
        }
        return [packed.length < 10_000,
          await collector.bytes(streams).catch((error) => error.code),
          await framesOf("O", new Uint8Array(5 * 1024 * 1024), streams).catch((e) => e.code)];""")
    assert said == [True, "frames_damaged", "frames_too_many"]


def test_a_bus_of_thirty_eight_with_names_fits_a_handful_of_codes(modules):
    said = run(modules, CAST + """
        const { framesOf, KIND } = await at("core/frames"), { uuid7 } = await at("core/ids");
        const id = () => uuid7(now, crypto.getRandomValues(new Uint8Array(10)));
        const lines = Array.from({ length: 38 }, () => ({ subject: id(), holds_by: id() }));
        const names = Object.fromEntries(lines.map(({ subject }, n) => [subject, `欧阳某某${n}`]));
        const made = await makeOffer({ ...gate.signer, words: names,
          fact: fact(gate.signer, id(), "custody.offered", offerBody({ lines })) });
        return [made.length, (await framesOf(KIND.offer, made, { CompressionStream })).length];""")
    print(f"an offer of 38: {said[0]} bytes, {said[1]} codes")
    assert said[1] <= 6

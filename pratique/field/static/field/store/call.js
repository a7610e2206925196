// @ts-check
/** One call to the facts door, from texts to the event that the outbox's machine understands. */

const CALL_MS_MAX = 90_000;
const RETRY_AFTER_SECONDS = 30;
// A call that the server read and did not like as a whole; a proxy's own 400 says nothing of facts.
const REFUSED_CODES = ["malformed_json", "not_a_list", "too_many_facts", "too_many_bytes"];

/** @typedef {{seq: number, id: string, text: string}} Sent */

/**
 * Sends facts and answers `answered` or `failed`; never throws.
 * @param {{address: string, token: string|null, language: string, number: number, facts: Sent[],
 *   clock: string, signal?: AbortSignal, callMsMax?: number}} call
 * @returns {Promise<Record<string, any>>}
 */
export async function sendFacts({ address, token, language, number, facts, clock, signal, callMsMax = CALL_MS_MAX }) {
  const sent = facts.map(({ seq, id }) => ({ seq, id }));
  const failed = (kind, more = {}) => ({ type: "failed", number, kind, sent, ...more });
  if (!token) return failed("unauthorised");
  const limit = AbortSignal.timeout(callMsMax);
  try {
    const { body, encoding } = await packed(`[${facts.map((fact) => fact.text).join(",")}]`);
    const response = await fetch(address, {
      method: "POST", body, cache: "no-store", credentials: "omit", redirect: "error",
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}`,
        "Accept-Language": language, "Pratique-Device": clock, ...encoding },
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    const data = await readJson(response);
    if (response.status === 401) return failed("unauthorised");
    if (response.status === 429 || response.status === 503 && response.headers.has("Retry-After")) {
      return failed("busy", { retry_after: seconds(response.headers.get("Retry-After")) });
    }
    if (response.status === 413 || response.status === 400 && REFUSED_CODES.includes(data?.code)) {
      return failed("refused");
    }
    // A page that says 200 in a hotel's name is no answer of ours.
    if (response.status !== 200 || !isAnswer(data)) return failed("server");
    const { receipts, watermark, epoch = null, durable_through = 0 } = data;
    const said = Date.parse(response.headers.get("Date") ?? "");
    const heard = Date.parse(data.heard_at ?? "");
    return { type: "answered", number, sent, receipts, watermark, epoch, durable_through,
      server_ms: Number.isNaN(said) ? null : said, heard_ms: Number.isNaN(heard) ? null : heard };
  } catch {
    return failed("network");
  }
}

/** gzip where the browser has it; the length is known either way. */
async function packed(text) {
  if (typeof CompressionStream === "undefined") return { body: new Blob([text]), encoding: {} };
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return { body: await new Response(stream).blob(), encoding: { "Content-Encoding": "gzip" } };
}

/** An answer cut short must fail as the network's fault; one that is no JSON as the server's. */
async function readJson(response) {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isAnswer(data) {
  return Array.isArray(data?.receipts) && Number.isInteger(data.watermark?.heard_through)
    && Array.isArray(data.watermark.missing);
}

function seconds(header) {
  const value = Number(header);
  return header !== null && Number.isFinite(value) && value >= 0 ? value : RETRY_AFTER_SECONDS;
}

// @ts-check
/** The device's own page: who it is, what it took along and how old that is, its clock, its storage. */

import { Refused } from "../core/signed.js";
import { el, fill, one, setMark } from "./dom.js";
import { SCREENS } from "./screens.js";
import { isKnown, LANGUAGE, moment, momentAndAge, ruleOf, say, sayCount } from "./words.js";

const SIGNS = 8;
const CACHES = "pratique-field-";
const ENOUGH_SHARE = 0.8;
const MIB = 1024 * 1024;
const HOUR_MS = 3_600_000;

/** @param {import("./shell.js").App} app @param {HTMLElement} root */
export async function open(app, root) {
  fill(root, "device");
  await app.knowledge.load();
  const still = {
    expected: app.knowledge.expected?.counts[0] ?? 0,
    versions: (await globalThis.caches?.keys() ?? []).filter((name) => name.startsWith(CACHES)),
    space: await navigator.storage?.estimate?.() ?? {},
  };
  const draw = () => { if (root.querySelector("#device-label")) show(app, root, still); };
  app.wire(one(root, "#device-fetch"), () => fetchNow(app));
  one(root, "#device-setups").replaceChildren(...SCREENS.filter((screen) => screen.setup).map((screen) =>
    el("li", {}, el("a", { href: `#/${screen.name}`, class: "tile" }, el("b", { text: say(`screen_${screen.name}`) })))));
  app.watchers.add(draw);
  draw();
  return { close: () => { app.watchers.delete(draw); } };
}

/** Bundle and roll, as soon as somebody asks. @param {import("./shell.js").App} app */
async function fetchNow(app) {
  const code = await app.knowledge.fetch();
  await app.rolls?.fetch();
  if (code === "device_revoked") app.onRevoked?.();
  if (code) throw new Refused(code);
  app.feedback(true);
  app.toast(say("bundle_fetched"));
}

/** Words of a list of codes. @param {string[]} codes */
function words(codes) {
  const named = codes.map((code) => isKnown(`role.${code}`) ? say(`role.${code}`) : code);
  return new Intl.ListFormat(LANGUAGE, { type: "unit", style: "short" }).format(named);
}

/** @param {import("./shell.js").App} app @param {HTMLElement} root @param {{expected: number, versions: string[], space: StorageEstimate}} still */
function show(app, root, still) {
  const put = (name, text) => { one(root, `#device-${name}`).textContent = text; };
  const { knowledge, told } = app;
  put("label", told?.label || say("no_label"));
  put("unit", app.unit ? app.unitName(app.unit.code) : say("none"));
  put("roles", app.roles.length ? words(app.roles) : say("none"));
  put("id", app.device?.slice(-SIGNS) ?? say("none"));
  put("shift", app.shift?.name ?? say("none"));
  one(root, "#device-enrol").hidden = app.device !== null && !app.isRevoked;
  showBundle(app, root, put);
  put("expected", String(still.expected));
  put("roll", app.rolls?.roll ? momentAndAge(app.rolls.roll.made_at, app.now()) : say("none"));
  showRefusals(root, [knowledge.refused, app.rolls?.refused ?? null]);
  showClock(app, root, put);
  showSpace(app, root, put, still.space);
  put("version", still.versions.map((name) => name.slice(CACHES.length)).join(" · ") || say("none"));
}

function showBundle(app, root, put) {
  const { knowledge } = app, { bundle } = knowledge, now = app.now();
  const isOld = knowledge.isOutOfDate(now);
  setMark(one(root, "#device-bundle-state"), isOld ? "hold" : "go",
    say(!bundle ? "chip_no_bundle" : isOld ? "bundle_old" : "bundle_fresh"));
  put("bundle", bundle ? String(bundle.version) : say("none"));
  put("made", bundle ? momentAndAge(bundle.made_at, now) : say("none"));
  put("until", bundle ? moment(Date.parse(bundle.made_at) + bundle.valid_hours * HOUR_MS) : say("none"));
  put("holds", bundle ? [sayCount("bundle_staff", bundle.staff?.length ?? 0),
    sayCount("bundle_accounts", bundle.accounts?.length ?? 0),
    sayCount("bundle_peers", bundle.peers?.length ?? 0)].join(" · ") : say("none"));
}

/** @param {HTMLElement} root @param {(string|null)[]} codes */
function showRefusals(root, codes) {
  const refused = /** @type {string[]} */ (codes.filter((code) => code !== null && isKnown(code)));
  one(root, "#device-refused").hidden = !refused.length;
  one(root, "#device-refusals").replaceChildren(...refused.map((code) => el("li", { class: "is-hold" },
    el("p", { text: say(code) }),
    el("p", { class: "small soft ref", text: say("rule", { rule: ruleOf({ code }) }) }))));
}

function showClock(app, root, put) {
  const state = app.clock?.state() ?? null;
  put("now", moment(app.now()));
  put("clock", !state?.is_known ? say("clock_unknown")
    : state.banner ? sayCount(state.banner.code, state.banner.n) : say("clock_right"));
}

function showSpace(app, root, put, { usage = 0, quota = 0 }) {
  put("persisted", say(app.isPersisted ? "persisted" : "not_persisted"));
  put("space", say("space_used", { used: Math.ceil(usage / MIB), of: Math.floor(quota / MIB) }));
  one(root, "#device-full").hidden = !(quota && usage / quota > ENOUGH_SHARE);
}

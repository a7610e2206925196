// @ts-check
/** The outbox on the screen: how much waits, since when, what the server has, what it refused. */

import { refusedHalves } from "../store/halves.js";
import { fill } from "./dom.js";
import { wireCodes, wireFiles } from "./files.js";
import { showNews } from "./news.js";
import { isKnown, moment, momentAndAge, say, sayCount } from "./words.js";

const $ = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const REDRAW_MS = 500;

/** @typedef {import("../store/sync.js").Shown} Shown */

/** @param {import("./shell.js").App} app @param {HTMLElement} root */
export async function open(app, root) {
  fill(root, "outbox");
  wireFiles(app.store, app.device);
  const codes = wireCodes(app);
  $("send-now").addEventListener("click", () => app.sync?.sendNow());
  const drawing = new Drawing(app);
  const hear = () => drawing.ask();
  app.watchers.add(hear);
  await drawing.draw();
  return { scan: codes.scan, close: () => { app.watchers.delete(hear); drawing.stop(); codes.stop(); } };
}

/** Draws at most twice a second, whatever the outbox says in between. */
class Drawing {
  /** @param {import("./shell.js").App} app */
  constructor(app) {
    this.app = app;
    this.timer = 0;
    this.isStopped = false;
  }

  ask() {
    this.timer ||= setTimeout(() => this.draw(), REDRAW_MS);
  }

  stop() {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  async draw() {
    this.timer = 0;
    const { store, shown, device, isPersisted } = this.app;
    if (!shown) return;
    try {
      const waiting = shown.lanes.filter((lane) => lane.waiting);
      const oldest = await Promise.all(waiting.map((lane) => store.oldest(lane.device, lane.next)));
      const at = oldest.filter(Boolean).map((fact) => /** @type {any} */ (fact).at).sort()[0] ?? null;
      const attention = [...await store.attention(), ...await refusedHalves(store)];
      if (this.isStopped) return;
      showOutbox(shown, { isEnrolled: device !== null, oldest: at, isPersisted, now: this.app.now() });
      showAttention(attention, device ?? "");
      showNews(this.app, $("screen"));
    } catch (error) {
      if (error.code !== "storage_outdated") throw error;  // the page is being loaded anew
    }
  }
}

/**
 * @param {Shown} shown
 * @param {{isEnrolled: boolean, oldest: string|null, isPersisted: boolean, now: number}} known
 */
export function showOutbox(shown, { isEnrolled, oldest, isPersisted, now }) {
  const [own] = shown.lanes;
  const sum = (name) => shown.lanes.reduce((total, lane) => total + lane[name], 0);
  const waiting = sum("waiting");
  $("headline").textContent = waiting ? sayCount("waiting", waiting) : say("waiting_none");
  $("oldest").textContent = oldest ? momentAndAge(oldest, now) : say("none");
  $("heard").textContent = own?.heard_through ? say("through", { n: own.heard_through, last: own.last }) : say("no_time");
  $("durable").textContent = own?.durable_through
    ? say("through", { n: Math.min(own.durable_through, own.last), last: own.last }) : say("no_time");
  $("contact").textContent = own?.server_ms ? moment(own.server_ms) : say("no_time");
  $("kept").textContent = String(sum("kept"));
  $("persisted").textContent = say(isPersisted ? "persisted" : "not_persisted");
  showState(shown, own, waiting, isEnrolled);
}

function showState(shown, own, waiting, isEnrolled) {
  const [shape, code] = stateOf(shown, own, waiting, isEnrolled);
  const line = $("state");
  line.className = `state is-${shape}`;
  line.querySelector("use")?.setAttribute("href", `#shape-${shape}`);
  const words = say(code);
  const text = /** @type {HTMLElement} */ (line.querySelector("span"));
  if (text.textContent !== words) text.textContent = words;  // else it is read out at every tick
  const trouble = $("trouble");
  trouble.hidden = isEnrolled && !own?.trouble;
  const seconds = Math.max(1, Math.round((own?.wait_ms ?? 0) / 1000));
  if (!isEnrolled) trouble.textContent = say("stranger");
  else if (own?.trouble) trouble.textContent = say(`trouble_${own.trouble}`, { seconds });
  /** @type {HTMLButtonElement} */ ($("send-now")).disabled = !isEnrolled || own?.waits_for === "busy";
}

/** @returns {[string, string]} */
function stateOf(shown, own, waiting, isEnrolled) {
  if (!isEnrolled) return ["stop", "state_stranger"];
  if (own?.waits_for === "busy") return ["hold", "state_busy"];
  if (own?.phase === "token") return ["hold", "state_token"];
  if (own?.trouble) return ["hold", "state_waiting"];
  if (waiting) return ["none", shown.isSender ? "state_sending" : "state_elsewhere"];
  return own?.server_ms ? ["go", "state_rest"] : ["none", "state_sending"];
}

/**
 * What was refused, disputed or set aside: each with its sentence and rule.
 * @param {any[]} receipts
 * @param {string} own
 */
export function showAttention(receipts, own) {
  $("attention").hidden = !receipts.length;
  $("attention-title").textContent = sayCount("refused", receipts.length);
  $("attention-list").replaceChildren(...receipts.map((receipt) => itemOf(receipt, own)));
}

function itemOf(receipt, own) {
  const item = document.createElement("li");
  const isHold = receipt.status === "disputed" || receipt.status === "set_aside";
  if (isHold) item.className = "is-hold";
  const title = [say("entry", { seq: receipt.seq }), say(`status_${receipt.status}`)].join(": ");
  const sentence = receipt.sentence || (isKnown(receipt.code) ? say(receipt.code) : receipt.code);
  const kind = isKnown(`kind.${receipt.kind}`) ? say(`kind.${receipt.kind}`) : receipt.kind;
  const where = [kind, receipt.at && moment(receipt.at), receipt.rule && say("rule", { rule: receipt.rule }),
    receipt.device !== own && say("carried", { device: receipt.device })].filter(Boolean).join(" · ");
  item.append(line("b", title), line("p", sentence), line("p", where, "small soft ref"));
  item.querySelector("b")?.prepend(mark(isHold ? "hold" : "stop"));
  return item;
}

function line(tag, text, name = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = name;
  return made;
}

function mark(shape) {
  const name = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(name, "svg"), use = document.createElementNS(name, "use");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#shape-${shape}`);
  svg.append(use);
  return svg;
}

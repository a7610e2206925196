// @ts-check
/**
 * A head count: typed, or scanned one by one. It begins with nothing and shows nothing of the books
 * until it is saved: a count that was mended to fit them would be none.
 */

import { COUNT_MAX, comparedCount, differenceExplained, EXPLAINERS, headCounted, nothingCounted, oneByOne, SCANNED_MAX } from "../core/counts.js";
import { readCount, TYPES } from "../core/relief.js";
import { allOf, withCode } from "../store/things.js";
import { el, fill, mark, one } from "./dom.js";
import { listed } from "./identify.js";
import { chips } from "./ticklist.js";
import { say, sayCount } from "./words.js";

const DRAFT = "count";
const NAMED_MAX = 60;
const SCANS = { person: ["person", "document"], vehicle: ["plate"], specimen: ["tube"] };

/** @param {import("./shell.js").App} app @param {HTMLElement} root */
export async function open(app, root) {
  fill(root, "count");
  const count = new Count(app, root);
  await count.begin();
  return { scan: (scan) => count.scan(scan), keep: () => count.keep() };
}

class Count {
  /** @param {import("./shell.js").App} app @param {HTMLElement} root */
  constructor(app, root) {
    this.app = app;
    this.root = root;
    const isLaboratory = app.roles.some((role) => ["laboratory", "courier"].includes(role));
    this.entered = nothingCounted(isLaboratory ? "specimen" : "person");
    /** The count that was saved, while its difference may be explained. @type {string|null} */
    this.saved = null;
  }

  async begin() {
    const { app, root } = this;
    this.entered = await app.store.draft(DRAFT) ?? this.entered;
    const typed = one(root, "#count-typed");
    typed.addEventListener("input", () => { this.entered.typed = typed.value; this.keepSoon(); });
    one(root, "#count-plain").addEventListener("click", () => this.add(null));
    one(root, "#count-undo").addEventListener("click", () => this.undo());
    one(root, "#count-form").addEventListener("submit", (/** @type {Event} */ event) => event.preventDefault());
    app.wire(one(root, "#count-save"), () => this.save());
    app.wire(one(root, "#count-again"), async () => this.again());
    app.wire(one(root, "#count-explain-save"), () => this.explain());
    this.step("count");
    this.draw();
  }

  keep() {
    const { entered } = this, isEmpty = !entered.typed && oneByOne(entered) === 0;
    return this.app.store.keepDraft(DRAFT, this.saved || isEmpty ? null : entered);
  }

  keepSoon() {
    this.keep().catch((error) => this.app.refuse(error));
    this.draw();
  }

  /** @param {"count"|"compare"} name */
  step(name) {
    for (const step of this.root.querySelectorAll("[data-step]")) step.toggleAttribute("hidden", step.getAttribute("data-step") !== name);
  }

  draw() {
    const { root, entered } = this, n = oneByOne(entered);
    chips(one(root, "#count-types"), TYPES.map((value) => ({ value, text: say(`type_${value}`) })), entered.type, (type) => this.choose(type));
    const typed = one(root, "#count-typed");
    if (typed.value !== entered.typed) typed.value = entered.typed;
    typed.disabled = n > 0;
    one(root, "#count-n").textContent = n ? sayCount("count_one_by_one", n) : say("count_none_yet");
    one(root, "#count-undo").hidden = n === 0;
    const last = entered.scanned.slice(-NAMED_MAX).reverse();
    one(root, "#count-met").replaceChildren(...last.map(({ id, label }) => el("li", {},
      mark(id ? "go" : "hold", label), id ? null : el("span", { class: "soft small", text: say("count_stranger") }))));
  }

  /** @param {string} type */
  choose(type) {
    if (type === this.entered.type) return;
    if (oneByOne(this.entered) || this.entered.typed) {
      this.app.feedback(false);
      this.app.toast(say("count_save_first"), "hold");
      return;
    }
    this.entered = nothingCounted(/** @type {any} */ (type));
    this.draw();
  }

  /** @param {import("../core/scans.js").Scan} scan */
  async scan(scan) {
    const { app, entered } = this;
    if (this.saved) return app.toast(say("scan_no_use"), "hold");
    const isKind = SCANS[entered.type].includes(scan.type);
    if (!isKind) return this.refuse(scan.type === "unknown" ? "scan_no_use" : "count_other_kind");
    const [thing] = (await withCode(app.store, scan.code)).filter(({ type }) => type === entered.type);
    const isTwice = entered.scanned.some(({ code, id }) => code === scan.code || (thing && id === thing.id));
    if (isTwice) return this.refuse("count_twice", { name: thing?.label || scan.number || scan.text });
    return this.add({ code: scan.code, id: thing?.id ?? null,
      label: thing?.label || scan.name || scan.number || say("list_no_name", { id: (scan.id ?? scan.text).slice(-6) }) });
  }

  /** @param {string} code @param {Record<string, any>} [params] */
  refuse(code, params) {
    this.app.feedback(false);
    this.app.toast(say(code, params), "stop");
  }

  /** @param {import("../core/counts.js").Scanned|null} met null: one without a code */
  add(met) {
    const { entered, app } = this;
    if (oneByOne(entered) >= SCANNED_MAX) return this.refuse("count_too_many", { most: SCANNED_MAX });
    entered.typed = "";
    if (met) entered.scanned.push(met);
    else entered.plain += 1;
    app.quiet();
    app.feedback(true);
    return this.keepSoon();
  }

  undo() {
    const { entered } = this;
    if (entered.plain) entered.plain -= 1;
    else entered.scanned.pop();
    this.keepSoon();
  }

  async save() {
    const { app, root, entered } = this, n = oneByOne(entered);
    const counted = n || readCount(entered.typed);
    one(root, "#count-said").textContent = counted === null ? say("count_number") : "";
    one(root, "#count-typed").toggleAttribute("aria-invalid", counted === null);
    if (counted === null || counted > COUNT_MAX) {
      app.feedback(false);
      one(root, "#count-typed").focus();
      return;
    }
    const { code: account = "", kind: unitKind = "" } = app.unit ?? {};
    const things = (await allOf(app.store, entered.type)).filter((thing) => thing.account === account);
    const [kept] = await app.say([headCounted({ account, unitKind, entered, counted })], { draft: DRAFT });
    this.saved = kept.id;
    this.compare(comparedCount(things, entered, counted), counted);
  }

  /** @param {ReturnType<typeof comparedCount>} found @param {number} counted */
  compare(found, counted) {
    const { app, root, entered } = this;
    this.step("compare");
    const result = one(root, "#count-result");
    result.replaceChildren(mark(found.differs ? "hold" : "go", found.differs
      ? say(`differs_${entered.type}`, { counted, known: found.known }) : say("count_agrees", { n: counted })));
    const lines = [found.missing.length && found.differs
      ? [found.isNamed ? "count_missing" : "count_look_for", named(found.missing.map(({ label, id }) => label || id.slice(-6)))] : null,
    found.strangers.length ? ["count_strangers", named(found.strangers.map(({ label }) => label))] : null];
    one(root, "#count-names").replaceChildren(...lines.flatMap((line) => line
      ? [el("li", { class: "is-hold" }, el("b", {}, mark("hold", say(line[0]))), el("p", { text: line[1] }))] : []));
    one(root, "#count-explain").hidden = !found.differs || !EXPLAINERS.some((role) => app.roles.includes(role));
    one(root, "#count-leader").hidden = !found.differs || EXPLAINERS.some((role) => app.roles.includes(role));
    app.feedback(!found.differs);
    app.toast(say("counts_saved"));
    result.focus();
  }

  async explain() {
    const { app, root } = this, field = one(root, "#count-reason");
    const reason = field.value.trim();
    one(root, "#count-reason-said").textContent = reason ? "" : say("count_reason");
    if (!reason) {
      app.feedback(false);
      field.focus();
      return;
    }
    await app.say([differenceExplained({ account: app.unit?.code ?? "", type: this.entered.type, count: /** @type {string} */ (this.saved), reason })]);
    one(root, "#count-explain").hidden = true;
    app.feedback(true);
    app.toast(say("count_explained"));
  }

  again() {
    this.saved = null;
    this.entered = nothingCounted(this.entered.type);
    one(this.root, "#count-reason").value = "";
    this.step("count");
    this.draw();
    one(this.root, "#count-typed").focus();
  }
}

/** @param {string[]} names */
function named(names) {
  const more = names.length - NAMED_MAX, shown = listed(names.slice(0, NAMED_MAX));
  return more > 0 ? `${shown} ${say("and_more", { n: more })}` : shown;
}

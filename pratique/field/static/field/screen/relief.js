// @ts-check
/**
 * Handing the post over: who leaves types what was counted, differences are named, who comes signs.
 * "alone": who left is not there any more, so who came counts.
 */

import { countedAlone, differences, handedOver, readCount, TYPES } from "../core/relief.js";
import { allOf } from "../store/things.js";
import { el, fill, mark, one } from "./dom.js";
import { Identify, listed } from "./identify.js";
import { say, sayCount } from "./words.js";

const DRAFT = "relief";
const NAMED_MAX = 60;

/** @param {import("./shell.js").App} app @param {HTMLElement} root @param {string[]} rest */
export async function open(app, root, [how]) {
  fill(root, "relief");
  const relief = new Relief(app, root, how === "alone");
  await relief.open();
  return { keep: () => relief.keep(), scan: () => relief.identify ? relief.identify.scan() : app.toast(say("scan_no_use"), "hold"),
    close: () => relief.identify?.close() };
}

class Relief {
  /** @param {import("./shell.js").App} app @param {HTMLElement} root @param {boolean} isAlone */
  constructor(app, root, isAlone) {
    this.app = app;
    this.root = root;
    this.isAlone = isAlone;
    /** @type {Identify|null} */
    this.identify = null;
    /** @type {import("../core/relief.js").Counted|null} */
    this.counted = null;
  }

  async open() {
    const { app, root } = this;
    const draft = await app.store.draft(DRAFT);
    for (const input of this.fields()) {
      input.value = draft?.[input.name] ?? "";
      input.addEventListener("input", () => this.keep());
    }
    one(root, "#headline").textContent = say(this.isAlone ? "relief_alone" : "relief_title", { name: app.shift?.name ?? "" });
    one(root, "#relief-lede").textContent = say(this.isAlone ? "relief_alone_why" : "relief_why");
    one(root, "#relief-note-field").hidden = this.isAlone;
    one(root, "#relief-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.compare().catch((error) => app.refuse(error));
    });
    app.wire(one(root, "#relief-again"), async () => this.step("count"));
    app.wire(one(root, "#relief-go"), () => this.isAlone ? this.saveAlone() : this.ask());
    this.step("count");
  }

  /** @returns {HTMLInputElement[]} */
  fields() {
    return [...this.root.querySelectorAll("#relief-form input, #relief-form textarea")].map((field) => /** @type {any} */ (field));
  }

  /** What is typed survives a dying browser. */
  keep() {
    return this.app.store.keepDraft(DRAFT, Object.fromEntries(this.fields().map(({ name, value }) => [name, value])));
  }

  /** @param {string} name */
  step(name) {
    for (const step of this.root.querySelectorAll("[data-step]")) {
      step.toggleAttribute("hidden", step.getAttribute("data-step") !== name);
    }
  }

  async compare() {
    const { app, root } = this;
    app.quiet();
    const counts = TYPES.map((type) => [type, readCount(one(root, `[name=${type}]`).value)]);
    for (const [type, count] of counts) {
      one(root, `#relief-${type}-said`).textContent = count === null ? say("count_number") : "";
      one(root, `[name=${type}]`).toggleAttribute("aria-invalid", count === null);
    }
    const missing = counts.find(([, count]) => count === null);
    if (missing) {
      app.feedback(false);
      one(root, `[name=${missing[0]}]`).focus();
      return;
    }
    this.counted = /** @type {any} */ (Object.fromEntries(counts));
    const things = (await Promise.all(TYPES.map((type) => allOf(app.store, type)))).flat();
    const differ = differences(things, /** @type {any} */ (this.counted));
    this.showCompared(things, differ);
    app.feedback(!differ.length);
    this.step("compare");
    one(root, "#relief-compared").focus();
  }

  showCompared(things, differ) {
    const { root, app } = this;
    one(root, "#relief-rows").replaceChildren(...TYPES.map((type) => {
      const known = things.filter((thing) => thing.type === type).length;
      const isSame = !differ.some((each) => each.type === type);
      return el("tr", {}, el("th", { scope: "row", text: say(`type_${type}`) }),
        el("td", { text: String(this.counted?.[type]) }), el("td", { text: String(known) }),
        el("td", {}, mark(isSame ? "go" : "hold", say(isSame ? "count_same" : "count_differs"))));
    }));
    one(root, "#relief-compared").textContent = differ.length ? sayCount("counts_differ", differ.length) : say("counts_same");
    one(root, "#relief-differences").replaceChildren(...differ.map((each) => el("li", { class: "is-hold" },
      el("b", {}, mark("hold", say(`differs_${each.type}`, { counted: each.counted, known: each.known }))),
      el("p", { text: each.things.length ? say("known_here", { names: named(each.things) }) : say("known_none") }))));
    one(root, "#relief-unsent").textContent = sayCount("unsent", this.unsent());
    one(root, "#relief-go").textContent = say(this.isAlone ? "relief_save" : "relief_next");
    one(root, "#relief-explain").hidden = !differ.length;
    app.quiet();
  }

  unsent() {
    return this.app.shown?.lanes[0]?.waiting ?? 0;
  }

  async ask() {
    const { app, root } = this;
    this.step("sign");
    this.identify?.close();
    this.identify = await new Identify(app, one(root, "#relief-identify"),
      { except: app.shift?.staff ?? null, onDone: (who) => this.save(who) }).open();
  }

  /** @param {import("./identify.js").Who} who */
  async save(who) {
    const { app } = this;
    const note = one(this.root, "[name=note]").value;
    await app.say([handedOver({ account: /** @type {any} */ (app.unit).code, to: who.staff,
      counted: /** @type {any} */ (this.counted), note, unsent: this.unsent() })], { draft: DRAFT });
    await app.beginShift(who);
    app.feedback(true);
    app.toast(say("relief_done", { name: who.name }));
    app.go("shift");
  }

  async saveAlone() {
    const { app } = this;
    await app.say(countedAlone({ account: /** @type {any} */ (app.unit).code,
      counted: /** @type {any} */ (this.counted) }), { draft: DRAFT });
    app.feedback(true);
    app.toast(say("counts_saved"));
    app.go("");
  }
}

function named(things) {
  const names = things.slice(0, NAMED_MAX).map((thing) => thing.label || thing.id.slice(-6));
  const more = things.length - names.length;
  return more > 0 ? `${listed(names)} ${say("and_more", { n: more })}` : listed(names);
}

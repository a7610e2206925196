// @ts-check
/**
 * Who are you? A name of the post's staff, then PIN or passkey; the first time at this device, and
 * when a voucher is over, user name and password with a network, and then a PIN or passkey is set.
 *
 * Used by the shift, the lock and the hand-over of the post; fills an element of theirs.
 */

import { badPin } from "../core/pin.js";
import { hasAuthenticator } from "../store/passkeys.js";
import { copyOf, el, one } from "./dom.js";
import { Keypad } from "./keypad.js";
import { LANGUAGE, say } from "./words.js";

/** @typedef {{staff: string, name: string}} Who */

const SECOND_MS = 1_000;

export class Identify {
  /**
   * @param {import("./shell.js").App} app
   * @param {HTMLElement} root
   * @param {{onDone: (who: Who) => Promise<any>, only?: Who|null, except?: string|null}} how
   *   only: nobody else will do; except: everybody but this one
   */
  constructor(app, root, { onDone, only = null, except = null }) {
    this.app = app;
    this.root = root;
    this.onDone = onDone;
    this.only = only;
    this.except = except;
    this.staff = /** @type {import("../store/staff.js").Staff} */ (app.staff);
    /** @type {Who|null} */
    this.who = only;
    this.first = "";
    this.turn = 0;
  }

  /** Shows the first step. */
  async open() {
    this.root.replaceChildren(copyOf("identify"));
    this.pad = new Keypad(one(this.root, "[data-keypad]"), (pin) => this.pin(pin));
    this.wire();
    this.canPasskey = await hasAuthenticator();
    if (this.only) await this.choose(this.only);
    else this.showNames();
    return this;
  }

  close() {
    this.turn += 1;
    this.pad?.close();
  }

  /** A reader typed something: no PIN. */
  scan() {
    this.pad?.clear();
    this.say("stop", say("scan_no_pin"));
  }

  wire() {
    const click = (name, work) => one(this.root, `[data-${name}]`)
      .addEventListener("click", () => this.once(work));
    click("other", () => this.showOnline("sign_in_other"));
    click("password", () => this.showOnline("sign_in_again"));
    click("passkey", () => this.passkey());
    click("new-passkey", () => this.newPasskey());
    for (const back of this.root.querySelectorAll("[data-back]")) back.addEventListener("click", () => this.showNames());
    one(this.root, "form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.once(() => this.online());
    });
  }

  /** @param {() => any} work */
  async once(work) {
    if (this.isBusy) return;
    this.isBusy = true;
    const turn = this.turn;
    this.say("", "");
    try {
      await work();
    } catch (error) {
      if (turn === this.turn) this.refuse(error);
    } finally {
      this.isBusy = false;
    }
  }

  /** @param {string} name of a step */
  show(name) {
    this.turn += 1;
    this.pad?.clear();
    const at = name === "new" ? "pin" : name;
    for (const step of this.root.querySelectorAll("[data-step]")) {
      step.toggleAttribute("hidden", step.getAttribute("data-step") !== at);
    }
    for (const part of this.root.querySelectorAll("[data-for]")) {
      part.toggleAttribute("hidden", part.getAttribute("data-for") !== name);
    }
    for (const back of this.root.querySelectorAll("[data-back]")) back.toggleAttribute("hidden", this.only !== null);
    this.step = name;
  }

  showNames() {
    this.who = null;
    this.say("", "");
    const members = (this.app.members ?? []).filter((member) => member.id !== this.except);
    one(this.root, "[data-names]").replaceChildren(...members.map((member) => {
      const button = el("button", { type: "button", class: "tile", "data-staff": member.id }, el("b", { text: member.name }));
      button.addEventListener("click", () => this.once(() => this.choose({ staff: member.id, name: member.name })));
      return el("li", {}, button);
    }));
    this.show("who");
  }

  /** @param {Who} who */
  async choose(who) {
    this.who = who;
    const reason = await this.staff.reason(who.staff, this.app.postNow());
    if (reason === "no_pin_yet") return this.showNew();
    if (reason) return this.showOnline(reason);
    const person = await this.staff.person(who.staff);
    this.show("pin");
    one(this.root, "[data-who]").textContent = this.only ? "" : who.name;  // else it is said above
    one(this.root, "[data-keypad]").hidden = !person.pin;
    one(this.root, "[data-passkey]").hidden = !(person.passkey && this.canPasskey);
    return this.wait();
  }

  /** @param {string} reason code of why PIN or passkey will not do */
  showOnline(reason) {
    const form = one(this.root, "form");
    form.reset();
    this.show("online");
    one(this.root, "[data-reason]").textContent = say(reason, { name: this.who?.name ?? "" });
    one(this.root, "[name=username]").focus();
  }

  showNew() {
    this.first = "";
    this.show("new");
    one(this.root, "[data-who]").textContent = this.who?.name ?? "";
    one(this.root, "[data-keypad]").hidden = false;
    one(this.root, "[data-new-text]").textContent = say("pin_choose");
    one(this.root, "[data-new-passkey]").hidden = !this.canPasskey;
  }

  // ── what the person does ────────────────────────────────────────────────────────────────────────

  /** @param {string} pin */
  pin(pin) {
    if (this.step === "new") return this.once(() => this.newPin(pin));
    return this.once(async () => {
      const who = /** @type {Who} */ (this.who);
      this.say("", say("working"));
      try {
        await this.staff.tryPin(who.staff, pin);
      } catch (error) {
        if (error.code === "pin_wait") this.wait();
        throw error;
      }
      await this.done();
    });
  }

  /** @param {string} pin */
  async newPin(pin) {
    const who = /** @type {Who} */ (this.who);
    const text = one(this.root, "[data-new-text]");
    const bad = badPin(pin);
    if (bad || this.first && this.first !== pin) {
      this.first = "";
      text.textContent = say("pin_choose");
      throw Object.assign(new Error(), { code: bad ?? "pins_differ" });
    }
    if (!this.first) {
      this.first = pin;
      text.textContent = say("pin_again");
      return;
    }
    this.say("", say("working"));
    await this.staff.setPin(who.staff, pin);
    await this.done();
  }

  async passkey() {
    await this.staff.tryPasskey(/** @type {Who} */ (this.who).staff);
    await this.done();
  }

  async newPasskey() {
    await this.staff.setPasskey(/** @type {Who} */ (this.who));
    await this.done();
  }

  async online() {
    const [name, password] = ["username", "password"].map((field) => one(this.root, `[name=${field}]`));
    this.say("", say("working"));
    const voucher = await this.staff.signIn(name.value.trim(), password.value);
    password.value = "";
    this.say("", "");
    if (this.only && voucher.staff !== this.only.staff) {
      throw Object.assign(new Error(), { code: "someone_else", params: { name: voucher.name, only: this.only.name } });
    }
    if (voucher.staff === this.except) throw Object.assign(new Error(), { code: "same_person" });
    this.who = { staff: voucher.staff, name: voucher.name };
    const person = await this.staff.person(voucher.staff);
    if (person.pin || person.passkey) await this.done();
    else this.showNew();
  }

  async done() {
    this.say("", "");
    await this.onDone(/** @type {Who} */ (this.who));
  }

  /** Says how long it is to be waited, and lets nobody try before. */
  wait() {
    const { turn } = this, who = /** @type {Who} */ (this.who);
    this.staff.waitOut(who.staff, (left) => {
      if (turn !== this.turn) return false;
      this.pad?.disable(left > 0);
      const seconds = Math.ceil(left / SECOND_MS);
      const text = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
      one(this.root, "[data-wait]").textContent = left > 0 ? say("pin_wait_left", { left: text }) : "";
      return true;
    });
  }

  // ── what is said ────────────────────────────────────────────────────────────────────────────────

  /** @param {string} shape @param {string} text */
  say(shape, text) {
    const line = one(this.root, ".said");
    line.className = `said ${shape ? `is-${shape}` : ""}`;
    line.textContent = text;
  }

  /** @param {any} error */
  refuse(error) {
    this.app.feedback(false);
    if (!error?.code) console.error(error);
    this.say("stop", error?.sentence || say(error?.code ?? String(error), error?.params));
  }
}

/** A list of names, as the page's language writes it. @param {string[]} names */
export function listed(names) {
  return new Intl.ListFormat(LANGUAGE, { type: "conjunction" }).format(names);
}

// @ts-check
/** The last swab: what was saved, and how it is taken back by another fact. */

import { afterVoid, checkUndo, voided } from "../../core/sampling.js";
import { withIds } from "../../store/things.js";
import { nameSaved, one } from "../dom.js";
import { say } from "../words.js";

/** The panel below the step; `screen` is the Sampling of ../sample.js. */
export class Done {
  /** @param {any} screen */
  constructor(screen) {
    this.screen = screen;
    this.specimen = "";
    const { app, root } = screen, why = one(root, "#sample-why");
    app.wire(one(root, "#sample-undo"), async () => {
      await this.mayUndo();
      why.hidden = false;
      one(root, "#sample-undo").hidden = true;
      one(why, "input:checked").focus();
    });
    app.wire(one(root, "#sample-keep"), async () => this.fold());
    why.addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      screen.inTurn(() => this.undo(one(why, "input:checked").value));
    });
  }

  /** @param {string} specimen @param {string} text @param {{id: string}[]} kept the facts that it calls saved */
  show(specimen, text, kept) {
    const { root } = this.screen;
    this.specimen = specimen;
    one(root, "#sample-done").hidden = false;
    one(root, "#sample-said").textContent = text;
    nameSaved(one(root, "#sample-said"), kept);
    one(root, "#sample-label").href = `#/labels/tube/${specimen}`;
    this.fold();
  }

  fold() {
    one(this.screen.root, "#sample-why").hidden = true;
    one(this.screen.root, "#sample-undo").hidden = false;
  }

  /** The tube, if it may be taken back here. */
  async mayUndo() {
    const { app } = this.screen;
    const [tube] = await withIds(app.store, [this.specimen]);
    const no = checkUndo(tube, app.unit.code);
    if (no) throw no;
    return tube;
  }

  /** @param {string} why code of the reason */
  async undo(why) {
    const { app, root } = this.screen, tube = await this.mayUndo();
    const [person] = await withIds(app.store, [tube.told?.person]);
    await app.say([{ kind: "specimens.voided", body: voided(tube, say(why)) }], {
      gone: [tube.id], things: ([kept]) => (person ? [afterVoid(person, tube, kept.seq)] : []) });
    one(root, "#sample-done").hidden = true;
    app.toast(say("sample_voided", { tube: tube.label }), "hold");
    await this.screen.draw();
  }
}

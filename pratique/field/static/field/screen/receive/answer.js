// @ts-check
/** The answer that was saved, as square codes for the giver. */

import { framesOf, KIND } from "../../core/frames.js";
import { makeAnswer } from "../../core/handover.js";
import { ownFact } from "../../store/handovers.js";
import { one } from "../dom.js";
import { signerOf } from "../handover/parties.js";
import { Run } from "../qr.js";
import { say } from "../words.js";

export class Answer {
  /** @param {import("../shell.js").App} app @param {HTMLElement} root @param {number} seq of this device's fact */
  constructor(app, root, seq) {
    this.app = app;
    this.root = root;
    this.seq = seq;
    /** @type {Run|null} */
    this.run = null;
  }

  async begin() {
    const { app, root } = this;
    const kept = app.device && Number.isSafeInteger(this.seq) ? await ownFact(app.store, app.device, this.seq) : null;
    if (kept?.kind !== "custody.answered") {
      one(root, "#headline").textContent = say("receive_answer_gone");
      return;
    }
    const { accepted = [], refused = [] } = JSON.parse(kept.text).body;
    one(root, "#headline").textContent = say("receive_saved", { n: accepted.length, of: accepted.length + refused.length });
    one(root, "#answer-told").hidden = false;
    try {
      const bytes = await makeAnswer({ ...await signerOf(app), fact: kept.text });
      const texts = await framesOf(KIND.answer, bytes, { CompressionStream });
      this.run = new Run(one(root, "#answer-codes"), texts, { name: say("receive_answer") });
      await this.run.start();
    } catch (error) {
      app.refuse(error);  // saved it is; the network takes it to the giver, too
    }
  }

  close() { this.run?.stop(); }
}

// @ts-check
/** What a device shows that was taken back and still has something to hand up. */

import { stillToHandUp } from "../store/wipe.js";
import { fill, one, setMark } from "./dom.js";
import { say, sayCount } from "./words.js";

/** @param {import("./shell.js").App} app @param {HTMLElement} root */
export async function open(app, root) {
  fill(root, "revoked");
  const draw = async () => {
    try {
      const { waiting } = await stillToHandUp(app.store, app.device ?? "");
      if (!root.contains(line)) return;
      setMark(line, waiting ? "hold" : "none", waiting ? sayCount("still_to_hand_up", waiting) : say("handed_up_all"));
    } catch (error) {
      if (error.code !== "storage_outdated") throw error;  // it is being emptied
    }
  };
  const line = one(root, "#revoked-state");
  app.wire(one(root, "#revoked-send"), async () => app.sync?.sendNow());
  app.watchers.add(draw);
  await draw();
  return { close: () => { app.watchers.delete(draw); } };
}

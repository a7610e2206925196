// @ts-check
/**
 * A keypad for a PIN: for thumbs, and for the digits of a keyboard. What a reader types is no PIN: a
 * burst has more signs than one, or is heard as a scan, which clears it.
 */

import { PIN_DIGITS } from "../core/pin.js";
import { copyOf, one } from "./dom.js";
import { say } from "./words.js";

const QUIET_MS = 150;  // longer than a reader pauses between two signs

export class Keypad {
  /**
   * @param {HTMLElement} root is filled with the keypad
   * @param {(pin: string) => void} onPin
   */
  constructor(root, onPin) {
    this.onPin = onPin;
    this.root = root;
    this.timer = 0;
    this.digits = "";
    this.isOff = false;
    root.replaceChildren(copyOf("keypad"));
    for (const button of root.querySelectorAll("[data-digit]")) {
      button.addEventListener("click", () => this.press(button.getAttribute("data-digit") ?? ""));
    }
    one(root, "[data-delete]").addEventListener("click", () => { this.clear(); });
    this.hear = (/** @type {KeyboardEvent} */ event) => this.key(event);
    document.addEventListener("keydown", this.hear);
    this.clear();
  }

  close() {
    clearTimeout(this.timer);
    document.removeEventListener("keydown", this.hear);
  }

  clear() {
    clearTimeout(this.timer);
    this.digits = "";
    this.draw();
  }

  /** While somebody has to wait. @param {boolean} isOff */
  disable(isOff) {
    for (const button of this.root.querySelectorAll("button")) button.disabled = isOff;
    this.isOff = isOff;
    if (isOff) this.clear();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.root.checkVisibility()) return;
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement) return;
    const digit = /^\d$/.test(event.key) ? event.key : /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
    if (digit && !event.shiftKey) this.press(digit);
    else if (event.key === "Backspace" || [...event.key].length === 1 && event.key !== " ") this.clear();
  }

  /** @param {string} digit */
  press(digit) {
    if (this.isOff) return;
    clearTimeout(this.timer);
    this.digits += digit;
    this.draw();
    // A seventh digit that follows at once: a reader, no PIN.
    if (this.digits.length >= PIN_DIGITS) this.timer = setTimeout(() => this.done(), QUIET_MS);
  }

  done() {
    const { digits } = this;
    this.clear();
    if (digits.length === PIN_DIGITS) this.onPin(digits);
  }

  draw() {
    const n = Math.min(this.digits.length, PIN_DIGITS);
    one(this.root, "[data-dots]").textContent = "●".repeat(n) + "○".repeat(PIN_DIGITS - n);
    one(this.root, "[data-count]").textContent = say("pin_count", { n, of: PIN_DIGITS });
  }
}

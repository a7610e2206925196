// @ts-check
/**
 * Hears a reader that acts as a keyboard, wherever the cursor is, and gives what it typed to the
 * screen. A burst is told from fingers by its speed; what it typed into a field is taken out again.
 *
 * A Chinese input method that happens to be on swallows letters and digits: the browser then tells
 * keys without signs, so the signs are read from the keys themselves.
 */

const GAP_MS_MAX = 60;
const SIGNS_MIN = 6;
const QUIET_MS = 90;
const SHIFTED = { "1": "!", "2": "@", "3": "#", "4": "$", "5": "%", "6": "^", "7": "&", "8": "*", "9": "(", "0": ")",
  "-": "_", "=": "+", ";": ":", "'": "\"", ",": "<", ".": ">", "/": "?" };
const SIGN_KEYS = { Minus: "-", Equal: "=", Semicolon: ";", Quote: "'", Comma: ",", Period: ".", Slash: "/", Space: " " };

/**
 * @param {(text: string) => void} onScan
 * @returns {() => void} stops hearing
 */
export function hearReader(onScan) {
  const wedge = new Wedge(onScan);
  const hear = (/** @type {KeyboardEvent} */ event) => wedge.key(event);
  document.addEventListener("keydown", hear, true);
  return () => document.removeEventListener("keydown", hear, true);
}

class Wedge {
  /** @param {(text: string) => void} onScan */
  constructor(onScan) {
    this.onScan = onScan;
    this.timer = 0;
    this.signs = "";
    this.last = 0;
    /** @type {{field: HTMLInputElement, value: string}|null} */
    this.before = null;
  }

  forget() {
    this.signs = "";
    this.last = 0;
    this.before = null;
    clearTimeout(this.timer);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isQuick = event.timeStamp - this.last <= GAP_MS_MAX;
    if (event.key === "Enter" || event.code === "Enter" || event.key === "Tab") {
      if (!isQuick || this.signs.length < SIGNS_MIN) { this.forget(); return; }
      event.preventDefault();
      event.stopImmediatePropagation();
      this.done();
      return;
    }
    const sign = signOf(event);
    if (sign === null) return;  // Shift alone belongs to the next key
    if (!isQuick) {
      this.forget();
      const field = document.activeElement;
      this.before = field instanceof HTMLInputElement ? { field, value: field.value } : null;
    }
    this.signs += sign;
    this.last = event.timeStamp;
    clearTimeout(this.timer);
    // Some readers send no Enter: a long burst that has ended is one, too.
    if (this.signs.length >= SIGNS_MIN * 3) this.timer = setTimeout(() => this.done(), QUIET_MS);
  }

  done() {
    const { signs, before } = this;
    this.forget();
    // The field for scans shows nothing of it; another one gets back what stood in it.
    if (before && before.field.isConnected) {
      before.field.value = before.value;
      if (before.field === document.activeElement) before.field.blur();
    }
    this.onScan(signs);
  }
}

/** @param {KeyboardEvent} event @returns {string|null} */
function signOf(event) {
  if ([...event.key].length === 1) return event.key;
  if (event.key !== "Process" && event.key !== "Unidentified") return null;
  const { code, shiftKey } = event;
  const plain = /^Key[A-Z]$/.test(code) ? code.at(-1)?.toLowerCase() ?? null
    : /^(?:Digit|Numpad)\d$/.test(code) ? code.at(-1) ?? null : SIGN_KEYS[code] ?? null;
  if (plain === null || !shiftKey) return plain;
  return /[a-z]/.test(plain) ? plain.toUpperCase() : SHIFTED[plain] ?? plain;
}

/** A short high tone and a touch for what was taken, a low long one for what was not. @param {boolean} isRight */
export function feedback(isRight) {
  navigator.vibrate?.(isRight ? 40 : [120, 60, 120]);
  try {
    audio ??= new AudioContext();
    const tone = audio.createOscillator(), loud = audio.createGain();
    tone.frequency.value = isRight ? 1760 : 220;
    loud.gain.value = 0.15;
    tone.connect(loud).connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + (isRight ? 0.07 : 0.35));
  } catch { /* no sound on this machine: the screen and the touch say it as well */ }
}

/** @type {AudioContext|undefined} */
let audio;

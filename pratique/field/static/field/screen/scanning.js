// @ts-check
/**
 * Hears a reader that acts as a keyboard, wherever the cursor is, and gives what it typed to the
 * screen. A burst is told from fingers by its speed; what it typed into a field is taken out again.
 *
 * A Chinese input method that happens to be on swallows letters and digits: the browser then tells
 * keys without signs, so the signs are read from the keys themselves.
 */

const GAP_MS_MAX = 60;
const PAUSE_MS_MAX = 600;
const SIGNS_MIN = 6;
const FINGERS_SIGNS_MAX = 2;  // so many at once, when one finger is down before the other is up
const QUIET_MS = 90;
const SHIFTED = { "1": "!", "2": "@", "3": "#", "4": "$", "5": "%", "6": "^", "7": "&", "8": "*", "9": "(", "0": ")",
  "-": "_", "=": "+", ";": ":", "'": "\"", ",": "<", ".": ">", "/": "?" };
const SIGN_KEYS = { Minus: "-", Equal: "=", Semicolon: ";", Quote: "'", Comma: ",", Period: ".", Slash: "/", Space: " " };

/**
 * @param {(text: string) => void} onScan
 * @param {(text: string) => boolean} provesItself whether a text has a check character or a form of
 *   its own: then it was scanned, however slowly it came
 * @returns {() => void} stops hearing
 */
export function hearReader(onScan, provesItself) {
  const wedge = new Wedge(onScan, provesItself);
  const hear = (/** @type {KeyboardEvent} */ event) => wedge.key(event);
  document.addEventListener("keydown", hear, true);
  return () => document.removeEventListener("keydown", hear, true);
}

/** Signs in a row, and what stood in the field before the first of them. */
class Run {
  constructor() {
    this.signs = "";
    const field = document.activeElement;
    this.field = field instanceof HTMLInputElement ? field : null;
    this.value = this.field?.value ?? "";
  }

  /** Takes the signs out of the field again. */
  undo() {
    if (!this.field?.isConnected) return;
    this.field.value = this.value;
    this.field.dispatchEvent(new Event("input", { bubbles: true }));  // whoever listens had taken them
    if (this.field === document.activeElement) this.field.blur();  // an input method lets go of them
  }
}

class Wedge {
  /** @param {(text: string) => void} onScan @param {(text: string) => boolean} provesItself */
  constructor(onScan, provesItself) {
    this.onScan = onScan;
    this.provesItself = provesItself;
    this.timer = 0;
    this.last = -Infinity;
    /** Keys that came as fast as no finger. */
    this.burst = new Run();
    /** Keys without a pause between. */
    this.typed = this.burst;
    /** All before the burst came key by key. */
    this.isByFingers = true;
  }

  forget() {
    this.last = -Infinity;
    this.burst = this.typed = new Run();
    this.isByFingers = true;
    clearTimeout(this.timer);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const gap = event.timeStamp - this.last;
    if (event.key === "Enter" || event.code === "Enter" || event.key === "Tab") {
      const run = this.scanned(gap);
      if (run) {
        event.preventDefault();
        event.stopImmediatePropagation();
        this.done(run);
      } else {
        this.forget();
      }
      return;
    }
    const sign = signOf(event);
    if (sign === null) return;  // Shift alone belongs to the next key
    if (gap > PAUSE_MS_MAX) this.forget();
    if (gap > GAP_MS_MAX && this.typed.signs) {
      this.isByFingers &&= this.burst.signs.length <= FINGERS_SIGNS_MAX;
      this.burst = new Run();
    }
    this.typed.signs += sign;
    if (this.burst !== this.typed) this.burst.signs += sign;
    this.last = event.timeStamp;
    clearTimeout(this.timer);
    // Some readers send no Enter: a long burst that has ended is one, too.
    if (this.burst.signs.length < SIGNS_MIN * 3) return;
    this.timer = setTimeout(() => this.done(this.scanned(0) ?? this.burst), QUIET_MS);
  }

  /** @param {number} gap @returns {Run|null} */
  scanned(gap) {
    const { burst, typed } = this;
    // Who typed a moment ago keeps what they typed.
    if (this.isByFingers && burst !== typed && gap <= PAUSE_MS_MAX && this.provesItself(burst.signs)) return burst;
    // A machine that is busy hears a reader's keys with gaps: the whole first, then its end alone.
    if (gap <= PAUSE_MS_MAX && this.provesItself(typed.signs)) return typed;
    return gap <= GAP_MS_MAX && burst.signs.length >= SIGNS_MIN ? burst : null;
  }

  /** @param {Run} run */
  done(run) {
    this.forget();
    run.undo();
    this.onScan(run.signs);
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

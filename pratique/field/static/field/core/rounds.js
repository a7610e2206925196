// @ts-check
/** A morning or evening round: what a temperature may be, who has been read, what is said. Pure. */

/** The server's own limits (pratique/isolation/rules.py); a test holds both equal. */
export const FEVER_C = 37.3;
export const TEMPERATURE_C_MIN = 30, TEMPERATURE_C_MAX = 45;
export const SYMPTOMS_MAX = 20;
/** What is not seen in a living body every day: it is asked again before it is taken. */
export const USUAL_C_MIN = 35, USUAL_C_MAX = 42;
/** Until this local hour the round that is on is the morning's (as at the desks). */
export const NOON_HOUR = 13;
/** How many readings one fact has at most: a big site's round goes up in parts. */
export const READINGS_MAX = 200;
export const NOTE_MAX = 500;
/** What can be ticked; all that a shipped pack asks for is among them (words: `symptom.<code>`). */
export const SYMPTOMS = ["cough", "sore_throat", "breathless", "loss_of_smell", "headache", "weakness", "muscle_pain",
  "vomiting", "diarrhoea", "bleeding"];

/** @typedef {"morning"|"evening"} Slot */
/** @typedef {{temperature_c: number|null, symptoms: string[], note: string}} Reading null: no answer */
/** @typedef {{day: string, slot: string, answered: string[]}} Round of the roll */

/**
 * A temperature as somebody types it: 36.5, 36,5, ３６．５ or 365.
 * @param {string} text
 * @returns {{value: number, isUnusual: boolean}|{code: string, params?: Record<string, any>}}
 */
export function readTemperature(text) {
  const plain = text.normalize("NFKC").trim().replace(/[,。，]/u, ".");
  if (!/^\d{2}(?:\.\d?)?$|^\d{3}$/.test(plain)) return { code: "round_number" };
  const value = plain.length === 3 && !plain.includes(".") ? Number(plain) / 10 : Number(plain);
  if (value < TEMPERATURE_C_MIN || value > TEMPERATURE_C_MAX) return { code: "round_impossible", params: { value } };
  return { value, isUnusual: value < USUAL_C_MIN || value > USUAL_C_MAX };
}

/**
 * From which temperature somebody is to be looked at: the pack's own, where it asks earlier than the
 * server's rule does for everybody.
 * @param {{temperature_c: number}|null|undefined} signs of the pack in force; 0: it names none
 */
export function feverFrom(signs) {
  return signs?.temperature_c ? Math.min(signs.temperature_c, FEVER_C) : FEVER_C;
}

/** Whether somebody is to be looked at. @param {Reading} reading @param {number} fever in °C */
export function hasSigns({ temperature_c, symptoms }, fever = FEVER_C) {
  return (temperature_c !== null && temperature_c >= fever) || symptoms.length > 0;
}

/** Whether a reading is an answer at all; no temperature is not a normal one. @param {Reading} reading */
export function isAnswered({ temperature_c, symptoms }) {
  return temperature_c !== null || symptoms.length > 0;
}

/** The round that is on. @param {number} hour of the county's day @returns {Slot} */
export function slotAt(hour) {
  return hour < NOON_HOUR ? "morning" : "evening";
}

/**
 * What is known of a round: the readings of this device by person, the latest of each, and whom the
 * server has heard of by others.
 * @param {Round[]} rounds of the roll
 * @param {{id: string, body: Record<string, any>}[]} said this device's `isolation.round_done`, oldest first
 * @param {string} day @param {string} slot
 * @returns {{read: Map<string, Reading>, heard: Set<string>}}
 */
export function roundSoFar(rounds, said, day, slot) {
  const mine = said.filter(({ body }) => body.day === day && body.slot === slot).flatMap(({ body }) => body.readings);
  const heard = rounds.filter((round) => round.day === day && round.slot === slot).flatMap(({ answered }) => answered);
  return { read: new Map(mine.map((reading) => [reading.person, reading])), heard: new Set(heard) };
}

/**
 * The facts of what was entered: only of those who were read or gave no answer.
 * @param {{account: string, day: string, slot: string, entered: Record<string, Reading>}} round
 * @returns {{kind: string, body: Record<string, any>}[]}
 */
export function roundDone({ account, day, slot, entered }) {
  const readings = Object.entries(entered).map(([person, { temperature_c, symptoms, note }]) => ({
    person, temperature_c, symptoms: symptoms.slice(0, SYMPTOMS_MAX), note: note.trim().slice(0, NOTE_MAX) }));
  const parts = Array.from({ length: Math.ceil(readings.length / READINGS_MAX) }, (_, n) =>
    readings.slice(n * READINGS_MAX, (n + 1) * READINGS_MAX));
  return parts.map((part) => ({ kind: "isolation.round_done", body: { account, day, slot, readings: part } }));
}

const NUMBERED = /** @type {any} */ (new Intl.Collator("zh", { numeric: true }));

/**
 * In the order in which one walks: by room, those without one last, then by name.
 * @param {{place: string, label: string}} one @param {{place: string, label: string}} other
 */
export function byRoom(one, other) {
  if (!one.place !== !other.place) return one.place ? -1 : 1;
  return NUMBERED.compare(one.place, other.place) || NUMBERED.compare(one.label, other.label);
}

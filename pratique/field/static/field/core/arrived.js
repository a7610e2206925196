// @ts-check
/** What a post holds after the facts of an arrival, as the device keeps it. Pure. */

import { compared } from "./papers.js";

/** @typedef {import("../store/things.js").Thing} Thing */
/** @typedef {import("./arrival.js").ArrivalEntered} ArrivalEntered */

/**
 * @param {ArrivalEntered} entered
 * @param {import("../store/db.js").Kept[]} kept the facts, as they were stored
 * @param {Map<string, any>} decided by person
 * @param {string} account
 * @param {Thing|null|undefined} before the vehicle, where it was registered before
 * @returns {Thing[]}
 */
export function thingsAfter(entered, kept, decided, account, before) {
  const aboard = entered.people.map(({ id }) => id);
  const made = kept.map((fact) => {
    const { body } = JSON.parse(fact.text);
    const common = { account, holds_by: fact.id, pending: null, seq: fact.seq };
    return fact.kind === "checkpoint.vehicle_arrived" ? vehicleOf(common, body, fact.at, aboard)
      : personOf(common, body, fact.at, entered, decided.get(body.person) ?? null);
  });
  return before ? [...made, withMore(before, aboard)] : made;
}

/** @param {any} common @param {any} body @param {string} at @param {string[]} people @returns {Thing} */
function vehicleOf(common, body, at, people) {
  return { ...common, id: body.vehicle, type: "vehicle", label: body.plate, codes: [`plate:${body.plate}`],
    told: { occupants: body.occupants, conveyance: body.conveyance, at, people } };
}

/** @param {any} common @param {any} body @param {string} at @param {ArrivalEntered} entered @param {any} decided @returns {Thing} */
function personOf(common, body, at, entered, decided) {
  const person = /** @type {import("./arrival.js").PersonEntered} */ (entered.people.find(({ id }) => id === body.person));
  const document = person.document ? compared("document", person.document) : "";
  return { ...common, id: person.id, type: "person", label: person.name,
    codes: [`person:${person.id}`, ...(document ? [`document:${document}`] : [])],
    told: { vehicle: body.vehicle, plate: entered.plate, document, at, decided,
      landing_test: decided?.decision.landing_test ?? null, destination: body.destination, special: body.special } };
}

/** @param {Thing} vehicle @param {string[]} more @returns {Thing} */
function withMore(vehicle, more) {
  const known = vehicle.told?.people ?? vehicle.told?.roll?.persons ?? [];
  return { ...vehicle, told: { ...vehicle.told, people: [...known, ...more] } };
}

// @ts-check
/** Who is aboard of those listed, who is missing by name, and what a departure says. Pure. */

/** @typedef {import("./roll.js").Trip} Trip */
/** @typedef {import("./roll.js").Offer} Offer */
/** @typedef {import("../store/things.js").Thing} Thing */
/**
 * @typedef {{person: string, label: string, isListed: boolean, isHeld: boolean, offer: string|null,
 *   holds_by: string|null}} Passenger
 *   isHeld: the vehicle's crew has them by the books; offer: one to the crew that awaits an answer
 */
/** @typedef {{id: string, at: string, kind: string, body: Record<string, any>}} Said */

/**
 * A trip's list, and whoever else the crew holds, with what the books say of each.
 * @param {Trip} trip @param {Offer[]} offers @param {Thing[]} people on this device @param {number} now
 * @returns {Passenger[]}
 */
export function passengersOf(trip, offers, people, now) {
  const held = new Map(people.filter(({ account }) => account === trip.vehicle).map((person) => [person.id, person]));
  const lines = new Map(offers.filter(({ taker, expires_at }) => taker === trip.vehicle && Date.parse(expires_at) > now)
    .flatMap((offer) => offer.lines.map((line) => [line.subject, { offer: offer.id, holds_by: line.holds_by }])));
  const listed = trip.passengers.map(({ person, name, boarded }) => ({ person, label: name ?? held.get(person)?.label ?? "",
    isListed: true, isHeld: held.has(person) || boarded, offer: lines.get(person)?.offer ?? null,
    holds_by: lines.get(person)?.holds_by ?? null }));
  const names = new Set(listed.map(({ person }) => person));
  const others = [...held.values()].filter(({ id }) => !names.has(id)).map((person) => ({ person: person.id,
    label: person.label, isListed: false, isHeld: true, offer: null, holds_by: null }));
  return [...listed, ...others];
}

/**
 * Who is not aboard, and who is but has not been handed over to the crew.
 * @param {Passenger[]} passengers @param {Set<string>} ticked
 */
export function boarding(passengers, ticked) {
  const aboard = passengers.filter(({ person, isHeld }) => isHeld || ticked.has(person));
  return { aboard, missing: passengers.filter((one) => !aboard.includes(one)),
    toTake: aboard.filter(({ isHeld, offer }) => !isHeld && offer !== null),
    notHandedOver: aboard.filter(({ isHeld, offer }) => !isHeld && offer === null) };
}

/**
 * The crew takes over whoever boards and is on offer, hand-over by hand-over.
 * @param {Passenger[]} toTake @param {string} taker
 * @returns {{kind: string, body: Record<string, any>}[]}
 */
export function takenOver(toTake, taker) {
  const offers = [...new Set(toTake.map(({ offer }) => offer))];
  return offers.map((handover) => ({ kind: "custody.answered", body: { handover, taker,
    accepted: toTake.filter(({ offer }) => offer === handover).map(({ person }) => person), refused: [] } }));
}

/** @param {"departed"|"arrived"} step @param {Trip} trip @returns {{kind: string, body: Record<string, any>}} */
export function tripStep(step, trip) {
  return { kind: `transfer.trip_${step}`, body: { trip: trip.id, vehicle: trip.vehicle } };
}

/** How far a trip is, by the roll and by what this device has said since. @param {Trip} trip @param {Said[]} said */
export function stateOf(trip, said) {
  const has = (kind) => said.find((fact) => fact.kind === kind && fact.body.trip === trip.id)?.at ?? null;
  const arrived = has("transfer.trip_arrived"), departed = has("transfer.trip_departed") ?? trip.departed_at;
  return { state: arrived ? "arrived" : departed ? "departed" : "planned", departed, arrived };
}

/** Whether a vehicle carried people since it was last disinfected, as far as this device knows. @param {Said[]} said @param {string} vehicle */
export function isUnclean(said, vehicle) {
  const last = (kinds) => said.findLast(({ kind, body }) => kinds.includes(kind) && body.vehicle === vehicle)?.at ?? "";
  const used = last(["transfer.trip_departed", "transfer.trip_arrived"]);
  return Boolean(used) && last(["transfer.vehicle_disinfected"]) < used;
}

/** @param {string} vehicle @returns {{kind: string, body: Record<string, any>}} */
export function disinfected(vehicle) {
  return { kind: "transfer.vehicle_disinfected", body: { vehicle } };
}

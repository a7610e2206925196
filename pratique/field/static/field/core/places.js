// @ts-check
/** Beds that are free, and a place that is confirmed before anybody leaves for it. Pure. */

export const NOTE_MAX = 500;

/** @typedef {{room: string, floor: string, beds: number, persons: string[]}} Room of the roll */
/** @typedef {{room: string, floor: string, beds: number, free: number, promised: number}} Free */
/** @typedef {{id: string, told?: Record<string, any>}} Person */

/**
 * Rooms with what is free, by the roll and by what this device has said since.
 * @param {Room[]} rooms
 * @param {Person[]} here people whom the site holds, each with `told.room`
 * @param {Map<string, string>} promised person -> room, of those who are still to come
 * @returns {Free[]}
 */
export function freeRooms(rooms, here, promised) {
  const moved = new Map(here.map(({ id, told }) => [id, told?.room ?? null]));
  return rooms.map(({ room, floor, beds, persons }) => {
    const sleepers = new Set(persons.filter((id) => moved.has(id)));
    for (const [id, now] of moved) if (now === room) sleepers.add(id); else sleepers.delete(id);
    const kept = [...promised].filter(([id, at]) => at === room && !sleepers.has(id)).length;
    return { room, floor, beds, free: Math.max(0, beds - sleepers.size), promised: kept };
  });
}

/** Who is promised which room, by the roll and by what this device has said since. @param {import("./roll.js").Awaited[]} awaited @param {{body: Record<string, any>}[]} said oldest first */
export function promisedRooms(awaited, said) {
  const rooms = new Map(awaited.filter(({ room }) => room).map(({ person, room }) => [person, /** @type {string} */ (room)]));
  for (const { body } of said) if (body.room) rooms.set(body.person, body.room);
  return rooms;
}

/**
 * @param {{person: string, account: string, room?: string|null, fit?: boolean|null, note?: string}} place
 * @returns {{kind: string, body: Record<string, any>}}
 */
export function placeConfirmed({ person, account, room = null, fit = null, note = "" }) {
  return { kind: "transfer.place_confirmed", body: { person, account, room, home_fit: fit, note: note.trim().slice(0, NOTE_MAX) } };
}

/** @param {{person: string, site: string, room: string}} given @returns {{kind: string, body: Record<string, any>}} */
export function roomGiven({ person, site, room }) {
  return { kind: "isolation.room_given", body: { person, site, room } };
}

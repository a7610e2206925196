// @ts-check
/**
 * A vehicle with its people at the gate: what was entered, what is still wrong with it, and the
 * facts that it makes. What is entered is plain JSON, so that it can be kept while one types.
 */

import { checkPhone, checkPlate, checkTrailerPlate, PaperRefused, readDocument } from "./papers.js";
import { DAY_MS } from "./schedule.js";

/** @typedef {{code: string, label: string, since: string, until: string, ticked: string[]}} StayEntered days as "2022-08-20" */
/**
 * @typedef {object} PersonEntered
 * @property {string} id
 * @property {string|null} expected the announcement that this person came with
 * @property {string} name
 * @property {string} document_kind
 * @property {string} document
 * @property {string} phone
 * @property {boolean} phone_verified
 * @property {boolean} resident
 * @property {string[]} special
 * @property {string[]} papers
 * @property {string|null} destination null: where the others go
 * @property {StayEntered[]|null} stays null: where the others were
 */
/**
 * @typedef {object} ArrivalEntered
 * @property {string} vehicle
 * @property {boolean} is_stopped the vehicle is registered already; only people are added
 * @property {number} here how many people of it were registered before
 * @property {string} plate
 * @property {string} trailer_plate
 * @property {number|null} occupants
 * @property {number|null} seats
 * @property {string} lane
 * @property {string} conveyance
 * @property {boolean} boot_checked
 * @property {string} destination
 * @property {StayEntered[]} stays
 * @property {PersonEntered[]} people
 */
/** @typedef {{field: string, code: string, params?: Record<string, any>}} Problem field: "plate", "stay0", "person:<id>:name" … */
/** @typedef {{kind: string, id: string, body: Record<string, any>, sealed?: Record<string, any>}} Said */

export const NONE_OF_THESE = "none";
export const NOT_SAID = "?";
const FOOT = "foot";
const LOOKBACK_DAYS_DEFAULT = 7;
/** The sign of each province on its plates, by the first two digits of its divisions. @type {Record<string, string>} */
const SIGNS = { "11": "京", "12": "津", "13": "冀", "14": "晋", "15": "蒙", "21": "辽", "22": "吉", "23": "黑", "31": "沪",
  "32": "苏", "33": "浙", "34": "皖", "35": "闽", "36": "赣", "37": "鲁", "41": "豫", "42": "鄂", "43": "湘", "44": "粤",
  "45": "桂", "46": "琼", "50": "渝", "51": "川", "52": "贵", "53": "云", "54": "藏", "61": "陕", "62": "甘", "63": "青",
  "64": "宁", "65": "新" };

/**
 * @param {{vehicle: string, since: string, until: string, province: string, last?: Partial<ArrivalEntered>|null}} given
 *   last: the arrival before, whose destination and stays are offered again
 * @returns {ArrivalEntered}
 */
export function blankArrival({ vehicle, since, until, last = null }) {
  return {
    vehicle, is_stopped: false, here: 0, plate: "", trailer_plate: "", occupants: null, seats: null, lane: last?.lane ?? "1",
    conveyance: "car", boot_checked: false, destination: last?.destination ?? "",
    stays: [blankStay(since, until)], people: [],
  };
}

/** @param {string} since @param {string} until @returns {StayEntered} */
export function blankStay(since, until) {
  return { code: "", label: "", since, until, ticked: [] };
}

/** @param {{id: string} & Partial<PersonEntered>} given @returns {PersonEntered} */
export function blankPerson(given) {
  return { expected: null, name: "", document_kind: "resident_id", document: "", phone: "", phone_verified: false,
    resident: true, special: [], papers: [], destination: null, stays: null, ...given };
}

/** Where a person was: the own account, or the one of all aboard. @param {ArrivalEntered} entered @param {PersonEntered} person */
export function staysOf(entered, person) {
  return person.stays ?? entered.stays;
}

/**
 * A plate as it is written: the home province's sign goes before one that begins with a letter.
 * @param {string} typed @param {string} province its two digits, such as 14
 */
export function plateTyped(typed, province) {
  const text = typed.normalize("NFKC").trim().toUpperCase();
  return /^[A-HJ-NP-Z][A-Z0-9]{5,6}$/.test(text) ? (SIGNS[province] ?? "") + text : text;
}

/**
 * Days that the rules look back, the longest of their inputs.
 * @param {{lookback_days: number|null}[]} inputs of a pack's table
 */
export function lookbackOf(inputs) {
  return Math.max(0, ...inputs.map((input) => input.lookback_days ?? 0)) || LOOKBACK_DAYS_DEFAULT;
}

/**
 * All that is wrong or missing, in the order of the screen.
 * @param {ArrivalEntered} entered
 * @param {{today: string, isListed: (stay: StayEntered) => boolean, towns: Set<string>}} known
 *   isListed: whether the list in force names places in that county, which must be asked about
 * @returns {Problem[]}
 */
export function problemsOf(entered, known) {
  return [
    ...vehicleProblems(entered), ...destinationProblems(entered, known.towns),
    ...entered.stays.flatMap((stay, at) => stayProblems(stay, `stay${at}`, known)),
    ...peopleProblems(entered, known),
  ];
}

/** @param {ArrivalEntered} entered @returns {Problem[]} */
function vehicleProblems(entered) {
  if (entered.conveyance === FOOT || entered.is_stopped) return [];
  const { occupants, seats } = entered;
  return [
    ...refusedAt("plate", () => checkPlate(entered.plate)),
    ...refusedAt("trailer_plate", () => checkTrailerPlate(entered.trailer_plate, entered.plate)),
    ...(occupants === null || !(occupants >= 1 && occupants <= 200) ? [{ field: "occupants", code: "gate_occupants" }] : []),
    ...(seats !== null && !(seats >= 1 && seats <= 200) ? [{ field: "seats", code: "gate_seats" }] : []),
  ];
}

/** @param {ArrivalEntered} entered @param {Set<string>} towns @returns {Problem[]} */
function destinationProblems(entered, towns) {
  const needs = entered.people.some((person) => person.destination === null) || !entered.people.length;
  return needs && !towns.has(entered.destination) ? [{ field: "destination", code: "gate_destination" }] : [];
}

/** @param {StayEntered} stay @param {string} field @param {{today: string, isListed: (stay: StayEntered) => boolean}} known @returns {Problem[]} */
function stayProblems(stay, field, { today, isListed }) {
  const alone = stay.ticked.some((key) => key === NONE_OF_THESE || key === NOT_SAID);
  const code = !stay.code ? "gate_county" : !stay.since || !stay.until ? "gate_days"
    : stay.since > stay.until || stay.until > today ? "gate_days_order"
    : isListed(stay) && !stay.ticked.length ? "gate_places"
    : alone && stay.ticked.length > 1 ? "gate_places_alone" : null;
  return code ? [{ field, code }] : [];
}

/** @param {ArrivalEntered} entered @param {{today: string, isListed: (stay: StayEntered) => boolean, towns: Set<string>}} known @returns {Problem[]} */
function peopleProblems(entered, known) {
  if (!entered.people.length) return [{ field: "scan", code: "gate_nobody" }];
  return entered.people.flatMap((person) => personProblems(person, known));
}

/**
 * What is wrong with one person's own fields.
 * @param {PersonEntered} person @param {{today: string, isListed: (stay: StayEntered) => boolean, towns: Set<string>}} known
 * @returns {Problem[]}
 */
export function personProblems(person, known) {
  const at = (/** @type {string} */ name) => `person:${person.id}:${name}`;
  return [
    ...(person.name.trim() ? [] : [{ field: at("name"), code: "gate_name" }]),
    ...(person.document ? refusedAt(at("document"), () => readDocument(person.document_kind, person.document, known.today)) : []),
    ...(person.phone.trim() ? refusedAt(at("phone"), () => checkPhone(person.phone)) : []),
    ...(person.destination !== null && !known.towns.has(person.destination) ? [{ field: at("destination"), code: "gate_destination" }] : []),
    ...(person.stays ?? []).flatMap((stay, n) => stayProblems(stay, at(`stay${n}`), known)),
  ];
}

/** @param {string} field @param {() => unknown} check @returns {Problem[]} */
function refusedAt(field, check) {
  try {
    check();
    return [];
  } catch (error) {
    if (!(error instanceof PaperRefused)) throw error;
    return [{ field, code: `refusal.${error.code}`, params: Object.fromEntries(error.params) }];
  }
}

/**
 * The stays as a fact says them: one for each place ticked, from the first day's beginning to the
 * last day's end, never beyond now.
 * @param {StayEntered[]} stays @param {number} now @param {import("./schedule.js").Zone} zone
 */
export function staysTold(stays, now, zone) {
  return stays.flatMap((stay) => {
    const span = { since: iso(zone.midnight(dayOf(stay.since))),
      until: iso(Math.min(zone.midnight(dayOf(stay.until) + 1), now)) };
    const areas = stay.ticked.length ? stay.ticked : [NONE_OF_THESE];
    return areas.map((area) => ({ division: stay.code, area: area === NOT_SAID ? null : area, ...span }));
  });
}

/** @param {string} text "2022-08-20" */
function dayOf(text) {
  return Date.parse(`${text}T00:00:00Z`) / DAY_MS;
}

/** @param {number} at */
function iso(at) {
  return new Date(at).toISOString();
}

/**
 * What is decided about a person before anything is said: body and moment of their arrival.
 * @param {ArrivalEntered} entered @param {PersonEntered} person
 * @param {{post: string, now: number, zone: import("./schedule.js").Zone, province: string}} known
 *   province: the home province's two digits
 */
export function personBody(entered, person, { post, now, zone, province }) {
  const stays = staysOf(entered, person);
  return {
    person: person.id, post, vehicle: entered.conveyance === FOOT ? null : entered.vehicle,
    conveyance: entered.conveyance, resident: person.resident,
    from_outside_province: stays.some((stay) => stay.code && !stay.code.startsWith(province)),
    destination: person.destination ?? entered.destination,
    stays: staysTold(stays.filter((stay) => stay.code), now, zone), special: person.special,
    phone_verified: person.phone_verified, papers: person.papers, expected: person.expected,
  };
}

/**
 * The facts of an arrival, the vehicle's first. Call it when `problemsOf` names nothing.
 * @param {ArrivalEntered} entered
 * @param {{post: string, now: number, zone: import("./schedule.js").Zone, province: string, today: string, id: () => string}} known
 * @returns {Said[]}
 */
export function factsOf(entered, known) {
  /** @type {Said[]} */
  const said = [];
  if (entered.conveyance !== FOOT && !entered.is_stopped) {
    said.push({ kind: "checkpoint.vehicle_arrived", id: known.id(), body: {
      vehicle: entered.vehicle, post: known.post, plate: checkPlate(entered.plate),
      trailer_plate: checkTrailerPlate(entered.trailer_plate, entered.plate), lane: entered.lane || "1",
      seats: entered.seats, occupants: entered.occupants, boot_checked: entered.boot_checked,
      conveyance: entered.conveyance } });
  }
  for (const person of entered.people) {
    said.push({ kind: "checkpoint.person_arrived", id: known.id(),
      body: personBody(entered, person, known), sealed: { [person.id]: identityOf(person, known.today) } });
  }
  return said;
}

/** The personal part, as it is sealed. @param {PersonEntered} person @param {string} today */
function identityOf(person, today) {
  const paper = person.document ? readDocument(person.document_kind, person.document, today) : null;
  const told = { name: person.name.trim(), document_kind: paper?.kind, document: paper?.number,
    phone: person.phone.trim() ? checkPhone(person.phone) : undefined,
    birth_date: paper?.birth_date ?? undefined, sex: paper?.sex ?? undefined };
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined && value !== ""));
}

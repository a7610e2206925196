// @ts-check
/** Which screens there are, for whom, and where their code is. The first line of a role opens first. */

/**
 * A screen's module has `open(app, root, rest)`; what it returns is told when the screen is left.
 * `scan(scan)` hears what a reader typed while it is shown; `keep()` keeps what is being typed.
 * @typedef {{scan?: (scan: import("../core/scans.js").Scan) => void, keep?: () => Promise<any>, close?: () => void}} Open
 * @typedef {{open(app: import("./shell.js").App, root: HTMLElement, rest: string[]): Promise<Open|void>}} ScreenModule
 * @typedef {{name: string, roles: string[]|null, load: () => Promise<ScreenModule>, hidden?: boolean,
 *   setup?: boolean}} Screen
 *   roles: whose work it is (null: everybody's); hidden: not on the first page; setup: found on the
 *   device's page, for what is set up once (camera, labels).
 */

/** Who has an account in hand (pratique/custody/facts.py). */
const HOLDERS = ["gate_officer", "sampler", "courier", "crew", "site_head", "township_clerk", "laboratory"];

/** @type {Screen[]} */
export const SCREENS = [
  { name: "gate", roles: ["gate_officer"], load: () => import("./gate.js") },
  { name: "round", roles: ["site_head", "township_clerk"], load: () => import("./round.js") },
  { name: "visit", roles: ["township_clerk", "site_head"], load: () => import("./visit.js") },
  { name: "places", roles: ["site_head", "township_clerk"], load: () => import("./places.js") },
  { name: "board", roles: ["crew", "dispatcher"], load: () => import("./board.js") },
  { name: "lanes", roles: ["gate_officer"], load: () => import("./lanes.js") },
  { name: "count", roles: ["gate_officer", "sampler", "courier", "laboratory", "dispatcher", "crew", "township_clerk",
    "site_head"], load: () => import("./count.js") },
  { name: "sample", roles: ["sampler", "gate_officer", "site_head", "township_clerk"], load: () => import("./sample.js") },
  { name: "bag", roles: ["sampler", "gate_officer", "site_head", "township_clerk"], load: () => import("./bag.js") },
  { name: "handover", roles: HOLDERS, load: () => import("./handover.js") },
  { name: "receive", roles: HOLDERS, load: () => import("./receive.js") },
  { name: "labels", roles: ["sampler", "gate_officer", "site_head", "township_clerk", "laboratory"], load: () => import("./labels.js") },
  { name: "home", roles: null, hidden: true, load: () => import("./home.js") },
  { name: "outbox", roles: null, load: () => import("./outbox.js") },
  { name: "shift", roles: null, load: () => import("./shift.js") },
  { name: "relief", roles: null, hidden: true, load: () => import("./relief.js") },
  { name: "device", roles: null, load: () => import("./device.js") },
  { name: "revoked", roles: null, hidden: true, load: () => import("./revoked.js") },
];

/** @param {string} name */
export function screenNamed(name) {
  return SCREENS.find((screen) => screen.name === name) ?? null;
}

/** What a device with these roles is for. @param {string[]} roles */
export function screensFor(roles) {
  return SCREENS.filter((screen) => !screen.hidden
    && (screen.roles === null || screen.roles.some((role) => roles.includes(role))));
}

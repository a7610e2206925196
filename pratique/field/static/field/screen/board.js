// @ts-check
/** Trips (`#/board`) and one trip's boarding list (`#/board/<trip>`): who is aboard, who is missing by name. */

import { disinfected, isUnclean, stateOf } from "../core/boarding.js";
import { saidOf } from "../store/said.js";
import { Boarding } from "./board/list.js";
import { el, fill, mark, one } from "./dom.js";
import { moment, say, sayCount } from "./words.js";

const KINDS = ["transfer.trip_departed", "transfer.trip_arrived", "transfer.vehicle_disinfected"];

/** @param {import("./shell.js").App} app @param {HTMLElement} root @param {string[]} rest */
export async function open(app, root, [trip]) {
  const board = trip ? new Boarding(app, root, trip) : new Trips(app, root);
  await board.begin();
  const again = () => { board.read().catch((error) => app.refuse(error)); };
  app.watchers.add(again);
  return { scan: (scan) => board.scan(scan), keep: () => board.keep(),
    close: () => { board.isClosed = true; app.watchers.delete(again); } };
}

class Trips {
  /** @param {import("./shell.js").App} app @param {HTMLElement} root */
  constructor(app, root) {
    this.app = app;
    this.root = root;
    this.isClosed = false;
    this.drawn = "";
  }

  begin() {
    fill(this.root, "board");
    return this.read();
  }

  keep() { return Promise.resolve(); }

  scan() {
    this.app.feedback(false);
    this.app.toast(say("board_choose"), "hold");
  }

  async read() {
    const { app, root } = this;
    const said = await saidOf(app.store, app.device, KINDS);
    const trips = app.rolls?.roll?.trips ?? [];
    const drawn = JSON.stringify([trips, said]);
    if (this.isClosed || drawn === this.drawn) return;
    this.drawn = drawn;
    one(root, "#board-none").hidden = trips.length > 0;
    one(root, "#board-trips").replaceChildren(...trips.map((trip) => this.tile(trip, said)));
    const vehicles = [...new Set([...app.unit?.kind === "crew" ? [app.unit.code] : [],
      ...said.map(({ body }) => body.vehicle)])].filter((vehicle) => isUnclean(said, vehicle));
    one(root, "#board-unclean").replaceChildren(...vehicles.map((vehicle) => this.unclean(vehicle)));
  }

  /** @param {import("../core/roll.js").Trip} trip @param {import("../store/said.js").Said[]} said */
  tile(trip, said) {
    const { state } = stateOf(trip, said);
    return el("li", {}, el("a", { class: "tile", href: `#/board/${trip.id}` },
      el("b", { text: say("board_way", { plate: trip.plate ?? this.app.unitName(trip.vehicle), to: this.app.unitName(trip.destination) }) }),
      el("span", { class: "small", text: say("board_when", { time: moment(trip.depart_at), from: this.app.unitName(trip.origin) }) }),
      mark({ planned: "none", departed: "watch", arrived: "go" }[state] ?? "none", `${say(`board_${state}`)} · ${sayCount("gate_people", trip.passengers.length)}`)));
  }

  /** @param {string} vehicle */
  unclean(vehicle) {
    const button = el("button", { type: "button", class: "go", text: say("board_disinfected") });
    this.app.wire(button, async () => {
      await this.app.say([disinfected(vehicle)]);
      this.app.feedback(true);
      this.app.toast(say("board_disinfected_saved"));
      await this.read();
    });
    return el("li", { class: "is-hold" }, el("b", {}, mark("hold", say("board_unclean", { vehicle: this.app.unitName(vehicle) }))), button);
  }
}

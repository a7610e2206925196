// @ts-check
/** What became of this device's entries after their receipts, as rolls told it. */

import { el, mark, one } from "./dom.js";
import { isKnown, LANGUAGE, moment, say, sayCount } from "./words.js";

/**
 * Fills the part of the outbox's page; what is shown there is read.
 * @param {import("./shell.js").App} app @param {HTMLElement} root
 */
export function showNews(app, root) {
  const section = root.querySelector("#news");
  const news = app.rolls?.news;
  if (!section || !news) return;
  const fates = [...news.fates].reverse();
  /** @type {HTMLElement} */ (section).hidden = !fates.length && !news.findings.length;
  one(section, "#news-list").replaceChildren(
    ...news.findings.map((finding) => itemOf(finding, "hold", say("news_open"), finding.opened_at)),
    ...fates.map((fate) => itemOf(fate, SHAPES[fate.status] ?? "hold", say(`news_${fate.status}`), fate.at)));
  const more = one(section, "#news-more");
  more.hidden = !news.left_out;
  more.textContent = news.left_out ? sayCount("news_left_out", news.left_out) : "";
  if (news.unread.length) app.rolls?.markRead();
}

const SHAPES = { applied: "go", disputed: "hold", quarantined: "stop" };

/** @param {any} one @param {string} shape @param {string} what @param {string} at */
function itemOf(one, shape, what, at) {
  const said = one.words?.[LANGUAGE.toLowerCase()] ?? one.words?.en ?? null;
  const title = [one.seq && say("entry", { seq: one.seq }), what, said?.title].filter(Boolean).join(": ");
  const kind = isKnown(`kind.${one.kind}`) ? say(`kind.${one.kind}`) : one.kind;
  const where = [kind, moment(at), one.rule && say("rule", { rule: one.rule })].filter(Boolean).join(" · ");
  return el("li", { class: `is-${shape}` }, el("b", {}, mark(shape, title)),
    said?.sentence ? el("p", { text: said.sentence }) : null, el("p", { class: "small soft ref", text: where }));
}

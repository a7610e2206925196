"""The drill's report as one page that needs nothing else: figures, the flow drawn, the faults."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from html import escape
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from pratique.drill.moments import local

# The flow's stations: key -> (x, y) of its box's centre in the drawing.
BOXES = {
    "outside": (80, 180), "post": (270, 180), "coach": (460, 80), "site": (660, 50),
    "town": (660, 180), "point": (390, 340), "courier": (660, 370), "lab": (870, 370),
    "away": (890, 120),
}
WIDTH, HEIGHT, BOX_WIDTH, BOX_HEIGHT = 980, 430, 118, 46
KIND_CLASS = {"person": "p", "vehicle": "v", "specimen": "s"}
STYLE = """
:root{color-scheme:light dark;--line:#8884;--good:#176f2c;--bad:#b3261e;--p:#1d5fa8;--v:#7a5a00;
--s:#7b2d8e}
@media (prefers-color-scheme:dark){:root{--good:#7bd389;--bad:#ff8a80;--p:#8fbdf5;--v:#e0c067;
--s:#d7a3e6}}
body{font:16px/1.5 system-ui,"Noto Sans SC",sans-serif;max-width:62rem;margin:2rem auto;
padding:0 1rem}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}
th,td{text-align:left;padding:.25rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
.good{color:var(--good)}.bad{color:var(--bad);font-weight:600}
.wide{overflow-x:auto}svg{min-width:46rem;width:100%;height:auto}
svg rect{fill:Canvas;stroke:currentColor;stroke-width:1.5}svg text{fill:currentColor;font-size:14px}
svg .p{stroke:var(--p)}svg .v{stroke:var(--v)}svg .s{stroke:var(--s)}
svg path{fill:none;stroke-linecap:round}
svg text.p,svg text.v,svg text.s{stroke:Canvas;stroke-width:4;paint-order:stroke}
svg text.p{fill:var(--p)}
svg text.v{fill:var(--v)}svg text.s{fill:var(--s)}
"""


def page(data: Mapping[str, Any]) -> str:
    """The report as HTML, in the active language. `data`: what the JSON file holds."""
    asked = data["asked"]
    title = _("Drill: seed %(seed)s, %(days)s days, %(vehicles)s vehicles a day") % asked
    held = _("The drill held.") if data["held"] else _("The drill did NOT hold.")
    mark = "✓" if data["held"] else "✗"
    parts = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="{"good" if data["held"] else "bad"}">{mark} {escape(held)}</p>',
        _shortcomings(data), _figures(data), f"<h2>{escape(_('The flow'))}</h2>", _flow(data),
        f"<h2>{escape(_('What went wrong on purpose'))}</h2>", _faults(data),
        f"<h2>{escape(_('Releases by measure'))}</h2>", _releases(data),
        f"<h2>{escape(_('Balances'))}</h2>", _balances(data),
    ]
    language = get_language() or "en"
    return (f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            f"<title>{escape(title)}</title><style>{STYLE}</style><body>{''.join(parts)}")


def _table(heads: Iterable[str], rows: Iterable[Iterable[Any]], numbers: int = 0) -> str:
    """A table; its last `numbers` columns are numbers."""
    names = list(heads)
    first = len(names) - numbers

    def cells(tag: str, row: Iterable[Any]) -> str:
        return "".join(
            f'<{tag}{" class=n" if place >= first else ""}>{_cell(value)}</{tag}>'
            for place, value in enumerate(row))

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f'<div class="wide"><table><tr>{cells("th", names)}</tr>{body}</table></div>'


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return '<span class="good">✓</span>' if value else '<span class="bad">✗</span>'
    return escape("" if value is None else str(value))


def _shortcomings(data: Mapping[str, Any]) -> str:
    rows = "".join(f"<li class=bad>{escape(name)}: {count}</li>"
                   for name, count in data["shortcomings"].items())
    return f"<ul>{rows}</ul>" if rows else ""


def _figures(data: Mapping[str, Any]) -> str:
    facts, lost, released = data["facts"], data["unaccounted"], data["released"]
    rows = [
        (_("Arrived"), _("%(persons)s persons, %(vehicles)s vehicles") % data["arrived"]),
        (_("Facts"), _("%(in)s in = %(applied)s applied + %(duplicate)s duplicate + %(parked)s "
                       "parked + %(disputed)s disputed + %(quarantined)s quarantined") % facts),
        (_("Unaccounted"), _("%(persons)s persons, %(vehicles)s vehicles, %(specimens)s "
                             "specimens") % lost),
        (_("Released"), _("%(due)s due, %(on_time)s on time, %(late)s late, %(early)s early")
         % released),
        (_("By the field app"), app_words(data["app"])),
        (_("Laws broken"), data["prove"]["violations"]),
        (_("Differences of the rebuild"), data["rebuild"]["differences"]),
        (_("Wall time, seconds"), data["seconds"]["whole"]),
    ]
    return _table((_("Figure"), _("Value")), rows)


def app_words(app: Mapping[str, Any]) -> str:
    """What went by the field app's own code, or why nothing did, in one sentence."""
    match app["why_not"]:
        case "no_browser":
            return _("no gate played by the field app: no Chromium that starts was found")
        case "not_secure":
            return _("no gate played by the field app: a browser lets it store and send only over "
                     "https, or on the same machine")
    return _("gates played by the field app: %(gates)s; %(facts)s facts in %(calls)s calls, "
             "%(answers_lost)s answers lost on their way, %(resent)s facts sent again, %(lost)s "
             "lost, %(doubled)s doubled") % {**app, "gates": ", ".join(app["gates"])}


def _faults(data: Mapping[str, Any]) -> str:
    names = fault_names()
    rows = [(names.get(f["kind"], f["kind"]), _moment(f["planted_at"]),
             _moment(f["shown_at"]) or _("NOT SHOWN"), f["where"], f["shown_at"] is not None)
            for f in data["faults"]]
    return _table((_("Fault"), _("Planted"), _("Shown"), _("Shown where"), ""), rows)


def _moment(text: str | None) -> str:
    """A moment of the JSON as the county's clocks showed it."""
    return f"{local(datetime.fromisoformat(text)):%m-%d %H:%M}" if text else ""


def _releases(data: Mapping[str, Any]) -> str:
    names = {"central_isolation": _("central isolation"), "home_isolation": _("home isolation"),
             "home_health_monitoring": _("home health monitoring"),
             "self_monitoring": _("self-monitoring"), "none": _("no measure")}
    rows = [(names.get(measure, measure), t["due"], t["on_time"], t["late"], t["early"])
            for measure, t in data["released"]["by_measure"].items()]
    return _table((_("Measure"), _("Were due"), _("On time"), _("Late"), _("Early")), rows, 4)


def _balances(data: Mapping[str, Any]) -> str:
    kinds = {"person": _("persons"), "vehicle": _("vehicles"), "specimen": _("specimens")}
    rows = [(r["account"], kinds.get(r["kind"], r["kind"]), r["opening"],
             r["came_in"], r["went_out"], r["on_hand"], r["on_hand_by_api"], r["balances"])
            for r in data["balances"]]
    return _table((_("Account"), _("Of what"), _("Opening"), _("Came in"), _("Went out"),
                   _("On hand"), _("On hand, says the API"), ""), rows, 6)


def fault_names() -> dict[str, str]:
    """The planted faults in the reader's words."""
    return {
        "vehicle_not_registered": _("a vehicle that was counted and never registered"),
        "passenger_not_on_list": _("a passenger who is not on the list"),
        "tube_lost_before_laboratory": _("a tube lost between bag and laboratory"),
        "bus_delivers_one_short": _("a bus that delivers one person fewer than it took"),
        "device_comes_back": _("a device that comes back after a long time without network"),
        "same_person_at_two_gates": _("the same person at two gates"),
        "result_for_unknown_tube": _("a result for an unknown tube"),
        "positive": _("a positive result"),
        "released_too_early": _("an attempt to release somebody too early"),
        "stale_second_offer": _("a second offer from an old page"),
        "malformed_fact": _("a malformed fact amid good ones"),
        "id_used_twice": _("an id used twice"),
    }


# ── the drawing ──────────────────────────────────────────────────────────────────────────────────
def _flow(data: Mapping[str, Any]) -> str:
    """Who gave how many to whom, summed over accounts of a kind: thicker lines for more."""
    flows: Counter[tuple[str, str, str]] = Counter()
    taken: Counter[str] = Counter()
    for row in data["flows"]:
        giver, taker = _station(row["giver"]), _station(row["taker"])
        if giver == "outside" and row["kind"] == "specimen":
            taken[taker] += row["count"]  # a tube begins where it is collected
            continue
        if taker == "outside":
            taker = "away"
        flows[giver, taker, row["kind"]] += row["count"]
    lines = [_arrow(giver, taker, kind, count)
             for (giver, taker, kind), count in sorted(flows.items())
             if giver in BOXES and taker in BOXES and giver != taker]
    names = {"outside": _("outside"), "post": _("posts"), "coach": _("coaches"),
             "site": _("isolation sites"), "town": _("townships"), "point": _("sampling points"),
             "courier": _("couriers"), "lab": _("laboratories"), "away": _("left the loop")}
    boxes = [
        f'<rect x="{x - BOX_WIDTH // 2}" y="{y - BOX_HEIGHT // 2}" width="{BOX_WIDTH}" '
        f'height="{BOX_HEIGHT}" rx="6"/><text x="{x}" y="{y + 5}" text-anchor="middle">'
        f"{escape(names[key])}</text>{_swabs(x, y, taken[key])}" for key, (x, y) in BOXES.items()]
    told = [(_("persons"), "p"), (_("vehicles"), "v"), (_("specimens"), "s")]
    legend = "".join(f'<text class="{cls}" x="{20 + 110 * n}" y="{HEIGHT - 8}">● {escape(word)}'
                     "</text>" for n, (word, cls) in enumerate(told))
    label = escape(_("The flow"))
    paths, labels = ("".join(line[part] for line in lines) for part in (0, 1))
    return (f'<div class="wide"><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            f'aria-label="{label}">{paths}{"".join(boxes)}{labels}{legend}</svg></div>')


def _swabs(x: int, y: int, count: int) -> str:
    """How many tubes were collected at a station, below its box."""
    if not count:
        return ""
    return (f'<text class="s" x="{x}" y="{y + BOX_HEIGHT // 2 + 15}" text-anchor="middle" '
            f'font-size="12">+{count}</text>')


def _station(account: str) -> str:
    return account.split("-", maxsplit=1)[0]


def _arrow(giver: str, taker: str, kind: str, count: int) -> tuple[str, str]:
    """A line and, to be drawn above everything, how many went along it."""
    (x1, y1), (x2, y2) = BOXES[giver], BOXES[taker]
    shift = {"person": -12, "vehicle": 14, "specimen": 4}[kind]
    bend = {"person": -26, "vehicle": 34, "specimen": 18}[kind]
    half = BOX_WIDTH / 2 + 4
    start, end = (x1 + half, y1 + shift), (x2 - half, y2 + shift)
    if x2 <= x1:
        start, end = (x1, y1 - BOX_HEIGHT / 2 - 2), (x2, y2 - BOX_HEIGHT / 2 - 2)
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2 + bend)
    if x1 == x2:  # one above the other: round the right-hand side
        start, end = (x1 + half - 4, y1 + 12), (x2 + half - 4, y2 - 12)
        middle, bend = (x1 + half + 90, (y1 + y2) / 2), 0
    width = min(9.0, 1.0 + count ** 0.5 / 14)
    cls = KIND_CLASS[kind]
    return (f'<path class="{cls}" stroke-width="{width:.1f}" d="M{start[0]:.0f} {start[1]:.0f} '
            f'Q{middle[0]:.0f} {middle[1]:.0f} {end[0]:.0f} {end[1]:.0f}"/>',
            f'<text class="{cls}" x="{middle[0]:.0f}" y="{middle[1] - bend / 2 - 4:.0f}" '
            f'text-anchor="middle" font-size="12">{count}</text>')

"""`pratique seed`"""

import argparse
from datetime import datetime
from typing import Any

from pratique.cli.show import add_json, progress, result, say
from pratique.cli.words import _

help = _("fill this county with the example: Xing County, August 2022")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--staff-passwords", action="store_true",
        help=_("draw new one-time passwords for the example's accounts"),
    )
    parser.add_argument(
        "--no-passwords", action="store_true", help=_("leave the example's accounts closed")
    )
    parser.add_argument(
        "--device-tokens", action="store_true", help=_("print the example devices' tokens, too")
    )
    parser.add_argument(
        "--lists-until", metavar="TIME", type=moment, default=None,
        help=_("only risk lists published by then, e.g. 2022-08-20T06:00+08:00"),
    )
    add_json(parser)


def moment(text: str) -> datetime:
    """A time with its zone, for argparse. Raises ArgumentTypeError."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise argparse.ArgumentTypeError(
            _("“%(text)s” is no time with a zone, like 2022-08-20T06:00+08:00") % {"text": text})
    return at


def run(options: argparse.Namespace) -> int:
    """Repeating it changes nothing; passwords are printed only when they are made."""
    from pratique.desks.ledger import forget_passwords
    from pratique.feeds import county, risk_areas
    from pratique.feeds.passwords import give_passwords
    from pratique.journal import vault
    from pratique.journal.fact import STATUSES

    example = county.read_county()
    keys = vault.county_keys()
    files = risk_areas.shipped_files()
    counts = dict.fromkeys(("in", *STATUSES), 0)
    with progress() as bar:
        task = bar.add_task(_("Example county"), total=1 + len(files))
        _add(counts, _recorded(example.facts(keys)))
        for file in files:
            bar.advance(task)
            fact = risk_areas.read_list(file).fact
            if options.lists_until is None or fact.at <= options.lists_until:
                _add(counts, _recorded([fact]))
    passwords = {} if options.no_passwords else give_passwords(
        example.accounts(), anew=options.staff_passwords)
    forget_passwords([a.staff for a in example.accounts() if a.username in passwords])
    data = {"facts": counts, "accounts": _accounts(example.accounts(), passwords)}
    if options.device_tokens:
        data["devices"] = [
            {"device": str(d.device), "name": d.name, "unit": d.unit, "roles": list(d.roles),
             "token": county.device_token(keys, d)} for d in example.devices()]
    result(options, data, _words(data))
    return 0 if counts["in"] == counts["applied"] + counts["duplicate"] else 1


def _add(counts: dict[str, int], more: dict[str, int]) -> None:
    for status, count in more.items():
        counts[status] += count


def _recorded(facts: list[Any]) -> dict[str, int]:
    """Record one part as the system's own word; a refusal is said aloud."""
    from pratique.journal.fact import Actor
    from pratique.journal.record import record
    from pratique.kit.doors import now

    batch = record(facts, actor=Actor.system(), now=now(), source="seed")
    for fact, receipt in zip(facts, batch.receipts, strict=True):
        if receipt.status not in ("applied", "duplicate"):
            say(f"{fact.kind}: {receipt.status}: {receipt.text()} ({receipt.rule})")
    return batch.counts()


def _accounts(accounts: list[Any], passwords: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {"role": a.role, "username": a.username, "unit": a.unit,
         "password": passwords.get(a.username)} for a in accounts]


def _words(data: dict[str, Any]) -> list[str]:
    counts = data["facts"]
    lines = [_("%(applied)s facts recorded, %(duplicate)s were there already.") % counts]
    fresh = [a for a in data["accounts"] if a["password"]]
    if fresh:
        lines += ["", _("Sign in with one of these. Each password is good once; this is the only "
                        "time that they are shown.")]
        lines += [f"  {a['username']:<15} {a['password']}   {a['role']}"
                  f"{' @ ' + a['unit'] if a['unit'] else ''}" for a in fresh]
    for device in data.get("devices", ()):
        lines.append(f"  {device['name']:<22} {device['token']}")
    return lines

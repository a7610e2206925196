"""`pratique import-risk-areas FILES…`"""

import argparse
from pathlib import Path
from typing import Any

from pratique.cli.show import add_json, progress, result, say
from pratique.cli.words import _

help = _("import published lists of risk areas, oldest first")
TIERS = ("high", "medium", "low")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help=_("lists as JSON"))
    parser.add_argument(
        "--publisher", default=None, help=_("who published them, when not the national commission")
    )
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Files are read first and recorded in the order of their stamps. Exit code 1 when one was
    refused; the others are imported all the same."""
    from pratique.feeds.risk_areas import PUBLISHER, read_list
    from pratique.kit.errors import Refusal

    publisher = options.publisher or PUBLISHER
    read, rows = [], []
    with progress() as bar:
        task = bar.add_task(_("Risk lists"), total=2 * len(options.files))
        for file in options.files:
            try:
                read.append(read_list(file, publisher))
            except Refusal as refusal:
                rows.append(_refused(file, refusal.code, str(refusal), refusal.rule))
            except OSError as error:
                rows.append(_refused(file, "unreadable", error.strerror or "", "feeds.file"))
            bar.advance(task)
        for each in sorted(read, key=lambda one: one.risk_list.stamp_at):
            rows.append(_imported(each))
            bar.advance(task)
    done = [row for row in rows if row["status"] in ("applied", "duplicate")]
    for row in rows:
        if row not in done:
            say(f"{row['file']}: {row['sentence']} ({row['rule']})")
        elif not row["totals_agree"]:
            say(_("%(file)s: the publisher's totals differ from what the list names; a finding is "
                  "open.") % {"file": row["file"]})
    data = {"files": len(rows), "imported": len(done), "refused": len(rows) - len(done),
            "lists": rows}
    result(options, data, [_words(row) for row in done])
    return 1 if data["refused"] else 0


def _imported(each: Any) -> dict[str, Any]:
    from pratique.journal.fact import Actor
    from pratique.journal.record import record
    from pratique.kit.doors import now

    batch = record([each.fact], actor=Actor.system(), now=now(), source="import-risk-areas")
    receipt = batch.receipts[0]
    risk_list = each.risk_list
    return {
        "file": each.file, "status": receipt.status, "code": receipt.code,
        "sentence": receipt.text(), "rule": receipt.rule, "stamp": risk_list.stamp_at.isoformat(),
        "published_as": risk_list.stamp,
        "published": dict(risk_list.published), "counted": dict(risk_list.counted),
        "totals_agree": each.totals_agree(), "unmatched_rows": risk_list.unmatched_rows,
        "remarks": [{"code": f.code, "text": f.text} for f in risk_list.findings],
    }


def _refused(file: Path, code: str, sentence: str, rule: str) -> dict[str, Any]:
    return {"file": file.name, "status": "refused", "code": code, "sentence": sentence,
            "rule": rule}


def _words(row: dict[str, Any]) -> str:
    counted = " + ".join(str(row["counted"][tier]) for tier in TIERS)
    words = _("%(stamp)s: %(counted)s areas, %(unmatched)s rows without an official division")
    words %= {"stamp": row["published_as"], "counted": counted,
              "unmatched": row["unmatched_rows"]}
    return words + (_(" (known already)") if row["status"] == "duplicate" else "")

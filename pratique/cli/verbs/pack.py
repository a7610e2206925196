"""`pratique pack`"""

import argparse
from pathlib import Path

from pratique.cli.show import add_json, result
from pratique.cli.words import _

help = _("check protocol packs for gaps, overlaps and examples that contradict them")
NEEDS = "nothing"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=("check", "list"),
                        help=_("look for what is wrong in packs, or name those that are shipped"))
    parser.add_argument("folders", nargs="*", type=Path, default=[], metavar="FOLDER",
                        help=_("packs to look at (default: those that are shipped)"))
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    from pratique.protocol.check import check_pack
    from pratique.protocol.pack import PACKS, shipped

    if options.what == "list":
        packs = [{"id": p.id, "version": str(p.version), "title_en": p.title_en,
                  "title_zh": p.title_zh}
                 for p in shipped().values()]
        words = [f"{p['id']}  {p['title_zh']} · {p['title_en']}" for p in packs]
        result(options, {"packs": packs}, words)
        return 0
    folders = options.folders or sorted(f for f in PACKS.iterdir() if (f / "pack.toml").exists())
    problems = [(folder, p) for folder in folders for p in check_pack(folder)]
    data = {"packs": [str(f.name) for f in folders], "problems": [
        {"pack": folder.name, "code": p.code, "file": p.file, "where": p.where,
         "sentence": p.sentence} for folder, p in problems]}
    words = [f"{folder.name}/{p.file} {p.where}: {p.sentence}" for folder, p in problems]
    words.append(_("%(packs)s packs, %(problems)s problems") % {
        "packs": len(folders), "problems": len(problems)})
    result(options, data, words)
    return 1 if problems else 0

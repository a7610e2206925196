"""News for a device: what became of its facts after their receipts.

Two kinds. *Fates* are told once each, in an order that only grows; the device says up to where it
has heard (`since`). *Findings* are what is open now, told whole every time, so that one that a
person has closed goes away by itself.
"""

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from pratique.api.answers import Refused
from pratique.desks import finding_words
from pratique.journal import queries as journal
from pratique.kit.errors import Refusal
from pratique.registry import queries as registry

FATES_MAX = 200  # a page; `more` says that there are others
FINDINGS_MAX = 200
HANDOVER_FINDINGS = ("handover_refused", "handover_expired", "handover_withdrawn")
CURSOR_LENGTH_MAX = 80
Names = dict[str, dict[str, str]]
"""Units by code, in each language."""
_CURSOR = re.compile(r"([0-9a-f]{32})\.([0-9]{1,18})\.([0-9]{1,18})", re.ASCII)


def news(
    device: UUID, unit: str, epoch: UUID, since: str | None, units: Sequence[registry.Unit]
) -> dict[str, Any]:
    """{"fates", "more", "next", "findings", "findings_left_out"} for this device.

    since: `next` of what the device has heard, None for everything. Another life of the database
    has other cursors: then everything is told again. Raises Refused for what is no cursor.
    """
    after, names = _after(since, epoch), _names(units)
    found = journal.fates(device, after=after, limit=FATES_MAX + 1)
    told = found[:FATES_MAX]
    open_ones, count = journal.caused(
        device, owner=unit, codes=HANDOVER_FINDINGS, limit=FINDINGS_MAX)
    transaction, number = told[-1].place if told else after
    return {
        "fates": [_fate(one, names) for one in told], "more": len(found) > FATES_MAX,
        "next": f"{epoch.hex}.{transaction}.{number}",
        "findings": [_finding(one, names) for one in open_ones],
        "findings_left_out": count - len(open_ones),
    }


def _after(since: str | None, epoch: UUID) -> tuple[int, int]:
    if since is None:
        return journal.BEFORE_ALL
    read = _CURSOR.fullmatch(since[:CURSOR_LENGTH_MAX + 1])
    if read is None:
        raise Refused(400, Refusal(
            "cursor_malformed", _("This is no mark up to which news were heard. Ask without it."),
            "field.news_cursor"))
    life, transaction, number = read.groups()
    return (int(transaction), int(number)) if life == epoch.hex else journal.BEFORE_ALL


def _names(units: Sequence[registry.Unit]) -> Names:
    return {language: {u.code: u.name_zh if language.startswith("zh") else u.name_en
                       for u in units} for language, _name in settings.LANGUAGES}


def _fate(one: journal.Fate, names: Names) -> dict[str, Any]:
    told: dict[str, Any] = {"fact": one.fact, "seq": one.seq, "kind": one.kind,
                            "status": one.status, "at": one.at}
    if one.code is not None:
        told |= {"code": one.code, "rule": one.rule,
                 "words": _words(one.code, one.params or "{}", names)}
    return told


def _finding(one: journal.Caused, names: Names) -> dict[str, Any]:
    return {"id": one.id, "fact": one.fact, "own": bool(one.own),
            "seq": one.seq if one.own else None, "kind": one.kind, "code": one.code,
            "rule": one.rule, "subject": one.subject, "opened_at": one.opened_at,
            "words": _words(one.code, one.params, names)}


def _words(code: str, params: str, names: Names) -> dict[str, dict[str, str]]:
    """{language: {"title", "sentence"}}: the page's language may change without a network."""
    read = msgspec.json.decode(params)
    return {language: _said(code, read, language, known) for language, known in names.items()}


def _said(
    code: str, params: dict[str, Any], language: str, known: dict[str, str]
) -> dict[str, str]:
    with translation.override(language):
        said = finding_words.sentence(code, params, lambda text: known.get(text, text))
        return {"title": finding_words.title(code), "sentence": said}

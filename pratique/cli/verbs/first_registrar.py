"""`pratique first-registrar`: where nobody can sign in yet, the one who then enrols the others.

With --leader the first leader, whom no registrar can make.
"""

import argparse
import sys
from datetime import datetime
from typing import Any
from uuid import UUID

from pratique.cli.machine import Trouble
from pratique.cli.show import add_json, result, say
from pratique.cli.words import _

help = _("enrol the registrar of a county in which nobody can sign in yet")
REFUSED = 1
WRONG_USE = 2
REGISTRAR, LEADER = "registrar", "leader"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--leader", action="store_const", dest="role", const=LEADER,
                        default=REGISTRAR,
                        help=_("enrol the county's first leader instead: a leader is made by a "
                               "leader alone, and makes supervisors and epidemiologists"))
    parser.add_argument("--office", default=None,
                        help=_("the office that this person comes from"))
    parser.add_argument("--username", default=None,
                        help=_("the name to sign in with (default: the duty role's)"))
    parser.add_argument("--name", default=None,
                        help=_("the person's own name, kept sealed; asked for when left out"))
    parser.add_argument("--phone", default=None,
                        help=_("the person's telephone number, kept sealed"))
    parser.add_argument("--new-password", action="store_true",
                        help=_("draw another one-time password for somebody enrolled in this way "
                               "who has not signed in yet"))
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """0: enrolled, and the one-time password is shown; 1: refused, and nothing is changed."""
    from pratique.kit.doors import now
    from pratique.registry.queries import held_for_county

    there = held_for_county(options.role)
    if options.new_password:
        data = _renew(there, options, now())
    else:
        _check_none(options.role, there)
        data = _enrol(options, now())
    result(options, data, _words(data))
    return 0


def _check_none(role: str, there: list[tuple[UUID, str]]) -> None:
    if there:
        names = {"names": ", ".join(username for __, username in there)}
        raise Trouble((
            _("This county has a leader (%(names)s), who makes the others at the desk “Staff and "
              "devices”. Nothing was changed.") if role == LEADER else
            _("This county has a registrar (%(names)s), who enrols everybody else at the desk "
              "“Staff and devices”. Nothing was changed.")) % names, REFUSED)


def _enrol(options: argparse.Namespace, now: datetime) -> dict[str, Any]:
    """Say the fact and give the password, both or neither. Raises Trouble."""
    from pratique.desks import ledger
    from pratique.kit.ids import new_id
    from pratique.kit.sql import in_transaction
    from pratique.registry.queries import held_for_county

    role = options.role
    username = role if options.username is None else options.username.strip()
    office = (options.office or "").strip()
    name = _name(options.name) if office else ""
    if not (office and name):
        raise Trouble(_("--office and --name are needed, neither of them empty."), WRONG_USE)
    sealed = {"name": name} | ({"phone": options.phone} if options.phone else {})
    staff = new_id(now)
    with in_transaction():
        body = {"staff": staff, "username": username, "office": office,
                "duties": [{"role": role, "unit": None}]}
        _record(body, sealed, now)
        # The registrars are locked by now: of two that enrol the first one, one is told so.
        _check_none(role, [each for each in held_for_county(role) if each[0] != staff])
        password = _password(staff, now)
        ledger.note_secret(staff, "password", staff=None, unit=None, at=now)
    return {"staff": str(staff), "username": username, "role": options.role, "unit": None,
            "password": password}


def _name(given: str | None) -> str:
    """As given, or a line of standard input: a name in a command stays in the shell's history."""
    if given is not None:
        return given.strip()
    say(_("The person's own name:"))
    return sys.stdin.readline().strip()


def _record(body: dict[str, Any], sealed: dict[str, str], now: datetime) -> None:
    """Record the enrolment as the system's own word. Raises Trouble when it is refused."""
    import msgspec

    from pratique.journal.fact import Actor, Envelope
    from pratique.journal.record import record
    from pratique.kit.ids import new_id

    fact = Envelope(id=new_id(now), kind="registry.staff_enrolled", at=now,
                    body=msgspec.Raw(msgspec.json.encode(body)), sealed={body["staff"]: sealed})
    receipt = record([fact], actor=Actor.system(), now=now, source="first-registrar").receipts[0]
    if receipt.status != "applied":
        raise Trouble(f"{receipt.text()} ({receipt.rule})", REFUSED)


def _password(staff: UUID, now: datetime) -> str:
    from django.contrib.auth.hashers import make_password

    from pratique.desks import ledger
    from pratique.registry.passwords import one_time_password
    from pratique.registry.reduce import set_password

    password = one_time_password()
    set_password(staff, make_password(password))
    ledger.forget_passwords([staff])
    return password


def _renew(
    there: list[tuple[UUID, str]], options: argparse.Namespace, now: datetime
) -> dict[str, Any]:
    """Another one-time password for the only one, before the first was used. Raises Trouble."""
    from pratique.desks import ledger
    from pratique.kit.sql import in_transaction

    if [options.office, options.username, options.name, options.phone] != [None] * 4:
        raise Trouble(_("--new-password goes alone, or with --leader: it changes nothing else."),
                      WRONG_USE)
    if len(there) != 1 or ledger.chose_password(there[0][0]):
        raise Trouble(_("There is nobody here who was enrolled in this way and has not signed in "
                        "yet. New passwords are given at the desk “Staff and devices”."), REFUSED)
    (staff, username), = there
    with in_transaction():
        password = _password(staff, now)
        ledger.note_secret(staff, "password", staff=None, unit=None, at=now)
    return {"staff": str(staff), "username": username, "role": options.role, "unit": None,
            "password": password}


def _words(data: dict[str, Any]) -> list[str]:
    return [
        _("Sign in with this. The password is good once; this is the only time that it is shown."),
        f"  {data['username']:<15} {data['password']}   {data['role']}",
    ]

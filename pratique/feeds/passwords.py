"""One-time passwords for the example's accounts: drawn, printed once, and kept only as a hash."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, make_password

from pratique.feeds.county import Account
from pratique.registry.passwords import one_time_password
from pratique.registry.reduce import set_password

HASHERS = 4


def give_passwords(accounts: Sequence[Account], *, anew: bool = False) -> dict[str, str]:
    """{username: password} for accounts that have none yet, or for all of them `anew`.

    The desks ask for an own password at the first sign-in.
    """
    wanted = accounts if anew else _without(accounts)
    drawn = [one_time_password() for __ in wanted]
    with ThreadPoolExecutor(HASHERS) as pool:  # made to be slow, and they let other threads run
        hashes = list(pool.map(make_password, drawn))
    return {
        account.username: password
        for account, password, hashed in zip(wanted, drawn, hashes, strict=True)
        if set_password(account.staff, hashed)
    }


def _without(accounts: Sequence[Account]) -> list[Account]:
    staff = get_user_model().objects.filter(pk__in=[account.staff for account in accounts])
    none = set(
        staff.filter(password__startswith=UNUSABLE_PASSWORD_PREFIX).values_list("pk", flat=True))
    return [account for account in accounts if account.staff in none]

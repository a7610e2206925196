"""Topic `loop`: what the closed loop must show, one part after another."""

from collections.abc import Callable, Iterator

from pratique.evidence import drills, suites
from pratique.evidence.apart import run_apart
from pratique.evidence.figures import Figure
from pratique.evidence.suites import Suite

SUITES = {
    "attacks": Suite("raw-SQL attacks refused by the database",
                     ("pratique/custody/tests/test_attacks.py",), 12),
    "threads": Suite("2 to 50 threads on one hand-over: one accepts",
                     ("pratique/custody/tests/test_threads.py",), 4),
    "peers": Suite("peers' failures, each by name",
                   ("pratique/custody/tests/test_peers_failures.py",), 11),
    "model": Suite("the reference model and the system agree", ("tests/reference",), 2,
                   (("PRATIQUE_MODEL_EXAMPLES", "150"), ("PRATIQUE_MODEL_STEPS", "60"))),
    "bad-input": Suite("hostile batches and files get a named refusal",
                       ("pratique/api/tests", "pratique/feeds/tests", "pratique/journal/tests"),
                       60),
    "counties": Suite("the rules of scale, in the second of two counties",
                      ("tests/house",), 20),
    "pages": Suite("pages in a browser, both languages, wide and narrow", ("-m", "browser"), 5),
}


def bench() -> Iterator[Figure]:
    """The speeds, in a county of their own, the journal grown to five million facts."""
    __, data = run_apart(["bench", "--inside", "--growth"])
    for row in data.get("figures", [{"name": "bench", "value": 0, "goal": 1}]):
        yield Figure(row["name"], row["value"], row["goal"], row.get("sense", "at least"),
                     row.get("note", ""))


def all_drills() -> Iterator[Figure]:
    for vehicles, days in drills.SIZES:
        for seed in drills.SEEDS:
            yield from drills.figures(seed, vehicles, days)


PARTS: dict[str, Callable[[], Iterator[Figure]]] = {
    **{name: lambda s=suite: suites.figures(s) for name, suite in SUITES.items()},
    "bench": bench,
    "drills": all_drills,
}

"""Who comes: travellers with papers, vehicles with plates, drawn from the real list's provinces.

Two thirds of the vehicles are ordinary: their people come from places without risk, inside or
outside the province. One third comes from counties of the published list; few of those people
were at a place that it names. Nobody here is meant to be a real person.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from pratique.drill.moments import DAY, HOUR, LOCAL, iso, minutes
from pratique.drill.risk import HOME_PROVINCE, NONE, Lists
from pratique.registry.identity import check_character

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰涛明超秀兰霞平刚桂英华建国文斌玉梅海燕志红晓春永新"
PLATES = {"11": "京", "13": "冀", "14": "晋", "15": "蒙", "31": "沪", "32": "苏", "33": "浙",
          "36": "赣", "41": "豫", "44": "粤", "46": "琼", "50": "渝", "54": "藏", "61": "陕",
          "62": "甘", "63": "青", "65": "新"}
RISK_SHARE = 1 / 3
HOME_SHARE = 0.5  # of the ordinary: from inside the province
STAY_DAYS = 8
# Of those from a listed county: where in it they were.
ANSWERS = (("rest_none", 60), ("rest_low", 24), ("medium", 8), ("high", 5), ("unsaid", 3))
OCCUPANTS = ((1, 70), (2, 22), (3, 6), (4, 2))
HOURS = (1, 1, 1, 1, 1, 2, 4, 6, 8, 8, 8, 7, 6, 6, 7, 7, 7, 6, 5, 4, 3, 2, 2, 1)
RISK_POSTS = (("post-01", 4), ("post-02", 3), ("post-10", 2), ("post-11", 1))
# Where those who are fetched live; everybody else lives all over the county.
FETCHED_TO = (("town-141123100", 5), ("town-141123103", 2), ("town-141123205", 2))


@dataclass(slots=True)
class Stay:
    """Where somebody truly was: a key of the list shown, or "none" of those listed.

    said: whether the traveller could say so at the gate.
    """

    county: str
    area: str
    since: datetime
    until: datetime
    said: bool = True
    free: str | None = None  # typed instead of ticked: a place that no list names

    def told(self, whole_truth: bool = False) -> dict[str, Any]:
        """The stay as the gate writes it down."""
        area: str | None = self.free or self.area
        if not self.said and not whole_truth:
            area = None
        return {"division": self.county, "area": area, "since": iso(self.since),
                "until": iso(self.until)}


@dataclass(slots=True)
class Traveller:
    person: UUID
    sealed: dict[str, Any]
    resident: bool
    outside: bool
    destination: str
    stays: list[Stay]
    special: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Coming:
    """A vehicle that comes to a post, with everybody in it."""

    vehicle: UUID
    at: datetime
    post: str
    lane: str
    plate: str
    conveyance: str
    people: list[Traveller]
    is_risk: bool


def pick(random: Random, weighted: Sequence[tuple[Any, int]]) -> Any:
    return random.choices([one for one, _ in weighted], [weight for _, weight in weighted])[0]


class Travellers:
    """Draws vehicles and their people; everything follows from the seed."""

    def __init__(
        self, random: Random, lists: Lists, towns: Sequence[str], lanes: dict[str, list[str]],
        new_id: Callable[[datetime], UUID],
    ) -> None:
        self.random = random
        self.lists = lists
        self.towns = list(towns)
        self.lanes = lanes
        self.new_id = new_id
        self._papers: set[str] = set()

    def day(self, begin: datetime, count: int) -> list[Coming]:
        """`count` vehicles over the 24 hours from `begin`, in order of time."""
        found = [self.vehicle(self._moment(begin)) for _ in range(count)]
        return sorted(found, key=lambda one: (one.at, one.vehicle))

    def _moment(self, begin: datetime) -> datetime:
        hour = self.random.choices(range(24), HOURS)[0]
        offset = (hour - begin.astimezone(LOCAL).hour) % 24
        # Off the full hour, so that no clock's error carries a vehicle into another lane-hour.
        return begin + offset * HOUR + minutes(self.random.uniform(3, 56))

    def vehicle(self, at: datetime) -> Coming:
        random = self.random
        is_risk = random.random() < RISK_SHARE
        post = pick(random, RISK_POSTS) if is_risk else random.choice(sorted(self.lanes))
        if is_risk:
            stays, outside = self._risk_stays(at)
        else:
            stays, outside = self._quiet_stays(at)
        town = pick(random, FETCHED_TO) if is_risk else random.choice(self.towns)
        people = [self.person(at, town, stays, outside) for _ in range(pick(random, OCCUPANTS))]
        return Coming(
            self.new_id(at), at, post, random.choice(self.lanes[post]),
            self.plate(stays[-1].county), random.choice(["car", "car", "car", "truck"]), people,
            is_risk)

    def quiet(self, at: datetime, post: str) -> Coming:
        """One person in a car, from outside the province, from places without risk."""
        stay = Stay(self.random.choice(self.lists.quiet_far), NONE, at - STAY_DAYS * DAY, at - HOUR)
        who = self.person(at, self.random.choice(self.towns), [stay], True)
        return Coming(self.new_id(at), at, post, self.lanes[post][0], self.plate(stay.county),
                      "car", [who], False)

    def group(self, at: datetime, post: str, town: str, size: int) -> Coming:
        """A bus of people who all were at one and the same high-risk place."""
        listed = self.lists.at(at)
        places = sorted((county, key) for county, keys in listed.places.items()
                        for key, tier in keys.items() if tier == "high")
        county, key = self.random.choice(places)
        stay = Stay(county, key, at - STAY_DAYS * DAY, at - 6 * HOUR)
        people = [self.person(at, town, [stay], True) for _ in range(size)]
        return Coming(self.new_id(at), at, post, self.lanes[post][0], self.plate(county), "coach",
                      people, True)

    # ── stays ─────────────────────────────────────────────────────────────────────────────────
    def _quiet_stays(self, at: datetime) -> tuple[list[Stay], bool]:
        outside = self.random.random() >= HOME_SHARE
        counties = self.lists.quiet_far if outside else self.lists.quiet_home
        since = at - STAY_DAYS * DAY
        if self.random.random() < 0.15:
            between = at - 2 * DAY
            return [Stay(self.random.choice(counties), NONE, since, between),
                    Stay(self.random.choice(counties), NONE, between, at - HOUR)], outside
        return [Stay(self.random.choice(counties), NONE, since, at - HOUR)], outside

    def _risk_stays(self, at: datetime) -> tuple[list[Stay], bool]:
        listed, random = self.lists.at(at), self.random
        answer = pick(random, ANSWERS)
        since, until = at - STAY_DAYS * DAY, at - 2 * HOUR
        area = NONE
        if answer in ("high", "medium"):
            places = sorted((county, key) for county, keys in listed.places.items()
                            for key, tier in keys.items() if tier == answer)
            county, area = random.choice(places)
        elif answer == "rest_low":
            county = random.choice(sorted(c for c, tier in listed.rest.items() if tier == "low"))
        else:
            county = random.choice(sorted(c for c in listed.places if c not in listed.rest))
        stay = Stay(county, area, since, until, said=answer != "unsaid")
        if answer == "rest_none" and random.random() < 0.03:
            stay.free = f"{county}/{random.choice(SURNAMES)}家庄{random.randint(1, 9)}组"
        return [stay], not county.startswith(HOME_PROVINCE)

    # ── papers ────────────────────────────────────────────────────────────────────────────────
    def person(self, at: datetime, town: str, stays: list[Stay], outside: bool) -> Traveller:
        random = self.random
        sex = random.choice(["male", "female"])
        born = date(1948, 1, 1) + timedelta(days=random.randint(0, 365 * 68))
        sealed = {
            "name": random.choice(SURNAMES) + "".join(random.sample(GIVEN, random.choice([1, 2]))),
            "document_kind": "resident_id", "document": self._document(born, sex),
            "phone": f"1{random.randint(30, 99)}{random.randint(0, 99_999_999):08}",
            "birth_date": born.isoformat(), "sex": sex,
            "address": f"{random.choice(SURNAMES)}家沟村{random.randint(1, 300)}号",
        }
        is_child = born.year > at.year - 14
        own = [Stay(s.county, s.area, s.since, s.until, s.said, s.free) for s in stays]
        return Traveller(self.new_id(at), sealed, random.random() < 0.7, outside, town, own,
                         ["child"] if is_child else [])

    def _document(self, born: date, sex: str) -> str:
        """A resident's number that nobody else of this drill has."""
        while True:
            county = self.random.choice(
                ["141123", "141124", "140107", "610113", "410105", "110108"])
            serial = self.random.randrange(500) * 2 + (1 if sex == "male" else 0)
            first = f"{county}{born:%Y%m%d}{serial:03}"
            if first not in self._papers:
                self._papers.add(first)
                return first + check_character(first)

    def plate(self, county: str) -> str:
        random = self.random
        sign = PLATES.get(county[:2], "晋")
        return (sign + random.choice("ABCDEFGHJK")
                + "".join(random.choices("ABCDEFGHJKLMNPQRSTUVWXYZ", k=1))
                + f"{random.randint(0, 9999):04}")

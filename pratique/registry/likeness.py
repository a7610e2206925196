"""Whether two records may be the same person: keys that bring pairs together, and a score.

Nothing here merges anybody. A pair that scores `CANDIDATE_MIN` or more is shown to a person, the
strong ones first; too many rather than too few, because a missed duplicate is a lost person and a
shown one costs a minute. Pairs are never compared all with all: two records are a pair when they
share a key (`search_keys` of one, `candidate_keys` of the other), which the caller stores as keyed
hashes beside the sealed data.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from rapidfuzz.distance import OSA, Indel

from pratique.registry.names import folded, is_chinese, normalise_name, pinyin_of, sounds_of

CANDIDATE_MIN = 0.60
"""From here on a pair is shown. Below it, one strong agreement (a shared phone) stands alone."""
STRONG_MIN = 0.85
"""From here on a pair is shown first: two strong agreements and no contradiction."""
NAME_OFFSET = 0.13
"""Taken off the closeness of two names that neither look nor sound the same. With it, at the same
birth date alone, one character in two or in three may differ (0.63, 0.73: shown) and two in three
may not (0.53), unless the phone is the same too (0.60)."""

# The weights of the three strong fields add up to 1. A field that one side does not have gives its
# weight to the others in proportion, down to `EVIDENCE_MIN` known weight.
NAME_WEIGHT = 0.50
BIRTH_WEIGHT = 0.35
PHONE_WEIGHT = 0.15
EVIDENCE_MIN = 0.60
SEX_DIFFERS = 0.03
OTHER_RESIDENT_ID = 0.15
SAME_DOCUMENT = 0.40
NEAR_DOCUMENT = 0.10
PHONE_NEAR = 0.8
PHONE_TAIL_DIGITS = 4
PHONE_HEAD_DIGITS = 7
NAMES_HEARD_MAX = 8_192
"""Names read aloud that one run keeps at hand; to read one takes longer than to compare two."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What two records are compared by. Anything unknown is empty or None.

    `phone` and `document` in their normalised forms (`identity`).
    """

    name: str
    birth_date: date | None = None
    sex: str | None = None
    phone: str = ""
    document_kind: str = ""
    document: str = ""


@dataclass(frozen=True, slots=True)
class Likeness:
    """A score from 0 to 1 and the reasons for and against, as machine codes."""

    score: float
    reasons: tuple[str, ...]

    @property
    def is_candidate(self) -> bool:
        return self.score >= CANDIDATE_MIN

    @property
    def is_strong(self) -> bool:
        return self.score >= STRONG_MIN


def likeness(first: Traits, second: Traits) -> Likeness:
    """How likely two records are one person. Symmetric; 1.0 for a record and itself.

    The mean of name, birth date and phone by weight, over the fields that both have; then the
    sex (often a slip) takes off a little, another right resident number more, and a document that
    agrees adds. Never a decision.
    """
    parts = (
        (NAME_WEIGHT, *_name_score(first.name, second.name)),
        (BIRTH_WEIGHT, *_birth_score(first.birth_date, second.birth_date)),
        (PHONE_WEIGHT, *_phone_score(first.phone, second.phone)),
    )
    known = [(weight, score) for weight, score, _reason in parts if score is not None]
    weight_known = max(sum(weight for weight, _score in known), EVIDENCE_MIN)
    score = sum(weight * value for weight, value in known) / weight_known
    reasons = [reason for _weight, _score, reason in parts if reason]
    for change, reason in (_sex_change(first, second), _document_change(first, second)):
        score += change
        if reason:
            reasons.append(reason)
    return Likeness(round(min(max(score, 0.0), 1.0), 4), tuple(reasons))


def candidate_keys(traits: Traits) -> list[str]:
    """The strings to keep (hashed with a key) so that a likely duplicate finds this record.

    Each is made so that one kind of slip leaves it as it is:
    - `b`: birth date and first letter of the name: any slip in the rest of the name;
    - `g`: birth date and the sound of the last character: a slip in the surname;
    - `y`, `m`, `s`: sound of the name with the birth year, with month and day, with the sorted
      digits of the date: a mistyped month or day, a mistyped year, two swapped digits;
    - `t`: the phone: a name written quite otherwise, a birth date unknown;
    - `h`, `l`: sound of the name with the phone's first seven and last four digits: a slip in it;
    - `+` or `-`: sound of the name alone, with and without a birth date.
    """
    return sorted(_keys(traits) | _sound_keys(traits, "+" if traits.birth_date else "-"))


def search_keys(traits: Traits) -> list[str]:
    """The strings by which this record looks for others among their `candidate_keys`.

    The same, but for the sound alone: a record without a birth date looks at all of that sound,
    one with it only at those without. Otherwise every two people called Wang Wei would be a pair.
    """
    signs = ("-",) if traits.birth_date else ("+", "-")
    return sorted(_keys(traits).union(*(_sound_keys(traits, sign) for sign in signs)))


def _keys(traits: Traits) -> set[str]:
    keys = {f"t|{traits.phone}"} if traits.phone else set()
    born = traits.birth_date.strftime("%Y%m%d") if traits.birth_date else ""
    for sound in _sounds(traits):
        whole = sound.replace(" ", "")
        if born:
            keys.add(f"g|{born}|{sound.split()[-1]}")
            keys.add(f"b|{born}|{whole[0]}")
            keys.add(f"y|{whole}|{born[:4]}")
            keys.add(f"m|{whole}|{born[4:]}")
            keys.add(f"s|{whole}|{''.join(sorted(born))}")
        if traits.phone:
            keys.add(f"h|{whole}|{traits.phone[:PHONE_HEAD_DIGITS]}")
            keys.add(f"l|{whole}|{traits.phone[-PHONE_TAIL_DIGITS:]}")
    return keys


def _sound_keys(traits: Traits, sign: str) -> set[str]:
    return {f"{sign}|{sound.replace(' ', '')}" for sound in _sounds(traits)}


def _sounds(traits: Traits) -> list[str]:
    return [sound for sound in (folded(one) for one in sounds_of(traits.name)) if sound]


def are_paired(first: Traits, second: Traits) -> bool:
    """Whether the keys bring two records together; symmetric. The caller does it in sets."""
    return not set(search_keys(first)).isdisjoint(candidate_keys(second))


@dataclass(frozen=True, slots=True)
class _Heard:
    """A name as it is compared: `plain`, how it may sound, its folded sound's syllables."""

    plain: str
    sounds: frozenset[str]
    folded: str
    whole: str
    is_chinese: bool


@lru_cache(maxsize=NAMES_HEARD_MAX)
def _heard(name: str) -> _Heard:
    plain = normalise_name(name)
    sound = folded(pinyin_of(plain))
    return _Heard(plain, frozenset(sounds_of(plain)), sound, sound.replace(" ", ""),
                  is_chinese(plain))


def forget_names() -> None:
    """Forget the names of the last comparisons: none stays in memory between two runs."""
    _heard.cache_clear()


def _name_score(first: str, second: str) -> tuple[float | None, str]:
    a, b = _heard(first), _heard(second)
    if not a.plain or not b.plain:
        return None, ""
    if a.plain == b.plain:
        return 1.0, "same_name"
    if not a.sounds.isdisjoint(b.sounds):
        return 0.95, "same_sound"
    if a.whole == b.whole:
        return 0.90, "similar_sound"
    near = max(_closeness(a.plain, b.plain), _sound_closeness(a, b)) - NAME_OFFSET
    return max(near, 0.0), "similar_name" if near >= 0.3 else ""


def _sound_closeness(a: _Heard, b: _Heard) -> float:
    """Syllable by syllable where both are Chinese (wei and lei are no slip), else by letters."""
    if a.is_chinese and b.is_chinese:
        return _closeness(a.folded.split(), b.folded.split())
    return _closeness(a.folded, b.folded)


def _closeness(first: Sequence[str], second: Sequence[str]) -> float:
    """1 minus the share of slips; swapped neighbours are one, a dropped one counts half."""
    return max(
        OSA.normalized_similarity(first, second), Indel.normalized_similarity(first, second) * 0.9
    )


def _birth_score(first: date | None, second: date | None) -> tuple[float | None, str]:
    if first is None or second is None:
        return None, ""
    if first == second:
        return 1.0, "same_birth_date"
    return _other_date_score(first.strftime("%Y%m%d"), second.strftime("%Y%m%d"))


def _other_date_score(a: str, b: str) -> tuple[float, str]:
    """Two dates as eight digits that are not the same: which slip could lie between them."""
    if a[:4] == b[:4] and a[4:6] == b[6:] and a[6:] == b[4:6]:
        return 0.90, "day_and_month_swapped"
    if OSA.distance(a, b) == 1:
        return 0.85, "birth_date_one_slip"
    if sorted(a) == sorted(b):
        return 0.70, "birth_date_digits_swapped"
    if a[4:] == b[4:] or a[:4] == b[:4]:
        return 0.40, "same_day_or_year"
    return 0.0, "other_birth_date"


def _phone_score(first: str, second: str) -> tuple[float | None, str]:
    if not first or not second:
        return None, ""
    if first == second:
        return 1.0, "same_phone"
    if OSA.distance(first, second) == 1:
        return PHONE_NEAR, "phone_one_slip"
    # People change phones and have several: another number says little, so it is left out.
    return None, ""


def _sex_change(first: Traits, second: Traits) -> tuple[float, str]:
    if first.sex and second.sex and first.sex != second.sex:
        return -SEX_DIFFERS, "sex_differs"
    return 0.0, ""


def _document_change(first: Traits, second: Traits) -> tuple[float, str]:
    """Two right resident numbers are nearly always two people; another passport is a new book."""
    if not first.document or not second.document or first.document_kind != second.document_kind:
        return 0.0, ""
    if first.document == second.document:
        return SAME_DOCUMENT, "same_document"
    if first.document_kind == "resident_id":
        return -OTHER_RESIDENT_ID, "other_resident_id"
    if OSA.distance(first.document, second.document) == 1:
        return NEAR_DOCUMENT, "document_one_slip"
    return 0.0, ""

"""The keyed hashes by which a record is found again: 64 bits of HMAC for each of its keys.

A shorter hash than the document's index, because a rare false hit only costs a comparison.
"""

from collections.abc import Iterable

from pratique.journal import vault
from pratique.kit.errors import Refusal
from pratique.kit.seal import CountyKeys, blind_index
from pratique.registry.identity import check_phone
from pratique.registry.likeness import Traits, candidate_keys, search_keys
from pratique.registry.names import folded, normalise_name, sounds_of

FIELD = "trace"
KEY_BYTES = 8
SOUND_ALONE = "+-"
"""What the keys begin with that stand for the sound of a name and for nothing else."""


def hashed(keys: CountyKeys, texts: Iterable[str]) -> list[int]:
    """Each text as a signed 64-bit number that only the holder of the county's key can make."""
    return [
        int.from_bytes(blind_index(keys, FIELD, text)[:KEY_BYTES], "big", signed=True)
        for text in texts
    ]


def kept_texts(traits: Traits) -> list[str]:
    """What is kept of a record: its candidate keys, its name as written, its document."""
    return sorted({*candidate_keys(traits), *_exact_texts(traits)})


def searched_texts(traits: Traits) -> list[str]:
    """What a record looks for others by; a name as written is no reason to compare two."""
    document = {text for text in _exact_texts(traits) if text.startswith("d|")}
    return sorted({*search_keys(traits), *document})


def name_texts(traits: Traits) -> list[str]:
    """The name as written: what parts the records of one sound."""
    return [text for text in sorted(_exact_texts(traits)) if text.startswith("N|")]


def _exact_texts(traits: Traits) -> set[str]:
    texts = {f"N|{normalise_name(traits.name)}"} if traits.name else set()
    if traits.document:
        texts.add(f"d|{traits.document_kind}:{traits.document}")
    return texts


def phone_keys(phone: str) -> list[int]:
    """The keys under which a phone is found."""
    try:
        return hashed(vault.county_keys(), [f"t|{check_phone(phone)}"])
    except Refusal:
        return hashed(vault.county_keys(), [f"t|{phone.strip()}"])


def name_keys(name: str) -> list[int]:
    """The keys under which a name is found, as written and by its sound."""
    texts = [f"N|{normalise_name(name)}"]
    for sound in sounds_of(name):
        whole = folded(sound).replace(" ", "")
        texts += [f"+|{whole}", f"-|{whole}"] if whole else []
    return hashed(vault.county_keys(), texts)

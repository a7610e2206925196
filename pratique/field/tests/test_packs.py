"""What a device is given of packs and risk lists."""

import gzip
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from pratique.desks.tests.conftest import NOON, clock, county  # noqa: F401 (fixtures)
from pratique.field.packs import atlas_data, moment, pack_data, packs_in_force, risk_lists
from pratique.field.tests import vectors
from pratique.kit.sql import reading
from pratique.protocol.pack import shipped
from tests.support import Speaker, statements_seen

GZIPPED_LISTS_BYTES_MAX = 250_000
GZIPPED_PACK_BYTES_MAX = 6_000


def gzipped(data) -> int:
    return len(gzip.compress(msgspec.json.encode(data)))


def test_the_ten_real_lists_fit_into_a_quarter_of_a_megabyte():
    size = gzipped(atlas_data(vectors.atlases()["ten"]))
    print(f"ten lists: {size} bytes gzipped")
    assert size <= GZIPPED_LISTS_BYTES_MAX


@pytest.mark.parametrize("name", shipped())
def test_a_pack_is_small_and_plain_json(name):
    data = pack_data(shipped()[name])
    assert msgspec.json.decode(msgspec.json.encode(data)) == data
    assert gzipped(data) <= GZIPPED_PACK_BYTES_MAX


@pytest.mark.parametrize("name", shipped())
def test_a_pack_brings_the_words_of_every_reason_it_can_give(name):
    pack = shipped()[name]
    for language, words in pack_data(pack)["words"].items():
        for row in pack.table.rows:
            assert words[f"reason.{row.name}"] == pack.word(f"reason.{row.name}", language)
        assert not [key for key in words if key.startswith(("duty.", "missing.", "reason.hold."))]


def test_moments_are_whole_milliseconds():
    assert moment(datetime(2022, 8, 20, tzinfo=UTC)) == 1_660_953_600_000
    assert moment(datetime(1969, 12, 31, 23, tzinfo=UTC)) == -3_600_000


def test_a_place_that_a_person_found_another_county_for_keeps_its_key():
    data = atlas_data(vectors.atlases()["ten"])
    mapped = [row for row in data["units"][vectors.MAPPED_TO] if len(row) == 7]
    assert mapped and all(row[6].startswith("name:") for row in mapped)


def test_the_county_s_packs_orders_and_lists_are_read_in_a_few_statements(county):  # noqa: F811
    with statements_seen() as seen, reading() as cursor:
        packs, risk = packs_in_force(cursor), risk_lists(cursor)
    assert [one["pack"] for one in packs["adopted"]] == ["shanxi-2022-08-20"]
    assert packs["packs"].keys() == {"shanxi-2022-08-20"}
    assert packs["orders"] and len(risk["stamps"]) == 1 and len(risk["units"]) > 100
    assert len(seen) <= 12


def test_an_order_that_was_issued_is_on_the_next_bundle(county):  # noqa: F811
    with reading() as cursor:
        before = packs_in_force(cursor)["orders"]
    command = Speaker("command", ["leader"], now=NOON)
    order = vectors.UUID(int=77)
    receipt = command.say(
        "pathway.order_issued", order=order, pack="shanxi-2022-08-20", area="141123",
        authority="county", legal_basis="law", since=NOON.isoformat(),
        until=(NOON + timedelta(days=9)).isoformat())
    assert receipt.status == "applied", receipt.text()
    with reading() as cursor:
        after = packs_in_force(cursor)["orders"]
    assert [one for one in after if one not in before] == [{
        "order": str(order), "pack": "shanxi-2022-08-20", "area": "141123",
        "since": moment(NOON), "until": moment(NOON + timedelta(days=9))}]

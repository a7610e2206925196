"""The ten real lists of risk areas, and the laws of comparing lists."""

import json
from datetime import UTC, datetime
from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pratique.kit.errors import Refusal
from pratique.registry.divisions import DATA, divisions
from pratique.registry.risk_lists import (
    TIER_RANK,
    Area,
    apply_change,
    diff,
    in_force,
    parse_list,
    parse_stamp,
    validity,
)
from pratique.registry.risk_text import normalise_text
from pratique.registry.risk_tiers import compile_list, match_text

FILES = sorted((DATA / "risk_areas").glob("*.json"))


@lru_cache
def lists():
    return [parse_list(path.read_bytes()) for path in FILES]


def of_20_august():
    return lists()[8]


def test_there_are_ten_lists_from_12_to_21_august():
    assert [one.stamp[:10] for one in lists()] == [f"2022-08-{day}" for day in range(12, 22)]


@pytest.mark.parametrize("number", range(10))
def test_the_publishers_own_totals_are_the_number_of_community_entries(number):
    one = lists()[number]
    assert one.counted == one.published
    assert not [f for f in one.findings if f.code == "total_differs"]


def test_20_august_has_1204_and_897_and_180():
    assert of_20_august().counted == {"high": 1204, "medium": 897, "low": 180}
    assert of_20_august().stamp_at == datetime(2022, 8, 20, 15, tzinfo=UTC)


def test_28_rows_of_20_august_name_no_official_division_and_they_are_ten_zones():
    one = of_20_august()
    assert one.unmatched_rows == 28
    assert [item.county for item in one.work_list] == [
        "新疆生产建设兵团", "江北新区", "信江新区", "城乡一体化示范区", "育才生态区",
        "经开区", "高新区", "曲江新区", "航天基地", "高新区",
    ]
    assert sum(item.areas for item in one.work_list) == 159


def test_a_municipalitys_city_column_is_the_district():
    beijing = [a for a in of_20_august().areas if a.province == "北京市"]
    assert {a.division for a in beijing} == {"110106", "110113", "110114", "110115"}
    assert {a.part for a in beijing if a.city == "丰台区"} >= {"太平桥街道"}


@pytest.mark.parametrize(
    ("city", "county", "division"),
    [
        ("沧州市", "河间市", "130984"),
        ("上海市", "徐汇区", "310104"),
        ("省直辖县级行政单位", "五指山市", "469001"),
        ("儋州市", "市辖区", "460400"),
        ("东莞市", "松山湖高新技术产业开发区", "441900"),
        ("西安市", "雁塔区", "610113"),
        ("西安市", "曲江新区", None),
    ],
)
def test_published_names_are_resolved_to_divisions(city, county, division):
    areas = [a for a in of_20_august().areas if (a.city, a.county) == (city, county)]
    assert areas and {a.division for a in areas} == {division}


@pytest.mark.parametrize(
    ("county", "text"),
    [
        ("肥乡区", "邯郸市肥乡区除高、中风险区以外的其他地区"),
        ("卡若区", "中高风险区以外的卡若区其他所有区域"),
        ("山丹县", "张掖市山丹县其余地区"),
        ("贡觉县", "贡觉县全域"),
        ("民和回族土族自治县", "海东市民和县"),
        ("察哈尔右翼后旗", "乌兰察布市察右后旗除中风险区外的其他区域"),
        ("兴海县", "海南州兴海县除中风险区外"),
        ("新市区", "乌鲁木齐市高新区（新市区）中高风险区以外的其他地区"),
        ("瓮安县", "  瓮安县除高、中风险区外的其他区域"),
        ("十堰市张湾区", "张湾区除上述点位以外的其他区域"),
        ("梁园区", "河南省商丘市梁园区域内高中风险区以外的区域"),
        ("曲江新区", "西安市曲江新区除高风险区以外区域"),
    ],
)
def test_the_rest_of_a_county_is_understood_however_it_is_worded(county, text):
    same_text = [a for one in lists() for a in one.areas if a.text == text]
    found = [a for a in same_text if county.endswith(a.county)]
    assert found and all(a.is_rest for a in found)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("徐汇区徐家汇街道除中、高风险区之外的其他地区", "徐家汇街道"),
        ("丰台区太平桥街道除中高风险以外的其他区域", "太平桥街道"),
        ("深圳市宝安区新桥街道全域（高风险区、中风险区除外）", "新桥街道"),
        ("除已划分为中、高风险区域以外第八师石河子市其它区域", "第八师石河子市"),
        ("大兴区旧宫镇除中高风险以外的其他区域", "旧宫(地区)镇"),
    ],
)
def test_the_rest_of_a_street_is_not_the_rest_of_its_county(text, part):
    found = [a for a in of_20_august().areas if a.text == text]
    assert [(a.reach, a.part, a.is_rest) for a in found] == [("rest_of_part", part, False)]


def test_every_low_area_of_20_august_is_the_rest_of_something_but_six_by_name():
    places = [a.text for a in of_20_august().areas if a.tier == "low" and a.reach == "place"]
    assert len(places) == 6, places


def test_another_wording_of_the_rest_is_no_change():
    before, after = lists()[7], lists()[8]
    change = diff(before.areas, after.areas)
    pairs = [(b.text, a.text) for b, a in change.reworded]
    assert ("日照市东港区", "日照市东港区除中风险区外的其他区域") in pairs


def test_a_place_in_two_tiers_of_one_list_counts_in_the_higher_and_is_a_finding():
    found = {f.text: f.params["tiers"] for f in of_20_august().findings}
    assert found["611024/两岭镇竹园村"] == ["high", "medium"]
    unit = compile_list(of_20_august().areas)["611024"]
    assert unit.places["611024/两岭镇竹园村"].tier == "high"


def test_free_text_finds_the_listed_place_that_it_may_mean():
    unit = compile_list(of_20_august().areas)["610113"]
    place = next(a for a in unit.places.values() if "小区" in a.text and len(a.text) > 12)
    assert match_text(unit, "陕西省西安市雁塔区" + place.text)[0] == place
    assert match_text(unit, "x") == []


def test_validity_runs_from_the_first_list_with_an_area_to_the_first_without():
    ranges = validity(lists())
    for at, one in ((one.stamp_at, one) for one in lists()):
        valid = {
            (v.area.key, v.area.tier)
            for v in ranges
            if v.valid_from <= at and (v.valid_until is None or at < v.valid_until)
        }
        assert valid == {(a.key, a.tier) for a in in_force(one.areas).values()}


@pytest.mark.parametrize("number", range(9))
def test_a_list_and_its_change_make_the_next_list(number):
    old, new = lists()[number], lists()[number + 1]
    assert apply_change(old.areas, diff(old.areas, new.areas)) == in_force(new.areas)


keys = st.sampled_from(["a", "b", "c", "d", "e"])
areas = st.lists(
    st.builds(
        lambda key, tier, text: Area(
            tier, "p", "c", "n", text, "140000", f"140000/{key}", "140000", "1400", "place", None
        ),
        keys, st.sampled_from(["high", "medium", "low"]), st.sampled_from(["x", "y"]),
    ),
    max_size=8,
)


@given(areas, areas)
def test_diff_then_apply_is_the_new_list(old, new):
    change = diff(old, new)
    assert apply_change(old, change) == in_force(new)
    assert not (change.opened and not change.units)


@given(areas)
def test_a_list_against_itself_changes_nothing(one):
    change = diff(one, one)
    assert (change.opened, change.closed, change.changed, change.reworded) == ((), (), (), ())


@given(areas)
def test_the_higher_tier_wins_in_any_order(one):
    for area in one:
        assert TIER_RANK[in_force(one)[area.key].tier] >= TIER_RANK[area.tier]
    assert {k: a.tier for k, a in in_force(one).items()} == {
        k: a.tier for k, a in in_force(one[::-1]).items()
    }


@given(st.text(max_size=60))
def test_normalising_a_text_twice_changes_nothing_more(text):
    assert normalise_text(normalise_text(text)) == normalise_text(text)


def test_a_total_that_disagrees_is_told_with_both_numbers():
    data = json.loads(FILES[8].read_bytes())
    data["data"]["hcount"] = 1200
    found = [f for f in parse_list(data).findings if f.code == "total_differs"]
    assert [f.params for f in found] == [{"tier": "high", "published": 1200, "counted": 1204}]


def test_a_row_without_places_is_the_whole_county_and_a_finding():
    row = {"province": "山西省", "city": "吕梁市", "county": "岚县", "communitys": []}
    one = parse_list(
        {"end_update_time": "2022-08-21 06时", "highlist": [row], "middlelist": [], "lowlist": [],
         "hcount": 0, "mcount": 0, "lcount": 0}
    )
    assert [(a.division, a.is_rest) for a in one.areas] == [("141127", True)]
    assert [f.code for f in one.findings] == ["row_without_communities"]
    assert compile_list(one.areas)["141127"].rest.tier == "high"


@pytest.mark.parametrize(
    ("stamp", "moment"),
    [
        ("2022-08-20 23时", datetime(2022, 8, 20, 15, tzinfo=UTC)),
        ("2022-08-20 00时", datetime(2022, 8, 19, 16, tzinfo=UTC)),
        ("2022-08-20 24时", datetime(2022, 8, 20, 16, tzinfo=UTC)),
        ("2022-08-20 23:30", datetime(2022, 8, 20, 15, 30, tzinfo=UTC)),
    ],
)
def test_the_publishers_stamp_is_beijing_time(stamp, moment):
    assert parse_stamp(stamp) == moment


@pytest.mark.parametrize(
    "source",
    [
        b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, "{}", {"data": []},
        {"end_update_time": "2022-08-20 23时"},
        {"end_update_time": "soon", "highlist": [], "middlelist": [], "lowlist": []},
        {"end_update_time": "2022-08-20 25时", "highlist": [], "middlelist": [], "lowlist": []},
        {"end_update_time": "2022-08-20 23时", "highlist": [1], "middlelist": [], "lowlist": []},
        {"end_update_time": "2022-08-20 23时", "middlelist": [], "lowlist": [],
         "highlist": [{"province": "p", "city": "c", "county": "n", "communitys": [3]}]},
        {"end_update_time": "2022-08-20 23时", "middlelist": [], "lowlist": [],
         "highlist": [{"province": "p", "city": "c", "county": "n", "communitys": ["x\0"]}]},
    ],
)
def test_what_is_no_list_is_refused_with_a_sentence(source):
    with pytest.raises(Refusal) as refusal:
        parse_list(source)
    assert str(refusal.value)


def test_the_division_tables_are_complete():
    table = divisions()
    assert len(table.provinces) == 31
    assert len(table.cities) == 342
    assert sum(len(codes) for codes in table.counties.values()) == 2978
    assert table.name("141123") == "兴县"

"""Names: how they are compared, and how they sound.

A surname is often read otherwise than the same character elsewhere (单 Shan, not Dan), and the
pinyin library at hand reads most of those wrongly, so surnames have a table of their own here; only
given names go to the library. A name with a middle dot (阿依古丽·买买提) has no Chinese surname.
"""

import re
from functools import lru_cache

from pypinyin import Style, pinyin

from pratique.registry.identity import plain_characters, settled

NAME_LENGTH_MAX = 100
_DOTS = re.compile(r"[·•∙⋅・‧．.]")
_HAN = re.compile(r"[㐀-鿿〇\U00020000-\U0003ffff]")

# Compound surnames, read as whole words.
COMPOUND_SURNAMES = {
    "欧阳": "ou yang", "太史": "tai shi", "端木": "duan mu", "上官": "shang guan",
    "司马": "si ma", "东方": "dong fang", "独孤": "du gu", "南宫": "nan gong",
    "万俟": "mo qi", "闻人": "wen ren", "夏侯": "xia hou", "诸葛": "zhu ge",
    "尉迟": "yu chi", "公羊": "gong yang", "赫连": "he lian", "澹台": "tan tai",
    "皇甫": "huang fu", "宗政": "zong zheng", "濮阳": "pu yang", "公冶": "gong ye",
    "太叔": "tai shu", "申屠": "shen tu", "公孙": "gong sun", "慕容": "mu rong",
    "仲孙": "zhong sun", "钟离": "zhong li", "长孙": "zhang sun", "宇文": "yu wen",
    "司徒": "si tu", "鲜于": "xian yu", "司空": "si kong", "闾丘": "lü qiu",
    "子车": "zi ju", "亓官": "qi guan", "司寇": "si kou", "巫马": "wu ma",
    "公西": "gong xi", "颛孙": "zhuan sun", "壤驷": "rang si", "公良": "gong liang",
    "漆雕": "qi diao", "乐正": "yue zheng", "宰父": "zai fu", "谷梁": "gu liang",
    "拓跋": "tuo ba", "夹谷": "jia gu", "轩辕": "xuan yuan", "令狐": "ling hu",
    "段干": "duan gan", "百里": "bai li", "呼延": "hu yan", "东郭": "dong guo",
    "南门": "nan men", "羊舌": "yang she", "微生": "wei sheng", "梁丘": "liang qiu",
    "左丘": "zuo qiu", "东门": "dong men", "西门": "xi men", "第五": "di wu",
    "完颜": "wan yan", "纳兰": "na lan", "叶赫": "ye he", "赵郡": "zhao jun",
}
# Surnames whose reading differs from the library's.
SURNAMES = {
    "单": "shan", "仇": "qiu", "解": "xie", "区": "ou", "查": "zha", "曾": "zeng",
    "任": "ren", "尉": "wei", "翟": "zhai", "盖": "ge", "缪": "miao", "召": "shao",
    "繁": "po", "员": "yun", "贠": "yun", "覃": "qin", "折": "she", "种": "chong",
    "么": "yao", "朴": "piao", "乐": "yue", "黑": "he", "逄": "pang", "隗": "wei",
    "佴": "nai", "秘": "bi", "祭": "zhai", "费": "fei", "卜": "bu", "乜": "nie",
    "於": "yu", "阚": "kan", "藏": "zang", "都": "du", "那": "na", "过": "guo",
    "教": "jiao", "晟": "cheng", "洗": "xian", "冼": "xian", "哈": "ha", "纪": "ji",
    "宁": "ning", "甯": "ning", "车": "che", "石": "shi", "重": "chong", "牟": "mu",
    "谌": "chen", "应": "ying", "句": "gou", "勾": "gou", "行": "xing", "长": "zhang",
    "殷": "yin", "郗": "xi", "郄": "qie", "嬴": "ying", "俞": "yu", "柏": "bai",
    "瞿": "qu", "葛": "ge", "幺": "yao", "燕": "yan", "令": "ling", "洪": "hong",
    "阿": "a", "畲": "she", "适": "kuo", "撒": "sa", "弗": "fei", "郜": "gao",
    "褚": "chu", "麦": "mai", "臧": "zang", "筰": "zuo", "吕": "lü", "律": "lü",
    "闾": "lü", "相": "xiang", "占": "zhan", "宓": "mi", "会": "gui", "呙": "guo",
}
# Surnames that have two readings among living families; both are found.
SECOND_READINGS = {"牟": "mou", "覃": "tan", "宓": "fu", "隗": "kui", "盖": "gai", "乐": "le",
                   "费": "bi", "黑": "hei", "尉": "yu", "纪": "ji", "翟": "di", "祭": "ji"}
_FOLDS = (("zh", "z"), ("ch", "c"), ("sh", "s"))


def normalise_name(name: str) -> str:
    """A name as it is compared. Idempotent.

    Full-width made plain, one kind of middle dot, no spaces between Chinese characters; a name in
    letters in capitals, its words parted by one space.
    """
    return settled(_normalise_once, name[:NAME_LENGTH_MAX])


def _normalise_once(name: str) -> str:
    plain = _DOTS.sub("·", plain_characters(name))
    if _HAN.search(plain):
        return "".join(plain.split()).strip("·").upper()
    words = re.sub(r"[^\w]+", " ", plain.upper().replace("·", " ")).split()
    return " ".join(words)


def is_chinese(name: str) -> bool:
    """Whether a name has Chinese characters."""
    return bool(_HAN.search(name))


def pinyin_of(name: str) -> str:
    """The name's syllables in small letters without tones, surname first, ü kept: "lü xiao hong".

    A name in letters comes back in small letters with its words sorted, because passports and
    tickets disagree about which comes first.
    """
    plain = normalise_name(name)
    if not _HAN.search(plain):
        return " ".join(sorted(plain.lower().split()))
    surname, given = split_name(plain)
    head = _surname_sound(surname)
    tail = _library_sound(given)
    return " ".join(part for part in (head, tail) if part)


def split_name(plain: str) -> tuple[str, str]:
    """(surname, given) of a normalised Chinese name; ("", name) where there is no surname."""
    if "·" in plain or len(plain) < 2:
        return "", plain
    if len(plain) > 2 and plain[:2] in COMPOUND_SURNAMES:
        return plain[:2], plain[2:]
    return plain[:1], plain[1:]


def sounds_of(name: str) -> tuple[str, ...]:
    """Every way the name is likely read: `pinyin_of`, and with the surname's second reading."""
    first = pinyin_of(name)
    surname, given = split_name(normalise_name(name))
    second = SECOND_READINGS.get(surname)
    if second is None:
        return (first,)
    return tuple(dict.fromkeys((first, " ".join(filter(None, (second, _library_sound(given)))))))


def folded(sound: str) -> str:
    """`sound` with what northern speakers and typists mix up made equal.

    zh z, ch c, sh s; ing in, eng en; ü v u. Used for keys and likeness, never shown.
    """
    return " ".join(_fold(syllable) for syllable in sound.split())


def initials(sound: str) -> str:
    """First letters of the syllables: "wxm"."""
    return "".join(syllable[0] for syllable in sound.split())


def _fold(syllable: str) -> str:
    for long, short in _FOLDS:
        if syllable.startswith(long):
            syllable = short + syllable[len(long) :]
    for ending in ("ing", "eng"):
        if syllable.endswith(ending):
            syllable = syllable[:-1]
    return syllable.replace("ü", "u").replace("v", "u")


def _surname_sound(surname: str) -> str:
    known = COMPOUND_SURNAMES.get(surname) or SURNAMES.get(surname)
    return known or _library_sound(surname)


@lru_cache(maxsize=50_000)
def _library_sound(text: str) -> str:
    """The library's reading; a character that it does not know stands for itself."""
    if not text:
        return ""
    syllables = pinyin(text.replace("·", " "), style=Style.NORMAL, v_to_u=True, errors="default")
    return " ".join(" ".join(one[0].lower().split()) for one in syllables if one[0].strip())

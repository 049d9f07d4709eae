"""Names of people in sentences: by title, by label, beside a number of theirs, or bare between words that people stand between.

Chinese has no capitals, so a name is told by a surname, by characters that given names are made of, and by what stands around it. The
lists are ours (``name_words.csv``): surnames beside those of the import guard, characters of given names, parts of Mongolian names, and
words that only look like names (高度, 张贴, 施工师傅).
"""

import csv
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from gis.layers.persons import SURNAMES

HIDDEN = "\ue000"
"""Stands for each character that another mask took."""

_DOUBLE = "(?:欧阳|上官|司马|诸葛|皇甫|司徒|慕容|尉迟|长孙|令狐|宇文|轩辕|端木|呼延)"
_HANZI = r"[\u4e00-\u9fa5]"
_EDGE = r"(?:^|(?<=[^\u4e00-\u9fa5]))"
_CALLED = r"(?<=[找给向由被让请是和与叫跟对问的、经了过有称说同及为喊陪替帮住])"
_THINGS = (
    "(?:电话号码|联系电话|手机号码|身份证号码|身份证号|手机号|微信号|车牌号|联系方式|电话|手机|号码|身份证|微信|车牌|账号|卡号|银行卡|"
    "儿子|女儿|丈夫|妻子|父亲|母亲|爱人|老公|老婆|家人)"
)  # fmt: skip
_NO_NAME_PART = re.compile(
    "[街路巷村镇乡区县市旗院店所局校园站桥楼社网场司厂队矿物户号栋座层库馆苑庭庄湾类未无其他]|问题"
)


@lru_cache(maxsize=1)
def _words() -> dict[str, list[str]]:
    path = Path(__file__).resolve().parent / "name_words.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {row["kind"]: row["words"].split() for row in csv.DictReader(file)}


def _any(kind: str) -> str:
    return "|".join(sorted(_words()[kind], key=len, reverse=True))


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern[str], bool], ...]:
    """Patterns with a group ``value``, surest first, and whether what they find must still look like a name."""
    surname = f"[{SURNAMES}{''.join(_words()['surnames'])}]"
    given = f"[{''.join(_words()['given'])}]"
    mongol = f"(?:(?:{_any('mongolian')}){{1,3}}[图花娃]?)"
    sure_mongol = "|".join(word for word in _words()["mongolian"] if len(word) > 2)
    full = rf"(?:{_DOUBLE}{_HANZI}{{1,2}}|{surname}{_HANZI}{{1,2}})"
    likely = rf"(?:{_DOUBLE}{given}{{1,2}}|{surname}{given}{{1,2}})"
    three = rf"(?:{surname}{given}{{2}}|{_DOUBLE}{given}{{1,2}})"
    ends, says, no_shop = r"(?=$|[^\u4e00-\u9fa5])", rf"(?={_any('says')})", rf"(?!{_any('shop')})"
    after = rf"(?:{ends}|{says})"
    long_says = "|".join(word for word in [*_words()["says"], *_words()["title"]] if len(word) > 1)
    texts = [
        (rf"(?P<value>{_HANZI}{{2,6}}[·•・]{_HANZI}{{2,6}}?)(?:{ends}|(?=[称说在的]|{long_says}))", False),
        (rf"(?P<value>{_HANZI}{{2,6}}[·•・]{_HANZI}{{2,6}})", False),
        (
            rf"(?:{_any('label')})(?:的)?(?:姓名|名字|名)?(?:\([^()]{{1,6}}\))? {{0,3}}(?:[:为是叫]{{1,2}} {{0,3}}| |写的是|(?={surname}|{_DOUBLE}|{mongol}))"
            rf"(?P<value>{mongol}|{_HANZI}{{2,4}}?){after}",
            True,
        ),
        (rf"(?:我叫|名叫|名字叫|自称|本人叫|叫做)(?![了来他她人过])(?P<value>{_HANZI}{{2,4}}?){ends}", True),
        (rf"{_HANZI}人[:] ?(?P<value>{likely}|{mongol}){after}", True),
        (rf"我是[^,。;]{{2,14}}?的(?P<value>{likely}){ends}", True),
        (
            rf"(?P<value>(?:{_DOUBLE}|{surname})(?:{given}{{1,2}}?|{_HANZI}{{2}}?|[某×*xX]{{1,2}})?|{mongol})(?:{_any('title')})(?!傅)(?:(?=修车(?![行店铺]))|{no_shop})",
            True,
        ),
        (
            rf"(?P<value>{full}|{mongol})(?:本人|先生|女士)?[的,、:( ]{{0,2}}{_THINGS}?[是为:,( )]{{0,3}}(?={HIDDEN})",
            True,
        ),
        (rf"{HIDDEN}[ ,、(:]{{0,2}}(?P<value>{full}|{mongol}){ends}", True),
        (rf"(?P<value>{mongol}|{likely})(?=的{_THINGS})", True),
        (rf"(?P<value>{surname}(?:{given}{{1,2}}?)?)(?:{_any('post')})", True),
        (rf"(?:{_EDGE}|{_CALLED}|(?<=[叫喊他她]))(?P<value>[老小]{surname})(?:{ends}|(?=家|说|称|反映|的|头))", True),
        (rf"(?P<value>{surname}某{{1,3}}(?:{given}(?![小区]))?)(?![小公单部街路村社个些种时一日月年处市县地])", True),
        (rf"(?<!同)姓(?P<value>(?![名氏什啥])(?:{_DOUBLE}|{_HANZI}))(?:{ends}|(?=[的名]))", False),
        (rf"(?<=[室户号])(?P<value>{surname})(?=家(?![属具电园庭]))", False),
        (rf"(?:{_any('role')})(?P<value>{likely}|{mongol})(?:{after}|(?<={_HANZI}{{3}}){no_shop})", True),
        (rf"(?P<value>{three}){no_shop}", True),
        (rf"(?:{_EDGE}|{_CALLED})(?P<value>{surname}{given}){says}", True),
        (rf"(?P<value>(?:{_any('mongolian')}){{2,3}}[图花娃]?|(?:{sure_mongol})[图花娃]?){no_shop}", True),
    ]
    return tuple((re.compile(text), must) for text, must in texts)


def names(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of names in folded text, in which other masks stand as ``HIDDEN``."""
    for pattern, must_look_so in _patterns():
        at = 0
        while found := pattern.search(text, at):
            start, end = found.span("value")
            if not must_look_so or _looks_like_a_name(text, start, end):
                yield start, end
                at = max(end, found.start() + 1)
            else:
                at = found.start() + 1


def names_beside(text: str) -> Iterator[tuple[int, int]]:
    """Names that stand beside one that was found: 、 and 和 join people with people."""
    for found in _beside().finditer(text):
        start, end = found.span(found.lastgroup or 0)
        if _looks_like_a_name(text, start, end):
            yield start, end


@lru_cache(maxsize=1)
def _beside() -> re.Pattern[str]:
    surname, given = f"[{SURNAMES}{''.join(_words()['surnames'])}]", f"[{''.join(_words()['given'])}]"
    return re.compile(
        rf"(?P<before>{surname}{given}{{1,2}})(?=[、和与及跟]{HIDDEN})|(?<={HIDDEN}[、和与及跟])(?P<after>{surname}{given}{{1,2}}?)"
        rf"(?=$|[^\u4e00-\u9fa5]|{_any('says')})"
    )


def _looks_like_a_name(text: str, start: int, end: int) -> bool:
    """No word of places and matters in it, and no common word at its start or over its edge."""
    value, words = text[start:end], _avoided()
    if not value.startswith(tuple(_words()["mongolian"])) and _NO_NAME_PART.search(value[1:]):
        return False
    if any(text[at : at + 2] in words for at in range(max(start - 1, 0), start + 1)):
        return False
    return not text[max(start - 2, 0) : end].endswith(tuple(_words()["no_titled"]))


@lru_cache(maxsize=1)
def _avoided() -> frozenset[str]:
    return frozenset(_words()["no_name"])

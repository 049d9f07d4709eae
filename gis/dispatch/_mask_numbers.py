"""Numbers that lead to a person: ID cards, telephones, plates, mail addresses, chat accounts, bank cards.

Every finder takes folded text and yields start and end; what stands before decides where digits alone do not.
"""

import re
from collections.abc import Iterator

from gis.layers.persons import PLATE, is_id_card

Found = Iterator[tuple[int, int]]

_GAP = r"[ \-.·]?"
_STARS = r"[*＊xX×·•●#]"
_MAIL = re.compile(r"[A-Za-z0-9._%+-]+ ?@ ?[A-Za-z0-9-]+(?: ?\. ?[A-Za-z0-9-]+)+")
_ID = re.compile(rf"(?<![\dA-Za-z])[1-9](?:{_GAP}\d){{16}}{_GAP}[\dXx](?![\dA-Za-z])")
_OLD_ID = re.compile(r"(?<![\dA-Za-z])[1-9]\d{14}(?![\dA-Za-z])")
_ID_LABEL = r"(?:身份证|身份号|证件|护照|通行证|居住证|社保卡|医保卡|军官证|驾驶证|驾照)"
_LABELLED_ID = re.compile(rf"{_ID_LABEL}[^\d,。;!?]{{0,8}}?(?P<value>[A-Z]{{0,2}}\d[\dXx*＊ -]{{6,22}}[\dXx*])")
_ID_TAIL = re.compile(
    rf"{_ID_LABEL}[^\d,。;!?]{{0,8}}(?:后|末|尾)\w{{0,4}}?(?:为|是|:)? ?(?P<value>[\dXx]{{4,6}})(?!\d)"
)
_STARRED = re.compile(rf"(?<![\dA-Za-z])\d{{3,6}}{_STARS}{{4,12}}[\dXx]{{2,4}}(?![\dA-Za-z])")
_MOBILE = re.compile(rf"(?<![\d.])(?:\(?\+?0{{0,2}}86\)?[ -]?)?1{_GAP}[3-9](?:{_GAP}\d){{9}}(?!\d)(?!\.\d)")
_LANDLINE = re.compile(
    r"(?<![\d.])(?:\(0\d{2,3}\)|0(?:10|2\d|[3-9]\d{2})) ?[- ]?[2-8]\d{2,3}[ -]?\d{4}(?:[- 转]{1,2}\d{1,5})?(?!\d)"
)
_CALLED = r"(?:电话|座机|固话|手机|号码|热线|致电|拨打|回电|来电|联系|打)"
_LOCAL = re.compile(rf"{_CALLED}[^\d,。;!?]{{0,6}}?(?P<value>[2-8]\d{{2,3}}[ -]?\d{{4}})(?![\d号])")
_PHONE_TAIL = re.compile(r"(?:手机|电话|号码)\w{0,2}?(?:尾号|后四位|末四位)(?:为|是|:)? ?(?P<value>\d{4})(?!\d)")
_CALLER_TAIL = re.compile(
    r"(?:尾号|后四位)(?:为|是|:)? ?(?P<value>\d{4})(?=的?(?:机主|用户|手机|电话|号码|来电|市民|居民|业主))"
)
_PLATE = re.compile(PLATE)
_LOOSE_PLATE = re.compile(
    r"(?P<value>[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]? ?[A-HJ-NP-Z][·•. -]{0,3}"
    r"(?=[A-HJ-NP-Z0-9 ]*\d)[A-HJ-NP-Z0-9](?: ?[A-HJ-NP-Z0-9]){4,5})(?![A-Za-z0-9])"
)
_CAR = re.compile(
    r"(?:车牌|牌照|车号|牌号|号牌)[^A-Za-z\d,。;!?京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]{0,6}$"
)
_CAR_TAIL = re.compile(
    r"(?:车牌|牌照|车号|牌号|号牌)\w{0,2}(?:尾号|后[三四五]位|末[三四五]位)(?:为|是|:)? ?(?P<value>[A-Z\d]{3,5})(?![A-Za-z\d])"
)
_CHAT = re.compile(
    r"(?:微信|薇信|威信|微 信|(?<![A-Za-z])(?:QQ|qq|Qq|vx|VX|Vx|wx|WX|wechat|WeChat|Wechat|V信|v信|加[vV])|抖音|快手|支付宝|钉钉|微博)"
    r"(?:群)?(?:号码|账号|帐号|号|名|昵称|ID|id)?(?:同号)?[ :是为叫(“\"]{0,3}(?P<value>[A-Za-z][A-Za-z0-9_-]{4,25}|\d{5,12})(?![A-Za-z0-9])"
)
_CARD_LABEL = re.compile(
    r"(?:卡号|账号|帐号|账户|帐户|银行卡|储蓄卡|信用卡|社保卡|转账|打款|汇款|收款)[^\d。;!?]{0,12}$"
)
_CARD = re.compile(r"(?<![\dA-Za-z])\d(?:[ -]?\d){15,18}(?![\dA-Za-z])")
_CODE_LABEL = re.compile(r"(?:编码|编号|网格|代码|单号|工单|案号|订单|运单|快递|流水|设备|点位)[^\d,。;]{0,4}$")


def mails(text: str) -> Found:
    """Mail addresses."""
    yield from (found.span() for found in _MAIL.finditer(text))


def id_cards(text: str) -> Found:
    """ID numbers by checksum and date of birth, with gaps; any number of a document that is named as one; numbers starred in part."""
    for found in _ID.finditer(text):
        if is_id_card(re.sub(r"[ \-.·]", "", found.group())):
            yield found.span()
    for found in _OLD_ID.finditer(text):
        if is_id_card(found.group()) and not _CODE_LABEL.search(text[: found.start()]):
            yield found.span()
    for pattern in (_LABELLED_ID, _ID_TAIL):
        yield from (found.span("value") for found in pattern.finditer(text))
    yield from (found.span() for found in _STARRED.finditer(text) if len(found.group()) in (15, 18))


def phones(text: str) -> Found:
    """Mobile and landline numbers, local ones after a word of calling, numbers starred in part."""
    for found in _MOBILE.finditer(text):
        gaps = len(re.findall(r"(?<=\d)[ \-.·](?=\d)", found.group()))
        if gaps <= 4 or gaps >= 10:  # more is a list of counts
            yield found.span()
    yield from (found.span() for found in _LANDLINE.finditer(text))
    for pattern in (_LOCAL, _PHONE_TAIL, _CALLER_TAIL):
        yield from (found.span("value") for found in pattern.finditer(text))
    yield from (found.span() for found in _STARRED.finditer(text) if len(found.group()) <= 12)


def plates(text: str) -> Found:
    """Plates, also in small letters and with gaps; without a province only after a word of plates."""
    upper = "".join(each.upper() if len(each.upper()) == 1 else each for each in text)
    yield from (found.span() for found in _PLATE.finditer(upper))
    for found in _LOOSE_PLATE.finditer(upper):
        value = re.sub(r"[^\w]", "", found.group("value"))
        whole = not value[0].isascii() and len(value) in (7, 8)
        if whole or (len(value) in (6, 7) and _CAR.search(text[: found.start()])):
            yield found.span("value")
    yield from (found.span("value") for found in _CAR_TAIL.finditer(upper))


def chat_accounts(text: str) -> Found:
    """Accounts of chat and payment services after the service's name."""
    yield from (found.span("value") for found in _CHAT.finditer(text))


def bank_cards(text: str) -> Found:
    """16 to 19 digits after a word of accounts; without one where they begin with 62 and keep Luhn's rule."""
    for found in _CARD.finditer(text):
        digits = re.sub(r"\D", "", found.group())
        before = text[: found.start()]
        if _CARD_LABEL.search(before) or (digits.startswith("62") and _luhn(digits) and not _CODE_LABEL.search(before)):
            yield found.span()


def _luhn(digits: str) -> bool:
    """Luhn (1960), ISO/IEC 7812-1 annex B."""
    doubled = [int(each) * 2 for each in digits[-2::-2]]
    return (sum(int(each) for each in digits[-1::-2]) + sum(each - 9 * (each > 9) for each in doubled)) % 10 == 0

"""Invented names in both languages: roads, lanes, places. No real road of Wuhai is meant by any of them."""

WORDS = (
    ("朝阳", "Chaoyang"), ("建设", "Jianshe"), ("人民", "Renmin"), ("解放", "Jiefang"), ("和平", "Heping"), ("新华", "Xinhua"),
    ("光明", "Guangming"), ("创业", "Chuangye"), ("桃园", "Taoyuan"), ("学府", "Xuefu"), ("站前", "Zhanqian"), ("迎宾", "Yingbin"),
    ("文化", "Wenhua"), ("工农", "Gongnong"), ("育才", "Yucai"), ("康乐", "Kangle"), ("长安", "Chang'an"), ("永安", "Yong'an"),
    ("兴业", "Xingye"), ("平安", "Ping'an"), ("友谊", "Youyi"), ("红旗", "Hongqi"), ("青山", "Qingshan"), ("绿洲", "Lüzhou"),
    ("金沙", "Jinsha"), ("银河", "Yinhe"), ("梧桐", "Wutong"), ("白杨", "Baiyang"), ("葡萄", "Putao"), ("沙枣", "Shazao"),
    ("晨光", "Chenguang"), ("曙光", "Shuguang"), ("前进", "Qianjin"), ("东风", "Dongfeng"), ("奋斗", "Fendou"), ("向阳", "Xiangyang"),
    ("锦绣", "Jinxiu"), ("祥和", "Xianghe"), ("如意", "Ruyi"), ("丰收", "Fengshou"), ("黄河湾", "Huanghewan"), ("矿工", "Kuanggong"),
    ("广场", "Guangchang"), ("体育", "Tiyu"), ("科技", "Keji"), ("民生", "Minsheng"), ("惠民", "Huimin"), ("安康", "Ankang"),
)  # fmt: skip
"""Words for roads, Chinese and pinyin."""

SIDES = (("", ""), ("东", " East"), ("西", " West"), ("南", " South"), ("北", " North"))
"""Suffixes that multiply the words once they are used up."""


def road_names(count: int, *, east_west: list[bool]) -> list[tuple[str, str]]:
    """Distinct road names: streets (街) run east-west, roads (路) north-south, as in many northern cities."""
    found = []
    for i in range(count):
        zh, en = WORDS[i % len(WORDS)]
        side_zh, side_en = SIDES[i // len(WORDS) % len(SIDES)]
        found.append(
            (f"{zh}{side_zh}{'街' if east_west[i] else '路'}", f"{en}{side_en} {'Street' if east_west[i] else 'Road'}")
        )
    return found


def short(name_zh: str, name_en: str) -> tuple[str, str]:
    """A community's name without its generic part, for compounds such as 幸福第1快递网点."""
    zh = name_zh.removesuffix("虚拟社区").removesuffix("社区")
    return zh, name_en.removesuffix(" Virtual Community").removesuffix(" Community")

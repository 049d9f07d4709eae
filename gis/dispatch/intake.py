"""Import profiles: the kinds of data that a district's platform exchanges, which reader takes each, and which are refused.

The list of twenty kinds is ours, put together from the modules of such platforms and from the "9+X" modules of GB/T 31000 (met second-hand);
three kinds that are registers of persons stand beside them in order to be refused by name.
"""

import csv
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import pandas as pd

from gis.dispatch.committees import Committee, load_committees
from gis.dispatch.disputes import DisputeRow, read_dispute
from gis.dispatch.free_text import mask
from gis.dispatch.work_orders import WorkOrders, read_work_orders
from gis.errors import InputError, Lang, NotFoundError
from gis.layers import LayerResult, ReadOptions, read_layer
from gis.layers.report import REJECT_COLUMNS
from gis.layers.texts import read_texts

_PROFILES = Path(__file__).resolve().parent / "import_profiles.csv"
_SHOWN = 80


@dataclass(frozen=True)
class Profile:
    """One kind of data.

    Parameters
    ----------
    target
        ``layer`` (read as the layer ``kind``), ``work_orders``, ``disputes``, ``committees``, or ``refused``.
    scheme
        Code list of its categories, where the file states none.
    """

    code: str
    zh: str
    en: str
    target: str
    kind: str
    scheme: str
    note_zh: str
    note_en: str

    def text(self, lang: Lang) -> str:
        """Its name in one language."""
        return self.zh if lang == "zh" else self.en

    @property
    def is_taken(self) -> bool:
        """Whether it is data of places; registers of persons are not taken."""
        return self.target != "refused"


@dataclass(frozen=True)
class DisputeTable:
    """Disputes of a file, refused rows, and what was dropped and masked.

    Parameters
    ----------
    disputes
        Row number to what it says.
    dropped_personal
        Headers that were refused.
    masked
        Kind of mask to how often it was needed.
    """

    disputes: dict[int, DisputeRow]
    rejects: pd.DataFrame
    dropped_personal: list[str]
    ignored: list[str]
    masked: dict[str, int]


Imported = LayerResult | WorkOrders | DisputeTable | list[Committee]


@lru_cache(maxsize=1)
def profiles() -> tuple[Profile, ...]:
    """The kinds of data, those that are taken first."""
    with _PROFILES.open(encoding="utf-8", newline="") as file:
        return tuple(Profile(**row) for row in csv.DictReader(file))


def profile(code: str) -> Profile:
    """The profile of a code or of a Chinese name.

    Raises
    ------
    NotFoundError
        There is none.
    """
    found = next((each for each in profiles() if code in (each.code, each.zh)), None)
    if found is None:
        known = ", ".join(each.code for each in profiles() if each.is_taken)
        raise NotFoundError(
            zh=f"没有数据类别“{code}”;可用:{known}。", en=f"There is no kind of data '{code}'; there are {known}."
        )
    return found


def import_file(path: Path | str, code: str, *, options: ReadOptions | None = None) -> Imported:
    """A file of one kind of data as tables, without people; personal columns are dropped and named in the report.

    Parameters
    ----------
    code
        Of a profile.
    options
        As of ``gis.layers.read_layer``. Of work orders ``zone``, ``scheme`` and ``datum`` are used; ``auto`` is taken as WGS-84.

    Raises
    ------
    NotFoundError
        No such kind of data.
    InputError
        It is a register of persons, which is never read; or the file cannot be used.
    """
    wanted, chosen = profile(code), options or ReadOptions()
    if not wanted.is_taken:
        raise InputError(
            zh=f"“{wanted.zh}”是个人信息,本产品不接收,文件未打开。",
            en=f"'{wanted.en}' is a register of persons; it is not taken, and the file was not opened.",
        )
    scheme = chosen.scheme or wanted.scheme
    match wanted.target:
        case "work_orders":
            datum = "wgs84" if chosen.datum == "auto" else chosen.datum
            return read_work_orders(path, zone=chosen.zone, datum=datum, scheme=scheme)
        case "disputes":
            return _disputes(path, chosen)
        case "committees":
            return load_committees(Path(path))
        case _:
            return read_layer(path, wanted.kind, options=replace(chosen, scheme=scheme))


def _disputes(path: Path | str, options: ReadOptions) -> DisputeTable:
    raw = read_texts(path, limits=options.limits)
    cells = {header: column.to_pylist() for header, column in raw.columns.items()}
    disputes: dict[int, DisputeRow] = {}
    rejects = [(row, code, "", "", zh, en) for row, code, zh, en, _ in raw.bad]
    masked: dict[str, int] = {}
    first = read_dispute(dict.fromkeys(raw.headers, ""))
    for at, row in enumerate(raw.rows.to_pylist()):
        try:
            read = read_dispute({header: texts[at] for header, texts in cells.items()})
        except InputError as error:
            rejects.append((row, "unreadable", "", "", error.zh, error.en))
            continue
        missing = [name for name in ("id", "category") if not read.fields.get(name)]
        if missing:
            shown = mask(str(read.fields.get("id", ""))).text[:_SHOWN]
            zh, en = f"缺少 {'、'.join(missing)}", f"{', '.join(missing)} missing"
            rejects.append((row, "missing", " ".join(missing), shown, zh, en))
            continue
        disputes[row] = read
        masked = {kind: masked.get(kind, 0) + read.masked.get(kind, 0) for kind in {*masked, *read.masked}}
    table = pd.DataFrame(rejects, columns=list(REJECT_COLUMNS))
    return DisputeTable(disputes, table, list(first.refused), list(first.ignored), masked)

"""``wangge import workorders``: 12345 work orders as cases. It prints; the work is done in ``webmap.reporting.workorders``."""

from collections.abc import Iterable
from pathlib import Path

from gis.errors import InputError
from gis.layers import ReadOptions
from webmap.command import DONE, FINDINGS
from webmap.console import Console


def import_files(
    console: Console, files: Iterable[Path], options: ReadOptions, *, rejects: Path | None, dry_run: bool
) -> int:
    """Bring in each file; ``FINDINGS`` where rows were rejected.

    Raises
    ------
    InputError
        Headers were named: those of work orders are known by their names alone.
    """
    if options.mapping:
        raise InputError(zh="导入工单不用 --map。", en="Work orders take no --map.")
    from webmap.reporting.workorders import import_orders, text_of
    from webmap.store import LOCAL_OPERATOR
    from webmap.store.case_scope import CASE_OPERATOR

    status = DONE
    with console.open() as services:
        for file in files:
            with console.progress(file.name) as progress:
                outcome = import_orders(
                    services,
                    file,
                    viewer=LOCAL_OPERATOR,
                    case_viewer=CASE_OPERATOR,
                    datum="wgs84" if options.datum == "auto" else options.datum,
                    scheme=options.scheme,
                    lang=console.lang,
                    rejects=rejects,
                    dry_run=dry_run,
                    progress=lambda at, of: progress("store", at, of),
                )
            console.result(outcome.as_dict(), zh=text_of(outcome, "zh"), en=text_of(outcome, "en"))
            status = FINDINGS if len(outcome.rejects) else status
    return status

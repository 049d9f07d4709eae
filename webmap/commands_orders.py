"""``wangge import workorders``: 12345 work orders as cases. It prints; the work is done in ``webmap.reporting.workorders``."""

from collections.abc import Iterable
from pathlib import Path

from gis.layers import ReadOptions
from webmap.command import DONE, FINDINGS
from webmap.console import Console


def import_files(
    console: Console, files: Iterable[Path], options: ReadOptions, *, rejects: Path | None, dry_run: bool
) -> int:
    """Bring in each file; ``FINDINGS`` where rows were rejected."""
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
                    options=options,
                    rejects=rejects,
                    dry_run=dry_run,
                    progress=lambda at, of: progress("store", at, of),
                )
            console.result(outcome.as_dict(), zh=text_of(outcome, "zh"), en=text_of(outcome, "en"))
            status = FINDINGS if len(outcome.rejects) else status
    return status

"""``wangge casefile``: the file of one event (一事一档) as ZIP or PDF, and its check offline. It parses and prints."""

import hashlib
from pathlib import Path

import click

from gis.errors import FileFormatError, InputError
from webmap.command import DONE, FINDINGS, shared
from webmap.console import Console


@click.group()
def casefile() -> None:
    """案件档案 / case files."""


@casefile.command(name="write")
@click.argument("event")
@click.argument("file", type=click.Path(path_type=Path))
@shared
def casefile_write(console: Console, event: str, file: Path) -> int:
    """一事一档:按扩展名写 ZIP 或 PDF / the file of an event, ZIP or PDF by its suffix."""
    from webmap.casefile.archive import as_zip
    from webmap.casefile.contents import gather
    from webmap.casefile.pdf import as_pdf
    from webmap.store.case_scope import CASE_OPERATOR

    kind = file.suffix.lower()
    if kind not in (".zip", ".pdf"):
        raise InputError(zh="文件名应以 .zip 或 .pdf 结尾。", en="The name of the file ends with .zip or .pdf.")
    config = console.config()
    with console.open(config) as services:
        contents = gather(services, event, viewer=CASE_OPERATOR)
    made = as_zip(contents)
    digest = hashlib.sha256(made).hexdigest()
    if kind == ".pdf":
        made = as_pdf(contents, archive_sha256=digest, lang=console.lang, font=config.pdf_font)
    file.write_bytes(made)
    data = {"file": str(file), "event": event, "archive_sha256": digest}
    console.result(data, zh=f"已写出 {file}", en=f"Wrote {file}")
    return DONE


@casefile.command(name="verify")
@click.argument("file", type=click.Path(path_type=Path))
@shared
def casefile_verify(console: Console, file: Path) -> int:
    """离线核验案件档案 / check the ZIP of an event offline; status 1 if something is wrong."""
    from webmap.casefile.check import check_case_file

    try:
        found = check_case_file(file.read_bytes())
    except OSError as error:
        raise FileFormatError(zh=f"无法读取 {file}。", en=f"Cannot read {file}.") from error
    lines = [console.text(each.zh, each.en) for each in found]
    text = "\n".join(lines) or console.text("案件档案完好", "The case file is sound")
    console.result({"findings": [{"zh": each.zh, "en": each.en} for each in found]}, zh=text, en=text)
    return FINDINGS if found else DONE

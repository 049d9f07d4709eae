"""The font of printed documents: the Song font that readers of PDF have by themselves (Adobe-GB1), or one of the operator, embedded."""

from pathlib import Path

from gis.errors import ConfigError

SONG = "STSong-Light"
_EMBEDDED = "Printed"


def pdf_font(file: str) -> str:
    """Name of the font, registered.

    Parameters
    ----------
    file
        Of a TrueType font to embed; empty for the reader's own Song font.

    Raises
    ------
    ConfigError
        The font cannot be used.
    """
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.ttfonts import TTFError, TTFont

    if not file:
        pdfmetrics.registerFont(UnicodeCIDFont(SONG))
        return SONG
    try:
        pdfmetrics.registerFont(TTFont(_EMBEDDED, str(Path(file))))
    except (TTFError, OSError) as error:
        raise ConfigError(
            zh=f"字体 {file} 无法使用:须为 TrueType 轮廓的字体文件。",
            en=f"The font {file} cannot be used: it must have TrueType outlines.",
        ) from error
    return _EMBEDDED


def known_signs(text: str) -> str:
    """The text with a box for what the font's code cannot say: signs beyond 16 bits, controls."""
    return "".join(c if c == "\n" or (c.isprintable() and ord(c) < 0x10000) else "□" for c in text.replace("\r", ""))

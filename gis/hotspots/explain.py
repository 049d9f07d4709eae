"""What a result means and what it does not, in two sentences each language, with method, parameters and source.

Every result of this room has ``explain()`` that gives one of these. It holds words only and computes nothing.
"""

from dataclasses import dataclass, field
from typing import Any

from gis.errors import Lang

Bilingual = tuple[str, str]
"""A text in Chinese and in English."""


@dataclass(frozen=True)
class Explanation:
    """The words that stand beside a result.

    Parameters
    ----------
    method
        Name of the method.
    means
        One sentence: what the result says.
    means_not
        One sentence: what a reader may not take from it.
    source
        Where the method is published.
    parameters
        What was chosen, by name; plain values.
    """

    method: Bilingual
    means: Bilingual
    means_not: Bilingual
    source: str
    parameters: dict[str, Any] = field(default_factory=dict)

    def text(self, lang: Lang) -> str:
        """The two sentences, then method, parameters and source, in one language."""
        at = 0 if lang == "zh" else 1
        chosen = ", ".join(f"{name}={_plain(value)}" for name, value in self.parameters.items())
        if lang == "zh":
            return f"{self.means[at]}{self.means_not[at]}方法:{self.method[at]}。参数:{chosen or '无'}。出处:{self.source}。"
        return (
            f"{self.means[at]} {self.means_not[at]} "
            f"Method: {self.method[at]}. Parameters: {chosen or 'none'}. Source: {self.source}."
        )

    def as_dict(self) -> dict[str, Any]:
        """The same as plain values, for a file or a page."""
        pairs = {"method": self.method, "means": self.means, "means_not": self.means_not}
        return {
            **{f"{name}_{lang}": pair[at] for name, pair in pairs.items() for at, lang in enumerate(("zh", "en"))},
            "parameters": dict(self.parameters),
            "source": self.source,
        }


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)

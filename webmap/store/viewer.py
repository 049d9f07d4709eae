"""Who asks the store, and which part of the district they may see.

Every query takes a viewer. This module never looks anything up: grants and roles come from the accounts.
"""

from dataclasses import dataclass

from gis.errors import ScopeError


@dataclass(frozen=True)
class Viewer:
    """Someone who reads or writes, limited to areas of the tree.

    Parameters
    ----------
    actor
        Account name, written beside every change.
    role
        One role of docs/roles.md.
    areas
        Codes of the areas whose subtrees are seen; an empty tuple sees everything.

    Raises
    ------
    ScopeError
        A blank code among the areas: it would silently mean everything.
    """

    actor: str
    role: str
    areas: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if any(not code.strip() for code in self.areas):
            raise ScopeError(
                zh=f"账号“{self.actor}”的授权区域含空编码;如需全部区域,请留空列表。",
                en=f"A grant of '{self.actor}' has a blank area code; leave the list empty to grant everything.",
            )

    @property
    def is_unlimited(self) -> bool:
        """Sees every area."""
        return not self.areas


LOCAL_OPERATOR = Viewer("local", "operator", ())
"""The one implicit operator of the command line, until accounts come."""

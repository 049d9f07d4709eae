"""An account as the store of cases knows it. It grants nothing."""

from webmap.store.case_scope import CaseViewer
from webmap.store.sessions import Account


def viewer_of(account: Account) -> CaseViewer:
    """The account with all its grants."""
    return CaseViewer(account.name, account.grants)

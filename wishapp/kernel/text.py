"""Marking of user-visible text in pure code."""


def N_(message: str) -> str:
    """Mark an English message for the catalogues; the web layer translates it when it is shown."""
    return message

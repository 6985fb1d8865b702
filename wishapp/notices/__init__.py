"""Notices: (workflow, action) -> audience and text; the in-site inbox; the outbox for e-mail and chat robots.

Promises: told once, in the reader's language, without personal data; sending happens after the commit, from a row.
"""

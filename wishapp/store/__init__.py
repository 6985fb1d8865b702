"""SQLAlchemy shelf: engine set-up, transactions, state transitions, the audit record, search, paging, migrations."""

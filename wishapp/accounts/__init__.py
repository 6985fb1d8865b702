"""Accounts: people, roles bound to places, sign-in. Promises: argon2 outside transactions, lock-out in the database,
a session version that ends older cookies. Knows places, nothing above."""

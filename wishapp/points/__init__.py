"""Service points: a double-entry ledger in tenths of a point. Promises: entries are append-only and chained, every transfer
sums to zero and happens once per (source, reason), no person's balance goes below zero, corrections are reversals."""

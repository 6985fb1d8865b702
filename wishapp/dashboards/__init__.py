"""Read-only pages over everything: what waits for me, and the figures of a place. Writes nothing, promises constant numbers of queries."""

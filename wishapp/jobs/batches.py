"""Long work in short transactions."""

from collections.abc import Callable

from wishapp.store.transaction import retrying, transaction


def in_batches(verb: Callable[[int, set[int]], int], batch: int = 100, most: int = 50) -> int:
    """Run a verb batch by batch, each in a transaction of its own, until a batch is not full; returns how many it was done to.

    The verb gets the size and the ids that refused so far, which it leaves out and adds to.
    """
    refused: set[int] = set()

    def once() -> int:
        with transaction():
            return verb(batch, refused)

    total = 0
    for _turn in range(most):
        count = retrying(once)
        total += count
        if count < batch:
            break
    return total - len(refused)

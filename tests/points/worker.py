"""A process that does numbered transfers, one transaction each, and says so after each commit; made to be killed.

    python -m tests.points.worker URL FOLDER FIRST LAST [fault orders]
"""

import os
import random
import sys

from wishapp import create_app
from wishapp.kernel.errors import Refused
from wishapp.kernel.roles import SYSTEM
from wishapp.points import queries, service
from wishapp.store.transaction import retrying, transaction

SUPPORTERS = 6


def plan(number: int) -> tuple[str, str, str, int]:
    """What operation `number` is: ("give", owner, "", amount), ("move", payer, owner, amount) or ("back", source, "", 0)."""
    dice = random.Random(number)
    one, other = dice.sample(range(SUPPORTERS), 2)
    if number % 5 == 4:
        return "back", f"op:{number - 1}", "", 0
    if number % 3 == 2:
        return "move", f"supporter:{one}", f"supporter:{other}", dice.randint(1, 9)
    return "give", f"supporter:{one}", "", dice.randint(5, 30)


def main(url: str, folder: str, first: int, last: int, faults: str = "") -> None:
    """Do operations first..last-1 in order; those already done change nothing."""
    os.environ["WISHAPP_FAULTS"] = faults
    app = create_app({"TESTING": True, "SQLALCHEMY_DATABASE_URI": url, "INSTANCE": folder})
    with app.app_context():
        for number in range(first, last):
            sys.stdout.write(f"{number} {retrying(lambda number=number: do(number))}\n")
            sys.stdout.flush()


def do(number: int) -> str:
    """One operation in one transaction; "done" or "refused"."""
    kind, one, other, amount = plan(number)
    try:
        with transaction():
            if kind == "give":
                service.credit(one, amount, source=f"op:{number}", reason="test", by=SYSTEM)
            elif kind == "move":
                service.transfer(one, other, amount, source=f"op:{number}", reason="test", by=SYSTEM)
            else:
                first = queries.transfer_for(one, "test")
                if first is not None:
                    service.reverse(first, by=SYSTEM, note="测试")
        return "done"
    except Refused:
        return "refused"


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), *sys.argv[5:])

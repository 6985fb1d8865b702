"""Fault points strike under TESTING and are dead otherwise."""

from collections.abc import Iterator

import pytest

import wishapp
from wishapp.kernel import faults


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    faults.arm(False)


def test_raise_and_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(faults.time, "sleep", slept.append)
    faults.arm(True, "here=raise, there=sleep:2.5")
    with pytest.raises(faults.FaultInjected):
        faults.point("here")
    faults.point("there")
    faults.point("elsewhere")
    assert slept == [2.5]


@pytest.mark.parametrize("order", ["here", "here=explode", "here=sleep"])
def test_unknown_orders_are_refused(order: str) -> None:
    with pytest.raises(ValueError, match="unknown fault"):
        faults.arm(True, order)


def test_dead_outside_tests(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN001
    monkeypatch.setenv("WISHAPP_FAULTS", "transaction.before_commit=kill, anything=raise")
    for settings in ({}, {"ENV": "production", "SECRET_KEY": "s" * 40, "DATA_KEY": "d" * 40}):
        wishapp.create_app({"INSTANCE": str(tmp_path), **settings})
        faults.point("transaction.before_commit")  # would end this very process
        faults.point("anything")


def test_control_alive_in_tests(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN001
    monkeypatch.setenv("WISHAPP_FAULTS", "anything=raise")
    wishapp.create_app({"INSTANCE": str(tmp_path), "TESTING": True})
    with pytest.raises(faults.FaultInjected):
        faults.point("anything")

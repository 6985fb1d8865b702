"""`wishapp match run`."""

from tests.matching.office import Office


def test_match_run(office: Office) -> None:
    office.supporter("样例院", person=office.contact)
    office.wish()
    office.wish("陪着说话", kind="companionship")
    runner = office.app.test_cli_runner()
    done = runner.invoke(args=["match", "run", "--place", office.places.street.code, "--seconds", "5"])
    assert done.exit_code == 0 and "served 1 of 2 seats, proven gap 0.00 %" in done.output
    missing = runner.invoke(args=["match", "run", "--place", "nowhere"])
    assert missing.exit_code != 0 and "nowhere" in missing.output

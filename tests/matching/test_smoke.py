from tests.matching.office import MatchRun, Office, Proposal, Wish


def test_road(office: Office) -> None:
    wish_id, proposal_id, _ = office.offered(runners=1)
    assert office.state(Proposal, proposal_id) == "offered"
    assert office.state(Wish, wish_id) == "reserved"
    print(office.look(MatchRun, 1, "state", "figures", "unserved", "curve"))
    print(office.look(Proposal, proposal_id, "reasons", "runners_up", "value", "answer_by"))

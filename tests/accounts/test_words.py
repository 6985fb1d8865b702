"""Passwords, user names, telephone numbers, masks."""

import pytest

from wishapp.accounts import passwords, phones, service
from wishapp.kernel.errors import BadInput


@pytest.mark.parametrize("text", [
    "password", "Password123!", "12345678", "87654321", "11111111", "qwertyuiop", "abcdefgh", "woaini1314", "20000101",
    "13800000001", "88888888", "xinyuan2026",
])
def test_common_passwords_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match="Many people"):
        passwords.check_password(text)


@pytest.mark.parametrize("text", ["three calm rivers", "三条安静的河流呀", "k7mq-x2wd-9fhp", "correct horse battery", "84920175538264"])
def test_good_passwords_pass(text: str) -> None:
    passwords.check_password(text)


def test_length_and_own_names() -> None:
    with pytest.raises(BadInput, match="longer"):
        passwords.check_password("k7mqx2w")
    with pytest.raises(BadInput, match="too long"):
        passwords.check_password("k7mq" * 40)
    with pytest.raises(BadInput, match="in it"):
        passwords.check_password("liuxia-river", username="liuxia")
    with pytest.raises(BadInput, match="in it"):
        passwords.check_password("river00000001", phone="13800000001")
    passwords.check_password("green river", username="liuxia", phone="13800000001")


def test_hash_and_verify() -> None:
    kept = passwords.hash_password("three calm rivers")
    assert kept.startswith("$argon2id$")
    assert passwords.verify_password(kept, "three calm rivers")
    assert not passwords.verify_password(kept, "three calm river")
    assert not passwords.verify_password(None, "three calm rivers")
    assert not passwords.verify_password("no hash at all", "three calm rivers")


def test_made_passwords_pass_their_own_rules() -> None:
    made = {passwords.make_password() for _ in range(50)}
    assert len(made) == 50
    for text in made:
        passwords.check_password(text)


@pytest.mark.parametrize("text", ["13800000001", "138 0000 0001", "+86 138-0000-0001", "86 13800000001", "１３８０００００００１", " 138-0000-0001 "])
def test_one_number_however_typed(text: str) -> None:
    assert phones.read_phone(text) == "+8613800000001"


@pytest.mark.parametrize(("text", "why"), [
    ("1380000001", "missing"), ("138000000011", "too many"), ("12345", "no such number"), ("8888888", "no such number"), ("你好", "not a telephone"),
    ("", "not a telephone"), ("99999999999", "no such number"), ("+", "not a telephone"), ("0531-88880000;ext=9", "no such number"),
])
def test_what_is_wrong_with_a_number(text: str, why: str) -> None:
    with pytest.raises(BadInput, match=f"(?i){why}"):
        phones.read_phone(text)


def test_landlines_and_numbers_from_elsewhere() -> None:
    assert phones.read_phone("0531-8888 0000") == "+8653188880000"
    assert phones.show_phone("+8653188880000").replace(" ", "").replace("-", "") == "053188880000"
    assert phones.read_phone("+852 5123 4567") == "+85251234567"


def test_shown_and_masked() -> None:
    assert phones.show_phone("+8613800000001") == "138 0000 0001"
    assert phones.mask_phone("+8613800000001") == "138****0001"
    assert phones.mask_phone(None) == phones.show_phone(None) == ""
    assert "0000" not in phones.mask_phone("+8613800001234")


@pytest.mark.parametrize(("name", "masked"), [
    ("王小明", "王某"), ("欧阳小明", "欧阳某"), ("欧阳", "欧某"), ("王", "王某"), ("王某", "王某"), ("John Smith", "J."), ("", "某"), ("  ", "某"),
    ("单小明", "单某"),
])
def test_masked_names(name: str, masked: str) -> None:
    assert service.mask_name(name) == masked


@pytest.mark.parametrize("text", ["a", "1234", "13800000001", "has blank", "admin", "-dash", "x" * 41, "半\x00角", "…", "a/b", "1.2-3_4"])
def test_impossible_user_names(text: str) -> None:
    with pytest.raises(BadInput):
        service.check_username(text)


def test_user_names_are_kept_small_and_plain() -> None:
    assert service.check_username(" Liu.Xia ") == "liu.xia"
    assert service.check_username("ＬＩＵ下") == "liu下"

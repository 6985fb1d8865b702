"""Only paths of this site are safe to go to."""

import pytest

from wishapp.web.redirects import safe_path


@pytest.mark.parametrize("target", ["/", "/me", "/wishes?page=2&q=轮椅", "/a#b", "/a//b", "/%5Cevil.com", "/a?next=https://evil.com", "/a:b"])
def test_safe(target: str) -> None:
    assert safe_path(target) == target


@pytest.mark.parametrize("target", [
    None, "", "me", "//evil.com", "///evil.com", "/\\evil.com", "\\evil.com", "https://evil.com", "https:/evil.com", "javascript:alert(1)", "/\tevil", "/\n",
    "/\r\nX: y",
    "/a b", "/\x00", "/\ud800", "/\u202e", "/\u00a0x", "/" + "x" * 2001, " /me", "/\\\\", "//[::1",
])
def test_unsafe(target: str | None) -> None:
    assert safe_path(target) is None

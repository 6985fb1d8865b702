"""The people one can sign in as: one per role, all with the same password."""

from dataclasses import dataclass

PASSWORD = "quiet-spring-72"


@dataclass(frozen=True)
class SignIn:
    """A known account: user name, what it is (Chinese), where, and what to look at first."""

    username: str
    role: str
    what: str


SIGN_INS = (
    SignIn("resident", "居民", "自己的心愿，各种状态都有；轮到您确认"),
    SignIn("grid", "网格员", "给没有手机的居民代办，上门核实"),
    SignIn("community", "社区工作者", "待审核的心愿，匹配台，看为什么"),
    SignIn("street", "街道工作人员", "整条街的匹配、两级审核开关、数据"),
    SignIn("district", "区级工作人员", "全区数据"),
    SignIn("unit", "双报到单位联络员", "有派单等着回话，积分和记录"),
    SignIn("member", "在职党员", "有派单等着回话，直接接单"),
    SignIn("team", "志愿队队长", "队里的派单和进行中的事"),
    SignIn("volunteer", "志愿者", "从心愿墙上接一件"),
)


def width(text: str) -> int:
    """Columns the text takes in a terminal: two per Chinese character."""
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)


def table() -> str:
    """The sign-ins as lines for a terminal."""
    lines = ["", "  登录账号（演示用，密码都一样）", ""]
    columns = ("用户名", "身份", "进去先看")
    rows = [columns, *((entry.username, entry.role, entry.what) for entry in SIGN_INS)]
    sizes = [max(width(row[column]) for row in rows) + 3 for column in range(3)]
    for row in rows:
        lines.append("  " + "".join(text + " " * (size - width(text)) for text, size in zip(row, sizes, strict=True)).rstrip())
    return "\n".join([*lines, "", f"  密码：{PASSWORD}", ""])

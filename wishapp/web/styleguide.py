"""The living style guide: every component in every state, for people who build pages. Development only."""

from types import SimpleNamespace

from flask import Blueprint, render_template, request
from wtforms import BooleanField, FileField, IntegerField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Length
from wtforms.widgets import CheckboxInput

from wishapp.web.forms import Form
from wishapp.web.guards import public

bp = Blueprint("styleguide", __name__)

KINDS = [("goods", "一样东西"), ("service", "上门帮忙"), ("companionship", "有人陪陪"), ("repair", "修一修")]


class SampleForm(Form):
    """Fields of every kind."""

    title = StringField("心愿标题", [Length(max=60)])
    phone = StringField("联系电话")
    community = SelectField("社区", choices=[("1", "甸柳第一社区"), ("2", "甸柳第二社区")])
    story = TextAreaField("想说句话吗？", [Length(max=300)])
    hours = IntegerField("用了几小时")
    photos = FileField("照片")
    consent = BooleanField("已当面征得本人同意")
    kind = RadioField("您想要什么帮忙？", choices=KINDS)
    reason = RadioField("是因为", choices=[("time", "时间赶不上"), ("quota", "今年额度用完了"), ("far", "太远，不方便")])
    skills = SelectMultipleField("会什么", choices=[("hair", "理发"), ("care", "护理"), ("repair", "维修"), ("teach", "辅导功课")],
                                 option_widget=CheckboxInput())
    stars = RadioField("几颗星", choices=[(str(n), f"{n} 星") for n in range(1, 6)])


def sample_form() -> SampleForm:
    """The form as somebody left it, with two faults."""
    form = SampleForm(formdata=None, data={"title": "上门理一次发", "phone": "1380", "kind": "service", "reason": "time", "stars": "4", "consent": True, "skills": ["hair"]})
    form.phone.errors = ["少了几位，手机号是 11 位"]
    form.community.errors = ["先选一个社区"]
    return form


def sample_ui() -> SimpleNamespace:
    """A shell as a signed-in resident sees it; ?elder=1, ?theme=dark and ?lang=en change it."""
    def item(label: str, icon: str, badge: int = 0, is_current: bool = False) -> SimpleNamespace:
        return SimpleNamespace(url="#", label=label, icon=icon, badge=badge, is_current=is_current)

    return SimpleNamespace(
        lang=request.args.get("lang", "zh-Hans"), elder=request.args.get("elder") == "1", theme=request.args.get("theme", "auto"),
        unread=2, place_name="甸柳街道", community_phone="0531-00000000",
        links={"home": "#", "inbox": "#", "me": "#", "desk": "#", "sign_in": "#", "sign_out": "#", "privacy": "#"},
        nav=[item("心愿墙", "home", is_current=True), item("志愿", "hand"), item("许个愿", "plus"), item("积分", "ticket"), item("我的", "user", 3)],
        rail=[item("待办", "list", 14), item("心愿审核", "drop", 6), item("匹配台", "swap", 41, is_current=True), item("双报到单位", "building"),
              item("积分", "ticket"), item("看数据", "chart")],
    )


@bp.get("/styleguide")
@public
def show() -> str:
    """All components."""
    return render_template("styleguide.html", ui=sample_ui(), form=sample_form(), current_user=SimpleNamespace(is_authenticated=True, display_name="李某"))


@bp.get("/styleguide/desk")
@public
def desk() -> str:
    """The staff shell with a review table."""
    return render_template("styleguide_desk.html", ui=sample_ui(), current_user=SimpleNamespace(is_authenticated=True, display_name="张某"))

"""Who is told what: (workflow, action) -> audience -> rule. A combination that does not stand here tells nobody.

Texts may use these params, always public words: title (of the wish), who (a unit's or team's name, or a masked one),
place, number, why, until and starts (moments), day, spot (where people meet), points (tenths), into (title of the wish it joined), served, demands.
"""

from dataclasses import dataclass

from wishapp.kernel.text import N_


@dataclass(frozen=True)
class Rule:
    """What one audience is told. `email`: also by e-mail, to those who gave an address; `robot`: also to the staff's chat robot.

    `icon` is one of the sprite's names; `is_ball`: the reader has something to do now; `without_points`: the text to use
    when no points came of it.
    """

    text: str
    icon: str = "bell"
    email: bool = False
    robot: bool = False
    is_ball: bool = False
    without_points: str = ""


def _ball(text: str, icon: str = "clock", *, robot: bool = False) -> Rule:
    return Rule(text, icon, email=True, robot=robot, is_ball=True)


_TAKEN = Rule(N_("%(who)s has taken on “%(title)s”."), "hand", email=True)
_SETTLED = Rule(N_("“%(title)s” is settled. %(points)s points have come in."), "check",
                without_points=N_("“%(title)s” is settled. Thank you for lending a hand."))
_SETTLED_POSTER = Rule(N_("“%(title)s” is settled. Would you like to say a word of thanks?"), "check")
_NOT_DONE = _ball(N_("“%(title)s” is not quite done yet: %(why)s"), "undo")
_ARRIVED = _ball(N_("Your turn: has “%(title)s” been done well?"), "gift")
_OFFERED = _ball(N_("Could you lend a hand with “%(title)s”? Please answer by %(until)s."), "hand")
_CONFIRM_SOON = _ball(N_("Still waiting for your word: has “%(title)s” been done well?"), "clock")
_CALLED_OFF = Rule(N_("“%(title)s” has been withdrawn. Nothing more to do; thank you for being there."), "undo", email=True)

RULES: dict[tuple[str, str], dict[str, Rule]] = {
    # a wish on its way to the wall
    ("wish", "submit"): {
        "poster": Rule(N_("“%(title)s” has arrived. The community reads it first, usually within a day."), "doc"),
        "beneficiary": Rule(N_("“%(title)s” was written down for you. The community reads it first."), "doc"),
        "staff": Rule(N_("A new wish waits for review: “%(title)s”."), "doc", robot=True, is_ball=True),
    },
    ("wish", "second"): {
        "poster": Rule(N_("The community has passed “%(title)s” on to the street; it takes one more look."), "doc"),
        "upper_staff": Rule(N_("“%(title)s” waits for the second look."), "doc", robot=True, is_ball=True),
    },
    ("wish", "return"): {"poster": _ball(N_("“%(title)s” needs a little more: %(why)s"), "edit")},
    ("wish", "publish"): {
        "poster": Rule(N_("“%(title)s” is on the wall now. You will hear as soon as somebody takes it on."), "home"),
        "beneficiary": Rule(N_("“%(title)s” is on the wall now."), "home"),
    },
    ("wish", "unpublish"): {
        "poster": Rule(N_("“%(title)s” gets one more look from the community before it is on the wall."), "doc"),
        "beneficiary": Rule(N_("“%(title)s” gets one more look from the community before it is on the wall."), "doc"),
    },
    ("wish", "withdraw"): {
        "poster": Rule(N_("“%(title)s” has been withdrawn."), "undo"),
        "claimer": _CALLED_OFF, "supporter": _CALLED_OFF,
        "staff": Rule(N_("“%(title)s” was withdrawn by the person who posted it."), "undo"),
    },
    ("wish", "expire"): {"poster": _ball(N_("“%(title)s” has waited 90 days without a taker. Post it again if it is still wanted."), "clock")},
    ("wish", "renew"): {"staff": Rule(N_("“%(title)s” was posted again and waits for review."), "doc", is_ball=True)},
    ("wish", "merge"): {
        "poster": Rule(N_("Somebody had the same wish: “%(title)s” now goes on together with “%(into)s”."), "doc"),
        "staff": Rule(N_("“%(title)s” was joined with “%(into)s”."), "doc"),
    },
    # somebody takes it on
    ("wish", "claim"): {
        "poster": _TAKEN, "beneficiary": _TAKEN,
        "staff": Rule(N_("%(who)s took “%(title)s” directly."), "hand"),
        "claimer": Rule(N_("“%(title)s” is yours. Address and telephone are on its page now."), "hand"),
        "supporter": Rule(N_("“%(title)s” is yours. Address and telephone are on its page now."), "hand"),
    },
    ("claim", "accept"): {"poster": _TAKEN, "beneficiary": _TAKEN, "staff": Rule(N_("%(who)s said yes to “%(title)s”."), "hand")},
    ("claim", "withdraw"): {
        "poster": Rule(N_("%(who)s cannot make it after all. “%(title)s” is looking for somebody else."), "undo"),
        "staff": Rule(N_("%(who)s gave “%(title)s” back: %(why)s"), "undo", robot=True, is_ball=True),
        "claimer": _CALLED_OFF, "supporter": _CALLED_OFF,
    },
    # done, confirmed, thanked, or not
    ("claim", "deliver"): {"poster": _ARRIVED, "beneficiary": _ARRIVED, "staff": Rule(N_("%(who)s has done “%(title)s”; confirmation is due."), "gift")},
    ("wish", "deliver"): {"poster": _ARRIVED, "beneficiary": _ARRIVED, "staff": Rule(N_("“%(title)s” is done; confirmation is due."), "gift")},
    ("wish", "remind_confirm"): {"poster": _CONFIRM_SOON, "beneficiary": _CONFIRM_SOON},
    ("claim", "remind_deliver"): {
        "claimer": _ball(N_("“%(title)s” is still waiting for you. If it does not work out, just give it back."), "clock"),
        "supporter": _ball(N_("“%(title)s” is still waiting for you. If it does not work out, just give it back."), "clock"),
    },
    ("wish", "confirm"): {"claimer": _SETTLED, "supporter": _SETTLED, "poster": _SETTLED_POSTER, "beneficiary": _SETTLED_POSTER},
    ("claim", "confirm"): {"claimer": _SETTLED, "supporter": _SETTLED},
    ("wish", "auto_confirm"): {
        "claimer": _SETTLED, "supporter": _SETTLED,
        "poster": Rule(N_("“%(title)s” was counted as settled after seven days. Not so? Say it on its page."), "check"),
        "beneficiary": Rule(N_("“%(title)s” was counted as settled after seven days. Not so? Say it on its page."), "check"),
    },
    ("wish", "dispute"): {
        "claimer": _NOT_DONE, "supporter": _NOT_DONE,
        "staff": Rule(N_("“%(title)s” is not quite done yet: %(why)s"), "undo", robot=True, is_ball=True),
        "poster": Rule(N_("We have passed it on: “%(title)s” is being worked on again."), "undo"),
    },
    ("wish", "thank"): {
        "claimer": Rule(N_("A word of thanks has come in for “%(title)s”."), "heart", email=True),
        "supporter": Rule(N_("A word of thanks has come in for “%(title)s”."), "heart", email=True),
    },
    # the matching office
    ("proposal", "approve"): {"supporter": _OFFERED, "runner_up": _OFFERED},
    ("proposal", "remind"): {"supporter": _ball(N_("Please say by %(until)s whether you can take “%(title)s”. A no is fine too."), "clock")},
    ("proposal", "accept"): {
        "poster": _TAKEN, "beneficiary": _TAKEN,
        "staff": Rule(N_("%(who)s said yes to “%(title)s”."), "check"),
        "supporter": Rule(N_("“%(title)s” is yours. Address and telephone are on its page now."), "hand"),
    },
    ("proposal", "decline"): {
        "staff": Rule(N_("%(who)s cannot take “%(title)s” this time: %(why)s"), "undo"),
        "runner_up": _OFFERED,
    },
    ("proposal", "lapse"): {
        "supporter": Rule(N_("The time to answer for “%(title)s” is over; somebody else is being asked. No harm done."), "clock"),
        "runner_up": _OFFERED,
    },
    ("proposal", "ask_next"): {
        "supporter": _OFFERED, "runner_up": _OFFERED,
        "staff": Rule(N_("“%(title)s”: %(was)s did not take it, now asking %(who)s."), "hand"),
    },
    ("proposal", "propose"): {"staff": Rule(N_("“%(title)s” needs somebody: %(who)s could take it. Please look at it."), "hand", robot=True, is_ball=True)},
    ("proposal", "run_out"): {"staff": Rule(N_("Nobody is left to ask for “%(title)s”."), "alert", robot=True, is_ball=True)},
    ("proposal", "withdraw"): {"supporter": Rule(N_("You need not come for “%(title)s” any more: %(why)s"), "undo", email=True)},
    ("proposal", "recall"): {"supporter": Rule(N_("The question about “%(title)s” was taken back. Nothing to do."), "undo")},
    ("proposal", "outdate"): {"staff": Rule(N_("“%(title)s” was taken by %(who)s in the meantime."), "hand")},
    ("run", "run_out"): {"staff": Rule(N_("Nobody can take “%(title)s” just now."), "alert", robot=True, is_ball=True)},
    ("run", "save"): {"staff": Rule(N_("The match for %(place)s is ready to review: %(served)s of %(demands)s wishes served."), "list", is_ball=True)},
    ("run", "fail"): {"staff": Rule(N_("The match for %(place)s did not come through. The plan in use stays as it is."), "alert")},
    ("weights", "adopt"): {"staff": Rule(N_("%(place)s: other weights count in matching from now on, version %(number)s."), "tune")},
    # a volunteer call on its way
    ("call", "submit"): {"staff": Rule(N_("A volunteer call waits for review: “%(title)s”."), "hand", robot=True, is_ball=True)},
    ("call", "second"): {"upper_staff": Rule(N_("The volunteer call “%(title)s” waits for the second look."), "hand", robot=True, is_ball=True)},
    ("call", "return"): {"organiser": _ball(N_("The call “%(title)s” needs a little more: %(why)s"), "edit")},
    ("call", "publish"): {"organiser": Rule(N_("“%(title)s” is out: neighbours can sign up now."), "check", email=True)},
    # somebody's place in a shift of a volunteer call
    ("call", "finish"): {"organiser": _ball(N_("“%(title)s” is over. Please look at the hours and write a short report."), "doc")},
    ("sign_up", "excuse"): {"volunteer": Rule(N_("You are excused for “%(title)s”. Another time!"), "check")},
    ("sign_up", "remind_day"): {"volunteer": Rule(
        N_("%(starts)s: “%(title)s”, %(spot)s. You can’t after all? Please say so on its page, so that somebody else can come."), "clock", email=True)},
    ("sign_up", "remind_hour"): {"volunteer": Rule(N_("Soon, %(starts)s: “%(title)s”, %(spot)s. See you there."), "clock")},
    ("sign_up", "move"): {"volunteer": Rule(N_("You meet elsewhere for “%(title)s”, %(starts)s: it is now %(spot)s."), "pin", email=True)},
    ("sign_up", "move_time"): {"volunteer": Rule(
        N_("“%(title)s” has a new time: %(starts)s, %(spot)s. If that does not suit you, please say so on its page. %(why)s"), "clock", email=True)},
    ("sign_up", "offer"): {"volunteer": _ball(N_("A place has come free for “%(title)s”. Please say by %(until)s whether you take it."), "hand")},
    ("sign_up", "pass_over"): {"volunteer": Rule(N_("A place came free for “%(title)s”, but you could not have come by now; it went on to the next."), "undo")},
    ("sign_up", "lapse"): {"volunteer": Rule(N_("The time to answer for “%(title)s” is over; the place went on to the next. No harm done."), "clock")},
    ("sign_up", "end_queue"): {"volunteer": Rule(N_("“%(title)s” has begun without a place coming free. Thank you for being ready."), "clock")},
    ("sign_up", "approve"): {"volunteer": Rule(N_("You are in: “%(title)s”. See you there."), "check", email=True)},
    ("sign_up", "refuse"): {"volunteer": Rule(N_("It did not work out with “%(title)s” this time: %(why)s"), "undo", email=True)},
    ("sign_up", "cancel"): {"volunteer": Rule(N_("Your place for “%(title)s” was given up by the organiser: %(why)s"), "undo", email=True)},
    ("sign_up", "call_off"): {"volunteer": Rule(N_("“%(title)s” is called off: %(why)s"), "undo", email=True)},
    ("sign_up", "ask_off"): {"organiser": Rule(N_("Somebody cannot come to “%(title)s” after all; a stand-in is being looked for."), "undo")},
    ("sign_up", "stand_in_ask"): {"volunteer": _ball(N_("Could you stand in at “%(title)s”? Somebody cannot come. Please say by %(until)s; a no is fine too."), "hand")},
    ("sign_up", "stand_in_found"): {
        "volunteer": Rule(N_("Somebody else comes to “%(title)s” in your place. Thank you for saying so in time."), "check", email=True),
        "organiser": Rule(N_("“%(title)s”: somebody has stepped in for one who cannot come."), "check"),
    },
    ("sign_up", "stand_in_none"): {
        "volunteer": Rule(N_("Nobody was found for your place at “%(title)s”, but you said so in time: you are excused."), "check"),
        "organiser": Rule(N_("“%(title)s” begins one short: no stand-in was found."), "alert"),
    },
    ("sign_up", "miss"): {"volunteer": Rule(
        N_("You were missed at “%(title)s”. If that is not so, please tell whoever led it. After %(misses)s times within %(days)s days "
           "sign-up rests for %(rest)s days."), "clock")},
    ("sign_up", "pause"): {"volunteer": Rule(
        N_("You were missed at “%(title)s”, the %(misses)s time within %(days)s days, so your sign-up rests until %(day)s; then it goes on by "
           "itself. If there was a good reason, please tell whoever led it."), "clock", email=True)},
    ("sign_up", "forgive"): {"volunteer": Rule(N_("You are excused for “%(title)s”: %(why)s"), "check")},
    ("volunteer", "lift_pause"): {"volunteer": Rule(N_("You can sign up again for volunteer calls. Good to have you back."), "heart", email=True)},
    ("call", "archive"): {"volunteer": Rule(N_("How “%(title)s” went: the report is up. Thank you for being there."), "doc")},
    # hours of service
    ("hours", "show"): {"volunteer": Rule(N_("%(hours)s hours for “%(title)s” are written down. Not right? Say so by %(until)s; after that they count."), "clock")},
    ("hours", "claim"): {"organiser": Rule(N_("Hours written down afterwards for “%(title)s” wait for a second person’s look."), "clock", is_ball=True)},
    ("hours", "approve"): {
        "volunteer": Rule(N_("%(hours)s hours for “%(title)s” were written down afterwards for you. Not right? Say so by %(until)s."), "clock")},
    ("hours", "refuse"): {
        "volunteer": Rule(N_("Hours for “%(title)s” could not be written down: %(why)s"), "undo"),
        "organiser": Rule(N_("The hours you wrote down for “%(title)s” were refused: %(why)s"), "undo")},
    ("hours", "object"): {"organiser": _ball(N_("Somebody says that the hours for “%(title)s” are not right: %(why)s"), "clock")},
    ("hours", "settle"): {"volunteer": Rule(N_("About your hours for “%(title)s”, now %(hours)s: %(why)s"), "clock", email=True)},
    ("hours", "finalise"): {
        "volunteer": Rule(N_("%(hours)s hours for “%(title)s” count now. %(points)s points have come in."), "check",
                          without_points=N_("%(hours)s hours for “%(title)s” count now. Thank you."))},
    ("hours", "revoke"): {"volunteer": Rule(N_("%(hours)s hours for “%(title)s” were taken back: %(why)s"), "undo", email=True)},
    ("certificate", "ask"): {"staff": Rule(N_("Volunteer %(number)s asks for a certificate of service."), "doc", is_ball=True)},
    ("certificate", "issue"): {"volunteer": Rule(N_("%(place)s has issued your certificate %(number)s: %(hours)s hours."), "doc", email=True)},
    ("certificate", "revoke"): {"volunteer": Rule(N_("Your certificate %(number)s was revoked: %(why)s"), "undo", email=True)},
    ("year_report", "report"): {
        "contact": Rule(N_("In %(year)s %(members)s of your members gave %(hours)s hours of service. Thank you for them."), "chart", email=True)},
    # supporters and points
    ("supporter", "ask"): {"staff": Rule(N_("%(who)s would like to help in %(place)s and waits for your word."), "user", robot=True, is_ball=True)},
    ("supporter", "welcome"): {"supporter": Rule(N_("Welcome aboard. Wishes you can help with are waiting on the wall."), "heart")},
    ("supporter", "confirm"): {"supporter": Rule(N_("Your community has confirmed you for %(who)s. Welcome aboard."), "heart", email=True)},
    ("supporter", "refuse"): {"supporter": Rule(N_("It did not work out with %(who)s: %(why)s"), "undo", email=True)},
    ("points", "reverse"): {"supporter": Rule(N_("%(points)s points for “%(title)s” were corrected: %(why)s"), "ticket")},
}

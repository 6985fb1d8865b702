"""What the page shell needs: language, modes, navigation, unread count. Slices register what is theirs in wiring."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Flask, current_app, request, url_for

from wishapp.kernel.roles import Actor
from wishapp.web import i18n
from wishapp.web.actor import current_actor


@dataclass(frozen=True)
class NavItem:
    """A link of the shell: `label` already translated; `badge` a count or 0; `is_wide`: only where there is room, not in the phone's bar."""

    endpoint: str
    label: str
    icon: str
    badge: int = 0
    is_wide: bool = False

    @property
    def url(self) -> str:
        """Address of the page."""
        return url_for(self.endpoint)

    @property
    def is_current(self) -> bool:
        """Is this the page shown, or a page of the same slice below it."""
        return request.endpoint == self.endpoint


@dataclass
class Shell:
    """Functions by which wiring fills the shell; each gets the actor."""

    nav: Callable[[Actor], list[NavItem]] = lambda actor: []
    rail: Callable[[Actor], list[NavItem]] = lambda actor: []
    unread: Callable[[Actor], int] = lambda actor: 0
    place_name: Callable[[Actor], str] = lambda actor: ""
    community_phone: Callable[[Actor], str] = lambda actor: ""
    links: Callable[[Actor], dict[str, str]] = lambda actor: {}


@dataclass
class UI:
    """The `ui` object of the templates; everything is worked out when first asked for."""

    actor: Actor
    shell: Shell
    _kept: dict = field(default_factory=dict)

    def _once(self, name: str, work: Callable) -> object:
        if name not in self._kept:
            self._kept[name] = work()
        return self._kept[name]

    @property
    def lang(self) -> str:
        """Language tag of the page."""
        return self._once("lang", i18n.language)

    @property
    def elder(self) -> bool:
        """Large-print mode."""
        return self._once("elder", i18n.is_elder)

    @property
    def largest(self) -> bool:
        """Elder mode at its largest."""
        return self._once("largest", i18n.is_largest)

    @property
    def theme(self) -> str:
        """auto, light or dark."""
        return self._once("theme", lambda: i18n.preference("theme") or "auto")

    @property
    def links(self) -> dict[str, str]:
        """Addresses the shell needs by name: home, sign_in, sign_out, inbox, me, desk, privacy."""
        return self._once("links", lambda: self.shell.links(self.actor))

    @property
    def nav(self) -> list[NavItem]:
        """Main navigation."""
        return self._once("nav", lambda: self.shell.nav(self.actor))

    @property
    def rail(self) -> list[NavItem]:
        """Staff navigation."""
        return self._once("rail", lambda: self.shell.rail(self.actor))

    @property
    def unread(self) -> int:
        """Unread notices."""
        return self._once("unread", lambda: self.shell.unread(self.actor))

    @property
    def place_name(self) -> str:
        """Name of the reader's place, for the mark."""
        return self._once("place_name", lambda: self.shell.place_name(self.actor))

    @property
    def community_phone(self) -> str:
        """Public telephone of the reader's community, or empty."""
        return self._once("phone", lambda: self.shell.community_phone(self.actor))


def init_app(app: Flask) -> None:
    """Give every template the `ui` object, and hand-written forms their request key."""
    app.extensions["wishapp_shell"] = Shell()
    app.jinja_env.globals["request_key"] = lambda: uuid.uuid4().hex
    app.context_processor(lambda: {"ui": UI(current_actor(), current_app.extensions["wishapp_shell"]), "actor": current_actor()})

"""Reading pages as a visitor without a browser does: their links, and their forms with what stands in them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit


@dataclass
class Field:
    """A field of a form: its name, its kind (text, hidden, number, date, select, radio, checkbox, file, …), what stands in it, its choices."""

    name: str
    kind: str
    value: str = ""
    choices: list[str] = field(default_factory=list)


@dataclass
class FormFound:
    """A form: where it sends, how, and its fields in order. `buttons` are (name, value) pairs of named buttons."""

    action: str
    method: str
    fields: list[Field] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def values(self) -> list[tuple[str, str]]:
        """What sending it would send, with something plausible where nothing stands yet."""
        sent: dict[str, list[str]] = {}
        for entry in self.fields:
            if entry.kind == "file":
                continue
            value = entry.value or next(filter(None, entry.choices), "") or PLAUSIBLE.get(entry.kind, "测试")
            if entry.kind in ("radio", "checkbox") and entry.name in sent:
                continue
            sent.setdefault(entry.name, []).append("" if entry.kind == "hidden" and not entry.value else value)
        pairs = [(name, value) for name, values in sent.items() for value in values]
        return pairs + self.buttons[:1]


PLAUSIBLE = {"number": "1", "date": "2026-12-01", "email": "a@example.invalid", "tel": "13900000000", "checkbox": "y", "datetime-local": "2026-12-01T10:00"}


class _Reader(HTMLParser):
    """Collects links and forms."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base, self.links, self.forms = base, [], []
        self._form: FormFound | None = None
        self._by_id: dict[str, FormFound] = {}
        self._late: list[tuple[str, Field]] = []
        self._select: Field | None = None
        self._area: Field | None = None
        self._elsewhere: list[tuple[FormFound, str]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attributes}
        if tag == "a" and found.get("href"):
            self.links.append(urljoin(self.base, found["href"]))
        elif tag == "form":
            self._form = FormFound(urldefrag(urljoin(self.base, found.get("action") or self.base))[0], found.get("method", "get").upper())
            self.forms.append(self._form)
            if "id" in found:
                self._by_id[found["id"]] = self._form
        elif tag in ("input", "textarea", "select", "button"):
            self._field(tag, found)
        elif tag == "option" and self._select is not None:
            self._select.choices.append(found.get("value", ""))
            if "selected" in found:
                self._select.value = found.get("value", "")

    def _field(self, tag: str, found: dict[str, str]) -> None:
        kind = found.get("type", "text") if tag == "input" else tag
        owner = self._by_id.get(found.get("form", ""), self._form)
        if found.get("formaction") and owner is not None:
            self._elsewhere.append((owner, urljoin(self.base, found["formaction"])))
        if not found.get("name"):
            return
        if tag == "button" or kind in ("submit", "image"):
            if self._form is not None:
                self._form.buttons.append((found["name"], found.get("value", "")))
            return
        entry = Field(found["name"], kind, found.get("value", "") if kind not in ("radio", "checkbox") or "checked" in found else "")
        if kind in ("radio", "checkbox"):
            entry.choices.append(found.get("value", "y"))
        if found.get("form"):
            self._late.append((found["form"], entry))
        elif self._form is not None:
            self._form.fields.append(entry)
        self._select = entry if tag == "select" else self._select
        self._area = entry if tag == "textarea" else None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area.value += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None

    def close(self) -> None:
        super().close()
        for form_id, entry in self._late:
            if form_id in self._by_id:
                self._by_id[form_id].fields.append(entry)
        for form, action in self._elsewhere:
            self.forms.append(FormFound(action, form.method, form.fields, form.buttons))


@dataclass(frozen=True)
class PageFound:
    """Links (paths with their queries, of this site only) and forms of a page."""

    links: list[str]
    forms: list[FormFound]


def read_page(path: str, markup: str) -> PageFound:
    """Read one page; `path` is its own address, against which relative ones are resolved."""
    reader = _Reader(path)
    reader.feed(markup)
    reader.close()
    links = [link for link in dict.fromkeys(reader.links) if not urlsplit(link).netloc and urlsplit(link).scheme == ""]
    used = {id(form) for form, _action in reader._elsewhere}
    forms = [form for form in reader.forms if form.method in ("GET", "POST") and not (id(form) in used and form.action == path)]
    return PageFound([link.partition("#")[0] or path for link in links], forms)

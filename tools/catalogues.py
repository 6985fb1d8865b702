"""The catalogues: `update` brings translations/ up to date with the code, `check` is the gate, `compile` makes the .mo files.

Message ids are English. zh_Hans_CN is the first language and written by hand (by way of translations/pending/*.json while a
feature grows); zh_Hant is made from it by OpenCC, and an edit by hand stays for as long as its zh_Hans source stays; en is
the message id itself. Entries the code no longer uses are dropped, nothing is guessed ("fuzzy").
"""

import argparse
import json
import re
import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
FIRST, TRADITIONAL, ENGLISH = "zh_Hans_CN", "zh_Hant", "en"
LOCALES = (FIRST, TRADITIONAL, ENGLISH)
KEYWORDS = {"_": None, "N_": None, "gettext": None, "lazy_gettext": None, "_l": None, "ngettext": (1, 2), "lazy_ngettext": (1, 2)}
SOURCES = (("wishapp", [("**.py", "python")]), ("templates", [("**.html", "jinja2")]))
MADE_FROM = "zh_Hans: "


class Fault(Exception):
    """The catalogues cannot be made; the message says where."""


def po_file(locale, root=ROOT):
    return root / "translations" / locale / "LC_MESSAGES" / "messages.po"


def extract(root=ROOT):
    """Every message of the code: {key: Message}; the key of a plural message is its singular."""
    found = Catalog()
    for folder, method_map in SOURCES:
        if not (root / folder).is_dir():
            continue
        options = {"**.html": {"silent": "false", "trimmed": "true", "extensions": "jinja2.ext.do"}}
        rows = extract_from_dir(root / folder, method_map, options, keywords=KEYWORDS)
        for name, _line, message, _comments, context in rows:
            found.add(message, None, [(f"{folder}/{name}", 0)], context=context)
    return {singular(message): message for message in found if message.id}


def singular(message):
    return message.id[0] if isinstance(message.id, tuple | list) else message.id


def read(locale, root=ROOT):
    path = po_file(locale, root)
    if not path.exists():
        return Catalog(locale=locale)
    with path.open("rb") as handle:
        return read_po(handle, locale=locale)


def pending(root=ROOT):
    """Simplified Chinese that waits in translations/pending/*.json: {English: "中文" or ["中文"]}."""
    waiting = {}
    for path in sorted((root / "translations" / "pending").glob("*.json")):
        try:
            rows = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as fault:
            raise Fault(f"{path.relative_to(root)}: {fault}") from fault
        for msgid, text in rows.items():
            text = text[0] if isinstance(text, list) else text
            if waiting.setdefault(msgid, text) != text:
                print(f"note: {path.name} has {text!r} for {msgid!r}; the earlier {waiting[msgid]!r} stays")
    return waiting


def to_traditional():
    """A function from Simplified to Traditional Chinese: characters in Taiwan's standard forms, the neighbourhood's own words.

    The phrase-changing profile (s2twp) was tried: it turns a review that was "passed" into one that went "through" something.
    """
    from opencc import OpenCC  # noqa: PLC0415  (only `update` needs it; the gate and `compile` run without)

    return OpenCC("s2tw").convert


def is_made_from(entry, source):
    """Was this zh_Hant entry made from this zh_Hans text? Written .po comments may be wrapped, so blanks do not count."""
    return "".join("".join(entry.user_comments).split()) == "".join((MADE_FROM + source).split())


def texts(message):
    """A message's translations as a tuple: one, or one for each plural form."""
    return tuple(message.string) if isinstance(message.string, tuple | list) else (message.string,)


def shaped(message, strings):
    """Strings in the shape babel wants for this message."""
    return tuple(strings) if isinstance(message.id, tuple | list) else strings[0]


def new_entry(locale, message, string, note=None):
    files = sorted({name for name, _line in message.locations})
    return Message(message.id, string, locations=[(name, None) for name in files], flags=message.flags - {"fuzzy"},
                   user_comments=[note] if note else [], context=message.context)


def fill_first(messages, old, waiting):
    catalog = Catalog(locale=FIRST, fuzzy=False)
    for key, message in messages.items():
        before = old.get(key)
        known = texts(before)[0] if before is not None and before.id == message.id else ""
        text = waiting.get(key) or known or ""
        catalog[message.id] = new_entry(FIRST, message, shaped(message, [text]))
    return catalog


def fill_traditional(messages, first, old, convert):
    catalog = Catalog(locale=TRADITIONAL, fuzzy=False)
    for key, message in messages.items():
        source = texts(first.get(key))[0]
        before = old.get(key)
        kept = before is not None and before.id == message.id and is_made_from(before, source) and texts(before)[0]
        text = kept or (convert(source) if source else "")
        catalog[message.id] = new_entry(TRADITIONAL, message, shaped(message, [text]), MADE_FROM + source)
    return catalog


def fill_english(messages):
    catalog = Catalog(locale=ENGLISH, fuzzy=False)
    for message in messages.values():
        catalog[message.id] = new_entry(ENGLISH, message, message.id)
    return catalog


def as_text(catalog):
    """The .po file, without the dates and tools that would make two people's files differ."""
    buffer = BytesIO()
    write_po(buffer, catalog, width=120, sort_output=True, include_lineno=False, ignore_obsolete=True)
    text = buffer.getvalue().decode()
    header = ("Content-Type", "Content-Transfer-Encoding", "MIME-Version", "Language:", "Plural-Forms")
    lines, in_header = [], True
    for line in text.splitlines():
        if in_header and line.startswith("#"):
            continue
        if in_header and line.startswith('"') and not line.lstrip('"').startswith(header):
            continue
        in_header = in_header and line != ""
        lines.append(line)
    return "\n".join(lines).strip() + "\n"


def update(root=ROOT, *, absorb=False):
    """Write the three catalogues. With absorb, the pending files go once everything in them has its place."""
    messages = extract(root)
    waiting = pending(root)
    first = fill_first(messages, read(FIRST, root), waiting)
    made = {
        FIRST: first,
        TRADITIONAL: fill_traditional(messages, first, read(TRADITIONAL, root), to_traditional()),
        ENGLISH: fill_english(messages),
    }
    for locale, catalog in made.items():
        path = po_file(locale, root)
        path.parent.mkdir(parents=True, exist_ok=True)
        text = as_text(catalog)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    missing = [key for key in messages if not all(texts(first.get(key)))]
    for key in missing:
        print(f"missing in {FIRST}: {key!r}")
    print(f"{len(messages)} messages, {len(missing)} without Chinese")
    if absorb and not missing:
        for path in (root / "translations" / "pending").glob("*.json"):
            path.unlink()
    return 0


def placeholders(text):
    """The names a text asks to be filled: %(name)s, %s, {name}."""
    return sorted(re.findall(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}", text.replace("%%", "")))


def faults(root=ROOT):
    """What is wrong with the catalogues, one line each; empty when all is well."""
    messages = extract(root)
    first = read(FIRST, root)
    for locale in LOCALES:
        catalog = read(locale, root)
        known = {singular(message): message for message in catalog if message.id}
        yield from (f"{locale}: not in the catalogue: {key!r}" for key in messages if key not in known)
        yield from (f"{locale}: no longer used: {key!r}" for key in known if key not in messages)
        yield from (f"{locale}: obsolete entry: {key!r}" for key in catalog.obsolete)
        for key, message in known.items():
            if key not in messages:
                continue
            if message.fuzzy:
                yield f"{locale}: fuzzy: {key!r}"
            if message.id != messages[key].id:
                yield f"{locale}: plural differs from the code: {key!r}"
            yield from translation_faults(locale, message)
            if locale == TRADITIONAL and first.get(key) and not is_made_from(message, texts(first.get(key))[0]):
                yield f"{locale}: older than its {FIRST} source: {key!r}"


def translation_faults(locale, message):
    """Empty translations, and placeholders that the translation lost or invented."""
    ids = tuple(message.id) if isinstance(message.id, tuple | list) else (message.id,)
    wanted = placeholders(ids[-1])
    for number, text in enumerate(texts(message)):
        if not text:
            yield f"{locale}: no translation: {ids[0]!r}"
        elif locale == ENGLISH and number < len(ids) and text != ids[number]:
            yield f"{locale}: differs from its message id: {ids[0]!r}"
        elif placeholders(text) != wanted and not (len(ids) > 1 and set(placeholders(text)) <= set(wanted)):
            yield f"{locale}: placeholders {placeholders(text)} instead of {wanted}: {ids[0]!r}"


def check(root=ROOT):
    """The gate: 0 when the catalogues are complete and match the code, else 1 and the list."""
    lines = list(faults(root))
    for line in lines[:40]:
        print(line)
    if lines:
        print(f"{len(lines)} faults in the catalogues; `make catalogues` brings them up to date")
    return 1 if lines else 0


def compile_all(root=ROOT):
    """Write each catalogue's .mo beside it."""
    for locale in LOCALES:
        path = po_file(locale, root)
        if path.exists():
            fresh = path.with_suffix(".mo.new")
            with fresh.open("wb") as handle:
                write_mo(handle, read(locale, root))
            fresh.replace(path.with_suffix(".mo"))
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=["update", "check", "compile"])
    parser.add_argument("--absorb", action="store_true", help="with update: delete the pending files once all is translated")
    wish = parser.parse_args()
    try:
        return {"update": lambda: update(absorb=wish.absorb), "check": check, "compile": compile_all}[wish.step]()
    except Fault as fault:
        print(fault, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())

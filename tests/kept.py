"""What every application would make anew and is always the same, kept for the run: compiled URL rules, templates and SQL.

Every test makes its own application on its own database; without this, most of its time would go into compiling.
"""

from types import CodeType

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from jinja2 import BytecodeCache, FileSystemBytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from werkzeug.routing import Rule

from tests.databases import shared_folder

STATEMENTS = 4000  # more than the site has, so that none is compiled twice


def keep_rules(patch: pytest.MonkeyPatch) -> None:
    """Rules of the same words are compiled once."""
    kept: dict[tuple, dict] = {}
    compiled = Rule.compile

    def keep(rule: Rule) -> None:
        key = (rule.rule, repr(rule.defaults), rule.merge_slashes, rule.subdomain, rule.host)
        if key not in kept:
            compiled(rule)
            kept[key] = {name: getattr(rule, name) for name in ("_parts", "_trace", "_converters", "arguments")} | {
                "_build": rule._build.__func__, "_build_unknown": rule._build_unknown.__func__}
        known = kept[key]
        rule._parts, rule._trace, rule._converters, rule.arguments = known["_parts"], known["_trace"], known["_converters"], known["arguments"]
        rule._build, rule._build_unknown = known["_build"].__get__(rule, None), known["_build_unknown"].__get__(rule, None)

    patch.setattr(Rule, "compile", keep)


def keep_statements(patch: pytest.MonkeyPatch) -> None:
    """Engines of one kind share a dialect, once it has met a server, and with it the statements compiled for it."""
    first: dict[str, Engine] = {}
    made = SQLAlchemy._make_engine

    def make(self: SQLAlchemy, bind_key: str | None, options: dict, app: Flask) -> Engine:
        engine = made(self, bind_key, {"query_cache_size": STATEMENTS, **options}, app)
        known = first.get(engine.dialect.name)
        if known is None or known.dialect.server_version_info is None:
            first[engine.dialect.name] = engine
        else:
            engine.dialect = engine.pool._dialect = known.dialect
            engine._compiled_cache = known._compiled_cache
        return engine

    patch.setattr(SQLAlchemy, "_make_engine", make)


class Templates(BytecodeCache):
    """Compiled templates: in the run's folder for every process, and in memory for the next application of this one."""

    def __init__(self) -> None:
        self.files = FileSystemBytecodeCache(str(shared_folder()), "%s.template")
        self.codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.codes.get((bucket.key, bucket.checksum))
        if bucket.code is None:
            self.files.load_bytecode(bucket)
            self.codes[bucket.key, bucket.checksum] = bucket.code

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.files.dump_bytecode(bucket)
        self.codes[bucket.key, bucket.checksum] = bucket.code

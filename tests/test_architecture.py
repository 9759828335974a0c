"""The map of docs/architecture.md holds: who may import whom, and how long things may grow."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = "leitner", "accounts", "cards", "backups"
FILE_MAX, FUNCTION_MAX = 250, 45
# One list in the order of Django's documentation, without logic: easier to find things in as one.
SETTINGS_MAX = 420

# Modules that know nothing but Python: no Django, no database, no clock.
PURE = (
    "cards.scheduling",
    "cards.progress",
    "cards.box_plan",
    "cards.charts",
    "backups.wire",
    "backups.sentences",
    "backups.archives.csv_text",
    "backups.archives.archive",
    "backups.archives.manifest",
    "backups.archives.naming",
    "backups.places.retention",
    "backups.legacy.dates",
    "backups.legacy.text",
    "backups.legacy.rules",
)
# Layers of `cards`, from the database up. A module may import from its own layer and from lower
# ones; what is not named here is a service.
LAYERS = {"models": 0, "writing": 1, "services": 2, "forms": 3, "views": 4, "urls": 5}


def modules(*apps: str) -> dict[str, Path]:
    """Every module of ours by its dotted name; migrations are Django's."""
    found = {}
    for path in (path for app in apps for path in sorted((ROOT / app).rglob("*.py"))):
        if "migrations" not in path.parts:
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            found[name.removesuffix(".__init__")] = path
    return found


MODULES = modules(*APPS)


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Each imported name in full, and whether only type checkers see it."""
    tree = ast.parse(path.read_text("utf-8"))
    for_types = {
        node
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and ast.unparse(branch.test).endswith("TYPE_CHECKING")
        for statement in branch.body
        for node in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node in for_types) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: say the whole name instead of a relative import"
            yield from ((f"{node.module}.{alias.name}", node in for_types) for alias in node.names)


def ours(name: str) -> str | None:
    """The module of ours that this imported name lies in."""
    while name and name not in MODULES:
        name = name.rpartition(".")[0]
    return name or None


def layer(module: str) -> int:
    """How high a module of `cards` stands; pure modules lie below everything."""
    if module in PURE:
        return -1
    part = module.split(".")[1] if "." in module else "services"
    if part.startswith(("forms", "admin", "templatetags", "management", "demo")):
        # These stand between the services and the pages: they may use every service.
        return LAYERS["forms"]
    return LAYERS.get(part, LAYERS["services"])


@pytest.mark.parametrize("module", PURE)
def test_pure_modules_import_the_standard_library_and_each_other_only(module: str) -> None:
    for name, _ in imports(MODULES[module]):
        allowed = name.split(".")[0] in sys.stdlib_module_names or ours(name) in PURE
        assert allowed, f"{module} imports {name}"


def test_accounts_imports_no_other_app() -> None:
    """Not even for types: the account is below everything."""
    for module, path in modules("accounts").items():
        for name, _ in imports(path):
            assert name.split(".")[0] not in {"cards", "backups"}, f"{module} imports {name}"


def test_cards_knows_accounts_only_as_a_type() -> None:
    for module, path in modules("cards").items():
        for name, for_types in imports(path):
            if name.split(".")[0] == "accounts":
                assert for_types, f"{module} imports {name}; use get_user_model()"


def test_nobody_imports_backups() -> None:
    for module, path in modules("leitner", "accounts", "cards").items():
        for name, _ in imports(path):
            assert not name.startswith("backups"), f"{module} imports {name}"


def test_only_settings_read_the_environment() -> None:
    for module, path in MODULES.items():
        if module in {"leitner.env", "leitner.settings", "leitner.wsgi"}:
            continue
        source = path.read_text("utf-8")
        assert "os.environ" not in source, f"{module} reads the environment"
        assert "getenv" not in source, f"{module} reads the environment"


def test_cards_imports_point_downwards() -> None:
    """Views use forms and services, services use models; never the other way round."""
    for module, path in modules("cards").items():
        for name, for_types in imports(path):
            target = ours(name)
            if target and target.startswith("cards.") and not for_types:
                assert layer(target) <= layer(module), f"{module} imports {target}"


def test_views_write_through_services() -> None:
    """A view neither opens a transaction nor takes the learner's lock itself."""
    for module, path in modules("cards").items():
        if not module.startswith("cards.views"):
            continue
        for name, _ in imports(path):
            assert not name.startswith(("cards.writing", "django.db.transaction")), (
                f"{module} imports {name}"
            )


def test_there_are_no_signals_and_no_rules_in_save() -> None:
    for module, path in MODULES.items():
        for name, _ in imports(path):
            assert not name.startswith(("django.dispatch", "django.db.models.signals")), (
                f"{module} imports {name}"
            )
        if ".models" in module:
            tree = ast.parse(path.read_text("utf-8"))
            names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
            assert not names & {"save", "delete"}, f"{module} overrides save() or delete()"


def test_nothing_asks_the_servers_clock_for_the_date() -> None:
    """The learner's date comes from `user.today(now)`."""
    for module, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                call = ast.unparse(node.func)
                assert not call.endswith(("date.today", "datetime.today", "utcnow", "localdate")), (
                    f"{module}, line {node.lineno}: {call}()"
                )


@pytest.mark.parametrize("path", modules(*APPS, "tests").values(), ids=modules(*APPS, "tests"))
def test_files_and_functions_stay_short(path: Path) -> None:
    source = path.read_text("utf-8")
    lines = source.count("\n")
    most = SETTINGS_MAX if path == MODULES["leitner.settings"] else FILE_MAX
    assert lines <= most, f"{path.name} has {lines} lines; split it by noun"
    if "tests" in path.relative_to(ROOT).parts:
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            assert length <= FUNCTION_MAX, f"{node.name} has {length} lines"

"""Texts that got out of the box elsewhere: in formulas, in the names of time zones, in what a page or a job takes for code."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from engine.expressions.browser import compile_browser
from engine.expressions.functions import FUNCTIONS
from engine.people.zones import zone_named
from metamodel.expressions.checker import Scope, check_expression
from tests.expressions.test_checker import SCOPE, Shop

ROOT = Path(__file__).parents[2]
EMPTY = Scope(Shop(), None, {})


@pytest.mark.parametrize(
    "text",
    [
        "().__class__.__mro__",
        "name.__class__",
        "name.constructor.constructor",
        "__import__",
        '__import__("os").system("id")',
        'eval("1")',
        'constructor.constructor("return process")()',
        'this["constructor"]',
        "name.__proto__",
        "name[0]",
        "lambda: 1",
        "`${1}`",
        "1; DROP TABLE app.deal",
        "name || pg_sleep(9)",
        "pg_sleep(9)",
        "(SELECT 1)",
        "name::text",
        "globals()",
    ],
)
@pytest.mark.parametrize("scope", [SCOPE, EMPTY], ids=["record", "nothing"])
def test_no_formula_reaches_the_language_that_runs_it(text: str, scope: Scope) -> None:
    checked = check_expression(text, scope, FUNCTIONS)
    assert checked.expression is None
    assert checked.faults


@pytest.mark.parametrize("text", ["</script><script>", "`${alert(1)}`", '\\"); alert(1); ("', "\u2028alert(1)", "<!--"])
def test_a_text_of_a_formula_stays_a_text_in_the_browser(text: str) -> None:
    quoted = text.replace('"', '""')
    checked = check_expression(f'name & "{quoted}"', SCOPE, FUNCTIONS)
    assert checked.expression is not None
    written = compile_browser(checked.expression)
    (literal,) = re.findall(r'"(?:[^"\\]|\\.)*"', written.replace('"name"', ""))
    assert json.loads(literal) == text
    assert "`" not in written.replace(literal, "")


@pytest.mark.parametrize(
    "name",
    [
        "UTC'; DROP TABLE app.deal; --",
        "../../etc/passwd",
        "/etc/passwd",
        "Asia/../../x",
        "UTC\0",
        "Asia/Shanghai; SELECT 1",
        "Asia",
        "",
        "x" * 5000,
    ],
)
def test_the_name_of_a_time_zone_is_one_or_none(name: str) -> None:
    assert zone_named(name) is None


def test_nothing_of_ours_runs_or_unpacks_what_others_wrote() -> None:
    """No pickles (jobs are JSON), no templates made of texts, no shell, no code out of values."""
    for path in [
        *(ROOT / "engine").rglob("*.py"),
        *(ROOT / "metamodel").rglob("*.py"),
        *(ROOT / "designer").rglob("*.py"),
    ]:
        if "node_modules" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = {one.name.partition(".")[0] for one in node.names} if isinstance(node, ast.Import) else set()
            names |= {(node.module or "").partition(".")[0]} if isinstance(node, ast.ImportFrom) else set()
            assert not names & {"pickle", "marshal", "shelve", "dill", "cloudpickle"}, path
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                assert called not in {"render_template_string", "from_string", "popen"}, (path, node.lineno)
                assert ast.unparse(node.func) != "os.system", (path, node.lineno)
                assert not (isinstance(node.func, ast.Name) and called in {"eval", "exec", "__import__"}), path
                shell = [one for one in node.keywords if one.arg == "shell"]
                assert not any(getattr(one.value, "value", True) for one in shell), (path, node.lineno)

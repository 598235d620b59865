"""The reference of functions in docs/expressions.md, made from their records. Run as a module it rewrites the page."""

from __future__ import annotations

from pathlib import Path

from engine.expressions.functions import FUNCTIONS

PAGE = Path(__file__).parents[2] / "docs" / "expressions.md"
START, END = "<!-- functions -->\n", "<!-- /functions -->\n"


def reference() -> str:
    """Return the table of all functions."""
    lines = ["| function | 说明 | what it gives | for example |", "| --- | --- | --- | --- |"]
    for function in FUNCTIONS.values():
        usage = "<br>".join(f"`{usage}`".replace("|", "\\|") for usage in function.usage)
        example = f"`{function.examples[0].text}`".replace("|", "\\|") if function.examples else ""
        lines.append(f"| {usage} | {function.help.zh} | {function.help.en} | {example} |")
    return "\n".join(lines) + "\n"


def page_with_reference(page: str) -> str:
    """Return the page with the table put in."""
    head, _, rest = page.partition(START)
    return head + START + reference() + END + rest.partition(END)[2]


if __name__ == "__main__":
    PAGE.write_text(page_with_reference(PAGE.read_text(encoding="utf-8")), encoding="utf-8")

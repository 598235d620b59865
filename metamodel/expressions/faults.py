"""Faults of one expression: what is wrong and from which character to which. Placing them in a file is the reader's work."""

from __future__ import annotations

from dataclasses import dataclass, field

from metamodel.text import Text


@dataclass(eq=False)
class ExpressionFault(Exception):
    """One fault of an expression. ``start`` and ``end`` are offsets into its text, in code points; ``at_end`` says that the text
    stopped where more was expected."""

    code: str
    message: Text
    start: int = 0
    end: int = 0
    hint: Text = field(default_factory=Text)
    severity: str = "error"
    at_end: bool = False

    def __post_init__(self) -> None:
        Exception.__init__(self, self.code, self.message.en)


def cut_by_yaml(fault: ExpressionFault) -> ExpressionFault | None:
    """Return the fault EXPR_CUT in place of ``fault`` where an unquoted expression stopped in its middle, as YAML does to it at a
    comma, colon, hash or bracket; None where ``fault`` says something else. To be asked for plain scalars only."""
    if not fault.at_end:
        return None
    return ExpressionFault(
        "EXPR_CUT",
        Text(
            zh="表达式在中间断开了：YAML 截断了没有加引号的文本",
            en="The expression stops in its middle: YAML cut the unquoted text",
        ),
        fault.start,
        fault.end,
        Text(
            zh='含有 , : # { } [ ] " 的表达式请用单引号括起来',
            en='put an expression with , : # { } [ ] " into single quotes',
        ),
        at_end=True,
    )

"""What people are told of a duplicate: which record it is, where that may be told; else whom to ask, where that may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metamodel.text import Text

if TYPE_CHECKING:
    from engine.records.compile import CompiledObject
    from engine.records.duplicates import Match


def blocked(compiled: CompiledObject, match: Match) -> Text:
    """Return what to say where a duplicate is refused."""
    label = compiled.definition.label
    said = Text(zh=f"已有重复的{label('zh')}", en=f"There is a {label('en')} like this already")
    return _with(match.rule.definition.message or said, which(match))


def likely(compiled: CompiledObject, match: Match) -> Text:
    """Return what to say where a likely duplicate is let in."""
    label = compiled.definition.label
    said = Text(zh=f"可能与已有{label('zh')}重复", en=f"This may be the same as a {label('en')} that is there")
    return _with(match.rule.definition.message or said, which(match))


def which(match: Match) -> Text:
    """Return which record a match is, as the end of a sentence."""
    if match.label is not None:
        return Text(zh=f"：{match.label}", en=f": {match.label}")
    if match.twin is not None:
        return Text(zh=f"（同批第 {match.twin + 1} 条）", en=f" (row {match.twin + 1} of the same batch)")
    if match.owner:
        return Text(
            zh=f"（您无权查看，负责人：{match.owner}）", en=f" (you may not see it; its owner is {match.owner})"
        )
    return Text(zh="（您无权查看）", en=" (you may not see it)")


def _with(said: Text, more: Text) -> Text:
    return Text(zh=said("zh") + more.zh, en=said("en") + more.en)

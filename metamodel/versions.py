"""Pack versions and the ranges that `requires` names: ``>=1.2,<2``."""

from __future__ import annotations

import re

_VERSION = re.compile(r"(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?(?:[-+.]?([0-9A-Za-z.+-]{1,40}))?\Z", re.ASCII)
_CLAUSE = re.compile(r"\s*(>=|<=|==|!=|=|<|>|~|\^)?\s*([0-9][0-9A-Za-z.+-]*)\s*\Z", re.ASCII)

Version = tuple[int, int, int, int, str]  # the fourth: 0 for a pre-release, 1 for the release itself


def parse_version(text: str) -> Version | None:
    """Return a comparable version, or None where ``text`` is none (``1``, ``1.4``, ``1.4.0``, ``1.4.0-rc.1``)."""
    found = _VERSION.match(text)
    if not found:
        return None
    major, minor, patch, rest = found.groups()
    return int(major), int(minor or 0), int(patch or 0), 0 if rest else 1, rest or ""


def parse_range(text: str) -> list[tuple[str, Version]] | None:
    """Return the clauses of a range (``*`` has none), or None where ``text`` is no range."""
    clauses: list[tuple[str, Version]] = []
    if text.strip() in {"*", ""}:
        return clauses
    for part in text.split(","):
        found = _CLAUSE.match(part)
        version = parse_version(found[2]) if found else None
        if not found or version is None:
            return None
        clauses.extend(_expand(found[1] or "==", version, found[2].count(".") + 1))
    return clauses


def _expand(sign: str, version: Version, given: int) -> list[tuple[str, Version]]:
    """Write ``^`` and ``~`` and partial equalities (``=1.4`` is any 1.4.x) out as bounds."""
    major, minor, patch = version[:3]
    if sign == "^":
        return [(">=", version), ("<", (major + 1, 0, 0, 0, "") if major else (0, minor + 1, 0, 0, ""))]
    if sign == "~":
        return [(">=", version), ("<", (major, minor + 1, 0, 0, "") if given > 1 else (major + 1, 0, 0, 0, ""))]
    if sign in {"=", "=="} and version[3]:
        above = {1: (major + 1, 0, 0, 0, ""), 2: (major, minor + 1, 0, 0, "")}.get(
            given, (major, minor, patch + 1, 0, "")
        )
        return [(">=", version), ("<", above)]
    return [("==" if sign == "=" else sign, version)]


def admits(clauses: list[tuple[str, Version]], version: Version) -> bool:
    """Whether ``version`` meets every clause."""
    for sign, bound in clauses:
        good = {
            ">=": version >= bound,
            "<=": version <= bound,
            ">": version > bound,
            "<": version < bound,
            "==": version == bound,
            "!=": version != bound,
        }[sign]
        if not good:
            return False
    return True

"""What a connection says: which system is spoken to, by which operations, and what it may send in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from metamodel.faults import Mark
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metamodel.definitions.common import Expression


@dataclass(frozen=True, slots=True)
class AuthDef:
    """How a request proves who sends it: ``kind`` is bearer, hmac or basic; ``options`` hold names of secrets, never secrets."""

    kind: str
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OperationDef:
    """One outgoing request made from a record of ``object``. ``body`` is a tree of literals, ``Expression`` and ``Template``; ``answer`` maps
    fields to expressions over ``answer.``; ``key`` is the idempotency key."""

    name: str
    object: str
    method: str
    path: str
    body: Any = None
    headers: Mapping[str, Any] = field(default_factory=dict)
    key: Expression | None = None
    answer: Mapping[str, Any] = field(default_factory=dict)
    times: int = 8
    within: str = "1d"
    label: Text = field(default_factory=Text)
    mark: Mark = field(default=Mark(), compare=False)


@dataclass(frozen=True, slots=True)
class InboundDef:
    """What comes in by ``/hooks/{connection}``: how it is verified, and the record it makes or changes (``by`` finds it)."""

    name: str
    verify: AuthDef
    object: str
    by: tuple[str, ...]
    set: Mapping[str, Any] = field(default_factory=dict)
    mark: Mark = field(default=Mark(), compare=False)


@dataclass(frozen=True, slots=True)
class ConnectionDef:
    """A system outside. ``base`` is where its addresses begin."""

    name: str
    label: Text
    base: str
    auth: AuthDef | None = None
    operations: Mapping[str, OperationDef] = field(default_factory=dict)
    inbound: Mapping[str, InboundDef] = field(default_factory=dict)
    pack: str = ""
    mark: Mark = field(default=Mark(), compare=False)

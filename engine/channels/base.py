"""The record that every channel fills in, and what passes through it. When something is sent is not known here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from engine.config import Config
    from metamodel.text import Text


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to tell, as channels need them. ``language`` is never empty."""

    id: int
    login: str
    name: str
    email: str
    phone: str
    language: str


@dataclass(frozen=True, slots=True)
class Letter:
    """One thing to send to one address: ``people`` are those it is for, none where it is for a group of which nobody is named."""

    address: str
    language: str
    people: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message on its way. ``key`` is the same for every try of it; ``link`` is a whole address, or empty."""

    key: str
    address: str
    subject: str
    body: str
    link: str
    at: datetime


class Undelivered(Exception):
    """A try that failed. ``again``: whether a later one may do better; ``everything``: whether it is the channel that is away, not this one
    message that it will not have; ``seconds``: how long the channel asks to be left alone."""

    def __init__(self, message: str, *, again: bool = True, everything: bool = False, seconds: float = 0) -> None:
        super().__init__(message)
        self.again, self.everything, self.seconds = again, everything, seconds


@dataclass(frozen=True, slots=True)
class ChannelKind:
    """A channel. ``letters`` divides the people of a message into what is sent; ``ready`` says whether the installation is set up for it;
    ``open`` gives, as long as the context lasts, a function that sends one parcel and raises Undelivered where that failed. A channel without
    ``open`` keeps its messages in the database and sends nothing. ``per_minute``: how many it takes at the most, 0: any number."""

    name: str
    label: Text
    help: Text
    letters: Callable[[Config, Sequence[Person]], tuple[Letter, ...]]
    ready: Callable[[Config], bool]
    open: Callable[[Config], AbstractContextManager[Callable[[Parcel], None]]] | None = None
    missing: Text | None = None  # what to do where it is not ready
    per_minute: int = 0

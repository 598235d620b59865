"""What an option of a kind (action, trigger, widget, assignee) takes. Its JSON Schema, its reading, its checking, the designer's property
panel and the documentation are all made from these records; what an option means is known to the kind alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metamodel.text import Text


class Takes(Enum):
    """The sorts of values an option may have. As read: names and texts are str, ``…S`` a tuple of str unless said otherwise."""

    CONDITION = "condition"  # Expression, TRUE or FALSE; no ``=`` in front
    EXPRESSION = "expression"  # Expression of any type; no ``=`` in front
    VALUE = "value"  # a literal, ``=expression`` or a template
    VALUES = "values"  # field → VALUE, of the object that the option ``of`` names, or of the subject
    RECORD = "record"  # ``=expression`` giving a link, or the bare name of a record bound before by ``as``
    PEOPLE = "people"  # one or a list of: ``=expression`` (a user or several), ``{role: name}``, ``{role: name, where: condition}``
    OBJECT = "object"
    OBJECTS = "objects"
    FIELD = "field"
    FIELDS = "fields"
    PATH = "path"
    PATHS = "paths"
    COPIES = "copies"  # lines field of the new record → lines field of the subject
    STATE = "state"
    STATES = "states"  # one or a list
    TRANSITION = "transition"
    APPROVAL = "approval"
    PROCESS = "process"
    METRIC = "metric"
    VIEW = "view"  # object.view
    OPERATION = "operation"  # connection.operation
    INBOUND = "inbound"  # connection.way in
    PART = "part"  # of a record's team
    ROLE = "role"
    ROLES = "roles"
    CHANNELS = "channels"
    TEXT = "text"  # a literal text
    TEXTS = "texts"  # a list of them
    LABEL = "label"  # Text
    MESSAGE = "message"  # Text with {path} places (a Text of templates)
    DURATION = "duration"  # as written: 48h
    NUMBER = "number"  # int or Decimal
    FLAG = "flag"
    CHOICE = "choice"  # one of ``choices``
    CHOICES = "choices"  # a list of ``choices``
    CRON = "cron"  # five fields
    TIME = "time"  # ``08:30`` or ``MON 08:00``
    NEW_NAME = "new name"  # what a record is called for the actions after
    ACTIONS = "actions"  # nested actions: a tuple of ActionDef
    SETTINGS = "settings"  # a map of plain values that the kind checks itself


@dataclass(frozen=True, slots=True)
class OptionSort:
    """One option. ``of``: the option (of the same kind) that names the object which fields, values and conditions here are about; "" for
    the subject (the record that an automation, effect or approval is about). ``choices`` for CHOICE(S)."""

    takes: Takes
    label: Text
    required: bool = False
    help: Text | None = None
    of: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OptionSorts:
    """The options of a kind. ``whole``: what the kind takes where it is given no map of options (``{wait: 2d}``, ``{set: {…}}``); ``one_of``:
    exactly one of these must be given; ``needs``: what the object of the record that it is about must have (pool, team); ``stores``:
    the objects that it keeps records in, with the fields that they must have."""

    named: Mapping[str, OptionSort] = field(default_factory=dict)
    whole: OptionSort | None = None
    one_of: tuple[str, ...] = ()
    needs: str = ""
    stores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

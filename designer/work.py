"""One visit of a designer: the draft as it is, what it comes to, and the one way of changing it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from designer.changes import Changes
from designer.drafts import Author, Draft, edited, load_draft, refuse_stale, save_draft
from designer.rebase import rebased, site_files
from designer.yaml_tree import EditFault
from engine.context import SYSTEM
from engine.records.compile import Records
from engine.records.rights import rights_of
from engine.refusals import Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from designer.candidate import Candidate, Desk
    from engine.screens.site import Visit
    from metamodel.definitions.model import Model


@dataclass
class Work:
    """A draft in the hands of somebody who may design."""

    visit: Visit
    desk: Desk
    draft: Draft

    @cached_property
    def candidate(self) -> Candidate:
        """What the draft comes to."""
        return self.desk.candidate(self.visit.context.connection, self.visit.context.runtime, self.draft)

    @property
    def changed(self) -> bool:
        """Return whether there is anything to publish: what was done and taken back again is nothing."""
        _ = self.candidate  # the desk then knows what is published
        return bool(self.draft.theirs) or (self.draft.changed and self.draft.files != self.desk.published)

    @property
    def model(self) -> Model:
        """Return the model with the draft, without what is faulty in it."""
        return self.candidate.model

    @property
    def published(self) -> Model:
        """Return the model that serves."""
        return self.visit.records.model

    @cached_property
    def shown(self) -> Visit:
        """The same visit on the draft's model, with every right: for drawing, never for records."""
        runtime = self.candidate.runtime
        records = runtime.part(Records)
        context = replace(self.visit.context, runtime=runtime, actor=SYSTEM)
        return replace(self.visit, context=context, records=records, rights=rights_of(records, SYSTEM))

    @property
    def author(self) -> Author:
        """Return who is at work."""
        context = self.visit.context
        return Author(context.actor.id, context.actor.name or context.actor.login, context.now)


def may_design(visit: Visit) -> bool:
    """Whether somebody may enter: administrators, and the roles that the configuration names."""
    return visit.rights.full or bool(visit.context.actor.roles & set(visit.site.config.security.designers))


def open_work(visit: Visit, desk: Desk, *, lock: bool = False) -> Work:
    """Return the draft to look at, or (``lock``) to change. Raises Refusal 403 for those who may not design."""
    if not may_design(visit):
        raise Refusal(
            403,
            "FORBIDDEN",
            Text(
                zh="只有管理员和获准的角色可以进入设计器。",
                en="The designer is for administrators and the roles named for it.",
            ),
        )
    connection, number = visit.context.connection, visit.context.runtime.version
    draft = load_draft(connection, lock=lock)
    work = Work(visit, desk, draft or Draft(base=number, files=site_files(connection, number)))
    if work.draft.base != number:
        before, after = site_files(connection, work.draft.base), site_files(connection, number)
        work.draft = rebased(work.draft, before, after, number, work.author)
    return work


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page that posts a change was drawn from: the draft's version, 0 where it does not matter."""

    rev: int = 0
    path: str = ""


def change(work: Work, words: Text, make: Callable[[Changes], object], seen: Seen | None = None) -> None:
    """Change the draft by what ``make`` does, as one edit that can be undone. Raises Refusal 409 where somebody changed the same file since
    the page was drawn, 422 where it can't be done."""
    changes = Changes(work.candidate)
    try:
        make(changes)
    except EditFault as fault:
        raise Refusal(422, "NOT_EDITABLE", fault.message) from fault
    keep(work, changes.files, words, seen)


def keep(work: Work, files: Mapping[str, str], words: Text, seen: Seen | None = None) -> None:
    """Let the draft's files be ``files``."""
    if seen is not None and seen.rev:
        for path in {path for path in (*files, *work.draft.files) if files.get(path) != work.draft.files.get(path)}:
            refuse_stale(work.draft, seen.rev, path)
    put_draft(work, edited(work.draft, files, words, work.author))


def put_draft(work: Work, draft: Draft) -> None:
    """Keep a draft, and go on with it."""
    if draft is work.draft and draft.rev:
        return
    save_draft(work.visit.context.connection, draft, work.visit.context.now)
    work.draft = draft
    work.__dict__.pop("candidate", None)
    work.__dict__.pop("shown", None)

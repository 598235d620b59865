"""Publishing a draft, or going back to a version, beside the requests: a request that waited would hold the old version, whose end
publishing waits for. How far it has come is kept in tenon.draft, for whichever process is asked."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from designer.candidate import site_pack
from designer.drafts import SHARED, load_draft, save_draft
from engine.publishing.faults import PublishFault
from engine.publishing.install import rollback_to
from engine.publishing.press import Candidate, Press, utc_now
from engine.publishing.publish import publish
from engine.publishing.sources import SourceFile
from engine.publishing.steps import PlanRefusal
from engine.storage.tables import draft as table
from metamodel.layers import SITE
from metamodel.read import read_packs
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from designer.drafts import Draft
    from engine.config import Config
    from engine.publishing.plan import Base
    from engine.publishing.press import Outcome, Read
    from engine.publishing.steps import Step
    from metamodel.kinds import Kinds

LOG = logging.getLogger("tenon.designer")
KIND, KEY = "publication", "last"
RUNNING, DONE, FAILED, REFUSED = "running", "done", "failed", "refused"
STALE = 180  # seconds after which a publication that says nothing has died with its process; publishing again goes on from the journal
SHOWN = 50  # rows listed that stand against a publication


@dataclass(frozen=True, slots=True)
class State:
    """How the last publication stands. ``what``: publish, or rollback with ``target``; ``text``: the step it is at, or what went wrong."""

    state: str
    what: str
    target: int
    text: Text
    version: int = 0
    problems: tuple[Mapping[str, Any], ...] = ()
    total: int = 0
    lossy: bool = False


def load_state(connection: sa.Connection) -> State | None:
    """Return how the last publication stands, None before the first."""
    asked = sa.select(table.c.content, table.c.updated_at).where(
        table.c.user_id == SHARED, table.c.kind == KIND, table.c.key == KEY
    )
    row = connection.execute(asked).first()
    if row is None:
        return None
    said = dict(row.content)
    if said["state"] == RUNNING and (utc_now() - row.updated_at).total_seconds() > STALE:
        said |= {
            "state": FAILED,
            "text": {
                "zh": "发布中断，再次发布会从中断处继续。",
                "en": "It was broken off: publishing again goes on from there.",
            },
        }
    return State(**{**said, "text": Text(**said["text"]), "problems": tuple(said["problems"])})


@dataclass(frozen=True)
class Publisher:
    """Publishes in a thread of its own, one at a time for the whole installation (the publication's lock sees to that)."""

    engine: sa.Engine
    config: Config
    wake: Callable[[int], object] | None = None

    def press(self, kinds: Kinds) -> Press:
        """Return what publishing works with."""
        press = Press(self.engine, kinds, home=self.config.zone, calendar=self.config.working_days)
        return replace(press, wake=self.wake) if self.wake is not None else press

    def publish(self, kinds: Kinds, draft: Draft, author: int | None, note: str, *, accept_loss: bool) -> None:
        """Begin to publish a draft."""
        read = reading(draft, kinds, author, note)
        self._begin(
            State(RUNNING, "publish", 0, Text()), kinds, read, lambda made: self._settle(draft, made), accept_loss
        )

    def rollback(self, kinds: Kinds, number: int, author: int | None, *, accept_loss: bool) -> None:
        """Begin to go back to a version."""
        read = rollback_to(self.press(kinds), number, author)
        self._begin(State(RUNNING, "rollback", number, Text()), kinds, read, lambda _: None, accept_loss)

    def _begin(
        self, state: State, kinds: Kinds, read: Read, settle: Callable[[Outcome], None], accept_loss: bool
    ) -> None:
        self._say(state)
        work = threading.Thread(
            target=self._run,
            args=(state, kinds, read, settle),
            kwargs={"accept_loss": accept_loss},
            name="tenon-publish",
        )
        work.start()

    def _run(
        self, state: State, kinds: Kinds, read: Read, settle: Callable[[Outcome], None], *, accept_loss: bool
    ) -> None:
        def tell(step: Step) -> None:
            self._say(replace(state, text=step.sentence))

        press = replace(self.press(kinds), tell=tell, waiting=lambda text: self._say(replace(state, text=text)))
        try:
            outcome = publish(press, read, accept_loss=accept_loss)
            if not outcome.version:
                faults = [one.message for one in outcome.read.faults if one.severity == "error"]
                self._say(replace(state, state=FAILED, text=faults[0]))
                return
            settle(outcome)
            self._say(replace(state, state=DONE, version=outcome.version))
        except PlanRefusal as refusal:
            listed = tuple(one.to_json() for one in refusal.problems[:SHOWN])
            refused = replace(state, state=REFUSED, problems=listed, total=refusal.total, lossy=refusal.lossy)
            self._say(refused)
        except PublishFault as fault:
            self._say(replace(state, state=FAILED, text=fault.message))
        except Exception:
            LOG.exception("publishing from the designer")
            unknown = Text(
                zh="发布没有完成，当前版本继续服务；原因见日志。",
                en="It was not completed; the version goes on serving. The log has the reason.",
            )
            self._say(replace(state, state=FAILED, text=unknown))

    def _settle(self, draft: Draft, outcome: Outcome) -> None:
        """Let the draft go on from the new version: edits made while it was published stay to be published."""
        with self.engine.begin() as connection:
            now = load_draft(connection, lock=True)
            if now is None:
                return
            later = tuple(edit for edit in now.past if edit.rev > draft.rev)
            kept = replace(now, base=outcome.version, past=later, future=() if not later else now.future, theirs={})
            save_draft(connection, kept, utc_now())

    def _say(self, state: State) -> None:
        content = {
            "state": state.state,
            "what": state.what,
            "target": state.target,
            "text": {"zh": state.text.zh, "en": state.text.en},
            "version": state.version,
            "problems": list(state.problems),
            "total": state.total,
            "lossy": state.lossy,
        }
        row = insert(table).values(user_id=SHARED, kind=KIND, key=KEY, content=content, updated_at=utc_now())
        kept = {name: row.excluded[name] for name in ("content", "updated_at")}
        with self.engine.begin() as connection:
            connection.execute(row.on_conflict_do_update(index_elements=["user_id", "kind", "key"], set_=kept))


def reading(draft: Draft, kinds: Kinds, author: int | None, note: str) -> Read:
    """Return the way to put a draft on the version that serves. Raises PublishFault, when carried out, where that is not the draft's own."""

    def read(base: Base) -> Candidate:
        if base.number != draft.base:
            raise PublishFault(
                "BASE_MOVED",
                Text(
                    zh="其间发布了新版本，请刷新后再发布。",
                    en="A new version was published meanwhile: load the page again and publish then.",
                ),
            )
        found = read_packs([site_pack(draft.files)], kinds, below=base.canonical)
        files = {path: SourceFile(text.encode()) for path, text in draft.files.items()}
        return Candidate(found, note=note, sources=lambda: {SITE: files}, author=author)

    return read

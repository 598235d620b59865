"""``tenon dev``: a folder of packs watched while somebody writes them; every save is checked and published."""

from __future__ import annotations

import signal
import threading
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from watchfiles import watch

from engine.cli.frame import Faulty, fail, say
from engine.cli.install_report import packs_of
from engine.cli.publication import ACCEPT, open_press, publish_told
from metamodel.folders import SUFFIXES
from metamodel.text import Text

if TYPE_CHECKING:
    from watchfiles import Change

    from engine.publishing.press import Press


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@ACCEPT
def dev(path: Path, accept_loss: bool) -> None:
    """Watch a pack (or a folder of packs): publish on save, show faults. Ctrl-C ends it."""
    if not path.is_dir():
        raise fail(Text(zh=f"没有文件夹 {path}。", en=f"There is no folder {path}."))
    with open_press("dev") as (press, _):
        stop = threading.Event()
        for ending in (signal.SIGINT, signal.SIGTERM):
            signal.signal(ending, lambda *_: stop.set())
        first = True
        # Watching begins before the first publication: what is saved meanwhile is not missed.
        for changed in watch(path, watch_filter=_defines, rust_timeout=500, yield_on_timeout=True, stop_event=stop):
            if changed or first:
                _round(press, path, accept_loss=accept_loss)
            if first:
                say(Text(zh=f"正在监视 {path}，按 Ctrl-C 结束。", en=f"Watching {path}; Ctrl-C ends it."))
            first = False


def _defines(_: Change, name: str) -> bool:
    return name.endswith(SUFFIXES)


def _round(press: Press, path: Path, *, accept_loss: bool) -> None:
    """Publish what the folder says now; what stands against it was told, and the next save is another try."""
    click.echo(f"— {datetime.now().astimezone():%H:%M:%S}", err=True)
    try:
        publish_told(press, packs_of([path]), accept_loss=accept_loss, form="text")
    except Faulty:
        say(Text(zh="此前的版本继续服务。", en="The version before goes on serving."))


COMMANDS = (dev,)

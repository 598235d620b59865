"""``tenon run``: everything on one machine, from nothing to a running application: embedded services, the sales pack with its demo
data at the first start, web, worker, clock and stream of changes; all of it stopped together."""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
import urllib.error
import urllib.request
import webbrowser
from functools import partial
from typing import TYPE_CHECKING

import click

from engine.cli.accounts import known_logins, who_is
from engine.cli.clock import serve_clock
from engine.cli.events import serve_events
from engine.cli.first_run import install_first
from engine.cli.frame import command_instance, composition, language, say
from engine.cli.services import check_port
from engine.cli.supervisor import Supervisor
from engine.cli.web import serve_web
from engine.cli.worker import serve_worker
from engine.config import EnvironmentFault
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.runtime import AppRuntime
    from engine.storage.instance import Instance

READY_SECONDS = 120


@click.command()
@click.option("--empty", is_flag=True, help="Without the sales pack and its demo data: the built-in base alone.")
def run(*, empty: bool) -> None:
    """Run everything here: services, web, worker, clock; the sales demo at the first start."""
    begun = time.monotonic()
    say(Text(zh="正在启动 Tenon：数据库、网页、后台任务……", en="Starting Tenon: database, web, worker, clock …"))
    given = composition()
    with Supervisor() as supervisor:
        supervisor.listen()
        loading = threading.Thread(target=given.ahead, name="loading")  # while the database comes up
        loading.start()
        with command_instance("run") as instance:
            try:
                check_port(instance.config)
                passwords = install_first(instance, supervisor, empty=empty)
                loading.join()
                if not supervisor.ending:
                    served = _start_all(instance, supervisor)
                    _await_ready(instance, supervisor)
                if not supervisor.ending:
                    _welcome(instance, time.monotonic() - begun, passwords, served)
                supervisor.watch()
            finally:
                say(Text(zh="正在停止……", en="Stopping …"))
                supervisor.stop()


def _start_all(instance: Instance, supervisor: Supervisor) -> AppRuntime | None:
    """Fork off all processes of an installation. What they need is loaded and compiled here, once for all of them; return the
    version in force."""
    given = composition()
    served = given.compiled(instance, given.kinds)
    gc.collect()
    gc.freeze()

    def start(name: str, serve: Callable[[], object]) -> None:
        def begin() -> None:
            instance.after_fork()
            serve()

        supervisor.start(name, begin)

    start("web", partial(serve_web, instance, given, served))
    for _ in range(instance.config.jobs.workers):
        start("worker", partial(serve_worker, instance, given, served))
    start("clock", partial(serve_clock, instance, given))
    start("events", partial(serve_events, instance, given, served))
    return served


def _await_ready(instance: Instance, supervisor: Supervisor) -> None:
    """Wait until web and worker say that they are ready."""
    until = time.monotonic() + READY_SECONDS
    config = instance.config
    host = "127.0.0.1" if config.web.host in {"0.0.0.0", "::"} else config.web.host  # noqa: S104
    url = f"http://{f'[{host}]' if ':' in host else host}:{config.web.port}/health/ready"
    while not _ready(url):
        supervisor.check(patient=False)
        if supervisor.wait(0.1):
            return
        if time.monotonic() > until:
            raise EnvironmentFault(
                Text(
                    zh=f"{READY_SECONDS} 秒内未能就绪：请查看上面的输出，或用 tenon doctor 检查环境。",
                    en=f"Not ready within {READY_SECONDS} s: see what was printed above, or run tenon doctor.",
                )
            )


def _ready(url: str) -> bool:
    """Whether the health check answers 200."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _welcome(instance: Instance, seconds: float, passwords: dict[str, str], served: AppRuntime | None) -> None:
    """Print where to go and who may sign in, and open a browser where somebody sits in front of one."""
    address = instance.config.address
    say(Text(zh=f"\nTenon 已就绪（{seconds:.1f} 秒）：{address}", en=f"\nTenon is ready ({seconds:.1f} s): {address}"))
    if passwords:
        say(Text(zh="账号与密码（密码只显示这一次）：", en="Log-ins (passwords are shown this once):"))
        width = max(map(len, passwords))
        with instance.engine.connect() as connection:
            people = who_is(connection, served, language())
        for login, password in passwords.items():
            click.echo(f"  {login:<{width}}  {password}  {people.get(login, '')}".rstrip(), err=True)
    else:
        with instance.engine.connect() as connection:
            logins = known_logins(connection, limit=12)
        who = "、".join(logins) if language() == "zh" else ", ".join(logins)
        say(
            Text(
                zh=f"账号：{who}\n密码在首次启动时显示过；重设：tenon user password 账号",
                en=f"Log-ins: {who}\nPasswords were shown at the first start; to set a new one: tenon user password LOGIN",
            )
        )
    say(Text(zh="按 Ctrl-C 停止。", en="Ctrl-C stops."))
    if sys.stdout.isatty() and _has_display():
        webbrowser.open(address)


def _has_display() -> bool:
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


COMMANDS: tuple[click.Command, ...] = (run,)

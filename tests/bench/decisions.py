"""What a decision on an approval costs the server: an approval of several steps over the API, on a PostgreSQL of its own."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import sqlalchemy as sa
from flask import Flask

from engine.api import Service, make_blueprint
from engine.approvals.submit import submit
from engine.config import Config
from engine.people.tokens import issue_token
from engine.storage.database import create_engine
from engine.storage.embedded import Embedded
from tests.application import App, compile_packs, make_app, write_pack
from tests.approvals.conftest import PACK, fill

MOST = 15  # ms at the median
COUNT, WARM = 120, 20


def decisions() -> list[str]:
    """Return the line of the figure: the median over decisions that each open a further step for three people."""
    with tempfile.TemporaryDirectory() as folder:
        embedded = Embedded(Path(folder) / "home", temporary=True)
        try:
            sockets = embedded.start().sockets
            admin = create_engine(f"postgresql+psycopg://tenon@/postgres?host={sockets}")
            with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(sa.text("CREATE DATABASE bench_decisions"))
            admin.dispose()
            runtime = compile_packs(write_pack(Path(folder), "quotes", PACK))
            app = fill(make_app(f"postgresql+psycopg://tenon@/bench_decisions?host={sockets}", runtime))
            wall, work = _measure(app, Path(folder))
            app.engine.dispose()
        finally:
            embedded.stop()
    verdict = "ok" if wall <= MOST else "ABOVE"
    return [
        f"{'a decision on an approval':<44} {wall:8.2f} ms of the server (<= {MOST}) {verdict}, {work:.2f} ms of its CPU"
    ]


def _measure(app: App, home: Path) -> tuple[float, float]:
    """Return the medians in milliseconds: of the time in the server, and of its processor's."""
    site = Flask(__name__)
    site.register_blueprint(
        make_blueprint(Service(app.engine, Config(home=home), lambda: app.runtime, lambda: app.now))
    )
    with app.engine.begin() as connection:
        token = issue_token(connection, app.people["dan"].id or 0, app.now)
    values = {
        "name": "q",
        "amount": "600000",
        "engineer": app.people["tom"].id,
        "lines": [{"item": "a", "price": "1"}] * 5,
    }
    ids = []
    for _ in range(COUNT + WARM):
        number = app.create("quote", values, "rita")
        ids.append(app.run(lambda context, number=number: submit(context, "quote", number), "rita").id)
    client, wall, work = site.test_client(), [], []
    for instance in ids:
        began, used = time.perf_counter(), time.process_time()
        answer = client.post(
            f"/api/v1/approvals/{instance}/approve",
            json={"comment": "ok"},
            headers={"Authorization": f"Bearer {token}"},
        )
        wall.append((time.perf_counter() - began) * 1000)
        work.append((time.process_time() - used) * 1000)
        assert answer.json["state"] == "running", answer.text
    return median(wall[WARM:]), median(work[WARM:])


if __name__ == "__main__":
    sys.exit(print("\n".join(decisions())))

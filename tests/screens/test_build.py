"""The front end's build: what a former build served stays for pages that are open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.screens.build import KEPT, keep_former

if TYPE_CHECKING:
    from pathlib import Path


def test_files_of_a_former_build_stay_for_a_while(tmp_path: Path) -> None:
    builds = [tmp_path / str(number) for number in range(4)]
    for number, folder in enumerate(builds):
        folder.mkdir()
        for name in (
            f"app-{number}.css",
            f"app-{number}.css.br",
            "same.woff2",
            "manifest.json",
            "stamp",
            "icons.sqlite",
        ):
            (folder / name).write_text(f"{number} {name}")
    keep_former(tmp_path / "none", builds[0], 0)
    keep_former(builds[0], builds[1], 1000)
    keep_former(builds[1], builds[2], 1000 + KEPT - 1)
    assert {path.name for path in builds[2].glob("app-*.css")} == {"app-0.css", "app-1.css", "app-2.css"}
    assert (builds[2] / "stamp").read_text().startswith("2")
    keep_former(builds[2], builds[3], 1000 + KEPT)
    assert {path.name for path in builds[3].glob("app-*")} == {
        f"app-{number}.css{suffix}" for number in (1, 2, 3) for suffix in ("", ".br")
    }

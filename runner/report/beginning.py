"""What ``migrate init`` did, and what comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.report.terminal import clean

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from runner.scaffold import Written


def written(out: Console, files: list[Written]) -> None:
    """Print what became of each file."""
    for one in files:
        copy = f", the old one is {one.copy.name}" if one.copy else ""
        differs = " (as it is; --force replaces it)" if one.differs else ""
        out.print(f"  {one.action:<8} {clean(one.path)}{clean(copy)}{differs}")


def next_steps(out: Console, folder: Path, config: str, missing: list[str]) -> None:
    """Print the way from a new folder to the first plan; ``missing`` are logins by their names."""
    option = "" if config == "config.yaml" else f"-c {config} "
    out.print("\n[bold]Next[/]")
    if str(folder) != ".":
        out.print(f"  cd {clean(folder)}")
    if missing and not (folder / ".env").exists():
        out.print("  cp .env.example .env && chmod 600 .env")
    if missing:
        out.print(f"  write into .env: {', '.join(missing)}")
    for verb, what in (
        ("check", "are both systems as a move needs them?"),
        ("pull", "copy Kayako to this folder; it is only read"),
        ("discover", "write your own labels, teams and leavers into mappings/"),
        ("plan", "see what would happen; mappings/README.md shows how to change it"),
    ):
        command = f"migrate {option}{verb}"
        out.print(f"  {command:<40} # {what}")

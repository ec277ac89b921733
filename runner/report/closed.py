"""What is said in red: when nobody may work in Zammad."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

_VANISH = "import mode is on, and agents' mails vanish silently"


def wave(out: Console) -> None:
    """Say that a wave orders the work, and opens nothing."""
    out.print(
        f"[red bold]Nobody works in Zammad before [/][red]migrate finish[/][red bold]: {_VANISH}."
        " A wave only says what is moved first.[/]"
    )


def window(out: Console, hours: str, *, live: bool) -> None:
    """Say what a window means; ``live``: people work in Zammad outside of it."""
    if live:
        after = (
            "When the run ends it is switched off: two minutes before the window closes at latest."
        )
    else:
        after = "It stays on after the window, until migrate finish."
    out.print(f"[red bold]Between {hours} nobody works in Zammad: {_VANISH}. {after}[/]")

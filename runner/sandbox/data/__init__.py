"""Sample helpdesks: small and full of traps, large and made on demand, or the recorded one."""

from __future__ import annotations

from runner.sandbox.data.generated import generate, hard_cases
from runner.sandbox.data.helpdesk import File, Helpdesk
from runner.sandbox.data.recorded import recorded

__all__ = ["File", "Helpdesk", "generate", "hard_cases", "recorded"]

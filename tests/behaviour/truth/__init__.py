"""What has to arrive in Zammad, told from the sandbox's own data alone.

Nothing here imports ``runner.mapping``, ``runner.snapshot`` or ``runner.engine``: the rules of the
shipped mappings are written down a second time, in another way, so that a mistake in one of the
two shows as a difference.

Every module gives ``Truth``: the facts that must be found, by the key under which Zammad knows
the record, and the losses that must be named by a note.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Loss = tuple[str, str, str]
"""Entity, Kayako's id, field in Zammad: what ``migrate status --notes`` has to name."""


@dataclass
class Truth:
    """Facts by key, and the losses that are allowed because they are named.

    ``fitting`` keeps, by field, what all records had to be read for: whether its values fit.
    """

    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    losses: set[Loss] = field(default_factory=set)
    fitting: dict[int, bool] = field(default_factory=dict)

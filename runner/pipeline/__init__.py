"""Pull and apply side by side, and every other verb from config to result."""

from runner.pipeline.checking import run_verify
from runner.pipeline.discovering import run_discover
from runner.pipeline.explaining import explain_record, try_template
from runner.pipeline.opening import Scope, connect_kayako
from runner.pipeline.reading import headers_and_bodies, make_plan
from runner.pipeline.standing import ledger_notes, snapshot_counts, status
from runner.pipeline.writing import forget, reset_outlook, run_apply, run_finish, run_reset

__all__ = [
    "Scope",
    "connect_kayako",
    "explain_record",
    "forget",
    "headers_and_bodies",
    "ledger_notes",
    "make_plan",
    "reset_outlook",
    "run_apply",
    "run_discover",
    "run_finish",
    "run_reset",
    "run_verify",
    "snapshot_counts",
    "status",
    "try_template",
]

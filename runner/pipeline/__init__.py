"""Pull and apply side by side, and every other verb from config to result."""

from runner.pipeline import backups
from runner.pipeline.checking import run_verify
from runner.pipeline.console import make_console_script
from runner.pipeline.discovering import run_discover
from runner.pipeline.doctoring import Examined, run_doctor
from runner.pipeline.doubting import all_doubts, plan_doubts
from runner.pipeline.erasing import erasable, erasable_person, run_erase
from runner.pipeline.explaining import explain_record, try_template
from runner.pipeline.finishing import Aftermath, aftermath, obstacles, run_finish
from runner.pipeline.keeping import keep_verification, kept_verification, private_file
from runner.pipeline.opening import connect_kayako
from runner.pipeline.outlining import Outline, outline
from runner.pipeline.purging import Purged, due, purge_outlook, run_purge
from runner.pipeline.reading import headers_and_bodies, make_plan
from runner.pipeline.redirecting import (
    kayako_addresses,
    moved_articles,
    moved_conversations,
    reading_ledger,
)
from runner.pipeline.reporting import Material, report_file, report_material
from runner.pipeline.sample_file import Sample, Tick, kept_sample, sample_page
from runner.pipeline.sampling import (
    chooser,
    forget_sample,
    needed_sample,
    sample_pairs,
    tick,
)
from runner.pipeline.saving import open_plan
from runner.pipeline.scoping import Scope
from runner.pipeline.standing import (
    has_failed,
    is_in_use,
    ledger_failures,
    ledger_notes,
    snapshot_counts,
    status,
)
from runner.pipeline.watching import watch_plan
from runner.pipeline.writing import (
    forget,
    reset_outlook,
    run_apply,
    run_reset,
)

__all__ = [
    "Aftermath",
    "Examined",
    "Material",
    "Outline",
    "Purged",
    "Sample",
    "Scope",
    "Tick",
    "aftermath",
    "all_doubts",
    "backups",
    "chooser",
    "connect_kayako",
    "due",
    "erasable",
    "erasable_person",
    "explain_record",
    "forget",
    "forget_sample",
    "has_failed",
    "headers_and_bodies",
    "is_in_use",
    "kayako_addresses",
    "keep_verification",
    "kept_sample",
    "kept_verification",
    "ledger_failures",
    "ledger_notes",
    "make_console_script",
    "make_plan",
    "moved_articles",
    "moved_conversations",
    "needed_sample",
    "obstacles",
    "open_plan",
    "outline",
    "plan_doubts",
    "private_file",
    "purge_outlook",
    "reading_ledger",
    "report_file",
    "report_material",
    "reset_outlook",
    "run_apply",
    "run_discover",
    "run_doctor",
    "run_erase",
    "run_finish",
    "run_purge",
    "run_reset",
    "run_verify",
    "sample_page",
    "sample_pairs",
    "snapshot_counts",
    "status",
    "tick",
    "try_template",
    "watch_plan",
]

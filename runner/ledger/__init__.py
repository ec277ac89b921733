"""What was done to the target: results in TinyDB over a journal, and the lock of a run."""

from runner.ledger.fingerprint import fingerprint
from runner.ledger.ledger import Ledger
from runner.ledger.lock import RunLock
from runner.ledger.operations import Document
from runner.ledger.results import Results
from runner.ledger.streamed import Readable, reading

__all__ = ["Document", "Ledger", "Readable", "Results", "RunLock", "fingerprint", "reading"]

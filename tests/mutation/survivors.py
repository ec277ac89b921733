"""Print what no test noticed: run in a part's folder, whose configuration mutmut reads.

Mutants that only change the words of a text, its capitals or a mark at both ends, are counted,
not shown: texts are tested for what a reader has to find in them, not letter by letter.
"""

from __future__ import annotations

import sys
from collections import Counter

from mutmut.__main__ import SourceFileMutationData, status_by_exit_code, walk_mutatable_files
from mutmut.mutation.diff_apply import get_diff_for_mutant

NOTICED = ("killed", "timeout", "suspicious", "segfault", "caught by type check")


def changed(diff: str) -> tuple[str, str]:
    """Return the lines that went and those that came, without the marks of the diff."""
    lines = diff.splitlines()[2:]
    gone, come = ("\n".join(one[1:] for one in lines if one[:1] == mark) for mark in "-+")
    return gone, come


def is_wording(gone: str, come: str) -> bool:
    """Say whether two lines differ in the capitals of a text, or by ``XX`` at its ends."""
    return gone.casefold() == come.replace("XX", "").casefold() and '"' in gone


def main(verbose: bool) -> None:  # noqa: FBT001 - the one switch of this small script
    """Print a line a module, and a change each that no test noticed."""
    for path in walk_mutatable_files():
        found = SourceFileMutationData(path=path)
        found.load()
        counts: Counter[str] = Counter()
        shown: list[str] = []
        for mutant, code in found.exit_code_by_key.items():
            status = status_by_exit_code[code]
            counts["mutants"] += 1
            if status in NOTICED:
                counts["killed"] += 1
                continue
            gone, come = changed(get_diff_for_mutant(mutant, path=path))
            kind = "wording" if is_wording(gone, come) else status
            counts[kind] += 1
            if verbose or kind != "wording":
                shown.append(f"{mutant} ({kind})\n  {gone.strip()}\n> {come.strip()}")
        if counts:
            print(
                f"\n== {path}: {', '.join(f'{number} {word}' for word, number in counts.items())}"
            )
            print("\n".join(shown))


if __name__ == "__main__":
    main(verbose="--all" in sys.argv)

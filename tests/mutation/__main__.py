"""Change the program in many small ways and see whether a test notices: ``make mutants``.

``parts.toml`` says which modules are changed together and which tests must notice. mutmut works on
a copy in ``build/mutants``, one folder a part; what it found there is kept, so that the next run
tries only what has changed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PARTS = Path(__file__).with_name("parts.toml")
FOLDERS = ("runner", "tests", "mappings", "schemas", "docs", "sample-config.yaml", "README.md")


def parts() -> dict[str, dict[str, list[str]]]:
    """Return each part's ``modules`` and ``tests``, paths from the repository's root."""
    found: dict[str, dict[str, list[str]]] = tomllib.loads(PARTS.read_text())
    return found


def settings(part: dict[str, list[str]]) -> str:
    """Return a ``pyproject.toml`` for mutmut's copy: the project's own and what a part says."""
    given: dict[str, Any] = {
        "source_paths": ["runner"],
        "only_mutate": part["modules"],
        "also_copy": [folder for folder in FOLDERS if folder != "runner"],
        "pytest_add_cli_args_test_selection": part["tests"],
        "pytest_add_cli_args": ["-p", "no:cacheprovider", "--hypothesis-seed=0"],
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in given.items()]
    return "\n".join([(ROOT / "pyproject.toml").read_text(), "[tool.mutmut]", *lines, ""])


def prepare(name: str, part: dict[str, list[str]]) -> Path:
    """Make the folder in which a part is changed; return it."""
    place = ROOT / "build" / "mutants" / name
    place.mkdir(parents=True, exist_ok=True)
    for folder in FOLDERS:
        if not (place / folder).exists():
            (place / folder).symlink_to(ROOT / folder)
    (place / "pyproject.toml").write_text(settings(part))
    return place


def python(place: Path, *words: str) -> str:
    """Run Python in a part's folder; return what it printed."""
    command = [sys.executable, *words]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(words)} failed in {place}:\n{(done.stdout + done.stderr)[-3000:]}")
    return done.stdout


def main(names: list[str]) -> int:
    """Change the parts that are named, or all; return 2 for a name that is none."""
    known = parts()
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"There is no part {unknown[0]}: write {', '.join(known)}.")
        return 2
    for name in names or known:
        place = prepare(name, known[name])
        print(f"{name}: {', '.join(known[name]['modules'])}", flush=True)
        python(place, "-m", "mutmut", "run", "--max-children", "1")
        print(python(place, "-m", "tests.mutation.survivors"), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

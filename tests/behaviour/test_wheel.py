"""The wheel carries what it needs: mappings, schemas, the sample config."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def call(*line: str | Path, cwd: Path) -> str:
    done = subprocess.run(
        [str(part) for part in line], check=False, capture_output=True, text=True, cwd=cwd
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_init_and_validate_work_from_the_wheel_in_an_empty_environment(tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    call(*pip, "wheel", "--no-deps", "--wheel-dir", wheels, ROOT, cwd=tmp_path)
    (wheel,) = wheels.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "runner/shipped/mappings/tickets.yaml" in names
    assert "runner/engine/migrate-console.rb.jinja" in names
    assert not [name for name in names if name.startswith(("mappings/", "schemas/", "tests/"))]

    # The environment is empty but for what the wheel asks for; a pip of its own would be copied
    # and compiled for seconds.
    call(sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv", cwd=tmp_path)
    binaries = tmp_path / "venv" / "bin"
    call(*pip, "--python", binaries / "python", "install", "--no-compile", wheel, cwd=tmp_path)
    migrate = binaries / "migrate"
    urls = ("--kayako-url", "https://acme.kayako.com", "--zammad-url", "https://z.example.org")
    call(migrate, "init", "move", *urls, cwd=tmp_path)
    (tmp_path / "move" / ".env").write_text("KAYAKO_EMAIL=a\nKAYAKO_PASSWORD=b\nZAMMAD_TOKEN=c\n")
    config = ("-c", "move/config.yaml")
    assert "ok: config.yaml, " in call(migrate, *config, "validate", cwd=tmp_path)
    refused = subprocess.run(
        [migrate, "demo"], check=False, capture_output=True, text=True, cwd=tmp_path
    )
    assert refused.returncode == 2
    assert "kayako-to-zammad[sandbox]" in refused.stderr

"""``migrate sandbox``: a fake Kayako and a fake Zammad to play with."""

from __future__ import annotations

import importlib
from typing import Annotated

import typer

from runner.cli.common import guarded, stop_on_signals
from runner.errors import UsageError
from runner.report.terminal import console


def require_sandbox() -> None:
    """See that the extra which the sandbox needs is installed.

    Raises:
        UsageError: it is not.
    """
    try:
        importlib.import_module("runner.sandbox.both")
    except ModuleNotFoundError as error:
        raise UsageError(
            f"the sandbox needs {error.name}, which is not installed",
            advice="pip install 'kayako-to-zammad[sandbox]'",
        ) from None


def check_version(version: str) -> None:
    """See that there is such a Zammad to play.

    Raises:
        UsageError: there is not.
    """
    if version not in {"6.5", "5.2"}:
        raise UsageError(f"--zammad-version {version}: there is 6.5 and 5.2")


@guarded
def command(
    *,
    kayako_port: Annotated[int, typer.Option(help="Port of the fake Kayako.")] = 8701,
    zammad_port: Annotated[int, typer.Option(help="Port of the fake Zammad.")] = 8702,
    zammad_version: Annotated[str, typer.Option(help="6.5 or 5.2.")] = "6.5",
    conversations: Annotated[
        int, typer.Option(min=0, help="So many plain conversations; 0: the hard cases only.")
    ] = 0,
    posts: Annotated[int, typer.Option(min=1, help="Posts in each plain conversation.")] = 6,
    latency: Annotated[
        float, typer.Option(min=0, help="Seconds that every answer takes longer.")
    ] = 0.0,
    requests_per_minute: Annotated[
        int | None, typer.Option(min=1, help="Kayako answers 429 beyond this.")
    ] = None,
    zammad_processes: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Zammad writes as slowly as a real one (80 ms a ticket, 50 ms an article, 77 ms a"
            " last update) and serves so many requests at once.",
        ),
    ] = None,
    page_cap: Annotated[
        int, typer.Option(min=1, max=100, help="Kayako gives at most so many rows a page.")
    ] = 100,
    fault_rate: Annotated[
        float,
        typer.Option(min=0, max=1, help="Share of requests that fail: 429, 5xx, cut connections."),
    ] = 0.0,
) -> None:
    """Serve a fake Kayako with sample data and an empty fake Zammad on this machine.

    Everything is forgotten when it ends (Ctrl-C). Nothing of it is a real helpdesk.

    Example: [bold]migrate sandbox --conversations 1000 --latency 0.1 --zammad-processes 2[/]
    """
    require_sandbox()
    check_version(zammad_version)
    from runner.sandbox import both
    from runner.sandbox.data import generate, hard_cases
    from runner.sandbox.faults import ZAMMAD_SERVICE_TIMES

    helpdesk = generate(conversations, posts_each=posts) if conversations else hard_cases()
    try:
        sandbox = both.start(
            helpdesk,
            kayako_port=kayako_port,
            zammad_port=zammad_port,
            zammad_version=zammad_version,
            kayako_page_cap=page_cap,
        )
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"ports {kayako_port} and {zammad_port} cannot both be used: {error}",
            advice="choose others with --kayako-port and --zammad-port",
        ) from None
    for server in (sandbox.kayako, sandbox.zammad):
        server.faults.latency = latency
        server.faults.rate = fault_rate
    sandbox.kayako.faults.requests_per_minute = requests_per_minute
    if zammad_processes is not None:
        sandbox.zammad.faults.concurrency = zammad_processes
        sandbox.zammad.faults.service_times = dict(ZAMMAD_SERVICE_TIMES)
    stop = stop_on_signals()
    out = console()
    out.print(f"Kayako  {sandbox.kayako_url}  login {both.EMAIL}, password {both.PASSWORD}")
    out.print(f"Zammad  {sandbox.zammad_url}  version {zammad_version}, token {both.TOKEN}")
    out.print(
        "\nIn another terminal:\n"
        f"  migrate init play --kayako-url {sandbox.kayako_url}"
        f" --zammad-url {sandbox.zammad_url} \\\n"
        f"    --kayako-email {both.EMAIL} --kayako-password {both.PASSWORD}"
        f" --zammad-token {both.TOKEN}\n"
        "  migrate -c play/config.yaml plan\n\n"
        "play/mappings/README.md is a tutorial on it. Ctrl-C ends it."
    )
    try:
        stop.wait()
    finally:
        sandbox.stop()

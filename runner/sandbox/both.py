"""Both fake servers at once, on loopback ports."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from runner.sandbox.kayako import FakeKayako
from runner.sandbox.serving import Served, serve
from runner.sandbox.zammad import FakeZammad

if TYPE_CHECKING:
    from types import TracebackType

    from runner.sandbox.data import Helpdesk

EMAIL, PASSWORD, TOKEN = "admin@example.com", "sandbox", "sandbox-token"
"""How one logs in: at Kayako with the first two, at Zammad with the last."""


@dataclass
class Sandbox:
    """Two running servers; also a context manager that stops them.

    Attributes:
        kayako: the source, with its helpdesk and switches.
        zammad: the target, with its tables.
        kayako_url: ``http://127.0.0.1:PORT`` of the source.
        zammad_url: the same of the target.
    """

    kayako: FakeKayako
    zammad: FakeZammad
    kayako_url: str
    zammad_url: str
    served: tuple[Served, ...] = field(default=(), repr=False)

    def restart_zammad(self, *, refusing: float, gateway: float) -> None:
        """Take Zammad down and bring it back at the same address; returns when it is back.

        Args:
            refusing: seconds in which connections are refused.
            gateway: seconds after them in which only the proxy in front answers: 502 and 503.
        """
        source, target = self.served
        target.stop()
        time.sleep(refusing)
        self.zammad.faults.gateway_until = time.monotonic() + gateway
        port = int(self.zammad_url.rpartition(":")[2])
        self.served = (source, serve(self.zammad.app, port=port))
        time.sleep(gateway)

    def stop(self) -> None:
        """Close both ports; calling it again does nothing."""
        for server in self.served:
            # Each notices within a tenth of a second: both at once, not one after the other.
            server.ask_to_stop()
        for server in self.served:
            server.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


def start(
    helpdesk: Helpdesk,
    *,
    kayako_port: int = 0,
    zammad_port: int = 0,
    zammad_version: str = "6.5",
    **switches: Any,
) -> Sandbox:
    """Start both servers; they answer when this returns.

    Args:
        helpdesk: what Kayako holds.
        kayako_port: the port of the source; 0 takes a free one.
        zammad_port: the port of the target; 0 takes a free one.
        zammad_version: ``6.5`` or ``5.2``.
        switches: arguments of the two servers by prefix: ``kayako_page_cap=7`` is
            ``FakeKayako(page_cap=7)``, ``zammad_workers=2`` is ``FakeZammad(workers=2)``.

    Raises:
        OSError: a port is taken.
        TypeError: there is no such switch.
    """
    chosen: dict[str, dict[str, Any]] = {"kayako": {}, "zammad": {}}
    for name, value in switches.items():
        side, _, switch = name.partition("_")
        if side not in chosen or not switch:
            raise TypeError(f"{name} is no switch of the sandbox: kayako_… or zammad_… is")
        chosen[side][switch] = value
    kayako = FakeKayako(helpdesk, email=EMAIL, password=PASSWORD, **chosen["kayako"])
    zammad = FakeZammad(version=zammad_version, token=TOKEN, **chosen["zammad"])
    source = serve(kayako.app, port=kayako_port)
    try:
        target = serve(zammad.app, port=zammad_port)
    except BaseException:
        source.stop()
        raise
    return Sandbox(kayako, zammad, source.url, target.url, (source, target))

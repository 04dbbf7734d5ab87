"""The supervisor as a process of its own: `python -m tools.stack.daemon`, started by `make up`, ended by SIGTERM."""

import fcntl
import os
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from types import FrameType

from tools.make_env import read_env, write_env
from tools.stack import binaries, ports, unprivileged
from tools.stack.gateway import Gateway, public_url, scheme
from tools.stack.layout import PACKAGES, State
from tools.stack.postgres import ServerRefused
from tools.stack.servers import stack_servers
from tools.stack.services import PORTS, Service, migrate
from tools.stack.supervisor import NotReady, Supervisor, end_leftovers

SERVER_PORTS = ("db", "warehouse-db", "broker", "gateway")


class Stopped(BaseException):
    """Somebody asked us to stop, also in the middle of starting."""


def say(text: str) -> None:
    """Writes a line of progress; `make up` shows it."""
    print(text, flush=True)


def gateway_ports(settings: Mapping[str, str]) -> dict[str, int]:
    """The ports that the settings ask for: the gateway's, and with TLS the one that leads to it."""
    asked = {"gateway": gateway_port(settings)}
    if scheme(settings) == "https":
        asked["gateway-http"] = gateway_port(settings, "GATEWAY_HTTP_PORT", "8880")
    return asked


def gateway_port(settings: Mapping[str, str], name: str = "GATEWAY_PORT", default: str = "") -> int:
    """A port that the settings ask for.

    :raises NotReady: it is no port.
    """
    text = settings.get(name, default)
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= ports.HIGHEST):
        raise NotReady(f"{name}={text} in .env is no port: it is a number from 1 to {ports.HIGHEST}")
    return int(text)


def start(supervisor: Supervisor, held: ExitStack) -> None:
    """Starts servers, migrations, services and the gateway, in this order; `held` keeps their ports."""
    state = supervisor.state
    for name in binaries.SERVERS:
        say(f"{name}: {binaries.find(name)}")
    write_env(state.env_file)
    wanted = gateway_ports(read_env(state.env_file))
    names = (*SERVER_PORTS, *PORTS, *(name for name in wanted if name not in SERVER_PORTS))
    chosen = held.enter_context(ports.claimed(state.folder / "ports.json", names, wanted=wanted))
    if chosen["gateway"] != wanted["gateway"]:
        say(f"port {wanted['gateway']} is taken: the gateway takes {chosen['gateway']}")
    servers = stack_servers(state, chosen)
    servers.env["PUBLIC_URL"] = public_url(servers.env, chosen["gateway"])
    supervisor.start(servers.prepare())
    servers.provision()
    if not unprivileged.reaches_checkout():
        say("the services run as root: the user `nobody` can reach neither this folder nor its Python")
    services = [Service(name, state, servers.env, chosen) for name in PACKAGES]
    say("migrating the four databases")
    migrate(services)
    gateway = Gateway(state, chosen, servers.env)
    supervisor.start([*(process for service in services for process in service.processes()), gateway.process()])


def run(state: State) -> int:
    """Starts the stack and keeps it running until somebody asks us to stop; returns the exit code."""
    supervisor = Supervisor(state, say)
    supervisor.write_status()
    code = 0
    held = ExitStack()
    try:
        start(supervisor, held)
        supervisor.enter("up")
        while True:
            supervisor.watch()
            time.sleep(0.2)
    except Stopped:
        say("stopping")
    except (NotReady, ServerRefused, binaries.NoServerProgram) as problem:
        say(f"failed: {problem}")
        code = 1
    finally:
        # Also where we have a defect ourselves: nothing is left running.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        supervisor.stop()
        held.close()
    return code


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stopped


def main() -> None:
    state = State.default()
    state.make()
    # Whatever is written from here on, by us or by what we start: settings, secrets and data are their owner's alone.
    os.umask(0o077)
    with open(state.folder / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("another supervisor runs this stack already")
        end_leftovers(state)
        signal.signal(signal.SIGTERM, _stop)
        sys.exit(run(state))


if __name__ == "__main__":
    main()

"""nginx in front of the services, from the same templates as in Docker (gateway/templates)."""

import base64
import hashlib
import re
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from grp import getgrgid
from pathlib import Path
from pwd import struct_passwd

from tools.make_env import private_file
from tools.stack import binaries, unprivileged
from tools.stack.checks import answers_ok
from tools.stack.layout import PACKAGES, ROOT, State
from tools.stack.process import Process

GATEWAY = ROOT / "gateway"
# Where it keeps answers (`proxy_cache_path` of its template).
KEPT = "public"
# What nginx takes where .env says nothing; compose has the same.
DEFAULTS = {
    "RATE_PER_ADDRESS": "200r/s",
    "SIGN_IN_RATE_PER_ADDRESS": "20r/s",
    "CONNECTIONS_PER_ADDRESS": "200",
    "HSTS_SECONDS": "31536000",
}
TLS_FILES = ("TLS_CERTIFICATE_FILE", "TLS_KEY_FILE")


def scheme(settings: Mapping[str, str]) -> str:
    """How the gateway is spoken to: over TLS where the settings name a certificate."""
    return "https" if settings.get("TLS_CERTIFICATE_FILE") else "http"


def public_url(settings: Mapping[str, str], port: int) -> str:
    """The address that links have: that of the settings, else this machine's."""
    return settings.get("PUBLIC_URL") or f"{scheme(settings)}://localhost:{port}"


@dataclass(frozen=True)
class Gateway:
    """The only process that others than the stack itself speak to."""

    state: State
    ports: Mapping[str, int]
    settings: Mapping[str, str]

    @property
    def folder(self) -> Path:
        return unprivileged.home(self.state, "gateway", unprivileged.SERVICES)

    def variables(self) -> dict[str, str]:
        """What the templates are filled with; compose sets the same names."""
        upstreams = {f"{name.upper()}_UPSTREAM": f"127.0.0.1:{self.ports[f'{name}-web']}" for name in PACKAGES}
        flowers = {f"{name.upper()}_FLOWER": f"127.0.0.1:{self.ports[f'{name}-flower']}" for name in PACKAGES}
        return {
            **upstreams,
            **flowers,
            **{name: self.settings.get(name) or default for name, default in DEFAULTS.items()},
            **{name: str(ROOT / self.settings[name]) for name in TLS_FILES if self.settings.get(name)},
            **self._listening(),
            "GATEWAY_SCHEME": scheme(self.settings),
            "GATEWAY_SECRET": self.settings["GATEWAY_SECRET"],
            "PUBLIC_URL": public_url(self.settings, self.ports["gateway"]),
            "PORTAL_ROOT": str(self._portal()),
            "FLOWER_HTPASSWD_FILE": str(self.folder / "flower.htpasswd"),
            "RESOLVER": "127.0.0.1",
        }

    def _listening(self) -> dict[str, str]:
        bind = self.settings.get("GATEWAY_BIND", "127.0.0.1")
        names = {"GATEWAY_LISTEN": "gateway", "GATEWAY_HTTP_LISTEN": "gateway-http"}
        return {name: f"{bind}:{self.ports[port]}" for name, port in names.items() if port in self.ports}

    def _portal(self) -> Path:
        """The portal's files; a copy, where nginx's workers cannot reach the checkout."""
        portal = GATEWAY / "portal"
        if unprivileged.can_read(portal / "index.html"):
            return portal
        return Path(shutil.copytree(portal, self.folder / "portal", dirs_exist_ok=True))

    def process(self) -> Process:
        """Writes the configuration and returns nginx to start with it."""
        write_configuration(self.folder, self.variables(), self.settings["FLOWER_BASIC_AUTH"])
        # What it kept is of the services that ran before.
        shutil.rmtree(self.folder / KEPT, ignore_errors=True)
        return Process(
            name="gateway",
            stage=2,
            command=command(binaries.find("nginx"), self.folder, unprivileged.account(unprivileged.SERVICES)),
            ready=answers_ok(self.ports["gateway"], "/healthz", scheme=scheme(self.settings)),
            cwd=self.folder,
            ready_seconds=20,
            port=self.ports["gateway"],
        )


def write_configuration(folder: Path, variables: Mapping[str, str], login: str) -> None:
    """Writes all that nginx reads into its folder: its configuration, and the password file of Flower's sign-in."""
    with private_file(folder / "flower.htpasswd") as file:
        file.write(htpasswd_line(login))
        unprivileged.give(file.fileno(), unprivileged.SERVICES)
    templates = GATEWAY / "templates"
    for template in templates.rglob("*.template"):
        target = folder / template.relative_to(templates).with_suffix("")
        target.parent.mkdir(parents=True, exist_ok=True)
        with private_file(target) as file:
            file.write(substitute(template.read_text(), variables))


def command(nginx: Path, folder: Path, workers: struct_passwd | None) -> tuple[str, ...]:
    """What starts nginx with the configuration in this folder; docker-compose.yml has the same.

    `workers` is whom nginx, started as root, hands its work to.
    """
    user = f"user {workers.pw_name} {getgrgid(workers.pw_gid).gr_name}; " if workers else ""
    return (str(nginx), "-p", f"{folder}/", "-c", "nginx.conf", "-e", "stderr", "-g", f"{user}daemon off;")


def substitute(template: str, variables: Mapping[str, str]) -> str:
    """Fills in ${NAME} where the name is one of ours; nginx's own variables stay."""
    return re.sub(r"\$\{(\w+)\}", lambda match: variables.get(match[1], match[0]), template)


def htpasswd_line(login: str) -> str:
    """`user:password` as nginx wants it in a password file: salted and hashed."""
    user, _, password = login.partition(":")
    salt = secrets.token_bytes(8)
    digest = hashlib.sha1(password.encode() + salt).digest()  # noqa: S324 - the best that every nginx build reads
    return f"{user}:{{SSHA}}{base64.b64encode(digest + salt).decode()}\n"

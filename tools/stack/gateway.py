"""nginx in front of the services, from the same templates as in Docker (gateway/templates)."""

import base64
import hashlib
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.stack import binaries
from tools.stack.checks import answers_ok
from tools.stack.layout import PACKAGES, ROOT, State
from tools.stack.process import Process

MAIN = """\
daemon off;
{user}worker_processes auto;
pid {folder}/nginx.pid;
error_log stderr notice;
events {{ worker_connections 1024; }}
http {{
    types {{
        text/html html; text/css css; text/plain txt; application/javascript js mjs; application/json json map;
        image/svg+xml svg; image/png png; image/x-icon ico; font/woff2 woff2;
    }}
    default_type application/octet-stream;
    access_log off;
    sendfile on;
    client_body_temp_path {folder}/tmp/body; proxy_temp_path {folder}/tmp/proxy; fastcgi_temp_path {folder}/tmp/fastcgi;
    uwsgi_temp_path {folder}/tmp/uwsgi; scgi_temp_path {folder}/tmp/scgi;
    include conf.d/*.conf;
}}
"""


@dataclass(frozen=True)
class Gateway:
    """The only process that others than the stack itself speak to."""

    state: State
    ports: Mapping[str, int]
    settings: Mapping[str, str]

    @property
    def folder(self) -> Path:
        return self.state.folder / "gateway"

    def variables(self) -> dict[str, str]:
        """What the templates are filled with; compose sets the same names."""
        upstreams = {f"{name.upper()}_UPSTREAM": f"127.0.0.1:{self.ports[f'{name}-web']}" for name in PACKAGES}
        flowers = {f"{name.upper()}_FLOWER": f"127.0.0.1:{self.ports[f'{name}-flower']}" for name in PACKAGES}
        return {
            **upstreams,
            **flowers,
            "GATEWAY_LISTEN": f"{self.settings.get('GATEWAY_BIND', '127.0.0.1')}:{self.ports['gateway']}",
            "PORTAL_ROOT": str(ROOT / "gateway/portal"),
            "FLOWER_HTPASSWD_FILE": str(self.folder / "flower.htpasswd"),
            "RESOLVER": "127.0.0.1",
            "RATE_PER_ADDRESS": self.settings.get("RATE_PER_ADDRESS", "200r/s"),
            "SIGN_IN_RATE_PER_ADDRESS": self.settings.get("SIGN_IN_RATE_PER_ADDRESS", "20r/s"),
        }

    def process(self) -> Process:
        """Writes the configuration and returns nginx to start with it."""
        self._write_configuration()
        nginx = (str(binaries.find("nginx")), "-p", str(self.folder), "-c", "nginx.conf", "-e", "stderr")
        return Process(
            name="gateway",
            stage=2,
            command=nginx,
            ready=answers_ok(self.ports["gateway"], "/healthz"),
            cwd=self.folder,
            ready_seconds=20,
            port=self.ports["gateway"],
        )

    def _write_configuration(self) -> None:
        for folder in ("conf.d", "tmp"):
            (self.folder / folder).mkdir(parents=True, exist_ok=True)
        # As root, nginx would hand its work to a user who may be unable to read the checkout.
        user = "user root;\n" if os.geteuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(MAIN.format(folder=self.folder, user=user))
        (self.folder / "flower.htpasswd").write_text(htpasswd_line(self.settings["FLOWER_BASIC_AUTH"]))
        templates = ROOT / "gateway/templates"
        for template in templates.rglob("*.template"):
            target = self.folder / "conf.d" / template.relative_to(templates).with_suffix("")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(substitute(template.read_text(), self.variables()))


def substitute(template: str, variables: Mapping[str, str]) -> str:
    """Fills in ${NAME} where the name is one of ours; nginx's own variables stay."""
    return re.sub(r"\$\{(\w+)\}", lambda match: variables.get(match[1], match[0]), template)


def htpasswd_line(login: str) -> str:
    """`user:password` as nginx wants it in a password file: salted and hashed."""
    user, _, password = login.partition(":")
    salt = secrets.token_bytes(8)
    digest = hashlib.sha1(password.encode() + salt).digest()  # noqa: S324 - the best that every nginx build reads
    return f"{user}:{{SSHA}}{base64.b64encode(digest + salt).decode()}\n"

"""A self-signed certificate for development: `python -m tools.certificate` makes it and names it in .env.

Browsers warn of it, because nobody vouches for it; in public use one of an authority's. A pair that is good is kept:
people and programs trust it already. `--anew` makes another.
"""

import os
import re
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tools.make_env import private_file, read_env, write_env
from tools.run import kind
from tools.stack.layout import COMPOSE, State

DAYS = 397  # the longest that browsers take
KEPT_UNTIL = timedelta(days=30)  # before its end
# The user that the gateway's container runs as where nothing else is said: `nginx` of its image. Natively nginx reads
# the key as who started it, and this number may be another user of the machine.
IN_DOCKER = 101


def make(folder: Path) -> tuple[Path, Path]:
    """Makes certificate and key for this machine's own names, and returns their files."""
    folder.mkdir(parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _signed(key)
    files = folder / "certificate.pem", folder / "key.pem"
    # Each takes its file's place whole, so that a gateway in Docker goes on with the pair it was started with.
    with private_file(files[0]) as file:
        file.write(certificate.public_bytes(serialization.Encoding.PEM).decode())
    files[0].chmod(0o644)
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    with private_file(files[1]) as file:
        file.write(key.private_bytes(serialization.Encoding.PEM, *plain).decode())
    return files


def _signed(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1")), x509.IPAddress(ip_address("::1"))]
    since = datetime.now(UTC) - timedelta(minutes=5)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(since + timedelta(days=DAYS))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )


def good_until(folder: Path) -> datetime | None:
    """Until when the pair in a folder is good; None where there is none, it ends soon, or its parts do not match."""
    try:
        made = x509.load_pem_x509_certificate((folder / "certificate.pem").read_bytes())
        key = serialization.load_pem_private_key((folder / "key.pem").read_bytes(), None)
    except (FileNotFoundError, ValueError):
        return None
    lasts = made.not_valid_after_utc - datetime.now(UTC) > KEPT_UNTIL
    return made.not_valid_after_utc if lasts and key.public_key() == made.public_key() else None


def name_in(env_file: Path, settings: dict[str, str]) -> None:
    """Writes settings into an .env file, each in its own line's place."""
    text = env_file.read_text()
    for name, value in settings.items():
        line = f"{name}={value}"
        before = re.search(rf"(?m)^#?{name}=.*$", text)
        text = text[: before.start()] + line + text[before.end() :] if before else f"{text}{line}\n"
    with private_file(env_file) as file:
        file.write(text)


def main(arguments: Sequence[str] = ()) -> int:
    parser = ArgumentParser(description="Make a self-signed certificate for development, and name it in .env.")
    parser.add_argument("--anew", action="store_true", help="make another, also where there is a good one")
    anew = parser.parse_args(arguments).anew
    state = State.default()
    write_env(state.env_file)
    named, ours = read_env(state.env_file).get("TLS_CERTIFICATE_FILE"), state.folder / "certificate"
    if named and Path(named) != ours / "certificate.pem":
        print(f"{state.env_name} names {named}: nothing is made")
        return 1
    until = None if anew else good_until(ours)
    if until is None:
        make(ours)
    _have_the_gateway_take_it(state, ours)
    made = f"is kept, it is good until {until:%Y-%m-%d} (o=--anew makes another)" if until else "is made"
    print(
        f"{ours / 'certificate.pem'} {made}, and {state.env_name} names it; a gateway takes it when it starts: "
        f"{state.typed('down up')}"
    )
    return 0


def _have_the_gateway_take_it(state: State, folder: Path) -> None:
    """Names the pair in .env, and lets the gateway's user read the key."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    settings = {"TLS_CERTIFICATE_FILE": str(certificate), "TLS_KEY_FILE": str(key)}
    if os.geteuid() == 0 and kind(state) == COMPOSE:
        os.chown(key, IN_DOCKER, IN_DOCKER)
    elif os.geteuid():
        settings["GATEWAY_USER"] = f"{os.geteuid()}:{os.getegid()}"
    name_in(state.env_file, settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""What the compose files allow each container: who reaches whom, how much it may take, and as whom it runs."""

import re
from typing import Any

import pytest
import yaml

from tools.compose import _command
from tools.make_env import write_env
from tools.stack.gateway import DEFAULTS
from tools.stack.layout import PACKAGES, ROOT, State

FILES = [ROOT / "docker-compose.yml", *sorted(ROOT.glob("services/*/compose.yml"))]
READ = [yaml.safe_load(file.read_text()) for file in FILES]
CONTAINERS: dict[str, dict[str, Any]] = {name: said for file in READ for name, said in file["services"].items()}
NETWORKS: dict[str, Any] = READ[0]["networks"]
DATABASES = {"db": ("auth", "points", "payments"), "warehouse-db": ("warehouse",)}
# What speaks to the database; Flower does not.
KINDS = ("migrate", "web", "worker", "beat", "relay")
TLS = yaml.safe_load((ROOT / "gateway/tls.yml").read_text())["services"]["gateway"]


def on(network: str) -> set[str]:
    return {name for name, said in CONTAINERS.items() if network in said["networks"]}


def neighbours(container: str) -> set[str]:
    return set().union(*(on(network) for network in CONTAINERS[container]["networks"])) - {container}


def test_the_gateway_reaches_what_it_leads_to_and_nothing_else() -> None:
    assert neighbours("gateway") == {f"{service}-{kind}" for service in PACKAGES for kind in ("web", "flower")}


@pytest.mark.parametrize("database", DATABASES)
def test_a_database_is_reached_by_its_own_services_alone(database: str) -> None:
    assert neighbours(database) == {f"{service}-{kind}" for service in DATABASES[database] for kind in KINDS}


@pytest.mark.parametrize("service", PACKAGES)
def test_no_service_is_on_the_data_network_of_another(service: str) -> None:
    others = on(f"{service}-data") - {f"{service}-{kind}" for kind in KINDS}
    assert others == {database for database, services in DATABASES.items() if service in services}


def test_only_the_edge_leads_outside() -> None:
    assert {name for name, said in NETWORKS.items() if not (said or {}).get("internal")} == {"edge"}
    assert set().union(*(said["networks"] for said in CONTAINERS.values())) == set(NETWORKS)


@pytest.mark.parametrize("container", CONTAINERS)
def test_every_container_is_bounded_and_has_no_rights(container: str) -> None:
    said = CONTAINERS[container]
    assert re.fullmatch(r"\d+[mg]|\$\{[A-Z]+_MEMORY:-\d+g\}", said["mem_limit"])
    assert 0 < said["pids_limit"] <= 300
    assert (said["read_only"], said["cap_drop"], said["security_opt"]) == (True, ["ALL"], ["no-new-privileges:true"])
    assert said.get("user") != "root"


def test_only_the_gateway_publishes_a_port() -> None:
    assert [name for name, said in CONTAINERS.items() if "ports" in said] == ["gateway"]


def test_the_gateway_of_docker_takes_what_the_native_one_takes() -> None:
    """Every name that a template has is told to it, and what .env leaves out is the same."""
    templates = "".join(file.read_text() for file in (ROOT / "gateway/templates").rglob("*.template"))
    environment = CONTAINERS["gateway"]["environment"] | TLS["environment"]
    assert set(re.findall(r"\$\{([A-Z_]+)\}", templates)) <= set(environment)
    said = {name: re.fullmatch(rf"\$\{{{name}:-(.+)\}}", environment[name]) for name in DEFAULTS}
    assert {name: found and found[1] for name, found in said.items()} == DEFAULTS
    assert CONTAINERS["gateway"]["command"][:3] == ["nginx", "-p", f"{environment['NGINX_ENVSUBST_OUTPUT_DIR']}/"]


def test_a_certificate_is_mounted_where_the_settings_name_one(state: State) -> None:
    write_env(state.env_file)
    assert "gateway/tls.yml" not in _command(state, "up")
    with state.env_file.open("a") as file:
        file.write("TLS_CERTIFICATE_FILE=/etc/tls/ours.pem\n")
    assert _command(state, "up")[-5:] == ["--file", "docker-compose.yml", "--file", "gateway/tls.yml", "up"]
    mounts = {target: source for source, target, _ in (re.split(r":(?=/)|:(?=ro$)", one) for one in TLS["volumes"])}
    assert mounts["/tls/certificate.pem"] == "${TLS_CERTIFICATE_FILE:?}"
    assert (TLS["environment"]["GATEWAY_SCHEME"], TLS["environment"]["TLS_KEY_FILE"]) == ("https", "/tls/key.pem")

import re

import pytest

from gateway.tests.gateways import away, problem, running

ASSETS = ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-ui-standalone-preset.js"]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html"),
        ("/docs/", "text/html"),
        ("/docs/errors", "text/html"),
        ("/docs/contracts", "text/html"),
        ("/docs/messages", "text/html"),
        ("/docs/messages.js", "application/javascript"),
        ("/docs/reference.js", "application/javascript"),
        ("/style.css", "text/css"),
        ("/icon.svg", "image/svg+xml"),
    ],
)
def test_the_portal_has_its_pages(gateway, path, kind):
    response = gateway.get(path)

    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith(kind)
    assert response.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("page", ["/", "/docs/", "/docs/messages"])
def test_whatever_a_page_names_is_there(gateway, page):
    named = re.findall(r'(?:href|src)="(/[^"]*)"', gateway.get(page).text)

    broken = [path for path in named if gateway.get(path, auth=("operator", "secret")).status_code != 200]
    assert len(named) >= 3
    assert broken == []


@pytest.mark.parametrize("asset", ASSETS)
def test_the_reference_takes_swagger_ui_from_the_first_service(gateway, asset):
    seen = gateway.get(f"/docs/swagger-ui/{asset}").json()

    assert seen["path"] == f"/api/v1/auth/static/drf-yasg/swagger-ui-dist/{asset}"


def test_the_reference_stays_up_while_any_service_is(bad_day):
    seen = bad_day.get("/docs/swagger-ui/swagger-ui.css").json()

    assert seen["path"] == "/api/v1/payments/static/drf-yasg/swagger-ui-dist/swagger-ui.css"


def test_the_reference_is_away_only_with_all_services(nginx, tmp_path):
    with away() as nowhere:
        services = {f"{name}_UPSTREAM": nowhere for name in ("AUTH", "POINTS", "PAYMENTS", "WAREHOUSE")}
        with running(nginx, tmp_path, **services) as gateway:
            response = gateway.get("/docs/swagger-ui/swagger-ui.css")

    assert problem(response) == (502, "gateway.upstream_unavailable")

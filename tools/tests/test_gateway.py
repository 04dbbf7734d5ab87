"""Rendering of the gateway's templates."""

import base64
import hashlib

from tools.stack.gateway import htpasswd_line, substitute


def test_our_variables_are_filled_in_and_nginx_keeps_its_own() -> None:
    template = "proxy_pass http://${POINTS_UPSTREAM}$request_uri; set $x ${host};"
    filled = substitute(template, {"POINTS_UPSTREAM": "127.0.0.1:1"})
    assert filled == "proxy_pass http://127.0.0.1:1$request_uri; set $x ${host};"


def test_the_password_file_holds_a_salted_hash() -> None:
    line = htpasswd_line("operator:pass:word")
    user, _, stored = line.strip().partition(":{SSHA}")
    raw = base64.b64decode(stored)
    assert user == "operator"
    assert raw[:20] == hashlib.sha1(b"pass:word" + raw[20:]).digest()
    assert htpasswd_line("operator:pass:word") != line

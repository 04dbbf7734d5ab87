import pytest

from shared import env


def test_reads_text_and_treats_empty_as_absent(monkeypatch):
    monkeypatch.setenv("NAME", "")

    assert env.env_str("NAME", "default") == "default"


def test_names_the_variable_that_is_missing():
    with pytest.raises(env.MissingSetting, match="NO_SUCH_NAME"):
        env.env_str("NO_SUCH_NAME")


def test_reads_a_secret_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "secret").write_text("hidden\n")
    monkeypatch.setenv("TOKEN_FILE", str(tmp_path / "secret"))

    assert env.env_secret("TOKEN") == "hidden"


def test_refuses_a_secret_file_that_is_not_there(monkeypatch, tmp_path):
    monkeypatch.setenv("TOKEN_FILE", str(tmp_path / "absent"))

    with pytest.raises(env.BadSetting, match="TOKEN_FILE"):
        env.env_secret("TOKEN")


@pytest.mark.parametrize(("text", "value"), [("true", True), ("False", False)])
def test_reads_true_and_false(monkeypatch, text, value):
    monkeypatch.setenv("FLAG", text)

    assert env.env_bool("FLAG") is value


def test_refuses_a_flag_that_is_neither(monkeypatch):
    monkeypatch.setenv("FLAG", "yes")

    with pytest.raises(env.BadSetting, match="FLAG"):
        env.env_bool("FLAG")


def test_refuses_a_number_that_is_none(monkeypatch):
    monkeypatch.setenv("COUNT", "many")

    with pytest.raises(env.BadSetting, match="COUNT"):
        env.env_int("COUNT")


def test_reads_a_list_without_blanks(monkeypatch):
    monkeypatch.setenv("WORDS", " a, b,,c ")

    assert env.env_list("WORDS") == ["a", "b", "c"]


def test_reads_a_database_address(monkeypatch):
    monkeypatch.setenv("DB_URL", "postgres://us%40er:p%2Fw@host:5433/points?sslmode=require")

    database = env.env_database("DB_URL")

    assert (database["USER"], database["PASSWORD"], database["HOST"]) == ("us@er", "p/w", "host")
    assert (database["PORT"], database["NAME"], database["OPTIONS"]["sslmode"]) == ("5433", "points", "require")


@pytest.mark.parametrize("url", ["mysql://u:p@h/db", "postgres://h/db", "postgres://u:p@h", "nonsense"])
def test_refuses_a_database_address_that_lacks_a_part(monkeypatch, url):
    monkeypatch.setenv("DB_URL", url)

    with pytest.raises(env.BadSetting, match="DB_URL"):
        env.env_database("DB_URL")


@pytest.mark.parametrize("text", ["https://loyalty.example", "http://localhost:8080", "https://[2001:db8::1]:8443/"])
def test_reads_what_addresses_begin_with(monkeypatch, text):
    monkeypatch.setenv("ORIGIN", text)

    assert env.env_origin("ORIGIN", "http://localhost") == text.rstrip("/")


@pytest.mark.parametrize(
    "text",
    [
        *("loyalty.example", "ftp://loyalty.example", "https://", "https://a/b", "https://a:x", "https://a:99999"),
        *("https://user:pw@a", "https://a?x", "https://a b", "https://[a", "javascript:alert(1)", "https://a'b"),
    ],
)
def test_refuses_what_no_address_begins_with(monkeypatch, text):
    monkeypatch.setenv("ORIGIN", text)

    with pytest.raises(env.BadSetting, match="ORIGIN"):
        env.env_origin("ORIGIN", "http://localhost")


def test_every_host_is_for_a_sandbox_only(monkeypatch):
    monkeypatch.setenv("HOSTS", "localhost, *")

    assert env.env_hosts("HOSTS", "localhost", may_be_any=True) == ["localhost", "*"]
    with pytest.raises(env.BadSetting, match="HOSTS"):
        env.env_hosts("HOSTS", "localhost", may_be_any=False)

"""`cupola serve` as an operator meets it: what it refuses in one line, and what a restart keeps."""

import socket
import stat
import subprocess
from urllib.parse import urlencode

import pytest

from support.server import Server, clean_environment
from support.tenant import Tenant
from support.wire import Wire

REFUSAL_TIMEOUT_S = 60


def refused(binary, *arguments, **environment: str) -> str:
    """The one line of a server that must not start."""
    done = subprocess.run([binary, "serve", *map(str, arguments)], capture_output=True, text=True,
                          timeout=REFUSAL_TIMEOUT_S, env=clean_environment() | environment)
    assert done.returncode != 0, done.stdout
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert "panicked" not in done.stderr and "ready" not in done.stdout
    return lines[0]


def test_without_a_demo_or_a_bootstrap_secret_it_does_not_start(binary, tmp_path):
    line = refused(binary, "--data-dir", tmp_path / "d", "--listen", "127.0.0.1:0")
    assert "--demo" in line and "CUPOLA_BOOTSTRAP_CLIENT_SECRET" in line
    assert not (tmp_path / "d").exists()


def test_a_bootstrap_secret_makes_the_first_administrator_once(binary, tmp_path):
    secret = "a-secret-of-the-operators-own"
    first = Server(binary, tmp_path / "d", demo=False, CUPOLA_BOOTSTRAP_CLIENT_SECRET=secret)
    assert first.stop() == 0
    again = Server(binary, tmp_path / "d", demo=False)
    wire = Wire(again.url, str(tmp_path / "d" / "ca.pem"))

    def sign_in(secret: str) -> int:
        form = {"grant_type": "client_credentials", "client_id": again.env["CUPOLA_ADMIN_CLIENT_ID"], "client_secret": secret,
                "scope": f"{again.url}/arm/.default"}
        return wire.send("POST", f"/{again.env['CUPOLA_TENANT_ID']}/oauth2/v2.0/token",
                         {"Content-Type": "application/x-www-form-urlencoded"}, urlencode(form).encode()).status

    assert sign_in(secret) == 200
    assert sign_in("another-secret-of-somebody") == 401
    assert again.stop() == 0
    assert first.env["CUPOLA_ADMIN_CLIENT_ID"] == again.env["CUPOLA_ADMIN_CLIENT_ID"]


def test_a_short_bootstrap_secret_is_refused(binary, tmp_path):
    line = refused(binary, "--data-dir", tmp_path / "d", "--listen", "127.0.0.1:0", CUPOLA_BOOTSTRAP_CLIENT_SECRET="short")
    assert "16" in line and "short" not in line.replace("too short", "")
    assert not (tmp_path / "d").exists()


def test_a_missing_model_is_503_and_names_the_command_that_fetches_it(binary, tmp_path):
    running = Server(binary, tmp_path / "d", CUPOLA_MODEL_DIR=str(tmp_path / "nothing"))
    tenant = Tenant(running.env)
    account = tenant.demo_account()
    answer = tenant.wire.send("POST", f"/accounts/{account.name}/openai/v1/chat/completions", {"api-key": account.keys()["key1"]},
                              {"model": "chat", "messages": [{"role": "user", "content": "Hi"}]})
    assert answer.status == 503
    assert "cargo xtask model" in answer.json["error"]["message"]
    assert running.stop() == 0


@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:0"])
def test_a_demo_is_not_for_the_network(binary, tmp_path, address):
    line = refused(binary, "--data-dir", tmp_path / "d", "--listen", address, "--demo", "contoso")
    assert "loopback" in line
    assert not (tmp_path / "d").exists()


def test_a_used_port_is_named(binary, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        assert address in refused(binary, "--data-dir", tmp_path / "d", "--listen", address, "--demo", "contoso")
    assert not (tmp_path / "d" / "demo.env").exists()


def test_a_folder_that_cannot_be_made_is_named(binary, tmp_path):
    (tmp_path / "file").write_text("in the way")
    line = refused(binary, "--data-dir", tmp_path / "file" / "d", "--listen", "127.0.0.1:0", "--demo", "contoso")
    assert str(tmp_path / "file" / "d") in line


def test_an_unknown_key_names_the_one_that_was_meant(binary, tmp_path):
    config = tmp_path / "cupola.toml"
    config.write_text('publik_url = "https://localhost:1"\n')
    line = refused(binary, "--data-dir", tmp_path / "d", "--listen", "127.0.0.1:0", "--demo", "contoso", "--config", config)
    assert "publik_url" in line and "public_url" in line
    assert not (tmp_path / "d").exists()


def test_a_data_folder_serves_one_server(binary, server):
    line = refused(binary, "--data-dir", server.data_dir, "--listen", "127.0.0.1:0", "--demo", "contoso")
    assert str(server.data_dir) in line and "in use" in line


def test_what_was_acknowledged_survives_a_power_cut_and_only_addresses_change(binary, tmp_path):
    first = Server(binary, tmp_path / "d")
    tenant = Tenant(first.env)
    group, application = tenant.new_group(), tenant.new_application()
    account = tenant.new_account(group)
    keys = account.keys()
    first.kill()

    second = Server(binary, tmp_path / "d")
    again = Tenant(second.env)
    moved = {name for name in first.env if first.env[name] != second.env[name]}
    assert moved <= {"CUPOLA_URL", "CUPOLA_OPENAI_ENDPOINT", "CUPOLA_PROJECT_ENDPOINT", "AZURE_AUTHORITY_HOST"}
    assert again.arm("GET", account.id).status == 200
    assert again.arm("POST", f"{account.id}/listKeys").json == keys
    assert again.ask_token(application.app_id, application.secret, f"{again.arm_audience}/.default").status == 200
    assert second.stop() == 0


def test_a_damaged_database_stops_the_start(binary, tmp_path):
    running = Server(binary, tmp_path / "d")
    assert running.stop() == 0
    (database,) = (tmp_path / "d").glob("*.db")
    database.write_bytes(b"not a database" * 1000)
    assert "damaged" in refused(binary, "--data-dir", tmp_path / "d", "--listen", "127.0.0.1:0", "--demo", "contoso")


def test_secrets_are_readable_by_their_owner_alone(server):
    assert stat.S_IMODE(server.data_dir.stat().st_mode) == 0o700
    for name in ("demo.env", "master.key"):
        assert stat.S_IMODE((server.data_dir / name).stat().st_mode) == 0o600
    assert all(server.env[name].startswith("/") for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"))

"""One fresh server for the whole run; every story makes its own resource groups and principals in the demo tenant."""

import os
import uuid
from importlib.util import find_spec
from pathlib import Path

import openai
import pytest

from support.azcli import Az
from support.front import Front
from support.server import Server
from support.tenant import Account, Application, Tenant

REPOSITORY = Path(__file__).resolve().parents[2]
# The stories of projects and agents need an environment of their own (requirements-foundry.txt).
collect_ignore = [] if find_spec("mcp") else ["foundry"]


@pytest.fixture(scope="session")
def binary() -> Path:
    """The server under test: $CUPOLA_BIN, else the build of this repository."""
    given = os.environ.get("CUPOLA_BIN")
    built = [REPOSITORY / "target" / profile / "cupola" for profile in ("release", "debug")]
    found = Path(given) if given else next((path for path in built if path.exists()), built[0])
    assert found.exists(), f"no server at `{found}`: build one, or set CUPOLA_BIN"
    return found.resolve()


@pytest.fixture(scope="session")
def server(binary, tmp_path_factory):
    """A running server with the demo tenant. It must end cleanly."""
    running = Server(binary, tmp_path_factory.mktemp("cupola"))
    yield running
    assert running.stop() == 0, "SIGTERM should drain and exit 0"


@pytest.fixture(scope="session", autouse=True)
def trust(server):
    """This process's own clients trust the server the documented way: by the lines of demo.env."""
    patch = pytest.MonkeyPatch()
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NO_PROXY", "AZURE_AUTHORITY_HOST"):
        patch.setenv(name, server.env[name])
    yield
    patch.undo()


@pytest.fixture(scope="session")
def env(server) -> dict[str, str]:
    """demo.env."""
    return server.env


@pytest.fixture(scope="session")
def tenant(env) -> Tenant:
    """The demo tenant, acted on as its admin."""
    return Tenant(env)


@pytest.fixture(scope="session")
def wire(tenant):
    """The raw HTTP client."""
    return tenant.wire


@pytest.fixture(scope="session")
def az(env, tmp_path_factory) -> Az:
    """The real `az`, signed in as the demo's admin; the cloud is registered by its one endpoint."""
    cli = Az(env, tmp_path_factory.mktemp("azure"))
    cli(f"cloud register -n cupola --endpoint-resource-manager {env['CUPOLA_URL']}")
    cli("cloud set -n cupola")
    cli.login(env["CUPOLA_ADMIN_CLIENT_ID"], env["CUPOLA_ADMIN_CLIENT_SECRET"])
    cli(f"account set -s {env['CUPOLA_SUBSCRIPTION_ID']}")
    return cli


@pytest.fixture
def stranger(az, tmp_path) -> Az:
    """`az` that knows the cloud, with nobody signed in."""
    return az.stranger(tmp_path / "azure")


@pytest.fixture
def application(tenant) -> Application:
    """A fresh service principal with a secret and no role at all."""
    return tenant.new_application()


@pytest.fixture(scope="session")
def group(tenant) -> str:
    """The id of a resource group shared by the stories that only need a place."""
    return tenant.new_group()


@pytest.fixture(scope="module")
def account(tenant, group) -> Account:
    """A fresh account with a deployment `chat` and a project `research`, one for each file of stories."""
    return tenant.new_account(group)


@pytest.fixture
def a_name() -> str:
    """A name nobody has used."""
    return f"story{uuid.uuid4().hex[:8]}"


@pytest.fixture(scope="session")
def front(binary, tmp_path_factory):
    """A Cupola in front of a scripted provider. It must end cleanly."""
    running = Front(binary, tmp_path_factory.mktemp("front"))
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="session")
def openai_client():
    """Makes OpenAI clients that do not retry: a refusal is seen once, as it was sent."""
    def make(base_url: str, api_key, **more) -> openai.OpenAI:
        return openai.OpenAI(base_url=base_url, api_key=api_key, max_retries=0, **more)
    return make


@pytest.fixture(scope="session")
def azure_openai_client():
    """Makes AzureOpenAI clients of the dated routes."""
    def make(endpoint: str, **more) -> openai.AzureOpenAI:
        return openai.AzureOpenAI(azure_endpoint=endpoint, api_version="2024-10-21", max_retries=0, **more)
    return make


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failure prints what the server said while the test ran."""
    outcome = yield
    report = outcome.get_result()
    given = getattr(item, "funcargs", {})
    running = given.get("front", given.get("server"))
    running = getattr(running, "server", running)
    if running is None or report.when == "teardown":
        return
    if call.when == "setup" or not hasattr(item, "stderr_start"):
        item.stderr_start = len(running.stderr)
    if report.failed:
        report.sections.append(("cupola stderr", "\n".join(running.stderr[item.stderr_start:][-60:])))

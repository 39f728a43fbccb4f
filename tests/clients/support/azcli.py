"""The real `az`, unmodified, with a configuration folder of its own."""

import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from support.server import clean_environment

# One command takes 0.5 to 0.9 s; the first of a fresh folder builds its command index.
COMMAND_TIMEOUT_S = 120
# What a signed-in `az` keeps of a person. Everything else in the folder (clouds, command index) may be copied.
SIGN_IN_FILES = ("azureProfile.json", "msal_token_cache*", "service_principal_entries*", "msal_http_cache*")
QUIET = {
    "AZURE_CORE_COLLECT_TELEMETRY": "false",
    "AZURE_CORE_LOGIN_EXPERIENCE_V2": "off",
    "AZURE_CORE_NO_COLOR": "true",
    "AZURE_CORE_SURVEY_MESSAGE": "false",
    "AZURE_CORE_ONLY_SHOW_ERRORS": "true",
}


class AzFailed(AssertionError):
    """A command that should have worked did not."""


class Az:
    """`az("group show -n rg1")` returns the parsed output; `az.refused(...)` returns (exit code, stderr)."""

    def __init__(self, demo: dict[str, str], config_dir: Path):
        self.config_dir, self.demo = config_dir, demo
        config_dir.mkdir(exist_ok=True)
        self.executable = Path(sys.executable).parent / "az"
        self.environment = clean_environment() | demo | QUIET | {"AZURE_CONFIG_DIR": str(config_dir)}
        self.environment["PATH"] = f"{self.executable.parent}:{self.environment['PATH']}"

    def _run(self, command: str) -> subprocess.CompletedProcess:
        return subprocess.run([self.executable, *shlex.split(command)], capture_output=True, text=True,
                              timeout=COMMAND_TIMEOUT_S, env=self.environment, stdin=subprocess.DEVNULL)

    def __call__(self, command: str):
        done = self._run(command)
        if done.returncode != 0:
            raise AzFailed(f"az {command}\nexit {done.returncode}\n{done.stderr}")
        try:
            return json.loads(done.stdout) if done.stdout.strip() else None
        except json.JSONDecodeError:
            return done.stdout.strip()

    def refused(self, command: str) -> tuple[int, str]:
        """Exit code and message of a command that must fail."""
        done = self._run(command)
        assert done.returncode != 0, f"az {command}\nshould have been refused, and printed:\n{done.stdout}"
        assert "Traceback" not in done.stderr, f"az {command}\ncrashed instead of telling:\n{done.stderr}"
        return done.returncode, done.stderr

    def shell(self, script: str, **variables: str) -> subprocess.CompletedProcess:
        """A script of a document, verbatim, in bash."""
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], capture_output=True, text=True,
                              timeout=COMMAND_TIMEOUT_S, env=self.environment | variables, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise AzFailed(f"{script}\nexit {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def stranger(self, config_dir: Path) -> "Az":
        """The same clouds, nobody signed in. Its tokens are its own: the client caches them without regard to the secret."""
        shutil.copytree(self.config_dir, config_dir, ignore=shutil.ignore_patterns(*SIGN_IN_FILES))
        return Az(self.demo, config_dir)

    def login(self, app_id: str, secret: str, *more: str):
        """Sign in as a service principal of the demo tenant."""
        tenant = self.demo["CUPOLA_TENANT_ID"]
        return self(shlex.join(["login", "--service-principal", "-u", app_id, f"--password={secret}", "--tenant", tenant, *more]))

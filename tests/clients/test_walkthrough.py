"""The README's walk-through, run as it is printed, against a fresh server."""

import re

import pytest

from conftest import REPOSITORY
from support.azcli import Az
from support.server import Server

# The block between these two lines of the README is a script.
WALK = re.compile(r"<!-- walk-through -->\n```sh\n(.*?)```\n<!-- end -->", re.DOTALL)


@pytest.fixture
def fresh(binary, tmp_path):
    running = Server(binary, tmp_path / "data")
    yield running
    assert running.stop() == 0


def test_the_readme_leads_from_a_refusal_to_a_completion(fresh, tmp_path):
    (script,) = WALK.findall((REPOSITORY / "README.md").read_text())
    # The reader's terminal has only the data folder; everything else comes from demo.env.
    script = script.replace("target/demo", str(fresh.data_dir))
    said = Az({}, tmp_path / "azure").shell(script, HOME=str(tmp_path)).stdout
    refused, _, answered = said.partition('"chat.completion"')
    assert "PermissionDenied" in refused and "rolesThatWouldGrant" in refused and "Foundry User" in refused
    assert '"usage"' in answered
    assert said.rstrip().endswith("(streamed)")

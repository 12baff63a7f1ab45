"""`leadyard mcp` with a real client of the protocol, for a service behind a real socket."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from mcp import Client as Agent
from mcp.client.stdio import StdioServerParameters
from tests.support.installation import TEST_KEY
from tests.support.served import serve


async def test_agent_that_starts_the_command_can_use_the_service(tmp_path: Path) -> None:
    with serve(tmp_path) as served:
        command = StdioServerParameters(
            command=sys.executable,
            args=["-m", "leadyard", "mcp"],
            env={"PATH": os.environ["PATH"], "LEADYARD_URL": served.url, "LEADYARD_API_KEY": TEST_KEY},
            cwd=tmp_path,
        )
        async with Agent(command) as agent:
            arguments = {"linkedin_url": "linkedin.com/in/jane"}
            asked = {"tool": "find_person", "arguments": arguments}
            told = (await agent.call_tool("estimate_cost", asked)).structured_content
            token = told["estimate"]["token"]
            found = await agent.call_tool("find_person", {**arguments, "estimate_token": token})
            served.process.kill()
            away = await agent.call_tool("get_credits", {})
    assert found.structured_content["object"] == "person"
    assert away.structured_content["_errors"][0]["code"] == "service_unavailable"

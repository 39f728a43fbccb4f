"""What a scripted model says. The script is the user's message itself, so that a story shows it and runs do not mix it up:

    call add {"a": 1, "b": 2}
    call add {"a": 3, "b": 4}

    call note {"key": "seven"}

    hold
    say Done.

Calls on neighbouring lines are made at once, a blank line waits for their results. `hold` stops in the middle of an answer until the
story lets the model go on. Without such lines it says the same as ever.
"""

import json
from dataclasses import dataclass, field

from support.speech import Answer, Call

SAYS = "Berlin is the capital of Germany."
# What a model says that must answer in JSON.
STRUCTURED = {"city": "Berlin"}


class Wrong(Exception):
    """What no model would take."""


@dataclass
class Turn:
    """One answer of the model: calls, or else what it says at the end."""

    calls: list[tuple[str, str]] = field(default_factory=list)
    say: str = ""
    holds: bool = False


def call(name: str, **arguments) -> str:
    """The line of one call."""
    return f"call {name} {json.dumps(arguments)}"


def turns(*lines: str | list[str], say: str = "", hold: bool = False) -> str:
    """The message of a script: each argument is a turn, of one line or of a list of them. `hold` is for what is said at the end."""
    blocks = [line if isinstance(line, str) else "\n".join(line) for line in lines]
    end = [*(["hold"] if hold else []), *([f"say {say}"] if say else [])]
    return "\n\n".join([*blocks, *(["\n".join(end)] if end else [])])


def answer_to(body: dict) -> tuple[Answer, bool]:
    """What is said to a conversation, in chat's form or in Anthropic's, and whether it is held in the middle."""
    said, made, results = since_the_user(body)
    if len(made) != len(results):
        raise Wrong(f"calls {made} have only the results {results}")
    done, end = 0, Turn()
    for turn in read(said):
        if not turn.calls:
            end = turn
        elif done == len(made):
            offered, number = names_of(body), len(body["messages"])
            return Answer(calls=tuple(Call(pick(name, offered), arguments, f"call_{number}_{at}")
                                      for at, (name, arguments) in enumerate(turn.calls))), turn.holds
        elif done < len(made) < done + len(turn.calls):
            raise Wrong(f"{len(made)} calls came back, which ends in the middle of {turn}")
        done += len(turn.calls)
    if end.say or results:
        return Answer(end.say or f"It is {', '.join(results)}."), end.holds
    return Answer(json.dumps(STRUCTURED) if "json_schema" in json.dumps(body.get("response_format")) else SAYS), end.holds


def read(said: str) -> list[Turn]:
    """The turns of a message."""
    wanted = []
    for block in said.split("\n\n"):
        turn = Turn()
        for line in block.splitlines():
            word, _, rest = line.partition(" ")
            if word == "call":
                name, _, arguments = rest.partition(" ")
                turn.calls.append((name, arguments))
            elif word == "say":
                turn.say = rest
            elif line == "hold":
                turn.holds = True
        if turn != Turn():
            wanted.append(turn)
    return wanted


def since_the_user(body: dict) -> tuple[str, list[str], list[str]]:
    """The user's last words, the ids of the calls made since, and their results."""
    said, made, results = "", [], []
    for message in body["messages"]:
        content = message.get("content")
        blocks = content if isinstance(content, list) else [{"type": "text", "text": content or ""}]
        texts = "".join(block["text"] for block in blocks if block["type"] == "text")
        answered = [block for block in blocks if block["type"] == "tool_result"]
        if message["role"] == "tool":
            answered = [{"tool_use_id": message["tool_call_id"], "content": texts}]
        elif message["role"] == "user" and not answered:
            said, made, results = texts, [], []
        made += [one["id"] for one in message.get("tool_calls") or []] + [block["id"] for block in blocks if block["type"] == "tool_use"]
        for result in answered:
            if result["tool_use_id"] not in made:
                raise Wrong(f"a result of `{result['tool_use_id']}`, which was not called: {made}")
            value = result["content"]
            results.append(value if isinstance(value, str) else "".join(block["text"] for block in value))
    return said, made, results


def names_of(body: dict) -> list[str]:
    """The functions that are offered."""
    return [(tool.get("function") or tool)["name"] for tool in body.get("tools") or []]


def pick(name: str, offered: list[str]) -> str:
    """The offered function that a script means: a tool of a server may be offered under a longer name. A model may also make one up."""
    if name in offered:
        return name
    longer = [one for one in offered if one.endswith(name)]
    return longer[0] if len(longer) == 1 else name

"""The order that the strictest clients want of a response's events."""

import openai
from openai.lib.streaming.responses import ResponseStreamManager


def streamed(client: openai.OpenAI, **asked) -> tuple[list, object]:
    """The events of a response and what the library's own strict reader makes of them. `responses.stream()` would do, if it did not
    insist on a model, which an agent's response has not."""
    reader = ResponseStreamManager(lambda: client.responses.create(stream=True, **asked), text_format=openai.omit,
                                   input_tools=openai.omit, starting_after=None)
    with reader as stream:
        return list(stream), stream.get_final_response()


def strict(events) -> list[str]:
    """The kinds of a stream's events, in the order that the strictest clients want."""
    kinds = [event.type for event in events]
    assert kinds[0] == "response.created" and events[0].response.output == []
    assert kinds[-1] in ("response.completed", "response.incomplete", "response.failed") and kinds.count(kinds[-1]) == 1
    assert [event.sequence_number for event in events] == sorted({event.sequence_number for event in events})
    assert len({event.response.id for event in events if hasattr(event, "response")}) == 1
    begun = [event.output_index for event in events if event.type == "response.output_item.added"]
    ended = [event.output_index for event in events if event.type == "response.output_item.done"]
    assert begun == sorted(set(begun)) and sorted(ended) == begun
    ids = {event.output_index: event.item.id for event in events if event.type == "response.output_item.added"}
    assert all(ids[event.output_index] == event.item.id for event in events if event.type == "response.output_item.done")
    assert [item.id for item in events[-1].response.output] == [ids[index] for index in begun]
    return kinds

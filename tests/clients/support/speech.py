"""One answer of a model, said in each provider's protocol: whole, or as the events of a stream."""

import base64
import json
import struct
from dataclasses import dataclass

# What every answer costs, in the words of the common form: read (of that from a cache), written (of that thought).
READ, CACHED, WRITTEN, THOUGHT = 11, 4, 7, 2
SEALED = "c2VhbGVk"
VECTOR = (0.5, -0.5, 0.5, -0.5)


@dataclass(frozen=True)
class Call:
    """The call of a function: its arguments are JSON in a string."""

    name: str
    arguments: str
    id: str = "call_1"


@dataclass(frozen=True)
class Answer:
    """What the model says: a thought or none, then a text or calls of functions."""

    text: str = ""
    thought: str = ""
    calls: tuple[Call, ...] = ()

    @property
    def words(self) -> list[str]:
        """The text in pieces, each with the blank before it."""
        first, *rest = self.text.split(" ")
        return [first, *(f" {word}" for word in rest)]


def data(value) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"


def event(value) -> bytes:
    return f"event: {value['type']}\n".encode() + data(value)


class Chat:
    """OpenAI chat completions."""

    usage = {"prompt_tokens": READ, "completion_tokens": WRITTEN, "total_tokens": READ + WRITTEN,
             "prompt_tokens_details": {"cached_tokens": CACHED}, "completion_tokens_details": {"reasoning_tokens": THOUGHT}}
    frame = {"id": "chatcmpl-theirs", "created": 1760000000, "model": "their-model"}

    def whole(self, answer: Answer, body: dict) -> dict:
        message = {"role": "assistant", "content": answer.text or None}
        if answer.thought:
            message["reasoning_content"] = answer.thought
        if answer.calls:
            message["tool_calls"] = [self._call(call) for call in answer.calls]
        choice = {"index": 0, "message": message, "finish_reason": self._finish(answer), "logprobs": None}
        return self.frame | {"object": "chat.completion", "choices": [choice], "usage": self.usage}

    def events(self, answer: Answer, body: dict) -> list[bytes]:
        deltas = [{"role": "assistant", "content": ""}]
        deltas += [{"reasoning_content": answer.thought}] if answer.thought else []
        deltas += [{"tool_calls": [{"index": index} | self._call(call)]} for index, call in enumerate(answer.calls)]
        deltas += [{"content": word} for word in answer.words if word]
        # Azure begins with what its filters say of the prompt, and no choice.
        filtered = {"choices": [], "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": {}}]}
        chunks = [data(self.frame | {"object": "chat.completion.chunk"} | filtered)]
        chunks += [self._chunk(delta, None) for delta in deltas] + [self._chunk({}, self._finish(answer))]
        if (body.get("stream_options") or {}).get("include_usage"):
            chunks.append(data(self.frame | {"object": "chat.completion.chunk", "choices": [], "usage": self.usage}))
        return [*chunks, b"data: [DONE]\n\n"]

    def error(self, status: int, code: str, message: str) -> dict:
        return {"error": {"message": message, "type": "server_error", "param": None, "code": code}}

    def error_event(self, code: str, message: str) -> bytes:
        return data(self.error(500, code, message))

    def _chunk(self, delta: dict, finish: str | None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return data(self.frame | {"object": "chat.completion.chunk", "choices": [choice]})

    def _call(self, call: Call) -> dict:
        return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}

    def _finish(self, answer: Answer) -> str:
        return "tool_calls" if answer.calls else "stop"


class Responses:
    """OpenAI responses."""

    usage = {"input_tokens": READ, "input_tokens_details": {"cached_tokens": CACHED}, "output_tokens": WRITTEN,
             "output_tokens_details": {"reasoning_tokens": THOUGHT}, "total_tokens": READ + WRITTEN}
    # Each answer of one provider has an id of its own.
    made = 0

    def whole(self, answer: Answer, body: dict) -> dict:
        return self._response(answer, body, "completed", self._output(answer))

    def events(self, answer: Answer, body: dict) -> list[bytes]:
        response = self._response(answer, body, "in_progress", [])
        said = [{"type": "response.created", "response": response}, {"type": "response.in_progress", "response": response}]
        for index, item in enumerate(self._output(answer)):
            place = {"output_index": index, "item_id": item["id"]}
            said.append({"type": "response.output_item.added", "output_index": index, "item": self._begun(item)})
            if item["type"] == "function_call":
                said.append({"type": "response.function_call_arguments.delta", "delta": item["arguments"]} | place)
                said.append({"type": "response.function_call_arguments.done", "name": item["name"],
                             "arguments": item["arguments"]} | place)
            if item["type"] == "message":
                place |= {"content_index": 0}
                part = item["content"][0]
                said.append({"type": "response.content_part.added", "part": part | {"text": ""}} | place)
                said += [{"type": "response.output_text.delta", "delta": word, "logprobs": []} | place for word in answer.words]
                said.append({"type": "response.output_text.done", "text": answer.text, "logprobs": []} | place)
                said.append({"type": "response.content_part.done", "part": part} | place)
            said.append({"type": "response.output_item.done", "output_index": index, "item": item})
        whole = response | {"status": "completed", "output": self._output(answer), "usage": self.usage}
        said.append({"type": "response.completed", "response": whole})
        return [event(one | {"sequence_number": number}) for number, one in enumerate(said)]

    def error(self, status: int, code: str, message: str) -> dict:
        return Chat().error(status, code, message)

    def error_event(self, code: str, message: str) -> bytes:
        return event({"type": "error", "code": code, "message": message, "param": None, "sequence_number": 99})

    def _response(self, answer: Answer, body: dict, status: str, output: list[dict]) -> dict:
        Responses.made += 1
        return {"id": f"resp_theirs{Responses.made}", "object": "response", "created_at": 1760000000, "status": status, "error": None,
                "incomplete_details": None, "instructions": body.get("instructions"), "model": "their-model", "output": output,
                "parallel_tool_calls": True, "previous_response_id": None, "store": body.get("store"), "temperature": 1.0,
                "text": {"format": {"type": "text"}}, "tool_choice": "auto", "tools": body.get("tools") or [], "top_p": 1.0,
                "truncation": "disabled", "metadata": {}, "usage": self.usage if status == "completed" else None}

    def _output(self, answer: Answer) -> list[dict]:
        items = []
        if answer.thought:
            summary = [{"type": "summary_text", "text": answer.thought}]
            items.append({"id": "rs_theirs", "type": "reasoning", "summary": summary, "encrypted_content": SEALED})
        for call in answer.calls:
            items.append({"id": f"fc_theirs_{call.id}", "type": "function_call", "status": "completed", "call_id": call.id,
                          "name": call.name, "arguments": call.arguments})
        if not answer.calls:
            content = [{"type": "output_text", "text": answer.text, "annotations": [], "logprobs": []}]
            items.append({"id": "msg_theirs", "type": "message", "status": "completed", "role": "assistant", "content": content})
        return items

    def _begun(self, item: dict) -> dict:
        empty = {"message": {"content": [], "status": "in_progress"}, "reasoning": {"summary": []},
                 "function_call": {"arguments": "", "status": "in_progress"}}
        return item | empty[item["type"]]


class Messages:
    """Anthropic messages."""

    usage = {"input_tokens": READ - CACHED, "cache_read_input_tokens": CACHED, "cache_creation_input_tokens": 0,
             "output_tokens": WRITTEN}

    def whole(self, answer: Answer, body: dict) -> dict:
        return self._frame() | {"content": self._blocks(answer), "stop_reason": self._finish(answer), "usage": self.usage}

    def events(self, answer: Answer, body: dict) -> list[bytes]:
        begun = self._frame() | {"content": [], "stop_reason": None, "usage": self.usage | {"output_tokens": 1}}
        said = [{"type": "message_start", "message": begun}, {"type": "ping"}]
        for index, block in enumerate(self._blocks(answer)):
            empty, deltas = self._pieces(answer, block)
            said.append({"type": "content_block_start", "index": index, "content_block": empty})
            said += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
            said.append({"type": "content_block_stop", "index": index})
        said.append({"type": "message_delta", "delta": {"stop_reason": self._finish(answer), "stop_sequence": None},
                     "usage": {"output_tokens": WRITTEN}})
        return [event(one) for one in [*said, {"type": "message_stop"}]]

    def error(self, status: int, code: str, message: str) -> dict:
        kind = {429: "rate_limit_error", 400: "invalid_request_error", 401: "authentication_error"}.get(status, "api_error")
        return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_theirs"}

    def error_event(self, code: str, message: str) -> bytes:
        return event(self.error(500, code, message))

    def _frame(self) -> dict:
        return {"id": "msg_theirs", "type": "message", "role": "assistant", "model": "their-model", "stop_sequence": None}

    def _blocks(self, answer: Answer) -> list[dict]:
        blocks = [{"type": "thinking", "thinking": answer.thought, "signature": SEALED}] if answer.thought else []
        if answer.calls:
            return [*blocks, *({"type": "tool_use", "id": call.id, "name": call.name, "input": json.loads(call.arguments)}
                               for call in answer.calls)]
        return [*blocks, {"type": "text", "text": answer.text}]

    def _pieces(self, answer: Answer, block: dict) -> tuple[dict, list[dict]]:
        if block["type"] == "thinking":
            deltas = [{"type": "thinking_delta", "thinking": answer.thought}, {"type": "signature_delta", "signature": SEALED}]
            return {"type": "thinking", "thinking": "", "signature": ""}, deltas
        if block["type"] == "tool_use":
            return block | {"input": {}}, [{"type": "input_json_delta", "partial_json": json.dumps(block["input"])}]
        return {"type": "text", "text": ""}, [{"type": "text_delta", "text": word} for word in answer.words]

    def _finish(self, answer: Answer) -> str:
        return "tool_use" if answer.calls else "end_turn"


class Completions:
    """OpenAI completions."""

    frame = {"id": "cmpl-theirs", "object": "text_completion", "created": 1760000000, "model": "their-model"}

    def whole(self, answer: Answer, body: dict) -> dict:
        return self.frame | {"choices": [self._choice(answer.text, "stop")], "usage": Chat.usage}

    def events(self, answer: Answer, body: dict) -> list[bytes]:
        chunks = [data(self.frame | {"choices": [self._choice(word, None)]}) for word in answer.words]
        chunks.append(data(self.frame | {"choices": [self._choice("", "stop")]}))
        if (body.get("stream_options") or {}).get("include_usage"):
            chunks.append(data(self.frame | {"choices": [], "usage": Chat.usage}))
        return [*chunks, b"data: [DONE]\n\n"]

    error, error_event = Chat.error, Chat.error_event

    def _choice(self, text: str, finish: str | None) -> dict:
        return {"index": 0, "text": text, "finish_reason": finish, "logprobs": None}


class Embeddings:
    """OpenAI embeddings: the same vector for every text."""

    error = Chat.error

    def whole(self, answer: Answer, body: dict) -> dict:
        count = len(body["input"]) if isinstance(body["input"], list) else 1
        packed = base64.b64encode(struct.pack("<4f", *VECTOR)).decode()
        vector = packed if body.get("encoding_format") == "base64" else list(VECTOR)
        vectors = [{"object": "embedding", "index": index, "embedding": vector} for index in range(count)]
        return {"object": "list", "data": vectors, "model": "their-model", "usage": {"prompt_tokens": READ, "total_tokens": READ}}

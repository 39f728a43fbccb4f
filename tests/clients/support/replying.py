"""A scripted HTTP server's answers: JSON with its length, or the pieces of a stream."""

import json
from http.server import BaseHTTPRequestHandler


class Replying(BaseHTTPRequestHandler):
    """What the handlers of scripted servers share."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def received_headers(self) -> dict[str, str]:
        """The request's headers, names in lower case."""
        return {name.lower(): value for name, value in self.headers.items()}

    def received_body(self) -> bytes:
        """The request's body, which has a length."""
        return self.rfile.read(int(self.headers.get("content-length") or 0))

    def reply(self, status: int, value, headers=()):
        """A whole answer."""
        body = json.dumps(value).encode()
        self.send_response(status)
        for name, text in (*dict(headers).items(), ("Content-Type", "application/json"), ("Content-Length", str(len(body)))):
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def begin_stream(self):
        """The head of a stream of events."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def send_piece(self, piece: bytes):
        """One event, which the reader has at once."""
        self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        self.wfile.flush()

    def end_stream(self):
        """The last chunk. A stream without it was cut."""
        self.wfile.write(b"0\r\n\r\n")

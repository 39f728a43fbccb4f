"""A raw HTTP client: sends the path, the headers and the body exactly as written, and hides nothing of the answer."""

import http.client
import json
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

# A completion on a busy machine; everything else answers in milliseconds.
ANSWER_TIMEOUT_S = 60


@dataclass
class Answer:
    """Status, headers (names in lower case) and body."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self) -> str | None:
        """The code of an error envelope."""
        return self.json["error"]["code"]

    def header(self, name: str) -> str | None:
        return next((value for header, value in self.headers if header == name), None)


class Wire:
    """One request per connection to one server."""

    def __init__(self, url: str, ca_file: str):
        parts = urlsplit(url)
        self.host, self.port = parts.hostname, parts.port
        self.tls = ssl.create_default_context(cafile=ca_file)

    def open(self, method: str, path: str, headers=(), body: bytes | None = None) -> http.client.HTTPResponse:
        """Sends and returns the response with its body unread."""
        connection = http.client.HTTPSConnection(self.host, self.port, context=self.tls, timeout=ANSWER_TIMEOUT_S)
        # http.client refuses control characters in a path; the bytes of a hostile one still have to arrive.
        connection._validate_path = lambda path: None
        names = {name.lower() for name, _ in headers}
        connection.putrequest(method, path, skip_host="host" in names, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value)
        if body is not None and "content-length" not in names:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        response.connection_to_close = connection
        return response

    def send(self, method: str, path: str, headers=(), body=None) -> Answer:
        """`body` is bytes, or anything that becomes JSON."""
        headers = list(headers.items() if isinstance(headers, dict) else headers)
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers.append(("Content-Type", "application/json"))
        response = self.open(method, path, headers, body)
        try:
            return Answer(response.status, [(name.lower(), value) for name, value in response.getheaders()], response.read())
        finally:
            response.connection_to_close.close()

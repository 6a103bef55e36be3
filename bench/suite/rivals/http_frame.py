"""Answers of HTTP/1.1, as much of it as our requests can bring about."""

from __future__ import annotations


class HttpFramer:
    """Knows the end by Content-Length or by the last chunk. `needle`: what a good body holds."""

    def __init__(self, needle: bytes = b""):
        self.needle = needle
        self.head = -1  # where the body begins, once known
        self.length: int | None = None

    def complete(self, received: bytearray) -> bool:
        if self.head < 0:
            end = received.find(b"\r\n\r\n")
            if end < 0:
                return False
            self.head = end + 4
            self.length = content_length(bytes(received[:end]))
        if self.length is None:
            done = received.endswith(b"0\r\n\r\n") and len(received) > self.head
        else:
            done = len(received) >= self.head + self.length
        if done:
            self.head = -1
        return done

    def verdict(self, received: bytearray) -> str:
        status = int(received[9:12])
        if status in (429, 503):
            return "refused"
        return "ok" if 200 <= status < 300 and self.needle in received else "failed"


def content_length(head: bytes) -> int | None:
    """Bytes of the body; None when it comes in chunks."""
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return None


def body_of(raw: bytes) -> bytes:
    """The body without its framing. REQUIRES: a complete answer."""
    head, _, body = raw.partition(b"\r\n\r\n")
    if content_length(head) is not None:
        return body
    parts = []
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size.partition(b";")[0], 16)
        if length == 0:
            break
        parts.append(body[:length])
        body = body[length + 2:]
    return b"".join(parts)


def request_bytes(method: str, target: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    lines = [f"{method} {target} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body or method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body

"""Real receivers on the loopback: a web server that answers as told, and a mail server that speaks SMTP with STARTTLS."""

import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Hook:
    """A web server and what it got."""

    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answer: Callable[[int], int] = lambda _count: 204
    location: str = ""
    before_answer: Callable[[], None] = lambda: None
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?a=1"


@contextmanager
def web_server(hook: Hook, *, port: int = 0) -> Iterator[Hook]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.got.append((dict(self.headers.items()), body))
            hook.before_answer()
            self.send_response(hook.answer(len(hook.got)))
            if hook.location:
                self.send_header("Location", hook.location)
            self.end_headers()

        def log_message(self, *_told: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        hook.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield hook
        finally:
            server.shutdown()
            thread.join()


@dataclass
class Post:
    """A mail server and what it got."""

    got: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    tls: ssl.SSLContext | None = None
    refuse: frozenset[str] = frozenset()
    port: int = 0


@contextmanager
def mail_server(post: Post) -> Iterator[Post]:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            try:
                with suppress(OSError):
                    self._talk()
            finally:
                self.connection.close()

        def _say(self, line: str) -> None:
            self.wfile.write(line.encode() + b"\r\n")

        def _talk(self) -> None:
            sender, to = "", []
            self._say("220 loopback")
            while line := self.rfile.readline():
                word = line.decode().strip()
                verb = word.upper()
                post.said.append(verb.partition(" ")[0])
                if verb.startswith("EHLO"):
                    self._say("250-loopback\r\n250-STARTTLS\r\n250 AUTH PLAIN" if post.tls else "250 loopback")
                elif verb == "STARTTLS" and post.tls:
                    self._say("220 go")
                    self.connection = post.tls.wrap_socket(self.connection, server_side=True)
                    self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
                elif verb.startswith("AUTH"):
                    self._say("235 ok")
                elif verb.startswith("MAIL"):
                    sender, to = word[10:].split(">")[0].lstrip("<"), []
                    self._say("250 ok")
                elif verb.startswith("RCPT"):
                    address = word[8:].split(">")[0].lstrip("<")
                    if address in post.refuse:
                        self._say("550 no such mailbox of zhangsan")
                        continue
                    to.append(address)
                    self._say("250 ok")
                elif verb == "DATA":
                    self._say("354 go")
                    lines = []
                    while (piece := self.rfile.readline()) != b".\r\n":
                        lines.append(piece)
                    post.got.append((sender, to, b"".join(lines)))
                    self._say("250 taken")
                elif verb == "QUIT":
                    self._say("221 bye")
                    return
                else:
                    self._say("250 ok")

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Handler) as server:
        post.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield post
        finally:
            server.shutdown()
            thread.join()

"""A private PostgreSQL + PostGIS cluster for the tests: own directory, own loopback port, stopped by its own pid.

PostgreSQL refuses root, which is the normal user in containers: then it runs as Debian's user ``postgres``.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from itertools import count
from pathlib import Path

import psycopg

BIN = Path("/usr/lib/postgresql/15/bin")
TEMPLATE = "wangge_template"
SERVICE = "wangge"
"""Whom the service connects as: no superuser, so that row-level security holds it."""
START_S = 60


class PostgresCluster:
    """A running cluster; each test takes a database of its own with :meth:`new_database`."""

    def __init__(self) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="wangge-pg-", dir="/tmp"))
        self._port = _free_port()
        self._numbers = count(1)
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(self._home, owner.pw_uid, owner.pw_gid)
        data = self._home / "data"
        self._run("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        log = (self._home / "log").open("wb")
        # Every DROP DATABASE is a checkpoint, which waits for the disk. Tests kill our processes, never this server or the machine.
        settings = ("-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "shared_buffers=64MB")
        self._server = subprocess.Popen(
            [
                *_as_owner(),
                str(BIN / "postgres"),
                "-D",
                str(data),
                "-p",
                str(self._port),
                "-k",
                str(self._home),
                *settings,
            ],
            stdout=log,
            stderr=log,
            cwd="/",
        )
        log.close()
        self._wait()
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE ROLE {SERVICE} LOGIN")
            connection.execute(f"CREATE DATABASE {TEMPLATE}")
        with psycopg.connect(self.dsn(TEMPLATE), autocommit=True) as connection:
            connection.execute("CREATE EXTENSION postgis")

    @property
    def port(self) -> int:
        """The loopback port."""
        return self._port

    def dsn(self, database: str) -> str:
        """Where a database is, for psycopg."""
        return f"host=127.0.0.1 port={self._port} user=postgres dbname={database}"

    def url(self, database: str) -> str:
        """Where a database is, for ``open_store``."""
        return f"postgresql+psycopg://{SERVICE}@127.0.0.1:{self._port}/{database}"

    def new_database(self, *, template: str = TEMPLATE) -> str:
        """URL of a fresh database, PostGIS already in it."""
        name = f"t{next(self._numbers)}"
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} OWNER {SERVICE} TEMPLATE {template}")
        return self.url(name)

    def replace(self, url: str, *, template: str) -> None:
        """Put a copy of another database in the place of one, to which nobody is connected."""
        name = url.rpartition("/")[2]
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name}")
            connection.execute(f"CREATE DATABASE {name} OWNER {SERVICE} TEMPLATE {template}")

    def drop(self, url: str) -> None:
        """Remove a database of :meth:`new_database`, whoever is still connected."""
        name = url.rpartition("/")[2]
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        """Stop the server and remove its directory."""
        if self._server.poll() is None:
            self._server.send_signal(signal.SIGINT)
            self._server.wait(timeout=START_S)
        shutil.rmtree(self._home)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run([*_as_owner(), str(BIN / program), *arguments], check=True, stdout=subprocess.DEVNULL, cwd="/")

    def _wait(self) -> None:
        deadline = time.monotonic() + START_S
        while True:
            try:
                psycopg.connect(self.dsn("postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                if self._server.poll() is not None or time.monotonic() > deadline:
                    said = (self._home / "log").read_text(errors="replace")
                    raise RuntimeError(f"PostgreSQL did not start: {said}") from None
                time.sleep(0.1)
            else:
                return


def _as_owner() -> list[str]:
    # The server ends with the tests even when they are killed.
    prefix = ["setpriv", "--pdeathsig", "INT"]
    if os.geteuid() == 0:
        prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--pdeathsig", "INT"]
    return prefix


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

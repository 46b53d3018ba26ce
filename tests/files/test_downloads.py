"""Laws of files.downloads, against servers on this machine that lie, stall and never end."""

import contextlib
import socketserver
import threading
import time

import pytest

from diarfix.errors import InputError, MissingDependency
from diarfix.files import downloads as module
from diarfix.files.downloads import download

OK = b"HTTP/1.1 200 OK\r\n"
BODY = bytes(range(200, 256)) * 100


def _sends(*parts, pause=0.0):
    """A server that writes the parts as they are; a pause stands before each but the first."""

    def answer(write):
        for n, part in enumerate(parts):
            time.sleep(pause if n else 0.0)
            write(part)

    return answer


def _length(said, body=BODY, more=b""):
    return _sends(OK + b"Content-Length: " + said + b"\r\n" + more + b"\r\n" + body)


def _moved(to):
    return _sends(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + to + b"\r\n\r\n")


def _drip(first, drop):
    return _sends(first, *[drop] * 200, pause=0.05)


CASES = {
    "length of letters": (_length(b"abc"), "says it has abc bytes"),
    "two lengths": (_length(b"4, 4"), "says it has 4, 4 bytes"),
    "negative length": (_length(b"-5"), "says it has -5 bytes"),
    "endless length": (_length(b"9" * 5000), "says it has 999"),
    "terabytes": (_length(b"1000000000000"), "at most"),
    "shorter than said": (_length(b"99999"), "5600 of 99999 bytes"),
    "no length, no end in sight": (_sends(OK + b"\r\n" + BODY), "does not say how long"),
    "nothing": (_length(b"0", b""), "is empty"),
    "no content": (_sends(b"HTTP/1.1 204 No Content\r\n\r\n"), "says 204"),
    "part unasked": (
        _sends(b"HTTP/1.1 206 Partial\r\nContent-Length: 4\r\n\r\nabcd"),
        "says 206",
    ),
    "a page": (_length(b"20", b"<!DOCTYPE html><html", b"Content-Type: text/html\r\n"), "web page"),
    "a page in disguise": (_length(b"20", b"\n <!DOCTYPE html><ht"), "web page"),
    "packed": (_length(b"4", b"\x1f\x8b__", b"Content-Encoding: gzip\r\n"), "packed"),
    "chunks cut off": (_sends(OK + b"Transfer-Encoding: chunked\r\n\r\nff\r\nabc"), "broke off"),
    "chunks of no size": (_sends(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc"), "broke off"),
    "to a bad host": (_moved(b"http://[::1/x"), "broke off"),
    "to an empty label": (_moved(b"http://a..b/x"), "broke off"),
    "to a file": (_moved(b"file:///etc/passwd"), "says 302"),
    "to ftp": (_moved(b"ftp://127.0.0.1/x"), "points to ftp:"),
    "round and round": (_moved(b"/again"), "302"),
    "not found": (_sends(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"), "says 404"),
    "broken": (_sends(b"HTTP/1.1 500 Oh no\r\nContent-Length: 0\r\n\r\n"), "says 500 Oh no"),
    "long words": (_sends(b"HTTP/1.1 500 " + b"no" * 9000 + b"\r\n\r\n"), "nono…"),
    "no HTTP": (_sends(b"SSH-2.0-OpenSSH_9.6\r\n"), "broke off"),
    "silence, then the end": (_sends(b""), "broke off"),
    "a header of many lines": (_sends(OK + b"a: b\r\n" * 500), "broke off"),
    "a header without end": (_drip(OK, b"a"), "no answer within"),
    "continue for ever": (_drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), "no answer within"),
    "a byte at a time": (_drip(OK + b"Content-Length: 9999\r\n\r\n", b"x"), "are too few"),
}


class _Liar(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.recv(1 << 16)
        with contextlib.suppress(OSError):  # the client had enough
            self.server.answer(self.request.sendall)


@pytest.fixture
def serve(monkeypatch):
    """Start a server with an answer; gives its URL."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(module, "_PATIENCE", 0.6)
    servers = []

    def start(answer):
        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Liar)
        server.daemon_threads, server.answer = True, answer
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}/m.onnx"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("name", CASES)
def test_a_lie_is_one_line_and_exit_4(serve, tmp_path, name):
    """It names the URL, is soon told, and leaves no file and nothing that could be continued."""
    answer, said = CASES[name]
    url = serve(answer)
    began = time.monotonic()
    with pytest.raises(MissingDependency) as caught:
        download(url, tmp_path / "m.onnx")
    assert time.monotonic() - began < 10
    assert caught.value.message.startswith(f"{url}: ")
    assert said in caught.value.message
    assert len(caught.value.message) < 400
    assert caught.value.message.isprintable()
    assert list(tmp_path.iterdir()) == []


def test_more_than_any_model_is_not_taken(serve, tmp_path, monkeypatch):
    """A body without a length ends where no model could go on."""
    monkeypatch.setattr(module, "_MOST", 1 << 20)
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    url = serve(_sends(OK + b"Transfer-Encoding: chunked\r\n\r\n", *[chunk] * 100))
    with pytest.raises(MissingDependency, match="more than 1048576 bytes"):
        download(url, tmp_path / "m.onnx")
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_needs_tls_or_lacks_it(serve, tmp_path):
    """What is no TLS is one line too."""
    url = serve(_sends(b"plain words\r\n")).replace("http:", "https:")
    with pytest.raises(MissingDependency, match="cannot be reached"):
        download(url, tmp_path / "m.onnx")


def test_a_part_is_kept_only_under_a_tag_that_tells_versions_apart(serve, tmp_path):
    """Under a weak one nobody could say later what it is a part of."""
    for tag, left in ((b'"v1"', {"m.onnx.part", "m.onnx.part.tag"}), (b'W/"v1"', set())):
        answer = _length(b"99999", more=b"ETag: " + tag + b"\r\n")
        with pytest.raises(MissingDependency):
            download(serve(answer), tmp_path / "m.onnx")
        assert {p.name for p in tmp_path.iterdir()} == left
        for path in tmp_path.iterdir():
            path.unlink()


def test_another_part_than_was_asked_for_is_thrown_away(serve, tmp_path):
    """Else two pieces would be joined that do not belong together."""
    (tmp_path / "m.onnx.part").write_bytes(BODY)
    (tmp_path / "m.onnx.part.tag").write_text('"v1"')
    head = b"HTTP/1.1 206 Partial\r\nContent-Range: bytes 0-3/9000\r\nContent-Length: 4\r\n\r\n"
    with pytest.raises(MissingDependency, match="another part"):
        download(serve(_sends(head + b"abcd")), tmp_path / "m.onnx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("tag", [b"", b"\xff", b'"v1"\r\nX: y', b"v1"])
def test_a_damaged_tag_is_none(serve, tmp_path, tag):
    """The file is fetched from its beginning."""
    (tmp_path / "m.onnx.part").write_bytes(b"what is this")
    (tmp_path / "m.onnx.part.tag").write_bytes(tag)
    download(serve(_length(str(len(BODY)).encode())), tmp_path / "m.onnx")
    assert (tmp_path / "m.onnx").read_bytes() == BODY
    assert [p.name for p in tmp_path.iterdir()] == ["m.onnx"]


def test_a_folder_where_the_part_should_be_is_exit_2(serve, tmp_path):
    """One line names the place."""
    (tmp_path / "m.onnx.part").mkdir()
    with pytest.raises(InputError, match="cannot be written"):
        download(serve(_length(b"4", b"abcd")), tmp_path / "m.onnx")

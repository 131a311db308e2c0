"""HTTP that no honest client sends: every answer is an error of the right class, or a closed connection."""
import json
import socket
import sys
import time

from target import LIMIT_S, TITLE, check, run
from wire import dial

MEETINGS = "/api/v1/meetings"


def talk(target, data, limit_s=3.0, tls=False, source=None):
    """All that comes back until the connection ends, or nothing more comes."""
    s = dial(target, tls, source)
    got = b""
    try:
        s.sendall(data)
        s.settimeout(limit_s)
        while True:
            more = s.recv(65536)
            if not more:
                return got
            got += more
    except (socket.timeout, ConnectionError):
        return got
    finally:
        s.close()


def statuses(got):
    return [int(part[:3]) for part in got.split(b"HTTP/1.1 ")[1:] if part[:3].isdigit()]


def request(line, *headers, body=b""):
    return (line + "\r\nHost: localhost\r\n" + "".join(h + "\r\n" for h in headers) + "\r\n").encode() + body


def closing(line, *headers, body=b""):
    return request(line, "Connection: close", *headers, body=body)


def strange_methods(target):
    for method, wanted in (("PUT", 405), ("PATCH", 405), ("OPTIONS", 405), ("DELETE", 405), ("POST", 405)):
        got = statuses(talk(target, closing("%s /healthz HTTP/1.1" % method, "Content-Length: 0"), LIMIT_S))
        check(got[:1] == [wanted], "%s /healthz: %s" % (method, got))
    for method in ("TRACE", "CONNECT", "GETT", "G\0T", "\x16\x03\x01", "PRI", "BREW", "A" * 9000):
        got = statuses(talk(target, closing("%s /healthz HTTP/1.1" % method), 0.3))
        check(not got or got[0] >= 400, "%r: %s" % (method[:10], got))


def strange_paths(target):
    for path in ("/..", "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/%00", "/%", "/%zz", "//", "/m/",
                 "/m", "/ws/", "/api", "/api/v1/meetings/", "/api/v1/meetings/%00", "/api/v1//meetings",
                 "/api/v1/meetings/" + "A" * 400, "/m/" + "A" * 900, "/" + "?" * 300, "/?a=" + "b" * 900,
                 "http://elsewhere/", "*", "", "healthz", "/healthz/../api/v1/meetings"):
        got = talk(target, closing("GET %s HTTP/1.1" % path), 0.3)
        check(b"root:" not in got, "a file was read by " + path)
        check(all(s in (200, 301, 400, 401, 403, 404, 405, 414, 431) for s in statuses(got)),
              "%s: %s" % (path, statuses(got)))
    pages = {talk(target, closing("GET /m/%s HTTP/1.1" % ref), LIMIT_S).split(b"\r\n\r\n", 1)[1].replace(
        ref.encode(), b"ID") for ref in (target.host.ref, "AAAAAAAAAAAAAAAAAAAAAA")}
    check(len(pages) == 1, "the page of a meeting tells whether it exists")


def strange_versions(target):
    for line in ("GET /healthz", "GET /healthz HTTP/0.9", "GET /healthz HTTP/3.7", "GET  /healthz HTTP/1.1",
                 "GET\t/healthz\tHTTP/1.1", " GET /healthz HTTP/1.1", "GET /healthz HTTP/1.1 x"):
        got = statuses(talk(target, closing(line), 0.3))
        check(len(got) <= 1, "%r: %s" % (line, got))


def huge_headers(target):
    for header in ("X: " + "a" * 100000, "Cookie: " + "b" * 5000, "Authorization: Bearer " + "c" * 8000,
                   "Authorization: Bearer " + "c" * 300, "Host: " + "d" * 20000,
                   "".join("X-%d: y\r\n" % i for i in range(5000)) + "Z: z", "a" * 70000 + ": b"):
        got = statuses(talk(target, closing("GET %s HTTP/1.1" % MEETINGS, header), 0.5))
        check(not got or 400 <= got[0] < 500, "%s...: %s" % (header[:20], got))


def header_garbage(target):
    for header in ("Content-Length: -1", "Content-Length: 99999999999999999999", "Content-Length: 0x10",
                   "Content-Length: 5, 5", "Content-Length: ", "Content-Length: 1\r\nContent-Length: 2",
                   "NoColon", ": empty", "A\0B: c", "A: b\0c", "A:\r\n folded", "\x80\xff: \xfe",
                   "Transfer-Encoding: chunked", "Connection: keep-alive, upgrade, close, x"):
        data = closing("POST %s HTTP/1.1" % MEETINGS, header, "Authorization: Bearer " + target.token)
        got = statuses(talk(target, data, 0.3))
        check(all(400 <= s < 500 or s == 501 for s in got), "%r: %s" % (header, got))


SMUGGLED = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


def smuggling(target):
    """What one reader takes for a body must not be another request for the next reader."""
    n = len(SMUGGLED)
    chunk = b"%x\r\n%s\r\n0\r\n\r\n" % (n, SMUGGLED)
    shapes = {
        "both lengths, chunked body": request("POST %s HTTP/1.1" % MEETINGS, "Content-Length: 4",
                                              "Transfer-Encoding: chunked", body=chunk),
        "chunked with a POST": request("POST %s HTTP/1.1" % MEETINGS, "Transfer-Encoding: chunked",
                                       body=chunk),
        "chunked, spelled badly": request("POST %s HTTP/1.1" % MEETINGS, "Transfer-Encoding: xchunked",
                                          body=chunk),
        "chunked with a space": request("POST %s HTTP/1.1" % MEETINGS, "Transfer-Encoding : chunked",
                                        body=chunk),
        "two lengths": request("POST %s HTTP/1.1" % MEETINGS, "Content-Length: 0", "Content-Length: %d" % n,
                               body=SMUGGLED),
        "a body with a GET": request("GET /healthz HTTP/1.1", "Content-Length: %d" % n, body=SMUGGLED),
        "a body with a DELETE": request("DELETE %s/x HTTP/1.1" % MEETINGS, "Content-Length: %d" % n,
                                        body=SMUGGLED),
        "a body with a HEAD": request("HEAD /healthz HTTP/1.1", "Content-Length: %d" % n, body=SMUGGLED),
        "a body with an OPTIONS": request("OPTIONS /healthz HTTP/1.1", "Content-Length: %d" % n,
                                          body=SMUGGLED),
        "a plus in the length": request("POST %s HTTP/1.1" % MEETINGS, "Content-Length: +0", body=SMUGGLED),
        "a list of lengths": request("POST %s HTTP/1.1" % MEETINGS, "Content-Length: 0, %d" % n,
                                     body=SMUGGLED),
        "a chunked GET": request("GET /healthz HTTP/1.1", "Transfer-Encoding: chunked", body=chunk),
    }
    taken = {name: got for name, got in ((name, statuses(talk(target, data, 0.4)))
                                         for name, data in shapes.items()) if len(got) > 1}
    check(not taken, "the body was taken for a request: %s" % taken)


def head_has_no_body(target):
    got = talk(target, request("HEAD /healthz HTTP/1.1") + closing("GET /healthz HTTP/1.1"), LIMIT_S)
    parts = got.split(b"\r\n\r\n", 1)
    check(parts[0].startswith(b"HTTP/1.1 200"), "HEAD is answered %r" % parts[0][:40])
    check(len(parts) < 2 or not parts[1].startswith(b"ok"), "HEAD is answered with a body")


def pipelined(target):
    got = statuses(talk(target, request("GET /healthz HTTP/1.1") * 50 + closing("GET /healthz HTTP/1.1"), LIMIT_S))
    check(got and set(got) == {200}, "answers %s" % got)


def post(target, body, token=None, *headers):
    if isinstance(body, str):
        body = body.encode()
    data = closing("POST %s HTTP/1.1" % MEETINGS, "Content-Length: %d" % len(body),
                   "Authorization: Bearer " + (target.token if token is None else token), *headers, body=body)
    got = talk(target, data, LIMIT_S)
    return (statuses(got) or [0])[0], got.split(b"\r\n\r\n", 1)[-1]


def json_garbage(target):
    good = json.dumps({"terms": "AAAA", "title": "x"})
    bodies = ["", "{", "[]", "null", "1", '"x"', "{}", "[" * 10000, '{"a":' * 10000, "{" * 60000,
              '{"terms":"AAAA","terms":"AAAA"}', '{"terms":1e400}', '{"start_s":%s,"terms":"AAAA"}' % ("9" * 400),
              '{"terms":"AAAA","start_s":-1}', '{"terms":"AAAA","start_s":9223372036854775807,"end_s":1}',
              '{"terms":"AAAA","start_s":9223372036854775808}', '{"terms":"\\ud800"}', '{"terms":"\\u0000"}',
              b'{"terms":"\xff\xfe"}', b'{"title":"\xc0\x80","terms":"AAAA"}', '{"terms":["AAAA"]}',
              '{"terms":"AAAA","title":{}}', '{"terms":"AAAA","unknown":1}', '{"terms":"AA=="}',
              '{"terms":"' + "A" * 60000 + '"}', good + "x", good + good, "\xef\xbb\xbf" + good,
              '{"terms":"AAAA","invited":"x"}', '{"terms":"AAAA","invited":[1]}', "NaN", '{"terms":NaN}']
    for body in bodies:
        status, text = post(target, body)
        check(status == 400, "%r...: %d" % (body[:40], status))
        error = json.loads(text or b"{}")
        check("error" in error and len(text) < 600, "%r...: %s" % (body[:40], text[:200]))


def long_bodies(target):
    for n, wanted in ((100000, 400), (250000, 400), (263000, 413), (2000000, 413)):
        status, _ = post(target, '{"terms":"' + "A" * n + '"}')
        check(status in (0, wanted), "%d bytes: %d" % (n, status))  # 0: the answer was cut off
    got = talk(target, closing("POST %s HTTP/1.1" % MEETINGS, "Content-Length: 4000000000",
                               "Authorization: Bearer " + target.token), 0.5)
    check(b"HTTP/1.1 2" not in got, "4 GB were promised and taken")


def good_fields_with_bad_terms(target):
    """Terms that are real up to one byte."""
    import base64
    terms = target.host.terms
    for at in range(0, len(terms), 7):
        bad = terms[:at] + bytes([terms[at] ^ 1]) + terms[at + 1:]
        text = base64.urlsafe_b64encode(bad).decode().rstrip("=")
        status, _ = post(target, json.dumps({"terms": text}))
        check(status in (400, 409), "terms with byte %d changed: %d" % (at, status))
    for cut in (0, 1, len(terms) // 2, len(terms) - 1):
        text = base64.urlsafe_b64encode(terms[:cut]).decode().rstrip("=")
        status, _ = post(target, json.dumps({"terms": text}))
        check(status == 400, "terms cut at %d: %d" % (cut, status))
    status, _ = post(target, json.dumps({"terms": base64.urlsafe_b64encode(terms).decode().rstrip("="),
                                         "title": TITLE}))
    check(status == 409, "the same meeting twice: %d" % status)
    for title in ("a" * 257, "a\nb", "\u202e", "\x7f"):
        person = target.person("Cora-with-a-secret-name")
        _, fresh = person.do("terms")
        text = base64.urlsafe_b64encode(fresh).decode().rstrip("=")
        status, _ = post(target, json.dumps({"terms": text, "title": title}))
        check(status in (400, 201), "title %r: %d" % (title[:5], status))
        check(status == 400 or "\n" not in title and len(title) < 257, "title %r was taken" % title[:5])
        person.close()


def tokens(target):
    answers = set()
    for token in ("", "x", "ict_", target.token[:-1], target.token + "A", target.token.upper(), "\0", " ",
                  target.token[::-1], "' OR 1=1 --", "a" * 250):
        status, text = post(target, "{}", token)
        check(status in (401, 0, 400), "%r...: %d" % (token[:6], status))
        if status == 401:
            answers.add(text)
    got = talk(target, closing("GET %s HTTP/1.1" % MEETINGS), LIMIT_S)
    check(statuses(got) == [401], "without a token: %s" % statuses(got))
    answers.add(got.split(b"\r\n\r\n", 1)[1])
    check(len(answers) == 1, "wrong and missing tokens are answered differently: %s" % answers)
    for scheme in ("Basic", "bearer", "Bearer\t", "Token"):
        got = talk(target, closing("GET %s HTTP/1.1" % MEETINGS, "Authorization: %s %s" % (
            scheme, target.token)), LIMIT_S)
        check(statuses(got) == [401], "%s: %s" % (scheme, statuses(got)))


def slowloris(target):
    """Many requests that never end take nobody's place and are ended."""
    slow = [dial(target) for _ in range(200)]
    for i, s in enumerate(slow):
        s.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: "[:5 + i % 40])
    target.service()
    began = time.monotonic()
    left = len(slow)
    while left and time.monotonic() - began < LIMIT_S:
        for s in slow:
            try:
                s.sendall(b"a")
            except OSError:
                pass
        time.sleep(1)
        left = sum(1 for s in slow if not ended(s))
    for s in slow:
        s.close()
    check(left == 0, "%d of 200 requests without an end are still open after %.0f s" % (left, LIMIT_S))


def ended(s):
    s.setblocking(False)
    try:
        while True:
            if not s.recv(4096):
                return True
    except BlockingIOError:
        return False
    except OSError:
        return True


def slow_body(target):
    s = dial(target)
    s.sendall(closing("POST %s HTTP/1.1" % MEETINGS, "Content-Length: 1000",
                      "Authorization: Bearer " + target.token))
    s.sendall(b"{")
    target.service()
    s.close()


def early_close(target):
    for cut in range(1, 90, 4):
        for linger in (False, True):
            s = dial(target)
            data = closing("POST %s HTTP/1.1" % MEETINGS, "Content-Length: 20",
                           "Authorization: Bearer " + target.token, body=b"{" * 20)
            s.sendall(data[:cut * len(data) // 90])
            if linger:  # a reset instead of an end
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            s.close()


def connect_and_go(target):
    for _ in range(300):
        dial(target).close()


if __name__ == "__main__":
    sys.exit(run(sys.argv, strange_methods, strange_paths, strange_versions, huge_headers, header_garbage,
                 smuggling, head_has_no_body, pipelined, json_garbage, long_bodies,
                 good_fields_with_bad_terms, tokens, slow_body, early_close, connect_and_go, slowloris))

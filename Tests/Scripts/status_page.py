#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Loads the coordinator's status page in headless Chromium and checks what it shows.

  status_page.py --chromium /usr/bin/chromium --url http://127.0.0.1:8080   a coordinator that runs and needs no token
  status_page.py --chromium /usr/bin/chromium                               a stub with known, and hostile, figures

Nothing but the standard library is needed. Exit 0: all is as it should be; 1: it is not; the reasons are printed.
"""

import argparse
import html.parser
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

PAGE = pathlib.Path(__file__).resolve().parents[2] / "Sources/CCoordinatorPages/status.html"
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
HOSTILE = '<img src=x onerror="document.title=\'taken\'"><b id="taken">&amp;'


def figures(hostile):
    """What the stub answers; a little more with every question."""
    now = int(time.time() * 1000)
    names = [
        ("gpu-a1", ["opencl:0 NVIDIA H100"], 300, 2, 4812),
        ("gpu-a2", ["opencl:0 NVIDIA H100", "opencl:1 NVIDIA H100"], 900, 4, 9127),
        ("rack-3-cpu", ["cpu-ifma"], 2400, 1, 388),
        ("spare", ["cpu-avx2"], 412_000, 0, 17),
    ]
    workers = [
        {"name": name, "devices": devices, "lastSeen": now - silent, "leases": leases, "proofs": proofs}
        for name, devices, silent, leases, proofs in names
    ]
    if hostile:
        workers.append({"name": HOSTILE, "devices": [HOSTILE], "lastSeen": now, "leases": 0, "proofs": 0})
    return {
        "version": "0.0.0-stub", "now": now,
        "jobs": {"receiving": 3, "queued": 1284, "leased": 7, "succeeded": 14344, "rejected": 2, "cancelled": 5,
                 "expired": 1, "dead": 1},
        "oldestQueuedSeconds": 74.2, "proofsPerMinute": 412, "costPerProof": 0.00213, "currency": "EUR",
        "workers": workers, "circuits": 6, "freeBytes": 812 << 30,
    }


class Stub(http.server.BaseHTTPRequestHandler):
    """The page, with the coordinator's policy, and figures. `server.hostile` and `server.token` vary it."""

    def do_GET(self):
        if self.path == "/":
            self.answer(200, "text/html; charset=utf-8", PAGE.read_bytes())
        elif self.path == "/v1/status":
            self.server.asked += 1
            wanted = self.server.token
            if wanted and self.headers.get("Authorization") != f"Bearer {wanted}":
                self.answer(401, "application/json", b'{"error":{"code":"unauthorized","message":"a token is needed"}}')
                return
            status = figures(self.server.hostile)
            status["proofsPerMinute"] += [0, 6, 19, 14, 31, 27, 45, 38][self.server.asked % 8] - 45
            if self.server.hostile:
                status["proofsPerMinute"] = 412
            self.answer(200, "application/json", json.dumps(status).encode())
        else:
            self.answer(404, "text/plain", b"")

    def answer(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Texts(html.parser.HTMLParser):
    """The text and the attributes of every element that has an id, and the tags that there are."""

    VOID = {"meta", "input", "link", "br", "img"}

    def __init__(self):
        super().__init__()
        self.open, self.text, self.attributes, self.tags = [], {}, {}, []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags.append(tag)
        if "id" in attributes:
            self.text[attributes["id"]] = ""
            self.attributes[attributes["id"]] = attributes
        if tag not in self.VOID:
            self.open.append((tag, attributes.get("id")))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        for _, name in self.open:
            if name:
                self.text[name] += data


def chromium(binary, *arguments):
    with tempfile.TemporaryDirectory() as profile:
        command = [binary, *flags(profile), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        sys.exit(f"status_page: {binary} exits {done.returncode}: {done.stderr[-2000:]}")
    return done


def flags(profile):
    return [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--disable-background-networking", f"--user-data-dir={profile}",
    ]


def typed(binary, url, token):
    """The figures that show after the token was typed into the form, over the browser's debugging pipe."""
    script = """
        new Promise((done) => {
          const wait = (what, then) => what() ? then() : setTimeout(wait, 50, what, then);
          wait(() => document.activeElement?.id === "token", () => {
            const field = document.activeElement;
            field.value = TOKEN;
            field.form.requestSubmit();
            wait(() => !document.getElementById("content").hidden,
              () => done(document.getElementById("queued").textContent + "|" + field.value));
          });
        })""".replace("TOKEN", json.dumps(token))
    to_browser, from_us = os.pipe()
    to_us, from_browser = os.pipe()
    with tempfile.TemporaryDirectory() as profile:
        # The browser reads from descriptor 3 and writes to 4.
        command = ["sh", "-c", f'exec "$@" 3<&{to_browser} 4>&{from_browser}', "sh", binary, *flags(profile)]
        browser = subprocess.Popen(
            [*command, "--remote-debugging-pipe", "about:blank"], pass_fds=(to_browser, from_browser),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        guard = threading.Timer(60, browser.kill)
        guard.start()
        os.close(to_browser)
        os.close(from_browser)
        count = 0
        with os.fdopen(from_us, "wb", buffering=0) as writer, os.fdopen(to_us, "rb") as reader:

            def ask(method, session=None, **parameters):
                nonlocal count
                count += 1
                message = {"id": count, "method": method, "params": parameters}
                if session:
                    message["sessionId"] = session
                writer.write(json.dumps(message).encode() + b"\0")
                while True:
                    text = bytearray()
                    while (byte := reader.read(1)) != b"\0":
                        if not byte:
                            sys.exit("status_page: the browser ended, or took longer than a minute")
                        text += byte
                    answer = json.loads(text)
                    if answer.get("id") == count:
                        return answer.get("result", {})

            target = ask("Target.createTarget", url="about:blank")["targetId"]
            session = ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            ask("Page.enable", session)
            ask("Page.navigate", session, url=url)
            result = ask("Runtime.evaluate", session, expression=script, awaitPromise=True)
            try:
                writer.write(b'{"id":0,"method":"Browser.close"}\0')
            except BrokenPipeError:
                pass
            browser.wait()
        guard.cancel()
    return result.get("result", {}).get("value")


def load(binary, url):
    # The page asks every two seconds: after five, of virtual time, it has asked three times.
    done = chromium(binary, "--virtual-time-budget=5000", "--enable-logging=stderr", "--dump-dom", url)
    page = Texts()
    page.feed(done.stdout)
    refused = [line for line in done.stderr.splitlines() if "Content Security Policy" in line or "Uncaught" in line]
    return page, refused


def check_figures(page, refused, statuses):
    """What is wrong with the page, given what the status was before and after."""
    wrong = [f"the browser complains: {line}" for line in refused]

    def shows(name, wanted):
        if page.text.get(name, "").strip() not in wanted:
            wrong.append(f"{name}: shows {page.text.get(name)!r}, not one of {sorted(wanted)}")

    for name, value in [
        ("version", lambda status: str(status["version"])),
        ("queued", lambda status: f"{status['jobs'].get('queued', 0):,}"),
        ("leased", lambda status: f"{status['jobs'].get('leased', 0):,}"),
        ("rate", lambda status: f"{status['proofsPerMinute']:,}"),
    ]:
        shows(name, {value(status) for status in statuses})
    shows("health", {"up to date"})
    for worker in statuses[0]["workers"]:
        if worker["name"] not in page.text.get("workers", ""):
            wrong.append(f"worker {worker['name']!r} is not there")
    for state, number in statuses[0]["jobs"].items():
        if all(status["jobs"].get(state) == number for status in statuses):
            if f"{state}{number:,}" not in page.text.get("jobs", ""):
                wrong.append(f"jobs: {state} does not show {number:,}")
    points = page.attributes.get("curve", {}).get("points", "")
    if len(points.split()) < 2:
        wrong.append(f"the curve has the points {points!r}: the page has not asked twice")
    if "hidden" in page.attributes.get("content", {"hidden": ""}) or "hidden" not in page.attributes.get("entry", {}):
        wrong.append("the figures are hidden, or the form for a token is not")
    return wrong


def fetch(url):
    with urllib.request.urlopen(url + "/v1/status", timeout=10) as answer:
        return json.load(answer)


def check_coordinator(binary, url):
    before = fetch(url)
    page, refused = load(binary, url + "/")
    return check_figures(page, refused, [before, fetch(url)])


def check_stub(binary, server, url):
    server.hostile, server.token = True, None
    page, refused = load(binary, url + "/")
    wrong = check_figures(page, refused, [figures(True)])
    if "img" in page.tags or "taken" in page.attributes:
        wrong.append("a worker's name became markup")
    server.token = "id.secret"
    page, refused = load(binary, url + "/")
    wrong += [f"the browser complains: {line}" for line in refused]
    if "hidden" in page.attributes.get("entry", {"hidden": ""}) or "hidden" not in page.attributes.get("content", {}):
        wrong.append("without a token: the form for it does not show, or figures do")
    found = typed(binary, url + "/", server.token)
    if found != "1,284|":
        wrong.append(f"after a token was typed: the queue shows {found!r}, not 1,284 and an empty field")
    server.hostile, server.token = False, None
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chromium", default=shutil.which("chromium"), help="the browser's program")
    parser.add_argument("--url", help="a coordinator; without it a stub is served")
    parser.add_argument("--screenshot", help="keeps a picture of the page in this file")
    arguments = parser.parse_args()
    if not arguments.chromium:
        sys.exit("status_page: no chromium on PATH: give --chromium")
    if arguments.url:
        url = arguments.url.rstrip("/")
        wrong = check_coordinator(arguments.chromium, url)
    else:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stub)
        server.asked = 0
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        wrong = check_stub(arguments.chromium, server, url)
    if arguments.screenshot:
        chromium(
            arguments.chromium, "--virtual-time-budget=90000", "--window-size=1180,560", "--hide-scrollbars",
            f"--screenshot={pathlib.Path(arguments.screenshot).resolve()}", url + "/")
    for line in wrong:
        print(f"status_page: {line}")
    if wrong:
        sys.exit(1)
    print("status_page: shows what it should")


if __name__ == "__main__":
    main()

"""Replays a recorded hour live against a real Tacho, and listens to what it tells.

    python3 -m venv target/replay && target/replay/bin/pip install standardwebhooks
    target/replay/bin/python tests/replay.py target/release/tacho

Starts the program on a data directory of its own, sets two limits, receives webhooks with the library of the
Standard Webhooks project, sends the recording with its times moved to now, and waits until everything is
resolved. `--speed 4` sends four times as fast; a minute then holds four times as much.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from standardwebhooks import Webhook

CSV = Path(__file__).parent / "fixtures/csv/azure-llm-2023.csv"


class Receiver:
    """Receives webhooks; refuses what is not signed with its secret."""

    def __init__(self):
        self.secret = None
        self.heard = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                try:
                    message = Webhook(receiver.secret).verify(body, dict(self.headers.items()))
                except Exception as error:  # the library raises more than one kind
                    print(f"refused: {error!r}", flush=True)
                    self.send_response(401)
                    self.end_headers()
                    return
                receiver.note(self.headers["webhook-id"], message)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def note(self, message_id, message):
        self.heard.append((message_id, message))
        data = message["data"]
        print(
            f"{clock()}  {message['type']:15} {data['limit']['kind']:24} {data['used']:>11,.0f} of "
            f"{data['limit']['amount']:>9,.0f} ({data['percent']:6.2f} %)  {data['reason']:13} "
            f"happened {data['event_time'][11:19]}",
            flush=True,
        )

    def firing(self):
        latest = {}
        for _, message in self.heard:
            latest[message["data"]["incident_key"]] = message["data"]["severity"]
        return [key for key, severity in latest.items() if severity != "ok"]


class Tacho:
    """A running Tacho."""

    def __init__(self, program, data_dir):
        self.program, self.data_dir = program, data_dir
        arguments = [program, "--listen", "127.0.0.1:0", "--data-dir", data_dir]
        log = open(Path(data_dir) / "log", "w")
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=log, text=True)
        self.url = self.process.stdout.readline().split(" is listening on ")[1].strip()
        create = [program, "keys", "create", "--scope", "admin", "--name", "replay", "--data-dir", data_dir]
        self.key = subprocess.run(create, capture_output=True, text=True, check=True).stdout.strip()

    def call(self, method, path, body=None):
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request) as answer:
            text = answer.read()
            return json.loads(text) if text else None


def clock():
    return datetime.now(timezone.utc).strftime("%H:%M:%S")


def recorded():
    """Seconds since the first request, input tokens and output tokens of each request."""
    rows = list(csv.DictReader(CSV.open()))
    at = [datetime.fromisoformat(row["TIMESTAMP"][:26]) for row in rows]
    for when, row in zip(at, rows):
        yield (when - at[0]).total_seconds(), int(row["ContextTokens"]), int(row["GeneratedTokens"])


def replay(tacho, speed):
    start = time.time()
    sent, batch = 0, []
    requests = list(recorded())
    for number, (second, input_tokens, output_tokens) in enumerate(requests):
        at = start + second / speed
        batch.append({
            "id": f"replay_{number}",
            "at": datetime.fromtimestamp(at, timezone.utc).isoformat(timespec="milliseconds"),
            "model": "claude-sonnet-5-5",
            "status": 200,
            "usage": {"input_tokens": input_tokens, "output_tokens": output_tokens},
        })
        last = number + 1 == len(requests)
        if last or start + requests[number + 1][0] / speed > time.time() + 0.05:
            time.sleep(max(0.0, at - time.time()))
            sent += tacho.call("POST", "/v1/events", batch)["accepted"]
            batch = []
    return sent


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", help="the program, such as target/release/tacho")
    parser.add_argument("--speed", type=float, default=1.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as data_dir:
        receiver = Receiver()
        tacho = Tacho(os.path.abspath(options.program), data_dir)

        def deliveries():
            return tacho.call("GET", "/v1/deliveries?limit=1000")

        try:
            for limit in tacho.call("GET", "/v1/limits"):
                tacho.call("DELETE", f"/v1/limits/{limit['id']}")
            for kind, amount in [("requests_per_minute", 500), ("input_tokens_per_minute", 1_000_000)]:
                tacho.call("POST", "/v1/limits", {"name": kind, "kind": kind, "amount": amount})
            address = f"http://127.0.0.1:{receiver.server.server_port}/"
            receiver.secret = tacho.call("POST", "/v1/channels", {"name": "replay", "url": address})["secret"]

            print(f"{clock()}  replaying at {options.speed} times the speed", flush=True)
            sent = replay(tacho, options.speed)
            print(f"{clock()}  {sent} events sent; waiting until everything is resolved", flush=True)
            while receiver.firing() or any(delivery["state"] == "pending" for delivery in deliveries()):
                time.sleep(1)

            alerts = tacho.call("GET", "/v1/alerts?limit=1000")["items"]
            sent_messages = deliveries()
        finally:
            tacho.process.terminate()
            tacho.process.wait()
        check = [tacho.program, "check", "--data-dir", data_dir]
        print(subprocess.run(check, capture_output=True, text=True).stdout.strip())

        ids = [message_id for message_id, _ in receiver.heard]
        attempts = [len(delivery["attempts"]) for delivery in sent_messages]
        print(f"{len(alerts)} transitions, {len(sent_messages)} deliveries in {sum(attempts)} attempts, "
              f"{len(ids)} messages verified, {len(set(ids))} of them different")
        once = len(alerts) == len(sent_messages) == len(ids) == len(set(ids)) == sum(attempts)
        print("each delivered once" if once else "NOT each delivered once")
        sys.exit(0 if once else 1)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Kills a quote service under load, again and again, and looks whether anything that was acknowledged is lost.

    Tests/Drills/kill_drill.py [--times 100] [--seed 1] [--binaries .build/release]

Each round starts `quote-service serve` over the same database, waits until it is ready, puts it under load from four
threads (quotes with an Idempotency-Key, acceptances, interactions), kills it with SIGKILL at a random moment, verifies the
audit log's chain, starts it again and asks for all that was answered in the round: every call that is repeated must give
the same bytes, every quote must stand where its last answer said. Calls that were cut off are repeated too: they must have
one effect. Ends with 1 when anything is lost. Python's standard library is all it needs.
"""
import argparse
import http.client
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCOPES = "quotes:read,quotes:write,interactions:write"


class Service:
    """One process, and calls to it."""

    def __init__(self, binaries, folder, port, key):
        self.port, self.key = port, key
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [binaries / "quote-service", "serve", "--port", str(port), "--requests-per-minute", "0"],
            cwd=folder, stdout=subprocess.DEVNULL, stderr=open(folder / "log", "ab"))

    def call(self, method, path, body=None, idempotency=None):
        """The status, the body's bytes, and whether the answer was given before."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            headers = {"Authorization": "Bearer " + self.key, "Content-Type": "application/json"}
            if idempotency:
                headers["Idempotency-Key"] = idempotency
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.getheader("Idempotency-Replayed") == "true"
        finally:
            connection.close()

    def wait(self):
        """Seconds from the start until it is ready."""
        while True:
            if self.process.poll() is not None:
                sys.exit("the service ended by itself; see its log")
            try:
                if self.call("GET", "/readyz")[0] == 200:
                    return time.monotonic() - self.started
            except OSError:
                pass
            time.sleep(0.005)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def load(service, rng, requests, offers, calls, stop):
    """Calls until it is cut off; `calls` takes [method, path, body, key, answer or None]."""
    while not stop.is_set():
        request = dict(rng.choice(requests), user=f"u{rng.randrange(10_000)}")
        record = ["POST", "/v1/quotes", json.dumps(request), f"k{rng.getrandbits(128):x}", None]
        try:
            calls.append(record)
            record[4] = service.call(*record[:4])
            if record[4][0] == 201 and rng.random() < 0.5:
                quote = json.loads(record[4][1])["id"]
                record = ["POST", f"/v1/quotes/{quote}/accept", None, f"k{rng.getrandbits(128):x}", None]
                calls.append(record)
                record[4] = service.call(*record[:4])
            if rng.random() < 0.3:
                event = {"user": request["user"], "offer": rng.choice(offers), "kind": "viewed"}
                record = ["POST", "/v1/interactions", json.dumps(event), f"k{rng.getrandbits(128):x}", None]
                calls.append(record)
                record[4] = service.call(*record[:4])
        except (OSError, http.client.HTTPException):
            return


def check(service, calls):
    """What of the acknowledged calls is lost, in words."""
    lost, states = [], {}
    for method, path, body, key, answer in calls:
        again = service.call(method, path, body, key)
        if answer is None or answer[0] >= 500:
            # Never acknowledged: it has one effect now, whether it had one before or not.
            twice = service.call(method, path, body, key)
            if again[0] < 300 and (twice[:2] != again[:2] or not twice[2]):
                lost.append(f"{path} with {key} had two effects")
        elif answer[0] < 300 and (again[:2] != answer[:2] or not again[2]):
            lost.append(f"{path} with {key} was answered {answer[0]}, then {again[0]} with other bytes")
        elif answer[0] < 300 and path.endswith("/accept"):
            states[path.split("/")[3]] = "accepted"
        if answer is not None and answer[0] == 201 and path == "/v1/quotes":
            states.setdefault(json.loads(answer[1])["id"], "open")
    for quote, state in states.items():
        status, body, _ = service.call("GET", f"/v1/quotes/{quote}")
        found = json.loads(body).get("state") if status == 200 else status
        # An acceptance that was cut off may have been made, or is made by its repetition.
        if found != state and not (state == "open" and found == "accepted"):
            lost.append(f"quote {quote} was {state}, now {found}")
    return lost


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=100, help="how often to kill")
    parser.add_argument("--seed", type=int, default=1, help="of the moments and the load")
    parser.add_argument("--port", type=int, default=18433)
    parser.add_argument("--binaries", type=pathlib.Path, default=ROOT / ".build/release")
    options = parser.parse_args()
    binaries, rng = options.binaries.resolve(), random.Random(options.seed)
    requests = [json.loads((ROOT / f"datasets/requests/{name}.json").read_text())
                for name in ("small-app", "backup-archive")]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        tool = [binaries / "quote-service"]
        subprocess.run(tool + ["import", "folder", ROOT / "datasets"], cwd=folder, check=True, capture_output=True)
        key = subprocess.run(
            tool + ["api-keys", "create", "--tenant", "drill", "--scopes", SCOPES, "--name", "drill"],
            cwd=folder, check=True, capture_output=True, text=True).stdout.split()[-1]
        offers = [json.loads(line)["id"] for line in (ROOT / "datasets/catalog.jsonl").read_text().splitlines()]
        ready, acknowledged, cut, lost, calls = [], 0, 0, [], []
        for number in range(options.times + 1):
            service = Service(binaries, folder, options.port, key)
            ready.append(service.wait())
            lost += check(service, calls)
            if number == options.times:
                service.kill()
                break
            calls, stop = [], threading.Event()
            threads = [
                threading.Thread(target=load, args=(
                    service, random.Random(rng.getrandbits(64)), requests, offers, calls, stop))
                for _ in range(4)
            ]
            for thread in threads:
                thread.start()
            time.sleep(rng.uniform(0.02, 0.8))
            service.kill()
            stop.set()
            for thread in threads:
                thread.join()
            acknowledged += sum(1 for call in calls if call[4] is not None and call[4][0] < 300)
            cut += sum(1 for call in calls if call[4] is None)
            chain = subprocess.run(tool + ["audit", "verify"], cwd=folder, capture_output=True, text=True)
            if chain.returncode:
                lost.append(f"after kill {number + 1}: {chain.stderr.strip()}")
            if os.isatty(2):
                print(f"\r{number + 1} of {options.times}, {len(lost)} lost", end="", file=sys.stderr)
        examined = subprocess.run(tool + ["doctor", "--json"], cwd=folder, capture_output=True, text=True)
        if not json.loads(examined.stdout)["sound"]:
            lost.append("doctor: " + examined.stdout)
    ready.sort()
    print(f"seed {options.seed}: killed {options.times} times, {acknowledged} acknowledged writes, {cut} calls cut off")
    print(f"ready again after {1000 * ready[len(ready) // 2]:.0f} ms (median), {1000 * ready[-1]:.0f} ms at most")
    print(f"{len(lost)} lost")
    for fault in lost[:20]:
        print("  " + fault)
    sys.exit(1 if lost else 0)


if __name__ == "__main__":
    main()

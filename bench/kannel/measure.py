"""Runs bearerbox and smsbox in a folder of their own, gives them a list over HTTP and waits for every receipt.

Kannel's own settings are the fair ones: file store, window as asked, nothing logged but errors, receipts asked for.
The list goes in as Kannel's manual has it, one sendsms request a row, over --connections kept alive. The time
runs from the reading of the list to the last receipt that bearerbox has taken, by its own status page; starting
the two programs and binding is told apart as start_seconds.
"""

import argparse
import json
import os
import pathlib
import re
import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from sample import read_messages, write_list  # noqa: E402

CONFIGURATION = """
group = core
admin-port = {admin}
admin-password = bench
admin-allow-ip = "127.0.0.1"
admin-interface = 127.0.0.1
smsbox-port = {box}
smsbox-interface = 127.0.0.1
box-allow-ip = "127.0.0.1"
log-level = 3
store-type = file
store-location = "{folder}/store"
dlr-storage = internal

group = smsc
smsc = smpp
smsc-id = bench
host = {host}
port = {port}
transceiver-mode = true
smsc-username = "{system_id}"
smsc-password = "{password}"
system-type = ""
max-pending-submits = {window}
enquire-link-interval = 30
msg-id-type = 0x03
alt-charset = "UTF-8"

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {http}
sendsms-interface = 127.0.0.1
log-level = 3
global-sender = 00050123

group = sendsms-user
username = bench
password = bench
max-messages = 1
"""


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Kannel:
    def __init__(self, options, folder):
        self.admin, box, self.http = free_ports(3)
        self.folder = folder
        self.configuration = f"{folder}/kannel.conf"
        pathlib.Path(self.configuration).write_text(CONFIGURATION.format(
            admin=self.admin, box=box, http=self.http, folder=folder, host=options.host, port=options.port,
            window=options.window, system_id=os.environ.get("SYSTEM_ID", "bench"),
            password=os.environ.get("PASSWORD", "bench")), encoding="utf-8")
        self.children = []
        self.log = open(f"{folder}/log", "wb")

    def start(self):
        self.spawn("bearerbox")
        self.wait_until("the SMSC link is online", lambda: "<status>online" in self.status_xml())
        self.spawn("smsbox")
        self.wait_until("smsbox listens", self.smsbox_listens)

    def spawn(self, program):
        self.children.append(subprocess.Popen(
            [program, "-v", "4", self.configuration], stdout=self.log, stderr=self.log, cwd=self.folder))

    def wait_until(self, what, ready):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                if ready():
                    return
            except OSError:
                pass
            if any(child.poll() is not None for child in self.children):
                break
            time.sleep(0.05)
        sys.exit(f"Kannel: waited in vain until {what}.\n{pathlib.Path(self.folder, 'log').read_text()[-2000:]}")

    def smsbox_listens(self):
        socket.create_connection(("127.0.0.1", self.http), timeout=1).close()
        return True

    def status_xml(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/status.xml?password=bench", timeout=5) as answer:
            return answer.read().decode()

    def receipts(self):
        """How many receipts bearerbox has taken, by its status page."""
        found = re.search(r"<dlr>.*?<received>\s*<total>(\d+)", self.status_xml(), re.DOTALL)
        return int(found.group(1))

    def stop(self):
        """Ends both; returns their processor seconds and the sum of their peaks of memory in KiB."""
        cpu, memory = 0.0, 0
        for child in reversed(self.children):
            child.terminate()
            _, _, usage = os.wait4(child.pid, 0)
            child.returncode = 0
            cpu += usage.ru_utime + usage.ru_stime
            memory += usage.ru_maxrss
        return cpu, memory


def request(phone, text):
    query = urllib.parse.urlencode({
        "username": "bench", "password": "bench", "from": "00050123", "to": phone,
        "coding": 2, "charset": "UTF-8", "dlr-mask": 3, "text": text})
    return f"GET /cgi-bin/sendsms?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: keep-alive\r\n\r\n".encode()


def hand_over(port, messages, connections):
    """One request at a time on each connection; returns how many were not taken (HTTP 202)."""
    selector = selectors.DefaultSelector()
    refused = 0

    def send_next(connection):
        message = next(messages, None)
        if message is None:
            selector.unregister(connection)
            connection.close()
        else:
            connection.sendall(request(*message))

    for _ in range(connections):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection, selectors.EVENT_READ, bytearray())
        send_next(connection)
    while selector.get_map():
        for key, _ in selector.select():
            data = key.fileobj.recv(65536)
            # smsbox writes an answer in pieces and waits for our acknowledgement in between.
            key.fileobj.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            if not data:
                sys.exit("smsbox closed a connection.")
            key.data.extend(data)
            if answered(key.data):
                refused += not key.data.startswith(b"HTTP/1.1 202")
                key.data.clear()
                send_next(key.fileobj)
    return refused


def answered(data):
    head, separator, body = data.partition(b"\r\n\r\n")
    if not separator:
        return False
    length = re.search(rb"(?i)content-length: *(\d+)", head)
    return len(body) >= int(length.group(1))


def main():
    parser = argparse.ArgumentParser(description="Kannel's speed")
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("rows", type=int)
    parser.add_argument("window", type=int)
    parser.add_argument("--connections", type=int, default=8,
                        help="more are slower: smsbox takes only a few new ones at a time")
    parser.add_argument("--wait", type=float, default=120, help="seconds without a new receipt before giving up")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="todoke-kannel-")
    try:
        print(json.dumps(measure(options, folder)))
    finally:
        shutil.rmtree(folder)


def measure(options, folder):
    path = f"{folder}/list.csv"
    with open(path, "w", encoding="utf-8", newline="") as file:
        write_list(options.rows, file)
    before = time.monotonic()
    kannel = Kannel(options, folder)
    try:
        kannel.start()
        started = time.monotonic()
        refused = hand_over(kannel.http, read_messages(path), options.connections)
        handed_over = time.monotonic()
        receipts, finished = wait_for_receipts(kannel, options)
    finally:
        cpu, memory = kannel.stop()
    return {
        "name": "kannel", "window": options.window, "rows": options.rows, "receipts": receipts, "refused": refused,
        "seconds": round(finished - started, 3), "messages_per_second": round(receipts / (finished - started)),
        "handed_over_seconds": round(handed_over - started, 3), "start_seconds": round(started - before, 3),
        "cpu_seconds": round(cpu, 3), "max_rss_kib": memory,
    }


def wait_for_receipts(kannel, options):
    """(receipts, time of the last new one)."""
    receipts, last = 0, time.monotonic()
    while receipts < options.rows and time.monotonic() - last < options.wait:
        now = kannel.receipts()
        if now > receipts:
            receipts, last = now, time.monotonic()
        time.sleep(0.02)
    return receipts, last


if __name__ == "__main__":
    main()

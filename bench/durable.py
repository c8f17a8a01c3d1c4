"""What a careful plain script does: smpplib in one thread, and one SQLite commit for every change of state.

    durable.py HOST PORT ROWS WINDOW [--nothing-stored]

Reads the list, stores each row (inserted), then submits it (submitted), and records its answer (accepted) and its
receipt (delivered), each with a commit that reaches the disk (WAL, synchronous=FULL). It keeps WINDOW submit_sm
unanswered. With --nothing-stored the same without the database. Needs the PyPI package smpplib; SYSTEM_ID and
PASSWORD default to "bench". Prints one JSON line.
"""

import argparse
import json
import logging
import os
import resource
import socket
import sqlite3
import sys
import tempfile
import time

import smpplib.client
import smpplib.consts

from sample import read_messages, write_list

LONGEST_SILENCE = 10  # seconds without a PDU


class Store:
    """The table of the script; every method is one transaction."""

    def __init__(self, path):
        self.database = sqlite3.connect(path, isolation_level=None)  # every statement commits
        self.database.execute("PRAGMA journal_mode = WAL")
        self.database.execute("PRAGMA synchronous = FULL")
        self.database.execute(
            "CREATE TABLE messages (id INTEGER PRIMARY KEY, phone TEXT, text TEXT, state TEXT, carrier_id TEXT)")
        self.database.execute("CREATE INDEX by_carrier_id ON messages (carrier_id)")

    def insert(self, row, phone, text):
        self.database.execute("INSERT INTO messages VALUES (?, ?, ?, 'inserted', NULL)", (row, phone, text))

    def submitted(self, row):
        self.database.execute("UPDATE messages SET state = 'submitted' WHERE id = ?", (row,))

    def accepted(self, row, carrier_id):
        self.database.execute("UPDATE messages SET state = 'accepted', carrier_id = ? WHERE id = ?", (carrier_id, row))

    def receipted(self, carrier_id, state):
        self.database.execute("UPDATE messages SET state = ? WHERE carrier_id = ?", (state, carrier_id))


class NoStore:
    """Stores nothing."""

    def insert(self, row, phone, text):
        pass

    def submitted(self, row):
        pass

    def accepted(self, row, carrier_id):
        pass

    def receipted(self, carrier_id, state):
        pass


class Sender:
    def __init__(self, options, store):
        self.window = options.window
        self.store = store
        self.unanswered = {}
        self.accepted = self.refused = self.receipts = 0
        self.link = smpplib.client.Client(options.host, options.port, timeout=LONGEST_SILENCE,
                                          allow_unknown_opt_params=True)
        self.link.set_message_sent_handler(self.on_answer)
        self.link.set_message_received_handler(self.on_receipt)
        self.link.set_error_pdu_handler(lambda pdu: None)
        self.link.connect()
        self.link._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.link.bind_transceiver(system_id=os.environ.get("SYSTEM_ID", "bench"),
                                   password=os.environ.get("PASSWORD", "bench"))

    def on_answer(self, pdu):
        row = self.unanswered.pop(pdu.sequence)
        if pdu.is_error():
            self.refused += 1
            return
        self.accepted += 1
        self.store.accepted(row, pdu.message_id.decode())

    def on_receipt(self, pdu):
        fields = pdu.short_message.decode("ascii")
        carrier_id = fields.split("id:", 1)[1].split(" ", 1)[0]
        state = fields.split("stat:", 1)[1].split(" ", 1)[0]
        self.store.receipted(carrier_id, "delivered" if state == "DELIVRD" else state)
        self.receipts += 1

    def run(self, messages):
        for row, phone, text in messages:
            while len(self.unanswered) >= self.window:
                self.link.read_once(auto_send_enquire_link=False)
            self.store.submitted(row)
            pdu = self.link.send_message(
                source_addr_ton=0, source_addr_npi=1, source_addr="00050123", dest_addr_ton=1, dest_addr_npi=1,
                destination_addr=phone, short_message=text.encode("utf-16-be"),
                data_coding=smpplib.consts.SMPP_ENCODING_ISO10646, registered_delivery=True)
            self.unanswered[pdu.sequence] = row
        while self.unanswered or self.receipts < self.accepted:
            self.link.read_once(auto_send_enquire_link=False)


def inserted(path, store):
    """Stores every row of the list first, as scripts do, then yields them."""
    rows = [(row, phone, text) for row, (phone, text) in enumerate(read_messages(path), start=2)]
    for row in rows:
        store.insert(*row)
    yield from rows


def main():
    logging.disable(logging.CRITICAL)
    parser = argparse.ArgumentParser(description="a careful plain script's speed")
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("rows", type=int)
    parser.add_argument("window", type=int)
    parser.add_argument("--nothing-stored", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="todoke-durable-") as folder:
        path = f"{folder}/list.csv"
        with open(path, "w", encoding="utf-8", newline="") as file:
            write_list(options.rows, file)
        before = resource.getrusage(resource.RUSAGE_SELF)
        started = time.monotonic()
        store = NoStore() if options.nothing_stored else Store(f"{folder}/messages.db")
        sender = Sender(options, store)
        sender.run(inserted(path, store))
        seconds = time.monotonic() - started
        after = resource.getrusage(resource.RUSAGE_SELF)
        sender.link.__exit__(None, None, None)
    print(json.dumps({
        "name": "smpplib" if options.nothing_stored else "smpplib, durable", "window": options.window,
        "rows": options.rows, "receipts": sender.receipts, "refused": sender.refused, "seconds": round(seconds, 3),
        "messages_per_second": round(sender.receipts / seconds),
        "cpu_seconds": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 3),
        "max_rss_kib": after.ru_maxrss,
    }))
    return 0 if sender.receipts == options.rows else 2


if __name__ == "__main__":
    sys.exit(main())

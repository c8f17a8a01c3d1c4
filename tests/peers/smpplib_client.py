"""An SMPP client made of the PyPI package `smpplib`, to test an SMSC: nobody here wrote its SMPP.

Binds, submits --count messages, waits for a receipt of every accepted part and prints one JSON line:
{"parts": …, "accepted": …, "refused": {status: n}, "receipts": {stat: n}, "unknown_receipts": …,
 "missing_receipts": …, "seconds": …}. Exit code 0: every part was answered and every receipt came; 2: not so;
3: the bind failed ({"bind_refused": status or null}).
"""

import argparse
import collections
import json
import logging
import re
import socket
import sys
import time

import smpplib.client
import smpplib.consts
import smpplib.exceptions
import smpplib.gsm

STATES = {1: "ENROUTE", 2: "DELIVRD", 3: "EXPIRED", 4: "DELETED", 5: "UNDELIV", 6: "ACCEPTD", 7: "UNKNOWN", 8: "REJECTD"}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--system-id", default="todoke")
    parser.add_argument("--password", default="secret")
    parser.add_argument("--bind", choices=["transceiver", "separate"], default="transceiver",
                        help="separate: one transmitter and one receiver")
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--window", type=int, default=10)
    parser.add_argument("--text", default="陽性の方へのお知らせです。")
    parser.add_argument("--source", default="00050123")
    parser.add_argument("--destination", default="819010000000", help="of the first message; then one higher each")
    parser.add_argument("--no-receipts", action="store_true")
    parser.add_argument("--wait", type=float, default=10, help="seconds without a PDU before giving up")
    return parser.parse_args()


class Client:
    def __init__(self, options):
        self.options = options
        self.unanswered = set()
        self.accepted = set()
        self.refused = collections.Counter()
        self.receipts = collections.Counter()
        self.receipted = set()

    def connect(self, mode):
        link = smpplib.client.Client(self.options.host, self.options.port, timeout=self.options.wait,
                                     allow_unknown_opt_params=True)
        link.set_message_sent_handler(self.on_answer)
        link.set_message_received_handler(self.on_deliver)
        link.set_error_pdu_handler(lambda pdu: None)
        link.connect()
        getattr(link, f"bind_{mode}")(system_id=self.options.system_id, password=self.options.password)
        return link

    def on_answer(self, pdu):
        self.unanswered.discard(pdu.sequence)
        if pdu.is_error():
            self.refused[pdu.status] += 1
        else:
            self.accepted.add(pdu.message_id.decode())

    def on_deliver(self, pdu):
        if not pdu.esm_class & 0x04:
            return None
        text = (pdu.short_message or b"").decode("ascii", "replace")
        found = re.search(r"id:(\S+)", text)
        stat = re.search(r"stat:(\S+)", text)
        message_id = found.group(1) if found else (pdu.receipted_message_id or b"").decode()
        state = stat.group(1) if stat else STATES.get(pdu.message_state, "?")
        self.receipts[state] += 1
        self.receipted.add(message_id)
        return None

    def submit_all(self, transmitter):
        parts, coding, esm_class = smpplib.gsm.make_parts(self.options.text, smpplib.consts.SMPP_ENCODING_ISO10646)
        first = int(self.options.destination)
        for number in range(self.options.count):
            for part in parts:
                while len(self.unanswered) >= self.options.window:
                    transmitter.read_once(auto_send_enquire_link=False)
                pdu = transmitter.send_message(
                    source_addr_ton=0, source_addr_npi=1, source_addr=self.options.source,
                    dest_addr_ton=1, dest_addr_npi=1, destination_addr=str(first + number),
                    short_message=part, data_coding=coding, esm_class=esm_class,
                    registered_delivery=not self.options.no_receipts)
                self.unanswered.add(pdu.sequence)
        while self.unanswered:
            transmitter.read_once(auto_send_enquire_link=False)
        return len(parts) * self.options.count

    def wait_for_receipts(self, receiver):
        while not self.options.no_receipts and self.accepted - self.receipted:
            receiver.read_once(auto_send_enquire_link=False)


def main():
    logging.disable(logging.CRITICAL)
    options = arguments()
    client = Client(options)
    try:
        links = [client.connect(mode) for mode in
                 (["transceiver"] if options.bind == "transceiver" else ["transmitter", "receiver"])]
    except (smpplib.exceptions.PDUError, smpplib.exceptions.ConnectionError) as error:
        status = error.args[1] if len(error.args) > 1 else None
        print(json.dumps({"bind_refused": status}))
        return 3
    started = time.monotonic()
    parts = options.count
    try:
        parts = client.submit_all(links[0])
        client.wait_for_receipts(links[-1])
    except (socket.timeout, smpplib.exceptions.ConnectionError):
        pass  # the counts below say what is missing
    seconds = time.monotonic() - started
    for link in links:
        link.__exit__(None, None, None)
    missing = 0 if options.no_receipts else len(client.accepted - client.receipted)
    print(json.dumps({
        "parts": parts, "accepted": len(client.accepted), "refused": client.refused, "receipts": client.receipts,
        "unknown_receipts": len(client.receipted - client.accepted), "missing_receipts": missing,
        "seconds": round(seconds, 3),
    }))
    return 2 if client.unanswered or missing else 0


if __name__ == "__main__":
    sys.exit(main())

"""An SMSC made of the PyPI package `smpp34`, for interoperability tests: nobody here wrote its SMPP.

Prints one JSON line per event, the first is {"event": "listening", "port": …}, the last {"event": "count", …}.
Ends at SIGTERM, or with --with-parent when its standard input closes. The package's Python face takes every
bind and shows no password (a refused password is tested against the npm SMSC), and it hands submit_sm of one
session on in any order. A deliver_sm_resp of a session bound as receiver only it does not match: such receipts
count as sent and not as answered.
"""

import argparse
import asyncio
import json
import signal
import socket
import sys
import time

import smpp34

# message_state values of SMPP 3.4, section 5.2.28.
MESSAGE_STATES = {
    "ENROUTE": 1, "DELIVRD": 2, "EXPIRED": 3, "DELETED": 4,
    "UNDELIV": 5, "ACCEPTD": 6, "UNKNOWN": 7, "REJECTD": 8,
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--receipts", choices=["text", "tlv", "both", "none"], default="text")
    parser.add_argument("--receipt-delay", type=int, default=0, help="milliseconds")
    parser.add_argument("--state", choices=MESSAGE_STATES, default="DELIVRD")
    parser.add_argument("--id-format", choices=["decimal", "hex"], default="decimal")
    parser.add_argument("--throttle-every", type=int, default=0, help="answer every n-th submit_sm ESME_RTHROTTLED")
    parser.add_argument("--quiet", action="store_true", help="only listening and count")
    parser.add_argument("--with-parent", action="store_true")
    return parser.parse_args()


def free_port(host):
    """The package does not tell which port it was given, so one that is free just now is chosen for it."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


def decode_text(event):
    """(udh in hex, text) of a submit_sm, from message_payload where short_message is empty."""
    content = event.short_message
    if not content:
        content = next((t.value for t in event.tlvs if t.tag == smpp34.TLV_MESSAGE_PAYLOAD), b"")
    udh = b""
    if event.esm_class & 0x40 and content:
        udh, content = content[: content[0] + 1], content[content[0] + 1:]
    text = content.decode("utf-16-be", "replace") if event.data_coding == 8 else content.decode("ascii", "replace")
    return udh.hex(), text


def sar(event):
    tags = [smpp34.TLV_SAR_MSG_REF_NUM, smpp34.TLV_SAR_TOTAL_SEGMENTS, smpp34.TLV_SAR_SEGMENT_SEQNUM]
    values = {t.tag: int.from_bytes(t.value, "big") for t in event.tlvs}
    return [values[tag] for tag in tags] if tags[0] in values else None


class Smsc:
    def __init__(self, options):
        self.options = options
        self.sessions = {}
        self.waiting_receipts = []
        self.tasks = set()
        self.counts = dict.fromkeys(
            ["binds", "submits", "accepted", "refused", "receipts_sent", "receipts_answered"], 0)

    def print(self, event, always=False):
        if always or not self.options.quiet:
            print(json.dumps(event, ensure_ascii=False), flush=True)

    def later(self, coroutine):
        task = asyncio.ensure_future(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def on_bind(self, esme):
        self.counts["binds"] += 1
        self.sessions[esme.session_id] = esme
        mode = "receiving" if esme.can_receive else "transmitter"
        self.print({"event": "bind", "mode": mode, "system_id": esme.system_id, "accepted": True})
        if esme.can_receive:
            waiting, self.waiting_receipts = self.waiting_receipts, []
            for receipt in waiting:
                self.later(self.send_receipt(*receipt))

    def on_submit(self, event):
        self.counts["submits"] += 1
        every = self.options.throttle_every
        if every and self.counts["submits"] % every == 0:
            self.counts["refused"] += 1
            self.print_submit(event, None, smpp34.ESME_RTHROTTLED)
            event.reject(smpp34.ESME_RTHROTTLED)
            return
        self.counts["accepted"] += 1
        number = self.counts["accepted"]
        message_id = f"{number:08X}" if self.options.id_format == "hex" else str(number)
        self.print_submit(event, message_id, 0)
        event.accept(message_id)
        if self.options.receipts != "none" and event.registered_delivery & 1:
            submitted = time.localtime()
            self.later(self.send_receipt(event.destination_addr, event.source_addr, message_id, submitted))

    def print_submit(self, event, message_id, status):
        if self.options.quiet:
            return
        udh, text = decode_text(event)
        self.print({
            "event": "submit", "id": message_id, "status": status,
            "source_addr": event.source_addr, "destination_addr": event.destination_addr,
            "data_coding": event.data_coding, "esm_class": event.esm_class,
            "registered_delivery": event.registered_delivery, "udh": udh, "sar": sar(event), "text": text,
        })

    async def send_receipt(self, source, destination, message_id, submitted):
        await asyncio.sleep(self.options.receipt_delay / 1000)
        receiver = next((esme for esme in self.sessions.values() if esme.can_receive), None)
        if receiver is None:
            self.waiting_receipts.append((source, destination, message_id, submitted))
            return
        self.counts["receipts_sent"] += 1
        try:
            answer = await receiver.deliver_sm(
                destination, self.receipt_text(message_id, submitted), source_addr=source, esm_class=0x04,
                tlvs=self.receipt_tlvs(message_id))
        except smpp34.SmppError as error:
            self.print({"event": "error", "message": str(error)})
            return
        self.counts["receipts_answered"] += 1
        self.print({"event": "receipt_answered", "status": answer.command_status})

    def receipt_text(self, message_id, submitted):
        if self.options.receipts == "tlv":
            return b""
        good = self.options.state == "DELIVRD"
        date = "%y%m%d%H%M"
        return (f"id:{message_id} sub:001 dlvrd:{int(good):03} submit date:{time.strftime(date, submitted)} "
                f"done date:{time.strftime(date)} stat:{self.options.state} err:{'000' if good else '027'} text:").encode()

    def receipt_tlvs(self, message_id):
        if self.options.receipts == "text":
            return []
        return [
            smpp34.Tlv(smpp34.TLV_RECEIPTED_MESSAGE_ID, message_id.encode() + b"\0"),
            smpp34.Tlv(smpp34.TLV_MESSAGE_STATE, bytes([MESSAGE_STATES[self.options.state]])),
        ]

    async def serve(self):
        port = self.options.port or free_port(self.options.host)
        server = smpp34.Server(self.options.host, port, system_id="pypi-smsc", inbound_capacity=100_000)
        await server.start()
        self.print({"event": "listening", "port": port}, always=True)
        while True:
            event = await server.next()
            if isinstance(event, smpp34.Esme):
                self.on_bind(event)
            elif isinstance(event, smpp34.SubmitSmEvent):
                self.on_submit(event)
            elif isinstance(event, smpp34.Unbound):
                self.sessions.pop(event.session_id, None)
                self.print({"event": "unbind"})


async def main():
    smsc = Smsc(arguments())
    serving = asyncio.ensure_future(smsc.serve())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, serving.cancel)
    if smsc.options.with_parent:
        loop.run_in_executor(None, lambda: (sys.stdin.buffer.read(), loop.call_soon_threadsafe(serving.cancel)))
    try:
        await serving
    except asyncio.CancelledError:
        smsc.print({"event": "count", **smsc.counts}, always=True)
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())

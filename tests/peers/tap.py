"""A TCP proxy that writes what passes as a capture file, so that a dissector can judge it; needs no privilege.

    tap.py --to HOST:PORT --capture FILE [--listen HOST:PORT] [--with-parent]

Prints {"event": "listening", "port": …} first and {"event": "count", "connections": …, "bytes": …} at the end
(SIGTERM, or with --with-parent when its standard input closes). The capture is a plain pcap of Ethernet, IPv4
and TCP made around the recorded bytes: whatever the real ports were, the server's is 2775 there, the port
that dissectors take for SMPP.
"""

import argparse
import asyncio
import json
import signal
import struct
import sys
import time

SERVER = ("10.0.0.2", 2775)
CLIENT_ADDRESS = "10.0.0.1"
LARGEST_SEGMENT = 1460
FIN, SYN, PUSH, ACK = 0x01, 0x02, 0x08, 0x10


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def address_bytes(text):
    return bytes(int(octet) for octet in text.split("."))


def frame(source, destination, sequence, acknowledged, flags, payload):
    """One Ethernet frame with correct lengths and checksums."""
    tcp = struct.pack(">HHIIBBHHH", source[1], destination[1], sequence % 2**32, acknowledged % 2**32,
                      5 << 4, flags, 65535, 0, 0)
    pseudo = address_bytes(source[0]) + address_bytes(destination[0]) + struct.pack(">BBH", 0, 6, len(tcp) + len(payload))
    tcp = tcp[:16] + struct.pack(">H", checksum(pseudo + tcp + payload)) + tcp[18:]
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp) + len(payload), 0, 0x4000, 64, 6, 0)
    ip += address_bytes(source[0]) + address_bytes(destination[0])
    ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
    return bytes(12) + b"\x08\x00" + ip + tcp + payload


class Capture:
    """The pcap file. Every frame is flushed, so that a capture of a killed process can be read too."""

    def __init__(self, path):
        self.file = open(path, "wb")
        self.file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        self.connections = 0
        self.bytes = 0

    def write(self, data):
        now = time.time()
        self.file.write(struct.pack("<IIII", int(now), int(now % 1 * 1e6), len(data), len(data)) + data)
        self.file.flush()


class Conversation:
    """One TCP connection in the capture: keeps the sequence number of each side."""

    def __init__(self, capture):
        capture.connections += 1
        self.capture = capture
        self.ends = {"client": (CLIENT_ADDRESS, 40000 + capture.connections % 20000), "server": SERVER}
        self.next = {"client": 1000, "server": 5000}
        self.record("client", SYN, b"", advance=1)
        self.record("server", SYN | ACK, b"", advance=1)
        self.record("client", ACK, b"")

    def record(self, side, flags, payload, advance=0):
        other = "server" if side == "client" else "client"
        acknowledged = self.next[other] if flags & ACK else 0
        self.capture.write(frame(self.ends[side], self.ends[other], self.next[side], acknowledged, flags, payload))
        self.next[side] += len(payload) + advance

    def data(self, side, payload):
        self.capture.bytes += len(payload)
        for start in range(0, len(payload), LARGEST_SEGMENT):
            self.record(side, PUSH | ACK, payload[start:start + LARGEST_SEGMENT])

    def end(self, side):
        self.record(side, FIN | ACK, b"", advance=1)


async def pump(side, reader, writer, conversation):
    """Passes on the bytes of one side until it ends; a cut line is passed on as a cut line."""
    try:
        while data := await reader.read(65536):
            conversation.data(side, data)
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        writer.transport.abort()
        return
    conversation.end(side)
    if writer.can_write_eof() and not writer.is_closing():
        writer.write_eof()


async def proxy(client_reader, client_writer, target, capture):
    try:
        server_reader, server_writer = await asyncio.open_connection(*target)
    except OSError:
        client_writer.transport.abort()
        return
    conversation = Conversation(capture)
    await asyncio.gather(
        pump("client", client_reader, server_writer, conversation),
        pump("server", server_reader, client_writer, conversation),
    )
    for writer in (client_writer, server_writer):
        writer.close()


def endpoint(text):
    host, _, port = text.rpartition(":")
    return host, int(port)


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--listen", type=endpoint, default=("127.0.0.1", 0))
    parser.add_argument("--to", type=endpoint, required=True)
    parser.add_argument("--capture", required=True)
    parser.add_argument("--with-parent", action="store_true")
    options = parser.parse_args()
    capture = Capture(options.capture)
    server = await asyncio.start_server(
        lambda reader, writer: proxy(reader, writer, options.to, capture), *options.listen)
    print(json.dumps({"event": "listening", "port": server.sockets[0].getsockname()[1]}), flush=True)
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    if options.with_parent:
        loop.run_in_executor(None, lambda: (sys.stdin.buffer.read(), loop.call_soon_threadsafe(ended.set)))
    await ended.wait()
    print(json.dumps({"event": "count", "connections": capture.connections, "bytes": capture.bytes}), flush=True)


if __name__ == "__main__":
    asyncio.run(main())

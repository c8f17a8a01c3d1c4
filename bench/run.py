"""The figures of docs/benchmarks.md: run by bin/bench, which builds and starts what this needs.

    run.py PROGRAMS [--rows 10000] [--large 100000] [--rounds 3] [--earlier 1000000] [--cases 1000000] [--people 300]
           [--seconds 30] [--applications 2000] [--photo-people 3000] [--skip NAME …] [--only NAME …]

PROGRAMS is the folder of the release build. One machine, one simulated SMSC (`todoke smsc`, a process of its own, a
receipt for every message), the same list, texts of 60 letters. Prints a table, ratios against the first line, and
the raw figures as JSON lines. Nothing but loopback is used.
"""

import argparse
import json
import os
import pathlib
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

from sample import TEMPLATE, write_list

HERE = pathlib.Path(__file__).parent
FAR = ("--answer-delay", "20")
LONGEST = 2 * 3600  # seconds for everything
SOON = 500  # milliseconds in which 95 of 100 lists and searches among a million cases are there


class Smsc:
    """`todoke smsc` on a free port."""

    def __init__(self, programs, *options):
        command = [programs / "todoke", "smsc", "--listen", "127.0.0.1:0", "--json", *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.port = int(re.search(r":(\d+) ", self.process.stdout.readline()).group(1))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        self.counted = json.loads(self.process.communicate(timeout=30)[0].strip().splitlines()[-1])


def measured(command):
    """Runs a command; its output, wall seconds, CPU seconds, peak memory in KiB."""
    with tempfile.TemporaryFile("w+") as output:
        begun = time.monotonic()
        child = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.monotonic() - begun
        if status != 0:
            raise SystemExit(f"{command[:2]} ended with {status}")
        output.seek(0)
        return output.read(), seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def send(programs, rows, database, smsc_options=(), window=100, look=lambda folder: {}):
    """A release `todoke send` on a new database, from process start to its JSON report. `look` may read the database
    before it goes."""
    with tempfile.TemporaryDirectory() as folder, Smsc(programs, *smsc_options) as smsc:
        folder = pathlib.Path(folder)
        with open(folder / "list.csv", "w", encoding="utf-8", newline="") as file:
            write_list(rows, file)
        output, seconds, cpu, memory = measured([
            programs / "todoke", "send", folder / "list.csv", "--to", "電話番号", "--template", TEMPLATE,
            "--carrier", f"smpp://bench:bench@127.0.0.1:{smsc.port}?window={window}",
            "--database", database(folder), "--key-file", folder / "key", "--json"])
        seen = look(folder)
    assert json.loads(output)["summary"] == {"delivered": rows}, output[:300]
    assert smsc.counted["accepted"] == rows, smsc.counted
    return {"rows": rows, "seconds": seconds, "messages_per_second": rows / seconds, "cpu_seconds": cpu,
            "max_rss_kib": memory, **seen}


def link_rate(folder):
    """Parts a second on the link: what left after the first window, by the time between the first and the last."""
    with sqlite3.connect(folder / "todoke.db") as database:
        first, last, count = database.execute("SELECT MIN(submitted_at), MAX(submitted_at), COUNT(*) FROM parts").fetchone()
    return {"link_rate": (count - 100) / (last - first) * 1000}


def sqlite(folder):
    return f"sqlite:{folder}/todoke.db"


def postgres(_folder):
    """A new database on the server of bin/pg."""
    server = os.environ["TEST_PG_URL"]
    name = f"bench_{time.monotonic_ns()}"
    address = server.rsplit("/", 1)[0]
    socket = re.search(r"@([^/]+)", server).group(1).replace("%2F", "/")
    user = re.search(r"//([^@]+)@", server).group(1)
    subprocess.run(["psql", "-q", "-h", socket, "-U", user, "-d", "postgres", "-c", f"CREATE DATABASE {name}"], check=True)
    return f"{address}/{name}"


def script(programs, rows, window, *options):
    with Smsc(programs) as smsc:
        command = [sys.executable, HERE / "durable.py", "127.0.0.1", str(smsc.port), str(rows), str(window), *options]
        return json.loads(measured(command)[0])


def kannel(programs, rows, window):
    with Smsc(programs) as smsc:
        command = [HERE / "kannel" / "run.sh", "127.0.0.1", str(smsc.port), str(rows), str(window)]
        return json.loads(measured(command)[0])


def wire(programs, rows, smsc_options=()):
    with Smsc(programs, *smsc_options) as smsc:
        output, *_ = measured([programs / "examples" / "wire", str(rows), "100", f"127.0.0.1:{smsc.port}"])
    rate = float(re.search(r": (\d+)/s", output).group(1))
    return {"rows": rows, "seconds": rows / rate, "messages_per_second": rate}


def rows_only(programs, rows, database):
    with tempfile.TemporaryDirectory() as folder:
        return json.loads(measured([programs / "examples" / "rows", str(rows), database(folder)])[0])


def list_desk(programs, earlier, database):
    """Lists judged at the desk's own pages: the figures by name and rows, in seconds; of repeated ones the quickest."""
    with tempfile.TemporaryDirectory() as folder:
        output, *_ = measured([programs / "examples" / "list_desk", database(folder), str(earlier)])
    figures = {}
    for figure in map(json.loads, output.splitlines()):
        key = (figure["name"], figure.get("rows"))
        figures[key] = min(figure["seconds"], figures.get(key, figure["seconds"]))
    return figures


def many_cases(programs, name, count, database):
    """Lists, searches and figures among so many cases: each figure as it comes, and whether the slow ones are soon."""
    with tempfile.TemporaryDirectory() as folder:
        output, *_ = measured([programs / "examples" / "cases_million", "--rows", str(count),
                               "--database", database(folder), "--key", f"{folder}/key"])
    figures = [json.loads(line) for line in output.splitlines()]
    for figure in figures:
        what = figure.pop("what")
        print(f"cases, {name}: {what:52} " + "  ".join(f"{key} {value}" for key, value in figure.items()), flush=True)
        figure["what"] = what
    looks = [one for one in figures if one["what"].startswith(("search", "list", "waiting", "counts of", "figures"))]
    slowest = max(looks, key=lambda one: one["p95"])
    verdict = "kept" if slowest["p95"] < SOON else "BROKEN"
    print(f"cases, {name}: p95 of lists, searches and figures under {SOON} ms: {verdict}, slowest "
          f"{slowest['p95']} ms ({slowest['what']})", flush=True)


def pages_in_the_rush(programs, name, database, options):
    """bench/pages.py on a database of this kind; its last line is the figure."""
    command = [sys.executable, HERE / "pages.py", programs, "--people", str(options.people),
               "--seconds", str(options.seconds), "--rounds", str(options.rounds)]
    if database:
        command += ["--database", database(None)]
    output, *_ = measured(command)
    *details, figure = output.strip().splitlines()
    print(f"pages in the rush, {name}: {figure}", flush=True)
    print("\n".join(details), file=sys.stderr, flush=True)


def judging(programs, name, database, options):
    """bench/judging.py on a database of this kind; its last line is the figure."""
    command = [sys.executable, HERE / "judging.py", programs, "--applications", str(options.applications)]
    if database:
        command += ["--database", database(None)]
    output, *_ = measured(command)
    *details, figure = output.strip().splitlines()
    print(f"judging, {name}: {figure}", flush=True)
    print("\n".join(details), file=sys.stderr, flush=True)


def photos_day(programs, name, database, options):
    """A day of applications with photos: one JSON line a figure, memory and disk among them."""
    command = [programs / "examples" / "photos_day", "--people", str(options.photo_people)]
    if database:
        command += ["--database", database(None)]
    for figure in map(json.loads, measured(command)[0].splitlines()):
        print(f"photos day, {name}: {figure['what']:70} {figure['value']:>15,}", flush=True)


def best(rounds, run, *arguments):
    """The quickest round: what others do on the machine only ever adds."""
    return min((run(*arguments) for _ in range(rounds)), key=lambda result: result["seconds"])


def far_away(programs, rows):
    """At an SMSC that answers after 20 ms: what of window ÷ round trip is reached. The round trip is what a bare client
    without storage finds in the same run: timers and scheduling make it longer than 20 ms."""
    result = send(programs, rows, sqlite, FAR, look=link_rate)
    bare = wire(programs, 2 * rows, FAR)["messages_per_second"]
    return {**result, "bare_rate": bare, "share": result["link_rate"] / bare}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--earlier", type=int, default=1_000_000)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--applications", type=int, default=2_000)
    parser.add_argument("--photo-people", type=int, default=3_000)
    parser.add_argument("--skip", nargs="*", default=[])
    parser.add_argument("--only", nargs="*", default=[])
    options = parser.parse_args()
    programs, rows, large, rounds = options.programs, options.rows, options.large, options.rounds
    benches = [
        ("todoke send, SQLite", lambda: best(rounds, send, programs, rows, sqlite)),
        ("todoke send, PostgreSQL", lambda: best(rounds, send, programs, rows, postgres)),
        ("todoke send, SQLite, large", lambda: send(programs, large, sqlite)),
        ("todoke send, PostgreSQL, large", lambda: send(programs, large, postgres)),
        ("todoke send, answers after 20 ms", lambda: max((far_away(programs, rows) for _ in range(rounds)), key=lambda one: one["share"])),
        ("Kannel, window 10", lambda: kannel(programs, rows, 10)),
        ("Kannel, window 100", lambda: kannel(programs, rows, 100)),
        ("durable script, window 100", lambda: script(programs, rows, 100)),
        ("script that stores nothing, window 100", lambda: script(programs, rows, 100, "--nothing-stored")),
        ("limit: submit_sm without storage", lambda: best(rounds, wire, programs, rows * 10)),
        ("limit: rows without a network, SQLite", lambda: best(rounds, rows_only, programs, rows, sqlite)),
        ("limit: rows without a network, PostgreSQL", lambda: best(rounds, rows_only, programs, rows, postgres)),
    ]
    def wanted(name):
        return not any(word in name for word in options.skip) and (
            not options.only or any(word in name for word in options.only))

    for name, database in [("SQLite", sqlite), ("PostgreSQL", postgres)]:
        if not wanted(f"list desk, {name}"):
            continue
        for (figure, count), seconds in list_desk(programs, options.earlier, database).items():
            print(f"list desk, {name}: {figure:24} {count or '':>9} {seconds:9.3f} s", flush=True)
    for name, database in [("SQLite", sqlite), ("PostgreSQL", postgres)]:
        if wanted(f"cases, {name}"):
            many_cases(programs, name, options.cases, database)
    for name, database in [("SQLite", None), ("PostgreSQL", postgres)]:
        if wanted(f"pages in the rush, {name}"):
            pages_in_the_rush(programs, name, database, options)
        if wanted(f"judging, {name}"):
            judging(programs, name, database, options)
        if wanted(f"photos day, {name}"):
            photos_day(programs, name, database, options)
    first = None
    for name, run in benches:
        if not wanted(name):
            continue
        result = run()
        first = first or result["messages_per_second"]
        cpu = result.get("cpu_seconds")
        print(f"{name:44} {result['messages_per_second']:10.0f}/s  ×{result['messages_per_second'] / first:7.3f}"
              + (f"  {cpu / result['rows'] * 1e6:7.1f} µs CPU a message" if cpu else "")
              + (f"  {result['max_rss_kib'] / 1024:6.0f} MiB" if "max_rss_kib" in result else "")
              + (f"  {result['share']:.1%} of window ÷ round trip" if "share" in result else ""), flush=True)
        print(json.dumps({"name": name, **result}), file=sys.stderr, flush=True)


if __name__ == "__main__":
    signal.alarm(LONGEST)
    main()

"""How long pages take while nothing else happens, and while 17 offices upload, check and send at once and 300 people
look around: median and p99 of each, and their ratio. A step of bin/bench, for both databases:

    bin/bench --only pages [--people 300] [--seconds 30] [--rounds 3]

or by hand, after a release build, never inside the tests:

    python3 bench/pages.py target/release [--database postgres://…] [--people 300] [--seconds 30] [--rounds 3]

Starts `todoke smsc` and `todoke serve` on a new database (SQLite unless it is told an empty PostgreSQL one), makes
offices and people by the program's own commands, and signs everybody in. Everybody thinks between two and eight seconds
before the next page, as people who read do: 300 of them ask for some 60 pages a second. Idle is one of them alone, on the
same database with the same lists. What others do on the machine only ever adds, so the quickest of the rounds counts, and
idle is measured anew in each: the ratio is that of the quickest rush to the quickest idle round, not the best of the
ratios, which a slow idle round would flatter. Nothing but loopback is used, and no package.
"""

import argparse
import concurrent.futures
import http.client
import json
import pathlib
import random
import re
import sqlite3
import subprocess
import tempfile
import threading
import time
import urllib.parse

OFFICES = 17
PASSWORD = "hotaru-to-kawa-no-oto"
TEXT = "保健所です。あなたの番号は{{HER-SYS ID}}です。"
THINKS = (2.0, 8.0)  # seconds between two pages of one person
LIST = (70, 300)  # rows of the shortest and the longest list
IDLE_PAGES = 300
KEPT = 1_500  # the number of the list that is not sent: beyond those that are
PAUSE = 10  # seconds between two lists of one office, which has one in a quarter of an hour


class Browser:
    """Keeps a connection and cookies; follows nothing."""

    def __init__(self, port):
        self.port, self.cookies, self.line = port, {}, None

    def ask(self, method, path, body=None, kind="application/x-www-form-urlencoded"):
        headers = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "same-origin",
                   "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = kind
        for attempt in (1, 2):
            try:
                self.line = self.line or http.client.HTTPConnection("127.0.0.1", self.port, timeout=90)
                self.line.request(method, path, body, headers)
                answer = self.line.getresponse()
                content = answer.read()
                text = content.decode(errors="replace") if answer.headers.get_content_maintype() == "text" else ""
                break
            except (http.client.RemoteDisconnected, ConnectionResetError):
                # A kept connection that the server has closed meanwhile.
                self.line = None
                if attempt == 2:
                    raise
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, rest = cookie.partition("=")
            self.cookies[name] = rest.split(";")[0]
        return answer.status, answer.headers.get("Location", "").split("?")[0], text

    def get(self, path):
        status, _, text = self.ask("GET", path)
        if status != 200:
            raise SystemExit(f"{path}: {status}")
        return text

    def post(self, path, fields):
        status, leads_to, text = self.ask("POST", path, urllib.parse.urlencode(fields))
        if status != 303:
            raise SystemExit(f"POST {path}: {status} {re.sub('<[^>]*>', ' ', text)[-600:]}")
        return leads_to

    def sign_in(self, login):
        fields = {"csrf": hidden(self.get("/sign-in"), "csrf"), "login": login, "password": PASSWORD}
        self.post("/sign-in", fields)
        self.line = None

    def upload(self, page, fields, name, content):
        fields = {"csrf": hidden(self.get(page), "csrf"), **fields}
        parts = [f'--X\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in fields.items()]
        parts.append(f'--X\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
                     f"Content-Type: text/csv\r\n\r\n{content}\r\n--X--\r\n")
        status, leads_to, text = self.ask("POST", "/lists", "".join(parts).encode(), "multipart/form-data; boundary=X")
        if status != 303:
            raise SystemExit(f"upload: {status} {text[-600:]}")
        return leads_to


def hidden(page, name):
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    if not found:
        raise SystemExit(f"no field {name}")
    return found.group(1)


class Program:
    """A `todoke` that runs until it is told to end."""

    def __init__(self, programs, says, *arguments):
        self.process = subprocess.Popen([programs / "todoke", *arguments], stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            found = re.search(says + r".*?127\.0\.0\.1:(\d+)", line)
            if found:
                self.port = int(found.group(1))
                break
        else:
            raise SystemExit(f"todoke {arguments[0]} ended early")
        # Its pipe is read to the end, so that it never waits for us.
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)


class Scene:
    """An installation with its people, all signed in."""

    def __init__(self, programs, folder, database, people):
        self.where = ["--database", database, "--key-file", folder / "key"]
        self.programs, self.folder, self.database = programs, folder, database

        def admin(*arguments, typed=""):
            subprocess.run([programs / "todoke", "admin", *self.where, *arguments], input=typed, text=True, check=True,
                           stdout=subprocess.DEVNULL)

        for office in range(OFFICES):
            admin("office", "add", f"第{office + 1}保健所")
        places = ["本庁"] + [f"第{office + 1}保健所" for office in range(OFFICES)]

        def account(place):
            roles = [word for role in ("sender", "template_editor", "caller", "auditor") for word in ("--role", role)]
            admin("account", "add", f"member{place}", "--name", "見本 花子", "--office",
                  places[place + 1] if place < OFFICES else places[place % len(places)], *roles, typed=PASSWORD + "\n")

        for place in range(OFFICES + people):
            account(place)
        admin("second-factor", "off")

    def copied(self, number):
        """The same installation before anybody sent anything, for a round of its own. Nobody may be connected meanwhile."""
        if self.database.startswith("sqlite:"):
            at = self.folder / f"round{number}.db"
            with sqlite3.connect(self.folder / "todoke.db") as old, sqlite3.connect(at) as new:
                old.backup(new)
            self.where = ["--database", f"sqlite:{at}", "--key-file", self.folder / "key"]
            return
        address, _, name = self.database.rpartition("/")
        host, user = urllib.parse.unquote(re.search(r"@([^/]+)$", address).group(1)), re.search(r"//([^@]+)@", address).group(1)
        subprocess.run(["psql", "-q", "-h", host, "-U", user, "-d", "postgres", "-c",
                        f"CREATE DATABASE {name}_round{number} TEMPLATE {name}"], check=True)
        self.where = ["--database", f"{address}/{name}_round{number}", "--key-file", self.folder / "key"]

    def serve(self, smsc):
        return Program(self.programs, "職員の画面", "serve", "--listen", "127.0.0.1:0", "--resident-listen", "127.0.0.1:0",
                       *self.where, "--hold", "0", "--carrier", f"smpp://todoke:secret@127.0.0.1:{smsc.port}")


def paths(browser):
    """The pages that a person of this office goes round."""
    home = browser.get("/")
    found = {kind: re.search(rf'href="(/{kind}/\d+)"', home) for kind in ("lists", "broadcasts")}
    own = [match.group(1) for match in found.values() if match]
    messages = [f"{match.group(1)}/messages" for kind, match in found.items() if match and kind == "broadcasts"]
    return ["/", *own, *messages, "/templates", "/numbers", "/calls", "/audit", "/"]


def look(browser, path, taken):
    begun = time.perf_counter()
    browser.get(path)
    taken.append((re.sub(r"\d+", "{id}", path), time.perf_counter() - begun))


def prepare(browser):
    """A text of the office's own; its newest version as the form names it."""
    page = browser.get("/templates/new")
    fields = {name: value for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)}
    made = browser.post("/templates", {**fields, "name": "ご案内", "body": TEXT, "action": "save"})
    return f"{made.rsplit('/', 1)[1]}.1"


def upload(browser, template, office, number):
    """The checked list of an office, with people who are on no other list."""
    rows = LIST[0] + office * (LIST[1] - LIST[0]) // (OFFICES - 1)
    people = [(number * OFFICES + office) * LIST[1] + row for row in range(rows)]
    content = "HER-SYS ID,氏名,電話番号\r\n" + "".join(f"{10_000_000 + n},見本 {n},0901{n:07}\r\n" for n in people)
    page = browser.upload("/lists/new", {"template": template}, "朝.csv", content)
    browser.get(page)
    return page, rows


def send(browser, template, office, number):
    page, rows = upload(browser, template, office, number)
    confirm = browser.get(f"{page}/confirm")
    form = re.search(rf'<form[^>]*action="{page}/send".*?</form>', confirm, re.S).group(0)
    browser.post(f"{page}/send", re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    return rows


def rush(senders, others, seconds, first):
    """What the pages of those who look around took, and how many lists and messages went out meanwhile."""
    taken, lists, over = [], [], threading.Event()

    def office(place):
        browser, template = senders[place]
        number = first
        while not over.is_set():
            lists.append(send(browser, template, place, number))
            number += 1
            over.wait(PAUSE)

    def person(place):
        chance, browser, mine = random.Random(place), others[place], []
        if over.wait(chance.uniform(0, THINKS[1])):
            return mine
        round_trip = paths(browser)
        while not over.is_set():
            look(browser, chance.choice(round_trip), mine)
            over.wait(chance.uniform(*THINKS))
        return mine

    with concurrent.futures.ThreadPoolExecutor(len(senders) + len(others)) as crowd:
        working = [crowd.submit(office, place) for place in range(len(senders))]
        looking = [crowd.submit(person, place) for place in range(len(others))]
        time.sleep(seconds)
        over.set()
        for one in looking:
            taken.extend(one.result())
        for one in working:
            one.result()
    return taken, lists


def idle(browser):
    taken, round_trip = [], paths(browser)
    for number in range(IDLE_PAGES):
        look(browser, round_trip[number % len(round_trip)], taken)
    return taken


def at(taken, share):
    times = sorted(seconds for _, seconds in taken)
    return 1000 * times[min(len(times) - 1, int(len(times) * share))]


def slowest(taken):
    by_page = {}
    for page, seconds in taken:
        by_page.setdefault(page, []).append((page, seconds))
    return {page: {"pages": len(all_of_it), "median_ms": round(at(all_of_it, .5), 1), "p99_ms": round(at(all_of_it, .99), 1)}
            for page, all_of_it in sorted(by_page.items())}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("--database")
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        scene = Scene(asked.programs, folder, asked.database or f"sqlite:{folder}/todoke.db", asked.people)
        with Program(asked.programs, "", "smsc", "--listen", "127.0.0.1:0") as smsc:
            with scene.serve(smsc) as server:
                browsers = [Browser(server.port) for _ in range(OFFICES + asked.people)]
                for place, browser in enumerate(browsers):
                    browser.sign_in(f"member{place}")
                senders = [(browser, prepare(browser)) for browser in browsers[:OFFICES]]
                for place, (browser, template) in enumerate(senders):
                    send(browser, template, place, 0)
                    # One that stays a list, to be looked at.
                    upload(browser, template, place, KEPT)
            alones, rushes = [], []
            for number in range(asked.rounds):
                scene.copied(number)
                with scene.serve(smsc) as server:
                    for browser in browsers:
                        browser.port, browser.line = server.port, None
                    alone = idle(browsers[OFFICES])
                    busy, lists = rush(senders, browsers[OFFICES:], asked.seconds, 1 + number * 20)
                alones.append(at(alone, .99))
                rushes.append(at(busy, .99))
                print(json.dumps({"lists": len(lists), "messages": sum(lists), **{
                    name: {"pages": len(taken), "median_ms": round(at(taken, .5), 2), "p99_ms": round(at(taken, .99), 2)}
                    for name, taken in (("idle", alone), ("rush", busy))}}))
                print(json.dumps({"idle_by_page": slowest(alone), "rush_by_page": slowest(busy)}), flush=True)
    idle_ms, rush_ms = min(alones), min(rushes)
    print(f"p99: {idle_ms:.1f} ms idle, {rush_ms:.1f} ms in the rush, ratio {rush_ms / idle_ms:.2f} (quickest of {len(rushes)} each)")


if __name__ == "__main__":
    main()

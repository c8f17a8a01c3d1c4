"""What a doctor and a resident wait for at a desk: how long it takes until the next application stands on the screen with
its pictures while 20 doctors judge 2,000 that wait, and how long from the button of the head office until the carrier has
the last result. A step of bin/bench, for both databases:

    bin/bench --only judging [--applications 2000] [--doctors 20]

or by hand, after a release build of `todoke` and of the example `waiting`:

    python3 bench/judging.py target/release [--database postgres://…] [--applications 2000] [--doctors 20] [--thinks 2]

Fills a new database (SQLite unless it is told an empty PostgreSQL one), starts `todoke smsc` and `todoke serve`, signs
everybody in. A doctor looks at an application for `--thinks` seconds on average, which is ten times faster than doctors are;
with 0 each presses as soon as the pictures are there. What is told is the time from pressing a key to the last byte of the
next page, and to the last byte of its pictures, fetched anew: a browser has fetched them ahead and does not wait for them.
When everything is decided and final (two minutes later), each list is locked and sent; the carrier's own log says when it
had each message. Nothing but loopback is used, and no package.
"""

import argparse
import concurrent.futures
import html
import json
import pathlib
import random
import re
import subprocess
import tempfile
import time

from pages import PASSWORD, Browser, Program, at, hidden

DESK = "test_kits"
ACTS = ("confirmed", "K01", "K04")
FINAL_AFTER = 300  # seconds: the two minutes in which a decision can be taken back, and a busy machine's look after it


class Scene:
    """An installation with applications that wait, doctors, and somebody of the head office."""

    def __init__(self, programs, folder, asked):
        self.where = ["--database", asked.database or f"sqlite:{folder}/todoke.db", "--key-file", folder / "key"]
        self.programs, self.log = programs, folder / "carrier.log"

        def admin(*arguments, typed=""):
            subprocess.run([programs / "todoke", "admin", *self.where, *arguments], input=typed, text=True, check=True,
                           stdout=subprocess.DEVNULL)

        admin("office", "add", "医師会", "--kind", "doctors")
        for doctor in range(asked.doctors):
            admin("account", "add", f"doctor{doctor}", "--name", "見本 花子", "--office", "医師会", "--role", "doctor",
                  typed=PASSWORD + "\n")
        admin("account", "add", "honcho", "--name", "見本 太郎", "--office", "本庁", "--role", "sender", typed=PASSWORD + "\n")
        admin("second-factor", "off")
        waiting = subprocess.run([programs / "examples" / "waiting", self.where[1], self.where[3], str(asked.applications)],
                                 check=True, stdout=subprocess.PIPE, text=True)
        self.desk = waiting.stdout.strip()

    def smsc(self):
        return Program(self.programs, "", "smsc", "--listen", "127.0.0.1:0", "--log", self.log)

    def serve(self, smsc):
        return Program(self.programs, "職員の画面", "serve", "--listen", "127.0.0.1:0", "--resident-listen", "127.0.0.1:0",
                       *self.where, "--hold", "0", "--carrier", f"smpp://todoke:secret@127.0.0.1:{smsc.port}")

    def handed_over(self):
        """When the carrier took each message, in seconds since 1970."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        taken = [json.loads(line) for line in lines]
        return [one["at"] / 1000 for one in taken if one["message_id"] and one["part"] == one["parts"]]


def signed_in(port, login):
    browser = Browser(port)
    browser.sign_in(login)
    return browser


def judge(browser, thinks, seed):
    """One doctor until nothing waits: what each next application took, its page and with its pictures."""
    chance, page_times, whole_times = random.Random(seed), [], []
    token = hidden(browser.get(f"/review/{DESK}"), "csrf")
    act, fields = f"/review/{DESK}/next", {"csrf": token}
    while True:
        begun = time.perf_counter()
        leads_to = browser.post(act, fields)
        if not re.fullmatch(rf"/review/{DESK}/\d+", leads_to):
            return page_times, whole_times
        page = browser.get(leads_to)
        page_times.append(("page", time.perf_counter() - begun))
        pictures = re.findall(r'<img class="viewer__image" src="([^"]+)"', page)
        assert len(pictures) == 2, pictures
        for picture in pictures:
            browser.get(html.unescape(picture))
        whole_times.append(("whole", time.perf_counter() - begun))
        if thinks:
            time.sleep(chance.uniform(0, 2 * thinks))
        act = f"{leads_to}/act"
        fields = {"csrf": token, "review": hidden(page, "review"), "comment": "", "act": chance.choice(ACTS)}


def release(scene, browser):
    """Locks and sends every list, one after the other; how long the carrier waited for the last message of each."""
    told, longest = 0, []
    for act in ACTS:
        desk = f"/outcomes/desks/{scene.desk}"
        page = browser.get(desk)
        if f"outcome={act}" not in page:
            continue
        sheet = browser.post(f"{desk}/lock", {"csrf": hidden(page, "csrf"), "outcome": act})
        shown = browser.get(sheet)
        people = int(re.search(r'class="big">([\d,]+)人', shown).group(1).replace(",", ""))
        begun = time.time()
        browser.post(f"{sheet}/send", {"csrf": hidden(shown, "csrf"), "seal": hidden(shown, "seal")})
        told += people
        while len(taken := scene.handed_over()) < told:
            time.sleep(.05)
        longest.append((people, max(taken) - begun))
    return told, longest


def wait_until_final(scene, browser, people):
    """Waits for the two minutes to go by."""
    until = time.monotonic() + FINAL_AFTER
    while time.monotonic() < until:
        page = browser.get(f"/outcomes/desks/{scene.desk}")
        if "仮判定は、まだ入っていません" not in page:
            return
        time.sleep(1)
    raise SystemExit(f"{people} decisions are not final after {FINAL_AFTER} seconds")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("--database")
    parser.add_argument("--applications", type=int, default=2_000)
    parser.add_argument("--doctors", type=int, default=20)
    parser.add_argument("--thinks", type=float, default=2)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        scene = Scene(asked.programs, pathlib.Path(folder), asked)
        with scene.smsc() as smsc, scene.serve(smsc) as server:
            doctors = [signed_in(server.port, f"doctor{doctor}") for doctor in range(asked.doctors)]
            with concurrent.futures.ThreadPoolExecutor(asked.doctors) as crowd:
                judging = [crowd.submit(judge, doctor, asked.thinks, seed) for seed, doctor in enumerate(doctors)]
                done = [one.result() for one in judging]
            pages, wholes = [sum(kind, []) for kind in zip(*done)]
            if len(pages) != asked.applications:
                raise SystemExit(f"{len(pages)} of {asked.applications} were opened")
            times = {name: {f"p{share}_ms": round(at(taken, share / 100), 1) for share in (50, 95, 99)}
                     for name, taken in (("page", pages), ("page_with_pictures", wholes))}
            print(json.dumps({"opened": len(pages), **times}), flush=True)
            head = signed_in(server.port, "honcho")
            wait_until_final(scene, head, len(pages))
            # Signed in again: a large send asks for a fresh password otherwise.
            told, longest = release(scene, signed_in(server.port, "honcho"))
            for people, seconds in longest:
                print(json.dumps({"list": people, "seconds_to_the_carrier": round(seconds, 2)}), flush=True)
    slowest = max(seconds for _, seconds in longest)
    print(f"next application with its pictures: p95 {times['page_with_pictures']['p95_ms']:.0f} ms; "
          f"{told} results at the carrier, of a list at most {slowest:.1f} s after its button")


if __name__ == "__main__":
    main()

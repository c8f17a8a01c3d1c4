"""The list that every benchmark reads: `sample.py ROWS > FILE` writes it, read_messages() merges it.

CSV, UTF-8, columns HER-SYS ID, 氏名, 電話番号; invented people, every number once. With TEMPLATE each row becomes a
text of exactly 60 characters, one part in UCS-2.
"""

import csv
import sys

TEMPLATE = ("【あおば県】療養中の方へ。体調の登録をお願いします。番号は{{HER-SYS ID}}です。"
            "息苦しいときは、保健所へお電話ください。")
NAMES = ["見本　一郎", "見本　花子", "例示　次郎", "例示　桜", "試験　三郎", "試験　梅"]


def write_list(rows, file):
    writer = csv.writer(file)
    writer.writerow(["HER-SYS ID", "氏名", "電話番号"])
    for row in range(rows):
        number = f"{9010000000 + row:011}"
        phone = f"{number[:3]}-{number[3:7]}-{number[7:]}"
        writer.writerow([10000000 + row, NAMES[row % len(NAMES)], phone])


def read_messages(path):
    """Yields (international number without +, text) for each row."""
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            phone = "81" + row["電話番号"].replace("-", "")[1:]
            yield phone, TEMPLATE.replace("{{HER-SYS ID}}", row["HER-SYS ID"])


if __name__ == "__main__":
    write_list(int(sys.argv[1]), sys.stdout)

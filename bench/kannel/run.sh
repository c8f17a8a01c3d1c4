#!/usr/bin/env bash
# How fast Kannel carries a list to an SMSC: run.sh HOST PORT ROWS WINDOW
# Needs Debian's packages kannel and python3; the SMSC takes system_id "bench" and password "bench" unless
# SYSTEM_ID and PASSWORD say otherwise. Prints one JSON line.
set -euo pipefail
if [ $# -ne 4 ]; then sed -n '2,4s/^# //p' "$0"; exit 64; fi
PATH="$PATH:/usr/sbin"
for program in bearerbox smsbox; do
    if ! command -v "$program" >/dev/null; then echo "$program is missing: apt-get install kannel" >&2; exit 69; fi
done
exec python3 "$(dirname "$0")/measure.py" "$@"

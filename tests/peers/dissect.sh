#!/usr/bin/env bash
# Lets tshark judge a capture of SMPP on port 2775 (tap.py writes such): dissect.sh CAPTURE
#
# Prints one JSON line {"pdus":N,"malformed":N,"unread":N,"commands":{"submit_sm":N,…}} and fails when a packet is
# malformed, when bytes to or from that port were not read as SMPP, or when there is no SMPP at all.
set -euo pipefail
capture=${1:?usage: dissect.sh CAPTURE}

read_capture() { tshark -r "$capture" "$@" 2>/dev/null; }

malformed=$(read_capture -Y '_ws.malformed || tcp.analysis.lost_segment || smpp && _ws.expert.severity == error' -T fields -e frame.number | wc -l)
# A frame with payload is part of SMPP, or of a PDU that a later frame completes.
unread=$(read_capture -Y 'tcp.len > 0 && !smpp && !tcp.reassembled_in && !tcp.segment_data' -T fields -e frame.number | wc -l)
read_capture -Y smpp -T fields -e smpp.command_id -E aggregator=, | tr ',' '\n' |
    awk -v malformed="$malformed" -v unread="$unread" '
        BEGIN {
            split("generic_nack bind_receiver bind_transmitter query_sm submit_sm deliver_sm unbind replace_sm cancel_sm bind_transceiver outbind enquire_link submit_multi alert_notification data_sm", name, " ")
            split("0 1 2 3 4 5 6 7 8 9 11 21 33 258 259", id, " ")
            for (i in id) { names[id[i]] = name[i] }
        }
        NF {
            number = $1 ~ /^0x/ ? hex($1) : $1 + 0
            answer = number >= 2147483648
            if (answer) number -= 2147483648
            command = number in names ? names[number] : "command_" number
            if (answer && command != "generic_nack") command = command "_resp"
            counts[command]++
            pdus++
        }
        function hex(text,    value, i) {
            value = 0
            for (i = 3; i <= length(text); i++) value = value * 16 + index("0123456789abcdef", tolower(substr(text, i, 1))) - 1
            return value
        }
        END {
            list = ""
            for (command in counts) list = list (list == "" ? "" : ",") "\"" command "\":" counts[command]
            printf "{\"pdus\":%d,\"malformed\":%d,\"unread\":%d,\"commands\":{%s}}\n", pdus, malformed, unread, list
            exit (malformed > 0 || unread > 0 || pdus == 0)
        }'

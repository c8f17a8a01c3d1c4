// An SMSC made of the npm package `smpp`, for interoperability tests: nobody here wrote its SMPP.
//
// Prints one JSON line per event, the first is {"event":"listening","port":…}, the last {"event":"count",…}.
// Ends at SIGTERM, or with --with-parent when its standard input closes.
import { parseArgs } from 'node:util';
import smpp from 'smpp';

const { values: options } = parseArgs({
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '0' },
    'system-id': { type: 'string', default: 'todoke' },
    password: { type: 'string', default: 'secret' },
    receipts: { type: 'string', default: 'text' }, // text | tlv | both | none
    'receipt-delay': { type: 'string', default: '0' }, // milliseconds
    state: { type: 'string', default: 'DELIVRD' },
    'id-format': { type: 'string', default: 'decimal' }, // decimal | hex
    'throttle-every': { type: 'string', default: '0' }, // every n-th submit_sm is answered ESME_RTHROTTLED
    'drop-after': { type: 'string', default: '0' }, // the n-th submit_sm is not answered, the line is cut once
    reply: { type: 'string', default: '' }, // what each phone writes back, before its receipt
    quiet: { type: 'boolean', default: false }, // only listening and count
    'with-parent': { type: 'boolean', default: false },
  },
});
const receiptDelay = Number(options['receipt-delay']);
const throttleEvery = Number(options['throttle-every']);
const dropAfter = Number(options['drop-after']);

// message_state values of SMPP 3.4, section 5.2.28.
const MESSAGE_STATES = { ENROUTE: 1, DELIVRD: 2, EXPIRED: 3, DELETED: 4, UNDELIV: 5, ACCEPTD: 6, UNKNOWN: 7, REJECTD: 8 };

const counts = { binds: 0, binds_refused: 0, submits: 0, accepted: 0, refused: 0, receipts_sent: 0, receipts_answered: 0 };
const receivers = new Set();
const waitingReceipts = [];

function print(event, always = false) {
  if (always || !options.quiet) process.stdout.write(`${JSON.stringify(event)}\n`);
}

function messageId(number) {
  return options['id-format'] === 'hex' ? number.toString(16).toUpperCase().padStart(8, '0') : String(number);
}

function stamp(date) {
  const two = (number) => String(number).padStart(2, '0');
  return [date.getFullYear() % 100, date.getMonth() + 1, date.getDate(), date.getHours(), date.getMinutes()].map(two).join('');
}

function receiptFor(pdu, id, submitted) {
  const good = options.state === 'DELIVRD';
  const error = good ? '000' : '027';
  const receipt = {
    source_addr: pdu.destination_addr,
    destination_addr: pdu.source_addr,
    esm_class: smpp.ESM_CLASS.MC_DELIVERY_RECEIPT,
    data_coding: 0,
    short_message: '',
  };
  if (options.receipts !== 'tlv') {
    receipt.short_message =
      `id:${id} sub:001 dlvrd:${good ? '001' : '000'} submit date:${stamp(submitted)} ` +
      `done date:${stamp(new Date())} stat:${options.state} err:${error} text:`;
  }
  if (options.receipts !== 'text') {
    receipt.receipted_message_id = id;
    receipt.message_state = MESSAGE_STATES[options.state];
  }
  return receipt;
}

// A message from a phone, as UTF-16.
function replyTo(pdu) {
  return {
    source_addr: pdu.destination_addr,
    destination_addr: pdu.source_addr,
    esm_class: 0,
    data_coding: 8,
    short_message: Buffer.from(options.reply, 'utf16le').swap16(),
  };
}

function sendReceipt(receipt) {
  const [session] = receivers;
  if (!session) {
    waitingReceipts.push(receipt);
    return;
  }
  counts.receipts_sent += 1;
  session.deliver_sm(receipt, (answer) => {
    counts.receipts_answered += 1;
    print({ event: 'receipt_answered', status: answer.command_status });
  });
}

function onBind(session, mode, pdu) {
  const known = pdu.system_id === options['system-id'] && pdu.password === options.password;
  print({ event: 'bind', mode, system_id: pdu.system_id, accepted: known });
  if (!known) {
    counts.binds_refused += 1;
    session.send(pdu.response({ command_status: smpp.ESME_RBINDFAIL }));
    session.close();
    return;
  }
  counts.binds += 1;
  session.send(pdu.response({ system_id: 'npm-smsc' }));
  if (mode === 'transmitter') return;
  receivers.add(session);
  for (const receipt of waitingReceipts.splice(0)) sendReceipt(receipt);
}

function textOf(pdu) {
  const content = pdu.short_message?.message?.length ? pdu.short_message : (pdu.message_payload ?? pdu.short_message);
  const message = content?.message ?? '';
  return Buffer.isBuffer(message) ? message.toString('hex') : message;
}

// The package takes the header's length away and splits it into elements; put together again, in hex.
function udhOf(pdu) {
  const elements = Buffer.concat(pdu.short_message?.udh ?? []);
  return elements.length ? Buffer.concat([Buffer.from([elements.length]), elements]).toString('hex') : '';
}

function submitEvent(pdu, answer) {
  return {
    event: 'submit',
    ...answer,
    source_addr: pdu.source_addr,
    destination_addr: pdu.destination_addr,
    data_coding: pdu.data_coding,
    esm_class: pdu.esm_class,
    registered_delivery: pdu.registered_delivery,
    udh: udhOf(pdu),
    sar: pdu.sar_msg_ref_num === undefined ? null : [pdu.sar_msg_ref_num, pdu.sar_total_segments, pdu.sar_segment_seqnum],
    text: textOf(pdu),
  };
}

function onSubmit(session, pdu) {
  counts.submits += 1;
  if (counts.submits === dropAfter) {
    print(submitEvent(pdu, { id: null, status: null }));
    session.destroy();
    return;
  }
  if (throttleEvery > 0 && counts.submits % throttleEvery === 0) {
    counts.refused += 1;
    print(submitEvent(pdu, { id: null, status: smpp.ESME_RTHROTTLED }));
    session.send(pdu.response({ command_status: smpp.ESME_RTHROTTLED }));
    return;
  }
  counts.accepted += 1;
  const id = messageId(counts.accepted);
  print(submitEvent(pdu, { id, status: 0 }));
  session.send(pdu.response({ message_id: id }));
  if (options.reply) sendReceipt(replyTo(pdu));
  if (options.receipts === 'none' || (pdu.registered_delivery & 1) === 0) return;
  const submitted = new Date();
  if (receiptDelay === 0) sendReceipt(receiptFor(pdu, id, submitted));
  else setTimeout(() => sendReceipt(receiptFor(pdu, id, submitted)), receiptDelay);
}

const server = smpp.createServer({}, (session) => {
  session.socket.setNoDelay(true);
  for (const mode of ['transceiver', 'transmitter', 'receiver']) {
    session.on(`bind_${mode}`, (pdu) => onBind(session, mode, pdu));
  }
  session.on('submit_sm', (pdu) => onSubmit(session, pdu));
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => {
    print({ event: 'unbind' });
    session.send(pdu.response());
    session.close();
  });
  session.on('unknown', (pdu) => session.send(pdu.response()));
  session.on('error', (error) => print({ event: 'error', message: error.message }));
  session.on('close', () => {
    receivers.delete(session);
    print({ event: 'close' });
  });
});

function finish() {
  print({ event: 'count', ...counts }, true);
  process.exit(0);
}

process.on('SIGTERM', finish);
process.on('SIGINT', finish);
if (options['with-parent']) process.stdin.on('end', finish).resume();
server.listen(Number(options.port), options.host, () => {
  print({ event: 'listening', port: server.address().port }, true);
});

//! A bare windowed client without storage: how many `submit_sm` a second this machine can do at all.
//!
//! `cargo run --release -p smpp --example wire -- [MESSAGES] [WINDOW] [HOST:PORT]`; without an address it
//! brings its own simulated SMSC and waits for a receipt for each message.

use std::error::Error;
use std::time::Instant;

use smpp::pdu::{CommandStatus, DATA_CODING_UCS2, REGISTERED_DELIVERY_FINAL, SubmitSm};
use smpp::session::{BindConfig, Event, Session, SessionEvents, bind};
use smpp::smsc::{Smsc, SmscConfig};
use smpp::text::encode_ucs2;

/// 60 letters, as a first-touch message has them.
const TEXT: &str = "【県健康危機管理課】あなたの健康観察用のＩＤは１２３４５６７です。必ず体調を入力してください。電話０５９－１２３－４５６７";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let messages = arguments.next().map_or(Ok(1_000_000), |text| text.parse())?;
    let window = arguments.next().map_or(Ok(100), |text| text.parse())?;
    let own = match arguments.next() {
        Some(address) => Err(address),
        None => Ok(Smsc::start(SmscConfig::default()).await?),
    };
    let address = own
        .as_ref()
        .map_or_else(Clone::clone, |smsc| smsc.address().to_string());
    let (host, port) = address.rsplit_once(':').ok_or("HOST:PORT wanted")?;
    let config = BindConfig {
        window,
        ..BindConfig::new(host, port.parse()?, "wire", "wire")
    };
    let (session, mut events) = bind(&config).await?;
    let receipts = if own.is_ok() { messages } else { 0 };
    let begin = Instant::now();
    let counted = run(&session, &mut events, messages, receipts).await?;
    let seconds = begin.elapsed().as_secs_f64();
    println!(
        "{messages} submit_sm, window {window}: {:.0}/s in {seconds:.2} s",
        counted.answers / seconds
    );
    println!("{} accepted, {} receipts", counted.accepted, counted.receipts);
    session.unbind().await;
    Ok(())
}

#[derive(Default)]
struct Counted {
    sent: u64,
    answers: f64,
    accepted: u64,
    receipts: u64,
}

async fn run(
    session: &Session,
    events: &mut SessionEvents,
    messages: u64,
    receipts: u64,
) -> Result<Counted, Box<dyn Error>> {
    let short_message = encode_ucs2(TEXT);
    let mut counted = Counted::default();
    let mut answered = 0;
    while answered < messages || counted.receipts < receipts {
        let mut batch = Vec::new();
        for _ in 0..session.free_window() {
            if counted.sent < messages {
                batch.push((counted.sent, message(counted.sent, &short_message)));
                counted.sent += 1;
            }
        }
        if !batch.is_empty() {
            session.submit(batch).await?;
        }
        let mut delivered = Vec::new();
        for event in events.next().await.ok_or("no more events")? {
            match event {
                Event::Answer { result, .. } => {
                    answered += 1;
                    counted.answers += 1.0;
                    counted.accepted += u64::from(result.is_ok());
                }
                Event::Deliver { sequence, .. } => {
                    counted.receipts += 1;
                    delivered.push((sequence, CommandStatus::ESME_ROK));
                }
                Event::Closed { reason, .. } => return Err(format!("session over: {reason:?}").into()),
            }
        }
        if !delivered.is_empty() {
            session.respond(delivered).await?;
        }
    }
    Ok(counted)
}

fn message(number: u64, short_message: &[u8]) -> SubmitSm {
    SubmitSm {
        source_addr: "0591234567".into(),
        dest_addr_ton: 1,
        dest_addr_npi: 1,
        destination_addr: format!("8190{:08}", number % 90_000_000),
        registered_delivery: REGISTERED_DELIVERY_FINAL,
        data_coding: DATA_CODING_UCS2,
        short_message: short_message.to_vec(),
        ..SubmitSm::default()
    }
}

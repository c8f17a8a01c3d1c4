//! The same row changes as a send, in the same groups, without a network: what the database alone allows.
//!
//! `cargo run --release -p messaging --example rows -- ROWS DATABASE`; the database is new each time. Prints one
//! JSON line.

use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use base::clock::Clock;
use base::id::{OfficeId, OrgId};
use base::phone::PhoneNumber;
use base::segment::Segmentation;
use db::{Db, OpenOptions};
use lists::contacts::Purpose;
use messaging::broadcast::{Horizon, Lane, NewBroadcast, Origin, Outgoing, start};
use messaging::message::Outcome;
use messaging::outbox::{Answer, Outbox, Receipt};

const WINDOW: usize = 100;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let count: u32 = arguments.next().ok_or("ROWS wanted")?.parse()?;
    let url: db::DatabaseUrl = arguments.next().ok_or("DATABASE wanted")?.parse()?;
    let key_file = std::env::temp_dir().join(format!("todoke-rows-{}.key", std::process::id()));
    let db = Db::open(&OpenOptions {
        url,
        key_file: key_file.clone(),
        clock: Clock::System,
    })
    .await?;
    let rows = (0..count)
        .map(row)
        .collect::<Option<Vec<Outgoing>>>()
        .ok_or("too many rows")?;
    let begun = Instant::now();
    let judged = Horizon::now(&db).await?;
    start(&db, broadcast(rows, judged)).await?;
    let started = begun.elapsed().as_secs_f64();
    let node = db.join().await?.ok_or("the database is in use")?;
    let outbox = Outbox::new(db, node, false);
    let account = outbox.account("rows@nowhere").await?;
    let (mut answers, mut receipts) = (Vec::new(), Vec::new());
    loop {
        let claimed = outbox.exchange(account, answers, receipts, WINDOW).await?;
        if claimed.submissions.is_empty() {
            break;
        }
        let id = |part: &messaging::outbox::PartId| format!("{}-{}", part.message, part.part_no);
        let parts = claimed.submissions.iter().map(|one| one.part);
        answers = parts
            .clone()
            .map(|part| {
                (
                    part,
                    Answer::Taken {
                        carrier_message_id: id(&part),
                    },
                )
            })
            .collect();
        receipts = parts.map(|part| receipt(id(&part))).collect();
    }
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "{{\"name\":\"rows\",\"rows\":{count},\"start_seconds\":{started:.3},\"seconds\":{seconds:.3},\"messages_per_second\":{:.0}}}",
        f64::from(count) / seconds
    );
    Ok(std::fs::remove_file(key_file)?)
}

fn row(n: u32) -> Option<Outgoing> {
    let to = PhoneNumber::from_e164(&format!("+8190{:08}", 10_000_000 + n))?;
    let text = format!(
        "【あおば県】療養中の方へ。体調の登録をお願いします。番号は{n:08}です。息苦しいときは、保健所へお電話ください。"
    );
    Some(Outgoing::to_number(n + 2, to, text))
}

fn broadcast(rows: Vec<Outgoing>, judged: Horizon) -> NewBroadcast {
    NewBroadcast {
        org: OrgId::FIRST,
        office: OfficeId::HEADQUARTERS,
        list: None,
        template: None,
        file_name: String::new(),
        origin: Origin::CommandLine,
        stage: messaging::stage::BroadcastStage::Live,
        simulated: false,
        purpose: Purpose::FirstTouch,
        lane: Lane::FirstTouch,
        sender: "0005000000".to_owned(),
        segmentation: Segmentation::Udh8,
        hold: 0,
        created_by: None,
        resend: None,
        judged,
        replaces: None,
        release: messaging::release::NewRelease::default(),
        rows: Arc::new(rows),
    }
}

fn receipt(carrier_message_id: String) -> Receipt {
    let outcome = Outcome::Delivered;
    Receipt {
        carrier_message_id,
        outcome,
        code: None,
        done_at: None,
        submitted_at: None,
        to: None,
    }
}

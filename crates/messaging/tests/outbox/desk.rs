//! A database of each kind, rows, and the carrier played by hand.

use std::sync::Arc;

use base::clock::Clock;
use base::id::{AccountId, OfficeId, OrgId};
use base::phone::PhoneNumber;
use base::segment::Segmentation;
use db::Db;
use db::testing::TestDatabase;
use lists::contacts::Purpose;
use messaging::broadcast::{self, Broadcast, Counts, Horizon, Lane, NewBroadcast, Origin, Outgoing, Started};
use messaging::message::{MessageState, Outcome};
use messaging::outbox::{Answer, Outbox, PartId, Receipt, Submission};
use messaging::store;

pub(crate) const ORG: OrgId = OrgId::FIRST;
pub(crate) const NOON: i64 = 1_790_000_000_000;

pub(crate) struct Desk {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) database: TestDatabase,
}

pub(crate) async fn desks() -> Vec<Desk> {
    let clock = Clock::manual(NOON);
    let mut desks = Vec::new();
    for database in TestDatabase::each(&clock).await {
        desks.push(Desk {
            db: database.open().await.unwrap(),
            clock: clock.clone(),
            database,
        });
    }
    desks
}

pub(crate) fn number(n: u32) -> PhoneNumber {
    PhoneNumber::from_e164(&format!("+8190{:08}", 12_000_000 + n)).unwrap()
}

pub(crate) fn rows(count: u32, text: &str) -> Vec<Outgoing> {
    (0..count)
        .map(|n| Outgoing::to_number(n + 2, number(n), format!("{text}{n}")))
        .collect()
}

/// Rows for people to whom no other text goes: who was written to before is left out.
pub(crate) fn strangers(count: u32, text: &str) -> Vec<Outgoing> {
    let hash = text.bytes().fold(7_u32, |hash, byte| {
        hash.wrapping_mul(31).wrapping_add(u32::from(byte))
    });
    let first = 1_000 + hash % 80_000 * 1_000;
    (0..count)
        .map(|n| Outgoing::to_number(n + 2, number(first + n), format!("{text}{n}")))
        .collect()
}

pub(crate) fn new(rows: Vec<Outgoing>) -> NewBroadcast {
    NewBroadcast {
        org: ORG,
        office: OfficeId::HEADQUARTERS,
        list: None,
        template: None,
        file_name: "朝霞.csv".to_owned(),
        origin: Origin::CommandLine,
        stage: messaging::stage::BroadcastStage::Live,
        simulated: false,
        purpose: Purpose::FirstTouch,
        lane: Lane::FirstTouch,
        sender: "0005123".to_owned(),
        segmentation: Segmentation::Udh8,
        hold: 0,
        created_by: None,
        resend: None,
        judged: Horizon::BEGINNING,
        replaces: None,
        release: messaging::release::NewRelease::default(),
        rows: Arc::new(rows),
    }
}

impl Desk {
    pub(crate) async fn on(database: TestDatabase, clock: Clock) -> Self {
        Self {
            db: database.open().await.unwrap(),
            clock,
            database,
        }
    }

    /// Judged a moment ago, and nothing came in between.
    pub(crate) async fn start(&self, new: NewBroadcast) -> Started {
        let judged = Horizon::now(&self.db).await.unwrap();
        let new = NewBroadcast { judged, ..new };
        broadcast::start(&self.db, new).await.unwrap()
    }

    pub(crate) async fn outbox(&self) -> (Outbox, AccountId) {
        let node = self.db.join().await.unwrap().unwrap();
        let outbox = Outbox::new(self.db.clone(), node, false);
        let account = outbox.account("todoke@carrier:2775").await.unwrap();
        (outbox, account)
    }

    pub(crate) async fn broadcast(&self, started: &Started) -> Broadcast {
        store::broadcast(&self.db, ORG, started.broadcast)
            .await
            .unwrap()
            .unwrap()
    }

    pub(crate) async fn counts(&self, started: &Started) -> Counts {
        let broadcast = self.broadcast(started).await;
        store::counts(&self.db, ORG, &broadcast, self.clock.now())
            .await
            .unwrap()
    }

    pub(crate) async fn present(&self, started: &Started) -> Vec<(MessageState, u32)> {
        self.counts(started).await.present().collect()
    }
}

pub(crate) async fn claim(outbox: &Outbox, account: AccountId, room: usize) -> Vec<Submission> {
    outbox
        .exchange(account, Vec::new(), Vec::new(), room)
        .await
        .unwrap()
        .submissions
}

pub(crate) fn taken(submission: &Submission) -> (PartId, Answer) {
    (
        submission.part,
        Answer::Taken {
            carrier_message_id: carrier_id(submission.part),
        },
    )
}

pub(crate) fn carrier_id(part: PartId) -> String {
    format!("c{}-{}", part.message, part.part_no)
}

pub(crate) fn receipt(id: String, outcome: Outcome) -> Receipt {
    let code = Some("000".to_owned());
    Receipt {
        carrier_message_id: id,
        outcome,
        code,
        done_at: None,
        submitted_at: None,
        to: None,
    }
}

//! Who is next: fair shares between offices inside a lane, and the content of what was claimed.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::Ordering;

use base::clock::Millis;
use base::id::{AccountId, MessageId, OfficeId, OrgId};
use base::segment::{self, Segmentation};
use db::{Db, DbError, Tx};

use super::{PartId, Shared, Submission};
use crate::broadcast::TEXT;
use crate::store::outbox as store;
use crate::store::outbox::{Open, Portion};

impl Shared {
    /// Fair shares: the most urgent lane first, inside it people at high risk, then everybody; each time the offices
    /// in turn.
    pub(super) async fn claim(
        &self,
        tx: &mut Tx,
        account: AccountId,
        room: usize,
        now: Millis,
    ) -> Result<Vec<Batch>, DbError> {
        let mut batches = Vec::new();
        if room == 0 {
            return Ok(batches);
        }
        let open = store::open_broadcasts(tx, self.simulated, now).await?;
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let mut left = room;
        for mut lane in lanes(open) {
            let first = turn % lane.len().max(1);
            lane.rotate_left(first);
            left -= self
                .claim_lane(tx, account, lane, left, now, &mut batches)
                .await?;
            if left == 0 {
                break;
            }
        }
        Ok(batches)
    }

    async fn claim_lane(
        &self,
        tx: &mut Tx,
        account: AccountId,
        mut offices: Vec<Vec<Open>>,
        room: usize,
        now: Millis,
        batches: &mut Vec<Batch>,
    ) -> Result<usize, DbError> {
        let mut left = room;
        // Shares shrink to what each office can use, so a second round gives the rest to who has more.
        while left > 0 && !offices.is_empty() {
            let share = left.div_ceil(offices.len());
            let mut still_open = Vec::with_capacity(offices.len());
            for mut office in offices {
                let mut wanted = share.min(left);
                while wanted > 0 && !office.is_empty() {
                    let claimed =
                        store::claim(tx, &office[0], (self.node.id(), account), wanted, now).await?;
                    wanted -= claimed.len();
                    left -= claimed.len();
                    let drained = wanted > 0;
                    if drained {
                        store::drained(tx, &office[0], now).await?;
                    }
                    if !claimed.is_empty() {
                        batches.push(Batch::load(tx, &office[0], claimed).await?);
                    }
                    if drained {
                        office.remove(0);
                    }
                }
                if !office.is_empty() {
                    still_open.push(office);
                }
            }
            offices = still_open;
        }
        Ok(room - left)
    }
}

/// The open broadcasts of each office.
type Offices = Vec<((OrgId, OfficeId), Vec<Open>)>;

/// Open broadcasts by lane, in a lane its urgent people before everybody, and among these by office, oldest first.
fn lanes(open: Vec<Open>) -> Vec<Vec<Vec<Open>>> {
    let mut lanes: BTreeMap<(i64, bool), Offices> = BTreeMap::new();
    for broadcast in open {
        if matches!(broadcast.portion, Portion::Urgent(_)) {
            let urgent = lanes.entry((broadcast.lane, false)).or_default();
            add(urgent, broadcast.clone());
        }
        let portion = match broadcast.portion {
            Portion::Urgent(_) => Portion::Whole,
            other => other,
        };
        let all = lanes.entry((broadcast.lane, true)).or_default();
        add(all, Open { portion, ..broadcast });
    }
    lanes
        .into_values()
        .map(|offices| offices.into_iter().map(|(_, open)| open).collect())
        .collect()
}

fn add(offices: &mut Offices, broadcast: Open) {
    let key = (broadcast.org, broadcast.office);
    match offices.iter_mut().find(|(office, _)| *office == key) {
        Some((_, broadcasts)) => broadcasts.push(broadcast),
        None => offices.push((key, vec![broadcast])),
    }
}

/// Claimed parts of one broadcast with their sealed content.
pub(super) struct Batch {
    org: OrgId,
    sender: String,
    segmentation: Segmentation,
    parts: Vec<(MessageId, i64)>,
    content: Vec<(MessageId, String, String)>,
}

impl Batch {
    async fn load(tx: &mut Tx, open: &Open, parts: Vec<(MessageId, i64)>) -> Result<Self, DbError> {
        let mut messages: Vec<i64> = parts.iter().map(|(message, _)| message.get()).collect();
        messages.dedup();
        let content = store::content(tx, open.org, &messages).await?;
        let segmentation = Segmentation::from_word(&open.segmentation)
            .ok_or_else(|| DbError::Statement(format!("no segmentation is called {}", open.segmentation)))?;
        Ok(Self {
            org: open.org,
            sender: open.sender.clone(),
            segmentation,
            parts,
            content,
        })
    }

    /// Opens the numbers and texts, after the commit. Gives the parts that cannot be read: one damaged row holds up
    /// nobody else.
    pub(super) async fn open(self, db: &Db, out: &mut Vec<Submission>) -> Result<Vec<PartId>, DbError> {
        let vault = db.vault(self.org).await?;
        let mut unreadable = Vec::new();
        let sealed: HashMap<MessageId, (String, String)> = self
            .content
            .into_iter()
            .map(|(message, phone, text)| (message, (phone, text)))
            .collect();
        let opened = |message: MessageId| {
            let (phone, text) = sealed.get(&message).ok_or(DbError::Sealed(TEXT.0))?;
            let to = crate::store::open_phone(&vault, message, phone)?;
            Ok::<_, DbError>((to, vault.open(TEXT, message.get(), text)?))
        };
        for (message, part_no) in self.parts {
            let part = PartId {
                org: self.org,
                message,
                part_no: u8::try_from(part_no).unwrap_or(u8::MAX),
            };
            let (to, text) = match opened(message) {
                Ok(opened) => opened,
                Err(error) => {
                    tracing::error!(%error, org = %self.org, %message, "a message cannot be read");
                    unreadable.push(part);
                    continue;
                }
            };
            let parts = segment::split(&text, self.segmentation);
            let index = usize::try_from(part_no - 1).unwrap_or_default();
            out.push(Submission {
                part,
                to,
                sender: self.sender.clone(),
                text: parts.get(index).copied().unwrap_or_default().to_owned(),
                part_count: u8::try_from(parts.len()).unwrap_or(u8::MAX),
                segmentation: self.segmentation,
            });
        }
        Ok(unreadable)
    }
}

//! The chain of the audit trail: what each seal says, and how one finds out that something was changed.
//!
//! A seal is SHA-256 over the seal before it and the whole entry as it stands in the database, sealed columns and
//! all, so that an entry that is changed, taken out, put in or moved breaks its own seal. Who can rewrite the whole
//! chain cannot rewrite the signed checkpoints, which lie outside of the database ([`Checkpoint`]).

use std::fmt;

use base::clock::Millis;
use base::id::OrgId;
use db::Db;
use sha2::{Digest, Sha256};

/// The hash of one seal.
pub type SealHash = [u8; 32];

/// What the first seal is chained to.
pub const BEGINNING: SealHash = [0; 32];

/// One entry as it stands in the database.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredEntry {
    /// Its number.
    pub id: i64,
    /// When it was written.
    pub at: Millis,
    /// Who.
    pub staff: Option<i64>,
    /// Where that person worked.
    pub office: Option<i64>,
    /// From where, sealed.
    pub source_sealed: Option<String>,
    /// What.
    pub action: String,
    /// How it ended.
    pub outcome: String,
    /// What kind of thing it was done to.
    pub subject_kind: Option<String>,
    /// The thing's number.
    pub subject: Option<i64>,
    /// What else, sealed.
    pub detail_sealed: Option<String>,
}

impl StoredEntry {
    /// The seal of this entry after that one.
    pub fn seal(&self, org: OrgId, before: &SealHash) -> SealHash {
        let mut hash = Sha256::new();
        hash.update(before);
        hash.update(b"todoke audit 1");
        number(&mut hash, Some(org.get()));
        number(&mut hash, Some(self.id));
        number(&mut hash, Some(self.at));
        number(&mut hash, self.staff);
        number(&mut hash, self.office);
        text(&mut hash, self.source_sealed.as_deref());
        text(&mut hash, Some(&self.action));
        text(&mut hash, Some(&self.outcome));
        text(&mut hash, self.subject_kind.as_deref());
        number(&mut hash, self.subject);
        text(&mut hash, self.detail_sealed.as_deref());
        hash.finalize().into()
    }
}

/// Nothing, a number and a text begin differently, and each says how long it is: no two entries are the same bytes.
fn number(hash: &mut Sha256, value: Option<i64>) {
    match value {
        None => hash.update([0]),
        Some(value) => {
            hash.update([1]);
            hash.update(value.to_be_bytes());
        }
    }
}

fn text(hash: &mut Sha256, value: Option<&str>) {
    match value {
        None => hash.update([0]),
        Some(value) => {
            hash.update([2]);
            hash.update((value.len() as u64).to_be_bytes());
            hash.update(value.as_bytes());
        }
    }
}

/// Two small hexadecimal digits a byte.
pub fn hex(hash: &SealHash) -> String {
    use fmt::Write as _;
    let mut out = String::with_capacity(64);
    for byte in hash {
        write!(out, "{byte:02x}").expect("writing to a String does not fail");
    }
    out
}

/// What [`hex`] gave.
pub fn from_hex(text: &str) -> Option<SealHash> {
    let mut hash = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, at) in hash.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
    }
    Some(hash)
}

/// One seal with the entry that it names, if that is still there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Link {
    /// Its place in the chain, from 1 without gaps.
    pub seq: i64,
    /// The entry that it seals.
    pub entry_id: i64,
    /// What it says.
    pub hash: SealHash,
    /// The entry.
    pub entry: Option<StoredEntry>,
}

/// What is wrong with the first broken link.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Break {
    /// The entry is not as it was sealed.
    Changed,
    /// The entry, or its seal, is gone.
    Missing,
    /// It stands in another place than it was sealed in.
    Reordered,
    /// It was put in between afterwards, or behind the sealer's back.
    Inserted,
    /// What a checkpoint saw at the end is not there any more.
    CutOff,
    /// The chain is whole, and is another one than a checkpoint saw.
    Rewritten,
}

impl Break {
    /// In words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Changed => "書き換えられています",
            Self::Missing => "消されています",
            Self::Reordered => "順序が入れ替えられています",
            Self::Inserted => "後から差し込まれています",
            Self::CutOff => "これより後の記録が切り取られています",
            Self::Rewritten => "鎖が作り直されています",
        }
    }
}

/// The first thing that is broken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broken {
    /// Where in the chain; 0 for an entry that is in no chain.
    pub seq: i64,
    /// Which entry, as far as that is known.
    pub entry_id: Option<i64>,
    /// What is wrong with it.
    pub what: Break,
}

impl fmt::Display for Broken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}番目の記録", self.seq)?;
        if let Some(entry) = self.entry_id {
            write!(out, "（番号 {entry}）")?;
        }
        write!(out, "が{}", self.what.label())
    }
}

/// Walks along a chain, link by link.
pub struct Walk {
    org: OrgId,
    before: SealHash,
    /// The seal before the last, to tell an entry that was put in between.
    before_that: SealHash,
    last: Option<i64>,
    seq: i64,
}

impl Walk {
    /// From the first link on.
    pub fn from_the_beginning(org: OrgId) -> Self {
        Self::after(org, 0, BEGINNING)
    }

    /// From the link after this one on.
    pub fn after(org: OrgId, seq: i64, hash: SealHash) -> Self {
        Self {
            org,
            before: hash,
            before_that: hash,
            last: None,
            seq,
        }
    }

    /// Where it stands: the last link that was whole.
    pub fn reached(&self) -> (i64, SealHash) {
        (self.seq, self.before)
    }

    /// Goes along `links`, which stand in the order of the chain, as far as they are whole.
    pub fn along(&mut self, links: &[Link]) -> Result<(), Broken> {
        for (at, link) in links.iter().enumerate() {
            if let Some(what) = self.wrong(link, &links[at + 1..]) {
                return Err(what);
            }
            self.before_that = std::mem::replace(&mut self.before, link.hash);
            self.last = Some(link.entry_id);
            self.seq = link.seq;
        }
        Ok(())
    }

    fn wrong(&self, link: &Link, rest: &[Link]) -> Option<Broken> {
        let broken = |seq, entry_id, what| Some(Broken { seq, entry_id, what });
        if link.seq != self.seq + 1 {
            return broken(self.seq + 1, None, Break::Missing);
        }
        let Some(entry) = &link.entry else {
            return broken(link.seq, Some(link.entry_id), Break::Missing);
        };
        if entry.seal(self.org, &self.before) == link.hash {
            return None;
        }
        // The seal before this one was made for something that was not there when this one was made.
        if entry.seal(self.org, &self.before_that) == link.hash && self.last.is_some() {
            return broken(self.seq, self.last, Break::Inserted);
        }
        let sealed_here = |other: &&StoredEntry| other.seal(self.org, &self.before) == link.hash;
        let moved = rest
            .iter()
            .filter_map(|link| link.entry.as_ref())
            .find(sealed_here);
        let what = if moved.is_some() {
            Break::Reordered
        } else {
            Break::Changed
        };
        broken(link.seq, Some(link.entry_id), what)
    }
}

/// One line of the file of checkpoints: where the chain stood, signed with a key derived from the installation's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// Whose chain.
    pub org: OrgId,
    /// How long it was.
    pub seq: i64,
    /// Its last seal.
    pub hash: SealHash,
    /// When.
    pub at: Millis,
}

const CHECKPOINT: &str = "todoke-checkpoint-1";

impl Checkpoint {
    /// As a line of the file, without its end.
    pub fn line(&self, db: &Db) -> String {
        let text = self.text();
        let signature = db.signature("audit checkpoint", &text);
        format!("{text} {signature}")
    }

    fn text(&self) -> String {
        let Self { org, seq, hash, at } = self;
        format!("{CHECKPOINT} {org} {seq} {} {at}", hex(hash))
    }

    /// Reads a line; `None` if it is none of ours, or its signature does not fit.
    pub fn read(db: &Db, line: &str) -> Option<Self> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [CHECKPOINT, org, seq, hash, at, signature] = words[..] else {
            return None;
        };
        let checkpoint = Self {
            org: OrgId::new(org.parse().ok()?),
            seq: seq.parse().ok()?,
            hash: from_hex(hash)?,
            at: at.parse().ok()?,
        };
        (db.signature("audit checkpoint", &checkpoint.text()) == signature).then_some(checkpoint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: i64) -> StoredEntry {
        StoredEntry {
            id,
            at: id * 7,
            staff: Some(3),
            office: None,
            source_sealed: None,
            action: "list.look".to_owned(),
            outcome: "done".to_owned(),
            subject_kind: Some("lists".to_owned()),
            subject: Some(id),
            detail_sealed: None,
        }
    }

    fn chain(entries: impl IntoIterator<Item = i64>) -> Vec<Link> {
        let mut before = BEGINNING;
        let link = |(seq, id)| {
            let entry = entry(id);
            before = entry.seal(OrgId::FIRST, &before);
            Link {
                seq,
                entry_id: id,
                hash: before,
                entry: Some(entry),
            }
        };
        (1..).zip(entries).map(link).collect()
    }

    fn walked(links: &[Link]) -> Result<(), (i64, Option<i64>, Break)> {
        let walked = Walk::from_the_beginning(OrgId::FIRST).along(links);
        walked.map_err(|broken| (broken.seq, broken.entry_id, broken.what))
    }

    #[test]
    fn a_whole_chain_is_whole_and_every_single_change_of_an_entry_breaks_it_there() {
        type Change = fn(&mut StoredEntry);
        assert_eq!(walked(&chain(1..9)), Ok(()));
        let changes: [Change; 10] = [
            |entry| entry.id += 1,
            |entry| entry.at += 1,
            |entry| entry.staff = None,
            |entry| entry.office = Some(0),
            |entry| entry.source_sealed = Some(String::new()),
            |entry| entry.action.push('x'),
            |entry| entry.outcome = "refused".to_owned(),
            |entry| entry.subject_kind = None,
            |entry| entry.subject = None,
            |entry| entry.detail_sealed = Some("AQ".to_owned()),
        ];
        for change in changes {
            let mut links = chain(1..9);
            change(links[4].entry.as_mut().expect("an entry"));
            assert_eq!(walked(&links), Err((5, Some(5), Break::Changed)));
        }
    }

    #[test]
    fn what_is_gone_moved_or_put_in_is_named() {
        let mut gone = chain(1..9);
        gone[2].entry = None;
        assert_eq!(walked(&gone), Err((3, Some(3), Break::Missing)));
        let mut seal_gone = chain(1..9);
        seal_gone.remove(2);
        assert_eq!(walked(&seal_gone), Err((3, None, Break::Missing)));
        let mut moved = chain(1..9);
        let (third, fourth) = (moved[2].clone(), moved[3].clone());
        (moved[2].entry_id, moved[2].entry) = (fourth.entry_id, fourth.entry);
        (moved[3].entry_id, moved[3].entry) = (third.entry_id, third.entry);
        assert_eq!(walked(&moved), Err((3, Some(4), Break::Reordered)));
        let mut put_in = chain(1..5);
        let new = entry(99);
        put_in.insert(
            2,
            Link {
                seq: 3,
                entry_id: 99,
                hash: new.seal(OrgId::FIRST, &put_in[1].hash),
                entry: Some(new),
            },
        );
        for link in &mut put_in[3..] {
            link.seq += 1;
        }
        assert_eq!(walked(&put_in), Err((3, Some(99), Break::Inserted)));
    }

    #[test]
    fn a_hash_is_read_back() {
        let hash = entry(1).seal(OrgId::FIRST, &BEGINNING);
        assert_eq!(from_hex(&hex(&hash)), Some(hash));
        assert_eq!(from_hex("zz"), None);
        assert_eq!(from_hex(&"é".repeat(32)), None);
    }
}

//! The audit trail: who did what, who looked at whom, when, from where.
//!
//! An entry stands in the commit of what it tells of: the guard of the routes hands it to the first write of a
//! request (`db::Companion`), everything without an address calls [`record`]. Entries are never changed. What a
//! person typed, and where they sat, is sealed; subjects are numbers of ours.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Mutex, OnceLock};

use base::clock::Millis;
use base::id::{OfficeId, OrgId, StaffId};
use db::{Companion, Db, DbError, OrgVault, Tx};

use crate::store;
use crate::{SourceAddress, Staff};

/// What an entry says was done: a word that keeps its meaning for ever, and how pages say it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Action {
    /// `broadcast.stop`.
    pub code: &'static str,
    /// 「配信を止めた」.
    pub label: &'static str,
}

/// How it ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was not permitted.
    Refused,
}

impl Outcome {
    const ALL: [Self; 2] = [Self::Done, Self::Refused];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
        }
    }

    /// The outcome that the database's word names.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.code() == code)
    }
}

/// What it was done to: `("broadcast", 7)`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Subject {
    /// What kind of thing, as addresses call it.
    pub kind: &'static str,
    /// Its number.
    pub id: i64,
}

/// One entry before it is written.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What.
    pub action: Action,
    /// How it ended.
    pub outcome: Outcome,
    /// Who; nobody for what the system does by itself or the command line does.
    pub staff: Option<StaffId>,
    /// Where that person worked.
    pub office: Option<OfficeId>,
    /// From where.
    pub source: Option<SourceAddress>,
    /// To what.
    pub subject: Option<Subject>,
    /// What else is worth keeping: a purpose, a number of rows.
    pub detail: Option<String>,
}

impl Entry {
    /// Something that was done by nobody who is signed in.
    pub fn of(action: Action) -> Self {
        Self {
            action,
            outcome: Outcome::Done,
            staff: None,
            office: None,
            source: None,
            subject: None,
            detail: None,
        }
    }

    /// By this person.
    #[must_use]
    pub fn by(mut self, staff: &Staff) -> Self {
        self.staff = Some(staff.id);
        self.office = Some(staff.office);
        self
    }

    /// By this person, wherever they work.
    #[must_use]
    pub(crate) fn of_staff(mut self, staff: StaffId) -> Self {
        self.staff = Some(staff);
        self
    }

    /// From this address.
    #[must_use]
    pub fn from(mut self, source: SourceAddress) -> Self {
        self.source = Some(source);
        self
    }

    /// To this.
    #[must_use]
    pub fn about(mut self, kind: &'static str, id: i64) -> Self {
        self.subject = Some(Subject { kind, id });
        self
    }

    /// With this.
    #[must_use]
    pub fn with(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// It was not permitted.
    #[must_use]
    pub fn refused(mut self) -> Self {
        self.outcome = Outcome::Refused;
        self
    }
}

/// Writes an entry in the commit of what it tells of.
pub async fn record(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    entry: &Entry,
    now: Millis,
) -> Result<(), DbError> {
    store::add_audit_entry(tx, org, vault, number(now), entry, now).await
}

/// Writes an entry of its own, for what changes nothing else: a look, a refusal.
pub async fn record_alone(db: &Db, org: OrgId, entry: Entry) -> Result<(), DbError> {
    record_all(db, org, vec![entry]).await
}

/// The same for several at once.
pub(crate) async fn record_all(db: &Db, org: OrgId, entries: Vec<Entry>) -> Result<(), DbError> {
    let vault = db.vault(org).await?;
    let (entries, now) = (Arc::new(entries), db.now());
    // Somebody waits for the page of which this tells.
    let write = db.write_ahead(move |tx| {
        let (vault, entries) = (Arc::clone(&vault), Arc::clone(&entries));
        Box::pin(async move {
            for entry in entries.iter() {
                record(tx, org, &vault, entry, now).await?;
            }
            Ok(())
        })
    });
    write.await
}

/// Milliseconds, and 20 bits that count on from a random beginning: entries of one process never meet, and those of
/// two in the same millisecond as good as never. No sequence: every write of every node would wait for its row.
pub(crate) fn number(now: Millis) -> i64 {
    static NEXT: OnceLock<AtomicI64> = OnceLock::new();
    let next = NEXT.get_or_init(|| {
        let mut bytes = [0; 4];
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
        AtomicI64::new(i64::from(u32::from_le_bytes(bytes)))
    });
    first_number(now) | (next.fetch_add(1, Ordering::Relaxed) & 0xF_FFFF)
}

/// The smallest number that an entry of this moment may have.
pub(crate) const fn first_number(at: Millis) -> i64 {
    at << 20
}

tokio::task_local! {
    static NOTE: Arc<Note>;
}

/// What a handler adds to the entry of its request.
#[derive(Debug, Default)]
pub(crate) struct Note {
    detail: Mutex<Option<String>>,
    subject: Mutex<Option<Subject>>,
    shown: Mutex<Vec<Subject>>,
    refused: AtomicBool,
}

impl Note {
    pub(crate) async fn around<F: Future>(self: Arc<Self>, work: F) -> F::Output {
        NOTE.scope(self, work).await
    }

    /// `entry` with what was added.
    pub(crate) fn onto(&self, mut entry: Entry) -> Entry {
        let detail = self.detail.lock().ok().and_then(|detail| detail.clone());
        let subject = self.subject.lock().ok().and_then(|subject| *subject);
        entry.detail = detail.or(entry.detail);
        entry.subject = subject.or(entry.subject);
        if self.refused.load(Ordering::Acquire) {
            entry.outcome = Outcome::Refused;
        }
        entry
    }

    /// The same, once for each of those whom a look showed.
    pub(crate) fn onto_each(&self, entry: Entry) -> Vec<Entry> {
        let entry = self.onto(entry);
        let shown = self.shown.lock().map(|shown| shown.clone()).unwrap_or_default();
        if shown.is_empty() {
            return vec![entry];
        }
        let about = |subject: Subject| entry.clone().about(subject.kind, subject.id);
        shown.into_iter().map(about).collect()
    }

    /// The write that is under way found that it may not be done, or may.
    pub(crate) fn refuse(&self, refused: bool) {
        self.refused.store(refused, Ordering::Release);
    }
}

/// What is added to the entry of the request that is being answered, to be carried into its write.
pub(crate) fn present_note() -> Option<Arc<Note>> {
    NOTE.try_with(Arc::clone).ok()
}

/// The write of an entry as a companion of whatever is written first inside of it.
pub(crate) async fn companion(
    db: &Db,
    org: OrgId,
    entry: Entry,
    note: &Arc<Note>,
) -> Result<Companion, DbError> {
    let (vault, now, note) = (db.vault(org).await?, db.now(), Arc::clone(note));
    Ok(Companion::new(move |tx| {
        let (entry, vault) = (note.onto(entry.clone()), Arc::clone(&vault));
        Box::pin(async move { record(tx, org, &vault, &entry, now).await })
    }))
}

/// Says more in the entry of the request that is being answered: a purpose, how many rows. Before the first write,
/// for what changes something. Outside of a request it does nothing.
pub fn note(detail: impl Into<String>) {
    with_note(|note| &note.detail, Some(detail.into()));
}

/// Says what the request is about, where its address does not: the list that an upload became.
pub fn note_subject(kind: &'static str, id: i64) {
    with_note(|note| &note.subject, Some(Subject { kind, id }));
}

/// Says whom a look showed, where that was asked for by other words than their numbers: each has an entry of their own.
pub fn note_shown(kind: &'static str, ids: impl IntoIterator<Item = i64>) {
    let shown = ids.into_iter().map(|id| Subject { kind, id });
    with_note(|note| &note.shown, shown.collect());
}

fn with_note<T>(place: impl Fn(&Note) -> &Mutex<T>, value: T) {
    let Ok(note) = NOTE.try_with(Arc::clone) else {
        return;
    };
    if let Ok(mut known) = place(&note).lock() {
        *known = value;
    }
}

//! Everybody who waits, from all centres or one, in one broadcast: who, in which order, with which values, and the
//! start in whose commit each of them is written to.
//!
//! Nothing here decides whether a text may be sent or a person may be written to: `messaging` does, as for a list
//! ([`messaging::pages::roll`]).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex};

use accounts::audit::{self, Action};
use base::date::CalendarDate;
use base::id::{BroadcastId, CaseId, MessageId, OfficeId, OrgId};
use db::{Db, DbError, OrgVault};
use desk::NewRequest;
use lists::choice::Household;
use messaging::broadcast::{NewBroadcast, Outgoing, OutgoingRows, StartError, Started, start_within};
use messaging::pages::roll::{Fate, JudgedRoll, Roll, Version};

use crate::case::{Case, CaseState, FirstContact, received_day};
use crate::order::{Order, RELEASED};
use crate::questions::{self, OBSERVATION, Planned};
use crate::reach::ProgrammeRules;
use crate::store::{care, cases, orders, questions as asked, reach};

mod numbers;
mod row;

pub use self::numbers::Numbers;
pub(crate) use self::numbers::is_child;
use self::numbers::{Turns, in_families};
pub use self::row::HEADINGS;
use self::row::{cells, keys};

/// Who is gathered, in the order in which they are written to.
pub struct Gathering {
    org: OrgId,
    /// Who is written to; the line of each is its place, counted from 1.
    pub cases: Vec<Case>,
    /// Who has no number that gets SMS: somebody telephones.
    pub without_number: Vec<Case>,
    numbers: Numbers,
    /// The last days at home.
    ends: HashMap<CaseId, CalendarDate>,
    /// The questions that a text could lead to.
    planned: HashMap<CaseId, Vec<Planned>>,
}

impl Gathering {
    /// Of these cases, in this order; people of one number stand together, whoever is written to for the others first.
    pub async fn of(db: &Db, org: OrgId, ids: &[CaseId]) -> Result<Self, DbError> {
        let found = cases::cases(db, org, ids).await?;
        let found: Vec<Case> = found
            .into_iter()
            .filter(|case| case.state == CaseState::Open && case.notification.is_some())
            .collect();
        let numbers = Numbers::of(db, org, &found).await?;
        let (with, without_number): (Vec<Case>, Vec<Case>) = found
            .into_iter()
            .partition(|case| numbers.of_case(case).is_some());
        let vault = db.vault(org).await?;
        let rules = ProgrammeRules::of(db, org).await?;
        let ends = with
            .iter()
            .filter_map(|case| Some((case.id, rules.last_day(case)?)));
        Ok(Self {
            org,
            ends: ends.collect(),
            planned: questions::plan(db, org, &vault, &with).await?,
            cases: in_families(with, &numbers),
            without_number,
            numbers,
        })
    }

    /// The rows that `messaging` judges.
    pub fn roll(
        &self,
        vault: &OrgVault,
        office: OfficeId,
        version: Version,
        household: Household,
        offices: &HashMap<OfficeId, String>,
    ) -> Roll {
        let row = |case: &Case| {
            let number = self.numbers.of_case(case);
            let ends = self.ends.get(&case.id).copied();
            (cells(case, number, ends, offices), keys(vault, case, number))
        };
        Roll {
            org: self.org,
            office,
            version,
            headings: HEADINGS.iter().map(|heading| (*heading).to_owned()).collect(),
            to: HEADINGS[0],
            name: Some(1),
            household,
            links: questions::links(&self.cases, &self.planned),
            again: None,
            rows: self.cases.iter().map(row).collect(),
        }
    }

    /// What is asked by the texts of these rows, by line.
    fn asks(&self, rows: &[Outgoing]) -> BTreeMap<u32, Vec<Planned>> {
        let of_row = |row: &Outgoing| {
            let planned = self.planned.get(&self.at(row.line)?.id)?;
            let asked = questions::in_text(&row.text, planned);
            (!asked.is_empty()).then_some((row.line, asked))
        };
        rows.iter().filter_map(of_row).collect()
    }

    fn versions(&self) -> HashMap<CaseId, i64> {
        self.cases.iter().map(|case| (case.id, case.version)).collect()
    }

    /// The case of a line.
    pub fn at(&self, line: u32) -> Option<&Case> {
        self.cases.get((line as usize).checked_sub(1)?)
    }
}

/// Who may be written to when it comes to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OnlyIf {
    /// Nobody has written or spoken to the person, and it is nobody who may have come before: of two who gather at
    /// once, one does.
    Waiting,
    /// The case is open.
    Open,
    /// The case is open, and nobody has asked the person about today.
    NotAskedToday,
}

/// What happens to the cases besides, in the same commit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Then {
    /// Nothing.
    Nothing,
    /// They are over: the message is the last one. In words, for their history.
    Close(String),
}

/// What came of a gathering.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Gathered {
    /// The broadcast.
    pub started: Started,
    /// How many people were written to, those included who got an earlier message or stand behind somebody else.
    pub people: usize,
}

/// Writes to everybody who was judged fit, in one commit with each case's first contact. Of two who press at once, or
/// twice, the second finds nobody waiting: [`StartError::NoRows`].
pub async fn start(
    db: &Db,
    gathering: &Gathering,
    judged: &JudgedRoll,
    new: NewBroadcast,
    only_if: OnlyIf,
    is_exercise: bool,
) -> Result<Gathered, StartError> {
    carry_out(
        db,
        Work {
            is_exercise,
            ..Work::of(gathering, judged, new, only_if)
        },
    )
    .await
}

/// The same by itself, as the programme says: `told` is what the audit trail keeps.
pub(crate) async fn start_by_itself(
    db: &Db,
    gathering: &Gathering,
    judged: &JudgedRoll,
    new: NewBroadcast,
    (only_if, then): (OnlyIf, Then),
    told: Action,
) -> Result<Gathered, StartError> {
    carry_out(
        db,
        Work {
            then,
            told: Some(told),
            ..Work::of(gathering, judged, new, only_if)
        },
    )
    .await
}

/// The same because of a standing order, as long as that is in force and lets so many go.
pub(crate) async fn start_ordered(
    db: &Db,
    gathering: &Gathering,
    judged: &JudgedRoll,
    new: NewBroadcast,
    order: &Order,
) -> Result<Gathered, StartError> {
    carry_out(
        db,
        Work {
            befores: Vec::new(),
            order: Some(*order),
            ..Work::of(gathering, judged, new, OnlyIf::Waiting)
        },
    )
    .await
}

async fn carry_out(db: &Db, work: Work) -> Result<Gathered, StartError> {
    let (org, work) = (work.new.org, Arc::new(work));
    let (vault, now, links) = (db.vault(org).await?, db.now(), db.clone());
    let refused = Arc::new(Mutex::new(None));
    let why = Arc::clone(&refused);
    let done = db.write(move |tx| {
        let (vault, work, why) = (Arc::clone(&vault), Arc::clone(&work), Arc::clone(&why));
        let links = links.clone();
        Box::pin(async move {
            match work.run(tx, &links, &vault, now).await? {
                Err(error @ StartError::Refused(_)) => {
                    // What was made of it is undone with the write; the reason goes beside it.
                    if let Ok(mut why) = why.lock() {
                        *why = Some(error);
                    }
                    Err(DbError::Withdrawn)
                }
                other => Ok(other),
            }
        })
    });
    match done.await {
        Err(DbError::Withdrawn) => {
            let why = refused.lock().ok().and_then(|mut why| why.take());
            Err(why.unwrap_or(StartError::NoRows))
        }
        Err(error) => Err(error.into()),
        Ok(outcome) => {
            base::killpoint::reached("gather.stored");
            outcome
        }
    }
}

/// The cases of each line that is written to: its own, and those who stand behind it.
fn lines(gathering: &Gathering, fates: &[Fate]) -> BTreeMap<u32, Vec<CaseId>> {
    let mut lines: BTreeMap<u32, Vec<CaseId>> = BTreeMap::new();
    for ((line, case), fate) in (1..).zip(&gathering.cases).zip(fates) {
        let of = match fate {
            Fate::Send => line,
            Fate::With(first) => *first,
            _ => continue,
        };
        lines.entry(of).or_default().push(case.id);
    }
    lines
}

/// Whom this very text has reached before, by another way: that message is theirs.
fn befores(gathering: &Gathering, fates: &[Fate]) -> Vec<(CaseId, MessageId, BroadcastId)> {
    let all = gathering.cases.iter().zip(fates);
    all.filter_map(|(case, fate)| match fate {
        Fate::Before(message, broadcast) => Some((case.id, *message, *broadcast)),
        _ => None,
    })
    .collect()
}

struct Work {
    lines: BTreeMap<u32, Vec<CaseId>>,
    befores: Vec<(CaseId, MessageId, BroadcastId)>,
    asks: BTreeMap<u32, Vec<Planned>>,
    /// Which record each text was made of: with another number, way or programme, another text goes, or none.
    versions: HashMap<CaseId, i64>,
    turns: Turns,
    new: NewBroadcast,
    only_if: OnlyIf,
    is_exercise: bool,
    order: Option<Order>,
    then: Then,
    /// What the audit trail keeps of what nobody pressed a button for.
    told: Option<Action>,
}

impl Work {
    fn of(gathering: &Gathering, judged: &JudgedRoll, new: NewBroadcast, only_if: OnlyIf) -> Self {
        Self {
            lines: lines(gathering, &judged.fates),
            befores: befores(gathering, &judged.fates),
            asks: gathering.asks(&judged.rows),
            versions: gathering.versions(),
            turns: Turns::of(&gathering.cases, &gathering.numbers),
            new,
            only_if,
            is_exercise: false,
            order: None,
            then: Then::Nothing,
            told: None,
        }
    }

    async fn run(
        &self,
        tx: &mut db::Tx,
        db: &Db,
        vault: &Arc<OrgVault>,
        now: base::clock::Millis,
    ) -> Result<Result<Gathered, StartError>, DbError> {
        // Gatherings and changes of cases take turns from here on.
        tx.take_numbers("cases", 0).await?;
        if !self.asks.is_empty() {
            tx.take_numbers("form_requests", 0).await?;
        }
        let fit = self.fit(tx, now).await?;
        let (rows, urgent) = self.rows(&fit);
        if let Some(order) = &self.order
            && !orders::still_lets(tx, self.new.org, order, rows.len(), now).await?
        {
            return Ok(Err(StartError::NoRows));
        }
        let mut pairs: Vec<(CaseId, MessageId)> = Vec::new();
        let befores = self.befores.iter().filter(|(case, ..)| fit.contains(case));
        pairs.extend(befores.map(|(case, message, _)| (*case, *message)));
        let started = if rows.is_empty() {
            match self.befores.iter().find(|(case, ..)| fit.contains(case)) {
                Some((.., broadcast)) => Ok(Started {
                    broadcast: *broadcast,
                    is_new: false,
                    fates: Vec::new(),
                    left_out: Vec::new(),
                }),
                None => Err(StartError::NoRows),
            }
        } else {
            let mut new = NewBroadcast {
                rows: Arc::new(rows),
                ..self.new.clone()
            };
            // What the program writes by itself is no first word.
            new.release.urgent_rows = if self.told.is_none() { urgent } else { 0 };
            start_within(tx, &new, vault, now).await?
        };
        let started = match started {
            Ok(started) => started,
            Err(error) => return Ok(Err(error)),
        };
        for fate in &started.fates {
            let cases = self.lines.get(&fate.line).into_iter().flatten();
            pairs.extend(
                cases
                    .filter(|case| fit.contains(case))
                    .map(|case| (*case, fate.message)),
            );
        }
        if !self.is_exercise {
            let (org, purpose, by) = (self.new.org, self.new.purpose, self.new.created_by);
            reach::written(tx, org, vault, purpose, by, &pairs, now).await?;
            for fate in started.fates.iter().filter(|fate| fate.is_new) {
                self.ask(tx, db, vault, (fate.line, fate.message), now).await?;
            }
            if let Then::Close(words) = &self.then {
                for (case, _) in &pairs {
                    care::close(tx, org, vault, *case, words, now).await?;
                }
            }
        }
        if let Some(told) = self.told.filter(|_| started.is_new) {
            let entry = audit::Entry::of(told)
                .about("broadcasts", started.broadcast.get())
                .with(format!("{}人", pairs.len()));
            audit::record(tx, self.new.org, vault, &entry, now).await?;
        }
        if let Some(order) = self.order.filter(|_| started.is_new) {
            self.keep_release(tx, vault, (&order, started.broadcast, pairs.len()), now)
                .await?;
        }
        Ok(Ok(Gathered {
            started,
            people: pairs.len(),
        }))
    }

    /// Asks what the text of a line leads to, by the very link that stands in it.
    async fn ask(
        &self,
        tx: &mut db::Tx,
        db: &Db,
        vault: &Arc<OrgVault>,
        (line, message): (u32, MessageId),
        now: base::clock::Millis,
    ) -> Result<(), DbError> {
        let org = self.new.org;
        for planned in self.asks.get(&line).into_iter().flatten() {
            let new = NewRequest {
                form: questions::form_key(planned.form),
                subject: questions::subject(planned.case),
                birth_date: planned.birth,
                language: planned.language,
                contact: None,
                valid_from: now,
                valid_until: now + planned.for_long,
                message: Some(message),
                asked_by: self.new.created_by,
            };
            let token = Some(planned.token.clone());
            let Some(asked) = desk::store::ask_by(db, tx, org, vault, &new, token, now).await? else {
                continue;
            };
            let new = asked::NewQuestion {
                case: planned.case,
                request: asked.request,
                form: planned.form,
                slot: &planned.slot,
                message,
            };
            asked::add(tx, org, &new, now).await?;
        }
        Ok(())
    }

    /// The order, the broadcast and the audit trail tell that nobody pressed a button.
    async fn keep_release(
        &self,
        tx: &mut db::Tx,
        vault: &OrgVault,
        (order, broadcast, people): (&Order, BroadcastId, usize),
        now: base::clock::Millis,
    ) -> Result<(), DbError> {
        let org = self.new.org;
        orders::add_release(tx, org, order.id, broadcast, people, now).await?;
        let by = order.says.by;
        let entry = audit::Entry::of(RELEASED)
            .about("broadcasts", broadcast.get())
            .with(format!("指示 {}（職員 {by} による）、{people}人", order.id));
        audit::record(tx, org, vault, &entry, now).await
    }

    /// Those who may be written to at this moment.
    async fn fit(&self, tx: &mut db::Tx, now: base::clock::Millis) -> Result<HashSet<CaseId>, DbError> {
        let org = self.new.org;
        let befores = self.befores.iter().map(|(case, ..)| *case);
        let ids: Vec<CaseId> = self.lines.values().flatten().copied().chain(befores).collect();
        let stands = reach::standing_now(tx, org, &ids).await?;
        let fits = |(case, one): &(CaseId, reach::StandsNow)| {
            one.state == CaseState::Open
                && self.versions.get(case) == Some(&one.version)
                && (self.only_if != OnlyIf::Waiting || one.contact == FirstContact::Waiting)
        };
        let fit = stands.into_iter().filter(fits);
        let mut fit: HashSet<CaseId> = fit.map(|(case, _)| case).collect();
        if self.only_if == OnlyIf::Waiting {
            for case in reach::parked(tx, org, &ids).await? {
                fit.remove(&case);
            }
        }
        if self.only_if == OnlyIf::NotAskedToday {
            let today = questions::slot(OBSERVATION, received_day(now), 0);
            let slots: Vec<(CaseId, String)> = fit.iter().map(|case| (*case, today.clone())).collect();
            for case in asked::asked_in(tx, org, &slots).await? {
                fit.remove(&case);
            }
        }
        if self.then != Then::Nothing {
            for case in &ids {
                if fit.contains(case) && !care::may_close(tx, org, *case).await? {
                    fit.remove(case);
                }
            }
        }
        Ok(fit)
    }

    /// The rows of which somebody is still to be written to, the most urgent first, and how many of them are urgent.
    fn rows(&self, fit: &HashSet<CaseId>) -> (Vec<Outgoing>, usize) {
        let all = OutgoingRows::iter(self.new.rows.as_ref());
        let wanted = all.filter_map(|row| {
            let people = self.lines.get(&row.line).into_iter().flatten();
            let people: Vec<CaseId> = people.copied().filter(|case| fit.contains(case)).collect();
            (!people.is_empty()).then_some((row, people))
        });
        let mut rows: Vec<(Outgoing, Vec<CaseId>)> = wanted.collect();
        let urgent = self.turns.sort(&mut rows);
        (rows.into_iter().map(|(row, _)| row).collect(), urgent)
    }
}

/// What a broadcast that gathers is called in lists.
pub fn name(office: Option<&str>, people: usize) -> String {
    match office {
        Some(office) => format!("{office} 初回連絡 {people}人"),
        None => format!("全部署 初回連絡 {people}人"),
    }
}

//! Everybody who waits, from all centres or one, in one broadcast: who, in which order, with which values, and the
//! start in whose commit each of them is written to.
//!
//! Nothing here decides whether a text may be sent or a person may be written to: `messaging` does, as for a list
//! ([`messaging::pages::roll`]).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex};

use accounts::audit;
use base::date::CalendarDate;
use base::id::{BroadcastId, CaseId, MessageId, OfficeId, OrgId};
use base::phone::PhoneNumber;
use db::{Db, DbError, OrgVault};
use lists::choice::Household;
use lists::contacts::{PersonKeys, PersonValues};
use messaging::broadcast::{NewBroadcast, Outgoing, OutgoingRows, StartError, Started, start_within};
use messaging::pages::roll::{Fate, JudgedRoll, Roll, Version};

use crate::case::{Case, CaseState, FirstContact, received_day};
use crate::household::ADULT;
use crate::limits;
use crate::order::{Order, RELEASED};
use crate::reach::own_number;
use crate::store::{cases, orders, reach};

/// The numbers at which people are written to: their own, a child's family's where it has none.
#[derive(Default)]
pub struct Numbers(HashMap<CaseId, PhoneNumber>);

impl Numbers {
    /// Of these cases.
    pub async fn of(db: &Db, org: OrgId, found: &[Case]) -> Result<Self, DbError> {
        let mut numbers = HashMap::with_capacity(found.len());
        let mut without = Vec::new();
        for case in found {
            let Some(person) = case.notification.as_ref().map(|told| &told.person) else {
                continue;
            };
            match own_number(person) {
                Some(number) => {
                    numbers.insert(case.id, number);
                }
                None if is_child(case) => without.push(case),
                None => {}
            }
        }
        for case in without.into_iter().take(limits::FAMILIES_PER_STEP) {
            let family = cases::of_household(db, org, case.household).await?;
            let mut guardians = family.iter().filter(|one| one.id != case.id && !is_child(one));
            let number = guardians.find_map(|one| own_number(&one.notification.as_ref()?.person));
            numbers.extend(number.map(|number| (case.id, number)));
        }
        Ok(Self(numbers))
    }

    /// Of one of them.
    pub fn of_case(&self, case: &Case) -> Option<PhoneNumber> {
        self.0.get(&case.id).copied()
    }
}

fn is_child(case: &Case) -> bool {
    let told = case.notification.as_ref();
    let age = told.and_then(|told| told.person.age_on(received_day(case.received_at)));
    age.is_some_and(|age| age < ADULT)
}

/// What columns of a roll are called: what texts to people of cases can hold.
pub const HEADINGS: [&str; 14] = [
    "電話番号",
    "氏名",
    "フリガナ",
    "受付番号",
    "HER-SYS ID",
    "ID",
    "生年月日",
    "年齢",
    "発病日",
    "診断日",
    "療養終了日",
    "保健所",
    "保護者",
    "言語",
];

/// Who is gathered, in the order in which they are written to.
pub struct Gathering {
    org: OrgId,
    /// Who is written to; the line of each is its place, counted from 1.
    pub cases: Vec<Case>,
    /// Who has no number that gets SMS: somebody telephones.
    pub without_number: Vec<Case>,
    numbers: Numbers,
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
        Ok(Self {
            org,
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
            (cells(case, number, offices), keys(vault, case, number))
        };
        Roll {
            org: self.org,
            office,
            version,
            headings: HEADINGS.iter().map(|heading| (*heading).to_owned()).collect(),
            to: HEADINGS[0],
            name: Some(1),
            household,
            again: None,
            rows: self.cases.iter().map(row).collect(),
        }
    }

    /// The case of a line.
    pub fn at(&self, line: u32) -> Option<&Case> {
        self.cases.get((line as usize).checked_sub(1)?)
    }
}

/// People of one number together, in the place of the most urgent of them; the first adult first.
fn in_families(all: Vec<Case>, numbers: &Numbers) -> Vec<Case> {
    let mut places: HashMap<Option<PhoneNumber>, usize> = HashMap::new();
    let mut families: Vec<Vec<Case>> = Vec::new();
    for case in all {
        let at = *places.entry(numbers.of_case(&case)).or_insert(families.len());
        match families.get_mut(at) {
            Some(family) => family.push(case),
            None => families.push(vec![case]),
        }
    }
    for family in &mut families {
        family.sort_by_key(is_child);
    }
    families.into_iter().flatten().collect()
}

fn cells(case: &Case, number: Option<PhoneNumber>, offices: &HashMap<OfficeId, String>) -> Vec<String> {
    let Some(told) = &case.notification else {
        return Vec::new();
    };
    let (person, illness) = (&told.person, &told.illness);
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let day = |day: Option<CalendarDate>| day.map_or_else(String::new, in_words);
    let age = person.age_on(received_day(case.received_at));
    vec![
        number.map_or_else(String::new, PhoneNumber::national),
        person.name.clone(),
        text(&person.kana),
        case.reference.to_string(),
        text(&person.register_id),
        text(&person.register_id),
        day(person.birth),
        age.map_or_else(String::new, |age| age.to_string()),
        day(illness.onset),
        day(illness.diagnosed),
        case.decided
            .isolation_ends
            .map_or_else(String::new, month_and_day),
        offices.get(&case.office).cloned().unwrap_or_default(),
        text(&person.guardian),
        text(&person.language),
    ]
}

/// `2022年2月16日`.
fn in_words(day: CalendarDate) -> String {
    format!("{}年{}", day.year(), month_and_day(day))
}

/// `2月16日`.
fn month_and_day(day: CalendarDate) -> String {
    format!("{}月{}日", day.month(), day.day())
}

/// By what the person is known again in the contact history.
fn keys(vault: &OrgVault, case: &Case, number: Option<PhoneNumber>) -> PersonKeys {
    let Some(told) = &case.notification else {
        return PersonKeys::default();
    };
    let birth = told.person.birth.map(|day| day.to_string());
    let values = PersonValues {
        phone: number,
        id: told.person.register_id.as_deref(),
        name: Some(&told.person.name),
        birth: birth.as_deref(),
    };
    PersonKeys::of(vault, &values)
}

/// Who may be written to when it comes to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OnlyIf {
    /// Nobody has written or spoken to the person, and it is nobody who may have come before: of two who gather at
    /// once, one does.
    Waiting,
    /// The case is open.
    Open,
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
            lines: lines(gathering, &judged.fates),
            befores: befores(gathering, &judged.fates),
            new,
            only_if,
            is_exercise,
            order: None,
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
            lines: lines(gathering, &judged.fates),
            befores: Vec::new(),
            new,
            only_if: OnlyIf::Waiting,
            is_exercise: false,
            order: Some(*order),
        },
    )
    .await
}

async fn carry_out(db: &Db, work: Work) -> Result<Gathered, StartError> {
    let (org, work) = (work.new.org, Arc::new(work));
    let (vault, now) = (db.vault(org).await?, db.now());
    let refused = Arc::new(Mutex::new(None));
    let why = Arc::clone(&refused);
    let done = db.write(move |tx| {
        let (vault, work, why) = (Arc::clone(&vault), Arc::clone(&work), Arc::clone(&why));
        Box::pin(async move {
            match work.run(tx, &vault, now).await? {
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
    new: NewBroadcast,
    only_if: OnlyIf,
    is_exercise: bool,
    order: Option<Order>,
}

impl Work {
    async fn run(
        &self,
        tx: &mut db::Tx,
        vault: &Arc<OrgVault>,
        now: base::clock::Millis,
    ) -> Result<Result<Gathered, StartError>, DbError> {
        // Gatherings and changes of cases take turns from here on.
        tx.take_numbers("cases", 0).await?;
        let fit = self.fit(tx).await?;
        let rows: Vec<Outgoing> = self.rows(&fit);
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
            let new = NewBroadcast {
                rows: Arc::new(rows),
                ..self.new.clone()
            };
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
    async fn fit(&self, tx: &mut db::Tx) -> Result<HashSet<CaseId>, DbError> {
        let befores = self.befores.iter().map(|(case, ..)| *case);
        let ids: Vec<CaseId> = self.lines.values().flatten().copied().chain(befores).collect();
        let stands = reach::standing_now(tx, self.new.org, &ids).await?;
        let open = stands.into_iter().filter(|(_, one)| one.state == CaseState::Open);
        if self.only_if == OnlyIf::Open {
            return Ok(open.map(|(case, _)| case).collect());
        }
        let parked = reach::parked(tx, self.new.org, &ids).await?;
        let waiting =
            open.filter(|(case, one)| one.contact == FirstContact::Waiting && !parked.contains(case));
        Ok(waiting.map(|(case, _)| case).collect())
    }

    /// The rows of which somebody is still to be written to.
    fn rows(&self, fit: &HashSet<CaseId>) -> Vec<Outgoing> {
        let all = OutgoingRows::iter(self.new.rows.as_ref());
        let wanted = |row: &Outgoing| {
            let cases = self.lines.get(&row.line).into_iter().flatten();
            cases.into_iter().any(|case| fit.contains(case))
        };
        all.filter(wanted).collect()
    }
}

/// What a broadcast that gathers is called in lists.
pub fn name(office: Option<&str>, people: usize) -> String {
    match office {
        Some(office) => format!("{office} 初回連絡 {people}人"),
        None => format!("全部署 初回連絡 {people}人"),
    }
}

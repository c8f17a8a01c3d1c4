//! What is known besides a case list: which of its rows are cases, which of its people may be, and whether values stand
//! beside other people than before.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use accounts::Staff;
use base::clock::{DAY, japan_midnight};
use base::date::CalendarDate;
use base::id::{CaseId, OfficeId, OrgId};
use base::phone::{self, PhoneNumber};
use db::OrgVault;
use lists::code::Severity;
use lists::contacts::{PersonKeys, PersonValues, sightings};
use lists::integrity::{
    IntegrityFinding, KnownHeadings, Scope, against_known, against_reference, inner_evidence,
};
use lists::sheet::Sheet;
use lists::store::{load_list, references_between};
use messaging::pages::failed;
use web::{OrBug, PageError};

use super::Triage;
use super::case_words::masked_name;
use super::intake_read::Read;
use super::rules_now::NO_PROGRAMME;
use crate::case::{Case, CaseSource};
use crate::intake::{Columns, Meaning, Remark};
use crate::keys::{CaseKey, KeyKind};
use crate::limits;
use crate::notification::{CaseNotification, Person};
use crate::store::cases::{cases, of_rows};
use crate::store::search::known_keys;

/// Days back in which people are compared with who they were before, as with every other list.
const SEEN_DAYS: u32 = 60;
/// One in so many of a list's people must be in a reference of the day for it to be held against the list.
const RELATED: usize = 2;
/// References of the day that are tried, newest first.
const REFERENCES: usize = 5;

/// What is known of a list.
#[derive(Default)]
pub(super) struct Known {
    /// Rows that are cases.
    pub(super) cases: HashSet<u32>,
    /// Rows whose record the office has registered in these days, letter for letter.
    pub(super) same: HashSet<u32>,
    /// Rows that hold values of somebody else by the source's own list.
    pub(super) wrong: HashSet<u32>,
    /// Rows whose person may be a case already, or another row.
    pub(super) twins: Vec<TwinRow>,
    /// What is wrong between the rows, each in a sentence.
    pub(super) stops: Vec<String>,
    /// Whether the source's own list says so: then nobody may know better.
    pub(super) is_certain: bool,
    /// What is to be looked at.
    pub(super) looks: Vec<String>,
}

/// A row whose person may be a case already, or another row.
pub(super) struct TwinRow {
    pub(super) line: u32,
    pub(super) name: String,
    pub(super) with: String,
}

impl Known {
    /// Of a list; `of_row` is the programme of each row.
    pub(super) async fn of(
        triage: &Triage,
        staff: &Staff,
        read: &Read,
        of_row: &HashMap<u32, i64>,
    ) -> Result<Self, PageError> {
        let (db, org, list) = (&triage.db, staff.org, read.kept.head.id);
        let vault = db.vault(org).await.map_err(failed)?;
        let lines = read.people.iter().map(|(line, ..)| *line);
        let mut known = Self {
            cases: of_rows(db, org, list, lines).await.map_err(failed)?,
            ..Self::default()
        };
        let rows = hashed(&vault, read, of_row).await?;
        let registered = Registered::of(triage, org, &rows).await?;
        let now = db.now();
        known.find_same(read, &rows, &registered, now - limits::SAME_RECORD_FOR);
        known.find_twins(read, &rows, &registered, now - limits::TWIN_FOR);
        known.compare(triage, staff, read, &rows, &registered).await?;
        Ok(known)
    }

    /// Rows of which nobody becomes a case; those that are there already are taken once more if somebody says so.
    pub(super) fn left_out(&self, same_too: bool) -> HashSet<u32> {
        let same = self.same.iter().filter(|_| !same_too);
        let all = self.cases.iter().chain(&self.wrong).chain(same);
        all.copied().collect()
    }

    fn find_same(&mut self, read: &Read, rows: &[Row], registered: &Registered, since: i64) {
        let office = read.kept.head.office;
        for ((line, told, _), row) in read.people.iter().zip(rows) {
            let mut cases = registered.with(&row.twins);
            let is_there = cases.any(|case| {
                let counts = case.office == office && case.received_at >= since;
                counts && case.notification.as_ref() == Some(told)
            });
            if is_there && !self.cases.contains(line) {
                self.same.insert(*line);
            }
        }
    }

    fn find_twins(&mut self, read: &Read, rows: &[Row], registered: &Registered, since: i64) {
        let mut here: HashMap<i64, u32> = HashMap::new();
        for ((line, told, _), row) in read.people.iter().zip(rows) {
            if self.cases.contains(line) || self.same.contains(line) {
                continue;
            }
            let is_case = registered.with(&row.twins).any(|case| case.received_at >= since);
            let other = row.twins.iter().find_map(|key| here.get(&key.index()));
            let with = match (is_case, other) {
                (true, _) => Some("登録済みの人".to_owned()),
                (false, Some(other)) => Some(format!("{other}行目")),
                (false, None) => None,
            };
            self.twins.extend(with.map(|with| TwinRow {
                line: *line,
                name: masked_name(Some(told)),
                with,
            }));
            for key in &row.twins {
                here.entry(key.index()).or_insert(*line);
            }
        }
    }

    /// Holds the list against itself, against who was seen before with what, and against its source.
    async fn compare(
        &mut self,
        triage: &Triage,
        staff: &Staff,
        read: &Read,
        rows: &[Row],
        registered: &Registered,
    ) -> Result<(), PageError> {
        let (db, org) = (&triage.db, staff.org);
        let list = read.kept.head.id;
        let keys: Vec<PersonKeys> = rows.iter().map(|row| row.keys).collect();
        let mut seen = sightings(db, org, Some(list), SEEN_DAYS, &keys)
            .await
            .map_err(failed)?;
        let vault = db.vault(org).await.map_err(failed)?;
        let since = db.now() - i64::from(SEEN_DAYS) * DAY;
        let before = registered.cases.values().filter(|case| {
            let is_own = matches!(case.source, CaseSource::Row { list: of, .. } if of == list);
            case.received_at >= since && !is_own
        });
        seen.extend(before.flat_map(|case| seen_with(&vault, case)));
        let references = references(triage, org, read).await?;
        let sheet = Arc::clone(&read.kept.sheet);
        let (columns, today) = (read.columns.clone(), CalendarDate::in_japan(db.now()));
        let by_line: HashMap<u32, PersonKeys> = read
            .people
            .iter()
            .zip(rows)
            .map(|((line, ..), row)| (*line, row.keys))
            .collect();
        let work = move || {
            let by_source = beside_source(&sheet, &references);
            let mut others = beside_known(&vault, &sheet, &columns, &by_line, &seen);
            others.extend(inner_evidence(&sheet, today));
            (by_source, others)
        };
        let (by_source, others) = tokio::task::spawn_blocking(work).await.or_bug()?;
        self.judge(by_source, others);
        Ok(())
    }

    /// The source says where each value belongs; where there is none, a person may know better.
    fn judge(&mut self, by_source: Option<Vec<IntegrityFinding>>, others: Vec<IntegrityFinding>) {
        let is_sourced = by_source.is_some();
        for finding in by_source.unwrap_or_default() {
            match (finding.severity, finding.scope) {
                (Severity::Error, Scope::List) => {
                    self.is_certain = true;
                    self.stops.push(finding.happened().to_owned());
                }
                (Severity::Error, Scope::Rows) => {
                    self.wrong.extend(&finding.lines);
                    self.looks
                        .push(format!("{}この行は登録しません。", finding.happened()));
                }
                _ => self.looks.push(finding.message),
            }
        }
        for finding in others {
            let is_error = finding.severity == Severity::Error;
            if finding.stops() && !is_sourced {
                self.stops.push(finding.happened().to_owned());
            } else if is_error && !finding.stops() {
                // Whether two rows with one ID are one person, somebody decides before the second is written to.
                self.looks.push(finding.happened().to_owned());
            } else if !is_error {
                self.looks.push(finding.message);
            }
        }
    }
}

/// One row by its keys.
struct Row {
    twins: Vec<CaseKey>,
    all: Vec<CaseKey>,
    keys: PersonKeys,
}

async fn hashed(
    vault: &Arc<OrgVault>,
    read: &Read,
    of_row: &HashMap<u32, i64>,
) -> Result<Vec<Row>, PageError> {
    let (vault, people, of_row) = (Arc::clone(vault), Arc::clone(&read.people), of_row.clone());
    // Every key is hashed: not in the way of other requests.
    tokio::task::spawn_blocking(move || {
        let row = |(line, told, _): &(u32, CaseNotification, Vec<Remark>)| {
            let programme = of_row.get(line).copied().unwrap_or(NO_PROGRAMME);
            Row {
                twins: CaseKey::twins(&vault, programme, &told.person),
                all: CaseKey::all(&vault, programme, told),
                keys: keys_of(&vault, &told.person, told.person.mobiles.first().copied()),
            }
        };
        people.iter().map(row).collect()
    })
    .await
    .or_bug()
}

fn keys_of(vault: &OrgVault, person: &Person, phone: Option<PhoneNumber>) -> PersonKeys {
    let birth = person.birth.map(|day| day.to_string());
    let values = PersonValues {
        phone,
        id: person.register_id.as_deref(),
        name: Some(&person.name),
        birth: birth.as_deref(),
    };
    PersonKeys::of(vault, &values)
}

/// A registered person, once with each number.
fn seen_with(vault: &OrgVault, case: &Case) -> Vec<PersonKeys> {
    let Some(person) = case.notification.as_ref().map(|told| &told.person) else {
        return Vec::new();
    };
    let numbers = person.mobiles.iter().chain(&person.guardian_mobiles);
    let mut all: Vec<PersonKeys> = numbers
        .map(|number| keys_of(vault, person, Some(*number)))
        .collect();
    if all.is_empty() {
        all.push(keys_of(vault, person, None));
    }
    all
}

/// The newest case with each key of the rows.
struct Registered {
    by_key: HashMap<i64, CaseId>,
    cases: HashMap<CaseId, Case>,
}

impl Registered {
    async fn of(triage: &Triage, org: OrgId, rows: &[Row]) -> Result<Self, PageError> {
        let keys = rows.iter().flat_map(|row| row.all.iter().copied());
        // Two morae are of many people.
        let mut keys: Vec<CaseKey> = keys
            .filter(|key| key.kind() != KeyKind::KanaHead as i64)
            .collect();
        keys.sort_unstable();
        keys.dedup();
        let by_key: HashMap<i64, CaseId> = known_keys(&triage.db, org, &keys)
            .await
            .map_err(failed)?
            .into_iter()
            .collect();
        let mut ids: Vec<CaseId> = by_key.values().copied().collect();
        ids.sort_unstable();
        ids.dedup();
        let mut found = HashMap::new();
        for chunk in ids.chunks(limits::CASES_PER_WRITE) {
            let chunk = cases(&triage.db, org, chunk).await.map_err(failed)?;
            found.extend(chunk.into_iter().map(|case| (case.id, case)));
        }
        Ok(Self { by_key, cases: found })
    }

    fn with<'a>(&'a self, keys: &'a [CaseKey]) -> impl Iterator<Item = &'a Case> {
        let ids = keys.iter().filter_map(move |key| self.by_key.get(&key.index()));
        ids.filter_map(move |id| self.cases.get(id))
    }
}

/// The references that the office gave on the list's day.
async fn references(triage: &Triage, org: OrgId, read: &Read) -> Result<Vec<Arc<Sheet>>, PageError> {
    let head = &read.kept.head;
    let (office, day): (OfficeId, i64) = (head.office, japan_midnight(head.uploaded_at));
    let today = references_between(&triage.db, org, Some(office), day, day + DAY);
    let today = today.await.map_err(failed)?;
    let mut sheets = Vec::new();
    for reference in today.into_iter().take(REFERENCES) {
        let found = load_list(&triage.db, org, reference.id).await.map_err(failed)?;
        sheets.extend(found.map(|found| found.sheet));
    }
    Ok(sheets)
}

/// What the first reference says that is about these people; `None` if none is.
fn beside_source(sheet: &Sheet, references: &[Arc<Sheet>]) -> Option<Vec<IntegrityFinding>> {
    references.iter().find_map(|reference| {
        let compared = against_reference(sheet, reference);
        let rows = compared.comparison.rows.max(1);
        (compared.comparison.matched * RELATED >= rows).then_some(compared.findings)
    })
}

/// Each column of numbers beside who was seen with which; the first that has slipped says it all.
fn beside_known(
    vault: &OrgVault,
    sheet: &Sheet,
    columns: &Columns,
    by_line: &HashMap<u32, PersonKeys>,
    seen: &[PersonKeys],
) -> Vec<IntegrityFinding> {
    let of = |meaning: Meaning| {
        let all = columns.meanings().iter();
        all.filter(move |(_, one)| *one == meaning)
            .map(|(column, _)| *column)
    };
    let heading = |meaning| of(meaning).next().map_or("", |column| columns.heading(column));
    let numbers = of(Meaning::Number).chain(of(Meaning::GuardianNumber));
    let mut numbers: Vec<Option<usize>> = numbers.map(Some).collect();
    if numbers.is_empty() {
        numbers.push(None);
    }
    let mut found = Vec::new();
    for column in numbers {
        let keys = |row: lists::sheet::ParsedRow<'_>| {
            // Rows that are nobody keep their place: a column slips over them too.
            let mut keys = by_line.get(&row.line()).copied().unwrap_or_default();
            let number = column.and_then(|column| phone::parse(row.cell(column)).ok());
            let of_number = PersonValues {
                phone: number.map(|parsed| parsed.number),
                ..PersonValues::default()
            };
            keys.phone = PersonKeys::of(vault, &of_number).phone;
            (row.line(), keys)
        };
        let rows: Vec<(u32, PersonKeys)> = sheet.rows().map(keys).collect();
        let headings = KnownHeadings {
            id: heading(Meaning::RegisterId),
            phone: column.map_or("", |column| columns.heading(column)),
            name: heading(Meaning::Name),
        };
        let now = against_known(&rows, seen, headings);
        if now.iter().any(IntegrityFinding::stops) {
            return now;
        }
        if found.is_empty() {
            found = now;
        }
    }
    found
}

//! `GET /intake/{id}`: what was understood of a case list, before anybody becomes a case of it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use accounts::{SignedIn, Staff};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::{CaseId, ListId, OfficeId};
use lists::store::{KeptList, Role, load_list};
use messaging::pages::{Answer, failed, may_see};
use serde::Deserialize;
use web::form::Field;
use web::number::grouped;
use web::ui::Notice;
use web::{Id, OrBug, Page, PageError, Shell};

use super::Triage;
use super::case_area::Jurisdiction;
use super::case_words::masked_name;
use super::rules_now::{NO_PROGRAMME, Programmes};
use crate::case::received_day;
use crate::intake::{Circumstances, Columns, ReadRow, Remark};
use crate::keys::CaseKey;
use crate::limits::{DISEASES_SHOWN, REMARKS_SHOWN};
use crate::notification::CaseNotification;
use crate::store::cases::of_rows;
use crate::store::search::known_keys;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    programme: String,
    people: String,
    twins: String,
    /// How many became another office's, because their programme belongs to it.
    owned: String,
}

/// A list with every row read.
pub(super) struct Read {
    pub(super) kept: KeptList,
    pub(super) columns: Columns,
    /// Row number, what was told, what is said about it.
    pub(super) people: Arc<Vec<(u32, CaseNotification, Vec<Remark>)>>,
    /// Rows that are nobody, and why.
    nobody: Vec<(u32, &'static str)>,
}

#[derive(Template)]
#[template(path = "intake_check.html")]
struct Check {
    shell: Shell,
    id: ListId,
    /// The programme whose cases they become, and the choice of another.
    programme: i64,
    choice: Option<Field>,
    /// How many new people go to which programme, where it is not one for all; without a name, to none.
    programmes: Vec<(String, u64)>,
    /// To which offices programmes of the list belong, and how many people become theirs.
    owned: Vec<(String, u64)>,
    /// In whose areas others of the list are, and how many; and how many cases of it can be handed over.
    elsewhere: Vec<(String, u64)>,
    to_hand_over: u64,
    /// The diseases of those who go to none.
    strange: Vec<String>,
    file_name: String,
    at: Millis,
    columns: Vec<(String, &'static str)>,
    ignored: Vec<String>,
    is_list: bool,
    people: u64,
    new: u64,
    known: u64,
    mobile: u64,
    landline: u64,
    no_number: u64,
    unread: Vec<Row>,
    unread_more: u64,
    notes: Vec<Row>,
    notes_more: u64,
    nobody: Vec<(u32, &'static str)>,
    nobody_more: u64,
    twins: Vec<TwinRow>,
    twins_more: u64,
}

/// What is said about a cell; the cell itself stands in the file.
struct Row {
    line: u32,
    name: String,
    heading: String,
    sentence: String,
}

/// A row whose person may be a case already, or another row.
struct TwinRow {
    line: u32,
    name: String,
    with: String,
}

pub(super) async fn show(
    State(triage): State<Triage>,
    session: SignedIn,
    Id(id): Id<ListId>,
    Query(asked): Query<Asked>,
    shell: Shell,
) -> Answer {
    let staff = &session.staff;
    let programmes = Programmes::of(&triage, staff).await?;
    let programme = programmes.chosen(&asked.programme);
    let read = read_list(&triage, staff, id).await?;
    let known = of_rows(
        &triage.db,
        staff.org,
        id,
        read.people.iter().map(|(line, ..)| *line),
    );
    let known: HashSet<u32> = known.await.map_err(failed)?;
    let of_row: HashMap<u32, i64> = read
        .people
        .iter()
        .map(|(line, told, _)| (*line, programmes.of_told(told, programme)))
        .collect();
    let twins = twins(&triage, staff, &of_row, &read, &known).await?;
    let jurisdiction = Jurisdiction::of(&triage, staff.org).await?;
    let at = (id, read.kept.head.office);
    let to_hand_over = jurisdiction.movable(&triage, staff.org, at).await?.len() as u64;
    let owned = owned(&triage, staff, &programmes, &of_row, at.1).await?;
    let notice = shell
        .done()
        .and_then(|word| done(word, &asked, to_hand_over, &owned));
    let shell = match notice {
        Some(notice) => shell.with_notice(notice),
        None => shell,
    };
    let mut page = check(id, &read, &known, twins, shell.titled("発生届のリストの確認"));
    page.programme = programme;
    page.choice = programmes.field(programme);
    page.programmes = shares(&programmes, programme, &of_row, &known);
    page.owned = owned;
    page.elsewhere = away(&jurisdiction, &read, &of_row);
    page.to_hand_over = to_hand_over;
    page.strange = strange(&read, &of_row, &known);
    Ok(Page(page).into_response())
}

fn done(word: &str, asked: &Asked, to_hand_over: u64, owned: &[(String, u64)]) -> Option<Notice> {
    let people = asked.people.parse::<u64>().unwrap_or(0);
    let twins: u64 = asked.twins.parse().unwrap_or(0);
    Some(match word {
        "nothing" => {
            Notice::info("新しく登録する人はいません").text("このリストの人は、すべて登録済みです。")
        }
        "registered" => {
            let mut said = String::new();
            let theirs: u64 = asked.owned.parse().unwrap_or(0);
            if theirs > 0 && !owned.is_empty() {
                said.push_str(&owned_words(theirs, owned));
            }
            if to_hand_over > 0 {
                said.push_str("ほかの部署の管内の人がいます。下のボタンで引き継げます。");
            }
            if twins > 0 {
                said.push_str("同じ人かもしれない組が");
                said.push_str(&grouped(twins));
                said.push_str("組あります。連絡の前に見比べてください。");
            }
            let (path, label) = if twins > 0 {
                ("/cases/twins", "見比べる")
            } else {
                ("/cases", "患者の一覧を開く")
            };
            Notice::success(format!("{}人を登録しました", grouped(people)))
                .text(said)
                .link(path, label)
        }
        "handed-over" if people == 0 => Notice::info("引き継ぐ人はいません"),
        "handed-over" => Notice::success(format!("{}人を引き継ぎました", grouped(people)))
            .link("/cases", "患者の一覧を開く"),
        _ => return None,
    })
}

fn owned_words(people: u64, owned: &[(String, u64)]) -> String {
    let names: Vec<&str> = owned.iter().map(|(name, _)| name.as_str()).collect();
    format!(
        "うち{}人は、振り分け規則で決まっている{}の担当です。この部署の患者の一覧には出ません。",
        grouped(people),
        names.join("、")
    )
}

/// To which other offices programmes of the list belong, and how many people become theirs.
async fn owned(
    triage: &Triage,
    staff: &Staff,
    programmes: &Programmes,
    of_row: &HashMap<u32, i64>,
    office: OfficeId,
) -> Result<Vec<(String, u64)>, PageError> {
    let mut counts: BTreeMap<OfficeId, u64> = BTreeMap::new();
    for programme in of_row.values() {
        *counts.entry(programmes.office(*programme, office)).or_default() += 1;
    }
    let offices = triage.offices(staff.org).await?;
    let others = counts.into_iter().filter(|(to, _)| *to != office);
    let named = others.filter_map(|(to, people)| Some((offices.get(&to)?.name.to_string(), people)));
    Ok(named.collect())
}

/// In whose areas people of the list are who are not in that of its office, and how many.
fn away(jurisdiction: &Jurisdiction, read: &Read, of_row: &HashMap<u32, i64>) -> Vec<(String, u64)> {
    let office = read.kept.head.office;
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for (line, told, _) in read.people.iter() {
        let programme = of_row.get(line).copied().unwrap_or(NO_PROGRAMME);
        if let Some(to) = jurisdiction.elsewhere(told, (programme, office)) {
            *counts.entry(to.name.to_string()).or_default() += 1;
        }
    }
    counts.into_iter().collect()
}

/// The list with its rows read, if it is there for this person.
pub(super) async fn read_list(triage: &Triage, staff: &Staff, id: ListId) -> Result<Read, PageError> {
    let kept = load_list(&triage.db, staff.org, id).await.map_err(failed)?;
    let kept = kept
        .filter(|kept| kept.head.role == Role::Cases && may_see(staff, kept.head.office))
        .filter(|kept| kept.head.withdrawn_at.is_none())
        .ok_or(PageError::NotFound)?;
    let offices = triage.offices(staff.org).await?;
    let around = Circumstances {
        received: received_day(kept.head.uploaded_at),
        office: offices
            .get(&kept.head.office)
            .map(|office| office.name.to_string())
            .unwrap_or_default(),
    };
    let sheet = Arc::clone(&kept.sheet);
    // Reading a long list takes a while: not in the way of other requests.
    let (columns, people, nobody) = tokio::task::spawn_blocking(move || {
        let columns = Columns::of(sheet.headings());
        let (mut people, mut nobody) = (Vec::new(), Vec::new());
        for row in sheet.rows() {
            match columns.read(&around, |column| row.cell(column)) {
                ReadRow::Person(told, remarks) => people.push((row.line(), *told, remarks)),
                ReadRow::Nobody(why) => nobody.push((row.line(), why)),
            }
        }
        (columns, people, nobody)
    })
    .await
    .or_bug()?;
    Ok(Read {
        kept,
        columns,
        people: Arc::new(people),
        nobody,
    })
}

/// How many of the new people go to which programme; nothing where all go to the one that was chosen.
fn shares(
    programmes: &Programmes,
    chosen: i64,
    of_row: &HashMap<u32, i64>,
    known: &HashSet<u32>,
) -> Vec<(String, u64)> {
    let mut counts: BTreeMap<i64, u64> = BTreeMap::new();
    let new = of_row.iter().filter(|(line, _)| !known.contains(line));
    for (_, programme) in new {
        *counts.entry(*programme).or_default() += 1;
    }
    if counts.keys().all(|programme| *programme == chosen) {
        return Vec::new();
    }
    let named = counts.into_iter();
    named
        .map(|(programme, people)| (programmes.name(programme).to_owned(), people))
        .collect()
}

/// How the diseases are written whose people no programme takes; the first few.
fn strange(read: &Read, of_row: &HashMap<u32, i64>, known: &HashSet<u32>) -> Vec<String> {
    let people = read.people.iter();
    let lost = people.filter(|(line, ..)| of_row.get(line) == Some(&NO_PROGRAMME) && !known.contains(line));
    let diseases: BTreeSet<&String> = lost
        .filter_map(|(_, told, _)| told.illness.disease.as_ref())
        .collect();
    diseases.into_iter().take(DISEASES_SHOWN).cloned().collect()
}

/// Rows whose person may be a case already, or another row of this list.
async fn twins(
    triage: &Triage,
    staff: &Staff,
    of_row: &HashMap<u32, i64>,
    read: &Read,
    known: &HashSet<u32>,
) -> Result<Vec<TwinRow>, PageError> {
    let vault = triage.db.vault(staff.org).await.map_err(failed)?;
    let (people, known, of_row) = (Arc::clone(&read.people), known.clone(), of_row.clone());
    // Every key is hashed: not in the way of other requests either.
    let fresh: Vec<(u32, String, Vec<CaseKey>)> = tokio::task::spawn_blocking(move || {
        people
            .iter()
            .filter(|(line, ..)| !known.contains(line))
            .map(|(line, told, _)| {
                let programme = of_row.get(line).copied().unwrap_or(NO_PROGRAMME);
                let keys = CaseKey::twins(&vault, programme, &told.person);
                (*line, masked_name(Some(told)), keys)
            })
            .collect()
    })
    .await
    .or_bug()?;
    let all: Vec<CaseKey> = fresh.iter().flat_map(|(.., keys)| keys.iter().copied()).collect();
    let cases: HashMap<i64, CaseId> = known_keys(&triage.db, staff.org, &all)
        .await
        .map_err(failed)?
        .into_iter()
        .collect();
    let mut here: HashMap<i64, u32> = HashMap::new();
    let mut found = Vec::new();
    for (line, name, keys) in fresh {
        let is_case = keys.iter().any(|key| cases.contains_key(&key.index()));
        let other = keys.iter().find_map(|key| here.get(&key.index()).copied());
        let with = match (is_case, other) {
            (true, _) => Some("登録済みの人".to_owned()),
            (false, Some(other)) => Some(format!("{other}行目")),
            (false, None) => None,
        };
        if let Some(with) = with {
            found.push(TwinRow { line, name, with });
        }
        for key in keys {
            here.entry(key.index()).or_insert(line);
        }
    }
    Ok(found)
}

fn check(id: ListId, read: &Read, known: &HashSet<u32>, mut twins: Vec<TwinRow>, shell: Shell) -> Check {
    let count = |wanted: &dyn Fn(&CaseNotification) -> bool| {
        read.people
            .iter()
            .filter(|(line, told, _)| !known.contains(line) && wanted(told))
            .count() as u64
    };
    let remarks = |unread: bool| {
        let rows = read
            .people
            .iter()
            .flat_map(|(line, told, remarks)| remarks.iter().map(move |remark| (*line, told, remark)));
        let all: Vec<Row> = rows
            .filter(|(.., remark)| remark.unread == unread)
            .map(|(line, told, remark)| Row {
                line,
                name: masked_name(Some(told)),
                heading: remark.heading.clone(),
                sentence: remark.sentence.clone(),
            })
            .collect();
        cut(all)
    };
    let ((unread, unread_more), (notes, notes_more)) = (remarks(true), remarks(false));
    let (nobody, nobody_more) = cut(read.nobody.clone());
    let twins_more = (twins.len().saturating_sub(REMARKS_SHOWN)) as u64;
    twins.truncate(REMARKS_SHOWN);
    let head = &read.kept.head;
    let known_here: BTreeSet<u32> = read
        .people
        .iter()
        .map(|(line, ..)| *line)
        .filter(|line| known.contains(line))
        .collect();
    Check {
        id,
        programme: 0,
        choice: None,
        programmes: Vec::new(),
        strange: Vec::new(),
        owned: Vec::new(),
        elsewhere: Vec::new(),
        to_hand_over: 0,
        file_name: head.file_name.clone(),
        at: head.uploaded_at,
        columns: read
            .columns
            .meanings()
            .iter()
            .map(|(column, meaning)| (read.columns.heading(*column).to_owned(), meaning.label()))
            .collect(),
        ignored: read.columns.ignored().map(str::to_owned).collect(),
        is_list: read.columns.are_of_people(),
        people: read.people.len() as u64,
        new: (read.people.len() - known_here.len()) as u64,
        known: known_here.len() as u64,
        mobile: count(&|told| !told.person.mobiles.is_empty()),
        landline: count(&|told| told.person.mobiles.is_empty() && !told.person.landlines.is_empty()),
        no_number: count(&|told| told.person.mobiles.is_empty() && told.person.landlines.is_empty()),
        unread,
        unread_more,
        notes,
        notes_more,
        nobody,
        nobody_more,
        twins,
        twins_more,
        shell,
    }
}

/// The first ones, and how many more there are.
fn cut<T>(mut all: Vec<T>) -> (Vec<T>, u64) {
    let more = all.len().saturating_sub(REMARKS_SHOWN) as u64;
    all.truncate(REMARKS_SHOWN);
    (all, more)
}

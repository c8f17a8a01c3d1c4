//! `GET /intake/{id}`: what was understood of a case list, before anybody becomes a case of it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use accounts::{SignedIn, Staff};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::{ListId, OfficeId};
use lists::code::Code;
use messaging::pages::Answer;
use serde::Deserialize;
use web::form::Field;
use web::number::grouped;
use web::ui::Notice;
use web::{Id, Page, PageError, Shell};

use super::Triage;
use super::case_area::Jurisdiction;
use super::case_words::masked_name;
use super::intake_columns::fields;
use super::intake_known::{Known, TwinRow};
use super::intake_read::{Read, read_list};
use super::rules_now::{NO_PROGRAMME, Programmes};
use crate::intake::Meaning;
use crate::limits::{DISEASES_SHOWN, REMARKS_SHOWN};
use crate::notification::Person;
use crate::reach::own_number;

/// What a form or an address says so that those are taken once more whose record is there already.
pub(super) const SAME_TOO: &str = "1";

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    programme: String,
    people: String,
    twins: String,
    /// How many became another office's, because their programme belongs to it.
    owned: String,
    /// Whether those are taken once more whose record is there already.
    same: String,
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
    /// What to do with the columns whose heading nobody knows.
    unknown: Vec<Field>,
    is_list: bool,
    people: u64,
    new: u64,
    known: u64,
    /// How many records are there already, letter for letter; and whether they are taken once more.
    same: u64,
    same_too: bool,
    /// Values that stand beside other people: nobody is registered.
    stops: Vec<String>,
    /// By what somebody says that the list is right all the same, where the source does not say otherwise.
    sure: Option<Field>,
    /// What is to be looked at between the rows.
    looks: Vec<String>,
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
    let of_row = programmes.of_rows(&read, programme);
    let known = Known::of(&triage, staff, &read, &of_row).await?;
    let same_too = asked.same == SAME_TOO;
    let left_out = known.left_out(same_too);
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
    let mut page = check(&read, known, &left_out, shell.titled("発生届のリストの確認"));
    page.same_too = same_too;
    page.programme = programme;
    page.choice = programmes.field(programme);
    page.programmes = shares(&programmes, programme, &of_row, &left_out);
    page.owned = owned;
    page.elsewhere = away(&jurisdiction, &read, &of_row);
    page.to_hand_over = to_hand_over;
    page.strange = strange(&read, &of_row, &left_out);
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
        "columns" => Notice::success("列の読み取り方を決めました")
            .text("この部署の次のリストでも、同じ名前の列は同じように読み取ります。"),
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

/// How many of the new people go to which programme; nothing where all go to the one that was chosen.
fn shares(
    programmes: &Programmes,
    chosen: i64,
    of_row: &HashMap<u32, i64>,
    left_out: &HashSet<u32>,
) -> Vec<(String, u64)> {
    let mut counts: BTreeMap<i64, u64> = BTreeMap::new();
    let new = of_row.iter().filter(|(line, _)| !left_out.contains(line));
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
fn strange(read: &Read, of_row: &HashMap<u32, i64>, left_out: &HashSet<u32>) -> Vec<String> {
    let people = read.people.iter();
    let lost =
        people.filter(|(line, ..)| of_row.get(line) == Some(&NO_PROGRAMME) && !left_out.contains(line));
    let diseases: BTreeSet<&String> = lost
        .filter_map(|(_, told, _)| told.illness.disease.as_ref())
        .collect();
    diseases.into_iter().take(DISEASES_SHOWN).cloned().collect()
}

fn check(read: &Read, known: Known, left_out: &HashSet<u32>, shell: Shell) -> Check {
    let people = read.people.iter();
    let left = people.filter(|(line, ..)| !left_out.contains(line));
    let left: Vec<&Person> = left.map(|(_, told, _)| &told.person).collect();
    let count = |wanted: &dyn Fn(&Person) -> bool| left.iter().filter(|one| wanted(one)).count() as u64;
    let mobile = |person: &Person| own_number(person, read.received).is_some();
    let telephone = |person: &Person| {
        !(mobile(person) || person.landlines.is_empty() && person.guardian_mobiles.is_empty())
    };
    // Before the columns are chosen every row would be told to lack its name.
    let is_list = read.columns.are_of_people();
    let remarks = |unread: bool| {
        let rows = read
            .people
            .iter()
            .flat_map(|(line, told, remarks)| remarks.iter().map(move |remark| (*line, told, remark)));
        let all: Vec<Row> = rows
            .filter(|(.., remark)| remark.unread == unread && is_list)
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
    let columns = read.columns.meanings().iter();
    let columns = columns.filter(|(_, meaning)| *meaning != Meaning::Unknown);
    let (twins, twins_more) = cut(known.twins);
    let head = &read.kept.head;
    Check {
        id: head.id,
        programme: 0,
        choice: None,
        programmes: Vec::new(),
        strange: Vec::new(),
        owned: Vec::new(),
        elsewhere: Vec::new(),
        to_hand_over: 0,
        file_name: head.file_name.clone(),
        at: head.uploaded_at,
        columns: columns
            .map(|(column, meaning)| (read.columns.heading(*column).to_owned(), meaning.label()))
            .collect(),
        unknown: fields(read),
        is_list,
        people: read.people.len() as u64,
        new: left.len() as u64,
        known: known.cases.len() as u64,
        same: known.same.len() as u64,
        same_too: false,
        stops: known.stops,
        sure: (!known.is_certain).then(sure_field),
        looks: known.looks.into_iter().chain(said_of_the_file(read)).collect(),
        mobile: count(&mobile),
        landline: count(&telephone),
        no_number: count(&|person: &Person| !mobile(person) && !telephone(person)),
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

/// What the reader took for headings, titles and sheets.
fn said_of_the_file(read: &Read) -> impl Iterator<Item = String> {
    let findings = read.kept.sheet.understood().findings.iter();
    // Rows that are nobody are named one by one.
    let known = [Code::FileRead, Code::RowsHeaderAgain];
    let said = findings.filter(move |finding| !known.contains(&finding.code));
    said.map(|finding| finding.message.clone())
}

/// Why the list is right all the same.
fn sure_field() -> Field {
    Field::text("sure", "何と照らし合わせて確かめたか")
        .required()
        .support("例: 届出の原本と、全員の氏名と電話番号を照らし合わせた。だれが確かめたかといっしょに記録に残ります。")
}

/// The first ones, and how many more there are.
fn cut<T>(mut all: Vec<T>) -> (Vec<T>, u64) {
    let more = all.len().saturating_sub(REMARKS_SHOWN) as u64;
    all.truncate(REMARKS_SHOWN);
    (all, more)
}

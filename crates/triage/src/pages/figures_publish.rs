//! `GET /figures/published`, `GET /figures/published/file`: a week's figures for publication. Small numbers are hidden,
//! with as many others as it takes that no sum gives them away. For the head office, which publishes for all.

use std::collections::BTreeMap;

use accounts::{SignedIn, Staff, audit};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use base::id::OfficeId;
use messaging::export::ExportForm;
use messaging::pages::{Answer, failed, scope};
use messaging::table_file::TableFile;
use serde::Deserialize;
use web::form::{Choice, Field};
use web::{Page, PageError, Shell};

use super::Triage;
use super::figures_asked::Day;
use super::figures_table::{Cell, Table, in_words};
use super::figures_view::long;
use crate::case::received_day;
use crate::counting::days;
use crate::figures::publish::{Published, SHARED, share, suppressed};
use crate::figures::{Period, Sums};
use crate::store::programmes::programmes;

/// Weeks to choose from.
const WEEKS: u16 = 26;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    week: String,
    programme: String,
    form: String,
}

#[derive(Template)]
#[template(path = "figures_published.html")]
struct FiguresPublished {
    shell: Shell,
    fields: Vec<Field>,
    period: String,
    programme: String,
    query: String,
    tables: Option<[Table; 2]>,
}

/// A week of a programme, as it may be published.
struct Publication {
    week: Period,
    programme: Option<(i64, String)>,
    fields: Vec<Field>,
    tables: Option<[Table; 2]>,
}

pub(super) async fn show(
    State(triage): State<Triage>,
    session: SignedIn,
    Query(asked): Query<Asked>,
    shell: Shell,
) -> Answer {
    let publication = publication(&triage, &session.staff, &asked).await?;
    let programme = publication.programme.as_ref();
    let page = FiguresPublished {
        fields: publication.fields,
        period: publication.week.label(),
        query: format!(
            "week={}&programme={}",
            publication.week.first(),
            programme.map_or_else(String::new, |(id, _)| id.to_string())
        ),
        programme: programme.map_or_else(String::new, |(_, name)| name.clone()),
        tables: publication.tables,
        shell: shell.titled("公表用の統計"),
    };
    Ok(Page(page).into_response())
}

pub(super) async fn file(
    State(triage): State<Triage>,
    session: SignedIn,
    Query(asked): Query<Asked>,
) -> Answer {
    let form = ExportForm::from_code(&asked.form).ok_or(PageError::NotFound)?;
    let publication = publication(&triage, &session.staff, &asked).await?;
    let [by_office, by_day] = publication.tables.ok_or(PageError::NotFound)?;
    let what = format!("公表用の統計（{}）", publication.week.label());
    audit::note(what.clone());
    let mut about = vec![what];
    about.extend(
        publication
            .programme
            .map(|(_, name)| format!("プログラム: {name}")),
    );
    about.extend(RULES.map(str::to_owned));
    let name = format!("todoke-published-{}", publication.week.first());
    let file: TableFile = joined(by_office, by_day).file(name, &about);
    file.answer(form).await
}

/// What a reader of a publication has to know.
pub(super) const RULES: [&str; 4] = [
    "「5未満」は1人から4人です。0人は0と書きます。",
    "「非公表」は、合計からの引き算で5未満の数が分かってしまうため、公表しない数です。",
    "24時間以内の割合と中央値は、20人以上で、どちらの側も5人以上の部署だけに書きます。数を隠した週は、合計には書きません。",
    "記録の訂正や統合で、同じ週の数が後から変わることがあります。一度公表した週を変わった数で公表すると、引き算で小さな数が分かることがあります。",
];

/// One table below the other.
fn joined(mut one: Table, other: Table) -> Table {
    let width = one.headings.len();
    one.rows.extend(one.total.take());
    one.rows.push(vec![Cell::text(""); width]);
    for mut row in other.rows.into_iter().chain(other.total) {
        row.resize(width, Cell::text(""));
        one.rows.push(row);
    }
    one
}

async fn publication(triage: &Triage, staff: &Staff, asked: &Asked) -> Result<Publication, PageError> {
    // Whatever an office publishes by itself could be taken from what all publish together.
    if scope(staff).is_some() {
        return Err(PageError::NotFound);
    }
    let today = received_day(triage.db.now());
    // A day has to go by for everybody of it.
    let newest = Period::week_of(today.plus_days(-8).unwrap_or(today));
    let week = asked.week.parse::<Day>().ok().map(|day| Period::week_of(day.0));
    let week = week.filter(|week| (0..3_650).contains(&newest.first().days_since(week.first())));
    let week = week.unwrap_or(newest);
    let known = programmes(&triage.db, staff.org).await.map_err(failed)?;
    let known: Vec<(i64, String)> = known.into_iter().map(|one| (one.id.get(), one.name)).collect();
    let wanted = asked.programme.parse::<i64>().ok();
    let programme = known.iter().find(|(id, _)| Some(*id) == wanted).or(known.first());
    let mut sums = days(&triage.db, staff.org, week).await.map_err(failed)?;
    sums.programme = programme.map(|(id, _)| *id);
    let offices = triage.offices(staff.org).await?;
    let offices: BTreeMap<OfficeId, String> = offices
        .into_iter()
        .map(|(id, office)| (id, office.name.to_string()))
        .collect();
    Ok(Publication {
        week,
        fields: fields(newest, week, &known, programme),
        programme: programme.cloned(),
        tables: tables(&sums, week, &offices),
    })
}

fn fields(
    newest: Period,
    chosen: Period,
    known: &[(i64, String)],
    programme: Option<&(i64, String)>,
) -> Vec<Field> {
    let weeks = (0..i32::from(WEEKS)).filter_map(|back| newest.first().plus_days(-7 * back));
    let weeks = weeks.map(|monday| Choice::new(monday, Period::week_of(monday).label()));
    let mut fields = vec![Field::select("week", "週", weeks.collect()).value(chosen.first())];
    if let Some((id, _)) = programme.filter(|_| known.len() > 1) {
        let choices = known.iter().map(|(id, name)| Choice::new(id, name)).collect();
        fields.push(Field::select("programme", "プログラム", choices).value(id));
    }
    fields
}

/// By office and by day; nothing if so few came that even a sum would tell of single people.
fn tables(sums: &Sums, week: Period, offices: &BTreeMap<OfficeId, String>) -> Option<[Table; 2]> {
    let by_office = sums.by_office(week);
    let of = |office: &OfficeId| by_office.get(office).copied().unwrap_or(0);
    let shown: Vec<(&OfficeId, &String)> = offices
        .iter()
        .filter(|(id, _)| **id != OfficeId::HEADQUARTERS || of(id) > 0)
        .collect();
    let numbers: Vec<u64> = shown.iter().map(|(id, _)| of(id)).collect();
    let daily: Vec<u64> = sums.daily(week).into_iter().map(u64::from).collect();
    let (published, published_daily) = (suppressed(&numbers)?, suppressed(&daily)?);
    let total = numbers.iter().sum::<u64>();
    let latencies = sums.first_contact(week);
    let mut offices = Table::new(&[
        "部署",
        "届いた人",
        "24時間以内に連絡がついた割合",
        "連絡がつくまでの時間の中央値",
    ]);
    for ((id, name), number) in shown.iter().zip(&published) {
        let latency = latencies.get(id).map(|(latency, _)| latency);
        // What a number would tell, its share must not tell either.
        let latency = latency.filter(|_| matches!(number, Published::Number(_)));
        let mut row = vec![Cell::text(name.as_str()), cell(*number)];
        row.extend(speed(latency));
        offices.rows.push(row);
    }
    let mut row = vec![Cell::text("合計"), Cell::Count(total)];
    // Less those of the offices that are shown it would tell of the hidden ones.
    let is_whole = published
        .iter()
        .all(|number| matches!(number, Published::Number(_)));
    row.extend(speed(is_whole.then(|| sums.latency(week)).as_ref()));
    offices.total = Some(row);
    let mut days = Table::new(&["届いた日", "届いた人"]);
    for (day, number) in week.days().zip(published_daily) {
        days.rows.push(vec![Cell::text(long(day)), cell(number)]);
    }
    days.total = Some(vec![Cell::text("合計"), Cell::Count(total)]);
    Some([offices, days])
}

fn cell(number: Published) -> Cell {
    match number {
        Published::Number(number) => Cell::Count(number),
        hidden => Cell::text(hidden.label()),
    }
}

fn speed(latency: Option<&crate::figures::Latency>) -> [Cell; 2] {
    let told = latency.and_then(|latency| {
        let share = share(latency.within_a_day(), latency.people())?;
        Some((share, latency))
    });
    match told {
        Some((share, latency)) => {
            debug_assert!(latency.people() >= SHARED);
            let half = latency.percentile(50).map_or_else(|| "まだ".to_owned(), in_words);
            [Cell::text(format!("{share}%")), Cell::text(half)]
        }
        None => [Cell::text("非公表"), Cell::text("非公表")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::{Cell as CountedCell, DayCount};

    fn week(people: &[(i64, u32)]) -> (Sums, Period, BTreeMap<OfficeId, String>) {
        let monday = base::date::parse("2022-02-07")
            .ok()
            .and_then(base::date::Parsed::full);
        let week = Period::week_of(monday.expect("a day"));
        let mut count = DayCount::default();
        for (office, number) in people {
            let cell = serde_json::json!({
                "office": office, "programme": 1, "hours": vec![*number; 1].into_iter()
                    .chain(std::iter::repeat_n(0, 23)).collect::<Vec<u32>>(),
                "onset": {}, "diagnosed": {}, "outcomes": {}, "calls": {},
                "latency": {"reached": {"60": number - number / 4}, "missed": number / 4}, "young": 0,
            });
            count
                .cells
                .push(serde_json::from_value::<CountedCell>(cell).expect("as it is kept"));
        }
        let mut sums = Sums::default();
        sums.days.insert(week.first(), count);
        let offices = people
            .iter()
            .map(|(id, _)| (OfficeId::new(*id), format!("第{id}保健所")));
        (sums, week, offices.collect())
    }

    #[test]
    fn a_small_office_is_not_found_by_taking_the_others_from_the_whole() {
        let (sums, week, offices) = week(&[(2, 3), (3, 20), (4, 41)]);
        let [by_office, by_day] = tables(&sums, week, &offices).expect("enough people");
        let shown: Vec<String> = by_office.rows.iter().map(|row| row[1].shown()).collect();
        assert_eq!(shown, ["5未満", "非公表", "41"]);
        let total = by_office.total.expect("a sum");
        assert_eq!(
            total[2].shown(),
            "非公表",
            "less the office that is shown it tells of the others"
        );
        assert_eq!(by_day.rows[0][1].shown(), "64");
    }

    #[test]
    fn a_week_of_a_handful_is_not_published() {
        let (sums, week, offices) = week(&[(2, 3), (3, 0)]);
        assert!(tables(&sums, week, &offices).is_none());
    }
}

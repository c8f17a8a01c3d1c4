//! A programme in force and the morning's notifications of three health centres, so that no page of cases is empty at
//! the start. Nobody of them exists.

use std::fmt::Write as _;

use base::clock::DAY;
use base::date::CalendarDate;
use base::id::{OfficeId, OrgId, StaffId};
use db::Db;
use lists::read::ReadOptions;
use lists::store::{NewList, Role, Settings, add_list, load_list};
use messaging::store::templates;
use messaging::template::Purpose;
use triage::case::{CaseSource, NewCase, received_day};
use triage::intake::{Circumstances, Columns, ReadRow};
use triage::programme::examples;
use triage::store::programmes::install_in;
use triage::store::{cases, programmes};

use super::Failure;

const ORG: OrgId = OrgId::FIRST;

/// People of each list.
const PEOPLE: usize = 12;

const SURNAMES: [(&str, &str); 6] = [
    ("見本", "ミホン"),
    ("例示", "レイジ"),
    ("手本", "テホン"),
    ("架空", "カクウ"),
    ("試作", "シサク"),
    ("想定", "ソウテイ"),
];

/// Name, reading, year of birth, what makes somebody ill badly, how ill.
const OTHERS: [(&str, &str, u16, &str, &str); 6] = [
    ("花子", "ハナコ", 1985, "なし", "軽症"),
    ("一郎", "イチロウ", 1949, "糖尿病", "軽症"),
    ("桜", "サクラ", 1996, "なし", "軽症"),
    ("健", "ケン", 1972, "高血圧", "中等症1"),
    ("翔", "ショウ", 2016, "なし", "軽症"),
    ("みどり", "ミドリ", 1958, "なし", "軽症"),
];

/// Takes COVID-19 of 2022 over, and a list of each of the first centres in.
pub(super) async fn cases(db: &Db, centres: &[OfficeId], by: StaffId) -> Result<(), Failure> {
    let example = examples().into_iter().next();
    let mut example = example.ok_or_else(|| Failure::Nothing("振り分け規則の例がありません。".to_owned()))?;
    // What comes with the demo: the first text of the prefecture, then the other.
    let all = templates(db, ORG).await?;
    let first = all
        .iter()
        .filter(|row| row.current.content.purpose == Purpose::FirstTouch);
    let mut texts: Vec<i64> = first.map(|row| row.id.get()).collect();
    texts.sort_unstable();
    for version in &mut example.versions {
        version.content.first_texts.clone_from(&texts);
    }
    let now = db.now();
    let installed = db.write(move |tx| {
        let example = example.clone();
        Box::pin(async move { install_in(tx, ORG, &example, None, now).await })
    });
    let programme = installed.await?;
    for (centre, office) in centres.iter().enumerate() {
        take(db, programme, (centre, *office), by).await?;
    }
    Ok(())
}

/// One upload, as the page does it.
async fn take(
    db: &Db,
    programme: base::id::ProgrammeId,
    (centre, office): (usize, OfficeId),
    by: StaffId,
) -> Result<(), Failure> {
    let name = format!("発生届_{}.csv", centre + 1);
    let text = list(centre, db.now());
    let read = lists::read::read(&name, text.as_bytes(), &ReadOptions::default());
    let sheet = read.map_err(|problem| Failure::Nothing(problem.to_string()))?;
    let new = NewList {
        role: Role::Cases,
        reference: None,
        office,
        sheet,
        settings: Settings::default(),
        by,
    };
    let list = add_list(db, ORG, new).await?;
    let gone = || Failure::Nothing("登録したリストがありません。".to_owned());
    let kept = load_list(db, ORG, list).await?.ok_or_else(gone)?;
    let around = Circumstances {
        is_typed: false,
        received: received_day(kept.head.uploaded_at),
        office: String::new(),
    };
    let columns = Columns::of(kept.sheet.headings());
    let people = kept
        .sheet
        .rows()
        .filter_map(|row| match columns.read(&around, |column| row.cell(column)) {
            ReadRow::Person(told, _) => Some(NewCase {
                office,
                source: CaseSource::Row {
                    list,
                    line: row.line(),
                },
                notification: *told,
            }),
            ReadRow::Nobody(_) => None,
        });
    let people: Vec<NewCase> = people.collect();
    let rules = programmes::in_force(db, ORG, programme).await?;
    cases::add(db, ORG, programme.get(), &rules, Some(by), people).await?;
    Ok(())
}

fn list(centre: usize, now: i64) -> String {
    let day =
        |ago: i64| CalendarDate::in_japan(now - ago * DAY).map_or_else(String::new, |day| day.to_string());
    let mut text = "HER-SYS ID,氏名,フリガナ,生年月日,性別,電話番号,住所,診断類型,症状,発病日,診断日,重症化リスク因子,妊娠,SpO2,重症度,入院の必要\n".to_owned();
    for nth in 0..PEOPLE {
        let number = centre * PEOPLE + nth;
        let (surname, reading) = SURNAMES[(number * 5 + centre) % SURNAMES.len()];
        let (name, kana, year, risk, severity) = OTHERS[(number * 7 + nth) % OTHERS.len()];
        let _ = writeln!(
            text,
            "{:08},{surname}　{name},{reading}　{kana},{}/{}/{},{},090-1550-{:04},青葉市本町{}-{},確定,発熱、咳,{},{},{risk},なし,98,{severity},なし",
            44_000_000 + number,
            year + u16::try_from(nth % 9).unwrap_or(0),
            1 + nth % 12,
            1 + (number * 3) % 28,
            if nth % 2 == 0 { "女" } else { "男" },
            number + 1,
            1 + centre,
            1 + nth,
            day(2 + i64::try_from(nth % 3).unwrap_or(0)),
            day(1),
        );
    }
    text
}

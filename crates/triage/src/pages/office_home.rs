//! What the home page of the head office warns of: people and calls that lie where nobody works any more.

use accounts::{Permission, Staff};
use base::id::OfficeId;
use db::Db;
use messaging::pages::{HomeAlarm, HomeAlarms, failed, scope};
use web::number::grouped;

use crate::store::owners::{over, places};

/// For the home page, which knows no cases.
pub fn warn_of_closed_offices() -> HomeAlarms {
    HomeAlarms::new(|db, staff| Box::pin(alarms(db, staff)))
}

async fn alarms(db: Db, staff: Staff) -> Result<Vec<HomeAlarm>, web::PageError> {
    let hands_over = staff.may(Permission::WorkCases);
    if scope(&staff).is_some() || !(hands_over || staff.may(Permission::ManageOrganisation)) {
        return Ok(Vec::new());
    }
    let closed = over(&db, staff.org).await.map_err(failed)?;
    // Most of the time no office has closed, and nothing is counted.
    if closed.is_empty() {
        return Ok(Vec::new());
    }
    let places = places(&db, staff.org).await.map_err(failed)?;
    let mut found = Vec::new();
    for (office, name) in closed {
        let of_office = places.iter().filter(|one| one.office == office);
        let people = of_office.map(|one| one.people).sum();
        let calls = lists::calls::open_count(&db, staff.org, Some(office)).await;
        let calls = u64::from(calls.map_err(failed)?);
        if people + calls > 0 {
            found.push(alarm(office, &name, (people, calls), hands_over));
        }
    }
    Ok(found)
}

fn alarm(office: OfficeId, name: &str, (people, calls): (u64, u64), hands_over: bool) -> HomeAlarm {
    let (what, href, label) = if hands_over {
        let href = format!("/cases/hand-over?office={office}");
        ("別の部署にまとめて引き継いでください。", href, "まとめて引き継ぐ")
    } else {
        let words = "本庁のケース担当者に、別の部署への引き継ぎを頼んでください。";
        (words, "/offices".to_owned(), "部署を見る")
    };
    HomeAlarm {
        title: format!(
            "{name}に、患者{}人と電話{}件が残っています",
            grouped(people),
            grouped(calls)
        ),
        text: format!("契約の最終日を過ぎたか、閉じられているため、いまはだれも対応していません。{what}"),
        href,
        label,
    }
}

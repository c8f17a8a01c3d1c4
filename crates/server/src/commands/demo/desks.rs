//! The desks that ship, open for visitors: as a resident finds them. The product named in one of them does not exist.

use base::date::CalendarDate;
use base::id::{OfficeId, OrgId, StaffId};
use db::Db;
use desk::document::{ClockTime, DeskDocument, Kit, Reviewer, ShippedDesk, shipped};
use desk::form::Key;
use desk::{store, texts};
use web::Language;

use super::Failure;

/// Takes all of them over as the product's own, approved. `by` stands in their texts as who wrote them.
pub(super) async fn desks(db: &Db, by: StaffId) -> Result<(), Failure> {
    let org = OrgId::FIRST;
    let from = CalendarDate::new(2026, 1, 1).expect("a day");
    for one in shipped() {
        let document = in_the_demo(&one.document);
        let office = OfficeId::HEADQUARTERS;
        let Some(id) = store::install(db, org, office, from, &document).await? else {
            continue;
        };
        if let Some(row) = store::desk(db, org, id).await? {
            texts::publish(db, org, (&row, &document), by, None).await?;
        }
    }
    Ok(())
}

/// A line for each.
pub(super) fn lines(origin: &str) -> Vec<String> {
    let title = |one: &ShippedDesk| {
        let says = one.document.document();
        let title = says.title.of(Language::Japanese).unwrap_or(says.key.as_str());
        format!("{title}: {origin}/d/{}", says.key)
    };
    std::iter::once("住民が申請する窓口".to_owned())
        .chain(shipped().iter().map(title))
        .collect()
}

/// Open day and night, with products where one is photographed, and with a second doctor for every refusal, so that the
/// pages of the second look have somebody on them.
fn in_the_demo(document: &DeskDocument) -> DeskDocument {
    let mut says = document.document().clone();
    says.hours.closed_on.clear();
    let (opens, closes) = ("00:00", "24:00");
    for (time, text) in [(&mut says.hours.opens, opens), (&mut says.hours.closes, closes)] {
        *time = ClockTime::parse(text).expect("a time");
    }
    says.review.second_look.refusals = says.review.by == Reviewer::Doctor;
    if !says.photos.is_empty() {
        says.kits = KITS
            .into_iter()
            .map(|(key, name)| Kit {
                key: Key::parse(key).expect("a name of ours"),
                name: name.to_owned(),
                maker: "みどり薬品（架空）".to_owned(),
            })
            .collect();
    }
    DeskDocument::of(says).expect("the desk that ships, open longer")
}

const KITS: [(&str, &str); 2] = [
    ("midori_quick", "みどりクイック抗原検査（一般用）"),
    ("midori_line", "みどりライン抗原検査（医療用）"),
];

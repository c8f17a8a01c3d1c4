//! The desks that ship, open for visitors: as a resident finds them. The product named in one of them does not exist.

use accounts::Accounts;
use base::date::CalendarDate;
use base::id::{OfficeId, OrgId};
use db::Db;
use desk::document::{DeskDocument, Kit, shipped};
use desk::form::Key;
use desk::{store, texts};

use super::Failure;
use super::prefecture::HEAD;

/// Installs each, and gives a line for each.
pub(super) async fn desks(db: &Db, accounts: &Accounts, origin: &str) -> Result<Vec<String>, Failure> {
    let today = CalendarDate::in_japan(db.now()).expect("the clock stands in a year that has days here");
    let head = accounts.account(HEAD.login).await?;
    let mut lines = vec!["住民が申請する窓口".to_owned()];
    for one in shipped() {
        let document = in_the_demo(&one.document);
        let made = store::install(db, OrgId::FIRST, OfficeId::HEADQUARTERS, today, &document).await?;
        if let Some((id, author)) = made.zip(head.as_ref()) {
            let row = store::desk(db, OrgId::FIRST, id).await?;
            if let Some(row) = row {
                texts::publish(db, OrgId::FIRST, (&row, &document), author.id, None).await?;
            }
        }
        let says = document.document();
        let title = says.title.of(web::Language::Japanese).unwrap_or(says.key.as_str());
        lines.push(format!("{title}: {origin}/d/{}", says.key));
    }
    Ok(lines)
}

/// Open day and night, and with products where one is photographed.
fn in_the_demo(document: &DeskDocument) -> DeskDocument {
    let mut says = document.document().clone();
    says.hours.closed_on.clear();
    let (opens, closes) = ("00:00", "24:00");
    for (time, text) in [(&mut says.hours.opens, opens), (&mut says.hours.closes, closes)] {
        *time = desk::document::ClockTime::parse(text).expect("a time");
    }
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

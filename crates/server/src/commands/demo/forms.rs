//! Personal links to the shipped forms, for visitors who want to see what a resident sees. Whom they are about does
//! not exist.

use base::clock::DAY;
use base::date::CalendarDate;
use base::id::OrgId;
use db::Db;
use desk::form::Key;
use desk::{NewRequest, Subject, store};
use web::Language;

use super::Failure;

/// What each link is for: its form, from when and for how many days.
const SAMPLES: [(&str, &str, i64, i64); 4] = [
    ("健康観察", "observation", 0, 7),
    ("感染症についての聞き取り", "interview", 0, 7),
    ("明日から答えられる健康観察", "observation", 1, 7),
    ("期限の過ぎた健康観察", "observation", -7, 6),
];

/// Asks with each form, and gives a line for each link.
pub(super) async fn ask(db: &Db, origin: &str) -> Result<Vec<String>, Failure> {
    let vault = db.vault(OrgId::FIRST).await?;
    let now = db.now();
    let mut lines = vec!["住民が答える質問（生年月日は 1985年4月3日）".to_owned()];
    for (number, (label, form, from, days)) in (1..).zip(SAMPLES) {
        let new = NewRequest {
            form: key(form),
            subject: Subject {
                kind: key("sample"),
                id: number,
            },
            birth_date: CalendarDate::new(1985, 4, 3).expect("a day"),
            language: Language::Japanese,
            contact: Some("あおば保健所（架空）048-000-2345".to_owned()),
            valid_from: now + from * DAY,
            valid_until: now + (from + days) * DAY,
            message: None,
            asked_by: None,
        };
        let (shared, vault) = (db.clone(), vault.clone());
        let asked = db.write(move |tx| {
            let (db, vault, new) = (shared.clone(), vault.clone(), new.clone());
            Box::pin(async move { store::ask(&db, tx, OrgId::FIRST, &vault, &new, now).await })
        });
        if let Some(asked) = asked.await? {
            lines.push(format!("{label}: {origin}{}", asked.token.path()));
        }
    }
    Ok(lines)
}

fn key(text: &str) -> Key {
    Key::parse(text).expect("a name of ours")
}

//! A resident host over one database, somebody who is asked, and a browser.

use std::net::{IpAddr, Ipv4Addr};

use accounts::{Accounts, Name, SourceAddress};
use axum::{Extension, Router};
use base::clock::{Clock, DAY};
use base::date::CalendarDate;
use base::id::{MessageId, OrgId};
use db::Db;
use db::testing::TestDatabase;
use desk::form::Key;
use desk::pages::{FormDesk, form_pages};
use desk::{Asked, NewRequest, Subject, store};
use web::Language;

pub(crate) use crate::browser::{Browser, Seen};

pub(crate) const ORG: OrgId = OrgId::FIRST;
/// 2026-11-22 14:05:09 in Japan.
pub(crate) const START: i64 = 1_795_323_909_000;
pub(crate) const HELP: &str = "みどり県 感染症対策課 電話 000-000-0000";
pub(crate) const CENTRE: &str = "あおば保健所 000-000-0001";

pub(crate) fn key(text: &str) -> Key {
    Key::parse(text).unwrap()
}

pub(crate) fn case(id: i64) -> Subject {
    Subject {
        kind: key("case"),
        id,
    }
}

pub(crate) struct Residents {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) app: Router,
    _database: TestDatabase,
}

impl Residents {
    /// One on each database that there is.
    pub(crate) async fn each() -> Vec<Self> {
        let mut all = Vec::new();
        let clock = Clock::manual(START);
        for database in TestDatabase::each(&clock).await {
            all.push(Self::on(database).await);
        }
        all
    }

    async fn on(mut database: TestDatabase) -> Self {
        let clock = Clock::manual(START);
        database.options.clock = clock.clone();
        let db = database.open().await.unwrap();
        let accounts = Accounts::new(db.clone(), false);
        accounts
            .set_organisation_name(ORG, Name::parse("みどり県").unwrap())
            .await
            .unwrap();
        let desk = FormDesk {
            db: db.clone(),
            accounts,
            help: HELP.to_owned(),
            https: true,
        };
        let source = SourceAddress(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));
        let app = form_pages(desk)
            .layer(Extension(source))
            .layer(axum::middleware::from_fn_with_state(true, web::headers::layer));
        Self {
            db,
            clock,
            app,
            _database: database,
        }
    }

    pub(crate) fn request(&self, form: &str) -> NewRequest {
        NewRequest {
            form: key(form),
            subject: case(7),
            birth_date: CalendarDate::new(1985, 4, 3).unwrap(),
            language: Language::Japanese,
            contact: Some(CENTRE.to_owned()),
            valid_from: self.clock.now(),
            valid_until: self.clock.now() + 3 * DAY,
            message: Some(MessageId::new(70)),
            asked_by: None,
        }
    }

    pub(crate) async fn ask_with(&self, new: NewRequest) -> Asked {
        let (db, vault, now) = (self.db.clone(), self.db.vault(ORG).await.unwrap(), self.db.now());
        let asked = self.db.write(move |tx| {
            let (db, vault, new) = (db.clone(), vault.clone(), new.clone());
            Box::pin(async move { store::ask(&db, tx, ORG, &vault, &new, now).await })
        });
        asked.await.unwrap().unwrap()
    }

    pub(crate) async fn ask(&self, form: &str) -> Asked {
        self.ask_with(self.request(form)).await
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::of(self.app.clone())
    }

    /// A browser in which the birth date was given, and the path of the link.
    pub(crate) async fn inside(&self, form: &str) -> (Browser, String) {
        let path = self.ask(form).await.token.path();
        let mut browser = self.browser();
        let seen = browser.give_birth_date(&path, "1985", "4", "3").await;
        assert_eq!(seen.location(), format!("{path}/begin"), "{}", seen.body);
        (browser, path)
    }

    pub(crate) async fn flags(&self) -> Vec<(String, bool)> {
        let flags = store::red_flags_since(&self.db, ORG, 0).await.unwrap();
        flags
            .into_iter()
            .map(|flag| (flag.code.to_string(), flag.cleared_at.is_some()))
            .collect()
    }
}

impl Browser {
    pub(crate) async fn give_birth_date(&mut self, path: &str, year: &str, month: &str, day: &str) -> Seen {
        let fields = [("birth-year", year), ("birth-month", month), ("birth-day", day)];
        self.post(path, &fields).await
    }
}

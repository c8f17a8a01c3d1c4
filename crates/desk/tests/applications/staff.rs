//! The staff host of a house, and a browser for each of its people.

use std::net::{IpAddr, Ipv4Addr};

use accounts::{Accounts, Login, MeChoices, Name, OfficeKind, OfficeTerms, Password, Role, SourceAddress};
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::{Extension, Router};
use base::id::{ApplicationId, OfficeId};
use desk::document::{Document, Reviewer};
use desk::pages::{check_tiles, own_keys, review_pages, review_starts};
use messaging::pages::{HomeStarts, HomeTiles};

use crate::browser::{self, Seen};
use crate::house::{House, ORG, says};

const PASSWORD: &str = "青い傘と三匹の猫とラーメン";

/// At which desk everything happens.
pub(crate) const AT: &str = "/review/test_kits";

/// The desk of the house with a doctor, who does not see names, and a clerk who looks first.
pub(crate) fn with_doctor() -> Document {
    let mut says = says();
    says.review.by = Reviewer::Doctor;
    says.review.shows_name = false;
    says
}

/// A house whose people can sign in.
pub(crate) struct Office {
    pub(crate) house: House,
    accounts: Accounts,
    app: Router,
    doctors: OfficeId,
    elsewhere: OfficeId,
}

impl Office {
    pub(crate) async fn each(says: Document) -> Vec<Self> {
        let mut all = Vec::new();
        for house in House::each(says).await {
            all.push(Self::of(house).await);
        }
        all
    }

    async fn of(house: House) -> Self {
        let accounts = house.desk.accounts.clone();
        let name = |text| Name::parse(text).unwrap();
        let terms = OfficeTerms::parse(OfficeKind::Doctors, "").unwrap();
        let doctors = accounts
            .add_office_as(ORG, name("みどり県医師会"), terms)
            .await
            .unwrap();
        let elsewhere = accounts.add_office(ORG, name("川口保健所")).await.unwrap();
        let home = messaging::pages::pages(house.desk.clone())
            .layer(Extension(HomeStarts(vec![review_starts])))
            .layer(Extension(HomeTiles(vec![check_tiles])));
        let routes = accounts
            .pages()
            .layer(Extension(MeChoices(vec![own_keys])))
            .merge(review_pages(house.desk.clone()))
            .merge(home);
        let app = accounts.layer(routes.layer(from_fn(web::error::pages)));
        let source = SourceAddress(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));
        Self {
            house,
            accounts,
            app: app.layer(Extension(source)),
            doctors,
            elsewhere,
        }
    }

    /// Somebody signs in. The login says who: a doctor, a clerk of the desk, one of another office, the head office.
    pub(crate) async fn browser(&self, login: &str) -> Browser {
        let (office, role, called) = match login {
            "clerk" => (OfficeId::HEADQUARTERS, Role::DeskClerk, "受付 ひろし"),
            "other" => (self.elsewhere, Role::DeskClerk, "別 ひろし"),
            "sender" => (OfficeId::HEADQUARTERS, Role::Sender, "送信 まもる"),
            "anna" => (self.doctors, Role::Doctor, "医師 あんな"),
            "ben" => (self.doctors, Role::Doctor, "医師 べん"),
            _ => (self.doctors, Role::Doctor, "医師 ほか"),
        };
        let login = Login::parse(login).unwrap();
        let password = Password::parse(PASSWORD, &login).unwrap();
        let name = Name::parse(called).unwrap();
        let added = self
            .accounts
            .add_account(ORG, office, login.clone(), name, role, password);
        added.await.unwrap();
        let mut browser = Browser {
            page: browser::Browser::of(self.app.clone()),
            token: String::new(),
        };
        browser.token = browser.get("/sign-in").await.hidden("csrf");
        let fields = [("login", login.as_str()), ("password", PASSWORD)];
        let seen = browser.post("/sign-in", &fields).await;
        assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", seen.body);
        browser.token = browser.get("/me/password").await.hidden("csrf");
        browser
    }
}

/// A browser whose forms carry the token of its session. A copy is another window of the same session.
#[derive(Clone)]
pub(crate) struct Browser {
    page: browser::Browser,
    token: String,
}

impl Seen {
    /// Which application it leads to.
    #[track_caller]
    pub(crate) fn opened(&self) -> ApplicationId {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.body);
        let last = self.location().rsplit('/').next().unwrap();
        let digits: String = last.chars().take_while(char::is_ascii_digit).collect();
        let id = digits.parse().unwrap_or_else(|_| panic!("{}", self.location()));
        ApplicationId::new(id)
    }
}

impl Browser {
    pub(crate) async fn get(&mut self, path: &str) -> Seen {
        self.page.get(path).await
    }

    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Seen {
        let mut all = vec![("csrf", self.token.as_str())];
        all.extend(fields);
        self.page.post(path, &all).await
    }

    /// Asks for the next application, which is there.
    pub(crate) async fn next(&mut self) -> ApplicationId {
        self.post(&format!("{AT}/next"), &[]).await.opened()
    }

    /// Opens the page of an application that one has, and presses a button there.
    pub(crate) async fn press(&mut self, id: ApplicationId, act: &str, comment: &str) -> Seen {
        let review = self.get(&format!("{AT}/{id}")).await.hidden("review");
        let fields = [("review", &*review), ("comment", comment), ("act", act)];
        self.post(&format!("{AT}/{id}/act"), &fields).await
    }
}

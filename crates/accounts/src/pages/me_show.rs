//! `GET /me`: a person's own page. Where one is signed in, and what one signs in with.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::IntoResponse;
use db::{Db, Work};
use web::ui::Notice;
use web::{Page, Shell};

use super::{Answer, failed};
use crate::factors::Factors;
use crate::session::OwnSession;
use crate::{Accounts, SignedIn, Staff};

/// How somebody likes to work, as another slice asks and keeps it: a form of one button.
pub struct OwnChoice {
    /// What it is about.
    pub about: &'static str,
    /// How it stands.
    pub stands: &'static str,
    /// What the button says, and where it posts.
    pub press: (&'static str, &'static str),
    /// What it sends: name and value.
    pub fields: Vec<(&'static str, &'static str)>,
}

/// The choices of another slice that this person has.
pub type OwnChoices = for<'a> fn(&'a Db, &'a Staff) -> Work<'a, Vec<OwnChoice>>;

/// Those of all slices: an extension of the router of these pages.
#[derive(Clone)]
pub struct MeChoices(pub Vec<OwnChoices>);

#[derive(Template)]
#[template(path = "me.html")]
struct MePage {
    shell: Shell,
    login: String,
    name: String,
    sessions: Vec<OwnSession>,
    factors: Factors,
    choices: Vec<OwnChoice>,
}

impl MePage {
    fn others(&self) -> usize {
        self.sessions.iter().filter(|session| !session.is_here).count()
    }
}

pub(super) async fn show(
    State(accounts): State<Accounts>,
    session: SignedIn,
    asked: Option<Extension<MeChoices>>,
    shell: Shell,
) -> Answer {
    let staff = &session.staff;
    let mut choices = Vec::new();
    for of_slice in asked.iter().flat_map(|Extension(asked)| &asked.0) {
        choices.extend(of_slice(&accounts.db, staff).await.map_err(failed)?);
    }
    let sessions = accounts.own_sessions(&session).await.map_err(failed)?;
    let factors = accounts.factors(staff.org, staff.id).await.map_err(failed)?;
    let notice = match shell.done() {
        Some("ended") => Some("選んだ端末のログインを終わらせました"),
        Some("others-ended") => Some("ほかの端末のログインをすべて終わらせました"),
        Some("password") => Some("パスワードを変えました。ほかの端末のログインは終わりました"),
        _ => None,
    };
    let shell = match notice {
        Some(text) => shell.with_notice(Notice::success(text)),
        None => shell,
    };
    Ok(Page(MePage {
        shell: shell.titled("マイページ"),
        login: staff.login.as_str().to_owned(),
        name: staff.name.to_string(),
        sessions,
        factors,
        choices,
    })
    .into_response())
}

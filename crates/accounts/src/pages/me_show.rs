//! `GET /me`: a person's own page. Where one is signed in, and what one signs in with.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use web::ui::Notice;
use web::{Page, Shell};

use super::{Answer, failed};
use crate::factors::Factors;
use crate::session::OwnSession;
use crate::{Accounts, SignedIn};

#[derive(Template)]
#[template(path = "me.html")]
struct MePage {
    shell: Shell,
    login: String,
    name: String,
    sessions: Vec<OwnSession>,
    factors: Factors,
}

impl MePage {
    fn others(&self) -> usize {
        self.sessions.iter().filter(|session| !session.is_here).count()
    }
}

pub(super) async fn show(State(accounts): State<Accounts>, session: SignedIn, shell: Shell) -> Answer {
    let staff = &session.staff;
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
    })
    .into_response())
}

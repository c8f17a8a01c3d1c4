//! `GET /organisation/numbers`, `POST /organisation/numbers`: an administrator says that the numbers for test sends are
//! those of the staff. Nobody says so of their own: an administrator could otherwise write to anybody.

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::StaffId;
use serde::Deserialize;
use web::ui::{Chip, Notice, Tone};
use web::{CsrfForm, Page, PageError, Shell, after_post_with};

use super::{Answer, Desk, failed, names};
use crate::store;

#[derive(Template)]
#[template(path = "number_confirm.html")]
struct NumberConfirm {
    shell: Shell,
    rows: Vec<Row>,
}

struct Row {
    staff: StaffId,
    name: String,
    masked: String,
    entered_at: Millis,
    confirmed: Option<(String, Millis)>,
    /// Of the person who looks: somebody else has to confirm it.
    own: bool,
}

impl Row {
    fn chip(&self) -> Chip {
        match self.confirmed {
            Some(_) => Chip::new(Tone::Done, "確認済み"),
            None => Chip::new(Tone::Attention, "確認待ち"),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Confirmed {
    staff: i64,
    /// When the number that was seen was entered.
    entered: Millis,
}

pub(super) async fn show(State(desk): State<Desk>, session: SignedIn, shell: Shell) -> Answer {
    let org = session.staff.org;
    let numbers = store::staff_numbers(&desk.db, org).await.map_err(failed)?;
    let mut ids: Vec<StaffId> = numbers.iter().map(|one| one.staff).collect();
    ids.extend(numbers.iter().filter_map(|one| one.confirmed).map(|(by, _)| by));
    let people = names(&desk, org, ids.into_iter()).await?;
    let rows = numbers.iter().map(|one| Row {
        staff: one.staff,
        name: people.of(one.staff),
        masked: one.phone.masked(),
        entered_at: one.entered_at,
        confirmed: one.confirmed.map(|(by, at)| (people.of(by), at)),
        own: one.staff == session.staff.id,
    });
    let shell = match shell.done() {
        Some("confirmed") => {
            shell.with_notice(Notice::success("番号を確認しました").text("この人は、試し送りができます。"))
        }
        Some("changed") => shell.with_notice(
            Notice::warning("番号が変わっていたため、確認していません")
                .text("下の番号を本人に確かめてください。"),
        ),
        _ => shell,
    };
    let page = NumberConfirm {
        rows: rows.collect(),
        shell: shell.titled("職員の携帯電話"),
    };
    Ok(Page(page).into_response())
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    CsrfForm(form): CsrfForm<Confirmed>,
) -> Answer {
    let (staff, by) = (StaffId::new(form.staff), session.staff.id);
    if staff == by {
        return Err(PageError::rejected(
            "自分の番号は、自分では確認できません。まだ確認していません。",
            "ほかの管理者に、この画面で確認してもらってください。",
        ));
    }
    accounts::audit::note_subject("staff", staff.get());
    let done = store::confirm_staff_number(&desk.db, session.staff.org, staff, form.entered, by)
        .await
        .map_err(failed)?;
    let done = if done { "confirmed" } else { "changed" };
    Ok(after_post_with("/organisation/numbers", done).into_response())
}

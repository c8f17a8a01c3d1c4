//! `GET /me/number`, `POST /me/number`, `POST /me/number/remove`: the own mobile number, for test sends.

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::phone;
use serde::Deserialize;
use web::ui::Notice;
use web::{CsrfForm, Errors, Field, Page, PageError, Shell, after_post_with};

use super::{Answer, Desk, NoFields, failed};
use crate::store::{self, StaffNumber};

#[derive(Template)]
#[template(path = "number_own.html")]
struct NumberOwn {
    shell: Shell,
    number: Option<String>,
    confirmed: bool,
    field: Field,
}

#[derive(Deserialize)]
pub(super) struct Typed {
    phone: String,
}

pub(super) async fn show(State(desk): State<Desk>, session: SignedIn, shell: Shell) -> Answer {
    let notice = match shell.done() {
        Some("entered") => Some(
            Notice::success("番号を登録しました")
                .text("組織の管理者が確認すると、試し送りができるようになります。"),
        ),
        Some("removed") => Some(Notice::success("番号を消しました")),
        Some("needed") => Some(
            Notice::warning("試し送りには、確認が済んだ自分の番号が要ります")
                .text("下で番号を登録し、組織の管理者に確認を頼んでください。何も送っていません。"),
        ),
        _ => None,
    };
    let shell = match notice {
        Some(notice) => shell.with_notice(notice),
        None => shell,
    };
    let own = own(&desk, &session).await?;
    Ok(Page(page(shell, own, "", Errors::default())).into_response())
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    CsrfForm(typed): CsrfForm<Typed>,
) -> Answer {
    let Ok(parsed) = phone::parse(&typed.phone) else {
        let mut errors = Errors::default();
        errors.add(
            "phone",
            "携帯電話の番号を「090-1234-5678」のように入力してください。",
        );
        let own = own(&desk, &session).await?;
        let page = page(shell, own, &typed.phone, errors);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
    };
    let staff = &session.staff;
    store::enter_staff_number(&desk.db, staff.org, staff.id, parsed.number)
        .await
        .map_err(failed)?;
    Ok(after_post_with("/me/number", "entered").into_response())
}

pub(super) async fn remove(
    State(desk): State<Desk>,
    session: SignedIn,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    store::forget_staff_number(&desk.db, session.staff.org, session.staff.id)
        .await
        .map_err(failed)?;
    Ok(after_post_with("/me/number", "removed").into_response())
}

async fn own(desk: &Desk, session: &SignedIn) -> Result<Option<StaffNumber>, PageError> {
    store::staff_number(&desk.db, session.staff.org, session.staff.id)
        .await
        .map_err(failed)
}

fn page(shell: Shell, own: Option<StaffNumber>, typed: &str, errors: Errors) -> NumberOwn {
    NumberOwn {
        number: own.map(|own| own.phone.national()),
        confirmed: own.is_some_and(|own| own.confirmed.is_some()),
        field: Field::number("phone", "自分の携帯電話の番号")
            .support("試し送りだけに使います。ほかの人の番号は登録しないでください。")
            .autocomplete("tel")
            .required()
            .value(typed)
            .errors(&errors),
        shell: shell.titled("自分の携帯電話").with_errors(errors),
    }
}

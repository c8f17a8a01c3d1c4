//! `/staff/{id}/factors`: an administrator looks at what somebody signs in with, and two of them together take it
//! away when the person lost everything.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::StaffId;
use base::org::Permission;
use serde::Deserialize;
use web::ui::Notice;
use web::{CsrfForm, Errors, Field, Page, PageError, Shell, after_post_with};

use super::{Answer, Id, NoFields, failed};
use crate::factors::{FactorReset, Factors, ResetError};
use crate::identity::IdentityPin;
use crate::{Accounts, Fresh, SignedIn, Staff};

#[derive(Template)]
#[template(path = "staff_factors.html")]
struct StaffFactorsPage {
    shell: Shell,
    person: Staff,
    factors: Factors,
    reset: Option<(FactorReset, String)>,
    /// The one who looks asked for it, so somebody else confirms.
    is_mine: bool,
    /// One's own are on one's own page.
    is_me: bool,
    reason: Field,
    pin: Option<IdentityPin>,
}

/// The person, if the administrator may manage this one.
async fn person(accounts: &Accounts, by: &Staff, id: StaffId) -> Result<Staff, PageError> {
    let found = accounts.staff_by_id(by.org, id).await.map_err(failed)?;
    found
        .filter(|person| by.may_at(Permission::ManageOrganisation, person.office))
        .ok_or(PageError::NotFound)
}

async fn page(
    accounts: &Accounts,
    by: &Staff,
    person: Staff,
    shell: Shell,
    typed: &str,
) -> Result<Page<StaffFactorsPage>, PageError> {
    let (org, id) = (by.org, person.id);
    let factors = accounts.factors(org, id).await.map_err(failed)?;
    let reset = accounts.factor_reset(org, id).await.map_err(failed)?;
    let is_mine = reset.as_ref().is_some_and(|reset| reset.asked_by == by.id);
    let reset = match reset {
        Some(reset) => {
            let asker = accounts.staff_by_id(org, reset.asked_by).await.map_err(failed)?;
            let name = asker.map_or_else(String::new, |asker| asker.name.to_string());
            Some((reset, name))
        }
        None => None,
    };
    let reason = Field::text("reason", "リセットする理由")
        .support("例: 本人が来庁し、トークンの紛失を確認した。記録に残ります。")
        .required()
        .value(typed)
        .errors(shell.errors());
    Ok(Page(StaffFactorsPage {
        shell: shell.titled(format!("{}さんの確認方法", person.name)),
        is_me: person.id == by.id,
        person,
        factors,
        reset,
        is_mine,
        reason,
        pin: accounts.identity_pin(org, id).await.map_err(failed)?,
    }))
}

pub(super) async fn show(
    State(accounts): State<Accounts>,
    session: SignedIn,
    Id(id): Id<StaffId>,
    shell: Shell,
) -> Answer {
    let person = person(&accounts, &session.staff, id).await?;
    let notice = match shell.done() {
        Some("asked") => Some(Notice::success("リセットを申請しました").text(
            "別の管理者が3日以内にこの画面で確認すると、リセットされます。それまでは何も変わりません。",
        )),
        Some("confirmed") => Some(Notice::success("リセットしました").text(
            "この人のログインはすべて終わりました。次のログインは、パスワードだけでできます。組織の決まりがあれば、すぐに登録を求められます。",
        )),
        Some("unpinned") => Some(Notice::success("結び付けを解きました").text(
            "次に組織の認証サーバーからこのログインIDで入った人が、この人として結び付きます。",
        )),
        Some("withdrawn") => Some(Notice::info("申請を取り下げました")),
        _ => None,
    };
    let shell = match notice {
        Some(notice) => shell.with_notice(notice),
        None => shell,
    };
    Ok(page(&accounts, &session.staff, person, shell, "")
        .await?
        .into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    #[serde(default)]
    reason: String,
}

/// `POST /staff/{id}/factors/reset`: asks for it.
pub(super) async fn ask(
    State(accounts): State<Accounts>,
    session: Fresh,
    Id(id): Id<StaffId>,
    shell: Shell,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let person = person(&accounts, &session.staff, id).await?;
    match accounts.ask_factor_reset(&session.staff, id, &form.reason).await {
        Ok(()) => Ok(after_post_with(&format!("/staff/{id}/factors"), "asked").into_response()),
        Err(ResetError::Db(error)) => Err(failed(error)),
        Err(ResetError::Reason) => {
            let mut errors = Errors::default();
            errors.add("reason", ResetError::Reason.to_string());
            let shell = shell.with_errors(errors);
            let page = page(&accounts, &session.staff, person, shell, &form.reason).await?;
            Ok(super::unprocessable(page))
        }
        Err(refusal) => Err(not_done(&refusal)),
    }
}

/// `POST /staff/{id}/factors/reset/confirm`: another administrator makes it so.
pub(super) async fn confirm(
    State(accounts): State<Accounts>,
    session: Fresh,
    Id(id): Id<StaffId>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    person(&accounts, &session.staff, id).await?;
    match accounts.confirm_factor_reset(&session.staff, id).await {
        Ok(()) => Ok(after_post_with(&format!("/staff/{id}/factors"), "confirmed").into_response()),
        Err(ResetError::Db(error)) => Err(failed(error)),
        Err(refusal) => Err(not_done(&refusal)),
    }
}

/// `POST /staff/{id}/factors/reset/withdraw`.
pub(super) async fn withdraw(
    State(accounts): State<Accounts>,
    session: SignedIn,
    Id(id): Id<StaffId>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    person(&accounts, &session.staff, id).await?;
    accounts
        .withdraw_factor_reset(&session.staff, id)
        .await
        .map_err(failed)?;
    Ok(after_post_with(&format!("/staff/{id}/factors"), "withdrawn").into_response())
}

/// `POST /staff/{id}/identity/unpin`.
pub(super) async fn unpin(
    State(accounts): State<Accounts>,
    session: Fresh,
    Id(id): Id<StaffId>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    let person = person(&accounts, &session.staff, id).await?;
    if person.id == session.staff.id {
        return Err(PageError::rejected(
            "自分の結び付けは、自分では解けません。",
            "ほかの管理者に頼んでください。",
        ));
    }
    accounts.unpin_identity(person.org, id).await.map_err(failed)?;
    Ok(after_post_with(&format!("/staff/{id}/factors"), "unpinned").into_response())
}

fn not_done(refusal: &ResetError) -> PageError {
    PageError::rejected(
        refusal.to_string(),
        "前の画面に戻って、いまの状態を確かめてください。何も変更していません。",
    )
}

//! `/organisation/addresses`: from where the organisation's staff may come. A change that would lock out whoever
//! makes it is refused. The page also has the switch that makes a second factor a must (`second_factor_require`).

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::id::OrgId;
use serde::Deserialize;
use web::ui::Notice;
use web::{CsrfForm, Errors, Field, Page, PageError, Shell, after_post_with};

use super::{Answer, failed};
use crate::addresses::AllowedAddresses;
use crate::{Accounts, SignedIn, SourceAddress};

const HERE: &str = "/organisation/addresses";

#[derive(Template)]
#[template(path = "addresses_edit.html")]
struct AddressesPage {
    shell: Shell,
    source: String,
    restricted: bool,
    ranges: Field,
    factor: SecondFactor,
}

/// Whether a second factor is required, and whom that concerns.
#[derive(Clone, Copy)]
struct SecondFactor {
    required: bool,
    without: i64,
}

impl SecondFactor {
    async fn of(accounts: &Accounts, org: OrgId) -> Result<Self, PageError> {
        Ok(Self {
            required: accounts.second_factor_required(org).await.map_err(failed)?,
            without: accounts.without_second_factor(org).await.map_err(failed)?,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    ranges: String,
}

fn page(
    shell: Shell,
    source: SourceAddress,
    now: &AllowedAddresses,
    typed: &str,
    factor: SecondFactor,
) -> Page<AddressesPage> {
    let ranges = Field::long_text("ranges", "許可する接続元", 8)
        .support("1行に1つずつ入力します。例: 192.0.2.0/24、203.0.113.5、2001:db8::/32。空にすると、どこからでもログインできます。")
        .optional()
        .value(typed)
        .errors(shell.errors());
    Page(AddressesPage {
        shell: shell.titled("ログインの制限"),
        source: source.0.to_string(),
        restricted: !now.ranges().is_empty(),
        ranges,
        factor,
    })
}

pub(super) async fn show(
    State(accounts): State<Accounts>,
    session: SignedIn,
    source: SourceAddress,
    shell: Shell,
) -> Answer {
    let now = accounts
        .allowed_addresses(session.staff.org)
        .await
        .map_err(failed)?;
    let shell = match shell.done() {
        Some("saved") => shell.with_notice(
            Notice::success("接続元の制限を保存しました")
                .text("許可していない場所でログイン中の人は、次の操作でログアウトします。"),
        ),
        Some("factor-required") => shell.with_notice(
            Notice::success("2つ目の確認方法を必須にしました")
                .text("まだない人は、次の操作で登録を求められます。登録するまで、ほかの画面は開けません。"),
        ),
        Some("factor-optional") => shell.with_notice(
            Notice::success("2つ目の確認方法を任意にしました")
                .text("登録してある人には、これからも確認を求めます。"),
        ),
        _ => shell,
    };
    let factor = SecondFactor::of(&accounts, session.staff.org).await?;
    let lines: Vec<String> = now.ranges().iter().map(ToString::to_string).collect();
    Ok(page(shell, source, &now, &lines.join("\n"), factor).into_response())
}

pub(super) async fn submit(
    State(accounts): State<Accounts>,
    session: SignedIn,
    source: SourceAddress,
    shell: Shell,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    session.fresh()?;
    let org = session.staff.org;
    let mut errors = Errors::default();
    match AllowedAddresses::parse(&form.ranges) {
        Ok(wanted) if wanted.admit(source) => {
            accounts.change_addresses(org, wanted).await.map_err(failed)?;
            return Ok(after_post_with(HERE, "saved").into_response());
        }
        Ok(_) => errors.add(
            "ranges",
            format!(
                "この内容で保存すると、あなた自身（{}）がログアウトし、戻れなくなります。あなたの接続元を含む範囲を加えてください。",
                source.0
            ),
        ),
        Err(refusal) => errors.add("ranges", refusal),
    }
    let now = accounts.allowed_addresses(org).await.map_err(failed)?;
    let again = page(
        shell.with_errors(errors),
        source,
        &now,
        &form.ranges,
        SecondFactor::of(&accounts, org).await?,
    );
    Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
}

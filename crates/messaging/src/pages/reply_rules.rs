//! `GET /organisation/replies`, `POST …`: what is written back by itself after a word that acts. Nothing, until the
//! organisation says otherwise.

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::text::parts_worst;
use serde::Deserialize;
use web::form::Field;
use web::ui::Notice;
use web::{CsrfForm, Errors, Page, Shell, after_post_with};

use super::{Answer, ReplyDesk, failed};
use crate::limits::CONFIRMATION_PARTS;
use crate::reply::ReplyRule;
use crate::store;

#[derive(Template)]
#[template(path = "reply_rules.html")]
struct ReplyRules {
    shell: Shell,
    fields: [Field; 2],
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Typed {
    stop: String,
    wrong: String,
}

pub(super) async fn show(State(desk): State<ReplyDesk>, session: SignedIn, shell: Shell) -> Answer {
    let rule = store::reply_rule(&desk.desk.db, session.staff.org)
        .await
        .map_err(failed)?;
    let shell = match shell.done() {
        Some("saved") => shell.with_notice(Notice::success("返信の決まりを保存しました")),
        _ => shell,
    };
    let typed = Typed {
        stop: rule.stop.unwrap_or_default(),
        wrong: rule.wrong.unwrap_or_default(),
    };
    Ok(Page(page(shell, &typed, Errors::default())).into_response())
}

fn page(shell: Shell, typed: &Typed, errors: Errors) -> ReplyRules {
    let field = |name, label, example: &str| {
        Field::long_text(name, label, 3)
            .optional()
            .support(format!("空のままなら、何も返しません。例: {example}"))
    };
    ReplyRules {
        fields: [
            field(
                "stop",
                "「停止」への自動の確認",
                "SMSの配信を停止しました。必要な連絡は電話でいたします。◯◯県",
            )
            .value(&typed.stop)
            .errors(&errors),
            field(
                "wrong",
                "「別人」への自動の確認",
                "別の方への連絡をお送りしてしまい、申し訳ありません。今後この番号には送りません。届いたSMSは削除してください。◯◯県",
            )
            .value(&typed.wrong)
            .errors(&errors),
        ],
        shell: shell.titled("返信の決まり").with_errors(errors),
    }
}

pub(super) async fn submit(
    State(desk): State<ReplyDesk>,
    session: SignedIn,
    shell: Shell,
    CsrfForm(typed): CsrfForm<Typed>,
) -> Answer {
    let mut errors = Errors::default();
    for (name, text) in [("stop", &typed.stop), ("wrong", &typed.wrong)] {
        if parts_worst(text.trim()).most() > CONFIRMATION_PARTS {
            errors.add(
                name,
                format!("自動の確認は{CONFIRMATION_PARTS}通に収まる長さにしてください。"),
            );
        }
    }
    if !errors.is_empty() {
        return Ok((
            StatusCode::UNPROCESSABLE_ENTITY,
            Page(page(shell, &typed, errors)),
        )
            .into_response());
    }
    let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let rule = ReplyRule {
        stop: text(&typed.stop),
        wrong: text(&typed.wrong),
    };
    let staff = &session.staff;
    store::save_reply_rule(&desk.desk.db, staff.org, rule, staff.id)
        .await
        .map_err(failed)?;
    Ok(after_post_with("/organisation/replies", "saved").into_response())
}

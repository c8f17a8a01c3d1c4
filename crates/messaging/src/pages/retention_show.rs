//! `GET /organisation/retention`: how long what is kept, what is due now, what must not be erased.

use accounts::SignedIn;
use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::IntoResponse;
use base::clock::Millis;
use web::form::Choice;
use web::ui::Notice;
use web::{Errors, Field, Page, PageError, Shell};

use super::{Answer, Desk, failed, names};
use crate::limits::REASON_LETTERS;
use crate::retention::{Class, Counts, FormRecords, HoldScope, Run, dry_run, next_time};
use crate::store::retention::{holds, last_run, rules};

#[derive(Template)]
#[template(path = "retention_show.html")]
pub(super) struct RetentionShow {
    shell: Shell,
    rules: Vec<RuleRow>,
    due: Counts,
    next: Millis,
    last: Option<Run>,
    holds: Vec<HoldRow>,
    is_held_whole: bool,
    hold_fields: [Field; 3],
    is_holding: bool,
    may_change: bool,
}

struct RuleRow {
    label: &'static str,
    explanation: &'static str,
    days: u32,
    due: u64,
    unit: &'static str,
    field: Field,
}

struct HoldRow {
    id: i64,
    what: String,
    reason: String,
    by: String,
    at: Millis,
}

/// What was typed into the two forms.
#[derive(Default)]
pub(super) struct Typed {
    pub(super) days: Vec<(Class, String)>,
    pub(super) scope: String,
    pub(super) number: String,
    pub(super) reason: String,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    forms: Option<Extension<FormRecords>>,
    shell: Shell,
) -> Answer {
    let shell = match shell.done().and_then(done) {
        Some(notice) => shell.with_notice(notice),
        None => shell,
    };
    let (forms, typed) = (forms.map(|one| one.0), Typed::default());
    let page = page(&desk, &session, shell, forms, &typed, Errors::default()).await?;
    Ok(Page(page).into_response())
}

fn done(word: &str) -> Option<Notice> {
    Some(match word {
        "set" => Notice::success("保存期間を変えました").text("次の夜の消去から当てはまります。"),
        "held" => Notice::success("消去を止めました").text("解除するまで、対象の情報は消しません。"),
        "lifted" => {
            Notice::success("消去の停止を解除しました").text("期限の過ぎた情報は、次の夜に消します。")
        }
        "nothing" => Notice::info("この停止は、すでに解除されています"),
        _ => return None,
    })
}

pub(super) async fn page(
    desk: &Desk,
    session: &SignedIn,
    shell: Shell,
    forms: Option<FormRecords>,
    typed: &Typed,
    errors: Errors,
) -> Result<RetentionShow, PageError> {
    let org = session.staff.org;
    let due = dry_run(&desk.db, org, forms).await.map_err(failed)?;
    let kept = rules(&desk.db, org).await.map_err(failed)?;
    let standing = holds(&desk.db, org).await.map_err(failed)?;
    let people = names(desk, org, standing.iter().map(|hold| hold.by)).await?;
    let rule = |class: Class| {
        let (least, most) = class.bounds();
        let typed = typed.days.iter().find(|(one, _)| *one == class);
        let value = typed.map_or_else(|| kept.days(class).to_string(), |(_, days)| days.clone());
        RuleRow {
            label: class.label(),
            explanation: class.explanation(),
            days: kept.days(class),
            due: due.of(class),
            unit: class.unit(),
            field: Field::number(class.code(), class.label())
                .support(format!(
                    "{least}日から{most}日まで。はじめは{}日です。",
                    class.usual_days()
                ))
                .value(value)
                .errors(&errors),
        }
    };
    let is_holding = ["scope", "number", "reason"]
        .iter()
        .any(|field| errors.of(field).is_some());
    Ok(RetentionShow {
        rules: Class::ALL.map(rule).into(),
        due,
        next: next_time(desk.db.now()),
        last: last_run(&desk.db, org).await.map_err(failed)?,
        is_held_whole: standing.iter().any(|hold| hold.scope == HoldScope::Organisation),
        holds: standing
            .into_iter()
            .map(|hold| HoldRow {
                id: hold.id,
                what: what(hold.scope),
                by: people.of(hold.by),
                reason: hold.reason,
                at: hold.at,
            })
            .collect(),
        hold_fields: hold_fields(typed, &errors),
        is_holding,
        may_change: shell.may("POST", "/organisation/retention"),
        shell: shell.titled("保存期間と消去").with_errors(errors),
    })
}

fn what(scope: HoldScope) -> String {
    match scope {
        HoldScope::Organisation => "組織のすべての情報".to_owned(),
        HoldScope::List(list) => format!("リスト {list}"),
        HoldScope::Broadcast(broadcast) => format!("配信 {broadcast} と、そのリスト"),
        HoldScope::Application(application) => format!("申請 {application} と、その写真"),
    }
}

fn hold_fields(typed: &Typed, errors: &Errors) -> [Field; 3] {
    let scopes = vec![
        Choice::new("broadcast", "1つの配信と、そのリスト"),
        Choice::new("list", "1つのリスト"),
        Choice::new("application", "1つの申請と、その写真"),
        Choice::new("organisation", "組織のすべての情報"),
    ];
    [
        Field::radios("scope", "何の消去を止めますか", scopes)
            .required()
            .value(&typed.scope),
        Field::number("number", "配信、リスト、申請の番号")
            .support("画面のアドレスの最後の数字です。組織のすべてを止めるときは要りません。")
            .value(&typed.number),
        Field::text("reason", "止める理由")
            .support(format!(
                "例: 情報公開請求の対象のため。{REASON_LETTERS}文字まで。記録に残ります。"
            ))
            .required()
            .value(&typed.reason),
    ]
    .map(|field| field.errors(errors))
}

//! `GET /organisation/limits`, `POST /organisation/limits`: how much may be sent, by day, office and month, how much is
//! used, and whether anything is sent at all.

use std::collections::HashMap;

use accounts::{Office, SignedIn};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::clock::{Millis, japan_midnight};
use base::id::{OfficeId, OrgId};
use base::org::OrgMode;
use lists::contacts::Purpose;
use web::form::Field;
use web::ui::{Notice, Part, Progress, Tone};
use web::{CsrfForm, Errors, Page, PageError, Shell, after_post_with};

use super::day_field::{day_field, read_amount, read_day};
use super::{Answer, Desk, failed, names};
use crate::allowance::{Limit, LimitKind, Limits, Used, alarms, figure};
use crate::stage::Standing;
use crate::store::{self, NewLimit};

#[derive(Template)]
#[template(path = "sending_limits.html")]
struct SendingLimits {
    shell: Shell,
    standing: Standing,
    stopped: Option<StoppedWords>,
    purposes: Vec<(&'static str, bool)>,
    alarms: Vec<String>,
    gauges: Vec<Gauge>,
    fields: Vec<Field>,
    offices: Vec<OfficeRow>,
    from: Field,
    later: Vec<String>,
    training: bool,
}

struct StoppedWords {
    at: Millis,
    by: String,
    reason: String,
}

/// A limit of the organisation with what is used of it.
struct Gauge {
    label: &'static str,
    numbers: String,
    bar: Option<Progress>,
}

struct OfficeRow {
    id: OfficeId,
    name: String,
    used: String,
    limit: String,
    bar: Option<Progress>,
    /// What stands in the field.
    value: String,
    error: Option<String>,
}

type Typed = HashMap<String, String>;

pub(super) async fn show(State(desk): State<Desk>, session: SignedIn, shell: Shell) -> Answer {
    let notice = match shell.done() {
        Some("saved") => Some(Notice::success("上限を保存しました").text("次に始める送信から使われます。")),
        Some("stopped") => Some(Notice::warning("すべての送信を止めました").text(
            "5秒以内に、どの配信からも1通も出なくなります。すでに携帯電話会社に渡したものは呼び戻せません。",
        )),
        Some("released") => {
            Some(Notice::success("送信を再開しました").text("待っていた配信が、続きから送られます。"))
        }
        Some("training") => Some(
            Notice::success("訓練にしました")
                .text("ここからの送信は、誰にも届きません。始めてあった本番の配信は続きます。"),
        ),
        Some("live") => {
            Some(Notice::warning("本番にしました").text("ここからの送信は、実際の人に届きます。"))
        }
        Some("nothing") => Some(Notice::info("すでにそうなっていました")),
        _ => None,
    };
    let shell = match notice {
        Some(notice) => shell.with_notice(notice),
        None => shell,
    };
    let page = page(&desk, &session, shell, None, Errors::default()).await?;
    Ok(Page(page).into_response())
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    CsrfForm(typed): CsrfForm<Typed>,
) -> Answer {
    session.fresh()?;
    let org = session.staff.org;
    let offices = desk.accounts.offices(org).await.map_err(failed)?;
    let limits = store::limits(&desk.db, org).await.map_err(failed)?;
    let has_price = !store::tariffs(&desk.db, org).await.map_err(failed)?.0.is_empty();
    match accept(
        &typed,
        &offices,
        &limits,
        japan_midnight(desk.db.now()),
        has_price,
    ) {
        Ok(new) if new.is_empty() => Ok(after_post_with("/organisation/limits", "nothing").into_response()),
        Ok(new) => {
            accounts::audit::note(in_words(&new, &offices).join("、"));
            store::set_limits(&desk.db, org, new, Some(session.staff.id))
                .await
                .map_err(failed)?;
            Ok(after_post_with("/organisation/limits", "saved").into_response())
        }
        Err(errors) => {
            let page = page(&desk, &session, shell, Some(&typed), errors).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
        }
    }
}

fn office_field(office: OfficeId) -> String {
    format!("office-{office}")
}

/// What is limited, by the names of the fields.
fn places(offices: &[Office]) -> Vec<(String, Option<OfficeId>, LimitKind)> {
    let whole = LimitKind::ALL.map(|kind| (kind.as_str().to_owned(), None, kind));
    let of_offices = offices
        .iter()
        .map(|office| (office_field(office.id), Some(office.id), LimitKind::DayParts));
    whole.into_iter().chain(of_offices).collect()
}

/// The limits that differ from those in force on the day from which on they shall be.
fn accept(
    typed: &Typed,
    offices: &[Office],
    limits: &Limits,
    today: Millis,
    has_price: bool,
) -> Result<Vec<NewLimit>, Errors> {
    let mut errors = Errors::default();
    let field = |name: &str| typed.get(name).map_or("", String::as_str);
    let from_day = match read_day(field("from")) {
        Ok(None) => today,
        Ok(Some(day)) if day >= today => day,
        Ok(Some(_)) => {
            errors.add("from", "今日か、それより後の日を入力してください。");
            today
        }
        Err(problem) => {
            errors.add("from", problem);
            today
        }
    };
    let mut new = Vec::new();
    for (name, office, kind) in places(offices) {
        // What the form does not speak of stays.
        let Some(typed) = typed.get(&name) else {
            continue;
        };
        let amount = match read_amount(typed) {
            Ok(amount) => amount,
            Err(problem) => {
                errors.add(name, problem);
                continue;
            }
        };
        if kind == LimitKind::MonthYen && amount.is_some() && !has_price {
            errors.add(
                name,
                "円で決めるには、先に「料金」の画面で1通の料金を登録してください。",
            );
            continue;
        }
        if limits.amount(from_day, office, kind) != amount {
            new.push(NewLimit {
                office,
                kind,
                amount,
                from_day,
            });
        }
    }
    if errors.is_empty() { Ok(new) } else { Err(errors) }
}

fn in_words(new: &[NewLimit], offices: &[Office]) -> Vec<String> {
    let words = |one: &NewLimit| {
        let whose = one.office.map_or("組織", |id| office_name(offices, id));
        let amount = one.amount.map_or_else(
            || "上限なし".to_owned(),
            |amount| format!("{}{}", figure(amount), one.kind.unit()),
        );
        format!("{whose}の{} {amount}", one.kind.label())
    };
    new.iter().map(words).collect()
}

fn office_name(offices: &[Office], id: OfficeId) -> &str {
    let office = offices.iter().find(|office| office.id == id);
    office.map_or("", |office| office.name.as_str())
}

async fn page(
    desk: &Desk,
    session: &SignedIn,
    shell: Shell,
    typed: Option<&Typed>,
    errors: Errors,
) -> Result<SendingLimits, PageError> {
    let (org, today) = (session.staff.org, japan_midnight(desk.db.now()));
    let standing = desk.standing(org).await?;
    let training = standing.mode == OrgMode::Training;
    let limits = store::limits(&desk.db, org).await.map_err(failed)?;
    let offices = desk.accounts.offices(org).await.map_err(failed)?;
    let used = store::used(&desk.db, org, OfficeId::HEADQUARTERS, today, training)
        .await
        .map_err(failed)?;
    let by_office = store::used_by_office(&desk.db, org, today, training)
        .await
        .map_err(failed)?;
    let stopped = stopped(desk, org, &standing).await?;
    let value = |name: &str, office, kind| match typed {
        Some(typed) => typed.get(name).cloned().unwrap_or_default(),
        None => limits
            .amount(today, office, kind)
            .map_or_else(String::new, |amount| amount.to_string()),
    };
    let rows = offices.iter().map(|office| {
        let name = office_field(office.id);
        let amount = limits.amount(today, Some(office.id), LimitKind::DayParts);
        let used = by_office.get(&office.id).copied().unwrap_or(0);
        OfficeRow {
            id: office.id,
            name: office.name.to_string(),
            used: format!("{}通", figure(used)),
            limit: amount.map_or_else(|| "上限なし".to_owned(), |amount| format!("{}通", figure(amount))),
            bar: amount.map(|amount| bar("office", used, amount).only_bar()),
            value: value(&name, Some(office.id), LimitKind::DayParts),
            error: errors.of(&name).map(str::to_owned),
        }
    });
    let later = limits.after(today).map(|limit| later(limit, &offices));
    let field = |kind: LimitKind| {
        let (name, label) = (kind.as_str(), format!("{}（{}）", kind.label(), kind.unit()));
        Field::number(name, &label)
            .support(support(kind))
            .value(value(name, None, kind))
            .errors(&errors)
    };
    let from = typed
        .and_then(|typed| typed.get("from"))
        .map_or("", String::as_str);
    Ok(SendingLimits {
        stopped,
        purposes: Purpose::ALL
            .into_iter()
            .map(|purpose| (purpose.label(), standing.is_reviewed(purpose)))
            .collect(),
        alarms: alarms(&limits, today, &used),
        gauges: gauges(&limits, today, &used),
        fields: LimitKind::ALL.into_iter().map(field).collect(),
        offices: rows.collect(),
        from: day_field("from", "いつから")
            .support("空欄なら今日から。例: 2026-12-01")
            .value(from)
            .errors(&errors),
        later: later.collect(),
        training,
        standing,
        shell: shell.titled("送信の上限").with_errors(errors),
    })
}

async fn stopped(desk: &Desk, org: OrgId, standing: &Standing) -> Result<Option<StoppedWords>, PageError> {
    let Some(stopped) = &standing.stopped else {
        return Ok(None);
    };
    let people = names(desk, org, stopped.by.into_iter()).await?;
    Ok(Some(StoppedWords {
        at: stopped.at,
        by: people.or(stopped.by, "（記録なし）"),
        reason: stopped.reason.clone(),
    }))
}

fn support(kind: LimitKind) -> &'static str {
    match kind {
        LimitKind::DayParts => "組織全体で、1日に送れる通数です。空欄なら上限なし。",
        LimitKind::MonthParts => "80％に達すると知らせます。空欄なら上限なし。",
        LimitKind::MonthYen => "いちばん高い料金で数えます。80％に達すると知らせます。空欄なら上限なし。",
    }
}

fn later(limit: &Limit, offices: &[Office]) -> String {
    let whose = limit.office.map_or("組織", |id| office_name(offices, id));
    let amount = limit.amount.map_or_else(
        || "上限なし".to_owned(),
        |amount| format!("{}{}", figure(amount), limit.kind.unit()),
    );
    let day = crate::template::japan_day(limit.from_day);
    format!("{day}から: {whose}の{} {amount}", limit.kind.label())
}

fn gauges(limits: &Limits, today: Millis, used: &Used) -> Vec<Gauge> {
    let gauge = |kind: LimitKind| {
        let label = match kind {
            LimitKind::DayParts => "今日の通数",
            LimitKind::MonthParts => "今月の通数",
            LimitKind::MonthYen => "今月の費用の見込み",
        };
        let used = match kind {
            LimitKind::DayParts => used.day,
            LimitKind::MonthParts => used.month,
            LimitKind::MonthYen => used.cost / 100,
        };
        let (amount, unit) = (limits.amount(today, None, kind), kind.unit());
        Gauge {
            label,
            numbers: match amount {
                Some(amount) => format!(
                    "{}{unit}（上限 {}{unit}、残り {}{unit}）",
                    figure(used),
                    figure(amount),
                    figure(amount - used)
                ),
                None => format!("{}{unit}（上限なし）", figure(used)),
            },
            bar: amount.map(|amount| bar(label, used, amount).only_bar()),
        }
    };
    LimitKind::ALL.into_iter().map(gauge).collect()
}

/// What is used of a limit, and what is left.
fn bar(caption: &str, used: i64, amount: i64) -> Progress {
    let number = |count: i64| u64::try_from(count).unwrap_or(0);
    let tone = if crate::allowance::is_alarming(used, amount) {
        Tone::Attention
    } else {
        Tone::Done
    };
    let parts = vec![
        Part::new("used", "使った分", tone, number(used)),
        Part::new("left", "残り", Tone::Waiting, number(amount - used)),
    ];
    Progress::new("limit", caption, "", parts)
}

//! `GET /organisation/senders`, `POST /organisation/senders`, `POST …/{id}/end`: the numbers that phones show.

use std::collections::HashMap;

use accounts::{Office, SignedIn};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::clock::{Millis, japan_midnight};
use base::id::OfficeId;
use base::text::Carrier;
use lists::contacts::Purpose;
use web::form::Choice;
use web::ui::{Chip, Notice, Tone};
use web::{CsrfForm, Errors, Field, Page, PageError, Shell, after_post_with};

use super::day_field::{day_field, narrow, read_day};
use super::{Answer, Desk, Id, NoFields, failed};
use crate::sender::{SenderKind, SenderNumber, carrier_from_word, carrier_word};
use crate::store;
use crate::template::japan_day;

#[derive(Template)]
#[template(path = "sender_list.html")]
struct SenderList {
    shell: Shell,
    rows: Vec<Row>,
    fallback: String,
    fields: Vec<Field>,
    is_open: bool,
}

struct Row {
    id: i64,
    number: String,
    kind: &'static str,
    carrier: &'static str,
    office: String,
    purpose: &'static str,
    days: String,
    standing: Standing,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Used,
    Later,
    Ended,
}

impl Row {
    fn chip(&self) -> Chip {
        match self.standing {
            Standing::Used => Chip::new(Tone::Done, "使っています"),
            Standing::Later => Chip::new(Tone::Waiting, "これから使います"),
            Standing::Ended => Chip::new(Tone::Cancelled, "使い終わりました"),
        }
    }

    fn is_ended(&self) -> bool {
        self.standing == Standing::Ended
    }
}

type Typed = HashMap<String, String>;

pub(super) async fn show(State(desk): State<Desk>, session: SignedIn, shell: Shell) -> Answer {
    let shell = match shell.done() {
        Some("saved") => shell.with_notice(
            Notice::success("送信元の番号を加えました")
                .text("住民向けの「このSMSは本物ですか」のページにも載ります。"),
        ),
        Some("ended") => shell.with_notice(Notice::success("番号を使い終わりにしました")),
        Some("nothing") => shell.with_notice(Notice::info("すでに使い終わっています")),
        _ => shell,
    };
    let page = page(&desk, &session, shell, &Typed::new(), Errors::default()).await?;
    Ok(Page(page).into_response())
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    CsrfForm(typed): CsrfForm<Typed>,
) -> Answer {
    session.fresh()?;
    let (org, by) = (session.staff.org, session.staff.id);
    let offices = desk.accounts.offices(org).await.map_err(failed)?;
    match accept(&typed, &offices, japan_midnight(desk.db.now())) {
        Ok(new) => {
            accounts::audit::note(format!("{}（{}）", new.number, new.kind.label()));
            store::add_sender(&desk.db, org, new, by).await.map_err(failed)?;
            Ok(after_post_with("/organisation/senders", "saved").into_response())
        }
        Err(errors) => {
            let page = page(&desk, &session, shell, &typed, errors).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
        }
    }
}

pub(super) async fn end(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<i64>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    session.fresh()?;
    let (org, today) = (session.staff.org, japan_midnight(desk.db.now()));
    let all = store::senders(&desk.db, org).await.map_err(failed)?;
    if !all.0.iter().any(|sender| sender.id == id) {
        return Err(PageError::NotFound);
    }
    let done = store::end_sender(&desk.db, org, id, today)
        .await
        .map_err(failed)?;
    Ok(after_post_with("/organisation/senders", if done { "ended" } else { "nothing" }).into_response())
}

fn accept(typed: &Typed, offices: &[Office], today: Millis) -> Result<SenderNumber, Errors> {
    let mut errors = Errors::default();
    let field = |name: &str| typed.get(name).map_or("", String::as_str);
    let kind = SenderKind::from_word(field("kind"));
    let carrier = carrier_from_word(field("carrier"));
    let office = match field("office") {
        "" => Some(None),
        id => id
            .parse()
            .ok()
            .map(OfficeId::new)
            .filter(|id| offices.iter().any(|office| office.id == *id))
            .map(Some),
    };
    let purpose = match field("purpose") {
        "" => Some(None),
        word => Purpose::from_word(word).map(Some),
    };
    let number = narrow(field("number")).replace('-', "");
    if kind.is_none() {
        errors.add("kind", "番号の種類を選んでください。");
    }
    if let Some(problem) = kind.and_then(|kind| kind.check(&number).err()) {
        errors.add("number", problem);
    }
    if carrier.is_none() {
        errors.add("carrier", "携帯電話会社を選んでください。");
    }
    if office.is_none() {
        errors.add("office", "部署を選んでください。");
    }
    if purpose.is_none() {
        errors.add("purpose", "目的を選んでください。");
    }
    let mut day = |name: &str| match read_day(field(name)) {
        Ok(day) => day,
        Err(problem) => {
            errors.add(name, problem);
            None
        }
    };
    let from_day = day("from").unwrap_or(today);
    let until_day = day("until");
    if until_day.is_some_and(|until| until <= from_day) {
        errors.add("until", "使い始める日より後の日を入力してください。");
    }
    match (kind, carrier, office, purpose) {
        (Some(kind), Some(carrier), Some(office), Some(purpose)) if errors.is_empty() => Ok(SenderNumber {
            id: 0,
            office,
            carrier,
            kind,
            number,
            purpose,
            from_day,
            until_day,
        }),
        _ => Err(errors),
    }
}

async fn page(
    desk: &Desk,
    session: &SignedIn,
    shell: Shell,
    typed: &Typed,
    errors: Errors,
) -> Result<SenderList, PageError> {
    let (org, today) = (session.staff.org, japan_midnight(desk.db.now()));
    let senders = store::senders(&desk.db, org).await.map_err(failed)?;
    let offices = desk.accounts.offices(org).await.map_err(failed)?;
    let row = |one: &SenderNumber| {
        let office = one
            .office
            .and_then(|id| offices.iter().find(|office| office.id == id));
        let until = one
            .until_day
            .map_or_else(String::new, |day| japan_day(day).to_string());
        Row {
            id: one.id,
            number: one.number.clone(),
            kind: one.kind.label(),
            carrier: one.carrier.map_or("すべて", Carrier::label),
            office: office.map_or_else(|| "すべて".to_owned(), |office| office.name.to_string()),
            purpose: one.purpose.map_or("すべて", Purpose::label),
            days: format!("{}〜{until}", japan_day(one.from_day)),
            standing: if one.is_used(today) {
                Standing::Used
            } else if one.from_day > today {
                Standing::Later
            } else {
                Standing::Ended
            },
        }
    };
    Ok(SenderList {
        rows: senders.0.iter().map(row).collect(),
        fallback: desk.sending.sender.clone(),
        fields: fields(typed, &offices, &errors),
        is_open: !errors.is_empty() || senders.0.is_empty(),
        shell: shell.titled("送信元の番号").with_errors(errors),
    })
}

fn fields(typed: &Typed, offices: &[Office], errors: &Errors) -> Vec<Field> {
    let value = |name: &str| typed.get(name).map_or("", String::as_str);
    let kinds = SenderKind::ALL.map(|kind| Choice::new(kind.as_str(), kind.label()));
    let carriers = [None].into_iter().chain(Carrier::ALL.map(Some));
    let carriers = carriers.map(|carrier| {
        Choice::new(
            carrier_word(carrier),
            carrier.map_or("すべて（携帯電話会社に渡す番号）", Carrier::label),
        )
    });
    let everywhere = [Choice::new("", "すべての部署")].into_iter();
    let offices = everywhere.chain(offices.iter().map(|office| Choice::new(office.id, &office.name)));
    let everything = [Choice::new("", "すべての目的")].into_iter();
    let purposes = everything.chain(Purpose::ALL.map(|one| Choice::new(one.as_str(), one.label())));
    [
        Field::select("kind", "番号の種類", kinds.into()),
        Field::number("number", "番号").required(),
        Field::select("carrier", "携帯電話会社", carriers.collect())
            .support("会社によって違う番号が表示されるときは、会社ごとに加えます。"),
        Field::select("office", "部署", offices.collect()),
        Field::select("purpose", "目的", purposes.collect()),
        day_field("from", "いつから").support("空欄なら今日から。例: 2026-12-01"),
        day_field("until", "いつまで")
            .support("この日からは使いません。空欄なら決めません。")
            .optional(),
    ]
    .into_iter()
    .zip(["kind", "number", "carrier", "office", "purpose", "from", "until"])
    .map(|(field, name)| field.value(value(name)).errors(errors))
    .collect()
}

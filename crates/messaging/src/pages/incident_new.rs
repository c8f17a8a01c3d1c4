//! `GET /incidents/new`, `POST /incidents`: an incident that the staff found out by themselves. Broadcasts, a list or a
//! stretch of time say what it concerns.

use accounts::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::clock::{HOUR, MINUTE, Millis};
use base::id::{BroadcastId, ListId, OfficeId};
use jiff::civil::DateTime;
use jiff::tz::Offset;
use serde::Deserialize;
use web::form::Field;
use web::{CsrfForm, Errors, Page, PageError, Shell, after_post};

use super::broadcast_load::load;
use super::{Answer, Desk, failed, scope};
use crate::incident::{self, ByHand};
use crate::limits::{INCIDENT_BROADCASTS, REASON_LETTERS};
use crate::store;

/// Japan's offset from UTC.
const JAPAN: Millis = 9 * HOUR;

#[derive(Template)]
#[template(path = "incident_new.html")]
struct IncidentNew {
    shell: Shell,
    fields: Vec<Field>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Form {
    broadcast: String,
    list: String,
    from: String,
    to: String,
    what: String,
}

impl Form {
    fn fields(&self, errors: &Errors) -> Vec<Field> {
        vec![
            Field::text("broadcast", "配信の番号")
                .optional()
                .support(
                    "配信の画面のアドレスにある番号です。いくつかあるときは、コンマで区切ります。例: 7, 8",
                )
                .value(&self.broadcast)
                .short()
                .errors(errors),
            Field::number("list", "リストの番号")
                .optional()
                .support("このリストから送ったすべての配信が対象になります。")
                .value(&self.list)
                .errors(errors),
            Field::text("from", "いつから（時間帯で選ぶとき）")
                .optional()
                .support("例: 2026-11-22 09:00（日本時間）")
                .value(&self.from)
                .short()
                .errors(errors),
            Field::text("to", "いつまで")
                .optional()
                .support("例: 2026-11-22 12:00。この間に始まった配信が対象になります。")
                .value(&self.to)
                .short()
                .errors(errors),
            Field::long_text("what", "何が起きましたか", 4)
                .required()
                .support("分かっていることだけで構いません。人の名前や電話番号は書かないでください。")
                .value(&self.what)
                .errors(errors),
        ]
    }
}

pub(super) async fn show(shell: Shell, Query(typed): Query<Form>) -> Answer {
    let page = IncidentNew {
        fields: typed.fields(&Errors::default()),
        shell: shell.titled("インシデントを開く"),
    };
    Ok(Page(page).into_response())
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    CsrfForm(typed): CsrfForm<Form>,
) -> Answer {
    let errors = match chosen(&desk, &session, &typed).await? {
        Ok((office, broadcasts)) => {
            let new = ByHand {
                office,
                by: session.staff.id,
                broadcasts,
                what: typed.what.trim().to_owned(),
            };
            let id = incident::open_by_hand(&desk.db, session.staff.org, new)
                .await
                .map_err(failed)?;
            return Ok(after_post(&format!("/incidents/{id}?done=opened")).into_response());
        }
        Err(errors) => errors,
    };
    let page = IncidentNew {
        fields: typed.fields(&errors),
        shell: shell.titled("インシデントを開く").with_errors(errors),
    };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
}

/// The broadcasts that are meant and the office that they belong to, or every mistake.
async fn chosen(
    desk: &Desk,
    session: &SignedIn,
    typed: &Form,
) -> Result<Result<(OfficeId, Vec<BroadcastId>), Errors>, PageError> {
    let (mut errors, mut offices, mut ids) = (Errors::default(), Vec::new(), Vec::new());
    let named = typed
        .broadcast
        .split([',', '、', ' '])
        .filter(|id| !id.trim().is_empty());
    for id in named {
        match found(desk, session, id.trim().parse().ok()).await? {
            Some((id, office)) => {
                ids.push(id);
                offices.push(office);
            }
            None => errors.add(
                "broadcast",
                format!("「{}」という番号の配信はありません。", id.trim()),
            ),
        }
    }
    let of_list = match typed.list.trim().parse::<ListId>() {
        Ok(list) => store::broadcasts_of_list(&desk.db, session.staff.org, list)
            .await
            .map_err(failed)?,
        Err(_) => Vec::new(),
    };
    let before = ids.len();
    for id in of_list {
        if let Some((id, office)) = found(desk, session, Some(id)).await? {
            ids.push(id);
            offices.push(office);
        }
    }
    if !typed.list.trim().is_empty() && ids.len() == before {
        errors.add(
            "list",
            "このリストから送った配信はありません。番号を確かめてください。",
        );
    }
    if let Some((from, to)) = range(typed, &mut errors) {
        let all = store::broadcasts_between(&desk.db, session.staff.org, from, to + MINUTE)
            .await
            .map_err(failed)?;
        let own = scope(&session.staff);
        let meant = all.iter().filter(|one| own.is_none_or(|own| own == one.office));
        let before = ids.len();
        for one in meant {
            ids.push(one.id);
            offices.push(one.office);
        }
        if ids.len() == before {
            errors.add("from", "この時間帯に始まった配信はありません。");
        }
    }
    ids.sort_unstable();
    ids.dedup();
    check(typed, &ids, &mut errors);
    Ok(if errors.is_empty() {
        Ok((common(&offices), ids))
    } else {
        Err(errors)
    })
}

fn check(typed: &Form, ids: &[BroadcastId], errors: &mut Errors) {
    if errors.is_empty() && ids.is_empty() {
        errors.add(
            "broadcast",
            "どの配信のことかを、配信の番号・リストの番号・時間帯のどれかで選んでください。",
        );
    }
    if ids.len() > INCIDENT_BROADCASTS {
        errors.add(
            "from",
            format!(
                "対象の配信が{}件あります。{INCIDENT_BROADCASTS}件までになるように、時間帯を短くしてください。",
                ids.len()
            ),
        );
    }
    let letters = typed.what.trim().chars().count();
    if letters == 0 {
        errors.add("what", "何が起きたかを入力してください。");
    } else if letters > REASON_LETTERS {
        errors.add("what", format!("{REASON_LETTERS}文字までにしてください。"));
    }
}

/// A broadcast that is there for this person.
async fn found(
    desk: &Desk,
    session: &SignedIn,
    id: Option<BroadcastId>,
) -> Result<Option<(BroadcastId, OfficeId)>, PageError> {
    let Some(id) = id else { return Ok(None) };
    match load(desk, session, id).await {
        Ok(broadcast) => Ok(Some((id, broadcast.office))),
        Err(PageError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The office of all of them; the head office's if there are several.
fn common(offices: &[OfficeId]) -> OfficeId {
    match offices.split_first() {
        Some((first, rest)) if rest.iter().all(|one| one == first) => *first,
        _ => OfficeId::HEADQUARTERS,
    }
}

/// The stretch of time, if one was typed.
fn range(typed: &Form, errors: &mut Errors) -> Option<(Millis, Millis)> {
    let (from, to) = (typed.from.trim(), typed.to.trim());
    if from.is_empty() && to.is_empty() {
        return None;
    }
    let mut read = |name: &str, text: &str| {
        let moment = moment(text);
        if moment.is_none() {
            errors.add(name, "日時を 2026-11-22 09:00 の形で入力してください。");
        }
        moment
    };
    let (from, to) = (read("from", from), read("to", to));
    let (from, to) = from.zip(to)?;
    if from > to {
        errors.add("to", "「いつまで」が「いつから」より前です。");
        return None;
    }
    Some((from, to))
}

/// A moment as it is typed, in Japan time.
fn moment(text: &str) -> Option<Millis> {
    let (day, clock) = text.split_once([' ', 'T', '　'])?;
    let time: DateTime = format!("{day}T{}:00", clock.trim()).parse().ok()?;
    let utc = Offset::UTC.to_timestamp(time).ok()?;
    Some(utc.as_millisecond() - JAPAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_in_japan_time() {
        assert_eq!(moment("2026-11-22 14:05"), Some(1_795_323_900_000));
        for text in ["", "2026-11-22", "22.11. 14:05", "2026-13-01 00:00"] {
            assert_eq!(moment(text), None, "{text}");
        }
    }

    #[test]
    fn several_offices_are_the_head_offices_matter() {
        let (one, other) = (OfficeId::new(3), OfficeId::new(4));
        assert_eq!(common(&[one, one]), one);
        assert_eq!(common(&[one, other]), OfficeId::HEADQUARTERS);
    }
}

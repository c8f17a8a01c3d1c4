//! `POST /cases/search`: who is meant by one word. What was typed never stands in an address.

use accounts::{SignedIn, audit};
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use db::Reference;
use messaging::pages::{Answer, failed, scope};
use serde::Deserialize;
use web::form::Field;
use web::ui::Notice;
use web::{CsrfForm, Page, Shell};

use super::Triage;
use super::case_list::search_field;
use super::line::Line;
use crate::case::{Case, received_day};
use crate::keys::CaseKey;
use crate::limits::HITS;
use crate::store::search::{by_keys, by_reference};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Form {
    words: String,
}

#[derive(Template)]
#[template(path = "case_search.html")]
struct Found {
    shell: Shell,
    search: Field,
    lines: Vec<Line>,
    with_office: bool,
    is_blank: bool,
    more: bool,
    /// That only the newest were looked through for those of this office.
    cut: Option<Notice>,
}

pub(super) async fn submit(
    State(triage): State<Triage>,
    session: SignedIn,
    shell: Shell,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let staff = &session.staff;
    let words: String = form.words.trim().chars().take(100).collect();
    let vault = triage.db.vault(staff.org).await.map_err(failed)?;
    let mut found: Vec<Case> = Vec::new();
    if let Some(reference) = Reference::parse(&words) {
        let one = by_reference(&triage.db, staff.org, scope(staff), reference).await;
        found.extend(one.map_err(failed)?);
    }
    let keys: Vec<CaseKey> = [
        CaseKey::of_number(&vault, &words),
        CaseKey::of_register_id(&vault, &words),
        CaseKey::of_kana(&vault, &words),
        CaseKey::of_name(&vault, &words),
        head_of(&words).and_then(|head| CaseKey::of_kana_head(&vault, head)),
    ]
    .into_iter()
    .flatten()
    .collect();
    let by_key = by_keys(&triage.db, staff.org, scope(staff), &keys)
        .await
        .map_err(failed)?;
    found.extend(by_key.cases);
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|case| seen.insert(case.id));
    let most = HITS as usize;
    let more = found.len() > most;
    found.truncate(most);
    audit::note_shown("cases", found.iter().map(|case| case.id.get()));
    let offices = triage.offices(staff.org).await?;
    let today = received_day(triage.db.now());
    let page = Found {
        search: search_field(&words),
        lines: found.iter().map(|case| Line::of(case, &offices, today)).collect(),
        with_office: scope(staff).is_none(),
        is_blank: words.is_empty(),
        more,
        cut: by_key.is_cut.then(only_the_newest),
        shell: shell.titled("患者を探した結果"),
    };
    Ok(Page(page).into_response())
}

fn only_the_newest() -> Notice {
    Notice::info("新しい届出だけを調べました").text("この2文字で始まる人がとても多いため、新しい2万人の中から探しました。それより前に届いた、この部署の人は出ていません。フリガナの全部か電話番号で、もう一度探してください。")
}

/// Two morae are looked for only where no more were typed: whoever typed a whole name means that one.
fn head_of(words: &str) -> Option<&str> {
    (words.chars().count() <= 4).then_some(words)
}

//! `GET /programmes/{id}/script`, `POST …`: what callers say to the people of a programme, in a language, from a day on.
//! Until somebody writes one, what ships is said.

use accounts::{SignedIn, day_begins};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::ProgrammeId;
use messaging::pages::{Answer, failed};
use messaging::store::{CallScript, call_scripts, save_call_script};
use messaging::template::Language;
use serde::Deserialize;
use web::form::{Choice, Field};
use web::ui::Notice;
use web::{CsrfForm, Errors, Id, Page, PageError, Shell, after_post};

use super::Triage;
use super::programme_load::{self, is_head_office, today};
use crate::limits::{SCRIPT_LETTERS, VERSIONS_SHOWN};

#[derive(Template)]
#[template(path = "programme_script.html")]
struct ProgrammeScript {
    shell: Shell,
    id: ProgrammeId,
    name: String,
    languages: Field,
    language: Language,
    seen: i64,
    fields: [Field; 2],
    may_change: bool,
    versions: Vec<Version>,
}

struct Version {
    number: i64,
    from: Millis,
    at: Millis,
    by: String,
    lines: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    language: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Typed {
    language: String,
    seen: i64,
    text: String,
    from: String,
}

fn language_of(word: &str) -> Language {
    Language::from_code(word).unwrap_or(Language::Japanese)
}

pub(super) async fn show(
    State(triage): State<Triage>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<ProgrammeId>,
    Query(asked): Query<Asked>,
) -> Answer {
    let language = language_of(&asked.language);
    let versions = versions(&triage, &session, id, language).await?;
    let typed = Typed {
        language: language.code().to_owned(),
        seen: versions.first().map_or(0, |one| one.version),
        text: versions.first().map(|one| one.text.clone()).unwrap_or_default(),
        from: today(&triage)?.to_string(),
    };
    let shell = match shell.done() {
        Some("saved") => shell.with_notice(Notice::success("電話で話すことを保存しました")),
        _ => shell,
    };
    let page = page(
        &triage,
        &session,
        shell,
        id,
        (&typed, Errors::default()),
        versions,
    )
    .await?;
    Ok(Page(page).into_response())
}

async fn versions(
    triage: &Triage,
    session: &SignedIn,
    id: ProgrammeId,
    language: Language,
) -> Result<Vec<CallScript>, PageError> {
    let most = u32::try_from(VERSIONS_SHOWN).unwrap_or(u32::MAX);
    call_scripts(&triage.db, session.staff.org, id, language.code(), most)
        .await
        .map_err(failed)
}

async fn page(
    triage: &Triage,
    session: &SignedIn,
    shell: Shell,
    id: ProgrammeId,
    (typed, errors): (&Typed, Errors),
    versions: Vec<CallScript>,
) -> Result<ProgrammeScript, PageError> {
    let programme = programme_load::programme(triage, session, id).await?;
    let authors: Vec<_> = versions.iter().filter_map(|one| one.saved_by).collect();
    let people = triage.accounts.staff_by_ids(session.staff.org, &authors).await;
    let people = people.map_err(failed)?;
    let language = language_of(&typed.language);
    let choices = Language::ALL
        .iter()
        .map(|one| Choice::new(one.code(), one.label()))
        .collect();
    let version = |one: CallScript| Version {
        number: one.version,
        from: one.holds_from,
        at: one.saved_at,
        by: one
            .saved_by
            .and_then(|by| people.get(&by))
            .map_or_else(|| "（記録なし）".to_owned(), |staff| staff.name.to_string()),
        lines: one.text.lines().map(str::to_owned).collect(),
    };
    Ok(ProgrammeScript {
        id,
        name: programme.name,
        languages: Field::select("language", "本人が読む言語", choices).value(language.code()),
        language,
        seen: typed.seen,
        fields: [
            Field::long_text("text", "用件を話すときの言葉（1行に1つ）", 8)
                .optional()
                .support(format!(
                    "{SCRIPT_LETTERS}文字まで。空にすると、はじめから入っている言葉に戻ります。本人の確認と、体調が悪い人への119番の案内は、いつも表示されます。"
                ))
                .value(&typed.text)
                .errors(&errors),
            Field::text("from", "使い始める日")
                .required()
                .short()
                .support("例: 2026-12-01")
                .value(&typed.from)
                .errors(&errors),
        ],
        may_change: is_head_office(&session.staff) && shell.may("POST", "/programmes/{id}/script"),
        versions: versions.into_iter().map(version).collect(),
        shell: shell.titled("電話で話すこと").with_errors(errors),
    })
}

pub(super) async fn submit(
    State(triage): State<Triage>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<ProgrammeId>,
    CsrfForm(typed): CsrfForm<Typed>,
) -> Answer {
    programme_load::programme(&triage, &session, id).await?;
    // What the organisation says is the head office's to write.
    if !is_head_office(&session.staff) {
        return Err(PageError::NotFound);
    }
    let mut errors = Errors::default();
    if typed.text.chars().count() > SCRIPT_LETTERS {
        errors.add("text", format!("{SCRIPT_LETTERS}文字までにしてください。"));
    }
    let from = day_begins(typed.from.trim());
    if from.is_none() {
        errors.add("from", "日付を「2026-12-01」のように入力してください。");
    }
    let language = language_of(&typed.language);
    if let (Some(from), true) = (from, errors.is_empty()) {
        let staff = &session.staff;
        let script = (typed.text.trim().to_owned(), from);
        let of = (id, language.code().to_owned());
        let saved = save_call_script(&triage.db, staff.org, of, typed.seen, script, staff.id)
            .await
            .map_err(failed)?;
        if !saved {
            return Err(PageError::conflict(
                "ほかの人が先に、この言葉を直しました。何も保存していません。",
                "前の画面を開き直し、いまの言葉を確かめてから、もう一度直してください。",
            ));
        }
        let told = format!("/programmes/{id}/script?language={}&done=saved", language.code());
        return Ok(after_post(&told).into_response());
    }
    let versions = versions(&triage, &session, id, language).await?;
    let page = page(&triage, &session, shell, id, (&typed, errors), versions).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
}

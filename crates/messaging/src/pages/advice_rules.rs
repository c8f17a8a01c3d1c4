//! `GET /templates/rules`, `POST /templates/rules`: what the organisation asks of its texts. The head office
//! decides; everybody may read it.

use std::collections::HashMap;

use accounts::{SignedIn, Staff};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base::clock::Millis;
use base::id::OfficeId;
use base::text::is_control;
use web::form::{Choice, Field};
use web::ui::Notice;
use web::{CsrfForm, Errors, Page, PageError, Shell, after_post_with};

use super::{Answer, Desk, failed, names};
use crate::advice::{ContactNumber, ENTRIES, ENTRY_LETTERS, Host, Level, Rule, Settings};
use crate::store::{self, SavedAdvice};

#[derive(Template)]
#[template(path = "advice_rules.html")]
struct AdviceRules {
    shell: Shell,
    /// The form, for the head office.
    form: Option<Form>,
    rules: Vec<(Rule, Level)>,
    lists: [(&'static str, Vec<String>); 3],
    saved: Option<(String, Millis)>,
}

struct Form {
    version: i64,
    levels: Vec<Field>,
    lists: Vec<Field>,
}

/// What the person typed, by the names of the fields.
struct Typed(HashMap<String, String>);

fn level_field(rule: Rule) -> String {
    format!("level-{}", rule.id())
}

impl Typed {
    /// The form as it stands before anybody changes it.
    fn of(saved: &SavedAdvice, organisation: Option<&str>) -> Self {
        let settings = &saved.settings;
        let lines = |list: Vec<String>| list.join("\n");
        let mut names = settings.organisations.clone();
        if saved.version == 0 {
            names.extend(organisation.map(str::to_owned));
        }
        let mut fields = HashMap::from([
            ("version".to_owned(), saved.version.to_string()),
            ("organisations".to_owned(), lines(names)),
            (
                "hosts".to_owned(),
                lines(settings.hosts.iter().map(Host::to_string).collect()),
            ),
            (
                "contacts".to_owned(),
                lines(settings.contacts.iter().map(ContactNumber::to_string).collect()),
            ),
        ]);
        for rule in Rule::ALL {
            fields.insert(level_field(*rule), settings.level(*rule).code().to_owned());
        }
        Self(fields)
    }

    fn field(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    fn version(&self) -> i64 {
        self.field("version").parse().unwrap_or_default()
    }

    /// The settings, or every mistake.
    fn accept(&self) -> Result<Settings, Errors> {
        let mut errors = Errors::default();
        let mut settings = Settings {
            organisations: self.entries("organisations", &mut errors, |line| {
                if line.chars().any(is_control) {
                    Err("に目に見えない制御文字があります。入力し直してください。".to_owned())
                } else {
                    Ok(line.to_owned())
                }
            }),
            hosts: self.entries("hosts", &mut errors, |line| {
                Host::parse(line).map_err(|problem| problem.to_string())
            }),
            contacts: self.entries("contacts", &mut errors, |line| {
                ContactNumber::parse(line).map_err(|problem| problem.to_string())
            }),
            ..Settings::default()
        };
        for rule in Rule::ALL {
            let name = level_field(*rule);
            match Level::from_code(self.field(&name)) {
                Some(level) => {
                    settings.levels.insert(*rule, level);
                }
                None => errors.add(name, format!("「{}」の扱いを選んでください。", rule.title())),
            }
        }
        if errors.is_empty() {
            Ok(settings)
        } else {
            Err(errors)
        }
    }

    /// One entry a line; the first line that cannot be read is told.
    fn entries<T>(
        &self,
        name: &str,
        errors: &mut Errors,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Vec<T> {
        let lines = self
            .field(name)
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty());
        let mut entries = Vec::new();
        for (index, line) in lines.enumerate() {
            if index == ENTRIES {
                errors.add(name, format!("{ENTRIES}件までにしてください。"));
                break;
            }
            let entry = if line.chars().count() > ENTRY_LETTERS {
                Err(format!(
                    "が長すぎます。1行{ENTRY_LETTERS}文字までにしてください。"
                ))
            } else {
                read(line)
            };
            match entry {
                Ok(entry) => entries.push(entry),
                Err(problem) => {
                    let shown: String = line.chars().take(ENTRY_LETTERS).collect();
                    errors.add(name, format!("「{shown}」{problem}"));
                    break;
                }
            }
        }
        entries
    }

    fn form(&self, errors: &Errors) -> Form {
        let level = |rule: &Rule| {
            let name = level_field(*rule);
            let choices = Level::ALL.map(|level| Choice::new(level.code(), level.label()));
            Field::select(&name, rule.title(), choices.into())
                .support(rule.why())
                .value(self.field(&name))
                .errors(errors)
        };
        let list = |name: &str, label: &str, support: &str| {
            Field::long_text(name, label, 4)
                .support(support)
                .value(self.field(name))
                .errors(errors)
        };
        Form {
            version: self.version(),
            levels: Rule::ALL.iter().map(level).collect(),
            lists: vec![
                list(
                    "organisations",
                    "組織名",
                    "文面の先頭に置いてよい名前を、1行に1つずつ書きます。外国語の名前も書けます。空欄なら、県・市・保健所などの言葉を探します。",
                ),
                list(
                    "hosts",
                    "使ってよいURLのサイト",
                    "「www.example.lg.jp」のように、1行に1つずつ書きます。「*.lg.jp」と書くと、lg.jpで終わるサイトすべてになります。",
                ),
                list(
                    "contacts",
                    "問い合わせの電話番号",
                    "1行に1つずつ書きます。空欄なら、どの電話番号でもよいことになります。",
                ),
            ],
        }
    }
}

fn may_change(staff: &Staff) -> bool {
    staff.office == OfficeId::HEADQUARTERS
}

pub(super) async fn show(State(desk): State<Desk>, session: SignedIn, shell: Shell) -> Answer {
    let saved = store::saved_advice(&desk.db, session.staff.org)
        .await
        .map_err(failed)?;
    let typed = Typed::of(&saved, shell.viewer().map(|viewer| viewer.organisation.as_str()));
    let shell = match shell.done() {
        Some("saved") => shell.with_notice(
            Notice::success("点検ルールを保存しました").text("すべての文面の点検に、今から使われます。"),
        ),
        _ => shell,
    };
    page(&desk, &session.staff, shell, &saved, &typed, Errors::default()).await
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    CsrfForm(fields): CsrfForm<HashMap<String, String>>,
) -> Answer {
    if !may_change(&session.staff) {
        return Err(PageError::rejected(
            "点検ルールを変えられるのは、本庁の職員だけです。",
            "変えたいときは、本庁の担当者に頼んでください。",
        ));
    }
    let typed = Typed(fields);
    let (org, by) = (session.staff.org, session.staff.id);
    let saved = store::saved_advice(&desk.db, org).await.map_err(failed)?;
    let settings = match typed.accept() {
        Ok(settings) => settings,
        Err(errors) => {
            let page = page(&desk, &session.staff, shell, &saved, &typed, errors).await?;
            return Ok(refused(page));
        }
    };
    let kept = store::save_advice(&desk.db, org, typed.version(), &settings, by);
    if kept.await.map_err(failed)? {
        return Ok(after_post_with("/templates/rules", "saved").into_response());
    }
    let notice = Notice::error("ほかの人が先に点検ルールを変えました")
        .text("下には、保存されている今のルールを出しています。内容を確かめて、もう一度変えてください。");
    let saved = store::saved_advice(&desk.db, org).await.map_err(failed)?;
    let typed = Typed::of(&saved, None);
    let shell = shell.with_notice(notice);
    let page = page(&desk, &session.staff, shell, &saved, &typed, Errors::default()).await?;
    Ok(refused(page))
}

fn refused(page: Response) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}

async fn page(
    desk: &Desk,
    staff: &Staff,
    shell: Shell,
    saved: &SavedAdvice,
    typed: &Typed,
    errors: Errors,
) -> Answer {
    let by = names(desk, staff.org, saved.saved.iter().map(|(by, _)| *by)).await?;
    let settings = &saved.settings;
    let page = AdviceRules {
        form: may_change(staff).then(|| typed.form(&errors)),
        rules: Rule::ALL
            .iter()
            .map(|rule| (*rule, settings.level(*rule)))
            .collect(),
        lists: [
            ("組織名", settings.organisations.clone()),
            (
                "使ってよいURLのサイト",
                settings.hosts.iter().map(Host::to_string).collect(),
            ),
            (
                "問い合わせの電話番号",
                settings.contacts.iter().map(ContactNumber::to_string).collect(),
            ),
        ],
        saved: saved.saved.map(|(id, at)| (by.of(id), at)),
        shell: shell.titled("文面の点検ルール").with_errors(errors),
    };
    Ok(Page(page).into_response())
}

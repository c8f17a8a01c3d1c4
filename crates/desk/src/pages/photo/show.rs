//! `GET /a/{token}/photos/{rule}`: how to take the picture, those that were sent, and one more.

use std::borrow::Borrow;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use base::id::PhotoId;
use web::{Errors, Page, ResidentShell};

use super::words::Say;
use super::{BACK, Holder, PhotoDesk, comes_back};
use crate::document::PhotoRule;
use crate::form::Shown;
use crate::pages::turn::{Answer, Turn};
use crate::pages::word_in;
use crate::store::{self, PhotoRow};

/// The field of the file.
const FIELD: &str = "photo";

#[derive(Template)]
#[template(path = "photo_show.html")]
struct PhotoShow {
    shell: ResidentShell,
    language: web::Language,
    title: Shown,
    how: Vec<Shown>,
    count: Shown,
    photos: Vec<Sent>,
    many: Shown,
    add: Option<Add>,
    next: Option<(Shown, String)>,
}

impl PhotoShow {
    fn say(&self, say: impl Borrow<Say>) -> Shown {
        say.borrow().shown(self.language)
    }
}

/// A picture that was sent.
struct Sent {
    image: String,
    preview: String,
    alt: Shown,
    hints: Vec<Shown>,
    covered: bool,
    /// Sent a moment ago: whether to use it is asked.
    keep: Option<String>,
    retake: String,
    retake_nth: Shown,
    remove: String,
    remove_nth: Shown,
}

/// The form for one more, or for one in the place of another.
struct Add {
    action: String,
    label: Shown,
    replaces: Option<PhotoId>,
    error: Option<Shown>,
    mask: bool,
    words: String,
}

/// What a page tells besides.
#[derive(Clone, Copy, Default)]
pub(super) struct Said {
    pub(super) error: Option<Say>,
    /// The picture that is taken again.
    pub(super) again: Option<PhotoId>,
    /// The one that came a moment ago.
    pub(super) added: Option<PhotoId>,
    /// Somebody came from the page that checks everything.
    pub(super) back: bool,
}

pub(super) async fn show(
    State(desk): State<PhotoDesk>,
    Path((token, rule)): Path<(String, String)>,
    headers: HeaderMap,
    address: Uri,
) -> Response {
    let shown = desk.photos(&token, &rule, &headers, &address).await;
    desk.form.answer(shown).await
}

impl PhotoDesk {
    async fn photos(&self, token: &str, rule: &str, headers: &HeaderMap, address: &Uri) -> Answer {
        let holder = self.holder(token, headers).await?;
        let rule = holder.rule(rule)?;
        let number = |name| word_in(address, name).parse().ok().map(PhotoId::new);
        let said = Said {
            error: None,
            again: number("again"),
            added: number("added"),
            back: comes_back(address),
        };
        Ok(self.page(&holder, rule, said).await?.into_response())
    }

    /// The page as things stand.
    pub(super) async fn page(
        &self,
        holder: &Holder,
        rule: &PhotoRule,
        said: Said,
    ) -> Result<impl IntoResponse, Turn> {
        let language = holder.language;
        let kept = store::kept_photos(&self.form.db, holder.org, holder.application.id).await?;
        let of_rule = |one: &PhotoRow| one.rule == rule.key && one.removed_at.is_none();
        let kept: Vec<PhotoRow> = kept.into_iter().filter(of_rule).collect();
        let lacking =
            store::photos_missing(&self.form.db, holder.org, &holder.application, &holder.document).await?;
        let next = (!lacking.contains(&rule.key)).then(|| {
            let without = kept.is_empty();
            let say = if without { Say::NextWithout } else { Say::Next };
            (say.shown(language), holder.after(rule, said.back))
        });
        let title = Say::Title.shown(language);
        let title = title.with("what", rule.label.shown(language).plain());
        let error = said.error.map(|say| say.shown(language));
        let mut errors = Errors::default();
        if let Some(error) = &error {
            errors.add(FIELD, error.plain());
        }
        let shell = self.form.shell(holder.org, &title, language).await?;
        Ok(Page(PhotoShow {
            shell: ResidentShell { errors, ..shell },
            language,
            how: how(rule, language),
            count: count(rule, language),
            many: Say::Sent.shown(language).with("n", kept.len()),
            add: add(holder, rule, (&kept, said), error),
            photos: sent(holder, rule, &kept, said),
            next,
            title,
        }))
    }
}

fn how(rule: &PhotoRule, language: web::Language) -> Vec<Shown> {
    if rule.help.is_empty() {
        return vec![Say::How.shown(language)];
    }
    rule.help.shown(language).paragraphs()
}

fn count(rule: &PhotoRule, language: web::Language) -> Shown {
    let say = if rule.least == 0 {
        Say::MostOnly
    } else {
        Say::Least
    };
    let said = say.shown(language).with("least", rule.least);
    said.with("most", rule.most)
}

fn sent(holder: &Holder, rule: &PhotoRule, kept: &[PhotoRow], said: Said) -> Vec<Sent> {
    let language = holder.language;
    let label = rule.label.shown(language);
    let photos = (1_usize..).zip(kept);
    photos
        .map(|(n, photo)| {
            let at = holder.at(&format!("photos/{}/{}", rule.key, photo.id));
            let here = |asked: &str| holder.page(rule, asked, said.back);
            let back = if said.back {
                format!("?{BACK}")
            } else {
                String::new()
            };
            Sent {
                image: format!("{at}/image"),
                preview: format!("{at}/preview"),
                alt: Say::Nth.shown(language).with("what", label.plain()).with("n", n),
                hints: photo
                    .hints
                    .iter()
                    .map(|hint| Say::hint(*hint).shown(language))
                    .collect(),
                covered: photo.masked.is_some(),
                keep: (said.added == Some(photo.id)).then(|| here("") + "#photos"),
                retake: here(&format!("again={}", photo.id)) + "#add",
                retake_nth: Say::RetakeNth.shown(language).with("n", n),
                remove: format!("{at}/remove{back}"),
                remove_nth: Say::RemoveNth.shown(language).with("n", n),
            }
        })
        .collect()
}

fn add(
    holder: &Holder,
    rule: &PhotoRule,
    (kept, said): (&[PhotoRow], Said),
    error: Option<Shown>,
) -> Option<Add> {
    let language = holder.language;
    let again = (1_usize..)
        .zip(kept)
        .find(|(_, photo)| said.again == Some(photo.id));
    if again.is_none() && kept.len() >= usize::from(rule.most) {
        return None;
    }
    let label = again.map_or_else(
        || Say::Choose.shown(language),
        |(n, _)| Say::ChooseAgain.shown(language).with("n", n),
    );
    Some(Add {
        action: holder.page(rule, "", said.back),
        label,
        replaces: again.map(|(_, photo)| photo.id),
        error,
        mask: rule.mask,
        words: script_words(language),
    })
}

/// What `photo.js` says, as JSON in the form.
fn script_words(language: web::Language) -> String {
    let said = [
        ("heic", Say::ErrHeic),
        ("kind", Say::ErrKind),
        ("bytes", Say::ErrBytes),
        ("lost", Say::ErrLost),
        ("none", Say::ErrNone),
        ("busy", Say::ErrBusy),
        ("preparing", Say::Preparing),
        ("sending", Say::Sending),
        ("waiting", Say::Waiting),
        ("reading", Say::Reading),
    ];
    let words: std::collections::BTreeMap<&str, String> = said
        .into_iter()
        .map(|(name, say)| (name, say.shown(language).plain().to_owned()))
        .collect();
    serde_json::to_string(&words).expect("texts become JSON")
}

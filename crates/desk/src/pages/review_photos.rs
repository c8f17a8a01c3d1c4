//! The pictures of an application, as pages show them to whoever judges.

use std::collections::HashSet;

use base::id::{ApplicationId, OrgId};
use messaging::pages::{Desk, failed};
use photo::Hint;
use web::ui::Picture;
use web::{Language, PageError};

use crate::application::Application;
use crate::document::DeskDocument;
use crate::store::{self, PhotoRow};

/// The pictures, in the order in which the desk asks for them.
pub(super) async fn photos(
    desk: &Desk,
    org: OrgId,
    (application, document): (&Application, &DeskDocument),
) -> Result<Vec<Picture>, PageError> {
    let kept = store::photos_of(&desk.db, org, application.id)
        .await
        .map_err(failed)?;
    let rules = document.document().photos.iter();
    let shown = rules.flat_map(|rule| {
        let of_rule = kept
            .iter()
            .filter(|photo| photo.rule == rule.key && photo.removed_at.is_none());
        of_rule.map(|photo| {
            picture(
                application.id,
                photo,
                rule.label.shown(Language::Japanese).plain(),
            )
        })
    });
    Ok(shown.collect())
}

fn picture(application: ApplicationId, photo: &PhotoRow, label: &str) -> Picture {
    let at = format!("/applications/{application}/photos/{}", photo.id);
    let shown = Picture::new(format!("{at}/preview"), format!("{at}/image"), label);
    let shown = photo
        .hints
        .iter()
        .fold(shown, |shown, hint| shown.hint(hint_words(*hint)));
    match photo.alike.len() {
        0 => shown,
        others => shown.hint(format!("よく似た写真がほかの申請に{others}件")),
    }
}

const fn hint_words(hint: Hint) -> &'static str {
    match hint {
        Hint::Dark => "暗い",
        Hint::Bright => "明るすぎる",
        Hint::Blurred => "ぼやけている",
        Hint::Small => "小さい",
    }
}

/// Which of these have a picture of which something is noticed: dark, blurred, small.
pub(super) async fn with_hints(
    desk: &Desk,
    org: OrgId,
    ids: &[ApplicationId],
) -> Result<HashSet<ApplicationId>, PageError> {
    store::photos_hinted(&desk.db, org, ids).await.map_err(failed)
}

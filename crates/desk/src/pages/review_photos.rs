//! The pictures of an application, as pages show them to whoever judges.

use std::collections::HashSet;

use accounts::{Permission, Staff};
use base::id::{ApplicationId, OrgId};
use messaging::pages::{Desk, failed};
use web::ui::Picture;
use web::{Language, PageError};

use crate::application::Application;
use crate::document::DeskDocument;
use crate::photos::hint_words;
use crate::store::{self, PhotoRow};

/// The pictures, in the order in which the desk asks for them: whole for whoever checks or judges, small for others.
pub(super) async fn photos(
    desk: &Desk,
    staff: &Staff,
    (application, document): (&Application, &DeskDocument),
) -> Result<Vec<Picture>, PageError> {
    let kept = store::photos_of(&desk.db, staff.org, application.id)
        .await
        .map_err(failed)?;
    let whole = [Permission::CheckApplications, Permission::JudgeApplications];
    let whole = whole.into_iter().any(|permission| staff.may(permission));
    let rules = document.document().photos.iter();
    let shown = rules.flat_map(|rule| {
        let of_rule = kept
            .iter()
            .filter(|photo| photo.rule == rule.key && photo.removed_at.is_none());
        of_rule.map(|photo| {
            let label = rule.label.shown(Language::Japanese);
            picture(application.id, (photo, whole), label.plain())
        })
    });
    Ok(shown.collect())
}

fn picture(application: ApplicationId, (photo, whole): (&PhotoRow, bool), label: &str) -> Picture {
    let shown = if whole {
        let page = format!("/applications/{application}/photos/{}/mask", photo.id);
        Picture::new(photo.image(application), label).with_page(page)
    } else {
        Picture::new(photo.preview(application), label)
    };
    let shown = photo
        .hints
        .iter()
        .fold(shown, |shown, hint| shown.hint(hint_words(*hint)));
    match photo.alike.len() {
        0 => shown,
        others => shown.hint(format!("よく似た写真がほかの申請に{others}件")),
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

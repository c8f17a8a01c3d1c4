//! The photos of an application for staff: `GET /applications/{id}/photos/{photo}/image` and `…/preview`, and covering
//! a part of one, `GET` and `POST …/mask`.
//!
//! A preview is too small to read and stands on pages whose look is recorded; each look at the picture itself is
//! recorded by the guard. The picture may stay in the browser for a minute, so that the next one of a queue is there
//! when it is wanted; its address changes when something on it was covered.

use accounts::{Permission, SignedIn, Staff, audit};
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::get;
use base::id::{ApplicationId, PhotoId};
use db::Db;
use messaging::pages::{Answer, failed};
use photo::{Area, Task};
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization as _;
use web::ui::Notice;
use web::{CsrfForm, Errors, Id, Page, PageError, Shell, after_post_with};

use super::photo::{Serving, serve};
use crate::application::Application;
use crate::document::Reviewer;
use crate::photos::{Studio, refusal};
use crate::store::{self, PhotoRow, PhotoSize};

/// What the pages work with. Cheap to clone.
#[derive(Clone)]
pub struct PhotoStaff {
    /// Where everything is kept.
    pub db: Db,
    /// Where something on a picture is covered.
    pub studio: Studio,
}

/// The pages of photos for the staff host.
pub fn photo_staff_pages(pages: PhotoStaff) -> Router {
    Router::new()
        .route("/applications/{id}/photos/{photo}/image", get(image))
        .route("/applications/{id}/photos/{photo}/preview", get(preview))
        .route("/applications/{id}/photos/{photo}/mask", get(ask_mask).post(mask))
        .with_state(pages)
}

type Named = Id<(ApplicationId, PhotoId)>;

async fn image(
    State(pages): State<PhotoStaff>,
    session: SignedIn,
    Id(named): Named,
    headers: HeaderMap,
) -> Answer {
    audit::note(format!("写真{}", named.1));
    pages
        .picture(
            &session.staff,
            named,
            (PhotoSize::Picture, Serving::AMoment),
            &headers,
        )
        .await
}

async fn preview(
    State(pages): State<PhotoStaff>,
    session: SignedIn,
    Id(named): Named,
    headers: HeaderMap,
) -> Answer {
    pages
        .picture(
            &session.staff,
            named,
            (PhotoSize::Preview, Serving::Never),
            &headers,
        )
        .await
}

#[derive(Template)]
#[template(path = "photo_mask.html")]
struct PhotoMask {
    shell: Shell,
    application: Application,
    photo: PhotoRow,
    image: String,
    typed: Rectangle,
}

/// A part of the picture in percent, as it was typed.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rectangle {
    left: String,
    top: String,
    width: String,
    height: String,
}

impl Rectangle {
    const FIELDS: [&'static str; 4] = ["left", "top", "width", "height"];

    fn fields(&self) -> [&str; 4] {
        [&self.left, &self.top, &self.width, &self.height]
    }

    /// Whole percents.
    fn area(&self) -> Result<Area, Errors> {
        let mut errors = Errors::default();
        let mut numbers = [0; 4];
        for ((name, typed), number) in Self::FIELDS.iter().zip(self.fields()).zip(&mut numbers) {
            let half: String = typed.nfkc().collect();
            match half.trim().parse::<u16>() {
                Ok(percent) if percent <= 100 => *number = percent * 10,
                _ => errors.add(name, "0から100までの整数を入力してください。"),
            }
        }
        let [left, top, width, height] = numbers;
        let area = Area::new(left, top, width, height);
        if let Some(area) = area.filter(|_| errors.is_empty()) {
            Ok(area)
        } else {
            if errors.is_empty() {
                let what =
                    "隠す所が写真からはみ出すか、大きさが0です。位置と大きさの合計を100までにしてください。";
                errors.add("width", what);
            }
            Err(errors)
        }
    }
}

async fn ask_mask(
    State(pages): State<PhotoStaff>,
    session: SignedIn,
    shell: Shell,
    Id(named): Named,
) -> Answer {
    let (application, photo) = pages.load(&session.staff, named).await?;
    let shell = match shell.done() {
        Some("masked") => shell.with_notice(Notice::success("隠しました")),
        _ => shell,
    };
    let page = mask_page(shell, application, photo, Rectangle::default());
    Ok(Page(page).into_response())
}

fn mask_page(shell: Shell, application: Application, photo: PhotoRow, typed: Rectangle) -> PhotoMask {
    PhotoMask {
        image: photo.image(application.id),
        shell: shell.titled(format!("写真{}の番号を隠す", photo.id)),
        application,
        photo,
        typed,
    }
}

async fn mask(
    State(pages): State<PhotoStaff>,
    session: SignedIn,
    shell: Shell,
    Id(named): Named,
    CsrfForm(typed): CsrfForm<Rectangle>,
) -> Answer {
    let staff = &session.staff;
    let (application, photo) = pages.load(staff, named).await?;
    let area = match typed.area() {
        Ok(area) => area,
        Err(errors) => {
            let page = mask_page(shell.with_errors(errors), application, photo, typed);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
        }
    };
    let (db, org) = (&pages.db, staff.org);
    let bytes = store::photo_bytes(db, org, named, PhotoSize::Picture).await;
    let bytes = bytes.map_err(failed)?.ok_or(PageError::NotFound)?;
    let covered = pages.studio.develop(bytes, Task { mask: Some(area) }).await;
    let covered = covered.map_err(|trouble| match refusal(trouble) {
        Some(_) => PageError::rejected(
            "写真を読み取れず、隠せませんでした。",
            "申請者に写真の出し直しを依頼してください。",
        ),
        None => PageError::Busy,
    })?;
    audit::note(format!("写真{}", named.1));
    let masked = store::mask_photo(db, org, named, covered, staff.id).await;
    if !masked.map_err(failed)? {
        return Err(PageError::conflict(
            "申請者がこの写真を取り替えたため、隠しませんでした。",
            "新しい写真を確かめてください。",
        ));
    }
    let to = format!("/applications/{}/photos/{}/mask", named.0, named.1);
    Ok(after_post_with(&to, "masked").into_response())
}

impl PhotoStaff {
    /// A picture of an application that this person may see: of their office, or, for doctors, who work at an office of
    /// their own, of every desk at which doctors judge.
    async fn load(
        &self,
        staff: &Staff,
        (id, photo): (ApplicationId, PhotoId),
    ) -> Result<(Application, PhotoRow), PageError> {
        let found = store::application(&self.db, staff.org, id)
            .await
            .map_err(failed)?;
        let found = found.ok_or(PageError::NotFound)?;
        let of = (found.desk, found.version);
        let document = store::document(&self.db, staff.org, of).await.map_err(failed)?;
        let judges = document.is_some_and(|document| document.document().review.by == Reviewer::Doctor)
            && staff.may(Permission::JudgeApplications);
        if !staff.covers(found.office) && !judges {
            return Err(PageError::NotFound);
        }
        let kept = store::kept_photos(&self.db, staff.org, id)
            .await
            .map_err(failed)?;
        let kept = kept.into_iter().find(|one| one.id == photo);
        Ok((found, kept.ok_or(PageError::NotFound)?))
    }

    async fn picture(
        &self,
        staff: &Staff,
        named: (ApplicationId, PhotoId),
        (size, serving): (PhotoSize, Serving),
        headers: &HeaderMap,
    ) -> Answer {
        let (application, photo) = self.load(staff, named).await?;
        let bytes = store::photo_bytes(&self.db, staff.org, named, size).await;
        let bytes = bytes.map_err(failed)?.ok_or(PageError::NotFound)?;
        let name = format!("{}-{}", application.reference, photo.id);
        serve(headers, &name, serving, bytes).ok_or(PageError::NotFound)
    }
}

impl PhotoRow {
    /// Where staff see it: another address when something on it was covered.
    pub fn image(&self, application: ApplicationId) -> String {
        let masked = self.masked.map_or(0, |masked| masked.at);
        format!("/applications/{application}/photos/{}/image?v={masked}", self.id)
    }

    /// Where staff see it small.
    pub fn preview(&self, application: ApplicationId) -> String {
        let masked = self.masked.map_or(0, |masked| masked.at);
        format!(
            "/applications/{application}/photos/{}/preview?v={masked}",
            self.id
        )
    }
}

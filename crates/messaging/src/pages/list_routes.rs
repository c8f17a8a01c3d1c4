//! The addresses of lists, from the upload to the look at the texts.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use super::{
    Desk, list_columns, list_new, list_preview, list_reading, list_reference, list_reread, list_row_exclude,
    list_row_include, list_row_mend, list_settings, list_show, list_unread, list_upload, list_withdraw,
};
use crate::limits;

/// All of them, for a router that limits every other form.
pub(super) fn list_pages() -> Router<Desk> {
    let upload = post(list_upload::submit).layer(DefaultBodyLimit::max(limits::UPLOAD_BYTES));
    let reference = post(list_reference::submit).layer(DefaultBodyLimit::max(limits::UPLOAD_BYTES));
    Router::new()
        .route("/lists", upload)
        .route("/lists/references", reference)
        .route(
            "/lists/files/{id}",
            get(list_unread::show).post(list_unread::submit),
        )
        .route("/lists/{id}/columns", get(list_columns::show))
        .route(
            "/lists/{id}/reading",
            get(list_reading::show).post(list_reread::submit),
        )
        .route("/lists/new", get(list_new::show))
        .route("/lists/{id}", get(list_show::show))
        .route("/lists/{id}/settings", post(list_settings::submit))
        .route("/lists/{id}/rows/{line}", post(list_row_mend::submit))
        .route("/lists/{id}/rows/{line}/exclude", post(list_row_exclude::submit))
        .route("/lists/{id}/rows/{line}/include", post(list_row_include::submit))
        .route("/lists/{id}/withdraw", post(list_withdraw::submit))
        .route("/lists/{id}/preview", get(list_preview::show))
}

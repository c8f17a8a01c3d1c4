//! The addresses of the desk editor.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use messaging::pages::Desk;

use super::{
    desk_add, desk_approve, desk_close, desk_draft, desk_edit, desk_json, desk_link, desk_list, desk_new,
    desk_preview, desk_show, desk_version, desk_withdraw,
};
use crate::limits::DESK_FORM_BYTES;

/// All pages of the desk editor, for the staff host, inside `Accounts::layer`.
pub fn desk_pages(desk: Desk) -> Router {
    Router::new()
        .route("/desks", get(desk_list::show).post(desk_add::submit))
        .route("/desks/new", get(desk_new::show))
        .route("/desks/{id}", get(desk_show::show))
        .route("/desks/{id}/close", post(desk_close::close))
        .route("/desks/{id}/reopen", post(desk_close::reopen))
        .route("/desks/{id}/link", post(desk_link::submit))
        .route("/desks/{id}/versions", post(desk_draft::submit))
        .route("/desks/{id}/versions/{version}", get(desk_version::show))
        .route(
            "/desks/{id}/versions/{version}/edit",
            get(desk_edit::show).post(desk_edit::submit),
        )
        .route(
            "/desks/{id}/versions/{version}/json",
            get(desk_json::show).post(desk_json::submit),
        )
        .route("/desks/{id}/versions/{version}/preview", get(desk_preview::show))
        .route(
            "/desks/{id}/versions/{version}/approve",
            post(desk_approve::submit),
        )
        .route(
            "/desks/{id}/versions/{version}/withdraw",
            post(desk_withdraw::submit),
        )
        .route_layer(DefaultBodyLimit::max(DESK_FORM_BYTES))
        .with_state(desk)
}

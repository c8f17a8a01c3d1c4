//! The addresses of outcome lists.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use messaging::pages::Desk;

use super::{
    outcome_desk, outcome_list, outcome_lock, outcome_open, outcome_people, outcome_quality, outcome_send,
    outcome_sheet,
};
use crate::limits::FORM_BYTES;

/// All pages of the head office about results, for the staff host, inside `Accounts::layer`.
pub fn outcome_pages(desk: Desk) -> Router {
    Router::new()
        .route("/outcomes", get(outcome_list::show))
        .route("/outcomes/desks/{id}", get(outcome_desk::show))
        .route("/outcomes/desks/{id}/people", get(outcome_people::show))
        .route("/outcomes/desks/{id}/lock", post(outcome_lock::submit))
        .route("/outcomes/desks/{id}/quality", get(outcome_quality::show))
        .route("/outcomes/lists/{id}", get(outcome_sheet::show))
        .route("/outcomes/lists/{id}/send", post(outcome_send::submit))
        .route("/outcomes/lists/{id}/open", post(outcome_open::submit))
        .route_layer(DefaultBodyLimit::max(FORM_BYTES))
        .with_state(desk)
}

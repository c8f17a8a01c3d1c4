//! The staff pages on which applications are looked through and judged.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use messaging::pages::Desk;

use super::{
    review_act, review_check, review_correct, review_desk, review_differences, review_keys, review_list,
    review_look, review_next, review_record, review_renew, review_show, review_today, review_undo,
};
use crate::limits::FORM_BYTES;

/// The pages, for the staff host, inside `Accounts::layer`.
pub fn review_pages(desk: Desk) -> Router {
    Router::new()
        .route("/applications", get(review_list::show))
        .route("/applications/find", post(review_list::find))
        .route("/applications/desks/{desk}", get(review_desk::show))
        .route(
            "/applications/desks/{desk}/differences",
            get(review_differences::show),
        )
        .route("/applications/{id}", get(review_record::show))
        .route("/applications/{id}/reveal", post(review_record::whole))
        .route("/applications/{id}/check", post(review_check::submit))
        .route("/applications/{id}/withdraw", post(review_check::withdraw))
        .route("/applications/{id}/unpark", post(review_check::unpark))
        .route("/applications/{id}/correct", post(review_correct::submit))
        .route("/applications/{id}/uphold", post(review_correct::uphold))
        .route("/review", get(review_today::show))
        .route("/review/keys", post(review_keys::submit))
        .route("/review/{desk}", get(review_today::start))
        .route("/review/{desk}/next", post(review_next::next))
        .route("/review/{desk}/looks", get(review_look::list))
        .route(
            "/review/{desk}/looks/{id}",
            get(review_look::show).post(review_look::submit),
        )
        .route("/review/{desk}/{id}", get(review_show::show))
        .route("/review/{desk}/{id}/take", post(review_next::this))
        .route("/review/{desk}/{id}/act", post(review_act::submit))
        .route("/review/{desk}/{id}/renew", post(review_renew::renewed))
        .route("/review/{desk}/{id}/leave", post(review_renew::left))
        .route("/review/{desk}/{id}/undo", post(review_undo::submit))
        .route_layer(DefaultBodyLimit::max(FORM_BYTES))
        .with_state(desk)
}

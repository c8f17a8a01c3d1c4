//! The addresses of what people write back.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use super::{Desk, reply_list, reply_mark, reply_reveal, reply_rules, reply_show};
use crate::limits;
use crate::reply::PeopleBehind;

/// What the pages of replies work with. Cheap to clone.
#[derive(Clone)]
pub(super) struct ReplyDesk {
    pub(super) desk: Desk,
    pub(super) people: PeopleBehind,
}

/// The pages of what people write back, for the staff host, inside `Accounts::layer`; `people` says who stands behind
/// a reply.
pub fn reply_pages(desk: Desk, people: PeopleBehind) -> Router {
    Router::new()
        .route("/replies", get(reply_list::show))
        .route("/replies/{id}", get(reply_show::show))
        .route("/replies/{id}/reveal", post(reply_reveal::submit))
        .route("/replies/{id}/mark", post(reply_mark::submit))
        .route(
            "/organisation/replies",
            get(reply_rules::show).post(reply_rules::submit),
        )
        .route_layer(DefaultBodyLimit::max(limits::FORM_BYTES))
        .with_state(ReplyDesk { desk, people })
}

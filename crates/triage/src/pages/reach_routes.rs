//! The addresses of reaching people.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use messaging::pages::Desk;

use super::{reach_gather, reach_list, reach_orders, reach_outage, reach_write};
use crate::limits;

/// All pages of reaching people, for the staff host, inside `Accounts::layer`.
pub fn reach_pages(desk: Desk) -> Router {
    Router::new()
        .route("/reach", get(reach_list::show))
        .route(
            "/reach/gather",
            get(reach_gather::show).post(reach_gather::submit),
        )
        .route(
            "/reach/orders",
            get(reach_orders::show).post(reach_orders::submit),
        )
        .route("/reach/outage", get(reach_outage::show))
        .route("/reach/outage/calls", post(reach_outage::submit))
        .route("/reach/outage/resend", post(reach_outage::resend))
        .route("/reach/orders/{id}/end", post(reach_orders::end))
        .route(
            "/cases/{id}/write",
            get(reach_write::show).post(reach_write::submit),
        )
        .route_layer(DefaultBodyLimit::max(limits::REACH_FORM_BYTES))
        .with_state(desk)
}

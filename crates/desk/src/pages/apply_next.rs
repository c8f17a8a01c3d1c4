//! `GET /a/{token}/next`, for residents: to wherever this application goes on in this browser.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::apply::{ApplyDesk, Holder};
use super::apply_turn::{Answer, Instead};
use crate::application::State as Stands;
use crate::store::Entrance;

pub(super) async fn show(
    State(desk): State<ApplyDesk>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let led = desk.lead_on(&token, &headers).await;
    desk.answered(led).await
}

impl ApplyDesk {
    async fn lead_on(&self, token: &str, headers: &HeaderMap) -> Answer {
        let holder = self.enter(token, headers).await?;
        Err(Instead::To(self.goes_on(&holder)))
    }

    /// Where it goes on. A browser that only began the application sees no result.
    pub(super) fn goes_on(&self, holder: &Holder) -> String {
        let knows = holder.way == Entrance::Birth;
        match holder.found.state {
            Stands::Draft => {
                let journey = self.journey(holder);
                if journey.stopped().is_some() {
                    return holder.at("way");
                }
                holder.stage(&journey.resume(), false)
            }
            Stands::SentBack if knows => holder.at("again"),
            _ if knows && holder.outcome(self.db.now()).is_some() => holder.at("result"),
            Stands::SentBack | Stands::Released if !knows => holder.token.path(),
            _ => holder.at("done"),
        }
    }
}

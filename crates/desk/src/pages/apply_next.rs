//! `GET /a/{token}/next`, for residents: to wherever this application goes on in this browser.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::apply::{ApplyDesk, Holder};
use super::apply_turn::{Answer, Instead};
use crate::application::State as Stands;
use crate::document::Again;
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
        match holder.application.state {
            Stands::Draft => {
                let journey = self.journey(holder);
                if journey.stopped().is_some() {
                    return holder.at("way");
                }
                holder.stage(&journey.resume(), false)
            }
            Stands::SentBack if knows => self.goes_on_again(holder),
            _ if knows && holder.outcome(self.db.now()).is_some() => holder.at("result"),
            Stands::SentBack | Stands::Released if !knows => holder.token.path(),
            _ => holder.at("done"),
        }
    }

    /// What is asked again begins with the reason; whoever has renewed some pictures goes on with the others.
    fn goes_on_again(&self, holder: &Holder) -> String {
        let says = holder.document.document();
        let needed = says.photos.iter().filter(|rule| {
            let asked = Again::Photo(rule.key.clone());
            rule.least > 0 && holder.again.as_ref().is_some_and(|again| again.contains(&asked))
        });
        let renewed = needed.clone().any(|rule| !holder.photos.contains(&rule.key));
        if renewed {
            holder.stage(&self.journey(holder).resume(), false)
        } else {
            holder.at("again")
        }
    }
}

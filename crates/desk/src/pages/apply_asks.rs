//! `GET` and `POST` of the pages of an application that ask the same of everybody, each a stage of its own: what is known
//! already is shown, what was typed is kept or shown once more with what is wrong.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use base::clock::Millis;
use web::Language;

use super::apply::{ApplyDesk, Holder};
use super::apply_step::{Body, Part, is_from_check};
use super::apply_turn::Answer;
use crate::application::Stage;
use crate::form::{Shown, Typed};

/// Fields with what is wrong in them.
pub(super) type Mistakes = Vec<(String, Shown)>;

/// What one such page asks.
pub(super) trait Asks {
    /// Which page it is.
    const STAGE: Stage;

    /// What is in the draft already, as its fields hold it.
    fn known(holder: &Holder) -> Typed;

    /// What a button that only changes the page found, if the person pressed that instead of going on.
    fn look(_: &mut Typed, _: Language) -> Option<Vec<Part>> {
        None
    }

    /// Keeps in the draft what was typed at this moment.
    fn keep(holder: &mut Holder, typed: &Typed, now: Millis) -> Result<(), Mistakes>;

    /// The page, with what was found.
    fn body(holder: &Holder, typed: &Typed, found: Vec<Part>, mistakes: Mistakes) -> Body;
}

pub(super) async fn show<A: Asks>(
    State(desk): State<ApplyDesk>,
    Path(token): Path<String>,
    headers: HeaderMap,
    address: Uri,
) -> Response {
    let shown = desk.shows::<A>(&token, &headers, &address).await;
    desk.answered(shown).await
}

pub(super) async fn submit<A: Asks>(
    State(desk): State<ApplyDesk>,
    Path(token): Path<String>,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let next = desk.takes::<A>(&token, &headers, Typed::from(fields)).await;
    desk.answered(next).await
}

impl ApplyDesk {
    async fn shows<A: Asks>(&self, token: &str, headers: &HeaderMap, address: &Uri) -> Answer {
        let holder = self.asked(token, headers, &A::STAGE).await?;
        let body = A::body(&holder, &A::known(&holder), Vec::new(), Mistakes::new());
        self.step(&holder, &A::STAGE, is_from_check(address), body).await
    }

    async fn takes<A: Asks>(&self, token: &str, headers: &HeaderMap, typed: Typed) -> Answer {
        let came = self.receive(token, headers, &A::STAGE, typed).await?;
        let (mut holder, mut typed) = (came.holder, came.typed);
        let look = A::look(&mut typed, holder.language);
        let mut mistakes = Mistakes::new();
        if look.is_none() && !came.only_shows {
            match A::keep(&mut holder, &typed, self.db.now()) {
                Ok(()) => return self.keep(holder, &A::STAGE, came.from_check).await,
                Err(wrong) => mistakes = wrong,
            }
        }
        let body = A::body(&holder, &typed, look.unwrap_or_default(), mistakes);
        self.step(&holder, &A::STAGE, came.from_check, body).await
    }
}

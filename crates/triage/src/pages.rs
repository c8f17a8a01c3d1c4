//! The pages of cases and of the programmes that decide about them, one action a file.
//!
//! What is not of the signed-in person's organisation is not there (404), and neither is what belongs to another
//! office, unless the person works at the head office.

mod case_alert;
mod case_area;
mod case_care;
mod case_close;
mod case_conflict;
mod case_correct;
mod case_course;
mod case_curve;
mod case_decide;
mod case_export;
mod case_form;
mod case_hand_over;
mod case_hand_over_many;
mod case_list;
mod case_load;
mod case_new;
mod case_note;
mod case_reveal;
mod case_review;
mod case_route;
mod case_search;
mod case_show;
mod case_take_over;
mod case_taken;
mod case_texts;
mod case_timeline;
mod case_visit;
mod case_words;
mod figures_asked;
mod figures_file;
mod figures_publish;
mod figures_reach;
mod figures_show;
mod figures_table;
mod figures_today;
mod figures_view;
mod figures_words;
mod figures_work;
mod form_approve;
mod form_edit;
mod form_list;
mod form_load;
mod form_new;
mod form_version;
mod form_withdraw;
mod form_words;
mod home_tiles;
mod intake_areas;
mod intake_check;
mod intake_columns;
mod intake_known;
mod intake_move;
mod intake_new;
mod intake_read;
mod intake_register;
mod line;
mod observation_forms;
mod observation_home;
mod observation_list;
mod office_home;
mod programme_add;
mod programme_approve;
mod programme_care;
mod programme_diseases;
mod programme_draft;
mod programme_edit;
mod programme_fields;
mod programme_form;
mod programme_list;
mod programme_load;
mod programme_new;
mod programme_owner;
mod programme_script;
mod programme_show;
mod programme_try;
mod programme_version;
mod programme_withdraw;
mod programme_words;
mod programme_yesterday;
mod reach_gather;
mod reach_list;
mod reach_orders;
mod reach_outage;
mod reach_routes;
mod reach_words;
mod reach_write;
mod rules_now;
mod twin_decide;
mod twin_list;
mod twin_show;

use std::collections::HashMap;

use accounts::{Accounts, Office};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use base::id::{OfficeId, OrgId};
use db::Db;
use messaging::pages::failed;
use web::PageError;

pub use self::figures_today::home_figures;
pub use self::home_tiles::home_tiles;
pub use self::observation_home::warn_at_home;
pub use self::office_home::warn_of_closed_offices;
pub use self::reach_routes::reach_pages;
use crate::limits;

/// What the pages work with. Cheap to clone.
#[derive(Clone)]
pub struct Triage {
    /// Where everything is kept.
    pub db: Db,
    /// Who is who.
    pub accounts: Accounts,
}

impl Triage {
    /// Every office of the organisation, by number.
    pub(crate) async fn offices(&self, org: OrgId) -> Result<HashMap<OfficeId, Office>, PageError> {
        let all = self.accounts.offices(org).await.map_err(failed)?;
        Ok(all.into_iter().map(|office| (office.id, office)).collect())
    }
}

/// All pages of this slice, for the staff host, inside `Accounts::layer`.
pub fn pages(triage: Triage) -> Router {
    let upload = post(intake_new::submit).layer(DefaultBodyLimit::max(messaging::limits::UPLOAD_BYTES));
    Router::new()
        .route("/cases", get(case_list::show).post(case_new::submit))
        .route("/cases/new", get(case_new::show))
        .route("/cases/search", post(case_search::submit))
        .route("/cases/twins", get(twin_list::show))
        .route("/cases/take-over", post(case_take_over::submit))
        .route(
            "/cases/hand-over",
            get(case_hand_over_many::show).post(case_hand_over_many::submit),
        )
        .route("/cases/{id}", get(case_show::show))
        .route("/cases/{id}/reveal", post(case_reveal::submit))
        .route("/cases/{id}/notes", post(case_note::submit))
        .route("/cases/{id}/route", post(case_route::submit))
        .route("/cases/{id}/decide", post(case_decide::submit))
        .route("/cases/{id}/alerts", post(case_alert::submit))
        .route("/cases/{id}/reviews", post(case_review::submit))
        .route("/observation", get(observation_list::show))
        .route("/observation/forms", get(observation_forms::show))
        .route(
            "/cases/{id}/correct",
            get(case_correct::show).post(case_correct::submit),
        )
        .route(
            "/cases/{id}/hand-over",
            get(case_hand_over::show).post(case_hand_over::submit),
        )
        .route("/cases/{id}/taken", post(case_taken::submit))
        .route(
            "/cases/{id}/close",
            get(case_close::show_close).post(case_close::submit_close),
        )
        .route(
            "/cases/{id}/reopen",
            get(case_close::show_reopen).post(case_close::submit_reopen),
        )
        .route(
            "/cases/{id}/course",
            get(case_course::show).post(case_course::submit),
        )
        .route(
            "/cases/{id}/visit",
            get(case_visit::show).post(case_visit::submit),
        )
        .route(
            "/cases/{id}/export",
            get(case_export::show).post(case_export::submit),
        )
        .route(
            "/cases/{id}/twins/{twin}",
            get(twin_show::show).post(twin_decide::submit),
        )
        .route("/intake", upload)
        .route("/intake/new", get(intake_new::show))
        .route(
            "/intake/areas",
            get(intake_areas::show).post(intake_areas::submit),
        )
        .route("/intake/{id}", get(intake_check::show))
        .route("/intake/{id}/columns", post(intake_columns::submit))
        .route("/intake/{id}/register", post(intake_register::submit))
        .route("/intake/{id}/move", post(intake_move::submit))
        .route_layer(DefaultBodyLimit::max(limits::FORM_BYTES))
        .merge(form_pages())
        .merge(programme_pages())
        .merge(figure_pages())
        .with_state(triage)
}

/// What residents are asked, in versions.
fn form_pages() -> Router<Triage> {
    let edit = get(form_edit::show).post(form_edit::submit);
    Router::new()
        .route("/forms", get(form_list::show).post(form_new::submit))
        .route("/forms/{id}/versions/{version}", get(form_version::show))
        .route(
            "/forms/{id}/versions/{version}/edit",
            edit.layer(DefaultBodyLimit::max(limits::QUESTIONS_FORM_BYTES)),
        )
        .route(
            "/forms/{id}/versions/{version}/approve",
            post(form_approve::submit),
        )
        .route(
            "/forms/{id}/versions/{version}/withdraw",
            post(form_withdraw::submit),
        )
}

fn figure_pages() -> Router<Triage> {
    Router::new()
        .route("/figures", get(figures_show::show))
        .route("/figures/file", get(figures_file::show))
        .route("/figures/published", get(figures_publish::show))
        .route("/figures/published/file", get(figures_publish::file))
}

fn programme_pages() -> Router<Triage> {
    Router::new()
        .route(
            "/programmes",
            get(programme_list::show).post(programme_add::submit),
        )
        .route("/programmes/new", get(programme_new::show))
        .route("/programmes/{id}", get(programme_show::show))
        .route(
            "/programmes/{id}/script",
            get(programme_script::show).post(programme_script::submit),
        )
        .route("/programmes/{id}/diseases", post(programme_diseases::submit))
        .route("/programmes/{id}/owner", post(programme_owner::submit))
        .route("/programmes/{id}/versions", post(programme_draft::submit))
        .route(
            "/programmes/{id}/versions/{version}",
            get(programme_version::show),
        )
        .route(
            "/programmes/{id}/versions/{version}/edit",
            get(programme_edit::show).post(programme_edit::submit),
        )
        .route(
            "/programmes/{id}/versions/{version}/try",
            get(programme_try::show),
        )
        .route(
            "/programmes/{id}/versions/{version}/approve",
            post(programme_approve::submit),
        )
        .route(
            "/programmes/{id}/versions/{version}/withdraw",
            post(programme_withdraw::submit),
        )
        .route_layer(DefaultBodyLimit::max(limits::RULES_FORM_BYTES))
}

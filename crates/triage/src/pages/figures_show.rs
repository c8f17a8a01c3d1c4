//! `GET /figures`: how many come in, how soon they are reached, what is left to do, what today will bring. Each figure
//! as a picture, as a table, and in words.

use accounts::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use messaging::pages::{Answer, scope};
use web::{Field, Page, Shell};

use super::Triage;
use super::figures_asked::{Asked, Wanted};
use super::figures_today::{Expected, expected, looked_at};
use super::figures_view::Figure;
use super::figures_words::{Definition, forecast};

#[derive(Template)]
#[template(path = "figures_show.html")]
struct FiguresShow {
    shell: Shell,
    now: i64,
    /// When that day of the period was counted that was counted longest ago.
    counted_at: Option<i64>,
    fields: Vec<Field>,
    last: String,
    before: String,
    after: Option<String>,
    period: String,
    of: String,
    query: String,
    expected: Option<Expected>,
    method: Vec<Definition>,
    figures: Vec<Figure>,
    may_publish: bool,
}

pub(super) async fn show(
    State(triage): State<Triage>,
    session: SignedIn,
    Query(asked): Query<Asked>,
    shell: Shell,
) -> Answer {
    let wanted = Wanted::read(&triage, &session.staff, &asked).await?;
    let counted = wanted.counted(&triage).await?;
    let recent = wanted.also(&triage, &counted, looked_at(wanted.today)).await?;
    let period = wanted.period;
    let page = FiguresShow {
        now: triage.db.now(),
        counted_at: counted.sums.oldest_count(period),
        fields: wanted.fields(),
        last: period.last().to_string(),
        before: wanted.query(period.before().last()),
        after: wanted.later().map(|last| wanted.query(last)),
        period: period.label(),
        of: wanted.label(),
        query: wanted.query(period.last()),
        expected: expected(&recent, wanted.today),
        method: forecast(),
        figures: counted.view(&wanted).all(),
        may_publish: scope(&session.staff).is_none() && shell.may("GET", "/figures/published"),
        shell: shell.titled("統計"),
    };
    Ok(Page(page).into_response())
}

//! `GET /figures/file`: one figure as a file, CSV or a workbook. No person is in it; numbers of few people may be, so
//! it is kept in the trail.

use accounts::{SignedIn, audit};
use axum::extract::{Query, State};
use messaging::export::ExportForm;
use messaging::pages::Answer;
use web::PageError;
use web::time::JapanTime;

use super::Triage;
use super::figures_asked::{Asked, Wanted};

pub(super) async fn show(
    State(triage): State<Triage>,
    session: SignedIn,
    Query(asked): Query<Asked>,
) -> Answer {
    session.fresh()?;
    let form = ExportForm::from_code(&asked.form).ok_or(PageError::NotFound)?;
    let wanted = Wanted::read(&triage, &session.staff, &asked).await?;
    let counted = wanted.counted(&triage).await?;
    let figures = counted.view(&wanted).all().into_iter();
    let figure = figures.into_iter().find(|figure| figure.id == asked.figure);
    let figure = figure.ok_or(PageError::NotFound)?;
    let what = format!(
        "{}（{}、{}）",
        figure.title,
        wanted.period.label(),
        wanted.label()
    );
    audit::note(what.clone());
    let when = JapanTime::from_millis(triage.db.now()).full();
    let mut about = vec![what, format!("{when} 現在")];
    about.extend(
        figure
            .definitions
            .iter()
            .map(|(word, meaning)| format!("{word}: {meaning}")),
    );
    let name = format!("todoke-figures-{}-{}", figure.id, wanted.period.last());
    figure.table.file(name, &about).answer(form).await
}

//! `GET /applications/desks/{desk}/differences`: judgements about which two people differ, for whoever lets results go
//! and whoever judges: nothing of them is told before that is settled.

use accounts::{Permission, SignedIn};
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::ApplicationId;
use messaging::pages::{Answer, Desk, failed};
use web::{Id, Page, Shell};

use super::review_load::{People, desk_at, may_review};
use super::review_words::decided;
use crate::application::SecondLook;
use crate::store;

#[derive(Template)]
#[template(path = "review_differences.html")]
struct Differences {
    shell: Shell,
    word: String,
    name: String,
    lines: Vec<Line>,
    /// Says how often somebody looks twice.
    rule: String,
    upholds: bool,
    reviews: bool,
}

struct Line {
    id: ApplicationId,
    reference: String,
    number: i64,
    first: Opinion,
    others: Vec<Opinion>,
}

struct Opinion {
    by: String,
    at: Millis,
    what: String,
    words: String,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(word): Id<String>,
) -> Answer {
    let (staff, db) = (&session.staff, &desk.db);
    let open = desk_at(&desk, staff, &word).await?;
    let which = (open.row.id, SecondLook::Differs);
    let found = store::looks_wanted(db, staff.org, which, staff.id)
        .await
        .map_err(failed)?;
    let mut lines = Vec::new();
    for one in &found {
        let Some(made) = one.decided.as_ref() else {
            continue;
        };
        let looks = store::looks(db, staff.org, one.id).await.map_err(failed)?;
        let ids = looks.iter().map(|look| look.by).chain([made.by]);
        let people = People::of(&desk, staff.org, ids).await?;
        let others = looks.iter().filter(|look| look.number == made.number);
        lines.push(Line {
            id: one.id,
            reference: one.reference.to_string(),
            number: made.number,
            first: Opinion {
                by: people.name(made.by),
                at: made.at,
                what: decided(&open.document, &made.decision),
                words: String::new(),
            },
            others: others
                .map(|look| Opinion {
                    by: people.name(look.by),
                    at: look.at,
                    what: decided(&open.document, &look.opinion),
                    words: look.comment.clone().unwrap_or_default(),
                })
                .collect(),
        });
    }
    let rule = open.document.document().review.second_look;
    let page = Differences {
        rule: match (rule.percent, rule.refusals) {
            (0, false) => "この窓口では、二人目の確認をしません。".to_owned(),
            (percent, true) => {
                format!("確定できない判定のすべてと、判定の{percent}%を、二人目が確認します。")
            }
            (percent, false) => format!("判定の{percent}%を、二人目が確認します。"),
        },
        lines,
        upholds: staff.may_at(Permission::ReleaseResults, open.row.office),
        reviews: may_review(staff, &open.row, &open.document),
        shell: shell.titled(format!("{}: 分かれた判定", open.row.name)),
        name: open.row.name,
        word,
    };
    Ok(Page(page).into_response())
}

//! `GET /desks/{id}`: a desk, whether it takes applications, and every version on a time line.

use accounts::SignedIn;
use accounts::versions::VersionRow;
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::DeskId;
use messaging::pages::{Answer, Desk, failed};
use messaging::store::LinkTarget;
use web::form::{Choice, Field};
use web::ui::{Chip, Notice};
use web::{Id, Page, Shell};

use super::desk_link;
use super::desk_load::{self, Names, chip, day, newest, today};
use super::desk_words::Facts;
use super::outcome_list;
use super::outcome_load::Opened;
use crate::document::DeskDocument;
use crate::store::{self, DeskRow};

#[derive(Template)]
#[template(path = "desk_show.html")]
struct DeskShow {
    shell: Shell,
    desk: DeskRow,
    chip: Chip,
    /// Number, title, what it says.
    now: Option<(i64, String, Facts)>,
    lines: Vec<VersionLine>,
    copy: Field,
    /// By which texts can carry everybody's own link to it.
    link: Option<LinkTarget>,
}

struct VersionLine {
    number: i64,
    title: String,
    from: String,
    chip: Chip,
    saved: (String, Millis),
    approved: Option<(String, Millis)>,
    withdrawn: Option<(String, Millis, String)>,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<DeskId>,
) -> Answer {
    let row = desk_load::desk_row(&desk, &session, id).await?;
    let versions = store::desk_versions(&desk.db, session.staff.org, id).await;
    let versions = versions.map_err(failed)?;
    let names = desk_load::names(&desk, &session, &versions).await?;
    let today = today(&desk)?;
    let now = newest(&versions, today);
    let document = now.and_then(|one| DeskDocument::parse(&one.draft.document).ok());
    let said = now.zip(document.as_ref()).map(|(one, document)| {
        (
            one.version,
            one.draft.title.clone(),
            super::desk_words::facts(document),
        )
    });
    let lines = lines(&versions, today, &names);
    let copies = lines.iter().map(|line| {
        let label = format!("第{}版「{}」（{}から）", line.number, line.title, line.from);
        Choice::new(line.number, label)
    });
    let opened = Opened { row, document };
    let clock = opened.day(&desk, &session).await?;
    let page = DeskShow {
        link: desk_link::of(&desk, session.staff.org, id).await?,
        chip: outcome_list::chip(&opened, clock.as_ref()),
        now: said,
        copy: Field::select("copy", "もとにする版", copies.collect()),
        lines,
        shell: with_notice(shell.titled(opened.row.name.clone())),
        desk: opened.row,
    };
    Ok(Page(page).into_response())
}

fn lines(versions: &[VersionRow], today: base::date::CalendarDate, names: &Names) -> Vec<VersionLine> {
    let mut sorted: Vec<&VersionRow> = versions.iter().collect();
    sorted.sort_by_key(|one| std::cmp::Reverse((one.draft.from, one.version)));
    let line = |one: &&VersionRow| VersionLine {
        number: one.version,
        title: one.draft.title.clone(),
        from: day(one.draft.from),
        chip: chip(one, versions, today),
        saved: (names.of(one.saved_by), one.saved_at),
        approved: one.approved.map(|(by, at)| (names.of(by), at)),
        withdrawn: one
            .withdrawn
            .as_ref()
            .map(|(by, at, why)| (names.of(Some(*by)), *at, why.clone())),
    };
    sorted.iter().map(line).collect()
}

fn with_notice(shell: Shell) -> Shell {
    let notice = match shell.done() {
        Some("closed") => Notice::success("受付を閉じました")
            .text("新しい申請を受け付けません。受け付けた申請の判定と連絡は、そのまま続けられます。"),
        Some("link") => Notice::success("文面に本人用のリンクを入れられるようになりました")
            .text("書き方は、下の「SMSで案内する」にあります。"),
        Some("reopened") => {
            Notice::success("閉鎖を解きました").text("受付時間のあいだ、申請を受け付けます。")
        }
        _ => return shell,
    };
    shell.with_notice(notice)
}

//! `GET /programmes/{id}`: the rules that hold today, and every version on a time line.

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::ProgrammeId;
use web::form::{Choice, Field};
use web::ui::Notice;
use web::{Id, Page, Shell};

use super::Triage;
use super::programme_load::{self, is_head_office, may_see, today};
use super::programme_owner::{Owned, owned};
use super::programme_words::{self, VersionLine, Words, newest, time_line};
use crate::programme::Scope;
use crate::store::programmes::{self, ProgrammeRow, VersionRow};
use messaging::pages::{Answer, failed};

#[derive(Template)]
#[template(path = "programme_show.html")]
struct ProgrammeShow {
    shell: Shell,
    programme: ProgrammeRow,
    today: String,
    /// What holds at the person's office today: title, number, whose, what it says.
    now: Option<(String, i64, String, Words)>,
    lines: Vec<VersionLine>,
    copy: Field,
    scope: Field,
    /// For which diseases it is; for those who say so.
    diseases: Option<[Field; 2]>,
    /// To which office its people belong.
    owned: Owned,
}

pub(super) async fn show(
    State(desk): State<Triage>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<ProgrammeId>,
) -> Answer {
    let programme = programme_load::programme(&desk, &session, id).await?;
    let all = programmes::versions(&desk.db, session.staff.org, id)
        .await
        .map_err(failed)?;
    let versions: Vec<VersionRow> = all
        .into_iter()
        .filter(|one| may_see(&session.staff, one.scope))
        .collect();
    let offices = programme_load::offices(&desk, &session).await?;
    let names = programme_load::names(&desk, &session, &versions).await?;
    let today = today(&desk)?;
    let own = newest(&versions, Scope::Office(session.staff.office), today);
    let everybodys = newest(&versions, Scope::Organisation, today);
    let now = own.or(everybodys).map(|one| {
        let whose = programme_words::scope(one.scope, &offices);
        let mut words = Words::of(&one.draft.content, &offices);
        // An office's own rules are for whom it reaches; how long people stay at home, the newest says.
        if let Some(newer) = everybodys.filter(|other| other.draft.from > one.draft.from) {
            words = words.with_periods_of(newer, &offices);
        }
        (one.draft.title.clone(), one.version, whose, words)
    });
    let lines = time_line(&versions, today, &offices, &names);
    let copies = lines.iter().map(|line| {
        let label = format!("第{}版「{}」（{}から）", line.number, line.title, line.from);
        Choice::new(line.number, label)
    });
    let scopes = offices.iter().filter(|(office, _)| session.staff.covers(*office));
    let mut scopes: Vec<Choice> = scopes.map(|(office, name)| Choice::new(office, name)).collect();
    if is_head_office(&session.staff) {
        scopes.insert(0, Choice::new("", "組織全体"));
    }
    let says_diseases = is_head_office(&session.staff) && shell.may("POST", "/programmes/{id}/diseases");
    let owned = owned(&desk, &session, &shell, id).await?;
    let title = programme.name.clone();
    let page = ProgrammeShow {
        shell: with_notice(shell.titled(title)),
        today: programme_words::day(today),
        now,
        copy: Field::select("copy", "もとにする版", copies.collect()),
        scope: Field::select("scope", "だれの規則にしますか", scopes)
            .support("部署の規則は、その部署では組織全体の規則より先に使われます。"),
        lines,
        owned,
        diseases: says_diseases.then(|| diseases(&programme)),
        programme,
    };
    Ok(Page(page).into_response())
}

fn diseases(programme: &ProgrammeRow) -> [Field; 2] {
    [
        Field::long_text("diseases", "対象の疾患", 2)
            .optional()
            .support("発生届の疾患名に書かれる名前を「、」で区切って入力します。書き方が違うものは並べてください。例: 麻しん、麻疹、はしか。空にすると、ほかの規則の疾患でない人は、全員この規則で振り分けます。")
            .value(&programme.diseases),
        Field::check("default", "疾患名が書かれていない届出には、はじめにこの規則を選ぶ（既定の規則）")
            .value(if programme.is_default { "yes" } else { "" }),
    ]
}

fn with_notice(shell: Shell) -> Shell {
    match shell.done() {
        Some("installed") => shell.with_notice(
            Notice::success("例を取り込みました")
                .text("どの版も下書きです。内容を確かめて、ほかの人が承認すると使われます。"),
        ),
        Some("diseases") => shell.with_notice(
            Notice::success("対象の疾患を変えました").text("これから登録する人の振り分けに使います。"),
        ),
        Some("owner") => shell.with_notice(
            Notice::success("担当の部署を変えました")
                .text("これから登録する人に使います。すでに登録した人は、まとめて引き継げます。"),
        ),
        _ => shell,
    }
}

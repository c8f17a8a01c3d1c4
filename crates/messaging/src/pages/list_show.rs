//! `GET /lists/{id}`: what was understood of the list, what is wrong with it, and the way on.
//!
//! Three pages at one address, because a list is in one of three states: withdrawn, without a column or text
//! that fits, or with every row judged.

use accounts::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use base::id::ListId;
use lists::store::{ListHead, Role};
use serde::Deserialize;
use web::ui::Notice;
use web::{Page, PageError, Shell, after_post};

use super::list_judged::{Judgement, head, judged};
use super::{Answer, Desk, Id, list_check, list_columns, list_import_show};

/// What the address asks for; anything that cannot be read counts as the first page.
#[derive(Deserialize, Default)]
pub(super) struct Asked {
    /// Which of the tables of rows is leafed through.
    #[serde(default)]
    pub(super) view: String,
    #[serde(default)]
    pub(super) page: String,
}

#[derive(Template)]
#[template(path = "list_withdrawn.html")]
struct WithdrawnPage {
    shell: Shell,
    list: ListHead,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<ListId>,
    Query(asked): Query<Asked>,
    shell: Shell,
) -> Answer {
    let staff = &session.staff;
    let shell = match list_import_show::page(&desk, staff, shell, id).await? {
        Ok(importing) => return Ok(importing),
        Err(shell) => shell,
    };
    let list = head(&desk, staff, id).await?;
    if list.withdrawn_at.is_some() {
        let shell = shell.titled("取り下げたリスト");
        return Ok(Page(WithdrawnPage { shell, list }).into_response());
    }
    if list.role == Role::Reference {
        return Ok(after_post("/lists/new").into_response());
    }
    let shell = match shell.done().and_then(done) {
        Some(notice) => shell.with_notice(notice),
        None => shell,
    };
    let list = judged(&desk, staff, id).await?;
    if !matches!(list.judgement, Judgement::Rows(_)) && !list_check::handles_rows(staff) {
        return Err(PageError::rejected(
            "このリストは、列と文面が決まる前です。",
            "リストを登録した部署の人が列と文面を選ぶと、ここに検査の結果が表示されます。",
        ));
    }
    let chosen = list.template.as_ref();
    match &list.judgement {
        Judgement::Undecided => list_columns::page(&desk, staff, shell, &list.kept, chosen, &[]).await,
        Judgement::Refused(problems) => {
            list_columns::page(&desk, staff, shell, &list.kept, chosen, problems).await
        }
        Judgement::Rows(rows) => list_check::page(&desk, staff, shell, &list, rows, &asked).await,
    }
}

/// What the action before did.
fn done(word: &str) -> Option<Notice> {
    let (title, text) = match word {
        "mended" => (
            "直した内容で検査し直しました",
            "まだ直すところがある行は、下の表に残っています。",
        ),
        "unchanged" => ("変わったところはありませんでした", ""),
        "excluded" => (
            "行を除外しました",
            "この行には送りません。「除外した行」から戻せます。",
        ),
        "included" => ("行を戻しました", "ほかの行と同じように検査しました。"),
        "called" => (
            "電話リストに入れました",
            "この行には、直すまでSMSを送りません。電話リストから連絡してください。",
        ),
        "called_before" => ("この行の人は、すでに電話リストにあります", ""),
        "looked" => ("確認したことを残しました", ""),
        "chosen" => ("選んだとおりに検査し直しました", "送る人数と文面に反映しました。"),
        "again" => ("もう一度送ると選びました", "理由は記録に残ります。"),
        "not-again" => ("送らないと選びました", ""),
        "reference-removed" => (
            "選ばれた元の名簿を外しました",
            "元の名簿と比べるときは、もう一度選んでください。",
        ),
        "overtaken" => {
            return Some(
                Notice::warning("送る直前に、送る相手の状況が変わりました").text(
                    "同じ目的のSMSがほかの配信で送られた方と、使えない番号として登録された方には、送っていません。だれのことかは、下で確かめてください。",
                ),
            );
        }
        "moved" => {
            return Some(
                Notice::info("列の並びが前回と違います")
                    .text("列は見出しの名前で見つけるので、このまま検査しました。何もする必要はありません。"),
            );
        }
        "in-turn" => {
            return Some(
                Notice::info("前回とは列が違うリストです")
                    .text("この見出しのリストで使う列は前に選ばれているので、そのまま検査しました。何もする必要はありません。"),
            );
        }
        "reread" => (
            "新しい読み取り方で検査し直しました",
            "前の読み取り方のリストは取り下げました。",
        ),
        "settings" => ("選んだ列と文面で検査し直しました", ""),
        _ => return None,
    };
    Some(Notice::success(title).text(text))
}

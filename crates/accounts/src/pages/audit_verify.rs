//! `GET /audit/verify`: goes through the last entries of the chain. The whole chain, and the checkpoints outside of
//! the database, are the command line's.

use axum::extract::State;
use axum::response::IntoResponse;
use web::ui::Notice;
use web::{Page, Shell};

use super::audit_list::{Asked, Extra, page};
use super::{Answer, failed};
use crate::limits::TRAIL_VERIFY;
use crate::sealer::Verified;
use crate::{Accounts, SignedIn};

pub(super) async fn show(State(accounts): State<Accounts>, session: SignedIn, shell: Shell) -> Answer {
    let verified = accounts.verify_trail(session.staff.org).await.map_err(failed)?;
    let extra = Extra {
        notice: Some(told(&verified)),
        ..Extra::default()
    };
    let page = page(&accounts, &session.staff, shell, Asked::default(), extra).await?;
    Ok(Page(page).into_response())
}

fn told(verified: &Verified) -> Notice {
    match &verified.broken {
        None => Notice::success(format!(
            "最近の記録（{TRAIL_VERIFY}件まで）は、書かれたときのままです"
        ))
        .text("全体と、データベースの外の署名は、todoke audit verify で確かめられます。"),
        Some(broken) => Notice::error("監査の記録が書き換えられています")
            .text(format!("{broken}。"))
            .item("システムの担当者に todoke audit verify を頼み、データベースに触れる人を調べてください。"),
    }
}

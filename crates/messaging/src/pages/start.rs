//! `GET /start`: what is left to do between setting an organisation up and its first send. Nothing of it is kept:
//! whether a step is done is seen from what there is.

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::OfficeId;
use web::ui::{Chip, Tone};
use web::{Page, PageError, Shell};

use super::{Answer, Desk, failed};
use crate::store;

#[derive(Template)]
#[template(path = "start.html")]
struct Start {
    shell: Shell,
    steps: Vec<Step>,
    left: usize,
}

/// One thing to do.
struct Step {
    title: &'static str,
    text: String,
    /// The page where it is done and the words of its link.
    link: Option<(&'static str, &'static str)>,
    done: bool,
}

impl Step {
    fn chip(&self) -> Chip {
        if self.done {
            Chip::new(Tone::Done, "済み")
        } else {
            Chip::new(Tone::Waiting, "これから")
        }
    }
}

pub(super) async fn show(State(desk): State<Desk>, session: SignedIn, shell: Shell) -> Answer {
    // The steps are the whole organisation's.
    if session.staff.office != OfficeId::HEADQUARTERS {
        return Err(PageError::NotFound);
    }
    let steps = steps(&desk, &session).await?;
    Ok(Page(Start {
        left: steps.iter().filter(|step| !step.done).count(),
        steps,
        shell: shell.titled("はじめにすること"),
    })
    .into_response())
}

async fn steps(desk: &Desk, session: &SignedIn) -> Result<Vec<Step>, PageError> {
    let org = session.staff.org;
    let offices = desk.accounts.offices(org).await.map_err(failed)?.len();
    let people = desk.accounts.people_count(org, None).await.map_err(failed)?;
    let templates = store::templates(&desk.db, org).await.map_err(failed)?.len();
    let sent = store::any_broadcast(&desk.db, org).await.map_err(failed)?;
    let sender = &desk.sending.sender;
    Ok(vec![
        Step {
            title: "送信元の番号と携帯電話会社",
            text: match (desk.sending.has_carrier, desk.sending.simulated) {
                (true, true) => "模擬の携帯電話会社につながっています。実際のSMSは送られないので、安心して試せます。".to_owned(),
                (true, false) => format!("携帯電話会社につながっています。電話機には {sender} から届きます。"),
                (false, _) => "携帯電話会社の接続先がまだありません。システムを動かしている人に、--carrier と --sender の指定を頼んでください。試すだけなら --simulate が使えます。".to_owned(),
            },
            link: Some(("/organisation/senders", "送信元の番号を見る・登録する")),
            done: desk.sending.has_carrier,
        },
        Step {
            title: "部署",
            text: if offices > 1 {
                format!("本庁のほかに{}の部署があります。", offices - 1)
            } else {
                "保健所や委託先を加えます。見本の17保健所も使えます。".to_owned()
            },
            link: Some(("/offices", "部署を見る・加える")),
            done: offices > 1,
        },
        Step {
            title: "文面",
            text: if templates > 0 {
                format!("文面が{templates}件あります。")
            } else {
                "送る文面を1つ作ります。リストの列を差し込めます。".to_owned()
            },
            link: Some(("/templates/new", "文面を作る")),
            done: templates > 0,
        },
        Step {
            title: "自分に送って試す",
            text: if sent {
                "最初の配信を送りました。".to_owned()
            } else {
                "自分の携帯電話番号を1行だけ書いたリスト（CSV）を登録して、届き方を確かめます。1行目は「電話番号」という見出しにします。".to_owned()
            },
            link: Some(("/lists/new", "リストを登録する")),
            done: sent,
        },
        Step {
            title: "ほかの人",
            text: if people > 1 {
                format!("アカウントが{people}人分あります。")
            } else {
                "一緒に働く人を招待します。管理者は2人以上いると、1人が休んでも困りません。".to_owned()
            },
            link: Some(("/staff/new", "人を招待する")),
            done: people > 1,
        },
    ])
}

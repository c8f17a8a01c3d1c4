//! `GET /start`: what is left to do between setting an organisation up and its first send. Nothing of it is kept:
//! whether a step is done is seen from what there is.

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::OfficeId;
use base::org::OrgMode;
use web::ui::{Chip, Tone};
use web::{Page, PageError, Shell};

use super::{Answer, Desk, failed};
use crate::store::{self, StaffNumber};

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
    let tried = store::any_tried(&desk.db, org).await.map_err(failed)?;
    let own = store::staff_number(&desk.db, org, session.staff.id)
        .await
        .map_err(failed)?;
    let standing = desk.standing(org).await?;
    let training = standing.mode == OrgMode::Training;
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
        own_number(own),
        Step {
            title: "自分に送って試す",
            text: match (tried, training) {
                (true, _) => "試し送りをしました。".to_owned(),
                (false, true) => "文面の画面で「自分の携帯電話に試しに送る」を押します。いまは訓練なので、模擬の携帯電話会社が受け取り、電話機には届きません。操作の練習ができます。".to_owned(),
                (false, false) => "文面の画面で「自分の携帯電話に試しに送る」を押すと、自分の携帯電話にだけ届きます。".to_owned(),
            },
            link: Some(("/templates", "文面を選んで試しに送る")),
            done: tried,
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
        Step {
            title: "本番にする",
            text: match (training, standing.may_go_live()) {
                (true, false) => "いまは訓練で、何を送っても実際の電話機には届きません。練習が済んだら、システムを動かしている人に利用審査を頼みます。目的・送信元・文面を確かめて todoke admin review open を実行すると、本番になります。",
                (true, true) => "いまは訓練で、何を送っても実際の電話機には届きません。練習が済んだら本番にします。本番にした後の「試しに送る」は、自分の携帯電話に届きます。",
                (false, _) => "本番になっています。ここからの送信は、実際の人に届きます。",
            }
            .to_owned(),
            link: Some(("/organisation/limits", "訓練と本番を見る・切り替える")),
            done: !training,
        },
    ])
}

/// A test goes to nobody but the person who presses the button, and only to a number that was looked at.
fn own_number(own: Option<StaffNumber>) -> Step {
    let (text, link) = match own {
        None => (
            "試し送りを受け取る自分の番号を登録します。ほかの人に送ってしまう心配なく、届き方を確かめられます。",
            ("/me/number", "自分の携帯電話を登録する"),
        ),
        Some(own) if own.confirmed.is_none() => (
            "登録した番号を、ほかの管理者が「職員の携帯電話」の画面で確認します。自分の番号は、自分では確認できません。",
            ("/organisation/numbers", "職員の携帯電話を見る"),
        ),
        Some(_) => (
            "自分の番号の確認が済んでいます。",
            ("/me/number", "自分の携帯電話を見る"),
        ),
    };
    Step {
        title: "自分の携帯電話",
        text: text.to_owned(),
        link: Some(link),
        done: own.is_some_and(|own| own.confirmed.is_some()),
    }
}

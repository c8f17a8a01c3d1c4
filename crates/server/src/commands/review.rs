//! `todoke admin review`: what the operator has looked at before an organisation sends live.

use base::id::OrgId;
use db::Db;
use messaging::stage::Standing;
use messaging::store;
use web::time::JapanTime;

use super::Failure;
use crate::cli::{ReviewCommand, ReviewOptions};

pub(crate) async fn run(db: &Db, org: OrgId, command: ReviewCommand) -> Result<(), Failure> {
    match command {
        ReviewCommand::Open(options) => {
            let ReviewOptions { purpose, note } = options;
            let label = purpose.label();
            if store::open_review(db, org, purpose, &note).await? {
                println!("「{label}」の利用審査を記録しました。この目的で本番の送信ができます。");
            } else {
                println!("「{label}」の利用審査は、すでに記録されています。");
            }
        }
        ReviewCommand::Close(options) => {
            let ReviewOptions { purpose, note } = options;
            let label = purpose.label();
            if store::close_review(db, org, purpose, &note).await? {
                println!("「{label}」の本番の送信を閉じました。これからの送信は訓練になります。");
            } else {
                println!("「{label}」の利用審査は記録されていません。");
            }
        }
        ReviewCommand::List => list(db, org, &store::standing(db, org).await?).await?,
    }
    Ok(())
}

async fn list(db: &Db, org: OrgId, standing: &Standing) -> Result<(), Failure> {
    println!("いまは{}です。", standing.mode.label());
    if !standing.needs_review {
        println!("この組織は利用審査の前から使われているため、すべての目的で本番の送信ができます。");
    }
    for review in store::reviews(db, org).await? {
        let opened = JapanTime::from_millis(review.opened_at).full();
        println!("{opened} {} {}", review.purpose.label(), review.opened_note);
        if let Some(at) = review.closed_at {
            let closed = JapanTime::from_millis(at).full();
            println!(
                "  {closed} 閉じました: {}",
                review.closed_note.unwrap_or_default()
            );
        }
    }
    Ok(())
}

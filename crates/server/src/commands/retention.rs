//! `todoke admin retention run`, and the night's run of `todoke serve`.

use std::process::ExitCode;
use std::time::Duration;

use accounts::sealer::organisations;
use db::{Db, DbError};
use messaging::retention::{FormRecords, dry_run, nightly, run as erase};
use tokio::sync::watch;
use tokio::time::timeout;

use super::Failure;
use crate::cli::RetentionCommand;

/// Who keeps forms.
const FORMS: Option<FormRecords> = Some(triage::retention::FORMS);

/// How often `serve` looks whether it is time.
const LOOK: Duration = Duration::from_mins(10);
/// The first look, when the process has long begun to answer.
const FIRST_LOOK: Duration = Duration::from_mins(1);

pub(crate) async fn run(db: &Db, command: &RetentionCommand) -> Result<ExitCode, Failure> {
    let RetentionCommand::Run { dry_run: only_told } = command;
    for org in organisations(db).await? {
        if *only_told {
            println!("組織 {org}: 消すもの: {}", dry_run(db, org, FORMS).await?.words());
        } else {
            println!(
                "組織 {org}: 消しました: {}",
                erase(db, org, FORMS, None).await?.words()
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Erases what is due each night, on one of the nodes, until told to stop.
pub(crate) async fn keep(db: Db, mut stop: watch::Receiver<bool>) {
    let mut pause = FIRST_LOOK;
    while timeout(pause, stop.wait_for(|stop| *stop)).await.is_err() {
        pause = LOOK;
        if let Err(error) = nights(&db).await {
            tracing::error!(%error, "what is due was not erased");
        }
    }
}

async fn nights(db: &Db) -> Result<(), DbError> {
    for org in organisations(db).await? {
        if let Some(erased) = nightly(db, org, FORMS).await? {
            tracing::info!(%org, ?erased, "what was due was erased");
        }
    }
    Ok(())
}

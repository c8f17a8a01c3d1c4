//! `todoke audit verify`: whether the audit trail is as it was written.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::process::ExitCode;

use accounts::chain::Checkpoint;
use accounts::sealer::{organisations, read_checkpoints, verify};
use db::Db;

use super::{Failure, serve};
use crate::cli::{AuditCommand, AuditOptions};

/// Something was changed.
const BROKEN: u8 = 2;

pub(crate) async fn run(options: AuditOptions) -> Result<ExitCode, Failure> {
    let AuditCommand::Verify { checkpoints } = options.command;
    let db = serve::open(&options.database).await?;
    let files = if checkpoints.is_empty() {
        vec![options.database.checkpoints()]
    } else {
        checkpoints
    };
    let (mut marks, mut whole) = (Vec::new(), true);
    for file in &files {
        let (read, good) = checkpoints_of(&db, file)?;
        marks.extend(read);
        whole &= good;
    }
    for org in organisations(&db).await? {
        let verified = verify(&db, org, &marks).await?;
        println!(
            "組織 {org}: {}件の記録を検証しました（署名 {}件と照合、封印待ち {}件）。",
            verified.reached, verified.checkpoints, verified.waiting
        );
        if let Some(broken) = &verified.broken {
            println!("組織 {org}: 壊れています。{broken}。");
            whole = false;
        }
    }
    if whole {
        println!("監査の記録は、書かれたときのままです。");
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::from(BROKEN))
}

/// The checkpoints of a file, and whether each of its lines is one.
fn checkpoints_of(db: &Db, file: &Path) -> Result<(Vec<Checkpoint>, bool), Failure> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            println!(
                "{} がありません。末尾の切り取りと、鎖の作り直しは分かりません。",
                file.display()
            );
            return Ok((Vec::new(), true));
        }
        Err(error) => {
            return Err(Failure::io(format!("{} を読めません", file.display()))(
                error,
            ));
        }
    };
    let (marks, bad) = read_checkpoints(db, &text);
    for line in &bad {
        println!(
            "{} の{line}行目の署名が合いません。書き換えられたか、別の鍵のものです。",
            file.display()
        );
    }
    Ok((marks, bad.is_empty()))
}

//! `todoke audit`, `todoke admin retention`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::DatabaseOptions;

#[derive(Args)]
pub(crate) struct AuditOptions {
    #[command(flatten)]
    pub(crate) database: DatabaseOptions,
    #[command(subcommand)]
    pub(crate) command: AuditCommand,
}

#[derive(Subcommand)]
pub(crate) enum AuditCommand {
    /// 監査の記録が書かれたときのままかを確かめます。0: そのまま、2: 壊れている、1: 確かめられない。
    Verify {
        /// 署名のファイル（複数指定できます）。[既定: 鍵ファイル名.checkpoints]
        #[arg(long, value_name = "FILE")]
        checkpoints: Vec<PathBuf>,
    },
}

#[derive(Subcommand)]
pub(crate) enum RetentionCommand {
    /// 期限の過ぎた情報を消し、何を消したかを書きます。
    Run {
        /// 消さずに、何を消すかだけを書きます。
        #[arg(long)]
        dry_run: bool,
    },
}

//! `todoke audit`, `todoke admin retention`.

use std::path::PathBuf;

use base::clock::Millis;
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
    /// 封印した監査の記録を、数え直せる形のCSVファイルに書き出します。書き出したことも記録に残ります。
    Export {
        /// 組織の名前か番号。1つしかなければ省けます。
        #[arg(long, value_name = "NAME")]
        organisation: Option<String>,
        /// 最初の日（日本時間）。例: 2026-11-01
        #[arg(long, value_name = "DATE", value_parser = super::values::day)]
        from: Millis,
        /// 最後の日（その日を含みます）。
        #[arg(long, value_name = "DATE", value_parser = super::values::day)]
        to: Millis,
        /// 新しく作るファイル。同じ名前のファイルがあれば書きません。
        file: PathBuf,
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

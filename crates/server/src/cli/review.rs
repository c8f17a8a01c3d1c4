//! `todoke admin review`: the operator's review (利用審査) of what an organisation wants to send.

use clap::{Args, Subcommand};
use lists::contacts::Purpose;

use super::values::{not_blank, purpose};

#[derive(Subcommand)]
pub(crate) enum ReviewCommand {
    /// 目的・送信元・文面を確かめたことを記録し、その目的の本番の送信を開きます。
    Open(ReviewOptions),
    /// その目的の本番の送信を閉じます。
    Close(ReviewOptions),
    /// これまでの利用審査を並べます。
    List,
}

#[derive(Args)]
pub(crate) struct ReviewOptions {
    /// 目的。
    #[arg(long, value_name = "PURPOSE", value_parser = purpose)]
    pub(crate) purpose: Purpose,
    /// 何を確かめたか（だれの依頼か、送信元、文面）。監査の記録に残ります。
    #[arg(long, value_name = "TEXT", value_parser = not_blank)]
    pub(crate) note: String,
}

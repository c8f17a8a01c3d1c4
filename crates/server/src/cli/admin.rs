//! `todoke admin`: organisations, offices, accounts.

use accounts::{OfficeKind, PublicWord};
use base::org::Role;
use clap::builder::PossibleValue;
use clap::{Args, Subcommand, ValueEnum};

use super::{AddressCommand, DatabaseOptions, OidcCommand, PasswordOptions, RetentionCommand, ReviewCommand};

#[derive(Args)]
pub(crate) struct AdminOptions {
    #[command(flatten)]
    pub(crate) database: DatabaseOptions,
    /// 組織の名前か番号。組織が1つだけなら要りません。
    #[arg(long, global = true, value_name = "NAME|NUMBER")]
    pub(crate) organisation: Option<String>,
    #[command(flatten)]
    pub(crate) passwords: PasswordOptions,
    #[command(subcommand)]
    pub(crate) command: AdminCommand,
}

#[derive(Subcommand)]
pub(crate) enum AdminCommand {
    /// 組織。1つのシステムに、互いに見えない組織をいくつも置けます。
    #[command(subcommand)]
    Organisation(OrganisationCommand),
    /// 職員のアカウント。
    #[command(subcommand)]
    Account(AccountCommand),
    /// 部署。
    #[command(subcommand)]
    Office(OfficeCommand),
    /// 2つ目の確認方法（認証アプリ、トークン、パスキー）を、すべての職員に必須にするかどうかを決めます。
    SecondFactor {
        /// on で必須、off で任意。
        #[arg(value_enum)]
        required: OnOff,
    },
    /// 利用審査。
    #[command(subcommand)]
    Review(ReviewCommand),
    /// 期限の過ぎた個人の情報。
    #[command(subcommand)]
    Retention(RetentionCommand),
    /// 職員がログインできる接続元（アドレスの範囲）。
    #[command(subcommand)]
    Addresses(AddressCommand),
    /// 組織の認証サーバー（OpenID Connect）。
    #[command(subcommand)]
    Oidc(OidcCommand),
    /// 部署を作ります（office add と同じです）。
    OfficeAdd {
        /// 部署の名前。
        name: String,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OnOff {
    /// 必須
    On,
    /// 任意
    Off,
}

#[derive(Subcommand)]
pub(crate) enum OrganisationCommand {
    /// 組織を作り、最初の管理者に渡すリンクを表示します（1回だけ、48時間使えます）。
    Add {
        /// 組織の名前。
        name: String,
        #[command(flatten)]
        shown: LinkShown,
    },
    /// すべての組織を表示します。
    List,
    /// 住民がその組織を探すときに打つ言葉を決めます（/genuine/言葉）。決めるまでは組織の番号です。
    Word {
        /// 英小文字で始まる、英小文字・数字・ハイフンの2文字から20文字。
        #[arg(value_parser = public_word)]
        word: PublicWord,
    },
    /// まだだれもいない組織のリンクを作り直します。前のリンクは使えなくなります。
    Link {
        #[command(flatten)]
        shown: LinkShown,
    },
}

fn public_word(text: &str) -> Result<PublicWord, String> {
    PublicWord::parse(text).map_err(|refusal| refusal.to_string())
}

/// How a one-time link is written out.
#[derive(Args)]
pub(crate) struct LinkShown {
    /// 職員がブラウザーで開くアドレス。
    #[arg(
        long,
        value_name = "URL",
        env = "TODOKE_PUBLIC_URL",
        default_value = "http://127.0.0.1:8080"
    )]
    pub(crate) public_url: String,
}

#[derive(Subcommand)]
pub(crate) enum OfficeCommand {
    /// 部署を作ります。
    Add {
        /// 部署の名前。
        name: String,
        /// 部署の種類。
        #[arg(long, value_enum, default_value = "health_centre")]
        kind: AddedKind,
        /// 委託先の契約の最終日（例: 2027/3/31）。この日の終わりまで使えます。
        #[arg(long, value_name = "DATE", default_value = "")]
        until: String,
    },
    /// すべての部署を表示します。
    List,
    /// 部署を閉じます。利用中や招待中の人がいる部署は閉じられません。
    Close {
        /// 部署の名前か番号。
        office: String,
    },
    /// 閉じた部署をまた開きます。
    Reopen {
        /// 部署の名前か番号。
        office: String,
    },
}

/// The kinds of office that may be added, as words of the command line.
#[derive(Clone, Copy)]
pub(crate) struct AddedKind(pub(crate) OfficeKind);

impl ValueEnum for AddedKind {
    fn value_variants<'a>() -> &'a [Self] {
        const VARIANTS: [AddedKind; 3] = [
            AddedKind(OfficeKind::ADDED[0]),
            AddedKind(OfficeKind::ADDED[1]),
            AddedKind(OfficeKind::ADDED[2]),
        ];
        &VARIANTS
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.0.code()).help(self.0.label()))
    }
}

#[derive(Subcommand)]
pub(crate) enum AccountCommand {
    /// アカウントを作ります。パスワードは標準入力から読みます。
    Add {
        /// ログインID。
        login: String,
        /// 氏名。
        #[arg(long)]
        name: String,
        /// 部署の名前か番号。なければ本庁。
        #[arg(long)]
        office: Option<String>,
        /// 役割（複数指定できます）。
        #[arg(long = "role", value_enum, default_value = "sender")]
        roles: Vec<AccountRole>,
    },
    /// すべてのアカウントを表示します。
    List,
    /// 2つ目の確認方法をすべて消します。ふだんは画面から、管理者2人で行ってください。
    ResetFactors {
        /// ログインID。
        login: String,
    },
    /// パスワードを変え、止められたログインを開きます。新しいパスワードは標準入力から読みます。
    Password {
        /// ログインID。
        login: String,
    },
    /// 利用を止めます。ログインはすぐにすべて終わります。
    Disable {
        /// ログインID。
        login: String,
    },
    /// 止めた利用を再開します。
    Enable {
        /// ログインID。
        login: String,
    },
    /// 1つの部署での役割を決めます。--role がなければ、その部署の役割をすべて外します。
    Roles {
        /// ログインID。
        login: String,
        /// 部署の名前か番号。なければ、この人の所属。
        #[arg(long)]
        office: Option<String>,
        /// 役割（複数指定できます）。
        #[arg(long = "role", value_enum)]
        roles: Vec<AccountRole>,
    },
}

/// The roles of `base::org`, as words of the command line.
#[derive(Clone, Copy)]
pub(crate) struct AccountRole(pub(crate) Role);

impl ValueEnum for AccountRole {
    fn value_variants<'a>() -> &'a [Self] {
        const VARIANTS: [AccountRole; Role::ALL.len()] = {
            let mut variants = [AccountRole(Role::Administrator); Role::ALL.len()];
            let mut at = 0;
            while at < variants.len() {
                variants[at] = AccountRole(Role::ALL[at]);
                at += 1;
            }
            variants
        };
        &VARIANTS
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.0.code()).help(self.0.label()))
    }
}

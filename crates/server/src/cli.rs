//! Every command and flag on one page.

mod admin;
mod audit;
mod links;
mod network;
mod review;
mod sign_in;
mod values;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use base::text::Counting;
use carrier::CarrierAccount;
use clap::{Args, Parser, Subcommand, ValueEnum};
use db::DatabaseUrl;
use lists::contacts::Purpose;
use lists::read::Encoding;
use messaging::recognition::ResendScope;

pub(crate) use self::admin::{
    AccountCommand, AccountRole, AddedKind, AdminCommand, AdminOptions, OfficeCommand, OnOff,
    OrganisationCommand,
};
pub(crate) use self::audit::{AuditCommand, AuditOptions, RetentionCommand};
pub(crate) use self::links::LinkOptions;
pub(crate) use self::network::NetworkOptions;
pub(crate) use self::review::{ReviewCommand, ReviewOptions};
pub(crate) use self::sign_in::{AddressCommand, OidcCommand, OidcOptions, PasswordOptions};
use self::values::{
    account, encoding, fraction, mapped, newline_units, not_blank, price, purpose, range, reply, report_path,
    seconds, sender, status,
};

/// 届け: 保健所のリストを、必要な人の電話機へ、一度だけ、確かに届けます。
#[derive(Parser)]
#[command(name = "todoke", version, about, max_term_width = 100)]
pub(crate) struct Cli {
    /// 動きを詳しく標準エラー出力に書きます。
    #[arg(long, global = true)]
    pub(crate) verbose: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// リストを検査します。送信はしません。
    Check(CheckOptions),
    /// リストを検査して送信し、結果を報告します。
    Send(Box<SendOptions>),
    /// 職員の画面と住民の画面を動かし、送信します。
    Serve(Box<ServeOptions>),
    /// 架空の県で試します。準備は要りません。実際には誰にも送りません。
    Demo(Box<DemoOptions>),
    /// 模擬の携帯電話会社（SMPP 3.4 の SMSC）を動かします。
    Smsc(SmscOptions),
    /// 組織・部署・アカウントを管理します。
    Admin(AdminOptions),
    /// 監査の記録を検証します。
    Audit(AuditOptions),
    /// 写真1枚を読み取る子プロセスです。人が使うものではありません。
    #[command(name = desk::photos::WORKER_COMMAND, hide = true)]
    PhotoWorker,
}

/// A list and the text for it.
#[derive(Args)]
pub(crate) struct ListOptions {
    /// リスト（CSV、TSV、.xlsx）。
    pub(crate) file: PathBuf,
    /// 携帯電話番号の列の見出し。
    #[arg(long, value_name = "COLUMN")]
    pub(crate) to: String,
    /// 文面。{{見出し}} の所にその列の値が入ります。
    #[arg(long, value_name = "TEXT", required_unless_present = "template_file")]
    pub(crate) template: Option<String>,
    /// 文面を書いたファイル（UTF-8）。
    #[arg(long, value_name = "FILE", conflicts_with = "template")]
    pub(crate) template_file: Option<PathBuf>,
    /// .xlsx に複数のシートがあるときに読むシートの名前。
    #[arg(long, value_name = "NAME")]
    pub(crate) sheet: Option<String>,
    /// 元のシステムから書き出したリスト。行ごとに見比べ、列のずれ・並べ替え・入れ替わりがあれば止めます。
    #[arg(long, value_name = "FILE")]
    pub(crate) reference: Option<PathBuf>,
    /// 差し込みの列を別の見出しから取ります（例: HER-SYS ID=ハーシスID。複数指定できます）。
    #[arg(long = "map", value_name = "FIELD=COLUMN", value_parser = mapped)]
    pub(crate) mapped: Vec<(String, String)>,
    /// 文字コード（utf-8、cp932 など）。指定しなければ自動で見分けます。
    #[arg(long, value_name = "NAME", value_parser = encoding)]
    pub(crate) encoding: Option<Encoding>,
    /// 見出しの行の番号（Excelの行番号）。指定しなければ自動で見分けます。
    #[arg(long, value_name = "LINE")]
    pub(crate) header_line: Option<u32>,
    /// 電話機で表示されないことのある文字を、代わりの文字に置き換えます。
    #[arg(long)]
    pub(crate) replace_letters: bool,
    /// 同じ番号に文面が複数あるとき、最初の1通だけを送ります。
    #[arg(long)]
    pub(crate) one_per_household: bool,
}

#[derive(Args)]
pub(crate) struct CheckOptions {
    #[command(flatten)]
    pub(crate) list: ListOptions,
    /// 結果を JSON で書きます。
    #[arg(long)]
    pub(crate) json: bool,
}

/// Where the messages are kept.
#[derive(Args, Clone)]
pub(crate) struct DatabaseOptions {
    /// データベース。sqlite:ファイル名 または postgres://…
    #[arg(
        long,
        value_name = "URL",
        env = "TODOKE_DATABASE",
        default_value = "sqlite:todoke.db"
    )]
    pub(crate) database: DatabaseUrl,
    /// 暗号化の鍵ファイル。データベースを作るときだけ作られます。[既定: SQLite はデータベース名.key]
    #[arg(long, value_name = "FILE", env = "TODOKE_KEY_FILE")]
    pub(crate) key_file: Option<PathBuf>,
}

impl DatabaseOptions {
    pub(crate) fn key_file(&self) -> PathBuf {
        self.key_file
            .clone()
            .unwrap_or_else(|| self.database.default_key_file())
    }

    /// Where signed checkpoints of the audit trail go unless it is said otherwise: beside the key file.
    pub(crate) fn checkpoints(&self) -> PathBuf {
        let mut name = self.key_file().into_os_string();
        name.push(".checkpoints");
        name.into()
    }
}

/// Which carrier, and what phones show.
#[derive(Args, Clone)]
pub(crate) struct CarrierOptions {
    /// 携帯電話会社の接続先 smpp://利用者名:パスワード@ホスト:ポート（複数指定できます）。
    #[arg(
        long = "carrier",
        value_name = "URL",
        env = "TODOKE_CARRIER",
        value_delimiter = ' '
    )]
    pub(crate) carriers: Vec<CarrierAccount>,
    /// 実際には送らず、模擬の携帯電話会社に送ります。
    #[arg(long, conflicts_with = "carriers")]
    pub(crate) simulate: bool,
    /// 電話機に表示される送信元の番号。
    #[arg(long, value_name = "NUMBER", env = "TODOKE_SENDER", default_value = "0005000000", value_parser = sender)]
    pub(crate) sender: String,
    /// 長い文面のつなぎ方。
    #[arg(long, value_enum, default_value_t = LongMessages::Udh8)]
    pub(crate) long_messages: LongMessages,
    /// 携帯電話会社が改行を数える文字数（1 または 2）。
    #[arg(long, value_name = "1|2", env = "TODOKE_NEWLINE_UNITS", default_value = "1", value_parser = newline_units)]
    pub(crate) newline_units: Counting,
    /// 1通の料金（円）。送信の確認に費用の見込みを表示します。
    #[arg(long, value_name = "YEN", env = "TODOKE_PRICE", value_parser = price)]
    pub(crate) price: Option<u32>,
}

#[derive(Args)]
pub(crate) struct SendOptions {
    #[command(flatten)]
    pub(crate) list: ListOptions,
    #[command(flatten)]
    pub(crate) database: DatabaseOptions,
    #[command(flatten)]
    pub(crate) carrier: CarrierOptions,
    /// 送る組織の名前か番号。組織が1つだけなら要りません。
    #[arg(long, value_name = "NAME|NUMBER")]
    pub(crate) organisation: Option<String>,
    /// 最初の1通を送るまでの待ち時間（秒）。
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = seconds)]
    pub(crate) hold: Duration,
    /// 配達結果を待つ長さ（秒）。すべて分かれば早く終わります。
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    pub(crate) wait: Duration,
    /// 結果をファイルに書きます（.csv または .xlsx。平文です）。
    #[arg(long, value_name = "PATH", value_parser = report_path)]
    pub(crate) report: Option<PathBuf>,
    /// 結果を JSON で標準出力に、進み具合を標準エラー出力に書きます。
    #[arg(long)]
    pub(crate) json: bool,
    /// 誤りのある行があっても、正しい行を送ります。
    #[arg(long)]
    pub(crate) yes: bool,
    /// 配信の目的。指定すると、同じ目的ですでに連絡した人には送りません。
    #[arg(long, value_name = "first_touch|test_result|…", value_parser = purpose)]
    pub(crate) purpose: Option<Purpose>,
    /// 30日以内に送った行を、もう一度送ります。
    #[arg(long, value_enum, requires = "resend_reason")]
    pub(crate) resend: Option<Resend>,
    /// もう一度送る理由。記録されます。
    #[arg(long, value_name = "TEXT", requires = "resend", value_parser = not_blank)]
    pub(crate) resend_reason: Option<String>,
}

#[derive(Args)]
pub(crate) struct ServeOptions {
    #[command(flatten)]
    pub(crate) database: DatabaseOptions,
    #[command(flatten)]
    pub(crate) carrier: CarrierOptions,
    #[command(flatten)]
    pub(crate) links: LinkOptions,
    #[command(flatten)]
    pub(crate) network: NetworkOptions,
    #[command(flatten)]
    pub(crate) passwords: PasswordOptions,
    /// 送信を押してから最初の1通を送るまでの、取り消せる時間（秒）。
    #[arg(long, value_name = "SECONDS", env = "TODOKE_HOLD", default_value = "30", value_parser = seconds)]
    pub(crate) hold: Duration,
    /// 監査の記録の署名を書き足すファイル。[既定: 鍵ファイル名.checkpoints]
    #[arg(long, value_name = "PATH", env = "TODOKE_AUDIT_CHECKPOINTS")]
    pub(crate) audit_checkpoints: Option<PathBuf>,
    /// 起動から、監査の記録を最初に検証するまでの時間（秒）。その後は1日に1回検証します。
    #[arg(long, value_name = "SECONDS", default_value = "600", value_parser = seconds)]
    pub(crate) audit_verify_after: Duration,
    /// この環境の種類。すべての画面に表示されます。
    #[arg(long, value_enum, env = "TODOKE_ENVIRONMENT", default_value_t = EnvironmentKind::Production)]
    pub(crate) environment: EnvironmentKind,
    /// 困ったときの連絡先。すべての画面の下に表示されます。
    #[arg(
        long,
        value_name = "TEXT",
        env = "TODOKE_HELP_LINE",
        default_value = "担当部署にお問い合わせください"
    )]
    pub(crate) help_line: String,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EnvironmentKind {
    /// 本番
    Production,
    /// 検証
    Verification,
}

impl From<EnvironmentKind> for web::Environment {
    fn from(kind: EnvironmentKind) -> Self {
        match kind {
            EnvironmentKind::Production => Self::Production,
            EnvironmentKind::Verification => Self::Verification,
        }
    }
}

#[derive(Args)]
pub(crate) struct DemoOptions {
    /// 職員の画面を待ち受けるアドレス。
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// 住民の画面を待ち受けるアドレス。
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub(crate) resident_listen: SocketAddr,
    /// データを残す場所。指定しなければ、終わるときに消します。
    #[arg(long, value_name = "DIRECTORY")]
    pub(crate) directory: Option<PathBuf>,
    /// 取り消せる時間（秒）。
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub(crate) hold: Duration,
    /// 見本の患者と申請を入れずに始めます。
    #[arg(long)]
    pub(crate) empty: bool,
    /// 模擬の携帯電話会社が1秒に受け付ける通数。少なくすると進み具合がよく見えます。[既定: 40、--surge では 200]
    #[arg(long, value_name = "PARTS")]
    pub(crate) rate: Option<u32>,
    /// 医師が判定する窓口に届いている申請の件数。3件に1件は判定を終えています。[既定: 40]
    #[arg(long, value_name = "COUNT", conflicts_with = "surge", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) applications: Option<u32>,
    /// 大波の1日を試します。発生届を配り、連絡し、電話をかけ、最後に全員の行方を数え直します。
    #[arg(long)]
    pub(crate) surge: bool,
    #[command(flatten)]
    pub(crate) wave: SurgeOptions,
}

/// How large the played day is. Whatever is said here, it is a day without a real person.
#[derive(Args)]
pub(crate) struct SurgeOptions {
    /// 発生届の件数。
    #[arg(long, value_name = "COUNT", default_value = "10200", requires = "surge", value_parser = clap::value_parser!(u32).range(20..=100_000))]
    pub(crate) people: u32,
    /// 保健所の数。
    #[arg(long, value_name = "COUNT", default_value = "17", requires = "surge", value_parser = clap::value_parser!(u32).range(1..=17))]
    pub(crate) centres: u32,
    /// 1つの保健所で電話をかける人の数。
    #[arg(long, value_name = "COUNT", default_value = "4", requires = "surge", value_parser = clap::value_parser!(u32).range(1..=20))]
    pub(crate) callers: u32,
    /// 乱数の種。同じ種なら、同じ人の同じ発生届になります。
    #[arg(long, value_name = "NUMBER", default_value = "1", requires = "surge")]
    pub(crate) seed: u64,
    /// 使うデータベース。[既定: デモの場所の SQLite]
    #[arg(long, value_name = "URL", requires = "surge")]
    pub(crate) database: Option<DatabaseUrl>,
    /// 結果を JSON で標準出力に、ほかの表示を標準エラー出力に書きます。
    #[arg(long, requires = "surge")]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Resend {
    /// 届かなかったもの
    Failed,
    /// 結果不明のもの
    Unconfirmed,
    /// 送信中のもの以外すべて
    All,
}

impl From<Resend> for ResendScope {
    fn from(resend: Resend) -> Self {
        match resend {
            Resend::Failed => Self::Failed,
            Resend::Unconfirmed => Self::Unconfirmed,
            Resend::All => Self::All,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum LongMessages {
    /// 8ビット参照番号のヘッダー（1通67文字）
    Udh8,
    /// 16ビット参照番号のヘッダー（1通66文字）
    Udh16,
    /// SMPP の `sar_*` パラメーター
    Sar,
    /// `message_payload`（分割は携帯電話会社）
    Payload,
}

impl From<LongMessages> for base::segment::Segmentation {
    fn from(way: LongMessages) -> Self {
        match way {
            LongMessages::Udh8 => Self::Udh8,
            LongMessages::Udh16 => Self::Udh16,
            LongMessages::Sar => Self::Sar,
            LongMessages::Payload => Self::Payload,
        }
    }
}

/// The simulated carrier. The numbers 090-9999-00xx have fates of their own (docs/operations.md).
#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct SmscOptions {
    /// 待ち受けるアドレス。ポート 0 は空いているポートを使います。
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:2775")]
    pub(crate) listen: SocketAddr,
    /// つないでよい利用者 名前:パスワード（複数指定できます。なければ誰でも）。
    #[arg(long = "account", value_name = "ID:PASSWORD", value_parser = account)]
    pub(crate) accounts: Vec<(String, String)>,
    /// 乱数の種。同じ種なら同じ結果になります。
    #[arg(long, default_value = "1")]
    pub(crate) seed: u64,
    /// 最初の受付番号。
    #[arg(long, default_value = "1")]
    pub(crate) first_message_id: u64,
    /// 受付番号の書き方（送信への応答）。
    #[arg(long, value_enum, default_value_t = IdFormat::Decimal)]
    pub(crate) message_ids: IdFormat,
    /// 受付番号の書き方（配達結果）。
    #[arg(long, value_enum, default_value_t = IdFormat::Decimal)]
    pub(crate) receipt_ids: IdFormat,
    /// 送信に応答するまでの時間（ミリ秒）。
    #[arg(long, value_name = "MS", default_value = "0")]
    pub(crate) answer_delay: u64,
    /// 送信に応答しません。
    #[arg(long)]
    pub(crate) never_answer: bool,
    /// 接続を断る理由の番号（例: 0x0E）。
    #[arg(long, value_name = "STATUS", value_parser = status, conflicts_with = "ignore_binds")]
    pub(crate) refuse_binds: Option<u32>,
    /// 接続の求めに応答しません。
    #[arg(long)]
    pub(crate) ignore_binds: bool,
    /// 1利用者の同時接続数の上限。
    #[arg(long, value_name = "COUNT")]
    pub(crate) max_binds: Option<usize>,
    /// 配達結果を返すまでの時間の範囲（ミリ秒、最短-最長）。
    #[arg(long, value_name = "MS-MS", default_value = "0-0", value_parser = range)]
    pub(crate) receipt_delay: (u64, u64),
    /// 不達の割合（0 から 1）。
    #[arg(long, default_value = "0", value_parser = fraction)]
    pub(crate) undelivered: f64,
    /// 期限切れの割合。
    #[arg(long, default_value = "0", value_parser = fraction)]
    pub(crate) expired: f64,
    /// 受け付けたあとの拒否の割合。
    #[arg(long, default_value = "0", value_parser = fraction)]
    pub(crate) rejected: f64,
    /// 配達結果が来ない割合。
    #[arg(long, default_value = "0", value_parser = fraction)]
    pub(crate) silent: f64,
    /// 配達結果が二重に来る割合。
    #[arg(long, default_value = "0", value_parser = fraction)]
    pub(crate) duplicates: f64,
    /// 配達結果の順序が入れ替わる割合。
    #[arg(long, default_value = "0", value_parser = fraction)]
    pub(crate) reversed: f64,
    /// 配達結果が送信への応答より先に来る割合。
    #[arg(long, default_value = "0", value_parser = fraction)]
    pub(crate) early: f64,
    /// 毎秒の通数の上限。超えると 0x58 で断ります。
    #[arg(long, value_name = "PARTS")]
    pub(crate) throttle_rate: Option<u32>,
    /// この通数ごとに 0x58 で断ります。
    #[arg(long, value_name = "COUNT")]
    pub(crate) throttle_every: Option<u32>,
    /// この通数ごとに接続を切ります。
    #[arg(long, value_name = "COUNT")]
    pub(crate) cut_every: Option<u32>,
    /// 接続を切るのを、応答のあとにします。
    #[arg(long, requires = "cut_every")]
    pub(crate) cut_after_answer: bool,
    /// 文字数の上限を守る携帯電話会社。
    #[arg(long, value_enum)]
    pub(crate) profile: Option<Profile>,
    /// 返信する電話機: 番号の終わりと、SMSが届くたびに返す文（例: 0001=停止。複数指定できます）。
    #[arg(long = "reply", value_name = "END=TEXT", value_parser = reply)]
    pub(crate) replies: Vec<(String, String)>,
    /// 障害: この秒数がたってから、次の秒数のあいだ、つながらなくします。
    #[arg(long, value_name = "AFTER-FOR", value_parser = range)]
    pub(crate) outage: Option<(u64, u64)>,
    /// 受け付けたもの・断ったものを、1件1行のJSONで書き足すファイル（宛先と文面を含みます）。
    #[arg(long, value_name = "FILE")]
    pub(crate) log: Option<PathBuf>,
    /// 終わるときに、数えたものを JSON で標準出力に書きます。
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum IdFormat {
    /// 10進数
    Decimal,
    /// 16進数
    Hexadecimal,
    /// 0で始まる10桁
    LeadingZeros,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Profile {
    /// NTTドコモ
    Docomo,
    /// au
    Au,
    /// ソフトバンク
    Softbank,
    /// 楽天モバイル
    Rakuten,
}

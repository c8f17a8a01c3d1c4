//! What the trail calls deeds that have no single form: signing in, factors, passwords, looks within a page, what the
//! system does by itself.

use crate::audit::Action;
use crate::{INVITATION_ACTIONS, ORGANISATION_SET_UP};

const fn action(code: &'static str, label: &'static str) -> Action {
    Action { code, label }
}

/// A session began, or an attempt was refused.
pub const SIGN_IN: Action = action("session.sign_in", "ログインした");
/// The second step was refused.
pub const SECOND_STEP: Action = action("session.second_step", "2つ目の確認をした");
/// A session ended by its person.
pub const SIGN_OUT: Action = action("session.sign_out", "ログアウトした");
/// Somebody proved again who sits there, or failed to.
pub const CONFIRM: Action = action("session.confirm", "本人の確認をした");
/// The person ended another session of theirs.
pub const END_SESSIONS: Action = action("session.end", "ほかの端末のログインを終わらせた");
/// An own new password.
pub const CHANGE_PASSWORD: Action = action("account.password", "自分のパスワードを変えた");
/// A device with one-time codes, or a passkey.
pub const ADD_FACTOR: Action = action("factor.add", "2つ目の確認方法を登録した");
/// One of them taken away.
pub const REMOVE_FACTOR: Action = action("factor.remove", "2つ目の確認方法を外した");
/// Ten new recovery codes.
pub const MAKE_CODES: Action = action("factor.codes", "回復コードを作った");
/// By the command line, without a second administrator.
pub const RESET_FACTORS: Action = action("factor.reset_by_command", "確認方法をコマンドでリセットした");
/// By the command line or the set-up page.
pub const REQUIRE_FACTORS: Action = action("factor.require", "2つ目の確認を必須にするか決めた");
/// Somebody asked to be shown more than is shown in so short a time.
pub const REVEAL_BLOCK: Action = action("reveal.block", "続けて表示しようとして止められた");
/// Whoever lets messages for corrected numbers go saw them whole.
pub const CORRECTED_LOOK: Action = action("broadcast.corrected", "訂正した番号と文面を見た");
/// What was due was erased.
pub const ERASE: Action = action("retention.erase", "期限の過ぎた情報を消した");

/// A session that was used from an address outside, and therefore ended.
pub const SESSION_OUTSIDE: Action = action(
    "session.outside",
    "許可されていない場所から使われ、ログアウトした",
);
/// By the command line.
pub const ADDRESSES_BY_COMMAND: Action = action(
    "organisation.addresses_by_command",
    "接続元の範囲をコマンドで変えた",
);
/// By the command line.
pub const PROVIDER_BY_COMMAND: Action = action(
    "organisation.provider_by_command",
    "組織の認証サーバーをコマンドで変えた",
);

/// A resident gave the right birth date behind a personal link.
pub const FORM_OPEN: Action = action("form.open", "住民が質問のリンクを開いた");
/// The link was locked after too many wrong ones.
pub const FORM_LOCK: Action = action("form.lock", "質問のリンクが、生年月日の誤りで開けなくなった");
/// A resident sent answers.
pub const FORM_ANSWER: Action = action("form.answer", "住民が質問に答えた");

/// An account was bound to the person of the identity provider who signed in first.
pub const PIN_IDENTITY: Action = action("identity.pin", "アカウントを組織の認証サーバーの本人に結び付けた");

/// All of them, for whoever shows the trail.
pub const ALL: [Action; 24] = [
    INVITATION_ACTIONS[0],
    INVITATION_ACTIONS[1],
    ORGANISATION_SET_UP,
    SIGN_IN,
    SECOND_STEP,
    SIGN_OUT,
    CONFIRM,
    END_SESSIONS,
    CHANGE_PASSWORD,
    ADD_FACTOR,
    REMOVE_FACTOR,
    MAKE_CODES,
    RESET_FACTORS,
    REQUIRE_FACTORS,
    SESSION_OUTSIDE,
    ADDRESSES_BY_COMMAND,
    PROVIDER_BY_COMMAND,
    PIN_IDENTITY,
    REVEAL_BLOCK,
    CORRECTED_LOOK,
    ERASE,
    FORM_OPEN,
    FORM_LOCK,
    FORM_ANSWER,
];

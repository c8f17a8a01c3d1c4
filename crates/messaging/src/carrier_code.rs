//! What the carrier's codes mean to the office: what happened, what to do.
//!
//! An answer to a hand-over brings a code of SMPP 3.4, table 5-2, kept as `0x0B ESME_RINVDSTADR`. A delivery
//! receipt brings a code of the carrier's own, such as `001`, that only its contract explains; for those the
//! message's state says what is certain, and the code is shown for the enquiry.

use crate::message::MessageState;

/// Why a message ended as it did, for staff.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cause {
    /// What happened.
    pub what: &'static str,
    /// What to do about it.
    pub next: &'static str,
}

/// Who can do something about a refusal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Remedy {
    /// Nothing is wrong.
    None,
    /// The number is to be looked at.
    Number,
    /// The text is to be looked at.
    Text,
    /// It passes by itself.
    Later,
    /// Contract or settings do not fit the carrier.
    Settings,
}

impl Remedy {
    const fn sentence(self) -> &'static str {
        match self {
            Self::None => "することはありません。",
            Self::Number => {
                "番号の書き間違いかもしれません。元の書類の番号を確かめ、電話で連絡してください。"
            }
            Self::Text => "文面を見直し、短くするか記号や絵文字を減らして、送り直してください。",
            Self::Later => "携帯電話会社の側の一時的な事情です。しばらく待ってから送り直してください。",
            Self::Settings => {
                "番号や文面の誤りではありません。コードを添えてシステム担当に知らせ、急ぐ人には電話で連絡してください。"
            }
        }
    }
}

macro_rules! statuses {
    ($($code:literal $name:ident $remedy:ident $what:literal;)*) => {
        const STATUSES: &[(u32, &str, Remedy, &str)] =
            &[$(($code, stringify!($name), Remedy::$remedy, $what)),*];
    };
}

statuses! {
    0x00 ESME_ROK None "携帯電話会社が受け付けました";
    0x01 ESME_RINVMSGLEN Text "文面の長さが携帯電話会社の決まりに合わず、断られました";
    0x02 ESME_RINVCMDLEN Settings "通信の形式が合わず、断られました（全体の長さ）";
    0x03 ESME_RINVCMDID Settings "携帯電話会社が知らない種類の通信として断られました";
    0x04 ESME_RINVBNDSTS Settings "接続の種類が合わず、断られました";
    0x05 ESME_RALYBND Settings "すでに接続されているとして断られました";
    0x06 ESME_RINVPRTFLG Settings "優先度の指定が合わず、断られました";
    0x07 ESME_RINVREGDLVFLG Settings "送達結果の求め方が合わず、断られました";
    0x08 ESME_RSYSERR Later "携帯電話会社のシステムに障害がありました";
    0x0A ESME_RINVSRCADR Settings "送信元の番号が認められませんでした";
    0x0B ESME_RINVDSTADR Number "この電話番号あてには送れませんでした";
    0x0C ESME_RINVMSGID Settings "メッセージの番号が認められませんでした";
    0x0D ESME_RBINDFAIL Settings "携帯電話会社に接続できませんでした";
    0x0E ESME_RINVPASWD Settings "接続のパスワードが認められませんでした";
    0x0F ESME_RINVSYSID Settings "接続のIDが認められませんでした";
    0x11 ESME_RCANCELFAIL Settings "携帯電話会社での取り消しができませんでした";
    0x13 ESME_RREPLACEFAIL Settings "携帯電話会社での差し替えができませんでした";
    0x14 ESME_RMSGQFUL Later "携帯電話会社の待ち行列がいっぱいでした";
    0x15 ESME_RINVSERTYP Settings "サービスの種類の指定が合わず、断られました";
    0x33 ESME_RINVNUMDESTS Settings "宛先の数が合わず、断られました";
    0x34 ESME_RINVDLNAME Settings "宛先一覧の名前が認められませんでした";
    0x40 ESME_RINVDESTFLAG Settings "宛先の種類の指定が合わず、断られました";
    0x42 ESME_RINVSUBREP Settings "差し替えの指定が認められませんでした";
    0x43 ESME_RINVESMCLASS Settings "メッセージの種類の指定が合わず、断られました";
    0x44 ESME_RCNTSUBDL Settings "宛先一覧への送信が認められませんでした";
    0x45 ESME_RSUBMITFAIL Later "携帯電話会社が受け付けに失敗しました";
    0x48 ESME_RINVSRCTON Settings "送信元の番号の種類が合わず、断られました";
    0x49 ESME_RINVSRCNPI Settings "送信元の番号体系が合わず、断られました";
    0x50 ESME_RINVDSTTON Settings "宛先の番号の種類が合わず、断られました";
    0x51 ESME_RINVDSTNPI Settings "宛先の番号体系が合わず、断られました";
    0x53 ESME_RINVSYSTYP Settings "システムの種類の指定が認められませんでした";
    0x54 ESME_RINVREPFLAG Settings "差し替えの印が合わず、断られました";
    0x55 ESME_RINVNUMMSGS Settings "メッセージの数が合わず、断られました";
    0x58 ESME_RTHROTTLED Later "送る速さが上限を超え、待つように言われました";
    0x61 ESME_RINVSCHED Settings "送信予定の時刻が認められませんでした";
    0x62 ESME_RINVEXPIRY Settings "有効期限の指定が認められませんでした";
    0x63 ESME_RINVDFTMSGID Settings "定型文の番号が認められませんでした";
    0x64 ESME_RX_T_APPN Later "受け取る側に一時的な障害がありました";
    0x65 ESME_RX_P_APPN Settings "受け取る側に続いている障害がありました";
    0x66 ESME_RX_R_APPN Text "受け取る側がこのメッセージを断りました";
    0x67 ESME_RQUERYFAIL Settings "携帯電話会社への照会ができませんでした";
    0xC0 ESME_RINVOPTPARSTREAM Settings "追加の指定の形式が合わず、断られました";
    0xC1 ESME_ROPTPARNOTALLWD Settings "追加の指定が認められませんでした";
    0xC2 ESME_RINVPARLEN Settings "追加の指定の長さが合わず、断られました";
    0xC3 ESME_RMISSINGOPTPARAM Settings "必要な追加の指定が足りず、断られました";
    0xC4 ESME_RINVOPTPARAMVAL Settings "追加の指定の値が認められませんでした";
    0xFE ESME_RDELIVERYFAILURE Later "携帯電話会社が配達に失敗しました";
    0xFF ESME_RUNKNOWNERR Settings "携帯電話会社が理由を示さずに断りました";
}

/// The sentence for a code of SMPP 3.4 as it is kept; `None` for a carrier's own code.
pub fn of_status(code: &str) -> Option<Cause> {
    let hex = code.strip_prefix("0x")?;
    let hex = hex.split(' ').next().unwrap_or(hex);
    let number = u32::from_str_radix(hex, 16).ok()?;
    let known = STATUSES.iter().find(|(status, ..)| *status == number);
    Some(known.map_or(
        Cause {
            what: "携帯電話会社が独自の理由で断りました",
            next: Remedy::Settings.sentence(),
        },
        |(_, _, remedy, what)| Cause {
            what,
            next: remedy.sentence(),
        },
    ))
}

/// Every code of SMPP 3.4 that is explained, with its name.
pub fn known_statuses() -> impl Iterator<Item = (u32, &'static str)> {
    STATUSES.iter().map(|(code, name, ..)| (*code, *name))
}

/// Kept as the last word on a message whose number or text could not be read from the database any more.
pub(crate) const UNREADABLE: &str = "UNREADABLE";

/// Kept as the last word on a message that was recalled while the carrier had it, and that the carrier gave back.
pub(crate) const RECALLED: &str = "RECALLED";

/// Why a message that stands so stands so. `code` is the carrier's last word on it.
pub fn cause(state: MessageState, code: Option<&str>) -> Cause {
    use MessageState as S;
    let refused = matches!(state, S::Rejected | S::Undelivered);
    if let Some(cause) = code.and_then(of_status).filter(|_| refused) {
        return cause;
    }
    let (what, next) = match (state, code) {
        (S::Rejected, Some(UNREADABLE)) => (
            "保存してある番号か文面が壊れていて、送れませんでした",
            "番号や文面の書き間違いではありません。システム担当に知らせ、本人には元の書類の番号に電話で連絡してください。",
        ),
        (S::Undelivered, Some(RECALLED)) => (
            "送るのをやめました。携帯電話会社には受け付けられていません",
            "番号が違うと分かったか、記録が終わったためです。伝えることが残っていれば、確かめた番号に送り直すか、電話で連絡してください。",
        ),
        (S::Undelivered, None) => (
            "届いていないものとして記録されました（携帯電話会社からの知らせはありません）",
            "担当者がそう確かめたか、長い文面の途中で残りの送信をやめたものです。記録を見て、電話などで連絡してください。",
        ),
        (S::Undelivered, Some(_)) => (
            "電話機に届きませんでした",
            "使われていない番号か、受信を断っている電話かもしれません。番号を確かめ、電話など別の方法で連絡してください。",
        ),
        (S::Expired, _) => (
            "電源が切れているか、圏外のままでした",
            "携帯電話会社が届けようとした期限が過ぎました。電話で連絡するか、時間をおいて送り直してください。",
        ),
        (S::Rejected, _) => (
            "携帯電話会社が配達を断りました",
            "番号と文面を確かめて送り直すか、電話で連絡してください。続くときはコードを添えてシステム担当に知らせてください。",
        ),
        (S::Unconfirmed, _) => (
            "届いたかどうか分かりません",
            "すでに届いているかもしれないので、自動では送り直しません。本人に確かめて記録するか、理由を付けて送り直してください。",
        ),
        (other, _) => (other.label(), other.sentence()),
    };
    Cause { what, next }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_code_is_read_with_and_without_its_name() {
        let wrong_number = of_status("0x0B ESME_RINVDSTADR");
        assert_eq!(wrong_number, of_status("0x0B"));
        assert!(wrong_number.is_some_and(|cause| cause.next.contains("電話で連絡")));
        assert_eq!(of_status("001"), None);
        assert!(of_status("0x400").is_some_and(|cause| cause.what.contains("独自")));
    }

    #[test]
    fn every_end_has_a_cause_and_a_way_on() {
        for state in MessageState::ALL {
            for code in [
                None,
                Some("001"),
                Some("0x0B ESME_RINVDSTADR"),
                Some("0x999"),
                Some("x"),
            ] {
                let cause = cause(state, code);
                assert!(
                    !cause.what.is_empty() && cause.next.ends_with('。'),
                    "{state:?} {code:?}"
                );
            }
        }
    }

    #[test]
    fn a_temporary_refusal_is_not_the_cause_of_a_later_silence() {
        let cause = cause(MessageState::Unconfirmed, Some("0x58 ESME_RTHROTTLED"));
        assert_eq!(cause.what, "届いたかどうか分かりません");
    }
}

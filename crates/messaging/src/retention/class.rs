//! The classes of records that are kept for a time of their own: what they hold, in words, and their days.

/// A class of records that has a rule of its own.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Class {
    /// Uploaded lists: cells, changes, decisions, files.
    Lists,
    /// Numbers and texts of messages, names of files, what was noted of broadcasts.
    Messages,
    /// People on the call list who were called.
    Calls,
    /// The contact history.
    Contacts,
    /// The register of wrong numbers.
    WrongNumbers,
    /// Questions behind personal links, and what people answered.
    Forms,
    /// What people wrote back.
    Replies,
    /// Photos of applications.
    Photos,
    /// Applications: what was told and answered, notes about them, certificates.
    Applications,
}

impl Class {
    /// Every one, in the order of the page.
    pub const ALL: [Self; 9] = [
        Self::Lists,
        Self::Messages,
        Self::Calls,
        Self::Contacts,
        Self::WrongNumbers,
        Self::Forms,
        Self::Replies,
        Self::Photos,
        Self::Applications,
    ];

    /// The word in the database and in addresses.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Lists => "lists",
            Self::Messages => "messages",
            Self::Calls => "calls",
            Self::Contacts => "contacts",
            Self::WrongNumbers => "wrong_numbers",
            Self::Forms => "forms",
            Self::Replies => "replies",
            Self::Photos => "photos",
            Self::Applications => "applications",
        }
    }

    /// What the page calls it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Lists => "リストの行とファイル",
            Self::Messages => "メッセージの番号と文面",
            Self::Calls => "済んだ電話の相手と番号",
            Self::Contacts => "連絡の履歴",
            Self::WrongNumbers => "登録した番号の誤り",
            Self::Forms => "質問票への回答",
            Self::Replies => "返信の番号と本文",
            Self::Photos => "申請の写真",
            Self::Applications => "申請の内容と証明書",
        }
    }

    /// From when its days are counted, and what stays.
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::Lists => {
                "登録してからの日数です。行数だけが残ります。配信の結果とメッセージは別に決めます。"
            }
            Self::Messages => {
                "送信を確認してからの日数です。状態と時刻、通数は集計のために残ります。本人用リンクのための生年月日と氏名は、申請が送られたとき、またはリンクの期限（14日）の夜に消します。同じ人に二度送らないための照合に30日必要なので、それより短くはできません。"
            }
            Self::Calls => "電話を済ませてからの日数です。理由と結果は残ります。",
            Self::Contacts => {
                "連絡した日からの日数です。照合のための値だけで、名前や番号そのものは入っていません。"
            }
            Self::WrongNumbers => "登録した日からの日数です。消すと、その番号にまた送れるようになります。",
            Self::Forms => {
                "回答した日（回答がないときは期限の日）からの日数です。本人用のリンク、回答、職員の確認メモを消します。だれにいつ聞いたか、回答があったかは、集計のために残ります。"
            }
            Self::Replies => "届いた日からの日数です。いつ届き、何をしたかは残ります。",
            Self::Photos => {
                "結果を通知した日、または取下げの日からの日数です。何枚あったかは残ります。途中でやめた申請の写真は、申請の期限に消えます。"
            }
            Self::Applications => {
                "結果を通知した日、または取下げの日からの日数です。氏名、番号、住所、回答、職員のメモ、リンク、証明書の内容を、残っている写真とともに消します。判定と時刻、受付番号は集計のために残ります。消したあとは、証明書を確かめられません。途中でやめた申請は、消去を止めていなければ、申請の期限に消えます。"
            }
        }
    }

    /// How its records are counted.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Lists => "件のリスト",
            Self::Messages => "通",
            Self::Calls
            | Self::Contacts
            | Self::WrongNumbers
            | Self::Forms
            | Self::Replies
            | Self::Applications => "件",
            Self::Photos => "枚",
        }
    }

    /// Days that hold until the organisation says otherwise.
    pub const fn usual_days(self) -> u32 {
        match self {
            Self::Lists => 7,
            Self::Messages | Self::Calls | Self::Replies | Self::Photos => 30,
            // A course of illness is looked back on within half a year.
            Self::Contacts | Self::Forms => 180,
            // A certificate is asked for within a year.
            Self::WrongNumbers | Self::Applications => 365,
        }
    }

    /// The fewest and the most days: what the work itself needs, and what nobody can give a reason for.
    pub const fn bounds(self) -> (u32, u32) {
        match self {
            Self::Lists => (1, 90),
            // What was sent within 30 days is known again by its number and text; a wrong number is asked for as long.
            Self::Messages | Self::WrongNumbers => (30, 3_650),
            Self::Calls | Self::Replies | Self::Photos => (1, 3_650),
            // An ID that was somebody else's is looked for over 60 days.
            // Whoever is under care is asked for as long as a period may last.
            // Two applications of one person are told within 60 days.
            Self::Contacts | Self::Forms | Self::Applications => (60, 3_650),
        }
    }

    /// The class that `code` means.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.code() == code)
    }
}

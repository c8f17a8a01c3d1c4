//! What a caller says, by the reason of the call: nothing before it is certain who listens, and little to a machine.

use lists::calls::CallReason;

/// The sheet beside the telephone.
pub(super) struct Script {
    /// What the call is for, in a sentence.
    pub(super) aim: &'static str,
    /// Before one dials.
    pub(super) before: &'static [&'static str],
    /// Who listens.
    pub(super) identity: Vec<String>,
    /// What is said then.
    pub(super) say: Vec<String>,
    /// What a machine is told.
    pub(super) machine: String,
}

impl Script {
    /// With what the organisation says to the people of this programme, instead of what ships. Who listens is made sure
    /// of as ever, and red flags are asked for as ever.
    pub(super) fn saying(mut self, text: &str) -> Self {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        self.say = lines.map(str::to_owned).chain([HEALTH.to_owned()]).collect();
        self
    }
}

/// Never left on a machine or with somebody else.
pub(super) const NEVER: &str = "病名、検査や結果のこと、保健所の用件であること、生年月日、ID、ほかの家族の名前は、留守番電話にも、本人以外の人にも言いません。";

/// What whoever feels ill is told, whatever the call is for.
const HEALTH: &str = "「体調はいかがですか。」と聞きます。息が苦しい、胸が痛い、水分がとれない、意識がはっきりしないときは、すぐに119番へ電話するよう伝え、責任者に知らせます。";

/// For the reason, in the name of the organisation and of the caller.
pub(super) fn script(reason: CallReason, organisation: &str, caller: &str) -> Script {
    let family = caller.split([' ', '　']).next().unwrap_or(caller);
    let identity = vec![
        format!("「{organisation}の{family}と申します。◯◯様でいらっしゃいますか。」"),
        "「ご本人の確認のため、生年月日を西暦から教えていただけますか。」（住所でもかまいません。番地まで）"
            .to_owned(),
        "こちらから読み上げず、相手に言ってもらいます。リストや届出と同じときだけ、次に進みます。".to_owned(),
        "違うとき、答えてもらえないときは、用件を言わずに「確認できませんでしたので、改めてご連絡します。」と切ります。"
            .to_owned(),
        "家族などが出たときは、用件を言わず、本人がいつ電話に出られるかだけを聞きます。子どものときは、保護者であることを確かめて話します。"
            .to_owned(),
    ];
    let (aim, before, words) = words(reason);
    let mut say: Vec<String> = words.iter().map(|&line| line.to_owned()).collect();
    say.push(HEALTH.to_owned());
    say.push("「ほかに分からないことはありますか。」と聞き、問い合わせ先を伝えて終わります。".to_owned());
    Script {
        aim,
        before,
        identity,
        say,
        machine: format!("「{organisation}の{family}です。◯◯様にお電話しました。また改めてお電話します。」"),
    }
}

type Words = (&'static str, &'static [&'static str], &'static [&'static str]);

/// What it is for, what is done before, what is said.
#[expect(clippy::too_many_lines, reason = "a table of words, an entry for each reason")]
fn words(reason: CallReason) -> Words {
    match reason {
        CallReason::Landline => (
            "SMSの届かない固定電話しか分からない人に、SMSで送るはずの案内を電話で伝えます。",
            &[],
            &[
                "案内の内容（療養の期間、連絡先、してほしいこと）を順に伝えます。",
                "「SMSを受け取れる携帯電話はお持ちですか。」と聞き、あれば番号を復唱してメモに残します。",
            ],
        ),
        CallReason::NoNumber => (
            "番号が読み取れなかった人の正しい番号を調べて、案内を電話で伝えます。",
            &[
                "元の届出やリストで番号を確かめます。読めないときは、届け出た医療機関に問い合わせます。",
                "番号が分からないときは、「訪問することにした」か「別の方法で連絡した」で終えます。",
            ],
            &[
                "案内の内容（療養の期間、連絡先、してほしいこと）を順に伝えます。",
                "「今後の連絡のため、SMSを受け取れる番号を教えていただけますか。」と聞き、復唱してメモに残します。",
            ],
        ),
        CallReason::KnownWrong => (
            "番号が別の人のものと分かった人の正しい番号を調べて、案内を電話で伝えます。",
            &[
                "リストの番号にはかけません。別の人につながります。",
                "届け出た医療機関などで正しい番号を調べ、分かったら「別人でした」の画面で登録します。",
            ],
            &[
                "案内の内容（療養の期間、連絡先、してほしいこと）を順に伝えます。",
                "「番号が違っていたため、ご連絡が遅くなりました。」とおわびします。",
            ],
        ),
        CallReason::NotDelivered => (
            "SMSが届かなかった人に、同じ案内を電話で伝えます。",
            &[],
            &[
                "「SMSでご案内をお送りしましたが、届きませんでした。いま、電話でお伝えしてもよろしいですか。」",
                "SMSと同じ内容（療養の期間、連絡先、してほしいこと）を順に伝えます。",
                "「SMSを受け取らない設定や、ほかの番号はありませんか。」と聞き、分かったことをメモに残します。",
            ],
        ),
        CallReason::NotOpened => (
            "SMSは届いたものの、案内のページを開いていない人に、同じ案内を電話で伝えます。",
            &[],
            &[
                "「SMSでご案内をお送りしました。ご覧になりましたか。」",
                "開き方が分からないときは、いっしょに開くか、同じ内容（療養の期間、連絡先、してほしいこと）を電話で伝えます。",
            ],
        ),
        CallReason::NotAnswered => (
            "質問に回答していない人に、体の様子を電話で聞きます。",
            &["これまでの回答は、患者の記録の「質問と回答」に並んでいます。"],
            &[
                "「SMSで質問をお送りしています。お困りのことはありませんか。」",
                "今日の体温、酸素の値（SpO2）、症状、水や食事がとれているかを聞き、メモに残します。",
                "回答のしかたが分からないときは、いっしょに開くか、電話で続けるかを本人に選んでもらいます。",
            ],
        ),
        CallReason::Danger => (
            "回答に緊急の症状などがある人に、すぐに電話して様子を確かめます。",
            &[
                "どの症状かは、この画面の「理由」に書いてあります。出ないときは、患者の記録から家族の番号や救急の要請を判断します。",
            ],
            &[
                "「お送りいただいた回答を見て、お電話しました。いまの具合はいかがですか。」",
                "息苦しさ、意識、顔色、水分がとれるかを聞きます。危ないと思ったら、119番を求め、切らずに待ちます。",
                "終わったら、患者の記録で「対応した」と記録します。記録するまで、ホームの画面に残ります。",
            ],
        ),
        CallReason::ByAnswer => (
            "回答で電話を希望した人、電話で確かめる回答をした人に電話します。",
            &[
                "どの回答かは、この画面の「理由」に書いてあります。ほかの回答は、患者の記録の「質問と回答」に並んでいます。",
            ],
            &[
                "「お送りいただいた回答を見て、お電話しました。」と言い、用件を聞きます。",
                "いまの体の様子も聞きます。危ないと思ったら、119番を求め、切らずに待ちます。",
                "約束したこと（次の連絡の日時など）を復唱し、メモに残します。終わったら、患者の記録で「対応した」と記録します。",
            ],
        ),
        CallReason::Unconfirmed => (
            "SMSが届いたか分からない人に、届いているかを聞き、届いていなければ電話で伝えます。",
            &[],
            &[
                "「SMSでご案内をお送りしました。届いていますか。」",
                "届いているときは、内容が分かったか、案内のページを開けたかを聞きます。",
                "届いていないときは、SMSと同じ内容（療養の期間、連絡先、してほしいこと）を順に伝えます。",
            ],
        ),
        CallReason::ToBeAsked => (
            "リストの内容に確かめることがあるため、本人に聞きます。",
            &["何を確かめるかは、この画面の「理由」に書いてあります。"],
            &[
                "「お届けの内容に確認したいことがあります。」と言い、必要なことだけを聞きます。",
                "答えを復唱し、メモに残します。リストは、電話のあとで直します。",
            ],
        ),
        CallReason::Refused => (
            "SMSを受け取らないと伝えた人に、SMSで送るはずの案内を電話で伝えます。",
            &["SMSは送れません。これからの連絡も、電話か郵便になります。"],
            &[
                "「SMSの停止のご希望をいただきました。今後、SMSはお送りしません。ご案内を、お電話でお伝えしてもよろしいですか。」",
                "案内の内容（療養の期間、連絡先、してほしいこと）を順に伝えます。",
                "「やはりSMSがよい」と言われたときは、「番号の登録」で、理由を書いて登録を解除します。",
            ],
        ),
        CallReason::ByRule => (
            "振り分けの規則で電話に決まった人に、電話で最初の連絡をします。",
            &["なぜ電話に決まったかは、この画面の「理由」に書いてあります。"],
            &[
                "「届出を受けて、最初のご連絡をしています。いまの具合はいかがですか。」",
                "体温、酸素の値（SpO2）、息苦しさ、水や食事がとれているかを聞きます。危ないと思ったら、119番を求め、切らずに待ちます。",
                "案内の内容（療養の期間、連絡先、してほしいこと）を順に伝え、薬や食べ物、同居の人のことで困っていないかを聞きます。",
                "約束したこと（次の連絡の日時など）を復唱し、メモに残します。",
            ],
        ),
        CallReason::NotContacted => (
            "SMSを送る予定の時間を過ぎた人に、SMSで送るはずの案内を電話で伝えます。",
            &[],
            &[
                "「ご連絡が遅くなり、申し訳ありません。いまの具合はいかがですか。」",
                "案内の内容（療養の期間、連絡先、してほしいこと）を順に伝えます。",
            ],
        ),
        CallReason::Chosen => (
            "本人の希望や職員の判断で、電話で連絡します。",
            &["これまでの経緯は、この画面の「理由」と「これまでの電話」に書いてあります。"],
            &[
                "「お電話のご希望をいただきました。」または「確認のためにお電話しました。」と言い、用件を1つずつ話します。",
                "約束したこと（次の連絡の日時など）を復唱し、メモに残します。",
            ],
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_said_before_it_is_known_who_listens() {
        for reason in CallReason::ALL {
            let script = script(reason, "さいたま県", "見本 花子");
            assert!(
                script.identity[0].contains("さいたま県の見本と申します"),
                "{reason:?}"
            );
            let open = script.identity[..2].concat() + &script.machine;
            for told in ["検査", "療養", "感染", "保健所", "SMS", "案内"] {
                assert!(!open.contains(told), "{reason:?}: {told}");
            }
            assert!(!script.aim.is_empty() && script.say.len() >= 4, "{reason:?}");
            assert!(script.say.concat().contains("119"), "{reason:?}");
        }
    }
}

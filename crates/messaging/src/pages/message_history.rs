//! All that happened to one message, line by line.

use base::clock::Millis;

use crate::carrier_code::{cause, of_status};
use crate::message::{MessageState, Outcome};
use crate::store::{Attempt, MessageHistory, Part, ReceiptRow};

/// One thing that happened.
pub(super) struct Line {
    pub(super) at: Millis,
    pub(super) text: String,
    pub(super) detail: String,
}

/// Everything with its time, newest first.
pub(super) fn history(message: &MessageHistory) -> Vec<Line> {
    let of = Of { message };
    let made = Line {
        at: message.created_at,
        text: "送信が確認され、文面が決まりました".to_owned(),
        detail: String::new(),
    };
    let mut lines: Vec<Line> = std::iter::once(made)
        .chain(message.parts.iter().filter_map(|part| of.handed_over(part)))
        .chain(message.parts.iter().filter_map(|part| of.ended(part)))
        .chain(message.attempts.iter().map(|attempt| of.attempt(attempt)))
        .chain(message.receipts.iter().map(|receipt| of.receipt(receipt)))
        .collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.at));
    lines
}

struct Of<'a> {
    message: &'a MessageHistory,
}

impl Of<'_> {
    /// A line with the part that it is about, where there are several, and what else is known.
    fn line<const N: usize>(
        &self,
        at: Millis,
        text: String,
        part_no: i64,
        known: [Option<String>; N],
    ) -> Line {
        let which = (self.message.parts.len() > 1).then(|| format!("{part_no}通目"));
        let detail: Vec<String> = std::iter::once(which).chain(known).flatten().collect();
        Line {
            at,
            text,
            detail: detail.join("・"),
        }
    }

    fn handed_over(&self, part: &Part) -> Option<Line> {
        Some(self.line(
            part.submitted_at?,
            format!("{}回目の送信", part.tries),
            part.part_no,
            [],
        ))
    }

    /// An end that no receipt and no attempt tells.
    fn ended(&self, part: &Part) -> Option<Line> {
        let told = self
            .message
            .receipts
            .iter()
            .any(|receipt| receipt.part_no == part.part_no);
        let text = match part.state {
            MessageState::Rejected if !told => cause(part.state, part.carrier_code.as_deref()).what,
            MessageState::Cancelled => "送る前に取り消しました",
            _ => return None,
        };
        let code = code(part.carrier_code.as_ref());
        Some(self.line(part.changed_at, text.to_owned(), part.part_no, [code]))
    }

    fn attempt(&self, attempt: &Attempt) -> Line {
        let cause = attempt.carrier_code.as_deref().and_then(of_status);
        let text = match (attempt.outcome.as_str(), cause) {
            ("no_answer", _) => "携帯電話会社の返事がないまま、接続が切れました".to_owned(),
            (_, Some(cause)) => format!("{}。あとでもう一度送ります", cause.what),
            (_, None) => "携帯電話会社がいったん断りました。あとでもう一度送ります".to_owned(),
        };
        let code = code(attempt.carrier_code.as_ref());
        self.line(attempt.ended_at, text, attempt.part_no, [code])
    }

    fn receipt(&self, receipt: &ReceiptRow) -> Line {
        let label = Outcome::from_word(&receipt.outcome).map_or("", Outcome::label);
        let done = receipt
            .done_at
            .as_ref()
            .map(|done| format!("携帯電話会社の時刻 {done}"));
        let code = code(receipt.carrier_code.as_ref());
        let text = format!("送達結果を受け取りました: {label}");
        self.line(receipt.received_at, text, receipt.part_no, [code, done])
    }
}

fn code(code: Option<&String>) -> Option<String> {
    code.map(|code| format!("コード {code}"))
}

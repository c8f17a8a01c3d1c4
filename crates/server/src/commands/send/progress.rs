//! The live progress bar on stderr.

use std::time::Instant;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use messaging::broadcast::Counts;
use messaging::message::MessageState;

pub(super) struct Progress {
    bar: ProgressBar,
    begun: Instant,
    accepted_before: Option<u32>,
    recognised: usize,
}

impl Progress {
    /// A bar that writes nothing where stderr is no terminal.
    pub(super) fn new(recognised: usize) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len}  {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self {
            bar,
            begun: Instant::now(),
            accepted_before: None,
            recognised,
        }
    }

    pub(super) fn show(&mut self, counts: &Counts, owner: bool) {
        let total = counts.total();
        let waiting = counts.count(MessageState::is_waiting);
        let handed_over = total - waiting;
        let delivered = counts.of(MessageState::Delivered);
        let failed = counts.count(|state| {
            use MessageState as S;
            matches!(state, S::Undelivered | S::Expired | S::Rejected | S::Cancelled)
        });
        let unknown = counts.of(MessageState::Unconfirmed);
        let before = *self.accepted_before.get_or_insert(handed_over);
        let rate =
            f64::from(handed_over - before.min(handed_over)) / self.begun.elapsed().as_secs_f64().max(0.1);
        let left = if rate > 0.0 && waiting > 0 {
            format!("残り{:.0}秒", f64::from(waiting) / rate)
        } else if waiting > 0 {
            "残り時間を計算中".to_owned()
        } else {
            "結果待ち".to_owned()
        };
        let follows = if owner {
            ""
        } else {
            "（別の todoke が送信中。続きを見ています）"
        };
        let recognised = if self.recognised > 0 {
            format!("送信済みの行 {} ", self.recognised)
        } else {
            String::new()
        };
        self.bar.set_length(total.into());
        self.bar.set_position(handed_over.into());
        self.bar.set_message(format!(
            "送信済 {handed_over} 着信 {delivered} 失敗 {failed} 不明 {unknown} {recognised}毎秒{rate:.0}通 {left}{follows}"
        ));
    }

    pub(super) fn finish(&self) {
        self.bar.finish();
    }
}

//! Takes in `submit_sm`s: decides, answers, lets receipts wait.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::book::Verdict;
use super::config::{CutWhen, SubmitAnswer};
use super::connection::{Connection, Course, Delayed};
use super::replies;
use crate::pdu::{Body, CommandStatus, DeliverSm, Pdu, SubmitSm};

/// How long a phone that answers by itself takes.
const REPLY_AFTER: Duration = Duration::from_millis(20);

impl Connection {
    /// Decides about a batch of `submit_sm`.
    pub(super) fn submitted(&mut self, submits: &mut Vec<(u32, SubmitSm)>) {
        if submits.is_empty() {
            return;
        }
        let Some(account) = self
            .bound
            .as_ref()
            .filter(|bound| bound.transmits)
            .map(|bound| Arc::clone(&bound.account))
        else {
            let command_status = CommandStatus::ESME_RINVBNDSTS;
            for (sequence_number, _) in submits.drain(..) {
                let body = Body::SubmitSmResp {
                    message_id: String::new(),
                };
                self.write(&Pdu {
                    command_status,
                    sequence_number,
                    body,
                });
            }
            return;
        };
        let (shared, now) = (Arc::clone(&self.shared), Instant::now());
        let watched = shared.handsets.receiver_count() > 0 || !shared.config.replies.is_empty();
        let (mut answered, mut waiting) = (0, false);
        let mut state = account.lock();
        let mut book = shared.book();
        for (sequence_number, pdu) in submits.drain(..) {
            let throttled = state.bucket.as_mut().is_some_and(|bucket| !bucket.take(now));
            let mut verdict = book.judge(&shared.config, &pdu, throttled);
            if watched
                && verdict.on_phone
                && let Some(message) = book.shown(&shared.config, &account.system_id, &pdu)
            {
                for reply in replies::written(&shared.config, &message, &mut book.long_replies) {
                    let due = now + shared.config.answer_delay + REPLY_AFTER;
                    book.counters.receipts_lost += u64::from(!state.schedule(due, now, Box::new(reply)));
                    waiting = true;
                }
                // Nobody listening any more is no error.
                let _ = shared.handsets.send(message);
            }
            self.unanswered += 1;
            book.counters.unanswered_peak = book.counters.unanswered_peak.max(self.unanswered);
            for receipt in std::mem::take(&mut verdict.receipts) {
                if let Some(pdu) = self.deliver_early(receipt.early, receipt.pdu) {
                    let due = now + shared.config.answer_delay + receipt.delay;
                    let kept = state.schedule(due, now, pdu);
                    book.counters.receipts_lost += u64::from(!kept);
                    waiting = true;
                } else {
                    book.counters.receipts_sent += 1;
                }
            }
            answered += self.answer(sequence_number, &mut verdict);
            if self.course != Course::On {
                break;
            }
        }
        let others = state.binds > 1;
        drop((book, state));
        if waiting && others {
            account.tell();
        }
        self.hold_answers(now, answered);
    }

    /// Writes an early receipt before the answer to its own message. Gives it back if it has to wait.
    fn deliver_early(&mut self, early: bool, pdu: Box<DeliverSm>) -> Option<Box<DeliverSm>> {
        let receives = self.bound.as_ref().is_some_and(|bound| bound.receives);
        if !(early && receives && self.may_deliver()) {
            return Some(pdu);
        }
        let at_once = self.shared.config.answer_delay.is_zero();
        let mut out = std::mem::take(if at_once { &mut self.answers } else { &mut self.out });
        self.write_receipt(pdu, &mut out);
        *(if at_once { &mut self.answers } else { &mut self.out }) = out;
        None
    }

    /// Writes one answer to those of the batch, unless none is given; cuts the connection where that is the
    /// plan. Returns how many answers were written.
    fn answer(&mut self, sequence_number: u32, verdict: &mut Verdict) -> usize {
        match verdict.cut {
            Some(CutWhen::BeforeAnswer) => {
                self.course = Course::End;
                return 0;
            }
            Some(CutWhen::AfterAnswer) => self.course = Course::EndAfterWriting,
            None => {}
        }
        if !verdict.answered || self.shared.config.submit_answer == SubmitAnswer::Never {
            return 0;
        }
        let command_status = verdict.answer.as_ref().err().copied().unwrap_or_default();
        let message_id = verdict
            .answer
            .as_mut()
            .map_or_else(|_| String::new(), std::mem::take);
        let pdu = Pdu {
            command_status,
            sequence_number,
            body: Body::SubmitSmResp { message_id },
        };
        if let Err(error) = pdu.encode(&mut self.answers) {
            tracing::warn!(%error, "an answer of the simulated SMSC cannot be written");
        }
        1
    }

    /// Lets the answers of a batch wait for their time.
    fn hold_answers(&mut self, now: Instant, answers: usize) {
        let delay = self.shared.config.answer_delay;
        if delay.is_zero() {
            self.out.append(&mut self.answers);
            self.unanswered -= answers;
        } else if answers > 0 {
            let octets = std::mem::take(&mut self.answers);
            self.delayed.push_back(Delayed {
                due: now + delay,
                octets,
                answers,
            });
        }
    }
}

//! One filling-in of a form: what was answered so far, which page comes next, and what is delivered in the end.
//!
//! Pages may be gone through in any order, forwards and back; no answer is lost by it, also none to a question that
//! another answer hides: it is there again when the question is. Delivered is only what was asked.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::condition::Seen;
use super::key::Key;
use super::{Form, Page, Question, RedFlag};

/// The answers so far.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filling {
    answers: BTreeMap<Key, Answer>,
    /// Pages that were answered, also with nothing where that is allowed.
    #[serde(default)]
    passed: BTreeSet<Key>,
}

/// Where somebody goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// To this page.
    Page(Key),
    /// Everything is answered: look it over and send it.
    Check,
}

/// The form has no such page or question, or the answer is of another kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a question of this page")]
pub struct NotAsked;

impl Filling {
    /// Keeps the answers of one page; `None` for a question that is left empty. With `passes` the page counts as
    /// answered.
    pub fn save(
        &mut self,
        form: &Form,
        page: &Key,
        answers: Vec<(Key, Option<Answer>)>,
        passes: bool,
    ) -> Result<(), NotAsked> {
        let page = form.page(page.as_str()).ok_or(NotAsked)?;
        let fits = answers.iter().all(|(key, answer)| {
            let question = page.questions.iter().find(|question| question.key == *key);
            question.is_some_and(|question| answer.as_ref().is_none_or(|answer| answer.fits(question)))
        });
        if !fits {
            return Err(NotAsked);
        }
        for (key, answer) in answers {
            match answer {
                Some(answer) => self.answers.insert(key, answer),
                None => self.answers.remove(&key),
            };
        }
        if passes {
            self.passed.insert(page.key.clone());
        } else {
            self.passed.remove(&page.key);
        }
        Ok(())
    }

    /// What was answered to a question, whether it is shown at present or not.
    pub fn answer(&self, question: &Key) -> Option<&Answer> {
        self.answers.get(question)
    }

    /// Whether nothing was answered yet.
    pub fn is_new(&self) -> bool {
        self.passed.is_empty() && self.answers.is_empty()
    }

    /// The pages that are asked, each with its questions that are.
    pub fn shown<'f>(&self, form: &'f Form) -> Vec<(&'f Page, Vec<&'f Question>)> {
        self.walk(form).0
    }

    /// In one go from the front: a condition looks at earlier pages, and there only at what is shown itself.
    pub(crate) fn walk<'a, 'f: 'a>(
        &'a self,
        form: &'f Form,
    ) -> (Vec<(&'f Page, Vec<&'f Question>)>, Seen<'a>) {
        let (mut shown, mut seen) = (Vec::new(), Seen::new());
        for page in form.pages() {
            if page
                .show_if
                .as_ref()
                .is_some_and(|condition| !condition.holds(&seen))
            {
                continue;
            }
            let asked = page.questions.iter();
            let asked: Vec<&Question> = asked
                .filter(|one| {
                    one.show_if
                        .as_ref()
                        .is_none_or(|condition| condition.holds(&seen))
                })
                .collect();
            if asked.is_empty() {
                continue;
            }
            for question in &asked {
                if let Some(answer) = self.answers.get(&question.key).filter(|one| one.fits(question)) {
                    seen.insert(&question.key, answer);
                }
            }
            shown.push((page, asked));
        }
        (shown, seen)
    }

    pub(crate) fn is_answered(&self, page: &Page, asked: &[&Question]) -> bool {
        let mut required = asked.iter().filter(|question| question.required());
        self.passed.contains(&page.key)
            && required.all(|question| {
                self.answers
                    .get(&question.key)
                    .is_some_and(|answer| answer.fits(question))
            })
    }

    /// The first page that waits for an answer, or the check.
    pub fn resume(&self, form: &Form) -> Step {
        let shown = self.shown(form);
        let open = shown.iter().find(|(page, asked)| !self.is_answered(page, asked));
        open.map_or(Step::Check, |(page, _)| Step::Page(page.key.clone()))
    }

    /// What follows a page that was answered. Who came from the check goes back there, unless the answer opened
    /// other questions.
    pub fn after(&self, form: &Form, page: &Key, from_check: bool) -> Step {
        if from_check {
            return self.resume(form);
        }
        let shown = self.shown(form);
        let at = shown.iter().position(|(one, _)| one.key == *page);
        let next = at.and_then(|at| shown.get(at + 1));
        next.map_or_else(|| self.resume(form), |(page, _)| Step::Page(page.key.clone()))
    }

    /// The page before one; `None` for the first.
    pub fn before(&self, form: &Form, page: &Key) -> Option<Key> {
        let shown = self.shown(form);
        let at = shown.iter().position(|(one, _)| one.key == *page)?;
        Some(shown.get(at.checked_sub(1)?)?.0.key.clone())
    }

    /// Which of how many pages this is, as things stand; `None` if it is not asked.
    pub fn place(&self, form: &Form, page: &Key) -> Option<(usize, usize)> {
        let shown = self.shown(form);
        let at = shown.iter().position(|(one, _)| one.key == *page)?;
        Some((at + 1, shown.len()))
    }

    /// Whether it can be sent.
    pub fn is_complete(&self, form: &Form) -> bool {
        self.resume(form) == Step::Check
    }

    /// What is handed to whoever asked: answers to questions that are shown, nothing else.
    pub fn delivered(&self, form: &Form) -> BTreeMap<Key, Answer> {
        let (_, seen) = self.walk(form);
        seen.into_iter()
            .map(|(key, answer)| (key.clone(), answer.clone()))
            .collect()
    }

    /// What is left after sending: the delivered answers alone.
    pub(crate) fn of_delivered(answers: BTreeMap<Key, Answer>) -> Self {
        Self {
            answers,
            passed: BTreeSet::new(),
        }
    }

    /// The red flags among the answers that are shown.
    pub fn red_flags<'f>(&self, form: &'f Form) -> Vec<&'f RedFlag> {
        let (_, seen) = self.walk(form);
        let flags = form.document().red_flags.iter();
        flags.filter(|flag| flag.when.holds(&seen)).collect()
    }
}

#[cfg(test)]
mod tests;

//! What changed between two texts, letter by letter; words of Latin letters, numbers and merge fields stay whole.

/// A stretch of two compared texts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Stretch {
    /// In both.
    Same(String),
    /// Only in the older one.
    Gone(String),
    /// Only in the newer one.
    New(String),
}

/// Cuts a text into what is compared as one.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let field = rest.starts_with("{{").then(|| rest.find("}}")).flatten();
        let length = match field {
            Some(end) => end + 2,
            None if first.is_ascii_alphanumeric() => rest
                .find(|c: char| !c.is_ascii_alphanumeric())
                .unwrap_or(rest.len()),
            None => first.len_utf8(),
        };
        let (token, tail) = rest.split_at(length);
        tokens.push(token);
        rest = tail;
    }
    tokens
}

/// The stretches of both texts, in order. Texts of a template are short, so the table of common parts is small.
pub(super) fn stretches(old: &str, new: &str) -> Vec<Stretch> {
    let (old, new) = (tokens(old), tokens(new));
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[head..], &new[head..]);
    let tail = old_rest
        .iter()
        .rev()
        .zip(new_rest.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let (old_middle, new_middle) = (
        &old_rest[..old_rest.len() - tail],
        &new_rest[..new_rest.len() - tail],
    );
    let mut stretches = Vec::new();
    push(&mut stretches, Stretch::Same(old[..head].concat()));
    middle(&mut stretches, old_middle, new_middle);
    push(
        &mut stretches,
        Stretch::Same(old_rest[old_middle.len()..].concat()),
    );
    stretches
}

fn middle(stretches: &mut Vec<Stretch>, old: &[&str], new: &[&str]) {
    // longest[i][j]: how many tokens old[i..] and new[j..] have in common, in order.
    let mut longest = vec![vec![0_u16; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            longest[i][j] = if old[i] == new[j] {
                longest[i + 1][j + 1].saturating_add(1)
            } else {
                longest[i + 1][j].max(longest[i][j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            push(stretches, Stretch::Same(old[i].to_owned()));
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || i < old.len() && longest[i + 1][j] >= longest[i][j + 1] {
            push(stretches, Stretch::Gone(old[i].to_owned()));
            i += 1;
        } else {
            push(stretches, Stretch::New(new[j].to_owned()));
            j += 1;
        }
    }
}

/// Adds to the stretch of before where that is of the same kind.
fn push(stretches: &mut Vec<Stretch>, next: Stretch) {
    use Stretch::{Gone, New, Same};
    match (stretches.last_mut(), next) {
        (_, Same(text) | Gone(text) | New(text)) if text.is_empty() => {}
        (Some(Same(last)), Same(text)) | (Some(Gone(last)), Gone(text)) | (Some(New(last)), New(text)) => {
            last.push_str(&text);
        }
        (_, next) => stretches.push(next),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Stretch::{Gone, New, Same};
    use super::*;

    #[test]
    fn only_what_changed_is_marked() {
        let same = |text: &str| Same(text.to_owned());
        assert_eq!(
            stretches(
                "番号は{{ID}}です。048-000-1234",
                "番号は{{番号}}です。048-000-5678"
            ),
            [
                same("番号は"),
                Gone("{{ID}}".to_owned()),
                New("{{番号}}".to_owned()),
                same("です。048-000-"),
                Gone("1234".to_owned()),
                New("5678".to_owned()),
            ]
        );
        assert_eq!(stretches("同じ", "同じ"), [same("同じ")]);
        assert_eq!(stretches("", "新"), [New("新".to_owned())]);
        assert_eq!(stretches("", ""), []);
    }

    proptest! {
        #[test]
        fn both_texts_are_told_in_full(old in "[あいa1{} \n]{0,30}|.{0,30}", new in "[あいa1{} \n]{0,30}|.{0,30}") {
            let found = stretches(&old, &new);
            let joined = |skip: fn(&Stretch) -> bool| -> String {
                let kept = found.iter().filter(|stretch| !skip(stretch));
                kept.map(|(Same(text) | Gone(text) | New(text))| text.as_str()).collect()
            };
            prop_assert_eq!(joined(|stretch| matches!(stretch, New(_))), old);
            prop_assert_eq!(joined(|stretch| matches!(stretch, Gone(_))), new);
        }
    }
}

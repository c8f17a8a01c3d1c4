//! Reading a template.

use super::{
    Condition, FieldKind, MessageTemplate, Passage, Piece, Segment, TemplateProblem, heading_key, is_blank,
    link_name,
};
use crate::{limits::TEMPLATE_BYTES, text::is_control};

/// What stands between two pairs of braces.
#[derive(Clone, Copy)]
enum Tag<'s> {
    Field { name: &'s str, kind: Option<FieldKind> },
    If { name: &'s str, equals: Option<&'s str> },
    Else,
    End,
}

struct Field {
    name: String,
    kind: Option<FieldKind>,
    put_in: bool,
}

/// A passage whose end has not come yet.
struct Open {
    passage: Passage,
    heading: String,
    otherwise: bool,
}

#[derive(Default)]
struct Reader {
    segments: Vec<Segment>,
    fields: Vec<Field>,
    open: Option<Open>,
}

pub(super) fn template(source: &str) -> Result<MessageTemplate, TemplateProblem> {
    let source = clean(source)?;
    let mut reader = Reader::default();
    let mut rest = source.as_str();
    let mut line_begins = true;
    while let Some((before, after)) = rest.split_once("{{") {
        reader.text(before)?;
        line_begins = before.ends_with('\n') || line_begins && before.is_empty();
        let (inner, after) = after.split_once("}}").ok_or(TemplateProblem::UnclosedBraces)?;
        let tag = Tag::read(inner)?;
        let own_line = line_begins && !matches!(tag, Tag::Field { .. });
        let line_after = after.strip_prefix('\n').filter(|_| own_line);
        line_begins = line_after.is_some();
        rest = line_after.unwrap_or(after);
        reader.tag(tag, inner.trim_matches(is_blank))?;
    }
    reader.text(rest)?;
    reader.template(source)
}

fn clean(source: &str) -> Result<String, TemplateProblem> {
    if source.len() > TEMPLATE_BYTES {
        return Err(TemplateProblem::TooLong);
    }
    let source = source
        .strip_prefix('\u{FEFF}')
        .unwrap_or(source)
        .replace("\r\n", "\n")
        .replace('\r', "\n");
    if source.chars().all(is_blank) {
        return Err(TemplateProblem::Empty);
    }
    match source.chars().find(|c| *c != '\n' && is_control(*c)) {
        Some(c) => Err(TemplateProblem::ControlCharacter(u32::from(c))),
        None => Ok(source),
    }
}

impl<'s> Tag<'s> {
    fn read(inner: &'s str) -> Result<Self, TemplateProblem> {
        let inner = inner.trim_matches(is_blank);
        let key = heading_key(inner);
        if key.is_empty() {
            return Err(TemplateProblem::EmptyField);
        }
        if key.contains('{') || inner.contains('\n') {
            return Err(TemplateProblem::UnclosedBraces);
        }
        let (word, asked) = inner.split_once(is_blank).unwrap_or((inner, ""));
        match (key.as_str(), heading_key(word).as_str()) {
            ("おわり" | "終わり" | "end", _) => Ok(Self::End),
            ("でなければ" | "else", _) => Ok(Self::Else),
            (_, "もし" | "if") => Self::condition(asked.trim_matches(is_blank)),
            _ => Self::field(inner),
        }
    }

    fn condition(asked: &'s str) -> Result<Self, TemplateProblem> {
        let (name, equals) = match asked.split_once(['=', '＝']) {
            Some((name, value)) => (name.trim_matches(is_blank), Some(value.trim_matches(is_blank))),
            None => (asked, None),
        };
        if heading_key(name).is_empty() || equals.is_some_and(|value| heading_key(value).is_empty()) {
            return Err(TemplateProblem::EmptyCondition);
        }
        Ok(Self::If { name, equals })
    }

    fn field(inner: &'s str) -> Result<Self, TemplateProblem> {
        let Some((name, word)) = inner.rsplit_once(['|', '｜']) else {
            return Ok(Self::Field {
                name: inner,
                kind: None,
            });
        };
        let (name, word) = (name.trim_matches(is_blank), word.trim_matches(is_blank));
        if heading_key(name).is_empty() {
            return Err(TemplateProblem::EmptyField);
        }
        let kind = FieldKind::from_word(word).ok_or_else(|| TemplateProblem::UnknownKind(word.to_owned()))?;
        Ok(Self::Field {
            name,
            kind: Some(kind),
        })
    }
}

impl Reader {
    fn text(&mut self, text: &str) -> Result<(), TemplateProblem> {
        if text.contains("}}") {
            return Err(TemplateProblem::StrayBraces);
        }
        if !text.is_empty() {
            self.push(Piece::Text(text.to_owned()));
        }
        Ok(())
    }

    /// `mark` is the tag as it was written.
    fn tag(&mut self, tag: Tag<'_>, mark: &str) -> Result<(), TemplateProblem> {
        match tag {
            Tag::Field { name, kind } => {
                let field = self.field(name);
                self.fields[field].put_in = true;
                self.say_kind(field, kind)?;
                self.push(Piece::Field(field));
            }
            Tag::If { name, .. } if self.open.is_some() => {
                return Err(TemplateProblem::NestedPassage(name.to_owned()));
            }
            Tag::If { name, equals } => {
                let condition = Condition {
                    field: self.field(name),
                    equals: equals.map(str::to_owned),
                };
                let passage = Passage {
                    condition,
                    shown: Vec::new(),
                    otherwise: Vec::new(),
                };
                self.open = Some(Open {
                    passage,
                    heading: name.to_owned(),
                    otherwise: false,
                });
            }
            Tag::Else => {
                let open = self.open.as_mut();
                let open = open.ok_or_else(|| TemplateProblem::StrayMark(mark.to_owned()))?;
                if open.otherwise {
                    return Err(TemplateProblem::SecondElse);
                }
                open.otherwise = true;
            }
            Tag::End => {
                let open = self.open.take();
                let open = open.ok_or_else(|| TemplateProblem::StrayMark(mark.to_owned()))?;
                self.segments.push(Segment::Passage(open.passage));
            }
        }
        Ok(())
    }

    fn push(&mut self, piece: Piece) {
        match &mut self.open {
            None => self.segments.push(Segment::Plain(piece)),
            Some(open) if open.otherwise => open.passage.otherwise.push(piece),
            Some(open) => open.passage.shown.push(piece),
        }
    }

    fn field(&mut self, name: &str) -> usize {
        let known = self.fields.iter().position(|field| field.name == name);
        known.unwrap_or_else(|| {
            let key = heading_key(name);
            let alike = self.fields.iter().find(|field| heading_key(&field.name) == key);
            self.fields.push(Field {
                name: name.to_owned(),
                kind: alike.and_then(|field| field.kind),
                put_in: false,
            });
            self.fields.len() - 1
        })
    }

    /// Two spellings of one heading are one column and have one kind.
    fn say_kind(&mut self, field: usize, kind: Option<FieldKind>) -> Result<(), TemplateProblem> {
        let Some(kind) = kind else { return Ok(()) };
        let key = heading_key(&self.fields[field].name);
        for alike in self
            .fields
            .iter_mut()
            .filter(|alike| heading_key(&alike.name) == key)
        {
            if *alike.kind.get_or_insert(kind) != kind {
                return Err(TemplateProblem::TwoKinds(alike.name.clone()));
            }
        }
        Ok(())
    }

    fn template(self, source: String) -> Result<MessageTemplate, TemplateProblem> {
        if let Some(open) = self.open {
            return Err(TemplateProblem::UnclosedPassage(open.heading));
        }
        let kinds = self.fields.iter();
        let own = |name: &str| link_name(name).map(|_| FieldKind::Link);
        let kinds = kinds.map(|field| {
            let kind = field.kind.or_else(|| own(&field.name)).unwrap_or_default();
            field.put_in.then_some(kind)
        });
        Ok(MessageTemplate {
            kinds: kinds.collect(),
            segments: self.segments,
            fields: self.fields.into_iter().map(|field| field.name).collect(),
            source,
        })
    }
}

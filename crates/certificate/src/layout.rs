//! Where every line stands, and what it is for somebody who hears it read.

use pdf_writer::{Content, Name, Str};
use qrcodegen::{QrCode, QrCodeEcc};

use crate::font::Font;

/// A4, in points.
pub(crate) const WIDTH: f32 = 595.28;
pub(crate) const HEIGHT: f32 = 841.89;
/// 25 mm at the sides, so that holes can be punched.
const SIDE: f32 = 71.0;
const TOP: f32 = 57.0;
const BOTTOM: f32 = 57.0;
/// What a line takes, in sizes of its letters.
const LEADING: f32 = 1.6;
/// The first column of the table.
const COLUMN: f32 = 130.0;
/// The side of the two-dimensional code: 30 mm.
const CODE: f32 = 85.0;

/// What a piece of the page is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    Heading,
    Paragraph,
    Table,
    Row,
    RowHeading,
    Cell,
    Figure,
}

/// A piece, the piece that it belongs to, and its marks: page and number.
pub(crate) struct Piece {
    pub(crate) role: Role,
    pub(crate) parent: Option<usize>,
    pub(crate) marks: Vec<(usize, i32)>,
    /// What a picture shows.
    pub(crate) says: Option<String>,
}

/// A page, and to which piece each of its marks belongs.
pub(crate) struct Sheet {
    pub(crate) content: Content,
    pub(crate) owners: Vec<usize>,
}

/// Pages as they are filled from above.
pub(crate) struct Press {
    pub(crate) font: Font,
    pub(crate) sheets: Vec<Sheet>,
    pub(crate) pieces: Vec<Piece>,
    below: f32,
}

impl Press {
    pub(crate) fn new(font: Font) -> Self {
        let mut press = Self {
            font,
            sheets: Vec::new(),
            pieces: Vec::new(),
            below: 0.0,
        };
        press.turn();
        press
    }

    fn turn(&mut self) {
        self.sheets.push(Sheet {
            content: Content::new(),
            owners: Vec::new(),
        });
        self.below = HEIGHT - TOP;
    }

    /// Goes on to another page if there is no room for this.
    fn room(&mut self, height: f32) {
        if self.below - height < BOTTOM {
            self.turn();
        }
    }

    pub(crate) fn space(&mut self, height: f32) {
        self.below -= height;
    }

    fn piece(&mut self, role: Role, parent: Option<usize>) -> usize {
        self.pieces.push(Piece {
            role,
            parent,
            marks: Vec::new(),
            says: None,
        });
        self.pieces.len() - 1
    }

    fn measure(&self, size: f32, text: &str) -> f32 {
        size * text.chars().map(|letter| self.font.width(letter)).sum::<f32>()
    }

    fn sheet(&mut self) -> &mut Sheet {
        self.sheets
            .last_mut()
            .expect("there is a page from the beginning")
    }

    /// What is drawn from here on belongs to a piece.
    fn begin(&mut self, piece: usize) {
        let page = self.sheets.len() - 1;
        let tag = self.pieces[piece].role.tag();
        let sheet = self.sheet();
        let number = i32::try_from(sheet.owners.len()).unwrap_or(i32::MAX);
        sheet.owners.push(piece);
        let mut mark = sheet.content.begin_marked_content_with_properties(Name(tag));
        mark.properties().identify(number);
        drop(mark);
        self.pieces[piece].marks.push((page, number));
    }

    fn end(&mut self) {
        self.sheet().content.end_marked_content();
    }

    fn line(&mut self, piece: usize, (x, y): (f32, f32), size: f32, text: &str) {
        let bytes = self.font.encoded(text);
        self.begin(piece);
        let content = &mut self.sheet().content;
        content.begin_text();
        content.set_font(Name(b"F"), size);
        content.set_text_matrix([1.0, 0.0, 0.0, 1.0, x, y]);
        content.show(Str(&bytes));
        content.end_text();
        self.end();
    }

    /// Lines below each other, each at the place that `x` gives for its width.
    fn lines(&mut self, piece: usize, size: f32, lines: &[String], x: impl Fn(f32) -> f32) {
        for line in lines {
            self.room(size * LEADING);
            self.below -= size * LEADING;
            let x = x(self.measure(size, line));
            self.line(piece, (x, self.below), size, line);
        }
    }

    fn broken(&self, size: f32, width: f32, text: &str) -> Vec<String> {
        lines_of(text, width / size, |letter| self.font.width(letter))
    }

    pub(crate) fn centred(&mut self, role: Role, size: f32, text: &str) {
        let piece = self.piece(role, None);
        let lines = self.broken(size, WIDTH - 2.0 * SIDE, text);
        self.lines(piece, size, &lines, |width| (WIDTH - width) / 2.0);
    }

    pub(crate) fn right(&mut self, size: f32, text: &str) {
        let piece = self.piece(Role::Paragraph, None);
        let lines = self.broken(size, WIDTH - 2.0 * SIDE, text);
        self.lines(piece, size, &lines, |width| WIDTH - SIDE - width);
    }

    pub(crate) fn paragraph(&mut self, size: f32, text: &str) {
        let piece = self.piece(Role::Paragraph, None);
        let lines = self.broken(size, WIDTH - 2.0 * SIDE, text);
        self.lines(piece, size, &lines, |_| SIDE);
    }

    /// Headings at the left, values beside them, thin lines between.
    pub(crate) fn table(&mut self, size: f32, rows: &[(String, String)]) {
        let table = self.piece(Role::Table, None);
        for (heading, value) in rows {
            let row = self.piece(Role::Row, Some(table));
            let cells = [
                (
                    self.piece(Role::RowHeading, Some(row)),
                    SIDE,
                    COLUMN - 10.0,
                    heading,
                ),
                (
                    self.piece(Role::Cell, Some(row)),
                    SIDE + COLUMN,
                    WIDTH - 2.0 * SIDE - COLUMN,
                    value,
                ),
            ];
            let broken = cells.map(|(piece, x, width, text)| (piece, x, self.broken(size, width, text)));
            let most = broken.iter().map(|(.., lines)| lines.len()).max().unwrap_or(0);
            for at in 0..most {
                self.room(size * LEADING);
                self.below -= size * LEADING;
                for (piece, x, lines) in &broken {
                    if let Some(line) = lines.get(at) {
                        self.line(*piece, (*x, self.below), size, line);
                    }
                }
            }
            self.below -= size * 0.6;
            self.rule();
        }
    }

    fn rule(&mut self) {
        let y = self.below;
        let content = &mut self.sheet().content;
        content.begin_marked_content(Name(b"Artifact"));
        content.rect(SIDE, y, WIDTH - 2.0 * SIDE, 0.5);
        content.fill_nonzero();
        content.end_marked_content();
    }

    /// The two-dimensional code of an address, and a text beside it.
    pub(crate) fn code(&mut self, address: &str, text: &str) {
        self.room(CODE);
        let (top, page) = (self.below, self.sheets.len());
        let figure = self.piece(Role::Figure, None);
        self.pieces[figure].says = Some(format!("この証明書を確かめるページの二次元コード {address}"));
        self.begin(figure);
        // Addresses of ours are far shorter than what a code can hold.
        if let Ok(code) = QrCode::encode_text(address, QrCodeEcc::Medium) {
            draw(&mut self.sheet().content, &code, top);
        }
        self.end();
        let beside = SIDE + CODE + 16.0;
        let piece = self.piece(Role::Paragraph, None);
        let text = format!("{text}\n{address}");
        let lines = self.broken(9.0, WIDTH - SIDE - beside, &text);
        self.lines(piece, 9.0, &lines, |_| beside);
        if self.sheets.len() == page {
            self.below = self.below.min(top - CODE);
        }
    }
}

fn draw(content: &mut Content, code: &QrCode, top: f32) {
    let side = u16::try_from(code.size()).unwrap_or(1);
    let module = CODE / f32::from(side);
    for row in 0..side {
        for column in 0..side {
            if code.get_module(i32::from(column), i32::from(row)) {
                let x = SIDE + f32::from(column) * module;
                let y = top - f32::from(row + 1) * module;
                content.rect(x, y, module, module);
            }
        }
    }
    content.fill_nonzero();
}

impl Role {
    fn tag(self) -> &'static [u8] {
        match self {
            Self::Heading => b"H1",
            Self::Paragraph => b"P",
            Self::Table => b"Table",
            Self::Row => b"TR",
            Self::RowHeading => b"TH",
            Self::Cell => b"TD",
            Self::Figure => b"Figure",
        }
    }
}

/// Letters that no line begins with, and letters that no line ends with.
const NOT_FIRST: &str =
    "、。，．・：；？！）］｝」』】〕〉》’”ー々ゝゞヽヾぁぃぅぇぉっゃゅょァィゥェォッャュョヵヶ,.:;?!)]}%…";
const NOT_LAST: &str = "（［｛「『【〔〈《‘“([{";

/// A text in lines that are no wider than this, in sizes of its letters. Words of Latin letters and numbers stay whole,
/// and no line begins with a full stop; what is too long for any line is cut.
pub fn lines_of(text: &str, width: f32, of: impl Fn(char) -> f32) -> Vec<String> {
    let measure = |text: &str| text.chars().map(&of).sum::<f32>();
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in words(paragraph) {
            if line.is_empty() || measure(&line) + measure(&word) <= width {
                line.push_str(&word);
            } else {
                lines.push(std::mem::replace(&mut line, word.trim_start().to_owned()));
            }
            while measure(&line) > width && line.chars().count() > 1 {
                let rest = cut(&mut line, width, &of);
                lines.push(std::mem::replace(&mut line, rest));
            }
        }
        lines.push(line);
    }
    lines
}

/// Takes off what does not fit; at least one letter stays.
fn cut(line: &mut String, width: f32, of: impl Fn(char) -> f32) -> String {
    let mut used = 0.0;
    let end = line.char_indices().skip(1).find(|(at, _)| {
        used = line[..*at].chars().map(&of).sum();
        let next = line[*at..].chars().next().map_or(0.0, &of);
        used + next > width
    });
    end.map_or_else(String::new, |(at, _)| line.split_off(at))
}

/// What is not torn apart.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = None;
    for letter in text.chars().filter(|letter| !letter.is_control()) {
        let latin = |letter: char| letter.is_ascii_graphic();
        let sticks = before.is_some_and(|before: char| {
            latin(before) && latin(letter) || NOT_LAST.contains(before) || NOT_FIRST.contains(letter)
        });
        match words.last_mut().filter(|_| sticks) {
            Some(word) => word.push(letter),
            None => words.push(letter.to_string()),
        }
        before = Some(letter);
    }
    words
}

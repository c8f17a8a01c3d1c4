//! The file around the pages: objects, font, structure, what it says of itself.

use miniz_oxide::deflate::compress_to_vec_zlib;
use pdf_writer::types::{CidFontType, FontFlags, StructRole, SystemInfo, TableHeaderScope, UnicodeCmap};
use pdf_writer::{Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr};

use crate::layout::{HEIGHT, Press, Role, WIDTH};

const FONT_NAME: Name<'static> = Name(b"TODOKE+BIZUDGothic");
const SYSTEM: SystemInfo<'static> = SystemInfo {
    registry: Str(b"Adobe"),
    ordering: Str(b"Identity"),
    supplement: 0,
};
/// A good compromise; files are small.
const LEVEL: u8 = 6;

/// Numbers of objects, given as they are asked for.
struct Refs(i32);

impl Refs {
    fn next(&mut self) -> Ref {
        self.0 += 1;
        Ref::new(self.0)
    }

    fn several(&mut self, count: usize) -> Vec<Ref> {
        (0..count).map(|_| self.next()).collect()
    }
}

pub(crate) fn file(press: Press, title: &str) -> Vec<u8> {
    let mut refs = Refs(0);
    let mut pdf = Pdf::new();
    pdf.set_version(1, 7);
    let [catalog, tree, root, document, metadata, font] = [(); 6].map(|()| refs.next());
    let pages = refs.several(press.sheets.len());
    let pieces = refs.several(press.pieces.len());

    let mut writer = pdf.catalog(catalog);
    writer.pages(tree);
    writer.lang(TextStr("ja"));
    writer.metadata(metadata);
    writer.mark_info().marked(true);
    writer.viewer_preferences().display_doc_title(true);
    writer.pair(Name(b"StructTreeRoot"), root);
    writer.finish();

    structure(&mut pdf, &press, (root, document), (&pages, &pieces));
    write_font(&mut pdf, &press, font, &mut refs);
    describe(&mut pdf, metadata, title);
    let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
    pdf.pages(tree).kids(pages.iter().copied()).count(count);
    for ((sheet, page), key) in press.sheets.into_iter().zip(pages).zip(0..) {
        let content = refs.next();
        let mut writer = pdf.page(page);
        writer.parent(tree).media_box(Rect::new(0.0, 0.0, WIDTH, HEIGHT));
        writer.contents(content).struct_parents(key);
        writer.pair(Name(b"Tabs"), Name(b"S"));
        writer.resources().fonts().pair(Name(b"F"), font);
        writer.finish();
        let packed = compress_to_vec_zlib(&sheet.content.finish(), LEVEL);
        pdf.stream(content, &packed).filter(Filter::FlateDecode);
    }
    pdf.finish()
}

/// Which piece belongs to which, in the order in which they are read.
fn structure(pdf: &mut Pdf, press: &Press, (root, document): (Ref, Ref), (pages, pieces): (&[Ref], &[Ref])) {
    let mut writer = pdf
        .indirect(root)
        .start::<pdf_writer::writers::StructTreeRoot<'_>>();
    writer.child(document);
    let next = i32::try_from(pages.len()).unwrap_or(i32::MAX);
    writer.parent_tree_next_key(next);
    let mut parents = writer.insert(Name(b"ParentTree")).dict();
    let mut numbers = parents.insert(Name(b"Nums")).array();
    for (sheet, key) in press.sheets.iter().zip(0_i32..) {
        numbers.item(key);
        let owners = sheet.owners.iter().map(|owner| pieces[*owner]);
        numbers.push().array().items(owners);
    }
    numbers.finish();
    parents.finish();
    writer.finish();

    let kids = |of: Option<usize>| {
        let all = press.pieces.iter().zip(pieces);
        all.filter(move |(piece, _)| piece.parent == of)
            .map(|(_, id)| *id)
    };
    let mut writer = pdf.struct_element(document);
    writer.kind(StructRole::Document).parent(root);
    let mut children = writer.children();
    for kid in kids(None) {
        children.struct_element(kid);
    }
    children.finish();
    writer.finish();

    for ((at, piece), id) in press.pieces.iter().enumerate().zip(pieces) {
        let mut writer = pdf.struct_element(*id);
        writer.kind(kind(piece.role));
        writer.parent(piece.parent.map_or(document, |parent| pieces[parent]));
        if let Some(says) = &piece.says {
            writer.alt(TextStr(says));
        }
        if piece.role == Role::RowHeading {
            let mut attributes = writer.attributes();
            attributes.push().table().scope(TableHeaderScope::Row);
            attributes.finish();
        }
        let mut children = writer.children();
        for kid in kids(Some(at)) {
            children.struct_element(kid);
        }
        for (page, number) in &piece.marks {
            let mut mark = children.marked_content_ref();
            mark.page(pages[*page]).marked_content_id(*number);
        }
        children.finish();
        writer.finish();
    }
}

fn kind(role: Role) -> StructRole {
    match role {
        Role::Heading => StructRole::H1,
        Role::Paragraph => StructRole::P,
        Role::Table => StructRole::Table,
        Role::Row => StructRole::TR,
        Role::RowHeading => StructRole::TH,
        Role::Cell => StructRole::TD,
        Role::Figure => StructRole::Figure,
    }
}

fn write_font(pdf: &mut Pdf, press: &Press, id: Ref, refs: &mut Refs) {
    let [cid, descriptor, file, letters] = [(); 4].map(|()| refs.next());
    let font = &press.font;
    pdf.type0_font(id)
        .base_font(FONT_NAME)
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(cid)
        .to_unicode(letters);
    let mut writer = pdf.cid_font(cid);
    writer.subtype(CidFontType::Type2).base_font(FONT_NAME);
    writer.system_info(SYSTEM).font_descriptor(descriptor);
    writer.default_width(1000.0);
    writer.cid_to_gid_map_predefined(Name(b"Identity"));
    writer.widths().consecutive(0, font.widths());
    writer.finish();
    let measures = font.measures();
    let [left, bottom, right, top] = measures.bounds;
    pdf.font_descriptor(descriptor)
        .name(FONT_NAME)
        .flags(FontFlags::SYMBOLIC)
        .bbox(Rect::new(left, bottom, right, top))
        .italic_angle(0.0)
        .ascent(measures.ascent)
        .descent(measures.descent)
        .cap_height(measures.cap_height)
        .stem_v(80.0)
        .font_file2(file);
    let bytes = font.subset();
    let packed = compress_to_vec_zlib(&bytes, LEVEL);
    let length = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
    let mut stream = pdf.stream(file, &packed);
    stream.filter(Filter::FlateDecode);
    stream.pair(Name(b"Length1"), length);
    stream.finish();
    let mut map = UnicodeCmap::new(Name(b"Todoke"), SYSTEM);
    for (place, letter) in font.letters() {
        map.pair(place, letter);
    }
    let packed = compress_to_vec_zlib(map.finish().as_slice(), LEVEL);
    pdf.stream(letters, &packed).filter(Filter::FlateDecode);
}

/// What readers ask of a file that says that it is accessible.
fn describe(pdf: &mut Pdf, id: Ref, title: &str) {
    let title: String = title
        .chars()
        .map(|letter| match letter {
            '<' | '>' | '&' => ' ',
            letter if letter.is_control() || letter > '\u{fffd}' => ' ',
            letter => letter,
        })
        .collect();
    let packet = format!(
        r#"<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:language><rdf:Bag><rdf:li>ja</rdf:li></rdf:Bag></dc:language>
<pdfuaid:part>1</pdfuaid:part>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"#
    );
    pdf.metadata(id, packet.as_bytes());
}

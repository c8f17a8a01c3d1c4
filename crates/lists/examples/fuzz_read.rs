//! Damages lists in every way and reads them, until the time is over or something breaks.
//!
//! `cargo run --release -p lists --example fuzz_read -- seconds=600 seed=1`
//!
//! Nothing may panic, take longer than [`LONGEST`] or more memory than [`MOST_MEMORY`]. Each round has a seed of its
//! own, which is printed when it fails; `rounds=1 seed=…` plays it again.
#![expect(
    clippy::unwrap_used,
    reason = "the samples are ours; a failed unwrap ends the run, as it should"
)]

use std::{
    cell::Cell,
    fs,
    io::{Cursor, Read, Write},
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    process::ExitCode,
    time::{Duration, Instant},
};

use base::merge::MessageTemplate;
use lists::{
    check::check,
    columns::phone_columns,
    layout::{Layout, changed, propose},
    read::{Delimiter, Encoding, ReadOptions, preview, read_with},
};
use rust_xlsxwriter::{Format, Formula, Workbook};
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

/// One damaged list of a few hundred rows.
const LONGEST: Duration = Duration::from_secs(5);

/// Highest use of memory of the whole process, in kB.
const MOST_MEMORY: u64 = 512 * 1024;

fn main() -> ExitCode {
    let argument =
        |name: &str| std::env::args().find_map(|argument| argument.strip_prefix(name)?.parse::<u64>().ok());
    let rounds = argument("rounds=").unwrap_or(u64::MAX);
    let time = Duration::from_secs(argument("seconds=").unwrap_or(60));
    let first = argument("seed=").unwrap_or(1);
    let samples = samples();
    let start = Instant::now();
    let (mut done, mut read, mut failed) = (0, 0, 0u32);
    while done < rounds && start.elapsed() < time && failed < 20 {
        let seed = first.wrapping_add(done);
        if done.is_multiple_of(10_000) {
            // What ends the whole process can be found from here.
            println!("seed={seed}: on the way");
        }
        done += 1;
        match round(&samples, seed) {
            Ok(understood) => read += u64::from(understood),
            Err(why) => {
                failed += 1;
                println!("seed={seed}: {why}");
            }
        }
    }
    println!(
        "{done} rounds, {read} of them still read as lists, {failed} failed, {} kB at most, {:.0} s",
        peak_memory().unwrap_or(0),
        start.elapsed().as_secs_f64()
    );
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Whether the damaged list could still be read, or what broke.
fn round(samples: &[Vec<u8>], seed: u64) -> Result<bool, String> {
    let mut dice = Dice(seed);
    let bytes = damaged(samples, &mut dice);
    let options = options(&mut dice);
    let start = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(|| use_it(&bytes, &options)));
    let took = start.elapsed();
    let understood = outcome.map_err(|_| "panicked".to_owned())?;
    if took > LONGEST {
        return Err(format!("took {:.1} s", took.as_secs_f64()));
    }
    match peak_memory() {
        Some(peak) if peak > MOST_MEMORY => Err(format!("{peak} kB of memory")),
        _ => Ok(understood),
    }
}

/// Everything that is done with a fresh file.
fn use_it(bytes: &[u8], options: &ReadOptions) -> bool {
    let _ = preview(bytes, options);
    let furthest = Cell::new(0);
    let hook = |progress: lists::read::Progress| {
        assert!(progress.bytes_done >= furthest.get() && progress.bytes_done <= progress.bytes_total);
        furthest.set(progress.bytes_done);
        ControlFlow::Continue(())
    };
    let Ok(sheet) = read_with("list", bytes, options, &hook) else {
        return false;
    };
    let layout = Layout::of(&sheet);
    let _ = changed(
        &layout,
        &Layout::new(["ID", "電話番号", "氏名"].map(str::to_owned)),
    );
    let _ = propose(&sheet, &["HER-SYS ID".to_owned(), "氏名".to_owned()], &[]);
    if let Some(to) = phone_columns(&sheet)
        .first()
        .map(|column| sheet.headings()[*column].clone())
    {
        for text in ["text".to_owned(), format!("{{{{{}}}}}", sheet.headings()[0])] {
            if let Ok(template) = MessageTemplate::parse(&text)
                && let Ok(checked) = check(&sheet, &to, &template)
            {
                assert_eq!(checked.rows.len(), sheet.len(), "no row disappears");
            }
        }
    }
    true
}

fn options(dice: &mut Dice) -> ReadOptions {
    ReadOptions {
        sheet: dice.one_in(10).then(|| "リスト".to_owned()),
        to: dice.one_in(3).then(|| "電話番号".to_owned()),
        encoding: dice.one_in(8).then(|| *dice.pick(Encoding::ALL)),
        delimiter: dice.one_in(8).then(|| *dice.pick(Delimiter::ALL)),
        header_line: dice.one_in(8).then(|| u32::try_from(dice.below(12)).unwrap()),
    }
}

fn damaged(samples: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = dice.pick(samples).clone();
    let other = dice.pick(samples);
    if bytes.starts_with(b"PK") && !dice.one_in(6) {
        let mut parts = unzipped(&bytes);
        for _ in 0..=dice.below(3) {
            let at = dice.below(parts.len());
            let donor = dice.pick(&parts).1.clone();
            mutate(&mut parts[at].1, &donor, dice);
        }
        if dice.one_in(12) {
            let at = dice.below(parts.len());
            parts.remove(at);
        }
        if dice.one_in(12) {
            let (at, to) = (dice.below(parts.len()), dice.below(parts.len()));
            parts[at].0 = format!("{}{}", parts[to].0, if dice.one_in(2) { "" } else { "x" });
        }
        bytes = zipped(&parts);
        if !dice.one_in(8) {
            return bytes;
        }
    }
    mutate(&mut bytes, other, dice);
    bytes
}

/// Damages bytes in one to eight places.
fn mutate(bytes: &mut Vec<u8>, other: &[u8], dice: &mut Dice) {
    const PIECES: &[&[u8]] = &[
        b"\"",
        b"\"\"",
        b"\n",
        b"\r",
        b"\r\n",
        b",",
        b"\t",
        b";",
        b"\0",
        b"\xFF\xFE",
        b"\xEF\xBB\xBF",
        b"\x1B$B",
        b"\x81",
        b"\xF0\x40",
        b"sep=,\n",
        b"<",
        b">",
        b"</c>",
        b"<c r=\"A1048577\">",
        b"&#x10FFFF;",
        b"&amp;",
        b"]]>",
        b"-1",
        b"1e308",
        b"NaN",
        b"18446744073709551616",
        b"4294967295",
        b"2147483648",
        b"ZZZZZZ99999999",
        "令和".as_bytes(),
        "電話番号,ID,氏名\n".as_bytes(),
        b"[$-411]ggge",
        b"09012345678",
    ];
    for _ in 0..=dice.below(8) {
        let at = dice.below(bytes.len() + 1);
        let end = (at + dice.below(64)).min(bytes.len());
        match dice.below(9) {
            0 if !bytes.is_empty() => {
                let at = dice.below(bytes.len());
                bytes[at] ^= 1 << dice.below(8);
            }
            1 if !bytes.is_empty() => {
                let at = dice.below(bytes.len());
                bytes[at] = dice.byte();
            }
            2 if dice.one_in(4) => bytes.truncate(at),
            3 => drop(bytes.drain(at..end)),
            4 => {
                let piece = bytes[at..end].to_vec();
                let times = 1 + dice.below(40);
                bytes.splice(at..at, piece.repeat(times));
            }
            5 if !other.is_empty() => {
                let from = dice.below(other.len());
                let to = (from + dice.below(400)).min(other.len());
                bytes.splice(at..end, other[from..to].iter().copied());
            }
            6 => numbers(bytes, dice),
            _ => drop(bytes.splice(at..at, dice.pick(PIECES).iter().copied())),
        }
    }
}

/// Puts another number in place of one that stands in the text.
fn numbers(bytes: &mut Vec<u8>, dice: &mut Dice) {
    const NUMBERS: &[&str] = &[
        "0",
        "-1",
        "1",
        "255",
        "16384",
        "65536",
        "1048576",
        "1048577",
        "2958466",
        "4294967295",
        "4294967296",
        "9223372036854775808",
        "99999999999999999999",
        "1e308",
        "-1e308",
        "0.1",
        "60",
    ];
    let from = dice.below(bytes.len() + 1);
    let Some(start) = bytes[from..]
        .iter()
        .position(u8::is_ascii_digit)
        .map(|at| from + at)
    else {
        return;
    };
    let length = bytes[start..].iter().take_while(|b| b.is_ascii_digit()).count();
    bytes.splice(start..start + length, dice.pick(NUMBERS).bytes());
}

fn unzipped(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let parts = (0..archive.len()).map(|index| {
        let mut part = archive.by_index(index).unwrap();
        let mut content = Vec::new();
        part.read_to_end(&mut content).unwrap();
        (part.name().unwrap().into_owned(), content)
    });
    parts.collect()
}

fn zipped(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        // A name that stands already is refused; the part is left out.
        if writer.start_file(name.as_str(), stored).is_ok() {
            writer.write_all(content).unwrap();
        }
    }
    writer.finish().unwrap().into_inner()
}

/// The lists of the tests, and some that are richer in what workbooks and text files can hold.
fn samples() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/lists");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut names: Vec<_> = files
        .filter(|path| {
            path.extension()
                .is_some_and(|kind| kind == "csv" || kind == "xlsx")
        })
        .collect();
    names.sort();
    let mut samples: Vec<Vec<u8>> = names.iter().map(|path| fs::read(path).unwrap()).collect();
    let text =
        "療養者リスト,,,\r\nNo,連絡先,,備考\r\n,電話番号,続柄,\r\n1,090-1111-1111,本人,\"二行の\nメモ\"\r\n";
    samples.push(text.as_bytes().to_vec());
    samples.push(encoding_rs::SHIFT_JIS.encode(text).0.into_owned());
    samples.push(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
    for _ in 0..3 {
        samples.push(workbook());
    }
    samples
}

fn workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("リスト").unwrap();
    sheet
        .merge_range(0, 0, 0, 4, "療養者リスト", &Format::new())
        .unwrap();
    sheet
        .write_row(1, 0, ["ID", "電話番号", "診断日", "SpO2", "式"])
        .unwrap();
    for row in 2..20 {
        sheet
            .write_with_format(row, 0, 5_023_602 + row, &Format::new().set_num_format("00000000"))
            .unwrap();
        sheet
            .write(row, 1, format!("090-1234-{:04}", 5678 + row))
            .unwrap();
        let wareki = Format::new().set_num_format("[$-411]ggge\"年\"m\"月\"d\"日\";@");
        sheet.write_with_format(row, 2, 44_600 + row, &wareki).unwrap();
        sheet
            .write_with_format(row, 3, 0.95, &Format::new().set_num_format("0%"))
            .unwrap();
        sheet
            .write_formula(row, 4, Formula::new("=A1").set_result("二"))
            .unwrap();
    }
    sheet.set_row_hidden(5).unwrap();
    book.add_worksheet()
        .set_name("作業用")
        .unwrap()
        .set_hidden(true)
        .write(0, 0, true)
        .unwrap();
    book.save_to_buffer().unwrap()
}

/// Highest use of memory so far, in kB, where the system tells it.
fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// `SplitMix64`: small, and the same on every machine.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

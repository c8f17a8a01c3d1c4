//! What is no picture, or means harm: refused by its first bytes without a child, or by a child that dies alone.

use std::time::Duration;

use image::ImageFormat;
use photo::header::{self, Kind};
use photo::{Refusal, Task, Trouble, Worker};
use proptest::prelude::*;

use crate::made::{developed, encoded, holds, jpeg, no_worker, quarters, refused, worker};

fn png_that_says(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = encoded(&quarters(4, 4), ImageFormat::Png);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    bytes
}

fn jpeg_that_says(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = jpeg(&quarters(16, 16), 80);
    let frame = bytes.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
    bytes[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    bytes[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    bytes
}

fn webp_that_says(size: u32) -> Vec<u8> {
    let edge = (size - 1).to_le_bytes();
    let mut bytes = b"RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0".to_vec();
    bytes.extend([edge[0], edge[1], edge[2], edge[0], edge[1], edge[2], 0, 0]);
    bytes
}

#[test]
fn asvs_5_2_6_a_bomb_is_refused_by_what_its_header_says_and_no_child_is_started() {
    let bombs = [
        png_that_says(50_000, 50_000),
        png_that_says(12_001, 1),
        png_that_says(u32::MAX, u32::MAX),
        jpeg_that_says(65_500, 65_500),
        webp_that_says(16_000),
        webp_that_says(1 << 24),
    ];
    for bomb in bombs {
        // Whoever started one would be told that it cannot be.
        assert_eq!(refused(&no_worker(), &bomb), Refusal::TooManyPixels);
    }
}

#[test]
fn asvs_5_2_2_what_is_no_photo_is_refused_with_its_own_reason_whatever_it_is_called() {
    let svg = b"<?xml version=\"1.0\"?>\n<SVG xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>";
    let mut moving = webp_that_says(20);
    moving[20] = 0b10;
    let others: [(&[u8], Refusal); 12] = [
        (b"", Refusal::Empty),
        (svg, Refusal::Svg),
        (b"GIF89a\x01\0\x01\0", Refusal::Gif),
        (b"%PDF-1.7\n", Refusal::Pdf),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", Refusal::Heic),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", Refusal::Heic),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", Refusal::Avif),
        (b"\0\0\0\x18ftypisom\0\0\0\0mp42isom", Refusal::OtherKind),
        (b"<!doctype html><script>alert(1)</script>", Refusal::OtherKind),
        (b"PK\x03\x04", Refusal::OtherKind),
        (b"BM\0\0", Refusal::OtherKind),
        (&moving, Refusal::OtherKind),
    ];
    for (bytes, refusal) in others {
        assert_eq!(refused(&no_worker(), bytes), refusal);
        assert_eq!(Refusal::from_code(refusal.code()), Some(refusal));
    }
    let mut long = jpeg(&quarters(16, 16), 80);
    long.resize(photo::limits::BYTES + 1, 0);
    assert_eq!(refused(&no_worker(), &long), Refusal::TooManyBytes);
}

#[test]
fn asvs_5_2_2_a_second_file_in_the_same_bytes_does_not_come_back() {
    let inside = b"<html><script>alert('polyglot')</script></html>";
    let plain = jpeg(&quarters(800, 700), 85);
    let tail = [&plain[..], inside, b"PK\x03\x04polyglot"].concat();
    // As a comment between the picture's own parts.
    let length = u16::try_from(inside.len() + 2).unwrap().to_be_bytes();
    let comment = [&plain[..2], &[0xff, 0xfe], &length, inside, &plain[2..]].concat();
    for bytes in [tail, comment] {
        let picture = developed(&bytes);
        assert!(!holds(&picture.jpeg, b"polyglot") && !holds(&picture.preview, b"polyglot"));
        assert_eq!(header::look(&picture.jpeg).unwrap().kind, Kind::Jpeg);
    }
}

#[test]
fn a_picture_that_stops_in_the_middle_is_broken_or_shows_what_arrived() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let bytes = encoded(&quarters(300, 200), format);
        for part in [20, bytes.len() / 3, bytes.len() - 40] {
            match worker().develop(&bytes[..part], Task::default()) {
                Ok(picture) => assert_eq!((picture.width, picture.height), (300, 200), "{format:?} {part}"),
                Err(Trouble::Refused(Refusal::Broken)) => {}
                other => panic!("{format:?} {part}: {other:?}"),
            }
        }
    }
}

/// A header that is allowed, behind which much more is unpacked: the decoder stays within its memory.
#[test]
fn the_largest_picture_that_is_allowed_is_read_within_the_memory_of_the_child() {
    let large = image::GrayImage::from_pixel(8_000, 8_000, image::Luma([120]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    large.write_to(&mut bytes, ImageFormat::Png).unwrap();
    let bytes = bytes.into_inner();
    assert!(bytes.len() < 400_000, "64 megapixels in {} bytes", bytes.len());
    let picture = developed(&bytes);
    assert_eq!((picture.width, picture.height), (2_048, 2_048));
    // The same with sixteen bits of each of four colours would be half a gigabyte.
    let deep = {
        let mut bytes = bytes.clone();
        // Depth and colours of the header; the checksum is left as it was, or the decoder would say so first.
        bytes[24] = 16;
        bytes[25] = 6;
        let sum = crc(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&sum.to_be_bytes());
        bytes
    };
    assert_eq!(refused(&worker(), &deep), Refusal::TooManyPixels);
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ (0xedb8_8320 & 0_u32.wrapping_sub(sum & 1))
        })
    })
}

/// What is left to a child that waits for its picture, as the kernel tells it.
#[cfg(target_os = "linux")]
#[test]
fn the_child_has_given_away_memory_files_processes_and_calls_before_it_reads() {
    use std::process::{Command, Stdio};

    let mut child = Command::new(env!("CARGO_BIN_EXE_photo-worker"))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let told =
        |name: &str| std::fs::read_to_string(format!("/proc/{}/{name}", child.id())).unwrap_or_default();
    let filtered = || told("status").lines().any(|line| line == "Seccomp:\t2");
    while !filtered() && !told("status").contains("zombie") {
        std::thread::yield_now();
    }
    assert!(filtered(), "it ended before: {}", told("status"));
    let limits = told("limits");
    for (what, most) in [
        ("Max address space", photo::limits::MEMORY),
        ("Max cpu time", photo::limits::CPU_SECONDS),
        ("Max open files", 0),
        ("Max processes", 0),
        ("Max file size", 0),
        ("Max core file size", 0),
    ] {
        let line = limits.lines().find(|line| line.starts_with(what)).unwrap();
        let soft = line[what.len()..].split_whitespace().next().unwrap();
        assert_eq!(soft, most.to_string(), "{line}");
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_child_that_hangs_dies_or_says_nonsense_is_a_refusal_and_the_next_picture_is_read() {
    let good = jpeg(&quarters(700, 700), 85);
    let shell = |script: &str| Worker::new("/bin/sh", &["-c", script]);
    let hangs = shell("while :; do :; done").within(Duration::from_millis(50));
    assert_eq!(refused(&hangs, &good), Refusal::TooMuchWork);
    // As the kernel ends whoever asks for more than it may.
    assert_eq!(refused(&shell("kill -KILL $$"), &good), Refusal::TooMuchWork);
    assert_eq!(refused(&shell("exit 101"), &good), Refusal::Broken);
    for nonsense in [
        "echo nonsense",
        r#"echo '{"done":{"jpeg":4,"preview":0,"width":1,"height":1,"print":null,"hints":[]}}'; printf abcd"#,
        "cat",
    ] {
        assert_eq!(refused(&shell(nonsense), &good), Refusal::Broken, "{nonsense}");
    }
    let nobody = no_worker().develop(&good, Task::default());
    assert!(matches!(nobody, Err(Trouble::Failed(_))), "{nobody:?}");
    let unconfined = shell("exit 70").develop(&good, Task::default());
    assert!(matches!(unconfined, Err(Trouble::Failed(_))), "{unconfined:?}");
    developed(&good);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn headers_of_any_bytes_are_read_without_harm(
        start in prop::sample::select(vec![
            &b"\xff\xd8\xff"[..], b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", b"RIFF\0\0\0\0WEBPVP8 ", b"RIFF\0\0\0\0WEBPVP8X", b"",
        ]),
        rest in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let bytes = [start, &rest].concat();
        if let Ok(found) = header::look(&bytes) {
            prop_assert!(found.width > 0 && found.height > 0 && found.width.max(found.height) <= 12_000);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_picture_with_any_bytes_changed_is_a_picture_or_a_refusal(
        format in prop::sample::select(vec![ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let mut bytes = encoded(&quarters(64, 48), format);
        for (place, value) in changes {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        match worker().develop(&bytes, Task::default()) {
            Ok(picture) => prop_assert!(header::look(&picture.jpeg).is_ok()),
            Err(Trouble::Refused(_)) => {}
            Err(Trouble::Failed(failed)) => prop_assert!(false, "{}", failed),
        }
    }
}

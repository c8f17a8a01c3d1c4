//! Pictures that the tests make.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use photo::{Picture, Refusal, Task, Trouble, Worker};

pub(crate) fn worker() -> Worker {
    Worker::new(env!("CARGO_BIN_EXE_photo-worker"), &[])
}

/// One that cannot be started: whoever asks it is told so.
pub(crate) fn no_worker() -> Worker {
    Worker::new("/nowhere/photo-worker", &[])
}

pub(crate) fn developed(bytes: &[u8]) -> Picture {
    worker().develop(bytes, Task::default()).expect("a good picture")
}

pub(crate) fn refused(worker: &Worker, bytes: &[u8]) -> Refusal {
    match worker.develop(bytes, Task::default()) {
        Err(Trouble::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

/// Four quarters of a colour each: red green / blue white, with a fine grid over them.
pub(crate) fn quarters(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        if x % 8 == 0 || y % 8 == 0 {
            return Rgb([90, 90, 90]);
        }
        match (x * 2 < width, y * 2 < height) {
            (true, true) => Rgb([220, 30, 30]),
            (false, true) => Rgb([30, 200, 30]),
            (true, false) => Rgb([30, 30, 220]),
            (false, false) => Rgb([250, 250, 250]),
        }
    })
}

pub(crate) fn encoded(picture: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture = DynamicImage::ImageRgb8(picture.clone());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub(crate) fn jpeg(picture: &RgbImage, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, quality);
    picture.write_with_encoder(encoder).unwrap();
    bytes
}

/// The same picture with EXIF: how the phone was held, and where.
pub(crate) fn with_exif(jpeg: &[u8], orientation: u16) -> Vec<u8> {
    let mut tiff = b"MM\0\x2a\0\0\0\x08\0\x02".to_vec();
    let entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
        let mut bytes = Vec::new();
        bytes.extend(tag.to_be_bytes());
        bytes.extend(kind.to_be_bytes());
        bytes.extend(count.to_be_bytes());
        bytes.extend(value);
        bytes
    };
    let [high, low] = orientation.to_be_bytes();
    tiff.extend(entry(0x0112, 3, 1, [high, low, 0, 0]));
    // The directory of the place: it begins at 38.
    tiff.extend(entry(0x8825, 4, 1, 38_u32.to_be_bytes()));
    tiff.extend([0; 4]);
    tiff.extend([0, 1]);
    tiff.extend(entry(0x001d, 2, 11, 56_u32.to_be_bytes()));
    tiff.extend([0; 4]);
    tiff.extend(b"GPS-SAITAMA-35.8617N");
    let mut segment = vec![0xff, 0xe1];
    let length = u16::try_from(2 + 6 + tiff.len()).unwrap();
    segment.extend(length.to_be_bytes());
    segment.extend(b"Exif\0\0");
    segment.extend(tiff);
    [&jpeg[..2], &segment, &jpeg[2..]].concat()
}

pub(crate) fn holds(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}

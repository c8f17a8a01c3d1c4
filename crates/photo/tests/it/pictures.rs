//! Good pictures come back upright, small enough, and alone.

use image::{ImageFormat, Rgb, RgbImage};
use photo::header::{self, Kind};
use photo::{Area, Hint, Picture, Task};

use crate::made::{developed, encoded, holds, jpeg, quarters, with_exif, worker};

fn pixels(picture: &Picture) -> RgbImage {
    image::load_from_memory_with_format(&picture.jpeg, ImageFormat::Jpeg)
        .unwrap()
        .into_rgb8()
}

/// Which colour the middle of each quarter has: left above, right above, left below, right below.
fn seen(picture: &RgbImage) -> String {
    let (width, height) = picture.dimensions();
    let places = [(1, 1), (3, 1), (1, 3), (3, 3)];
    let name = |(x, y): (u32, u32)| {
        // Between two lines of the grid.
        let at = |side: u32, quarter: u32| (side * quarter / 4) / 8 * 8 + 4;
        let Rgb([red, green, blue]) = *picture.get_pixel(at(width, x), at(height, y));
        match (red > 128, green > 128, blue > 128) {
            (true, false, false) => 'r',
            (false, true, false) => 'g',
            (false, false, true) => 'b',
            (true, true, true) => 'w',
            other => panic!("{other:?}"),
        }
    };
    places.map(name).iter().collect()
}

#[test]
fn however_the_phone_was_held_the_picture_stands_upright_and_nothing_tells_the_place() {
    let plain = jpeg(&quarters(320, 240), 92);
    let turned = [
        (1, "rgbw", (320, 240)),
        (2, "grwb", (320, 240)),
        (3, "wbgr", (320, 240)),
        (4, "bwrg", (320, 240)),
        (5, "rbgw", (240, 320)),
        (6, "brwg", (240, 320)),
        (7, "wgbr", (240, 320)),
        (8, "gwrb", (240, 320)),
    ];
    for (orientation, colours, size) in turned {
        let bytes = with_exif(&plain, orientation);
        assert!(holds(&bytes, b"SAITAMA"));
        let picture = developed(&bytes);
        assert_eq!((picture.width, picture.height), size, "{orientation}");
        assert_eq!(seen(&pixels(&picture)), colours, "{orientation}");
        for kept in [&picture.jpeg, &picture.preview] {
            assert!(!holds(kept, b"SAITAMA") && !holds(kept, b"Exif"), "{orientation}");
        }
    }
}

#[test]
fn every_kind_becomes_a_jpeg_of_bounded_size_with_a_preview() {
    let large = quarters(2_400, 1_600);
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let bytes = encoded(&large, format);
        let picture = developed(&bytes);
        assert_eq!((picture.width, picture.height), (2_048, 1_365), "{format:?}");
        let preview = header::look(&picture.preview).unwrap();
        assert_eq!(
            (preview.kind, preview.width, preview.height),
            (Kind::Jpeg, 240, 159)
        );
        assert_eq!(picture.came_as, photo::hash(&bytes));
    }
    let small = developed(&encoded(&quarters(700, 640), ImageFormat::Png));
    assert_eq!((small.width, small.height), (700, 640), "nothing is made larger");
}

#[test]
fn what_is_seen_through_becomes_white() {
    let clear = image::RgbaImage::from_pixel(700, 700, image::Rgba([0, 0, 0, 0]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    clear.write_to(&mut bytes, ImageFormat::Png).unwrap();
    let picture = developed(&bytes.into_inner());
    assert_eq!(pixels(&picture).get_pixel(350, 350).0, [255, 255, 255]);
    assert_eq!(picture.print, None, "there is nothing to see on it");
}

#[test]
fn hints_tell_dark_bright_blurred_and_small_pictures_and_a_good_one_has_none() {
    let hints = |picture: &RgbImage| developed(&jpeg(picture, 90)).hints;
    let good = quarters(1_200, 900);
    assert_eq!(hints(&good), []);
    let with = |change: fn(u8) -> u8| {
        let mut picture = good.clone();
        for pixel in picture.pixels_mut() {
            pixel.0 = pixel.0.map(change);
        }
        picture
    };
    assert!(hints(&with(|value| value / 6)).contains(&Hint::Dark));
    assert!(hints(&with(|value| 240 + value / 17)).contains(&Hint::Bright));
    let blurred = image::imageops::blur(&good, 6.0);
    assert_eq!(hints(&blurred), [Hint::Blurred]);
    assert_eq!(hints(&quarters(500, 800)), [Hint::Small]);
}

#[test]
fn the_same_picture_saved_anew_is_near_and_another_is_not() {
    // A scene with soft light and a few things in it.
    let scene = |shift: u32| {
        RgbImage::from_fn(1_200, 900, |x, y| {
            let wave =
                |value: u32, length: u32| (f64::from(value) / f64::from(length)).sin().mul_add(60.0, 120.0);
            let light = wave(x + shift, 170) + wave(y * 2 + shift, 230);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "within 0 and 255"
            )]
            let light = (light / 2.0) as u8;
            Rgb([light, light, light.saturating_add(20)])
        })
    };
    let print = |bytes: &[u8]| developed(bytes).print.unwrap();
    let first = print(&jpeg(&scene(0), 95));
    let smaller = image::imageops::thumbnail(&scene(0), 800, 600);
    for again in [jpeg(&scene(0), 60), jpeg(&smaller, 80)] {
        let again = print(&again);
        assert!(
            first.distance(again) <= photo::Print::NEAR,
            "{}",
            first.distance(again)
        );
        assert!(first.bands().iter().any(|band| again.bands().contains(band)));
    }
    let other = print(&jpeg(&scene(400), 95));
    assert!(first.distance(other) > 10, "{}", first.distance(other));
}

#[test]
fn a_masked_part_is_black_in_picture_and_preview_and_the_rest_stays() {
    let bytes = jpeg(&quarters(1_200, 900), 92);
    let mask = Area::new(0, 0, 500, 500).unwrap();
    let picture = worker().develop(&bytes, Task { mask: Some(mask) }).unwrap();
    let small = image::load_from_memory(&picture.preview).unwrap().into_rgb8();
    for (picture, at) in [(&pixels(&picture), 8), (&small, 4)] {
        let (width, height) = picture.dimensions();
        for (x, y) in [
            (at, at),
            (width / 2 - at, height / 2 - at),
            (width / 4, height / 4),
        ] {
            let dark = picture.get_pixel(x, y).0.iter().all(|value| *value < 40);
            assert!(dark, "{x} {y} {:?}", picture.get_pixel(x, y));
        }
        assert!(picture.get_pixel(width - at - 1, height - at - 1).0[0] > 60);
    }
    for nothing in [(0, 0, 0, 10), (900, 0, 101, 10), (0, 990, 10, 11)] {
        assert_eq!(Area::new(nothing.0, nothing.1, nothing.2, nothing.3), None);
    }
}

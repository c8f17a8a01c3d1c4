//! What the child process does: bytes become pixels, pixels become a picture of ours.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::thumbnail;
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, ImageDecoder as _, ImageFormat, ImageReader, Limits, Rgb, RgbImage};

use crate::header::{self, Kind};
use crate::limits::{DECODED_BYTES, EDGE, EDGE_DECODED, PREVIEW_EDGE, PREVIEW_QUALITY, QUALITY};
use crate::looks::{Hint, hints};
use crate::{Area, Print, Refusal, Task};

/// Longest edge of what is looked at for its sharpness.
const LOOKED_AT_EDGE: u32 = 1_024;

/// What came of it.
pub(crate) struct Developed {
    pub(crate) jpeg: Vec<u8>,
    pub(crate) preview: Vec<u8>,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) print: Option<Print>,
    pub(crate) hints: Vec<Hint>,
}

pub(crate) fn develop(bytes: &[u8], task: Task) -> Result<Developed, Refusal> {
    let (decoded, orientation) = decode(bytes)?;
    let came_with = (decoded.width(), decoded.height());
    let mut small = within(decoded, EDGE);
    small.apply_orientation(orientation);
    let mut picture = without_alpha(small);
    let grey = image::imageops::grayscale(&picture);
    let (print, hints) = (Print::of(&grey), hints(&looked_at(&grey), came_with));
    if let Some(area) = task.mask {
        blacken(&mut picture, area);
    }
    let (width, height) = picture.dimensions();
    let (preview_width, preview_height) = fitting(width, height, PREVIEW_EDGE);
    let preview = thumbnail(&picture, preview_width, preview_height);
    Ok(Developed {
        jpeg: encode(&picture, QUALITY)?,
        preview: encode(&preview, PREVIEW_QUALITY)?,
        width,
        height,
        print,
        hints,
    })
}

fn decode(bytes: &[u8]) -> Result<(DynamicImage, Orientation), Refusal> {
    let format = match header::look(bytes)?.kind {
        Kind::Jpeg => ImageFormat::Jpeg,
        Kind::Png => ImageFormat::Png,
        Kind::WebP => ImageFormat::WebP,
    };
    let mut limits = Limits::default();
    limits.max_image_width = Some(EDGE_DECODED);
    limits.max_image_height = Some(EDGE_DECODED);
    limits.max_alloc = Some(DECODED_BYTES);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| refusal(&error))?;
    if decoder.total_bytes() > DECODED_BYTES {
        return Err(Refusal::TooManyPixels);
    }
    // How it was held is a convenience: a picture whose EXIF is broken is shown as it lies.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(|error| refusal(&error))?;
    Ok((picture, orientation))
}

fn refusal(error: &image::ImageError) -> Refusal {
    match error {
        image::ImageError::Limits(_) => Refusal::TooManyPixels,
        image::ImageError::Unsupported(_) => Refusal::OtherKind,
        _ => Refusal::Broken,
    }
}

fn fitting(width: u32, height: u32, edge: u32) -> (u32, u32) {
    let long = width.max(height);
    if long <= edge {
        return (width, height);
    }
    let part = |side: u32| {
        let scaled = u64::from(side) * u64::from(edge) / u64::from(long);
        u32::try_from(scaled).unwrap_or(edge).max(1)
    };
    (part(width), part(height))
}

fn within(picture: DynamicImage, edge: u32) -> DynamicImage {
    let (width, height) = fitting(picture.width(), picture.height(), edge);
    if (width, height) == (picture.width(), picture.height()) {
        return picture;
    }
    picture.thumbnail_exact(width, height)
}

fn looked_at(grey: &GrayImage) -> GrayImage {
    let (width, height) = fitting(grey.width(), grey.height(), LOOKED_AT_EDGE);
    thumbnail(grey, width, height)
}

/// What is seen through becomes white, as paper is.
fn without_alpha(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let seen = picture.into_rgba8();
    let over_white = |value: u8, alpha: u8| {
        let (value, alpha) = (u32::from(value), u32::from(alpha));
        u8::try_from((value * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
    };
    RgbImage::from_fn(seen.width(), seen.height(), |x, y| {
        let [red, green, blue, alpha] = seen.get_pixel(x, y).0;
        Rgb([red, green, blue].map(|value| over_white(value, alpha)))
    })
}

/// Its edges are counted outwards: nothing shows at them.
fn blacken(picture: &mut RgbImage, area: Area) {
    let (width, height) = picture.dimensions();
    let from = |side: u32, part: u16| u64::from(side) * u64::from(part) / 1_000;
    let until = |side: u32, part: u16| (u64::from(side) * u64::from(part)).div_ceil(1_000);
    let (left, top) = (from(width, area.left), from(height, area.top));
    let right = until(width, area.left + area.width);
    let bottom = until(height, area.top + area.height);
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        if (left..right).contains(&u64::from(x)) && (top..bottom).contains(&u64::from(y)) {
            *pixel = Rgb([0, 0, 0]);
        }
    }
}

fn encode(picture: &RgbImage, quality: u8) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality)
        .encode_image(picture)
        .map_err(|_| Refusal::Broken)?;
    Ok(bytes)
}

//! Content for files that no test has put: the same for the same token, whatever the machine.

use bytes::Bytes;

use crate::file::File;

/// How many bytes a sample has at least: enough for a range in its middle.
const FILLER: usize = 6 * 1024;

/// A PNG of one transparent pixel. Decoders ignore what follows its end, and there the filler goes.
const PIXEL: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0, 1, 8,
    6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 0x0b, b'I', b'D', b'A', b'T', 0x78, 0x9c, 0x63, 0x60, 0, 0x02, 0, 0,
    0x05, 0, 0x01, 0x7a, 0x5e, 0xab, 0x3f, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

/// The file that the mock serves at a binary endpoint for a token for which none was put.
///
/// The token is the value of the endpoint's last path parameter. Name, type and content depend on
/// the endpoint and the token alone, so a test can say which bytes a download has to give.
///
/// ```
/// let file = larkspur_mock::sample("drive.v1.media.download", "boxcn1");
/// assert_eq!(file, larkspur_mock::sample("drive.v1.media.download", "boxcn1"));
/// assert_ne!(file.bytes, larkspur_mock::sample("drive.v1.media.download", "boxcn2").bytes);
/// ```
pub fn sample(endpoint: &str, token: &str) -> File {
    let seed = hash(&[endpoint, token]);
    let number = seed % 10_000;
    // Other bits than those of the number, so that the two do not go together.
    match (seed >> 58) % 3 {
        0 => File::new(format!("屏幕截图 {number:04}.png"), "image/png", png(seed)),
        1 => File::new(format!("季度报告 {number:04}.pdf"), "application/pdf", pdf(seed)),
        _ => File::new(
            format!("会议纪要 {number:04}.txt"),
            "text/plain; charset=utf-8",
            minutes(seed),
        ),
    }
}

fn png(seed: u64) -> Bytes {
    PIXEL.iter().copied().chain(Noise(seed).take(FILLER)).collect()
}

fn pdf(seed: u64) -> Bytes {
    let mut bytes =
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%"
            .to_vec();
    let printable = Noise(seed).map(|byte| b'A' + byte % 26);
    bytes.extend(printable.take(FILLER));
    bytes.extend_from_slice(b"\ntrailer<</Root 1 0 R>>\n%%EOF\n");
    bytes.into()
}

fn minutes(seed: u64) -> Bytes {
    let mut text = String::new();
    for (line, byte) in Noise(seed).enumerate() {
        if text.len() >= FILLER {
            break;
        }
        text.push_str(&format!("第 {} 项：决议 {byte}，下周跟进。\n", line + 1));
    }
    text.into()
}

/// FNV-1a, which is the same everywhere and in every version.
pub(crate) fn hash(parts: &[&str]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for part in parts {
        for byte in part.bytes().chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    hash
}

/// Bytes without a pattern (SplitMix64).
struct Noise(u64);

impl Iterator for Noise {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)).to_be_bytes().first().copied()
    }
}

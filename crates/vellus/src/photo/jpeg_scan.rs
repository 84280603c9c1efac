//! Follows the entropy-coded data of a JPEG without decoding them to pixels, to prove that no block is missing.
//!
//! Input: a [`Frame`], the [`Tables`] in force and the bytes of each scan. Output: nothing, or the [`Fault`] that says
//! how many blocks are there.
//!
//! A scan is a run of Huffman code words, each followed by as many plain bits as it says. Only the lengths matter here.
//! One kind of scan needs a memory: a refinement of AC coefficients has one bit more for each coefficient that is not
//! zero so far, so these are kept, one `u64` per block (2 MB for a 12-megapixel photo). When all blocks of a scan were
//! met before its bytes ran out it is complete; when every coefficient of every component came down to its last bit
//! the image is.
//!
//! Reference: ITU-T T.81 (1992), annexes C, F.2 and G.2. Deviation: bytes that remain behind the last block are
//! accepted when they are padding or few, as decoders accept them.
//!
//! Limits: a flipped bit that leaves all code words in step changes pixels unseen; JPEG has no checksum.

use super::error::Fault;
use super::jpeg_bits::{Bits, Huffman, Stop, Tables};

/// Bytes other than padding (00 or FF) that may remain behind the last block of a scan. Encoders leave none; a few
/// hardware ones flush a word or two. Damage that puts code words out of step leaves many.
const MAX_LEFT_OVER: usize = 16;

/// One colour component of a frame.
#[derive(Debug, Clone)]
pub(super) struct Component {
    pub id: u8,
    /// Blocks per MCU, horizontally.
    pub across: u32,
    /// Blocks per MCU, vertically.
    pub down: u32,
}

/// The frame header.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub width_px: u32,
    pub height_px: u32,
    pub progressive: bool,
    pub components: Vec<Component>,
}

/// The scans of one frame, as far as they were followed.
pub(super) struct Scans {
    pub(super) frame: Frame,
    /// Per component and coefficient: how many low bits are still to come; 255 when nothing came yet.
    to_come: Vec<[u8; 64]>,
    /// Per component and block: which coefficients are not zero. Progressive frames only, filled by the first AC scan.
    nonzero: Vec<Vec<u64>>,
}

/// What a scan header says about the bits in the scan.
struct Header<'t> {
    /// First and last coefficient in zigzag order.
    band: [usize; 2],
    refines: bool,
    /// Per component of the scan: its index, DC and AC table as far as needed.
    parts: Vec<(usize, Option<&'t Huffman>, Option<&'t Huffman>)>,
}

impl Scans {
    pub(super) fn new(frame: Frame) -> Self {
        let count = frame.components.len();
        Self { to_come: vec![[255; 64]; count], nonzero: vec![Vec::new(); count], frame }
    }

    /// Follows one scan: its SOS segment and the bytes up to the next marker that is no restart.
    pub(super) fn follow(&mut self, tables: &Tables, segment: &[u8], data: &[u8]) -> Result<(), Fault> {
        let header = self.header(tables, segment)?;
        let (mcus_across, mcus_down) = self.mcus(&header);
        let total = u64::from(mcus_across) * u64::from(mcus_down);
        let mut bits = Bits::new(data);
        let mut band_run = 0;
        for mcu in 0..total {
            if tables.restart > 0 && mcu > 0 && mcu % u64::from(tables.restart) == 0 {
                let (at, left_over) = bits.rest();
                if at == bits.data.len() || left_over > MAX_LEFT_OVER {
                    return Err(missing(mcu, total));
                }
                bits = Bits::new(&bits.data[at + 2..]);
                band_run = 0;
            }
            self.follow_mcu(&header, &mut bits, &mut band_run, mcu as usize).map_err(|stop| match stop {
                Stop::Exhausted => missing(mcu, total),
                Stop::Invalid => {
                    Fault::damaged(format!("the image data make no sense after {mcu} of {total} blocks"))
                }
            })?;
        }
        // More bytes than blocks, or more restart intervals than there should be.
        let (at, left_over) = bits.rest();
        if left_over > MAX_LEFT_OVER || bits.data.len() - at > MAX_LEFT_OVER {
            return Err(Fault::damaged("image data are left over after the last block"));
        }
        Ok(())
    }

    /// Every coefficient of every component down to its last bit?
    pub(super) fn check_complete(&self) -> Result<(), Fault> {
        if self.to_come.iter().flatten().all(|&bits| bits == 0) {
            Ok(())
        } else {
            Err(Fault::damaged("the file ends before its last scan"))
        }
    }

    fn header<'t>(&mut self, tables: &'t Tables, segment: &[u8]) -> Result<Header<'t>, Fault> {
        let contradiction = || Fault::damaged("a scan header contradicts itself");
        let (&count, rest) = segment.split_first().ok_or_else(contradiction)?;
        let (selectors, spectral) =
            rest.split_at_checked(2 * usize::from(count)).ok_or_else(contradiction)?;
        let (first, last, high, low) = match (self.frame.progressive, spectral) {
            (true, &[first, last, approximation, ..]) => {
                (usize::from(first), usize::from(last), approximation >> 4, approximation & 15)
            }
            (true, _) => return Err(contradiction()),
            (false, _) => (0, 63, 0, 0),
        };
        let dc_only = self.frame.progressive && first == 0;
        if first > last || last > 63 || low > 13 || (dc_only && last != 0) || (first > 0 && count != 1) {
            return Err(contradiction());
        }
        let mut parts = Vec::new();
        for &[id, numbers] in selectors.as_chunks::<2>().0 {
            let index = self.frame.components.iter().position(|component| component.id == id);
            let index = index.ok_or_else(contradiction)?;
            if parts.iter().any(|&(other, _, _)| other == index) {
                return Err(contradiction());
            }
            let dc = (first == 0 && high == 0).then(|| tables.huffman(0, numbers >> 4)).transpose()?;
            let ac = (last > 0).then(|| tables.huffman(1, numbers & 15)).transpose()?;
            // Each scan continues where the one before stopped: nothing yet, or exactly `high` bits to come.
            for bits in &mut self.to_come[index][first..=last] {
                if *bits != if high == 0 { 255 } else { high } {
                    return Err(contradiction());
                }
                *bits = low;
            }
            parts.push((index, dc, ac));
        }
        if parts.is_empty() || parts.len() > 4 {
            return Err(contradiction());
        }
        Ok(Header { band: [first, last], refines: high > 0, parts })
    }

    /// MCUs across and down. A scan of one component has no interleaving: its MCU is one block, and blocks that only
    /// pad the last MCU are left out.
    fn mcus(&self, header: &Header<'_>) -> (u32, u32) {
        let across = self.frame.components.iter().map(|c| c.across).max().unwrap_or(1);
        let down = self.frame.components.iter().map(|c| c.down).max().unwrap_or(1);
        let (h, v) = match header.parts[..] {
            [(index, ..)] => (self.frame.components[index].across, self.frame.components[index].down),
            _ => (1, 1),
        };
        ((self.frame.width_px * h).div_ceil(8 * across), (self.frame.height_px * v).div_ceil(8 * down))
    }

    fn follow_mcu(
        &mut self,
        header: &Header<'_>,
        bits: &mut Bits<'_>,
        band_run: &mut u32,
        mcu: usize,
    ) -> Result<(), Stop> {
        let [first, last] = header.band;
        if first > 0 {
            let (index, _, Some(table)) = header.parts[0] else { return Err(Stop::Invalid) };
            if self.nonzero[index].len() <= mcu {
                self.nonzero[index].resize(mcu + 1, 0);
            }
            let nonzero = &mut self.nonzero[index][mcu];
            return if header.refines {
                refine_band(bits, table, [first, last], band_run, nonzero)
            } else {
                first_band(bits, table, [first, last], band_run, nonzero)
            };
        }
        for &(index, dc, ac) in &header.parts {
            let component = &self.frame.components[index];
            let blocks = if header.parts.len() == 1 { 1 } else { component.across * component.down };
            for _ in 0..blocks {
                match dc {
                    Some(table) => {
                        let length = bits.symbol(table)?;
                        if length > 16 {
                            return Err(Stop::Invalid);
                        }
                        bits.take(u32::from(length))?;
                    }
                    None => {
                        bits.take(1)?;
                    }
                }
                if let Some(table) = ac {
                    first_band(bits, table, [1, last], &mut 0, &mut 0)?;
                }
            }
        }
        Ok(())
    }
}

fn missing(mcu: u64, total: u64) -> Fault {
    Fault::damaged(format!("the image data end after {mcu} of {total} blocks"))
}

/// AC coefficients of a block that come for the first time (T.81 F.2.2.2 and G.1.2.2). Runs of blocks without any occur
/// in progressive frames only; sequential ones write each as a run of one.
fn first_band(
    bits: &mut Bits<'_>,
    table: &Huffman,
    [first, last]: [usize; 2],
    run: &mut u32,
    nonzero: &mut u64,
) -> Result<(), Stop> {
    if *run > 0 {
        *run -= 1;
        return Ok(());
    }
    let mut k = first;
    while k <= last {
        let symbol = bits.symbol(table)?;
        let (zeros, length) = (usize::from(symbol >> 4), u32::from(symbol & 15));
        if length == 0 && zeros < 15 {
            *run = (1 << zeros) - 1 + bits.take(zeros as u32)?;
            return Ok(());
        }
        k += zeros;
        if length > 0 {
            if k > last {
                return Err(Stop::Invalid);
            }
            bits.take(length)?;
            *nonzero |= 1 << k;
        }
        k += 1;
    }
    Ok(())
}

/// One more bit of the AC coefficients of a block, and those that become non-zero by it (T.81 G.1.2.3).
fn refine_band(
    bits: &mut Bits<'_>,
    table: &Huffman,
    [first, last]: [usize; 2],
    run: &mut u32,
    nonzero: &mut u64,
) -> Result<(), Stop> {
    let mut k = first;
    let correct = |bits: &mut Bits<'_>, k: usize, known: u64| -> Result<bool, Stop> {
        let is_known = known >> k & 1 == 1;
        if is_known {
            bits.take(1)?;
        }
        Ok(is_known)
    };
    if *run == 0 {
        while k <= last {
            let symbol = bits.symbol(table)?;
            let (mut zeros, length) = (symbol >> 4, symbol & 15);
            match length {
                0 if zeros < 15 => {
                    *run = (1 << zeros) + bits.take(u32::from(zeros))?;
                    break;
                }
                0 => {}
                1 => {
                    bits.take(1)?;
                }
                _ => return Err(Stop::Invalid),
            }
            while k <= last {
                if !correct(bits, k, *nonzero)? {
                    if zeros == 0 {
                        break;
                    }
                    zeros -= 1;
                }
                k += 1;
            }
            if length == 1 {
                if k > last {
                    return Err(Stop::Invalid);
                }
                *nonzero |= 1 << k;
            }
            k += 1;
        }
    }
    if *run > 0 {
        *run -= 1;
        while k <= last {
            correct(bits, k, *nonzero)?;
            k += 1;
        }
    }
    Ok(())
}

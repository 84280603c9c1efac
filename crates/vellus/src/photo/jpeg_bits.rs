//! Huffman tables and bits of a JPEG: what [`super::jpeg_scan`] reads with. ITU-T T.81, annexes C and F.2.2.

use super::error::Fault;

/// Huffman tables (by class and number) and the restart interval in force.
#[derive(Debug, Default)]
pub(super) struct Tables {
    huffman: [[Option<Huffman>; 4]; 2],
    pub(super) restart: u32,
}

impl Tables {
    /// A DHT segment.
    pub(super) fn define_huffman(&mut self, mut segment: &[u8]) -> Result<(), Fault> {
        while let Some((&head, rest)) = segment.split_first() {
            let (class, number) = (usize::from(head >> 4), usize::from(head & 15));
            let Some((counts, rest)) = rest.split_first_chunk::<16>() else {
                return Err(Fault::damaged("a Huffman table is too short"));
            };
            let total = counts.iter().map(|&count| usize::from(count)).sum();
            let (Some(symbols), true) = (rest.get(..total), class < 2 && number < 4) else {
                return Err(Fault::damaged("a Huffman table contradicts itself"));
            };
            self.huffman[class][number] = Some(Huffman::new(counts, symbols)?);
            segment = &rest[total..];
        }
        Ok(())
    }

    /// A DRI segment.
    pub(super) fn define_restart(&mut self, segment: &[u8]) -> Result<(), Fault> {
        let &[high, low, ..] = segment else { return Err(Fault::damaged("the restart interval is missing")) };
        self.restart = u32::from(u16::from_be_bytes([high, low]));
        Ok(())
    }

    pub(super) fn huffman(&self, class: usize, number: u8) -> Result<&Huffman, Fault> {
        let table = self.huffman[class].get(usize::from(number)).and_then(Option::as_ref);
        table.ok_or_else(|| Fault::damaged("a Huffman table is missing"))
    }
}

/// Symbol and length of the code word that the next 16 bits begin with: `length << 8 | symbol`, 0 for none.
#[derive(Debug)]
pub(super) struct Huffman(Vec<u16>);

impl Huffman {
    fn new(counts: &[u8; 16], symbols: &[u8]) -> Result<Self, Fault> {
        let mut lookup = vec![0u16; 1 << 16];
        let (mut code, mut next) = (0usize, 0usize);
        for (length, &count) in (1u16..).zip(counts) {
            let span = 1usize << (16 - length);
            for _ in 0..count {
                let Some(entries) = lookup.get_mut(code..code + span) else {
                    return Err(Fault::damaged("a Huffman table has too many codes"));
                };
                entries.fill(length << 8 | u16::from(symbols[next]));
                code += span;
                next += 1;
            }
        }
        Ok(Self(lookup))
    }
}

/// Why a block cannot be followed further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// The bytes are used up.
    Exhausted,
    /// No such code word, or more than 64 coefficients.
    Invalid,
}

/// Bits of one restart interval; stuffed bytes are taken out on the way.
pub(super) struct Bits<'a> {
    pub(super) data: &'a [u8],
    at: usize,
    buffer: u64,
    /// Bits in the buffer, and how many of them are zeros put behind the data.
    count: u32,
    padding: u32,
}

impl<'a> Bits<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self { data, at: 0, buffer: 0, count: 0, padding: 0 }
    }

    /// At least 48 bits in the buffer.
    fn refill(&mut self) {
        while self.count <= 48 {
            let byte = match self.data.get(self.at) {
                Some(0xff) => match self.data.get(self.at + 1) {
                    Some(0x00) => {
                        self.at += 2;
                        Some(0xff)
                    }
                    // A restart marker, fill bytes before it, or a last byte FF: the interval ends here.
                    _ => None,
                },
                Some(&byte) => {
                    self.at += 1;
                    Some(byte)
                }
                None => None,
            };
            self.padding += if byte.is_none() { 8 } else { 0 };
            self.buffer = self.buffer << 8 | u64::from(byte.unwrap_or(0));
            self.count += 8;
        }
    }

    pub(super) fn take(&mut self, bits: u32) -> Result<u32, Stop> {
        if self.count < bits {
            self.refill();
        }
        self.count -= bits;
        if self.count < self.padding {
            return Err(Stop::Exhausted);
        }
        Ok((self.buffer >> self.count) as u32 & ((1u32 << bits) - 1))
    }

    pub(super) fn symbol(&mut self, table: &Huffman) -> Result<u8, Stop> {
        if self.count < 16 {
            self.refill();
        }
        let entry = table.0[(self.buffer >> (self.count - 16)) as usize & 0xffff];
        if entry == 0 {
            // Zeros behind the data can make any code word.
            return Err(if self.count < self.padding + 16 { Stop::Exhausted } else { Stop::Invalid });
        }
        self.take(u32::from(entry >> 8))?;
        Ok(entry as u8)
    }

    /// What is left once the interval is over: position of the marker or end, and bytes that nobody asked for.
    pub(super) fn rest(&self) -> (usize, usize) {
        let mut at = self.at;
        let mut left_over = (self.count - self.padding) as usize / 8;
        while at < self.data.len() {
            if self.data[at] == 0xff && matches!(self.data.get(at + 1), Some(0xd0..=0xd7)) {
                break;
            }
            left_over += usize::from(!matches!(self.data[at], 0x00 | 0xff));
            at += 1;
        }
        (at, left_over)
    }
}

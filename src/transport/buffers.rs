//! The buffers of one connection.

use ureq::unversioned::transport::Buffers;

/// Initial size of a connection's input; a page of a list makes it grow once.
const INPUT_START: usize = 16 << 10;
const INPUT_MOST: usize = 256 << 10;
const OUTPUT_START: usize = 24 << 10;
const OUTPUT_MOST: usize = 256 << 10;
/// Room that ureq needs to write the next header or piece of the body.
const OUTPUT_RESERVE: usize = 8 << 10;

/// Input that grows with the responses it sees, and output that collects what ureq writes in
/// pieces (head, then body) until it is sent in one.
#[derive(Default)]
pub(super) struct SocketBuffers {
    input: Vec<u8>,
    consumed: usize,
    filled: usize,
    /// Whether the last look at the input used any of it.
    progress: bool,
    output: Vec<u8>,
    pending: usize,
}

impl SocketBuffers {
    /// Keeps the first `amount` bytes that were written to [`Buffers::output`] for sending, and
    /// says whether they must be sent now to make room.
    pub fn keep(&mut self, amount: usize) -> bool {
        self.pending += amount;
        self.output.len() - self.pending < OUTPUT_RESERVE
    }

    pub fn pending(&self) -> &[u8] {
        &self.output[..self.pending]
    }

    /// Clears pending output that is on its way. A body that filled the buffer gets a larger one.
    pub fn sent(&mut self) {
        if self.output.len() - self.pending < OUTPUT_RESERVE {
            let larger = (self.output.len() * 4).min(OUTPUT_MOST);
            self.output.resize(larger, 0);
        }
        self.pending = 0;
    }

    fn make_room(&mut self) {
        if self.consumed == self.filled {
            self.consumed = 0;
            self.filled = 0;
        } else if self.filled == self.input.len() && self.consumed > 0 {
            self.input.copy_within(self.consumed..self.filled, 0);
            self.filled -= self.consumed;
            self.consumed = 0;
        }
        if self.filled == self.input.len() {
            let larger = (self.input.len() * 4).clamp(INPUT_START, INPUT_MOST);
            self.input.resize(larger.max(self.input.len()), 0);
        }
    }
}

impl Buffers for SocketBuffers {
    fn output(&mut self) -> &mut [u8] {
        if self.output.is_empty() {
            self.output.resize(OUTPUT_START, 0);
        }
        &mut self.output[self.pending..]
    }

    fn input(&self) -> &[u8] {
        &self.input[self.consumed..self.filled]
    }

    fn input_append_buf(&mut self) -> &mut [u8] {
        self.make_room();
        &mut self.input[self.filled..]
    }

    fn input_appended(&mut self, amount: usize) {
        // A read that fills the buffer announces a large response: read more at a time.
        self.filled += amount;
        if self.filled == self.input.len() && self.input.len() < INPUT_MOST {
            self.input.resize((self.input.len() * 4).min(INPUT_MOST), 0);
        }
    }

    fn input_consume(&mut self, amount: usize) {
        self.progress = amount > 0;
        self.consumed += amount;
    }

    fn tmp_and_output(&mut self) -> (&mut [u8], &mut [u8]) {
        if self.output.is_empty() {
            self.output.resize(OUTPUT_START, 0);
        }
        self.make_room();
        (
            &mut self.input[self.filled..],
            &mut self.output[self.pending..],
        )
    }

    fn can_use_input(&self) -> bool {
        self.consumed < self.filled && self.progress
    }
}

//! A response, and how it ends.

use hyper::body::Bytes;

/// What happens once the bytes of a response have been sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// It ends as it should.
    End,
    /// The connection ends.
    Fin,
    /// The connection is reset.
    Reset,
    /// The connection ends within a chunk; over HTTP/2 the stream is reset.
    CutChunk,
    /// Nothing.
    Stall,
}

#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Bytes,
    /// What is announced.
    pub length: usize,
    /// Whether only the end of the connection ends the response.
    pub unframed: bool,
    pub then: Then,
}

impl Answer {
    pub fn new(status: u16, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        Self {
            status,
            headers: Vec::new(),
            length: body.len(),
            body,
            unframed: false,
            then: Then::End,
        }
    }

    pub fn json(status: u16, body: &'static str) -> Self {
        Self::new(status, body).header("content-type", "application/json; charset=utf-8")
    }

    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn without_length(mut self) -> Self {
        self.unframed = true;
        self
    }

    /// Sends only so many bytes of what is announced.
    pub fn cut(mut self, count: usize, then: Then) -> Self {
        self.body.truncate(count);
        self.then = then;
        self
    }

    /// Has only so many bytes, and announces them.
    pub fn cut_to(mut self, count: usize) -> Self {
        self.body.truncate(count);
        self.length = self.body.len();
        self
    }

    /// Has one byte more.
    pub fn padded(mut self) -> Self {
        let mut body = self.body.to_vec();
        body.push(0);
        self.length = body.len();
        self.body = body.into();
        self
    }
}

//! The bytes of a download as a stream.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use futures_util::stream::{StreamExt as _, unfold};

use super::downloaded::Downloaded;
use super::fetch::{Event, Fetch};
use super::progress::Observer;
use super::verification::FileHash;
use crate::error::{Error, ErrorKind, Result};

/// The bytes of a clip's file, from [`Download::stream`](crate::Download::stream), in order and each once.
///
/// Transient failures are retried as for a file, and the transfer goes on where it was if the media host can. The
/// file is verified after its last byte: a length or SHA-256 that differs is the last item, and after a stream that
/// ends without an error [`into_downloaded`](Self::into_downloaded) says what was verified. Bytes are requested
/// while the stream is polled, so a slow reader slows the transfer down. It is a `futures` stream as well.
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
/// let clip = client.watch(uuid).await?;
/// let mut stream: rhombus_clips::DownloadStream = client.download(&clip).stream();
/// let mut length = 0;
/// while let Some(bytes) = stream.next().await {
///     length += bytes?.len();
/// }
/// let downloaded = stream.into_downloaded()?;
/// assert_eq!(downloaded.length(), u64::try_from(length)?);
/// # });
/// ```
///
/// # Cancellation
///
/// [`next`](Self::next) is cancel safe: no bytes are lost if its future is dropped.
#[must_use = "nothing is loaded unless the stream is polled"]
pub struct DownloadStream {
    stream: Pin<Box<dyn Stream<Item = Result<Chunk>> + Send>>,
    downloaded: Option<Downloaded>,
}

enum Chunk {
    Data(Bytes),
    End(Downloaded),
}

/// State of the transfer between two items.
struct Transfer {
    fetch: Fetch,
    observer: Observer,
    hash: FileHash,
    length: u64,
    /// The error that the stream begins and ends with.
    refusal: Option<Error>,
}

impl DownloadStream {
    pub(super) fn new(fetch: Fetch, observer: Observer, refusal: Option<Error>) -> Self {
        let transfer = Transfer {
            fetch,
            observer,
            hash: FileHash::default(),
            length: 0,
            refusal,
        };
        let stream = unfold(Some(transfer), |transfer| async move {
            let mut transfer = transfer?;
            Some(match transfer.next().await {
                Ok(chunk @ Chunk::Data(_)) => (Ok(chunk), Some(transfer)),
                end => {
                    transfer.fetch.log_end(transfer.length, end.as_ref().err());
                    (end, None)
                }
            })
        });
        Self {
            // Without it, a second call after the end panics.
            stream: Box::pin(stream.fuse()),
            downloaded: None,
        }
    }

    /// Returns the next bytes, which are not empty; `None` after the last.
    pub async fn next(&mut self) -> Option<Result<Bytes>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// Returns what was downloaded.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::VerificationFailed`] if the stream has not ended, or ended with an error.
    pub fn into_downloaded(self) -> Result<Downloaded> {
        self.downloaded.ok_or_else(|| {
            let message = "the stream of the download was not read to its end";
            Error::new(ErrorKind::VerificationFailed, message)
        })
    }
}

impl Transfer {
    async fn next(&mut self) -> Result<Chunk> {
        if let Some(error) = self.refusal.take() {
            return Err(error);
        }
        loop {
            match self.fetch.next().await? {
                Event::Start { offset } => {
                    let total = self.fetch.version().total;
                    self.observer.start(offset, total, self.fetch.elapsed());
                }
                Event::Data(bytes) => {
                    self.hash.update(&bytes);
                    self.length = self
                        .length
                        .saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
                    self.observer.add(&bytes, self.fetch.elapsed());
                    return Ok(Chunk::Data(bytes));
                }
                Event::End => {
                    let sha256 = self.hash.clone().finish();
                    let verification = self.fetch.expected().verify(self.length, &sha256)?;
                    self.observer.end(self.fetch.elapsed());
                    return Ok(Chunk::End(Downloaded {
                        length: self.length,
                        sha256,
                        verification,
                    }));
                }
            }
        }
    }
}

impl Stream for DownloadStream {
    type Item = Result<Bytes>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes>>> {
        self.stream
            .as_mut()
            .poll_next(context)
            .map(|item| match item? {
                Ok(Chunk::Data(bytes)) => Some(Ok(bytes)),
                Ok(Chunk::End(downloaded)) => {
                    self.downloaded = Some(downloaded);
                    None
                }
                Err(error) => Some(Err(error)),
            })
    }
}

impl fmt::Debug for DownloadStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DownloadStream")
            .field("downloaded", &self.downloaded)
            .finish_non_exhaustive()
    }
}

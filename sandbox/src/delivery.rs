//! Delivering a response by hand, as far as a fault lets it go.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::answer::Answer;
use crate::faults::{Delivery, Ending, Portion};

/// Sends what the fault lets through, then lets the connection meet its end. One that is kept comes back.
pub(crate) async fn play(
    mut stream: TcpStream,
    delivery: &Delivery,
    answer: &Answer,
) -> io::Result<Option<TcpStream>> {
    send(&mut stream, &portion(delivery, answer), delivery.drip).await?;
    let complete = delivery.raw.is_none() && delivery.send == Portion::All;
    match delivery.then {
        Ending::Keep if complete => return Ok(Some(stream)),
        Ending::Reset => {
            // The kernel resets instead of closing when there is no time to linger.
            stream.set_zero_linger()?;
        }
        Ending::Hang => drain(&mut stream).await,
        Ending::Keep | Ending::Close => {
            stream.shutdown().await?;
            // Closing with bytes unread would turn the close into a reset.
            drain(&mut stream).await;
        }
    }
    Ok(None)
}

fn portion(delivery: &Delivery, answer: &Answer) -> Vec<u8> {
    if let Some(raw) = &delivery.raw {
        return raw.clone().into_bytes();
    }
    let mut bytes = answer.head();
    match delivery.send {
        Portion::Nothing => bytes.clear(),
        Portion::HalfHead => bytes.truncate(bytes.len() / 2),
        Portion::Head => {}
        Portion::BodyBytes(most) => {
            bytes.extend_from_slice(&answer.body[..most.min(answer.body.len())])
        }
        Portion::All => bytes.extend_from_slice(&answer.body),
    }
    bytes
}

async fn send(stream: &mut TcpStream, bytes: &[u8], drip: Option<Duration>) -> io::Result<()> {
    let Some(pause) = drip else {
        return stream.write_all(bytes).await;
    };
    for byte in bytes {
        stream.write_all(std::slice::from_ref(byte)).await?;
        tokio::time::sleep(pause).await;
    }
    Ok(())
}

/// Reads until the client closes.
async fn drain(stream: &mut TcpStream) {
    let mut scratch = [0; 1024];
    while matches!(stream.read(&mut scratch).await, Ok(read) if read > 0) {}
}

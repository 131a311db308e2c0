//! What the peers share: the protocol of docs/interop.md, one JSON request a line on standard input
//! and one answer a line on standard output, and the row of numbered things.
//!
//! A peer gives one function: `answer(rpc, fields)`. What its library cannot do it answers by
//! [`unsupported`], so that a driver can skip and count it.

mod fields;
mod things;

pub use fields::{bytes, Description, Fields};
pub use things::Things;

use serde_json::{json, Value};
use std::io::{BufRead, Write};
use std::panic::{catch_unwind, AssertUnwindSafe};

/// Why a request is not carried out: the text of `{"error": ...}`.
#[derive(Debug)]
pub struct Refusal(pub String);

pub type Answer = Result<Value, Refusal>;

/// An error of a library, with all that it stems from.
impl<E: std::error::Error> From<E> for Refusal {
    fn from(error: E) -> Self {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(inner) = cause {
            let more = inner.to_string();
            if !text.contains(&more) {
                text = format!("{text}: {more}");
            }
            cause = inner.source();
        }
        Refusal(text)
    }
}

pub fn refuse<T>(why: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal(why.into()))
}

/// What the library, not this request, is the reason for.
pub fn unsupported<T>(what: &str) -> Result<T, Refusal> {
    refuse(format!("unsupported: {what}"))
}

/// Answers every line of standard input, until its end.
pub fn serve(mut answer: impl FnMut(&str, &Fields) -> Answer) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().split(b'\n') {
        let said = match answer_line(&line?, &mut answer) {
            Ok(value) => value,
            Err(Refusal(why)) => json!({ "error": why }),
        };
        serde_json::to_writer(&mut out, &said)?;
        out.write_all(b"\n")?;
        out.flush()?;
    }
    Ok(())
}

fn answer_line(line: &[u8], answer: &mut impl FnMut(&str, &Fields) -> Answer) -> Answer {
    let Ok(Value::Object(request)) = serde_json::from_slice(line) else {
        return refuse("not a JSON object in one line");
    };
    let fields = Fields(&request);
    let rpc = fields.text("rpc")?;
    // A panic in the library is a finding about it, not the end of the script.
    catch_unwind(AssertUnwindSafe(|| answer(&rpc, &fields))).unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no text");
        refuse(format!("panic: {text}"))
    })
}

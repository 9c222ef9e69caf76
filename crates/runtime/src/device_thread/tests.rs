//! Device threads that answer, stop, fail and panic.

use std::{convert::Infallible, io};

use super::*;

enum Message {
    Add(u32, Reply<u32>),
    Forget(Reply<u32>),
    Panic(Reply<u32>),
}

fn adder() -> DeviceThread<Message> {
    DeviceThread::start("adder", 2, |mut inbox: Inbox<Message>| {
        let mut total = 0;
        while let Some(message) = inbox.receive() {
            match message {
                Message::Add(number, reply) => {
                    total += number;
                    reply.send(total);
                }
                Message::Forget(reply) => drop(reply),
                Message::Panic(_reply) => panic!("device is gone"),
            }
        }
        Ok::<_, Infallible>(())
    })
    .unwrap()
}

#[tokio::test]
async fn a_call_gets_its_answer_and_state_stays_on_the_thread() {
    let adder = adder();
    assert_eq!(adder.call(|reply| Message::Add(2, reply)).await.unwrap(), 2);
    assert_eq!(adder.call(|reply| Message::Add(3, reply)).await.unwrap(), 5);
    adder.stop().await.unwrap();
    let error = adder.call(|reply| Message::Add(1, reply)).await.unwrap_err();
    assert_eq!(error.to_string(), "device thread `adder` has ended");
}

#[tokio::test]
async fn a_panic_is_an_error_to_its_caller_and_to_later_ones() {
    let adder = adder();
    for _ in 0..2 {
        let error = adder.call(Message::Panic).await.unwrap_err();
        assert_eq!(error.to_string(), "device thread `adder` panicked: device is gone");
    }
    assert!(adder.stop().await.is_err());
}

#[tokio::test]
async fn a_dropped_reply_is_an_error_and_not_a_hang() {
    let error = adder().call(Message::Forget).await.unwrap_err();
    assert_eq!(error.to_string(), "device thread `adder` gave no answer to a message");
}

#[tokio::test]
async fn the_error_of_a_body_reaches_callers_with_its_cause() {
    let thread = DeviceThread::start("loader", 1, |_inbox: Inbox<Message>| {
        Err(Error::Start { name: "model".to_owned(), source: Arc::new(io::Error::other("no such directory")) })
    })
    .unwrap();
    let error = thread.call(|reply| Message::Add(1, reply)).await.unwrap_err();
    assert_eq!(error.to_string(), "device thread `loader` failed");
    let cause = std::error::Error::source(&error).unwrap();
    assert_eq!(cause.to_string(), "failed to start `model`");
    assert_eq!(cause.source().unwrap().to_string(), "no such directory");
}

#[tokio::test]
async fn a_body_that_polls_sees_the_stop_after_all_messages() {
    let thread = DeviceThread::start("poller", 8, |mut inbox: Inbox<Message>| {
        while !inbox.is_stopped() {
            match inbox.poll() {
                Some(Message::Add(number, reply)) => reply.send(number),
                Some(_) => {}
                None => thread::yield_now(),
            }
        }
        Ok::<_, Infallible>(())
    })
    .unwrap();
    let (first, second, stopped) = tokio::join!(
        thread.call(|reply| Message::Add(1, reply)),
        thread.call(|reply| Message::Add(2, reply)),
        thread.stop()
    );
    assert_eq!((first.unwrap(), second.unwrap()), (1, 2));
    stopped.unwrap();
}

#[tokio::test]
async fn dropping_every_handle_ends_the_thread() {
    let (sender, receiver) = oneshot::channel();
    let thread = DeviceThread::start("short", 1, |mut inbox: Inbox<Message>| {
        while inbox.receive().is_some() {}
        let _ = sender.send(());
        Ok::<_, Infallible>(())
    })
    .unwrap();
    drop(thread.clone());
    drop(thread);
    receiver.await.unwrap();
}

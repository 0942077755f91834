//! The store's protocol, by the crate `redis`, over a connection of our own: its name, its certificate and its times are looked
//! after as the service's are.

use std::time::Duration;

use http::Uri;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Cmd, ErrorKind, Pipeline, PushInfo, PushKind, RedisError, Value};
use secrecy::ExposeSecret;

use super::super::connect::Connector;
use super::heard::Heard;
use crate::config::TokenStore;
use crate::http::FailureKind;
use crate::tokens::shared::{Answer, Command, Found, KEPT_NEWS, LEASE, MOST_KEPT_NEWS};

/// A connection that any number of tasks may use at once.
#[derive(Clone)]
pub(super) struct Connection(MultiplexedConnection);

/// Looks, and takes the lock where there is nothing to be seen, or in any case.
const LOOK_OR_LOCK: &str = "local entry, left = redis.call('GET', KEYS[1]), redis.call('PTTL', KEYS[1]) \
    local locked = 0 \
    if (not entry or ARGV[3] == '1') and redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then locked = 1 end \
    return {locked, left, entry}";

/// Both only for the owner of the lock.
const KEEP_AND_UNLOCK: &str = "if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end \
    redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) \
    redis.call('DEL', KEYS[2]) \
    return 1";
const UNLOCK: &str = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end return 1";

impl Connection {
    /// Connects, logs in and has everything told to `heard` that the server says unasked. The error completes a sentence about
    /// the store.
    pub async fn open(
        connector: &Connector,
        login: Option<&TokenStore>,
        heard: impl Fn(Heard) + Send + Sync + 'static,
    ) -> Result<Connection, String> {
        let stream = connector.connect().await.map_err(|failure| match failure.kind {
            FailureKind::TimedOut => "connecting took too long".to_owned(),
            _ => format!("it can't be connected to ({})", failure.detail),
        })?;
        let mut info = redis::RedisConnectionInfo::default()
            .set_protocol(redis::ProtocolVersion::RESP3)
            .set_skip_set_lib_name();
        if let Some(TokenStore { user, password, database, .. }) = login {
            info = info.set_db((*database).into());
            if let Some(user) = user {
                info = info.set_username(user.expose_secret());
            }
            if let Some(password) = password {
                info = info.set_password(password.expose_secret());
            }
        }
        let push = move |push: PushInfo| -> Result<(), ()> {
            told(push).into_iter().for_each(&heard);
            Ok(())
        };
        let config = AsyncConnectionConfig::new().set_push_sender(push).set_response_timeout(None);
        let opened = MultiplexedConnection::new_with_config(&info, stream.stream, config).await;
        let (connection, driver) = opened.map_err(|error| reason(&error))?;
        tokio::spawn(driver);
        Ok(Connection(connection))
    }

    /// Asks one of Sentinel's servers where the primary of this name is.
    pub async fn primary(&mut self, name: &str) -> Result<Uri, String> {
        let mut ask = redis::cmd("SENTINEL");
        ask.arg("GET-MASTER-ADDR-BY-NAME").arg(name);
        let known: Option<(String, u16)> =
            ask.query_async(&mut self.0).await.map_err(|error| reason(&error))?;
        let (host, port) = known.ok_or_else(|| "it knows no such name".to_owned())?;
        let host = if host.contains(':') { format!("[{host}]") } else { host };
        format!("redis://{host}:{port}").parse().map_err(|_| "it names a host that is none".to_owned())
    }

    pub async fn listen(&mut self, channels: &[String]) -> Result<(), String> {
        for channel in channels {
            self.0.subscribe(channel).await.map_err(|error| reason(&error))?;
        }
        Ok(())
    }

    /// Runs the commands in one go.
    pub async fn run(&mut self, commands: &[Command]) -> Result<Vec<Answer>, String> {
        let mut pipeline = Pipeline::new();
        pipeline.ignore_errors();
        commands.iter().for_each(|command| add(&mut pipeline, command));
        let values: Vec<Value> = pipeline.query_async(&mut self.0).await.map_err(|error| reason(&error))?;
        let error = values.iter().find_map(|value| match value {
            Value::ServerError(error) => Some(answered(error.code())),
            _ => None,
        });
        if let Some(error) = error {
            return Err(error);
        }
        let mut values = values.into_iter();
        let answers = commands.iter().map(|command| answer(command, &mut values)).collect::<Option<Vec<_>>>();
        answers.ok_or_else(|| "it answered something else than was asked".to_owned())
    }
}

fn add(pipeline: &mut Pipeline, command: &Command) {
    let evaluate = |script: &str, keys: &[&str]| {
        let mut evaluate = redis::cmd("EVAL");
        evaluate.arg(script).arg(keys.len());
        for key in keys {
            evaluate.arg(*key);
        }
        evaluate
    };
    match command {
        Command::LookOrLock { name, mark, anyway } => {
            let mut look = evaluate(LOOK_OR_LOCK, &[name.entry(), &name.lock()]);
            look.arg(mark.0).arg(milliseconds(LEASE)).arg(u8::from(*anyway));
            pipeline.add_command(look);
        }
        Command::Look { name } => {
            pipeline.add_command(of("GET", name.entry())).add_command(of("PTTL", name.entry()));
        }
        Command::KeepAndUnlock { name, mark, sealed, life } => {
            let mut keep = evaluate(KEEP_AND_UNLOCK, &[name.entry(), &name.lock()]);
            keep.arg(mark.0).arg(&sealed[..]).arg(milliseconds(*life));
            pipeline.add_command(keep);
        }
        Command::Keep { name, sealed, life } => {
            let mut keep = of("SET", name.entry());
            keep.arg(&sealed[..]).arg("PX").arg(milliseconds(*life));
            pipeline.add_command(keep);
        }
        Command::Unlock { name, mark } => {
            let mut unlock = evaluate(UNLOCK, &[&name.lock()]);
            unlock.arg(mark.0);
            pipeline.add_command(unlock);
        }
        Command::Drop { name } => {
            let mut remove = of("DEL", name.entry());
            remove.arg(name.lock());
            pipeline.add_command(remove);
        }
        Command::Epoch { counter } => {
            pipeline.add_command(of("GET", counter));
        }
        Command::NextEpoch { counter } => {
            pipeline.add_command(of("INCR", counter));
        }
        Command::Publish { channel, message } => {
            let mut publish = of("PUBLISH", channel);
            publish.arg(&message[..]);
            let kept = kept(channel);
            let mut keep = of("LPUSH", &kept);
            keep.arg(&message[..]);
            let mut cut = of("LTRIM", &kept);
            cut.arg(0).arg(MOST_KEPT_NEWS - 1);
            let mut expire = of("EXPIRE", &kept);
            expire.arg(KEPT_NEWS.as_secs());
            // Kept before it is told: who is not there to hear it finds it.
            pipeline.add_command(keep).add_command(cut).add_command(expire).add_command(publish);
        }
        Command::LastTold { channel } => {
            let mut list = of("LRANGE", &kept(channel));
            list.arg(0).arg(-1);
            pipeline.add_command(list);
        }
    }
}

fn of(command: &str, key: &str) -> Cmd {
    let mut command = redis::cmd(command);
    command.arg(key);
    command
}

/// Where what was told over a channel is kept.
fn kept(channel: &str) -> String {
    format!("{channel}:last")
}

/// No life is shorter: a server refuses none at all.
fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1)
}

/// `None` for an answer that no such server gives.
fn answer(command: &Command, values: &mut impl Iterator<Item = Value>) -> Option<Answer> {
    let value = values.next()?;
    Some(match command {
        Command::LookOrLock { .. } => {
            let Value::Array(parts) = value else { return None };
            let [locked, left, entry] = <[Value; 3]>::try_from(parts).ok()?;
            Answer::Looked { entry: found(entry, left)?, locked: locked == Value::Int(1) }
        }
        Command::Look { .. } => Answer::Looked { entry: found(value, values.next()?)?, locked: false },
        Command::KeepAndUnlock { .. } => Answer::Kept(value == Value::Int(1)),
        Command::Epoch { .. } | Command::NextEpoch { .. } => Answer::Epoch(match value {
            Value::Nil => 0,
            Value::Int(number) => number.try_into().ok()?,
            Value::BulkString(text) => std::str::from_utf8(&text).ok()?.parse().ok()?,
            _ => return None,
        }),
        Command::Keep { .. } | Command::Unlock { .. } | Command::Drop { .. } => Answer::Done,
        Command::Publish { .. } => {
            // Three about what is kept, and this one.
            values.nth(2)?;
            Answer::Done
        }
        Command::LastTold { .. } => {
            let Value::Array(told) = value else { return None };
            let message = |value| if let Value::BulkString(message) = value { Some(message) } else { None };
            Answer::Told(told.into_iter().map(message).collect::<Option<_>>()?)
        }
    })
}

fn found(entry: Value, left: Value) -> Option<Option<Found>> {
    match (entry, left) {
        (Value::Nil, _) => Some(None),
        // Less than nothing: it went between the two questions, or was written by somebody else, without an end.
        (Value::BulkString(sealed), Value::Int(left)) => {
            let kept = Duration::from_millis(left.try_into().unwrap_or_default());
            Some(Some(Found { sealed, kept }))
        }
        _ => None,
    }
}

fn told(push: PushInfo) -> Option<Heard> {
    match push.kind {
        PushKind::Disconnection => Some(Heard::Lost),
        PushKind::Message => match <[Value; 2]>::try_from(push.data).ok()? {
            [Value::BulkString(channel), Value::BulkString(message)] => {
                Some(Heard::Message { channel: String::from_utf8(channel).ok()?, message })
            }
            _ => None,
        },
        _ => None,
    }
}

/// What was wrong, in our words: a server's own may quote what it was sent.
fn reason(error: &RedisError) -> String {
    match error.kind() {
        ErrorKind::RESP3NotSupported => "it is older than version 6".to_owned(),
        ErrorKind::Io => "the connection was lost".to_owned(),
        _ => answered(error.code().unwrap_or_default()),
    }
}

fn answered(code: &str) -> String {
    const KNOWN: [&str; 11] = [
        "READONLY",
        "OOM",
        "NOPERM",
        "NOAUTH",
        "WRONGPASS",
        "LOADING",
        "MISCONF",
        "MASTERDOWN",
        "CLUSTERDOWN",
        "MOVED",
        "BUSY",
    ];
    match KNOWN.iter().find(|known| **known == code) {
        Some(known) => format!("it answered {known}"),
        None => "it answered with an error".to_owned(),
    }
}

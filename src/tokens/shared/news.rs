//! What one process tells all others: whose token is no good any more, and which keys.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::command::{Command, MOST_KEPT_NEWS};
use super::seal::Seal;
use crate::error::{Code, Error};
use crate::operation::UserId;

/// Something that others should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum News {
    /// This user's token was forgotten.
    Forget(String),
    /// Every token was.
    ForgetAll,
    /// The service refused this user a token, with this status.
    Refused(String, u16),
    /// Keys, by their fingerprints, that were refused or replaced.
    Retired(Vec<String>),
}

/// News, from whom, because a process hears its own as well, and when, in seconds since 1970.
#[derive(Deserialize, Serialize)]
struct Message {
    from: u64,
    at: u64,
    news: News,
}

/// How far the calendars of two machines may be apart, or how late a lost connection may be noticed.
const SLACK: Duration = Duration::from_secs(60);

impl News {
    /// The commands that tell it, and that make the store what it says.
    pub fn commands(&self, seals: &[Seal], from: u64, now: SystemTime) -> Vec<Command> {
        let at = seconds(now);
        seals.iter().flat_map(|seal| self.commands_under(seal, from, at)).collect()
    }

    fn commands_under(&self, seal: &Seal, from: u64, at: u64) -> impl Iterator<Item = Command> {
        let change = match self {
            News::Forget(user_id) | News::Refused(user_id, _) => {
                Some(Command::Drop { name: seal.name(user_id) })
            }
            News::ForgetAll => Some(Command::NextEpoch { counter: seal.epoch.clone() }),
            News::Retired(_) => None,
        };
        let message = Message { from, at, news: self.clone() };
        let message = serde_json::to_vec(&message).expect("texts and numbers are always JSON");
        let publish = Command::Publish { channel: seal.channel.clone(), message: seal.seal_news(&message) };
        change.into_iter().chain([publish])
    }

    /// Reads what came over a channel. `None` for one's own, and for what nobody of this fleet said.
    pub fn heard(seals: &[Seal], channel: &str, sealed: &[u8], own: u64) -> Option<News> {
        let seal = seals.iter().find(|seal| seal.channel == channel)?;
        Message::open(seal, sealed).filter(|message| message.from != own).map(|message| message.news)
    }

    /// What was told under a seal while this process did not listen, from `since` on. When there may be more of it than was kept,
    /// that is everything forgotten.
    pub fn missed(seal: &Seal, told: &[Vec<u8>], own: u64, since: SystemTime) -> Vec<News> {
        let since = seconds(since).saturating_sub(SLACK.as_secs());
        let messages = told.iter().filter_map(|sealed| Message::open(seal, sealed));
        let recent: Vec<_> = messages.take_while(|message| message.at >= since).collect();
        let all = recent.len() >= MOST_KEPT_NEWS;
        let missed = recent.into_iter().filter(|message| message.from != own).map(|message| message.news);
        all.then_some(News::ForgetAll).into_iter().chain(missed).collect()
    }

    /// The news of an exchange's failure, if it is one for all.
    pub fn of_refusal(user_id: &UserId, error: &Error) -> Option<News> {
        let refused = matches!(error.code(), Code::Forbidden | Code::NotFound);
        refused.then(|| News::Refused(user_id.as_str().to_owned(), error.status().unwrap_or_default()))
    }
}

impl Message {
    fn open(seal: &Seal, sealed: &[u8]) -> Option<Message> {
        serde_json::from_slice(&seal.open_news(sealed)?).ok()
    }
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seals() -> Vec<Seal> {
        ["a", "b"].map(|secret| Seal::new(secret.as_bytes(), "t")).into()
    }

    #[test]
    fn news_reach_others_under_each_secret_and_nobody_outside() {
        let news = News::Refused("planted-user".into(), 404);
        let mut told = 0;
        for command in news.commands(&seals(), 1, SystemTime::now()) {
            let Command::Publish { channel, message } = command else { continue };
            assert!(!String::from_utf8_lossy(&message).contains("planted"));
            assert_eq!(News::heard(&seals(), &channel, &message, 2), Some(news.clone()));
            assert_eq!(News::heard(&seals(), &channel, &message, 1), None, "one's own");
            let strangers = [Seal::new(b"c", "t")];
            assert_eq!(News::heard(&strangers, &channel, &message, 2), None);
            assert_eq!(News::heard(&seals(), &channel, &message[1..], 2), None);
            told += 1;
        }
        assert_eq!(told, 2);
    }

    #[test]
    fn a_forgotten_users_entry_goes_under_each_secret_before_the_others_are_told() {
        let commands = News::Forget("u".into()).commands(&seals(), 1, SystemTime::now());
        let kinds: Vec<bool> =
            commands.iter().map(|command| matches!(command, Command::Drop { .. })).collect();
        assert_eq!(kinds, [true, false, true, false]);
    }

    #[test]
    fn who_comes_back_hears_what_was_told_since_and_nothing_of_before() {
        let (seals, now) = (seals(), SystemTime::now());
        let told = |news: News, ago: u64| {
            let commands = news.commands(&seals[..1], 1, now - Duration::from_secs(ago));
            let published = commands.into_iter().find_map(|command| match command {
                Command::Publish { message, .. } => Some(message),
                _ => None,
            });
            published.unwrap()
        };
        let forget = |user: &str| News::Forget(user.to_owned());
        let list = [told(forget("late"), 5), told(forget("early"), 100), told(forget("before"), 300)];
        let since = now - Duration::from_secs(120);
        assert_eq!(News::missed(&seals[0], &list, 2, since), [forget("late"), forget("early")]);
        assert_eq!(News::missed(&seals[0], &list, 1, since), [], "one's own");
        assert_eq!(News::missed(&seals[1], &list, 2, since), [], "of others");
        let many = vec![told(forget("u"), 5); MOST_KEPT_NEWS];
        assert_eq!(News::missed(&seals[0], &many, 2, since)[0], News::ForgetAll, "there may have been more");
    }
}

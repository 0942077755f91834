//! What one process tells all others: whose token is no good any more, and which keys.

use serde::{Deserialize, Serialize};

use super::command::Command;
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

/// News, and from whom: a process hears its own as well.
#[derive(Deserialize, Serialize)]
struct Message {
    from: u64,
    news: News,
}

impl News {
    /// The commands that tell it, and that make the store what it says.
    pub fn commands(&self, seals: &[Seal], from: u64) -> Vec<Command> {
        seals.iter().flat_map(|seal| self.commands_under(seal, from)).collect()
    }

    fn commands_under(&self, seal: &Seal, from: u64) -> impl Iterator<Item = Command> {
        let change = match self {
            News::Forget(user_id) | News::Refused(user_id, _) => {
                Some(Command::Drop { name: seal.name(user_id) })
            }
            News::ForgetAll => Some(Command::NextEpoch { counter: seal.epoch.clone() }),
            News::Retired(_) => None,
        };
        let message = Message { from, news: self.clone() };
        let message = serde_json::to_vec(&message).expect("texts and numbers are always JSON");
        let publish = Command::Publish { channel: seal.channel.clone(), message: seal.seal_news(&message) };
        change.into_iter().chain([publish])
    }

    /// Reads what came over a channel. `None` for one's own, and for what nobody of this fleet said.
    pub fn heard(seals: &[Seal], channel: &str, sealed: &[u8], own: u64) -> Option<News> {
        let seal = seals.iter().find(|seal| seal.channel == channel)?;
        let message: Message = serde_json::from_slice(&seal.open_news(sealed)?).ok()?;
        (message.from != own).then_some(message.news)
    }

    /// The news of an exchange's failure, if it is one for all.
    pub fn of_refusal(user_id: &UserId, error: &Error) -> Option<News> {
        let refused = matches!(error.code(), Code::Forbidden | Code::NotFound);
        refused.then(|| News::Refused(user_id.as_str().to_owned(), error.status().unwrap_or_default()))
    }
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
        for command in news.commands(&seals(), 1) {
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
        let commands = News::Forget("u".into()).commands(&seals(), 1);
        let kinds: Vec<bool> =
            commands.iter().map(|command| matches!(command, Command::Drop { .. })).collect();
        assert_eq!(kinds, [true, false, true, false]);
    }
}

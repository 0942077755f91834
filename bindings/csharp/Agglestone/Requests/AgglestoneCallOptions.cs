using System;

namespace Agglestone;

/// <summary>How single calls differ from what the client is configured for; null leaves it so.</summary>
/// <seealso cref="AgglestoneCalls.With"/>
public sealed class AgglestoneCallOptions
{
    /// <summary>
    /// How long establishing a connection may take. Calls with another time than the client's use connections of their own, kept
    /// for a few different times.
    /// </summary>
    public TimeSpan? ConnectTimeout { get; init; }

    /// <summary>How long one attempt may take, from connecting to the last byte of the answer.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How long a whole call may take, over all its attempts and waits.</summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>How often a failed attempt may be followed by another, 0 to 10.</summary>
    public int? MaxRetries { get; init; }

    /// <summary>These, and the others where these say nothing.</summary>
    internal AgglestoneCallOptions Or(AgglestoneCallOptions others) => new()
    {
        ConnectTimeout = ConnectTimeout ?? others.ConnectTimeout,
        Timeout = Timeout ?? others.Timeout,
        Deadline = Deadline ?? others.Deadline,
        MaxRetries = MaxRetries ?? others.MaxRetries,
    };
}

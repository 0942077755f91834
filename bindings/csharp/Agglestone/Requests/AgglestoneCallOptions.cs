using System;

namespace Agglestone;

/// <summary>How single calls differ from what the client is configured for; null leaves it so.</summary>
/// <seealso cref="AgglestoneCalls.With"/>
public sealed class AgglestoneCallOptions
{
    /// <summary>How long one attempt may take, from connecting to the last byte of the answer.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How long a whole call may take, over all its attempts and waits.</summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>How often a failed attempt may be followed by another, 0 to 10.</summary>
    public int? MaxRetries { get; init; }
}

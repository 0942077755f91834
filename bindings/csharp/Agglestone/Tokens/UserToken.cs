using System;
using System.Diagnostics;
using System.Runtime.Serialization;
using System.Text.Json.Serialization;

using Agglestone.Native;

namespace Agglestone;

/// <summary>A token that represents a user. Its text is shown only by <see cref="Value"/>.</summary>
[DebuggerDisplay("{ToString(),nq}")]
public sealed class UserToken
{
    internal UserToken(Reply reply)
    {
        Value = reply.Token;
        ExpiresAt = reply.TokenExpiresAt;
    }

    internal UserToken(string value, DateTimeOffset? expiresAt)
    {
        Value = value;
        ExpiresAt = expiresAt;
    }

    /// <summary>The token itself, a JWT to be sent as <c>Authorization: Bearer ...</c>.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    [JsonIgnore]
    [IgnoreDataMember]
    public string Value { get; }

    /// <summary>When it expires; null when the token does not say.</summary>
    public DateTimeOffset? ExpiresAt { get; }

    /// <summary>When it expires, never the token.</summary>
    public override string ToString() => ExpiresAt is { } time ? $"UserToken until {time.UtcDateTime:s}Z" : "UserToken";
}

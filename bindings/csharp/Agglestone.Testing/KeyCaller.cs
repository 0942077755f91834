using System;
using System.Diagnostics;
using System.Text.Json;

namespace Agglestone.Testing;

/// <summary>How often one caller presented one key.</summary>
[DebuggerDisplay("{UserAgent,nq} {Requests}")]
public sealed class KeyCaller
{
    internal KeyCaller(JsonElement json)
    {
        UserAgent = json.GetProperty("userAgent").GetString();
        Requests = json.GetProperty("requests").GetInt64();
        Refused = json.GetProperty("refused").GetInt64();
        FirstUsed = json.GetProperty("firstUsed").GetDateTimeOffset();
        LastUsed = json.GetProperty("lastUsed").GetDateTimeOffset();
    }

    /// <summary>Its <c>User-Agent</c>; null for callers that don't name themselves.</summary>
    public string? UserAgent { get; }

    /// <summary>Its requests.</summary>
    public long Requests { get; }

    /// <summary>Those that were answered 401.</summary>
    public long Refused { get; }

    /// <summary>When it first presented the key.</summary>
    public DateTimeOffset FirstUsed { get; }

    /// <summary>When it last presented the key.</summary>
    public DateTimeOffset LastUsed { get; }
}

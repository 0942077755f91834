using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Text.Json;

namespace Agglestone.Testing;

/// <summary>A key, by its fingerprint, and who presented it.</summary>
[DebuggerDisplay("{Fingerprint,nq} {State,nq}")]
public sealed class KeyReport
{
    internal KeyReport(JsonElement json)
    {
        Fingerprint = json.GetProperty("fingerprint").GetString()!;
        State = json.GetProperty("state").GetString()!;
        Slot = SlotOf(json.GetProperty("slot"));
        Since = TimeOf(json.GetProperty("since"));
        ReplacedAt = TimeOf(json.GetProperty("replacedAt"));
        Callers = json.GetProperty("callers").EnumerateArray().Select(caller => new KeyCaller(caller)).ToList();
    }

    /// <summary>The first 8 hex digits of the key's SHA-256.</summary>
    public string Fingerprint { get; }

    /// <summary><c>accepted</c>, <c>replaced</c> or <c>unknown</c>.</summary>
    public string State { get; }

    /// <summary>The slot that it is or was in; null for a key that was never known.</summary>
    public KeySlot? Slot { get; }

    /// <summary>Since when it is or was accepted.</summary>
    public DateTimeOffset? Since { get; }

    /// <summary>When it was replaced.</summary>
    public DateTimeOffset? ReplacedAt { get; }

    /// <summary>Who presented it.</summary>
    public IReadOnlyList<KeyCaller> Callers { get; }

    internal static KeySlot? SlotOf(JsonElement json) => json.GetString() switch
    {
        "primary" => KeySlot.Primary,
        "secondary" => KeySlot.Secondary,
        _ => null,
    };

    private static DateTimeOffset? TimeOf(JsonElement json) => json.ValueKind is JsonValueKind.Null ? null : json.GetDateTimeOffset();
}

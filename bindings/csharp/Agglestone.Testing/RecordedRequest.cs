using System;
using System.Diagnostics;
using System.Text.Json;

namespace Agglestone.Testing;

/// <summary>A request that reached the emulator. It holds no secret; what is not known is null.</summary>
[DebuggerDisplay("{Method,nq} {Path,nq} {Status}")]
public sealed class RecordedRequest
{
    internal RecordedRequest(JsonElement json)
    {
        Time = json.GetProperty("time").GetDateTimeOffset();
        Method = json.GetProperty("method").GetString()!;
        Path = json.GetProperty("path").GetString()!;
        Query = json.GetProperty("query").GetString();
        Status = json.GetProperty("status") is { ValueKind: JsonValueKind.Number } status ? status.GetInt32() : null;
        KeySlot = KeyReport.SlotOf(json.GetProperty("keySlot"));
        Fingerprint = json.GetProperty("fingerprint").GetString();
        Credential = json.GetProperty("credential").GetString()!;
        UserAgent = json.GetProperty("userAgent").GetString();
        RequestId = json.GetProperty("requestId").GetString()!;
    }

    /// <summary>When it arrived, by the emulator's clock.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>The method.</summary>
    public string Method { get; }

    /// <summary>The path as it arrived, not decoded, without the query.</summary>
    public string Path { get; }

    /// <summary>The query as it arrived, without the question mark.</summary>
    public string? Query { get; }

    /// <summary>What it was answered with; null while there is no answer, and if there never was one.</summary>
    public int? Status { get; }

    /// <summary>The slot whose key it carried; null unless that key was accepted at that moment.</summary>
    public KeySlot? KeySlot { get; }

    /// <summary>The fingerprint of the key that it carried.</summary>
    public string? Fingerprint { get; }

    /// <summary><c>api-key</c>, <c>bearer</c>, <c>both</c> or <c>none</c>.</summary>
    public string Credential { get; }

    /// <summary>The caller's <c>User-Agent</c>.</summary>
    public string? UserAgent { get; }

    /// <summary>The request id of the answer.</summary>
    public string RequestId { get; }

    /// <summary>Method, path and status.</summary>
    public override string ToString() => $"{Method} {Path} {Status}";
}

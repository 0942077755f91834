using System;
using System.Text.Json;

using Agglestone.Native;

namespace Agglestone.Json;

/// <summary>Reads the library's own reports, whose shape is part of its interface.</summary>
internal static class Reports
{
    internal static ApiKeyUsage ReadKeyUsage(ReadOnlySpan<byte> json)
    {
        var report = Parse(json);
        return new ApiKeyUsage(
            Slot(report, "primary", Usage),
            Slot(report, "secondary", Usage),
            report.GetProperty("failovers").GetInt64(),
            report.GetProperty("replacements").GetInt64());
    }

    internal static ApiKeyCheck ReadKeyCheck(Reply reply)
    {
        var report = Parse(reply.Body);
        return new ApiKeyCheck(Slot(report, "primary", Check)!, Slot(report, "secondary", Check));
    }

    internal static TokenCacheStats ReadTokenStats(ReadOnlySpan<byte> json)
    {
        var report = Parse(json);
        return new TokenCacheStats(
            report.GetProperty("size").GetInt64(),
            report.GetProperty("hits").GetInt64(),
            report.GetProperty("misses").GetInt64(),
            report.GetProperty("renewals").GetInt64(),
            report.GetProperty("fromOthers").GetInt64());
    }

    private static JsonElement Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        return JsonElement.ParseValue(ref reader);
    }

    private static T? Slot<T>(JsonElement report, string name, Func<JsonElement, T> read)
        where T : class
    {
        var slot = report.GetProperty(name);
        return slot.ValueKind == JsonValueKind.Null ? null : read(slot);
    }

    private static ApiKeySlotUsage Usage(JsonElement slot) => new(
        slot.GetProperty("fingerprint").GetString()!,
        slot.GetProperty("active").GetBoolean(),
        slot.GetProperty("requests").GetInt64(),
        slot.GetProperty("refusals").GetInt64(),
        Time(slot.GetProperty("firstUsed")),
        Time(slot.GetProperty("lastUsed")));

    private static ApiKeySlotCheck Check(JsonElement slot) => new(
        slot.GetProperty("fingerprint").GetString()!,
        slot.GetProperty("accepted").GetBoolean(),
        slot.GetProperty("status").GetInt32());

    private static DateTimeOffset? Time(JsonElement milliseconds) =>
        milliseconds.ValueKind == JsonValueKind.Null ? null : DateTimeOffset.FromUnixTimeMilliseconds(milliseconds.GetInt64());
}

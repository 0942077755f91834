using System;
using System.Collections.Generic;
using System.Text.Json;

namespace Agglestone.Json;

/// <summary>Reads and writes single fields: null is null, another type than promised is an error that names the field.</summary>
internal static class Fields
{
    // Leaves room below the limit of 64 for what the value stands in.
    private const int Shallow = 32;

    internal static string? ReadString(ref Utf8JsonReader reader, string field) => reader.TokenType switch
    {
        JsonTokenType.Null => null,
        JsonTokenType.String => reader.GetString(),
        _ => throw Mismatch(ref reader, field, "text"),
    };

    internal static bool? ReadBoolean(ref Utf8JsonReader reader, string field) => reader.TokenType switch
    {
        JsonTokenType.Null => null,
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        _ => throw Mismatch(ref reader, field, "true or false"),
    };

    internal static int? ReadInt32(ref Utf8JsonReader reader, string field) => reader.TokenType switch
    {
        JsonTokenType.Null => null,
        JsonTokenType.Number when reader.TryGetInt32(out var number) => number,
        _ => throw Mismatch(ref reader, field, "a whole number"),
    };

    /// <summary>A number that something is counted by. What is none is kept beside a count of null.</summary>
    internal static long? ReadCount(ref Utf8JsonReader reader, string field, ref Dictionary<string, JsonElement>? extra)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var count) && count >= 0)
        {
            return count;
        }

        if (reader.TokenType != JsonTokenType.Null)
        {
            ReadExtra(ref reader, field, ref extra);
        }

        return null;
    }

    /// <summary>
    /// ISO 8601; without an offset it is UTC, as everything that the service shows. Another text is kept beside a time of null.
    /// </summary>
    internal static DateTimeOffset? ReadTime(ref Utf8JsonReader reader, string field, ref Dictionary<string, JsonElement>? extra)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return null;
            case JsonTokenType.String when reader.TryGetDateTime(out var plain) && plain.Kind != DateTimeKind.Local:
                return new DateTimeOffset(plain.Ticks, TimeSpan.Zero);
            case JsonTokenType.String when reader.TryGetDateTimeOffset(out var other):
                return other;
            case JsonTokenType.String:
                ReadExtra(ref reader, field, ref extra);
                return null;
            default:
                throw Mismatch(ref reader, field, "a time");
        }
    }

    /// <summary>Keeps a field that has no property.</summary>
    internal static void ReadExtra(ref Utf8JsonReader reader, string field, ref Dictionary<string, JsonElement>? extra)
    {
        extra ??= [];
        extra[field] = JsonElement.ParseValue(ref reader);
    }

    /// <summary>UTC ends in Z, which is how the service writes it.</summary>
    internal static void WriteTime(
        Utf8JsonWriter writer, string field, DateTimeOffset? time, IReadOnlyDictionary<string, JsonElement> extra)
    {
        switch (time)
        {
            case null when extra.ContainsKey(field):
                // What could not be read is written again with the other fields there.
                break;
            case null:
                writer.WriteNull(field);
                break;
            case { Offset.Ticks: 0 } utc:
                writer.WriteString(field, utc.UtcDateTime);
                break;
            case { } local:
                writer.WriteString(field, local);
                break;
        }
    }

    internal static void WriteBoolean(Utf8JsonWriter writer, string field, bool? value)
    {
        if (value is { } known)
        {
            writer.WriteBoolean(field, known);
        }
        else
        {
            writer.WriteNull(field);
        }
    }

    internal static void WriteNumber(
        Utf8JsonWriter writer, string field, long? value, IReadOnlyDictionary<string, JsonElement> extra)
    {
        switch (value)
        {
            case null when extra.ContainsKey(field):
                // As with times.
                break;
            case null:
                writer.WriteNull(field);
                break;
            case { } known:
                writer.WriteNumber(field, known);
                break;
        }
    }

    internal static void WriteExtra(Utf8JsonWriter writer, IReadOnlyDictionary<string, JsonElement> extra)
    {
        foreach (var (field, value) in extra)
        {
            writer.WritePropertyName(field);
            if (IsDeeper(value, Shallow))
            {
                // A serializer's own limit, 64, would refuse what was read.
                writer.WriteRawValue(value.GetRawText(), skipInputValidation: true);
            }
            else
            {
                value.WriteTo(writer);
            }
        }
    }

    private static bool IsDeeper(JsonElement value, int levels)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Array or JsonValueKind.Object when levels == 0:
                return true;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    if (IsDeeper(item, levels - 1))
                    {
                        return true;
                    }
                }

                return false;
            case JsonValueKind.Object:
                foreach (var property in value.EnumerateObject())
                {
                    if (IsDeeper(property.Value, levels - 1))
                    {
                        return true;
                    }
                }

                return false;
            default:
                return false;
        }
    }

    // The value is not quoted: it is the service's data.
    internal static JsonException Mismatch(ref Utf8JsonReader reader, string field, string expected) =>
        new($"{field} should be {expected} and is {Kind(reader.TokenType)} (byte {reader.TokenStartIndex})");

    private static string Kind(JsonTokenType type) => type switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "another text",
        JsonTokenType.Number => "another number",
        JsonTokenType.Null => "null",
        _ => "true or false",
    };
}

using System;
using System.Collections.Generic;
using System.Text.Json;

namespace Agglestone.Testing;

/// <summary>
/// Something to do wrong with the next requests that match. The emulator's README explains each member; at least one must have
/// an effect.
/// </summary>
public sealed class Fault
{
    /// <summary>Which paths: matched whole, without the query; <c>*</c> stands for anything. Default: all.</summary>
    public string Path { get; init; } = "*";

    /// <summary>Which method. Default: all.</summary>
    public string? Method { get; init; }

    /// <summary>How often; 0 is until <see cref="Emulator.ClearFaultsAsync"/>. Default: 1.</summary>
    public int Times { get; init; } = 1;

    /// <summary>The status to answer instead of handling the request, 200 to 999.</summary>
    public int? Status { get; init; }

    /// <summary>Headers of the answer; a name may have several values.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Headers { get; init; }

    /// <summary>The body of the answer as text.</summary>
    public string? Body { get; init; }

    /// <summary>The body of the answer as bytes, instead of <see cref="Body"/>.</summary>
    public ReadOnlyMemory<byte>? BodyBytes { get; init; }

    /// <summary>The body of the answer as the text of a JSON value, sent as <c>application/json</c>, instead of <see cref="Body"/>.</summary>
    public string? BodyJson { get; init; }

    /// <summary>Waits first, in whole milliseconds; alone, the request is then handled as usual.</summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>Sends the body one byte at a time, with a pause of whole milliseconds after each.</summary>
    public TimeSpan? Drip { get; init; }

    /// <summary>Resets the connection at this point.</summary>
    public FaultClose? Close { get; init; }

    /// <summary>Text sent in place of an answer; then the connection is closed.</summary>
    public string? Raw { get; init; }

    /// <summary>Bytes sent in place of an answer, instead of <see cref="Raw"/>.</summary>
    public ReadOnlyMemory<byte>? RawBytes { get; init; }

    /// <summary>How many times the body or the raw bytes are sent in a row; 0 is for as long as anybody reads. Default: 1.</summary>
    public int? Repeat { get; init; }

    /// <summary>Compresses the body and says so. Default: <c>false</c>.</summary>
    public bool Gzip { get; init; }

    /// <summary>
    /// Lets so many requests through in each window of whole seconds, and answers the others 429, until
    /// <see cref="Emulator.ClearFaultsAsync"/>; only <see cref="Path"/> and <see cref="Method"/> go with it.
    /// </summary>
    public (int Requests, TimeSpan Window)? RateLimit { get; init; }

    /// <summary>Writes it as the control API takes it.</summary>
    internal void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("path", Path);
        Write(writer, "method", Method);
        Write(writer, "status", Status);
        Write(writer, "body", Body);
        Write(writer, "bodyBase64", BodyBytes);
        Write(writer, "delayMs", Delay);
        Write(writer, "dripMs", Drip);
        Write(writer, "close", Spelled(Close));
        Write(writer, "raw", Raw);
        Write(writer, "rawBase64", RawBytes);
        Write(writer, "repeat", Repeat);
        if (BodyJson is not null)
        {
            writer.WritePropertyName("body");
            writer.WriteRawValue(BodyJson);
        }

        if (Gzip)
        {
            writer.WriteBoolean("gzip", true);
        }

        if (Headers is not null)
        {
            WriteHeaders(writer, Headers);
        }

        if (RateLimit is var (requests, window))
        {
            writer.WriteStartObject("rateLimit");
            writer.WriteNumber("requests", requests);
            writer.WriteNumber("perSeconds", (long)window.TotalSeconds);
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteNumber("times", Times);
        }

        writer.WriteEndObject();
    }

    private static string? Spelled(FaultClose? close) => close switch
    {
        null => null,
        FaultClose.Before => "before",
        FaultClose.MidBody => "mid-body",
        FaultClose.After => "after",
        _ => throw new ArgumentOutOfRangeException(nameof(close), close, "expected Before, MidBody or After"),
    };

    private static void WriteHeaders(Utf8JsonWriter writer, IReadOnlyDictionary<string, IReadOnlyList<string>> headers)
    {
        writer.WriteStartObject("headers");
        foreach (var (name, values) in headers)
        {
            writer.WriteStartArray(name);
            foreach (var value in values)
            {
                writer.WriteStringValue(value);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, string name, string? text)
    {
        if (text is not null)
        {
            writer.WriteString(name, text);
        }
    }

    private static void Write(Utf8JsonWriter writer, string name, int? number)
    {
        if (number is { } given)
        {
            writer.WriteNumber(name, given);
        }
    }

    private static void Write(Utf8JsonWriter writer, string name, TimeSpan? time)
    {
        if (time is { } given)
        {
            writer.WriteNumber(name, (long)given.TotalMilliseconds);
        }
    }

    private static void Write(Utf8JsonWriter writer, string name, ReadOnlyMemory<byte>? bytes)
    {
        if (bytes is { } given)
        {
            writer.WriteBase64String(name, given.Span);
        }
    }
}

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

using Agglestone.Json;
using Agglestone.Native;

namespace Agglestone;

/// <summary>The service's answer to a request; always a success, because everything else is an exception.</summary>
[DebuggerDisplay("{ToString(),nq}")]
public sealed class AgglestoneResponse : AgglestoneResponseInfo
{
    // The service writes camel case; records are Pascal case.
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web) { MaxDepth = AgglestoneJson.MaxDepth };

    internal AgglestoneResponse(Reply reply)
        : base(reply) => Body = reply.Body.ToArray();

    internal AgglestoneResponse(
        HttpStatusCode statusCode, byte[] body, IReadOnlyDictionary<string, string>? headers, int attempts)
        : base(statusCode, headers, attempts) => Body = body;

    /// <summary>The body as it came; empty when there was none.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>The body as UTF-8 text.</summary>
    public string ReadAsString() => Encoding.UTF8.GetString(Body.Span);

    /// <summary>The body as a JSON document, to be disposed by the caller.</summary>
    /// <exception cref="AgglestoneResponseException">The body is not JSON.</exception>
    public JsonDocument ReadAsJsonDocument() => Read(() => JsonDocument.Parse(Body, new JsonDocumentOptions { MaxDepth = AgglestoneJson.MaxDepth }));

    /// <summary>The body as a value, read as JSON in the web's usual spelling (camel case).</summary>
    /// <param name="options">How to read it; null for the web's defaults.</param>
    /// <exception cref="AgglestoneResponseException">The body is not JSON, or not of this type.</exception>
    [RequiresUnreferencedCode("Reads any type by reflection; pass a JsonTypeInfo, or use ReadAsJsonDocument, when trimming.")]
    [RequiresDynamicCode("Reads any type by reflection; pass a JsonTypeInfo, or use ReadAsJsonDocument, when compiling ahead of time.")]
    public T? ReadAsJson<T>(JsonSerializerOptions? options = null)
    {
        var chosen = options ?? Web;
        try
        {
            return JsonSerializer.Deserialize<T>(Body.Span, chosen);
        }
        catch (JsonException problem)
        {
            throw Unexpected(problem);
        }
    }

    /// <summary>The body as a value, read as JSON by generated code.</summary>
    /// <param name="typeInfo">How to read it, from a <c>JsonSerializerContext</c>.</param>
    /// <exception cref="AgglestoneResponseException">The body is not JSON, or not of this type.</exception>
    public T? ReadAsJson<T>(JsonTypeInfo<T> typeInfo) => Read(() => JsonSerializer.Deserialize(Body.Span, typeInfo));

    /// <summary>The status and the size, never the body.</summary>
    public override string ToString() => $"{(int)StatusCode} {StatusCode}, {Body.Length} bytes";

    private T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (JsonException problem)
        {
            throw Unexpected(problem);
        }
    }

    private AgglestoneResponseException Unexpected(JsonException problem) =>
        ReplyBody.Unexpected("", "the JSON asked for", this, problem);
}

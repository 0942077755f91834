using System;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Net.Http;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Agglestone;

/// <summary>Any call to the tenant that has no method of its own, such as creating a user.</summary>
/// <example>
/// <code>
/// new AgglestoneRequest(HttpMethod.Post, "api/v2.0/Users")
/// {
///     Query = { { "notify", "true" } },
/// }.WithJson(new { email = "jane@example.com", displayName = "Jane" })
/// </code>
/// </example>
[DebuggerDisplay("{ToString(),nq}")]
public sealed class AgglestoneRequest
{
    // The service writes and reads camel case.
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    /// <summary>A request without query, headers and body.</summary>
    /// <param name="method">GET, HEAD, POST, PUT, PATCH or DELETE.</param>
    /// <param name="path">What follows the tenant in the URL, such as <c>api/v2.0/Users</c>.</param>
    public AgglestoneRequest(HttpMethod method, string path)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(path);
        Method = method;
        Path = path;
    }

    private AgglestoneRequest(AgglestoneRequest request, string json)
    {
        Method = request.Method;
        Path = request.Path;
        Query = new(request.Query);
        Headers = new(request.Headers);
        Json = json;
    }

    /// <summary>The HTTP method.</summary>
    public HttpMethod Method { get; }

    /// <summary>What follows the tenant in the URL.</summary>
    public string Path { get; }

    /// <summary>Query parameters; encoded by the client. A name may stand several times. Path and query may come to 32 KiB.</summary>
    public AgglestoneParameters Query { get; } = new();

    /// <summary>Additional headers, at most 100 of them and 64 KiB. Credentials, Host, Content-Length and others that the client answers for are refused, also with "_" for "-".</summary>
    public AgglestoneParameters Headers { get; } = new();

    /// <summary>The body as JSON text; null sends none.</summary>
    public string? Json { get; init; }

    /// <summary>The same request with a value as its body, written as JSON in the web's usual spelling (camel case).</summary>
    /// <param name="value">The value.</param>
    /// <param name="options">How to write it; null for the web's defaults.</param>
    /// <returns>A copy; this request stays as it is.</returns>
    [RequiresUnreferencedCode("Writes any type by reflection; pass a JsonTypeInfo, or set Json, when trimming.")]
    [RequiresDynamicCode("Writes any type by reflection; pass a JsonTypeInfo, or set Json, when compiling ahead of time.")]
    public AgglestoneRequest WithJson<T>(T value, JsonSerializerOptions? options = null) =>
        new(this, JsonSerializer.Serialize(value, options ?? Web));

    /// <summary>The same request with a value as its body, written as JSON by generated code.</summary>
    /// <param name="value">The value.</param>
    /// <param name="typeInfo">How to write it, from a <c>JsonSerializerContext</c>.</param>
    /// <returns>A copy; this request stays as it is.</returns>
    public AgglestoneRequest WithJson<T>(T value, JsonTypeInfo<T> typeInfo) => new(this, JsonSerializer.Serialize(value, typeInfo));

    /// <summary>Method and path, never the body.</summary>
    public override string ToString() => $"{Method} {Path}";
}

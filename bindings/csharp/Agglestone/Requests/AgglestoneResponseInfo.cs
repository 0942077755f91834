using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Linq;
using System.Net;

using Agglestone.Native;

namespace Agglestone;

/// <summary>What came with an answer, beside its content.</summary>
public class AgglestoneResponseInfo
{
    // As the library looks for it.
    private static readonly string[] RequestIds = ["x-request-id", "request-id", "x-correlation-id"];

    internal AgglestoneResponseInfo(Reply reply)
    {
        StatusCode = (HttpStatusCode)reply.Status;
        Headers = reply.Headers();
        Attempts = reply.Attempts;
    }

    internal AgglestoneResponseInfo(HttpStatusCode statusCode, IReadOnlyDictionary<string, string>? headers, int attempts)
    {
        StatusCode = statusCode;
        Headers = headers ?? ReadOnlyDictionary<string, string>.Empty;
        Attempts = attempts;
    }

    /// <summary>The HTTP status, 200 to 299.</summary>
    public HttpStatusCode StatusCode { get; }

    /// <summary>The headers, found in any letter case. One that came several times has its values joined by a comma.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>The service's name for the request, to quote to the vendor; null when it gave none.</summary>
    public string? RequestId => RequestIds.Select(name => Headers.GetValueOrDefault(name)).FirstOrDefault(id => !string.IsNullOrEmpty(id));

    /// <summary>How many requests the call took.</summary>
    public int Attempts { get; }

    /// <summary>The status, and how many requests it took.</summary>
    public override string ToString() => $"{(int)StatusCode} {StatusCode}, {Attempts} attempts";
}

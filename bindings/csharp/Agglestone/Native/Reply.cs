using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text.Json;

using static Agglestone.Native.NativeMethods;

namespace Agglestone.Native;

/// <summary>An agg_reply: the answer to an operation, read in place and freed by Dispose.</summary>
internal sealed class Reply : SafeHandle
{
    internal Reply(nint reply)
        : base(0, ownsHandle: true) => SetHandle(reply);

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The reply; valid as long as this object is not disposed.</summary>
    internal nint Handle => handle;

    internal int Status => agg_reply_status(handle);

    /// <summary>The body, in the library's memory: gone with this object.</summary>
    internal ReadOnlySpan<byte> Body => agg_reply_body(handle).Bytes;

    /// <exception cref="JsonException">The number can't be asked for.</exception>
    internal int? NextPage => agg_reply_next_page(handle) switch
    {
        0 => null,
        <= int.MaxValue and var page => (int)page,
        _ => throw new JsonException("the number of the next page is above 2147483647"),
    };

    internal DateTimeOffset? TokenExpiresAt =>
        agg_reply_token_expires_at(handle) is not 0 and var seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    internal int Attempts => (int)agg_reply_attempts(handle);

    /// <summary>The token of an exchange, which is the body.</summary>
    internal string Token => agg_reply_body(handle).ToString();

    /// <summary>The headers in any letter case; one that came several times has its values joined, as RFC 9110 allows.</summary>
    internal Dictionary<string, string> Headers()
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var count = agg_reply_header_count(handle);
        for (nuint index = 0; index < count; index++)
        {
            var name = agg_reply_header_name(handle, index).ToString();
            var value = agg_reply_header_value(handle, index).ToString();
            headers[name] = headers.TryGetValue(name, out var before) ? $"{before}, {value}" : value;
        }

        return headers;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        agg_reply_free(handle);
        return true;
    }
}

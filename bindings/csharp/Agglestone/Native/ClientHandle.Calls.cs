using System;
using System.Text;

using Agglestone.Json;

using static Agglestone.Native.NativeMethods;

namespace Agglestone.Native;

/// <content>What a client answers at once, without an operation.</content>
internal sealed unsafe partial class ClientHandle
{
    /// <summary>Replaces both keys at once.</summary>
    internal void SetApiKeys(string primary, string? secondary)
    {
        using var primaryText = new Utf8Argument("primary", primary, stackalloc byte[Utf8Argument.Scratch]);
        using var secondaryText = new Utf8Argument("secondary", secondary, stackalloc byte[Utf8Argument.Scratch]);
        using var client = new Scope(this);
        nint error = 0;
        fixed (byte* primaryData = primaryText, secondaryData = secondaryText)
        {
            NativeError.Check(
                agg_client_set_api_keys(client.Handle, primaryData, primaryText.Length, secondaryData, secondaryText.Length, &error),
                error);
        }
    }

    /// <summary>The address of the tenant.</summary>
    internal string TenantUrl() => Report(&agg_client_tenant_url, Encoding.UTF8.GetString);

    /// <summary>What was done with the keys so far.</summary>
    internal ApiKeyUsage KeyUsage() => Report(&agg_client_key_usage, Reports.ReadKeyUsage);

    /// <summary>How the token cache is doing.</summary>
    internal TokenCacheStats TokenStats() => Report(&agg_client_token_stats, Reports.ReadTokenStats);

    /// <summary>The user's token if it is at hand, else null.</summary>
    internal Reply? CachedToken(string userId) => AtHand(&agg_client_cached_token, "userId", userId);

    /// <summary>The claims of a token if what it takes to verify it is at hand, else null.</summary>
    internal Reply? VerifiedToken(string token, bool checkService) =>
        AtHand(checkService ? &VerifiedTokenOfUser : &VerifiedTokenAlone, "token", token);

    private static uint VerifiedTokenAlone(nint client, byte* token, nuint length, nint* reply, nint* error) =>
        agg_client_verified_token(client, token, length, 0, reply, error);

    private static uint VerifiedTokenOfUser(nint client, byte* token, nuint length, nint* reply, nint* error) =>
        agg_client_verified_token(client, token, length, 1, reply, error);

    private Reply? AtHand(delegate*<nint, byte*, nuint, nint*, nint*, uint> ask, string argument, string value)
    {
        using var text = new Utf8Argument(argument, value, stackalloc byte[Utf8Argument.Scratch]);
        using var client = new Scope(this);
        nint reply = 0, error = 0;
        fixed (byte* data = text)
        {
            NativeError.Check(ask(client.Handle, data, text.Length, &reply, &error), error);
        }

        return reply == 0 ? null : new Reply(reply);
    }

    /// <summary>Forgets a user's token.</summary>
    internal void ForgetToken(string userId)
    {
        using var text = new Utf8Argument("userId", userId, stackalloc byte[Utf8Argument.Scratch]);
        using var client = new Scope(this);
        nint error = 0;
        fixed (byte* data = text)
        {
            NativeError.Check(agg_client_forget_token(client.Handle, data, text.Length, &error), error);
        }
    }

    /// <summary>Forgets every token.</summary>
    internal void ForgetTokens()
    {
        using var client = new Scope(this);
        nint error = 0;
        NativeError.Check(agg_client_forget_tokens(client.Handle, &error), error);
    }

    private T Report<T>(delegate*<nint, nint*, nint*, uint> ask, ReportReader<T> read)
    {
        using var client = new Scope(this);
        nint json = 0, error = 0;
        NativeError.Check(ask(client.Handle, &json, &error), error);
        try
        {
            return read(agg_bytes_view(json).Bytes);
        }
        finally
        {
            agg_bytes_free(json);
        }
    }

    private delegate T ReportReader<out T>(ReadOnlySpan<byte> json);
}

using System;
using System.Runtime.InteropServices;
using System.Threading;

using Agglestone.Json;

using static Agglestone.Native.NativeMethods;

namespace Agglestone.Native;

/// <summary>
/// An agg_client. Whoever uses it borrows it for that long, so that it is freed only after the last user is done.
/// </summary>
internal sealed class ClientHandle : SafeHandle
{
    private int closing;

    private ClientHandle(nint client)
        : base(0, ownsHandle: true) => SetHandle(client);

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Makes a client from a configuration, which stays the caller's.</summary>
    internal static unsafe ClientHandle Create(ConfigHandle configuration)
    {
        nint client = 0, error = 0;
        NativeError.Check(agg_client_new(configuration.Handle, &client, &error), error);
        return new ClientHandle(client);
    }

    /// <summary>The client, until <see cref="Return"/>.</summary>
    /// <exception cref="ObjectDisposedException">The client was disposed.</exception>
    internal nint Borrow()
    {
        var borrowed = false;
        try
        {
            DangerousAddRef(ref borrowed);
        }
        catch (ObjectDisposedException)
        {
            // The caller knows the client, not this handle.
            throw new ObjectDisposedException(nameof(AgglestoneClient));
        }

        return handle;
    }

    /// <summary>Ends what <see cref="Borrow"/> began.</summary>
    internal void Return() => DangerousRelease();

    /// <summary>Replaces both keys at once.</summary>
    internal unsafe void SetApiKeys(string primary, string? secondary)
    {
        using var primaryText = new Utf8Argument("primary", primary, stackalloc byte[Utf8Argument.Scratch]);
        using var secondaryText = new Utf8Argument("secondary", secondary, stackalloc byte[Utf8Argument.Scratch]);
        var client = Borrow();
        try
        {
            nint error = 0;
            fixed (byte* primaryData = primaryText, secondaryData = secondaryText)
            {
                NativeError.Check(
                    agg_client_set_api_keys(client, primaryData, primaryText.Length, secondaryData, secondaryText.Length, &error),
                    error);
            }
        }
        finally
        {
            Return();
        }
    }

    /// <summary>What was done with the keys so far.</summary>
    internal unsafe ApiKeyUsage KeyUsage()
    {
        nint json = 0;
        var client = Borrow();
        try
        {
            nint error = 0;
            NativeError.Check(agg_client_key_usage(client, &json, &error), error);
            return KeyReports.ReadUsage(agg_bytes_view(json).Bytes);
        }
        finally
        {
            agg_bytes_free(json);
            Return();
        }
    }

    /// <summary>Ends calls under way with AGG_CLOSED and frees the client as soon as nobody borrows it. Again is nothing.</summary>
    internal void Shut()
    {
        if (Interlocked.Exchange(ref closing, 1) == 0)
        {
            agg_client_close(Borrow());
            Return();
            Dispose();
        }
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        agg_client_free(handle);
        return true;
    }
}

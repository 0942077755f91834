using System;
using System.Runtime.InteropServices;
using System.Threading;

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

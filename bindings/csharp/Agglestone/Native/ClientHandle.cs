using System;
using System.Runtime.InteropServices;
using System.Threading;

using static Agglestone.Native.NativeMethods;

namespace Agglestone.Native;

/// <summary>
/// An agg_client. Whoever uses it borrows it for that long, so that it is freed only after the last user is done.
/// </summary>
internal sealed partial class ClientHandle : SafeHandle
{
    private int shut;

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

    /// <summary>Ends calls under way with AGG_CLOSED and frees the client as soon as nobody borrows it. Again is nothing.</summary>
    internal void Shut()
    {
        if (Interlocked.Exchange(ref shut, 1) == 0)
        {
            using (var client = new Loan(this))
            {
                agg_client_close(client.Handle);
            }

            Dispose();
        }
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        agg_client_free(handle);
        return true;
    }

    /// <summary>The client, until this is disposed.</summary>
    internal readonly ref struct Loan
    {
        private readonly ClientHandle owner;

        /// <exception cref="ObjectDisposedException">The client was disposed.</exception>
        internal Loan(ClientHandle owner)
        {
            this.owner = owner;
            var borrowed = false;
            try
            {
                owner.DangerousAddRef(ref borrowed);
            }
            catch (ObjectDisposedException)
            {
                // The caller knows the client, not this handle.
                throw new ObjectDisposedException(nameof(AgglestoneClient));
            }
        }

        internal nint Handle => owner.handle;

        public void Dispose() => owner.DangerousRelease();
    }
}

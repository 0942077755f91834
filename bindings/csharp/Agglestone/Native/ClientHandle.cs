using System;
using System.Runtime.InteropServices;

using static Agglestone.Native.NativeMethods;

namespace Agglestone.Native;

/// <summary>
/// An agg_client. Whoever uses it borrows it for that long, so that it is freed only after the last user is done; then calls
/// under way end with AGG_CLOSED.
/// </summary>
internal sealed partial class ClientHandle : SafeHandle
{
    private ClientHandle(nint client, ClientCallbacks callbacks)
        : base(0, ownsHandle: true)
    {
        Callbacks = callbacks;
        SetHandle(client);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>What the library may call on the client's behalf.</summary>
    internal ClientCallbacks Callbacks { get; }

    /// <summary>Makes a client from a configuration, which stays the caller's.</summary>
    internal static unsafe ClientHandle Create(ConfigHandle configuration)
    {
        nint client = 0, error = 0;
        NativeError.Check(agg_client_new(configuration.Handle, &client, &error), error);
        return new ClientHandle(client, configuration.Callbacks);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Callbacks.Close();
        }

        base.Dispose(disposing);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        agg_client_free(handle);
        return true;
    }

    /// <summary>The client, until this is disposed.</summary>
    internal readonly ref struct Scope
    {
        private readonly ClientHandle owner;

        /// <exception cref="ObjectDisposedException">The client was disposed.</exception>
        internal Scope(ClientHandle owner)
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

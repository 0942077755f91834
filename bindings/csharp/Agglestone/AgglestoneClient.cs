using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Tasks;

using Agglestone.Native;

namespace Agglestone;

/// <summary>
/// The client for a tenant of the Agglestone Authentication and User Management Service. Make one and keep it: it pools
/// connections, and any number of threads may use it at the same time. Its members are virtual, so that a test of an application
/// can have a substitute; <see cref="AgglestoneModelFactory"/> makes what that answers.
/// </summary>
public partial class AgglestoneClient : AgglestoneTenantCalls, IDisposable, IAsyncDisposable
{
    /// <summary>For a substitute in tests: what it does not override can't be called.</summary>
    protected AgglestoneClient()
    {
    }

    /// <summary>A client with these options; what they leave open comes from the environment, then from defaults.</summary>
    /// <param name="options">The settings; copied. Null leaves everything to the environment (<c>AGGLESTONE_TENANT_ID</c>, ...).</param>
    /// <exception cref="AgglestoneConfigurationException">Something is missing or unusable; the message lists every problem.</exception>
    public AgglestoneClient(AgglestoneClientOptions? options = null)
        : base(Settings.CreateClient(options ?? new()))
    {
    }

    /// <summary>
    /// Closes the client. Calls under way end with <see cref="ObjectDisposedException"/>, and so does every later one.
    /// Waits for nothing. Doing it again does nothing.
    /// </summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Closes the client as <see cref="Dispose()"/> does, and waits until the library will call nothing of this program any more on
    /// its behalf: no end of a call, and no <see cref="AgglestoneClientOptions.ApiKeySource"/>, which is cancelled.
    /// </summary>
    [SuppressMessage("Usage", "CA1816", Justification = "There is no finalizer; the handle has one.")]
    public async ValueTask DisposeAsync()
    {
        await DisposeAsyncCore().ConfigureAwait(false);
        Dispose();
    }

    /// <summary>What <see cref="Dispose()"/> does.</summary>
    /// <param name="disposing">True; there is no finalizer.</param>
    protected virtual void Dispose(bool disposing) => HandleOrNull?.Dispose();

    /// <summary>What <see cref="DisposeAsync"/> does.</summary>
    protected virtual async ValueTask DisposeAsyncCore()
    {
        if (HandleOrNull is { } handle)
        {
            handle.Dispose();
            await handle.Callbacks.EndedAsync().ConfigureAwait(false);
        }
    }
}

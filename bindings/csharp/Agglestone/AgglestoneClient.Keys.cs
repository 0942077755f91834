using System;
using System.Diagnostics.CodeAnalysis;

namespace Agglestone;

/// <content>What the client has at hand: keys and tokens.</content>
public partial class AgglestoneClient
{
    /// <summary>
    /// Replaces both API keys at once: the next call uses the new ones, and no call sees an old one beside a new one. When this
    /// fails, the keys in use stay.
    /// </summary>
    /// <param name="primary">The key to use first.</param>
    /// <param name="secondary">The tenant's other key; null when there is none from now on.</param>
    /// <exception cref="AgglestoneArgumentException">A key can't be sent, or both are the same.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public virtual void SetApiKeys(string primary, string? secondary = null)
    {
        ArgumentNullException.ThrowIfNull(primary);
        Handle.SetApiKeys(primary, secondary);
    }

    /// <summary>What this client did with its keys. Sends nothing.</summary>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public virtual ApiKeyUsage KeyUsage() => Handle.KeyUsage();

    /// <summary>The user's token if the client has it at hand. Never waits; has the token renewed when it is time.</summary>
    /// <param name="userId">The user's id.</param>
    /// <param name="token">The token.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public virtual bool TryGetCachedToken(string userId, [NotNullWhen(true)] out UserToken? token) => TryGetCached(userId, out token);

    /// <summary>Forgets the user's token: the next call asks for a new one.</summary>
    /// <param name="userId">The user's id.</param>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public virtual void ForgetToken(string userId)
    {
        ArgumentNullException.ThrowIfNull(userId);
        Handle.ForgetToken(userId);
    }

    /// <summary>Forgets every user's token.</summary>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public virtual void ForgetTokens() => Handle.ForgetTokens();

    /// <summary>How the client's store of tokens is doing.</summary>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public virtual TokenCacheStats TokenStats() => Handle.TokenStats();
}

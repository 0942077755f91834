using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using System.Threading.Tasks;

using Agglestone.Native;

namespace Agglestone;

/// <content>The users' tokens, which the client keeps and renews in the background.</content>
public sealed partial class AgglestoneClient
{
    /// <summary>
    /// A token that represents the user: one at hand, or the API key is exchanged for it. One exchange serves all who ask
    /// meanwhile.
    /// </summary>
    /// <param name="userId">The user's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A JWT, to be sent as <c>Authorization: Bearer ...</c>.</returns>
    /// <inheritdoc cref="AgglestoneCalls.GetUsersAsync" path="/exception"/>
    public async Task<string> ExchangeApiKeyForTokenAsync(string userId, CancellationToken cancellationToken = default) =>
        (await GetTokenAsync(userId, cancellationToken).ConfigureAwait(false)).Value;

    /// <inheritdoc cref="ExchangeApiKeyForTokenAsync"/>
    public string ExchangeApiKeyForToken(string userId, CancellationToken cancellationToken = default) =>
        GetToken(userId, cancellationToken).Value;

    /// <summary>The same as <see cref="ExchangeApiKeyForTokenAsync"/>, with the time when the token expires.</summary>
    /// <param name="userId">The user's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <inheritdoc cref="AgglestoneCalls.GetUsersAsync" path="/exception"/>
    public async Task<UserToken> GetTokenAsync(string userId, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (TryGetCachedToken(userId, out var token))
        {
            return token;
        }

        using var operation = Operation.ExchangeApiKeyForToken(userId);
        using var reply = await RunAsync(operation, cancellationToken).ConfigureAwait(false);
        return new UserToken(reply);
    }

    /// <inheritdoc cref="GetTokenAsync"/>
    public UserToken GetToken(string userId, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (TryGetCachedToken(userId, out var token))
        {
            return token;
        }

        using var operation = Operation.ExchangeApiKeyForToken(userId);
        using var reply = Run(operation, cancellationToken);
        return new UserToken(reply);
    }

    /// <summary>A token that represents the user and is issued now, whatever the client has at hand.</summary>
    /// <param name="userId">The user's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <inheritdoc cref="AgglestoneCalls.GetUsersAsync" path="/exception"/>
    public async Task<UserToken> GetFreshTokenAsync(string userId, CancellationToken cancellationToken = default)
    {
        using var operation = Operation.ExchangeApiKeyForFreshToken(userId);
        using var reply = await RunAsync(operation, cancellationToken).ConfigureAwait(false);
        return new UserToken(reply);
    }

    /// <inheritdoc cref="GetFreshTokenAsync"/>
    public UserToken GetFreshToken(string userId, CancellationToken cancellationToken = default)
    {
        using var operation = Operation.ExchangeApiKeyForFreshToken(userId);
        using var reply = Run(operation, cancellationToken);
        return new UserToken(reply);
    }

    /// <summary>The user's token if the client has it at hand. Never waits; has the token renewed when it is time.</summary>
    /// <param name="userId">The user's id.</param>
    /// <param name="token">The token.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public bool TryGetCachedToken(string userId, [NotNullWhen(true)] out UserToken? token)
    {
        ArgumentNullException.ThrowIfNull(userId);
        using var reply = handle.CachedToken(userId);
        token = reply is null ? null : new UserToken(reply);
        return token is not null;
    }

    /// <summary>Forgets the user's token: the next call asks for a new one.</summary>
    /// <param name="userId">The user's id.</param>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public void ForgetToken(string userId)
    {
        ArgumentNullException.ThrowIfNull(userId);
        handle.ForgetToken(userId);
    }

    /// <summary>Forgets every user's token.</summary>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public void ForgetTokens() => handle.ForgetTokens();

    /// <summary>How the client's store of tokens is doing.</summary>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public TokenStats TokenStats() => handle.TokenStats();
}

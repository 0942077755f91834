using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using System.Threading.Tasks;

using Agglestone.Json;
using Agglestone.Native;

namespace Agglestone;

/// <content>The users' tokens, which the client keeps and renews in the background, and what the service says of the keys.</content>
public partial class AgglestoneTenantCalls
{
    /// <summary>
    /// A token that represents the user: one at hand, or the API key is exchanged for it. One exchange serves all who ask
    /// meanwhile.
    /// </summary>
    /// <param name="userId">The user's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A JWT, to be sent as <c>Authorization: Bearer ...</c>.</returns>
    /// <inheritdoc cref="AgglestoneCalls.GetUsersAsync" path="/exception"/>
    public virtual async Task<string> ExchangeApiKeyForTokenAsync(string userId, CancellationToken cancellationToken = default) =>
        (await GetTokenAsync(userId, cancellationToken).ConfigureAwait(false)).Value;

    /// <inheritdoc cref="ExchangeApiKeyForTokenAsync"/>
    public virtual string ExchangeApiKeyForToken(string userId, CancellationToken cancellationToken = default) =>
        GetToken(userId, cancellationToken).Value;

    /// <summary>The same as <see cref="ExchangeApiKeyForTokenAsync"/>, with the time when the token expires.</summary>
    /// <param name="userId">The user's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <inheritdoc cref="AgglestoneCalls.GetUsersAsync" path="/exception"/>
    public virtual async Task<UserToken> GetTokenAsync(string userId, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (TryGetCached(userId, out var token))
        {
            return token;
        }

        using var operation = Operation.ExchangeApiKeyForToken(userId);
        using var reply = await RunAsync(operation, cancellationToken).ConfigureAwait(false);
        return new UserToken(reply);
    }

    /// <inheritdoc cref="GetTokenAsync"/>
    public virtual UserToken GetToken(string userId, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (TryGetCached(userId, out var token))
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
    public virtual async Task<UserToken> GetFreshTokenAsync(string userId, CancellationToken cancellationToken = default)
    {
        using var operation = Operation.ExchangeApiKeyForFreshToken(userId);
        using var reply = await RunAsync(operation, cancellationToken).ConfigureAwait(false);
        return new UserToken(reply);
    }

    /// <inheritdoc cref="GetFreshTokenAsync"/>
    public virtual UserToken GetFreshToken(string userId, CancellationToken cancellationToken = default)
    {
        using var operation = Operation.ExchangeApiKeyForFreshToken(userId);
        using var reply = Run(operation, cancellationToken);
        return new UserToken(reply);
    }

    /// <summary>
    /// Whether a token of the tenant is to be believed, and what it says: its signature, issuer, tenant, audience and times. The
    /// service's signing keys are fetched when they are needed and kept; a token that was verified before costs a lookup.
    /// </summary>
    /// <remarks>
    /// A token says what was true when it was issued. With <see cref="TokenCheck.Service"/> a user who was deleted or disabled since
    /// is refused within a minute. What the user may do is not asked: the groups are as the token has them.
    /// </remarks>
    /// <param name="token">The token, without <c>Bearer</c>.</param>
    /// <param name="check">What is to be asked besides.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="AgglestoneInvalidTokenException">
    /// The token is not to be believed; <c>revoked</c>: its user is gone or disabled. A web service answers 401.
    /// </exception>
    /// <exception cref="AgglestoneKeysUnavailableException">There are no keys to verify with. A web service answers 503.</exception>
    /// <exception cref="AgglestoneCheckUnavailableException">
    /// The service can't be asked about the user or does not say so, also where it refuses the API key. A web service answers 503.
    /// </exception>
    /// <inheritdoc cref="AgglestoneCalls.GetUsersAsync" path="/exception"/>
    public virtual async Task<TokenClaims> VerifyTokenAsync(
        string token,
        TokenCheck check = TokenCheck.None,
        CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (VerifiedAtHand(token, check) is { } claims)
        {
            return claims;
        }

        using var operation = Operation.VerifyToken(token, check == TokenCheck.Service);
        using var reply = await RunAsync(operation, cancellationToken).ConfigureAwait(false);
        return TokenClaims.Read(reply);
    }

    /// <inheritdoc cref="VerifyTokenAsync"/>
    public virtual TokenClaims VerifyToken(
        string token,
        TokenCheck check = TokenCheck.None,
        CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (VerifiedAtHand(token, check) is { } claims)
        {
            return claims;
        }

        using var operation = Operation.VerifyToken(token, check == TokenCheck.Service);
        using var reply = Run(operation, cancellationToken);
        return TokenClaims.Read(reply);
    }

    /// <summary>Asks the service about each key once, so that an operator knows before retiring one. Switches nothing.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <inheritdoc cref="AgglestoneCalls.GetUsersAsync" path="/exception"/>
    public virtual async Task<ApiKeyCheck> CheckApiKeysAsync(CancellationToken cancellationToken = default)
    {
        using var operation = Operation.CheckApiKeys();
        using var reply = await RunAsync(operation, cancellationToken).ConfigureAwait(false);
        return Reports.ReadKeyCheck(reply);
    }

    /// <inheritdoc cref="CheckApiKeysAsync"/>
    public virtual ApiKeyCheck CheckApiKeys(CancellationToken cancellationToken = default)
    {
        using var operation = Operation.CheckApiKeys();
        using var reply = Run(operation, cancellationToken);
        return Reports.ReadKeyCheck(reply);
    }

    private TokenClaims? VerifiedAtHand(string token, TokenCheck check)
    {
        ArgumentNullException.ThrowIfNull(token);
        if (check is not (TokenCheck.None or TokenCheck.Service))
        {
            throw new ArgumentOutOfRangeException(nameof(check), check, "None and Service are accepted.");
        }

        using var reply = Handle.VerifiedToken(token, check == TokenCheck.Service);
        return reply is null ? null : TokenClaims.Read(reply);
    }

    private protected bool TryGetCached(string userId, [NotNullWhen(true)] out UserToken? token)
    {
        ArgumentNullException.ThrowIfNull(userId);
        using var reply = Handle.CachedToken(userId);
        token = reply is null ? null : new UserToken(reply);
        return token is not null;
    }
}

using System;

using Agglestone.AspNetCore;

using Microsoft.AspNetCore.Authentication;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the authentication of users by their tokens.</summary>
public static class AgglestoneBearerExtensions
{
    /// <summary>The scheme's name, where no other is given.</summary>
    public const string AgglestoneBearerScheme = "Bearer";

    /// <summary>
    /// Adds a scheme by which whoever has a token of the tenant is signed in: the user's id is
    /// <see cref="System.Security.Claims.ClaimTypes.NameIdentifier"/> and <c>sub</c>, the groups are roles, and every other claim is
    /// as the token has it. Whoever isn't is answered 401, a user without a role asked for 403, both with WWW-Authenticate, and
    /// everybody 503 while there are no keys to verify with.
    /// </summary>
    /// <param name="builder">What <c>AddAuthentication</c> gave.</param>
    /// <param name="configure">Sets the options.</param>
    public static AuthenticationBuilder AddAgglestoneBearer(
        this AuthenticationBuilder builder, Action<AgglestoneBearerOptions>? configure = null) =>
        builder.AddAgglestoneBearer(AgglestoneBearerScheme, configure);

    /// <summary>The same, by another name, such as for one of several tenants.</summary>
    /// <param name="builder">What <c>AddAuthentication</c> gave.</param>
    /// <param name="authenticationScheme">The scheme's name.</param>
    /// <param name="configure">Sets the options.</param>
    public static AuthenticationBuilder AddAgglestoneBearer(
        this AuthenticationBuilder builder, string authenticationScheme, Action<AgglestoneBearerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddScheme<AgglestoneBearerOptions, AgglestoneBearerHandler>(authenticationScheme, configure);
    }
}
